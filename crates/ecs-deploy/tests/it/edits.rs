//! Edits: what is sent for each input, what is told of it, and what is refused.

use serde_json::{Value, json};
use testkit::{FakeAws, FakeRunner};

use crate::scene::{SECRET, file, only_body, run, runner, scene};

/// The step without waiting and without a new image.
fn step(aws: &FakeAws) -> FakeRunner {
    runner(aws).input("wait-for-service-stability", "false").input("images", "")
}

/// What is registered with these inputs.
#[track_caller]
fn registered(inputs: &[(&str, &str)]) -> (Value, String) {
    let aws = scene([]);
    let runner = inputs.iter().fold(step(&aws), |runner, (name, value)| runner.input(name, value));
    let out = run(&runner);
    out.assert_code(0);
    (only_body(&aws, "RegisterTaskDefinition"), format!("{}{}{}", out.stdout, out.stderr, out.summary))
}

#[track_caller]
fn refused(inputs: &[(&str, &str)], parts: &[&str]) {
    let aws = scene([]);
    let runner = inputs.iter().fold(step(&aws), |runner, (name, value)| runner.input(name, value));
    let out = run(&runner);
    out.assert_code(2);
    for part in parts {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
}

#[test]
fn everything_is_edited_in_one_step_and_told_without_secrets() {
    let (sent, told) = registered(&[
        ("container-name", "app"),
        ("image", "shop:9"),
        ("environment-variables", "LOG_LEVEL=info\nQUERY=a=b\nMOTD=hunter2 in words\n"),
        ("secrets", "GREETING=arn:aws:ssm:eu-west-1:1:parameter/greeting"),
        ("env-files", "arn:aws:s3:::bucket/app.env"),
        ("docker-labels", "traefik.enable=\nrule=Query(x=y)"),
        ("log-configuration-log-driver", "awslogs"),
        ("log-configuration-options", "awslogs-group=/ecs/web\nawslogs-multiline-pattern=^a=b"),
        ("command", "sh -c 'exec app --name \"a b\"'"),
        ("cpu", "512"),
        ("memory", "1 GB"),
        ("task-role-arn", "arn:aws:iam::123456789012:role/task"),
        ("execution-role-arn", "arn:aws:iam::123456789012:role/execution"),
    ]);
    let mut expected = file();
    for (field, value) in [
        ("cpu", "512"),
        ("memory", "1 GB"),
        ("taskRoleArn", "arn:aws:iam::123456789012:role/task"),
        ("executionRoleArn", "arn:aws:iam::123456789012:role/execution"),
    ] {
        expected[field] = json!(value);
    }
    let app = &mut expected["containerDefinitions"][0];
    app["image"] = json!("shop:9");
    app["environment"] = json!([
        {"name": "LOG_LEVEL", "value": "info"}, {"name": "QUERY", "value": "a=b"}, {"name": "MOTD", "value": "hunter2 in words"}
    ]);
    app["secrets"] = json!([{"name": "GREETING", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/greeting"}]);
    app["environmentFiles"] = json!([{"value": "arn:aws:s3:::bucket/app.env", "type": "s3"}]);
    app["dockerLabels"] = json!({"traefik.enable": "", "rule": "Query(x=y)"});
    app["logConfiguration"] = json!({
        "logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web", "awslogs-multiline-pattern": "^a=b"}
    });
    app["command"] = json!(["sh", "-c", "exec app --name \"a b\""]);
    assert_eq!(sent, expected);
    for line in [
        "~ cpu: 256 -> 512",
        "~ memory: 512 -> 1024",
        "+ taskRoleArn: arn:aws:iam::123456789012:role/task",
        "~ containerDefinitions.app.image: shop:1 -> shop:9",
        "- containerDefinitions.app.environment.GREETING",
        "+ containerDefinitions.app.environment.LOG_LEVEL",
        "+ containerDefinitions.app.secrets.GREETING",
        "~ containerDefinitions.app.command",
    ] {
        assert!(told.lines().any(|told| told.trim() == line), "{line}\n{told}");
    }
    for value in ["hunter2", "Query(x", "exec app", "parameter/greeting", SECRET] {
        assert!(!told.contains(value), "{value}\n{told}");
    }
}

#[test]
fn edits_go_to_the_containers_that_are_named() {
    let (sent, _) = registered(&[("container-name", "app, side"), ("environment-variables", "A=1")]);
    for container in sent["containerDefinitions"].as_array().unwrap() {
        let variables = container["environment"].as_array().unwrap();
        assert_eq!(variables.last(), Some(&json!({"name": "A", "value": "1"})));
    }
}

#[test]
fn variables_are_removed_and_it_is_no_error_when_they_are_gone() {
    let inputs = [("container-name", "app"), ("remove-environment-variables", "GREETING\nNEVER_THERE")];
    let (sent, _) = registered(&inputs);
    assert_eq!(sent["containerDefinitions"][0].get("environment"), None);
    let aws = scene([]);
    let runner = step(&aws).input("task-definition", "").input("container-name", "app").input("remove-secrets", "GONE");
    let out = run(&runner);
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "already-deployed");
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
    let warning = "::warning title=ecs-deploy::`remove-secrets` names `GONE`, which is not there";
    assert!(out.stdout.contains(warning), "{}", out.stdout);
    assert!(out.summary.contains("GONE"), "{}", out.summary);
}

#[test]
fn a_name_to_remove_that_is_of_the_other_kind_says_so() {
    let (sent, told) = registered(&[("container-name", "app"), ("remove-secrets", "GREETING"), ("cpu", "512")]);
    assert_eq!(sent["containerDefinitions"][0]["environment"], file()["containerDefinitions"][0]["environment"]);
    let warning =
        "`remove-secrets` names `GREETING`, which is not there; `remove-environment-variables` would remove it";
    assert!(told.contains(warning), "{told}");
    let inputs = [("container-name", "app, side"), ("remove-environment-variables", "GREETING")];
    assert!(!registered(&inputs).1.contains("is not there"), "one of the two has it");
}

#[test]
fn a_container_must_be_named_and_there() {
    refused(
        &[("environment-variables", "A=1")],
        &["ecs-deploy/ambiguous-container", "`environment-variables`", "the containers are `app`, `side`"],
    );
    refused(
        &[("container-name", "ap"), ("command", "x")],
        &["ecs-deploy/unknown-container", "no container `ap`", "`app`, `side`"],
    );
    refused(&[("container-name", "app")], &["ecs-deploy/invalid-input", "`container-name`"]);
    refused(
        &[("container-name", "side"), ("log-configuration-options", "a=b")],
        &["ecs-deploy/no-log-driver", "container `side` has no log driver"],
    );
}

#[test]
fn what_cannot_be_edited_is_told() {
    let aws = scene([]);
    let mut document = file();
    document["containerDefinitions"][0]["environment"] = json!("none");
    let runner = step(&aws).file("td.json", document.to_string()).input("container-name", "app");
    // Of a field that is declared new it is not known what ECS takes.
    let out = run(&runner.input("environment-variables", "A=1").input("new-fields", "environment"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-deploy/not-editable"), "{}", out.stderr);
    assert!(out.stderr.contains("`containerDefinitions.app.environment` of the task definition is not a list"));
}

#[test]
fn a_line_that_cannot_be_used_is_not_quoted() {
    for (name, value) in [
        ("environment-variables", "A=1\nhunter2-in-the-clear"),
        ("secrets", "hunter2-in-the-clear"),
        ("docker-labels", "=hunter2-in-the-clear"),
        ("command", "'hunter2-in-the-clear"),
    ] {
        refused(&[("container-name", "app"), (name, value)], &["ecs-deploy/invalid-input", name]);
    }
}

/// The file with a variable that looks like a secret, and its line.
fn with_password() -> (String, usize) {
    let mut document = file();
    let variables = document["containerDefinitions"][0]["environment"].as_array_mut().unwrap();
    variables.push(json!({"name": "DB_PASSWORD", "value": SECRET}));
    let text = serde_json::to_string_pretty(&document).unwrap();
    let line = text.lines().position(|line| line.contains("DB_PASSWORD")).unwrap();
    (text, line)
}

#[test]
fn a_plain_secret_is_a_warning_at_its_line_that_shows_the_other_form() {
    let aws = scene([]);
    let (text, line) = with_password();
    let out = run(&step(&aws).file("td.json", text));
    out.assert_code(0);
    let annotation =
        format!("::warning title=ecs-deploy,file=td.json,line={line},col=9::variable `DB_PASSWORD` of container `app`");
    assert!(out.stdout.contains(&annotation), "{}", out.stdout);
    assert!(
        out.stdout.contains("{\"name\": \"DB_PASSWORD\", \"valueFrom\": \"arn:aws:secretsmanager:"),
        "{}",
        out.stdout
    );
}

#[test]
fn a_plain_secret_fails_or_passes_as_it_is_asked_for() {
    let (text, line) = with_password();
    let aws = scene([]);
    let out = run(&step(&aws).file("td.json", &*text).input("secret-lint", "fail"));
    out.assert_code(2);
    assert!(out.stdout.contains(&format!("::error title=ecs-deploy/plain-secret,file=td.json,line={line},col=9::")));
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
    let out = run(&step(&aws).file("td.json", text).input("secret-lint", "off"));
    out.assert_code(0);
    assert!(!out.stdout.contains("looks like a secret"), "{}", out.stdout);
}

#[test]
fn a_secret_that_an_input_sets_in_the_clear_is_told_too() {
    let aws = scene([]);
    let set = step(&aws).input("container-name", "side").input("environment-variables", "API_TOKEN=s3cr3t-of-mine");
    let out = run(&set);
    out.assert_code(0);
    assert!(
        out.stdout.contains("::warning title=ecs-deploy::variable `API_TOKEN` of container `side`"),
        "{}",
        out.stdout
    );
    assert!(!format!("{}{}{}", out.stdout, out.stderr, out.summary).contains("s3cr3t"));
}
