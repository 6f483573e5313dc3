use serde_json::json;

use super::*;
use crate::task_definition::tests::{definition, sample};

fn pairs(all: &[(&str, &str)]) -> Vec<Pair> {
    all.iter().map(|(name, value)| Pair { name: (*name).to_owned(), value: (*value).to_owned() }).collect()
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

/// The container `app` of the sample after these edits.
#[track_caller]
fn app(container: ContainerEdits) -> Value {
    let mut edited = definition(sample());
    let edits = Edits { containers: names(&["app"]), container, task: TaskEdits::default() };
    edited.edit(&edits).unwrap();
    let once = edited.clone();
    edited.edit(&edits).unwrap();
    assert_eq!(edited, once, "an edit is idempotent");
    let body = edited.body();
    assert_eq!(body["containerDefinitions"][1], sample()["containerDefinitions"][1], "others are left alone");
    body["containerDefinitions"][0].clone()
}

#[test]
fn variables_are_set_added_and_removed() {
    let edited = app(ContainerEdits {
        environment: pairs(&[("KEY", "a=b"), ("NEW", "")]),
        remove_environment: names(&["MODE", "NEVER_THERE"]),
        ..ContainerEdits::default()
    });
    assert_eq!(edited["environment"], json!([{"name": "KEY", "value": "a=b"}, {"name": "NEW", "value": ""}]));
    assert_eq!(edited.get("secrets"), None);
}

#[test]
fn a_name_that_becomes_a_secret_is_a_variable_no_more_and_back() {
    let edited = app(ContainerEdits { secrets: pairs(&[("KEY", "arn:a:b:json::")]), ..ContainerEdits::default() });
    assert_eq!(edited["environment"], json!([{"name": "MODE", "value": ""}]));
    assert_eq!(edited["secrets"], json!([{"name": "KEY", "valueFrom": "arn:a:b:json::"}]));

    let mut document = sample();
    document["containerDefinitions"][0]["secrets"] = json!([{"name": "TOKEN", "valueFrom": "arn:x"}]);
    let mut back = definition(document);
    let container = ContainerEdits { environment: pairs(&[("TOKEN", "x")]), ..ContainerEdits::default() };
    back.edit(&Edits { containers: names(&["app"]), container, ..Edits::default() }).unwrap();
    let body = back.body();
    assert_eq!(body["containerDefinitions"][0].get("secrets"), None);
    assert_eq!(body["containerDefinitions"][0]["environment"][2], json!({"name": "TOKEN", "value": "x"}));
}

#[test]
fn labels_and_log_options_are_merged_and_files_and_command_replaced() {
    let edited = app(ContainerEdits {
        labels: pairs(&[("version", "1=2")]),
        log_driver: Some("awslogs".into()),
        log_options: pairs(&[("awslogs-multiline-pattern", "^a=b")]),
        env_files: names(&["arn:aws:s3:::bucket/a.env"]),
        command: Some(names(&["sh", "-c", "echo \"a b\""])),
        ..ContainerEdits::default()
    });
    assert_eq!(edited["dockerLabels"], json!({"traefik.enable": "", "version": "1=2"}));
    assert_eq!(
        edited["logConfiguration"],
        json!({"logDriver": "awslogs", "options": {"tag": "", "awslogs-multiline-pattern": "^a=b"}})
    );
    assert_eq!(edited["environmentFiles"], json!([{"value": "arn:aws:s3:::bucket/a.env", "type": "s3"}]));
    assert_eq!(edited["command"], json!(["sh", "-c", "echo \"a b\""]));
    assert_eq!(edited["entryPoint"], json!([""]), "what is not named stays as it is");
}

#[test]
fn the_task_s_own_fields_need_no_container() {
    let mut edited = definition(sample());
    let task = TaskEdits {
        cpu: Some("512".into()),
        memory: Some("1 GB".into()),
        task_role: Some("arn:aws:iam::1:role/a".into()),
        execution_role: Some("b".into()),
    };
    edited.edit(&Edits { task, ..Edits::default() }).unwrap();
    let mut expected = sample();
    expected["cpu"] = json!("512");
    expected["memory"] = json!("1 GB");
    expected["taskRoleArn"] = json!("arn:aws:iam::1:role/a");
    expected["executionRoleArn"] = json!("b");
    assert_eq!(edited.body(), expected);
}

#[test]
fn what_cannot_be_edited_is_told() {
    let why = |document: Value, containers: &[&str], container: ContainerEdits| {
        let edits = Edits { containers: names(containers), container, ..Edits::default() };
        definition(document).edit(&edits).unwrap_err()
    };
    let variable = || ContainerEdits { environment: pairs(&[("A", "b")]), ..ContainerEdits::default() };
    assert_eq!(why(sample(), &[], variable()), EditError::Ambiguous { input: "environment-variables" });
    assert_eq!(why(sample(), &["ap"], variable()), EditError::UnknownContainer { container: "ap".into() });
    let options = ContainerEdits { log_options: pairs(&[("a", "b")]), ..ContainerEdits::default() };
    assert_eq!(why(sample(), &["side"], options), EditError::NoLogDriver { container: "side".into() });
    let mut odd = sample();
    odd["containerDefinitions"][0]["environment"] = json!({});
    let path = "containerDefinitions.app.environment".to_owned();
    assert_eq!(why(odd, &["app"], variable()), EditError::Unusable { path, wanted: "a list" });
}

#[test]
fn values_are_not_shown_by_debugging() {
    let container = ContainerEdits {
        environment: pairs(&[("A", "hunter2")]),
        command: Some(names(&["hunter2"])),
        ..ContainerEdits::default()
    };
    let shown = format!("{:?}", Edits { container, ..Edits::default() });
    assert!(shown.contains("environment-variables") && !shown.contains("hunter2"), "{shown}");
}
