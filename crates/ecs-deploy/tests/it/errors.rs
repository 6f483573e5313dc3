//! Bad input and a world that is not as it was thought: each with its own error, and nothing changed.

use serde_json::{Value, json};
use testkit::FakeAws;

use crate::scene::{described, file, old, run, runner, scene, service};

/// Runs into an error and sees that nothing was changed.
#[track_caller]
fn refused(aws: &FakeAws, runner: &testkit::FakeRunner, code: i32, parts: &[&str]) {
    let out = run(runner);
    out.assert_code(code);
    for part in parts {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(aws.calls_to("UpdateService").is_empty());
}

fn failures(reason: &str) -> Value {
    json!({"services": [], "failures": [{"arn": "arn:aws:ecs:eu-west-1:1:service/prod/web", "reason": reason}]})
}

#[test]
fn an_unknown_service_is_told_with_those_there_are() {
    let aws = scene([]);
    aws.on("DescribeServices").reply(failures("MISSING"));
    aws.on("ListServices")
        .reply(json!({"serviceArns": ["arn:aws:ecs:eu-west-1:1:service/prod/worker", "arn:x:service/web-api"]}));
    let parts =
        ["ecs-deploy/service-not-found: service `web` is not in cluster `prod` (eu-west-1)", "`web-api`, `worker`"];
    refused(&aws, &runner(&aws), 2, &parts);
}

#[test]
fn an_unknown_service_is_told_without_the_permission_to_list() {
    let aws = scene([]);
    aws.on("DescribeServices").reply(failures("MISSING"));
    aws.on("ListServices").error(400, "AccessDeniedException", "no");
    refused(&aws, &runner(&aws), 2, &["ecs-deploy/service-not-found"]);
}

#[test]
fn an_unknown_cluster_is_told_with_those_there_are() {
    let aws = scene([]);
    aws.on("DescribeServices").error(400, "ClusterNotFoundException", "Cluster not found.");
    aws.on("ListClusters").reply(json!({"clusterArns": ["arn:aws:ecs:eu-west-1:1:cluster/production"]}));
    refused(
        &aws,
        &runner(&aws),
        2,
        &["ecs-deploy/cluster-not-found: cluster `prod` is not in eu-west-1", "`production`"],
    );
}

#[test]
fn services_that_cannot_be_deployed_are_refused() {
    for (field, value, code) in [
        ("status", json!("INACTIVE"), "ecs-deploy/service-inactive"),
        ("deploymentController", json!({"type": "EXTERNAL"}), "ecs-deploy/unsupported-controller"),
    ] {
        let aws = scene([]);
        let mut other = service(&[old("PRIMARY")]);
        other[field] = value;
        aws.on("DescribeServices").reply(described(other));
        refused(&aws, &runner(&aws), 2, &[code]);
    }
}

#[test]
fn a_broken_file_is_annotated_at_its_line() {
    let aws = scene([]);
    let broken = runner(&aws).file("td.json", "{\n  \"family\": \"shop\",\n  \"cpu\": oops\n}\n");
    let out = run(&broken);
    out.assert_code(2);
    assert!(
        out.stdout.contains("::error title=ecs-deploy/task-definition-not-json,file=td.json,line=3,col="),
        "{}",
        out.stdout
    );
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
}

#[test]
fn a_file_that_is_missing_or_something_else_is_told() {
    let aws = scene([]);
    refused(
        &aws,
        &runner(&aws).input("task-definition", "../no.json"),
        2,
        &["ecs-deploy/task-definition-unreadable", "`../no.json`"],
    );
    refused(
        &aws,
        &runner(&aws).file("td.json", "[]"),
        2,
        &["ecs-deploy/not-a-task-definition", "is a list, not an object"],
    );
    let without = runner(&aws).file("td.json", "[]").without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    refused(&aws, &without, 2, &["ecs-deploy/not-a-task-definition"]);
    assert!(aws.calls().is_empty(), "it is told before AWS is asked anything");
}

#[test]
fn an_unknown_container_is_told_with_those_there_are() {
    let aws = scene([]);
    refused(
        &aws,
        &runner(&aws).input("images", "ap=shop:2"),
        2,
        &["ecs-deploy/unknown-container", "no container `ap`", "`app`, `side`"],
    );
    refused(&aws, &runner(&aws).input("images", "shop:2"), 2, &["ecs-deploy/ambiguous-image", "`app`, `side`"]);
}

#[test]
fn a_task_definition_that_ecs_refuses_is_told_in_its_words() {
    let aws = scene([]);
    aws.on("RegisterTaskDefinition").error(400, "ClientException", "Invalid 'cpu' setting for task.");
    let parts = [
        "ecs-deploy/task-definition-refused: ECS refuses the task definition `shop`",
        "Invalid 'cpu' setting for task.",
    ];
    refused(&aws, &runner(&aws), 2, &parts);
}

#[test]
fn a_missing_permission_names_the_action_and_the_statement() {
    let aws = scene([]);
    aws.on("RegisterTaskDefinition").error(
        400,
        "AccessDeniedException",
        "User: arn:aws:sts::1:assumed-role/d is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/task",
    );
    let parts = ["access denied: `iam:PassRole`", r#""Resource": "arn:aws:iam::1:role/task""#];
    refused(&aws, &runner(&aws), 1, &parts);
}

#[test]
fn the_comparison_is_optional_with_a_file() {
    let aws = scene([service(&[crate::scene::ours("COMPLETED")])]);
    aws.on("DescribeTaskDefinition").error(400, "AccessDeniedException", "no");
    let out = run(&runner(&aws));
    out.assert_code(0);
    assert!(out.stdout.contains("grant `ecs:DescribeTaskDefinition` to see what changes"), "{}", out.stdout);
}

#[test]
fn without_credentials_nothing_is_tried() {
    let aws = scene([]);
    let runner = runner(&aws).without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    refused(&aws, &runner, 2, &["aws/no-credentials"]);
    assert!(aws.operations().is_empty());
}

#[test]
fn another_account_is_refused_before_anything_is_read() {
    let aws = scene([]);
    aws.on("GetCallerIdentity").raw(testkit::http::Reply::xml(
        200,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>x</UserId>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>",
    ));
    refused(&aws, &runner(&aws).input("allowed-account-ids", "210987654321"), 2, &["aws/wrong-account"]);
    assert_eq!(aws.operations(), ["GetCallerIdentity"]);
}

#[test]
fn bad_inputs_are_told_together_before_anything_is_asked() {
    let aws = FakeAws::start().unwrap();
    let runner = runner(&aws)
        .input("service", "$(touch x)")
        .input("codedeploy-application", "a/b")
        .input("desired-count", "many")
        .file("td.json", file().to_string());
    refused(
        &aws,
        &runner,
        2,
        &["ecs-deploy/invalid-input", "`codedeploy-application`", "`desired-count`", "`service`"],
    );
    assert!(aws.operations().is_empty());
}

#[test]
fn a_count_for_a_daemon_is_refused() {
    let aws = scene([]);
    let mut daemon = service(&[old("PRIMARY")]);
    daemon["schedulingStrategy"] = json!("DAEMON");
    aws.on("DescribeServices").reply(described(daemon));
    refused(&aws, &runner(&aws).input("desired-count", "3"), 2, &["ecs-deploy/daemon-count", "remove `desired-count`"]);
}

#[test]
fn an_answer_without_a_task_definition_is_told() {
    let aws = scene([]);
    aws.on("RegisterTaskDefinition").reply(json!({}));
    refused(&aws, &runner(&aws), 1, &["ecs-deploy/unexpected-answer", "AWS_ENDPOINT_URL"]);
}
