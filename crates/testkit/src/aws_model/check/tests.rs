use serde_json::{Value, json};

use super::super::Model;
use super::{Check, Side, input, text};

#[track_caller]
fn check(service: &str, operation: &str, parameters: &Value, expect: &[&str]) {
    let model = Model::load(service).expect("the models are there");
    let found: Vec<String> = input(&model.document, operation, parameters).iter().map(ToString::to_string).collect();
    assert_eq!(found, expect, "{operation} {parameters}");
}

#[test]
fn unknown_members_are_named_by_their_path() {
    let container = json!({"name": "app", "image": "a", "newField": 1});
    check(
        "ecs",
        "RegisterTaskDefinition",
        &json!({"family": "shop", "containerDefinitions": [container]}),
        &["`containerDefinitions[].newField` is no member of the model"],
    );
}

#[test]
fn missing_and_mistyped_members_are_named() {
    check(
        "ecs",
        "RegisterTaskDefinition",
        &json!({"family": 7}),
        &["`containerDefinitions` is required and missing", "`family` is a number, the model has a string"],
    );
    check(
        "ecs",
        "UpdateService",
        &json!({"service": "web", "desiredCount": "2", "forceNewDeployment": "true"}),
        &[
            "`desiredCount` is a string, the model has a integer",
            "`forceNewDeployment` is a string, the model has a boolean",
        ],
    );
    check("ecs", "UpdateService", &json!({"service": null}), &["`service` is null, the model has a string"]);
}

#[test]
fn values_outside_enum_range_length_and_pattern_are_named() {
    check(
        "ecs",
        "ListTasks",
        &json!({"desiredStatus": "DONE"}),
        &["`desiredStatus` is `DONE`, the model has RUNNING, PENDING, STOPPED"],
    );
    check(
        "ecr",
        "DescribeImages",
        &json!({"repositoryName": "Shop", "maxResults": 1001, "registryId": "12"}),
        &[
            "`maxResults` is 1001, the model has at most 1000",
            "`registryId` is `12`, which does not match `[0-9]{12}`",
            "`repositoryName` is `Shop`, which does not match `[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*`",
        ],
    );
    check(
        "ecr",
        "DescribeImages",
        &json!({"repositoryName": "s"}),
        &["`repositoryName` has 1 characters, the model has at least 2"],
    );
}

#[test]
fn answers_may_hold_null_and_need_epoch_times() {
    let model = Model::load("ecs").expect("the models are there");
    let shape = model.document.shape("Deployment").expect("the shape is there");
    let mut check = Check::new(&model.document, Side::Answer);
    check.structure(shape, &json!({"id": null, "createdAt": 1.5, "updatedAt": "2026-01-01"}), "");
    let found: Vec<String> = check.finish().iter().map(ToString::to_string).collect();
    assert_eq!(found, ["`updatedAt` is a string, the model has a timestamp"]);
}

/// Looking ahead is the only thing patterns ask for that is not checked.
#[test]
fn nearly_every_pattern_is_checked() {
    let mut unchecked = Vec::new();
    for service in ["ecs", "ecr", "s3", "cloudfront", "sts", "iam", "logs"] {
        let model = Model::load(service).expect("the models are there");
        let patterns = model.document.shapes.values().filter_map(|shape| shape.pattern.clone());
        unchecked.extend(patterns.filter(|pattern| text::compile(pattern).is_none()));
    }
    assert!(unchecked.iter().all(|pattern| pattern.contains("(?!")), "{unchecked:#?}");
}
