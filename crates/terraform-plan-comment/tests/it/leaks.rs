//! No token, credential or sensitive value is left anywhere, however the run ends; and no value of an input does harm.

use std::time::Duration;

use serde_json::json;
use testkit::canary::{Canaries, Recorder};
use testkit::http::Reply;
use testkit::{FakeGitHub, FakeRunner, Fault};

use super::{BINARY, REPOSITORY, comments, event};

const TOKEN: &str = "ghs_c4nary/+<T0ken>&\"q%21z";
const PASSWORD: &str = "pl4n-c4nary/+<pass>&\"word";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIIcanaryline0001\nMIIcanaryline0002\n-----END PRIVATE KEY-----\n";
const PIN: &str = "7391";
const CREDENTIAL: &str = "aws-c4nary/secret+key";

fn canaries() -> Canaries {
    Canaries::new()
        .with("the token", TOKEN)
        .with("the password", PASSWORD)
        .with("the key", KEY.trim_end())
        .with("AWS_SECRET_ACCESS_KEY", CREDENTIAL)
        .with("ARM_CLIENT_SECRET", "arm-c4nary-client-secret")
}

/// A plan that has each secret where Terraform marks it, and copies where it does not.
fn plan() -> String {
    let copies = json!({ "url": format!("postgres://u:{PASSWORD}@h/db"), "json": json!({ "p": PASSWORD }).to_string(), "cert": KEY, "pin": PIN });
    json!({
        "format_version": "1.2", "terraform_version": "1.9.0",
        "variables": { "password": { "value": PASSWORD }, "key": { "value": KEY }, "pin": { "value": PIN } },
        "configuration": { "root_module": { "variables": {
            "password": { "sensitive": true }, "key": { "sensitive": true }, "pin": { "sensitive": true } } } },
        "resource_changes": [{ "address": "db.main", "type": "db", "mode": "managed", "name": "main", "change": {
            "actions": ["delete", "create"], "before": { "password": "old", "copy": copies }, "after": { "password": PASSWORD, "copy": copies, "key": KEY },
            "before_sensitive": { "password": true }, "after_sensitive": { "password": true, "key": true }, "replace_paths": [["copy", "url"]] } }],
        "output_changes": { "o": { "actions": ["create"], "before": null, "after": PASSWORD, "after_sensitive": true },
                            "copy": { "actions": ["create"], "before": null, "after": [KEY, PIN], "after_sensitive": false } },
        "checks": [{ "address": { "to_display": "check.x" }, "status": "fail",
                     "instances": [{ "problems": [{ "message": format!("connect with {PASSWORD} and {KEY}") }] }] }],
    })
    .to_string()
}

fn step(github: &FakeGitHub) -> FakeRunner {
    FakeRunner::new()
        .github("pull_request", "refs/pull/7/merge", testkit::runner::SHA, REPOSITORY)
        .event(event(REPOSITORY))
        .api_url(github.api_url())
        .input("github-token", TOKEN)
        .env("GITHUB_TOKEN", TOKEN)
        .env("AWS_SECRET_ACCESS_KEY", CREDENTIAL)
        .env("ARM_CLIENT_SECRET", "arm-c4nary-client-secret")
        .file("plan.json", plan())
        .file("tfplan", b"PK\x03\x04rest")
}

fn server() -> FakeGitHub {
    let github = FakeGitHub::builder().token(TOKEN).start().unwrap();
    let pull =
        testkit::github::Pull { number: 7, head_sha: super::HEAD.to_owned(), ..testkit::github::Pull::default() };
    github.add_pull(REPOSITORY, pull);
    github
}

#[test]
fn a_plan_full_of_secrets_is_shown_without_any() {
    for arguments in
        [&["--plan", "plan.json"][..], &["--plan", "plan.json", "--target", "body", "--fail-on-destroy", "db.*"]]
    {
        let github = server();
        canaries().check_all_ways(step(&github), BINARY, arguments, &["plan.json"]);
        for request in github.requests() {
            canaries().check("a request", request.line());
            canaries().check("a request's body", &request.body);
        }
        assert!(github.requests().iter().any(|request| request.method == "POST" || request.method == "PATCH"));
        let bearer = format!("Bearer {TOKEN}");
        let is_told = |request: &testkit::http::Request| request.header("authorization") == Some(&bearer);
        assert!(github.requests().iter().all(is_told), "the token was really sent");
    }
}

#[test]
fn what_is_short_or_no_text_is_hidden_where_it_is_marked_and_counted() {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{ "address": "db.a", "type": "db", "mode": "managed", "name": "a",
        "change": { "actions": ["create"], "before": null, "after": { "pin": PIN, "port": 54_321, "on": true, "copy": [PIN, 54_321] },
        "before_sensitive": false, "after_sensitive": { "pin": true, "port": true, "on": true } } }] });
    let github = server();
    step(&github).file("plan.json", plan.to_string()).run(BINARY, ["--plan", "plan.json"]).assert_code(0);
    let comment = comments(&github).concat();
    assert_eq!((comment.matches(PIN).count(), comment.matches("54321").count()), (1, 1), "{comment}");
    let count = "3 sensitive values that are short or no text hidden only where they are marked";
    assert!(comment.contains(count) && comment.matches("(sensitive value)").count() == 3, "{comment}");
}

#[test]
fn what_nobody_marks_is_hidden_too() {
    let (password, badge) = ("c4nary-Open-Pass", "4711-c4nary");
    let containers =
        json!([{ "environment": [{ "name": "DB_PASSWORD", "value": password }, { "name": "BADGE", "value": badge }] }]);
    let plan = json!({ "format_version": "1.2", "resource_changes": [{ "address": "aws_ecs_task_definition.a", "type": "aws_ecs_task_definition",
        "mode": "managed", "name": "a", "change": { "actions": ["create"], "before": null, "after": { "container_definitions": containers.to_string() },
        "before_sensitive": false, "after_sensitive": {} } }],
        "output_changes": { "hint": { "actions": ["create"], "before": null, "after": format!("use {password}"), "after_sensitive": false } } });
    let github = server();
    let step = || step(&github).file("plan.json", plan.to_string()).input("redact", "[0-9]{4}-c4[a-z]+");
    let canaries = Canaries::new().with("a password", password).with("a badge", badge);
    canaries.check_all_ways(step(), BINARY, &["--plan", "plan.json"], &["plan.json"]);
    let comment = comments(&github).concat();
    assert!(comment.contains("3 further occurrences of secrets redacted"), "{comment}");
    let out = step().input("redact", "").input("redact-likely", "false").run(BINARY, ["--plan", "plan.json"]);
    assert!(out.summary.contains(password), "only where it is asked for");
}

#[test]
fn a_part_and_what_is_made_of_it_hold_no_secret() {
    let github = server();
    github.add_commit(REPOSITORY, super::HEAD, "Change things");
    let named = || step(&github).input("name", "root").input("check-run", "plan").input("label", "true");
    let arguments = ["--plan", "plan.json", "--target", "comment,body,summary", "--part-file", "part.json"];
    canaries().check_all_ways(named(), BINARY, &arguments, &["plan.json"]);
    let runner = named();
    runner.run(BINARY, arguments).assert_code(0);
    let part = std::fs::read_to_string(runner.workspace().join("part.json")).unwrap();
    canaries().check("the part", &part);
    assert!(part.contains("db.main"), "{part}");
    let reducer = named().file("parts/part.json", &part);
    canaries().check_all_ways(reducer, BINARY, &["reduce", "--parts", "parts"], &["plan.json"]);
    for request in github.requests() {
        canaries().check("a request's body", &request.body);
    }
    assert!(github.requests().iter().any(|request| request.line().contains("check-runs")));
}

/// A log whose errors tell each secret of the plan, and one that no plan marks.
fn log() -> String {
    let diagnostic = json!({ "severity": "error", "summary": format!("cannot log in with {PASSWORD}"),
        "detail": format!("the key is\n{KEY}\nDB_PASSWORD=L0g-c4nary-only"), "address": format!("db.main[\"{PASSWORD}\"]"),
        "range": { "filename": format!("{PASSWORD}.tf"), "start": { "line": 1 } } });
    json!({ "@level": "error", "@message": PASSWORD, "type": "diagnostic", "diagnostic": diagnostic }).to_string()
}

#[test]
fn the_log_of_the_plan_tells_no_secret() {
    let github = server();
    let canaries = canaries().with("a password of the log alone", "L0g-c4nary-only");
    let step = || step(&github).file("plan.ndjson", log()).input("plan-log", "plan.ndjson").input("name", "root");
    let arguments =
        ["--plan", "plan.json", "--target", "comment,body", "--part-file", "part.json", "--html-file", "plan.html"];
    canaries.check_all_ways(step(), BINARY, &arguments, &["plan.json", "plan.ndjson"]);
    let runner = step();
    runner.run(BINARY, arguments).assert_code(1);
    for file in ["part.json", "plan.html"] {
        let text = std::fs::read_to_string(runner.workspace().join(file)).unwrap();
        canaries.check(file, &text);
        assert!(text.contains("cannot log in with (sensitive value)"), "{text}");
    }
    assert!(comments(&github).concat().contains("cannot log in with (sensitive value)"));
    for request in github.requests() {
        canaries.check("a request's body", &request.body);
    }
    // Without a plan only what looks like a secret is known to be one.
    let alone = Canaries::new().with("a password of the log alone", "L0g-c4nary-only");
    alone.check_all_ways(step(), BINARY, &["--plan", "no.json"], &["plan.ndjson"]);
}

#[test]
fn a_server_that_says_the_token_does_not_make_us_say_it() {
    let github = server();
    for status in [401, 403] {
        github.faults().clear();
        let words = json!({ "message": format!("Bearer {TOKEN}") });
        github.faults().add(Fault::reply(Reply::json(status, &words)).on("*", "*").always());
        canaries().check_all_ways(step(&github), BINARY, &["--plan", "plan.json"], &["plan.json"]);
    }
}

#[test]
fn terraform_gets_no_secret_in_its_arguments_and_cannot_print_one() {
    let github = server();
    for script in
        ["env >&2; exit 1", "cat plan.json", "echo \"$AWS_SECRET_ACCESS_KEY $ARM_CLIENT_SECRET $GITHUB_TOKEN\"", "env"]
    {
        let recorder = Recorder::new().program("terraform", script);
        let step = step(&github).env("PATH", recorder.path());
        canaries().check_all_ways(step, BINARY, &["--plan", "tfplan"], &["plan.json"]);
        canaries().check("terraform's arguments", recorder.arguments());
        assert!(recorder.arguments().contains("show"), "it was called");
        assert!(recorder.environment().contains(CREDENTIAL), "it has what its providers need");
        assert!(!recorder.environment().contains("INPUT_GITHUB_TOKEN"), "the input is not for terraform");
    }
}

#[test]
fn a_killed_run_leaves_no_secret() {
    let github = server();
    github.faults().add(Fault::delay(Duration::from_secs(20)).on("*", "*").always());
    let steps = || github.requests().len();
    canaries().check_killed(&step(&github), BINARY, &["--plan", "plan.json"], &["plan.json"], steps);
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    let github = server();
    testkit::hostile::check_with_places(BINARY, &["html-file", "part-file", "review-file"], || {
        step(&github).input("plan", "plan.json").input("name", "root")
    });
}

#[test]
fn a_huge_plan_is_refused_early() {
    let github = server();
    testkit::hostile::check_huge(BINARY, &step(&github), &["--plan", "huge.json"], "huge.json");
    let arguments = ["--plan", "plan.json", "--plan-log", "huge.ndjson"];
    testkit::hostile::check_huge(BINARY, &step(&github), &arguments, "huge.ndjson");
}
