//! The images of what a service goes back to.

use serde_json::{Value, json};
use testkit::ecs::{Role, named, revision_arn};

use super::refusals::refused;
use super::{back, deployed, of};

/// A revision as ECS tells it, with an image in ECR.
pub(super) fn with_image(family: &str, number: u64, image: &str) -> Value {
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/{family}:{number}");
    json!({"taskDefinition": {
        "taskDefinitionArn": arn, "family": family, "revision": number, "status": "ACTIVE",
        "containerDefinitions": [{"name": "app", "image": image}]
    }, "tags": []})
}

const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1";

#[test]
fn an_image_that_is_gone_is_refused() {
    let ecs = deployed(named("healthy"));
    ecs.aws().on("DescribeTaskDefinition").reply(with_image("shop", 7, IMAGE));
    let failure = json!({"imageId": {"imageTag": "1"}, "failureCode": "ImageNotFound", "failureReason": "gone"});
    ecs.aws().on("BatchGetImage").reply(json!({"images": [], "failures": [failure]}));
    ecs.aws().on("DescribePullThroughCacheRules").reply(json!({"pullThroughCacheRules": []}));
    let parts = ["`shop:7` cannot run any more", IMAGE, "container `app`"];
    refused(&of(&ecs), ecs.aws(), "ecs-rollback/image-gone", &parts);
}

/// ECR's answer for an image of this digest.
fn in_ecr(digest: &str) -> Value {
    json!({"images": [{
        "registryId": "123456789012", "repositoryName": "shop", "imageId": {"imageDigest": digest, "imageTag": "1"},
        "imageManifest": "{\"schemaVersion\":2}"
    }], "failures": []})
}

#[test]
fn an_image_whose_tag_was_moved_is_told() {
    let ecs = deployed(named("healthy"));
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    ecs.aws().on("DescribeTaskDefinition").reply(with_image("shop", 7, IMAGE));
    let revision = |call: &testkit::aws::Call, role: Role, td: &str| {
        let arn = role.service_revision();
        let asked = call.body["serviceRevisionArns"].as_array().unwrap().iter().any(|own| *own == arn.as_str());
        asked.then(|| json!({
            "serviceRevisionArn": arn, "taskDefinition": td,
            "containerImages": [{"containerName": "app", "image": IMAGE, "imageDigest": format!("sha256:{}", "a".repeat(64))}]
        }))
    };
    ecs.aws().on("DescribeServiceRevisions").answer(move |call| {
        let found: Vec<Value> =
            [revision(call, Role::Before, &revision_arn(7)), revision(call, Role::Ours, &revision_arn(8))]
                .into_iter()
                .flatten()
                .collect();
        testkit::http::Reply::json(200, &json!({"serviceRevisions": found, "failures": []}))
    });
    ecs.aws().on("BatchGetImage").reply(in_ecr(&digest("b"))).then(in_ecr(&digest("a")));
    let out = back(&of(&ecs).input("mode", "plan"));
    out.assert_code(0);
    assert!(out.stdout.contains("somebody moved the tag"), "{}", out.stdout);
}
