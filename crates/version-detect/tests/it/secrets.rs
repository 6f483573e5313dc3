//! No token is left anywhere, whatever GitHub says and however the run ends; and no value of an input does harm.

use std::time::Duration;

use serde_json::json;
use testkit::canary::{Canaries, Recorder};
use testkit::http::Reply;
use testkit::{FakeGitHub, FakeRunner, Fault};

use super::{BINARY, package, runner};

const TOKEN: &str = "ghs_c4nary/+<T0ken>&\"q%21z";

fn world() -> (FakeGitHub, Canaries) {
    let server = FakeGitHub::builder().token(TOKEN).start().unwrap();
    (server, Canaries::new().with("the token", TOKEN).with("the id token's", "oidc-canary-request-token"))
}

fn step(server: &FakeGitHub) -> FakeRunner {
    runner(server)
        .file("package.json", package("1.0.0"))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "oidc-canary-request-token")
        .env("GITHUB_TOKEN", TOKEN)
        .env("GH_TOKEN", TOKEN)
}

#[test]
fn a_run_that_tags_leaves_no_token() {
    let (server, canaries) = world();
    let output = canaries.check_all_ways(step(&server), BINARY, &["--create-tag"], &[]);
    output.assert_code(0);
    assert!(server.tag(super::REPOSITORY, "v1.0.0").is_some(), "the tag was really made");
    let bearer = format!("Bearer {TOKEN}");
    for request in server.requests() {
        assert_eq!(request.header("authorization"), Some(bearer.as_str()), "the token was really sent");
        canaries.check("a request's line", request.line());
        canaries.check("a request's body", &request.body);
    }
}

#[test]
fn a_server_that_says_the_token_does_not_make_us_say_it() {
    let (server, canaries) = world();
    for status in [401, 403, 404, 422, 500] {
        let words = json!({ "message": format!("bad credentials `{TOKEN}` in Authorization: Bearer {TOKEN}"), "errors": [{ "message": TOKEN }] });
        server.faults().clear();
        server.faults().add(Fault::reply(Reply::json(status, &words)).on("*", "*").always());
        let output = canaries.check_all_ways(step(&server), BINARY, &["--create-tag"], &[]);
        assert_ne!(output.code, 0, "{status}");
    }
}

#[test]
fn a_short_token_and_one_of_several_lines_are_hidden() {
    for token in ["tok7", "-----BEGIN KEY-----\nline-of-a-key-1\nline-of-a-key-2\n-----END KEY-----"] {
        let (server, _) = world();
        let canaries = Canaries::new().with("the token", token);
        let step = step(&server).without("GITHUB_TOKEN").without("GH_TOKEN").input("github-token", token);
        let output = canaries.check_all_ways(step, BINARY, &["--create-tag"], &[]);
        assert_ne!(output.code, 0, "a token that nobody issued");
    }
}

#[test]
fn git_is_told_no_token() {
    let (server, canaries) = world();
    let recorder = Recorder::new().program("git", "exit 1");
    let step = step(&server).env("PATH", recorder.path()).without("GITHUB_SHA");
    canaries.check_all_ways(step, BINARY, &[], &[]);
    canaries.check("git's arguments", recorder.arguments());
}

#[test]
fn a_killed_run_leaves_no_token() {
    let (server, canaries) = world();
    server.faults().add(Fault::delay(Duration::from_secs(20)).on("*", "*").always());
    let steps = || server.requests().len();
    canaries.check_killed(&step(&server), BINARY, &["--create-tag"], &[], steps);
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    let (server, _) = world();
    testkit::hostile::check(BINARY, || step(&server));
}

#[test]
fn a_huge_manifest_is_refused_early() {
    let (server, _) = world();
    for name in ["package.json", "pom.xml", "Cargo.toml", "VERSION"] {
        testkit::hostile::check_huge(BINARY, &runner(&server), &[], name);
    }
}
