//! Codes that need a special repository, token or machine.

use serde_json::json;
use testkit::http::Reply;
use testkit::{Fault, RunOutput};

use super::*;

#[track_caller]
fn check(out: &RunOutput, exit: i32, code: &str) {
    out.assert_code(exit);
    assert!(out.stdout.contains(&format!("::error title={code}")), "{code}: {} {}", out.stdout, out.stderr);
}

#[test]
fn a_tag_that_a_rule_forbids() {
    let server = FakeGitHub::start().unwrap();
    let rule = json!({"message": "Repository rule violations found\n\nCannot create ref due to creations being restricted.",
        "documentation_url": "https://docs.github.com/rest/git/refs#create-a-reference"});
    server.faults().add(Fault::reply(Reply::json(422, &rule)).on("POST", "*/git/refs").always());
    let runner = runner(&server).file("package.json", package("1.0.0")).input("create-tag", "true");
    check(&run(&runner), 1, "github/rule-violation");
}

#[test]
fn a_repository_that_goes_away_meanwhile() {
    let server = FakeGitHub::start().unwrap();
    server
        .faults()
        .add(Fault::reply(Reply::json(404, &json!({"message": "Not Found"}))).on("POST", "*/git/refs").always());
    let runner = runner(&server).file("package.json", package("1.0.0")).input("create-tag", "true");
    check(&run(&runner), 1, "github/not-found");
}

#[test]
fn a_machine_without_certificates() {
    let server = FakeGitHub::start().unwrap();
    let runner = runner(&server).file("package.json", package("1.0.0"));
    let runner = runner.env("SSL_CERT_FILE", "/dev/null").env("SSL_CERT_DIR", "/nonexistent");
    run(&runner).assert_code(0);
    check(&run(&runner.env("GITHUB_API_URL", "https://api.github.com")), 1, "github/no-transport");
}
