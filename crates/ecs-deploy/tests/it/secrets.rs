//! No credential and no value of a task definition is left anywhere; and no value of an input does harm.

use serde_json::json;
use testkit::FakeRunner;
use testkit::canary::Canaries;

use crate::scene::{SECRET, described, old, ours, runner, scene, service, with_event};

const BINARY: &str = env!("CARGO_BIN_EXE_ecs-deploy");
const SECRET_KEY: &str = "aws/c4nary+Secret&Key\"<0123456789";
const SESSION: &str = "IQoJb3JpZ2luX2VjEcanary+session/token==";

fn canaries() -> Canaries {
    Canaries::new().with("the variable", SECRET).with("the secret key", SECRET_KEY).with("the session token", SESSION)
}

fn with_credentials(runner: FakeRunner) -> FakeRunner {
    runner.env("AWS_SECRET_ACCESS_KEY", SECRET_KEY).env("AWS_SESSION_TOKEN", SESSION)
}

#[test]
fn a_deployment_leaves_no_secret() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    let output = canaries().check_all_ways(with_credentials(runner(&aws)), BINARY, &[], &["td.json"]);
    output.assert_code(0);
    let sent = aws.calls_to("RegisterTaskDefinition");
    assert!(!sent.is_empty() && sent.iter().all(|call| call.body.to_string().contains(SECRET)), "{sent:?}");
    for call in aws.calls() {
        assert_eq!(call.request.header("x-amz-security-token"), Some(SESSION), "the credentials were really used");
        let keys = Canaries::new().with("the secret key", SECRET_KEY);
        keys.check("a request", format!("{}{}", call.request.line(), call.body));
    }
}

#[test]
fn what_aws_says_about_a_secret_is_not_repeated() {
    let words = format!("(service web) failed: {SECRET_KEY} {SESSION}");
    let failing = with_event(service(&[ours("FAILED"), old("ACTIVE")]), "e1", &words);
    let aws = scene([failing]);
    canaries().check_all_ways(with_credentials(runner(&aws)), BINARY, &[], &["td.json"]);
    let aws = scene([service(&[ours("COMPLETED")])]);
    aws.on("UpdateService").error(400, "AccessDeniedException", &words);
    let output = canaries().check_all_ways(with_credentials(runner(&aws)), BINARY, &[], &["td.json"]);
    assert_ne!(output.code, 0);
}

/// What a program writes before it dies: everything it should not.
#[test]
fn what_a_task_wrote_is_shown_without_secrets() {
    const TOKEN: &str = "ghp_c4naryc4naryc4naryc4naryc4nary012345";
    const PASSWORD: &str = "c4nary-of-the-database";
    let lines = [
        "starting".to_owned(),
        format!("config: {SECRET} {SECRET_KEY} {SESSION}"),
        format!("Authorization: Bearer {TOKEN}"),
        format!("cannot reach postgres://shop:{PASSWORD}@db:5432/shop"),
        format!("{{\"db_password\": \"{PASSWORD}\"}}"),
    ];
    let events: Vec<_> =
        lines.iter().map(|line| json!({"timestamp": 1, "ingestionTime": 1, "message": line})).collect();
    let aws = scene([service(&[ours("FAILED"), old("ACTIVE")])]);
    aws.on("GetLogEvents").reply(json!({"events": events}));
    let mut file = crate::scene::file();
    file["containerDefinitions"][0]["logConfiguration"] = json!({"logDriver": "awslogs", "options": {
        "awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"
    }});
    let runner = with_credentials(runner(&aws)).file("td.json", file.to_string());
    let canaries = canaries().with("the token", TOKEN).with("the password", PASSWORD);
    let output = canaries.check_all_ways(runner, BINARY, &[], &["td.json"]);
    output.assert_code(1);
    assert!(output.stderr.contains("app wrote: cannot reach postgres://shop:***@db:5432/shop"), "{}", output.stderr);
}

#[test]
fn a_damaged_file_is_not_quoted() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    for text in
        [format!("{{\"family\": \"shop\", \"x\": \"{SECRET}\", }}"), SECRET.to_owned(), json!([SECRET]).to_string()]
    {
        let runner = with_credentials(runner(&aws)).file("td.json", text);
        let output = canaries().check_all_ways(runner, BINARY, &[], &["td.json"]);
        output.assert_code(2);
    }
}

#[test]
fn a_killed_deployment_leaves_no_secret() {
    let aws = scene([service(&[ours("IN_PROGRESS"), old("ACTIVE")])]);
    let steps = || aws.calls_to("UpdateService").len();
    canaries().check_killed(&with_credentials(runner(&aws)), BINARY, &[], &["td.json"], steps);
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    // A dry run looks at the rules and schedules that are named.
    let aws = crate::targets::world();
    aws.on("DescribeServices").reply(described(service(&[old("PRIMARY")])));
    testkit::hostile::check(BINARY, || with_credentials(runner(&aws)).input("dry-run", "true"));
}

#[test]
fn a_huge_task_definition_is_refused_early() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    testkit::hostile::check_huge(BINARY, &runner(&aws), &[], "td.json");
}
