//! Every answer of the GitHub stand-in conforms to GitHub's own OpenAPI document.

use serde_json::{Value, json};
use testkit::github::{Pull, REPOSITORY};
use testkit::runner::SHA;
use testkit::{FakeGitHub, http, openapi};

fn ask(github: &FakeGitHub, method: &str, path: &str, body: &Value) -> Value {
    let bearer = format!("Bearer {}", github.token());
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let url = format!("{}{path}", github.api_url());
    let reply = http::send(method, &url, &[("authorization", &bearer)], body.as_bytes()).expect("the server answers");
    reply.to_json()
}

/// Uses every operation of the stand-in once, errors included.
fn exercise(github: &FakeGitHub) {
    let repo = |path: &str| format!("/repos/{REPOSITORY}{path}");
    let get = |path: &str| ask(github, "GET", &repo(path), &Value::Null);
    let post = |path: &str, body: Value| ask(github, "POST", &repo(path), &body);
    let patch = |path: &str, body: Value| ask(github, "PATCH", &repo(path), &body);
    let delete = |path: &str| ask(github, "DELETE", &repo(path), &Value::Null);

    ask(github, "GET", "/rate_limit", &Value::Null);
    get("");
    let tag = post("/git/tags", json!({"tag": "v2", "message": "m", "object": SHA, "type": "commit"}));
    get(&format!("/git/tags/{}", tag["sha"].as_str().unwrap_or_default()));
    post("/git/refs", json!({"ref": "refs/tags/v2", "sha": tag["sha"]}));
    post("/git/refs", json!({"ref": "refs/tags/v1", "sha": SHA}));
    post("/git/refs", json!({"ref": "refs/tags/v1", "sha": SHA}));
    patch("/git/refs/tags/v1", json!({"sha": SHA, "force": true}));
    for path in ["/git/ref/tags/v1", "/git/ref/tags/absent", "/git/matching-refs/tags/v", "/tags?per_page=1"] {
        get(path);
    }
    delete("/git/refs/tags/v1");

    let comment = post("/issues/7/comments", json!({"body": "plan"}));
    let comment = format!("/issues/comments/{}", comment["id"]);
    patch(&comment, json!({"body": "new plan"}));
    get(&comment);
    get("/issues/7/comments");
    delete(&comment);
    get(&comment);
    post("/issues/7/labels", json!({"labels": ["infra"]}));
    get("/issues/7/labels");
    delete("/issues/7/labels/infra");
    post("/issues/7/labels", json!({"labels": ["infra"]}));

    patch("/pulls/7", json!({"body": "text", "title": "title"}));
    for path in ["/pulls", "/pulls/7", "/pulls/8", "/pulls/7/files"] {
        get(path);
    }
    for path in ["/commits", "/commits/main", "/commits/main/pulls", "/contents/VERSION?ref=main", "/contents/absent"] {
        get(path);
    }
    get(&format!("/git/commits/{SHA}"));

    let release = post("/releases", json!({"tag_name": "v1", "name": "one", "body": "notes"}));
    post("/releases", json!({"tag_name": "v1"}));
    patch(&format!("/releases/{}", release["id"]), json!({"body": "more notes"}));
    for path in ["/releases", "/releases/latest", "/releases/tags/v1", "/releases/tags/absent"] {
        get(path);
    }
    get(&format!("/releases/{}", release["id"]));
    delete(&format!("/releases/{}", release["id"]));

    let deployment = post("/deployments", json!({"ref": "main", "environment": "prod", "required_contexts": []}));
    let deployment = format!("/deployments/{}", deployment["id"]);
    post(&format!("{deployment}/statuses"), json!({"state": "success", "description": "done"}));
    for path in ["/deployments?environment=prod", &deployment, &format!("{deployment}/statuses")] {
        get(path);
    }

    let run = post("/check-runs", json!({"name": "plan", "head_sha": SHA, "status": "in_progress"}));
    let run = format!("/check-runs/{}", run["id"]);
    patch(&run, json!({"conclusion": "success", "output": {"title": "t", "summary": "s"}}));
    get(&run);
    get("/commits/main/check-runs");
    post("/check-runs", json!({"name": "plan", "head_sha": "absent"}));
}

#[test]
fn every_answer_conforms_to_the_document() {
    let document = match openapi::github() {
        Ok(document) => document,
        Err(reason) => {
            eprintln!("SKIPPED the contract of the GitHub stand-in: {reason}");
            return;
        }
    };
    let github = FakeGitHub::start().expect("the server starts");
    let pull = Pull { number: 7, files: vec!["main.tf".to_owned()], ..Pull::default() };
    github.add_pull(REPOSITORY, pull);
    github.add_file(REPOSITORY, SHA, "VERSION", "1.0.0\n");
    exercise(&github);
    let checked = document.check_exchanges(&github.exchanges());
    assert!(checked.as_ref().is_ok_and(|count| *count > 50), "{checked:#?}");

    let mut broken = github.exchanges()[1].clone();
    broken.reply = Some(http::Reply::json(200, &json!({"id": 1})));
    document.check_exchanges(&[broken]).expect_err("a repository has more properties");
}

#[test]
fn what_the_document_does_not_describe_is_refused() {
    if openapi::github().is_err() {
        // Another test says `SKIPPED`.
        return;
    }
    for prefix in ["", "/api/v3"] {
        let builder = FakeGitHub::builder();
        let github = if prefix.is_empty() { builder } else { builder.ghes() }.start().expect("the server starts");
        ask(&github, "GET", &format!("/repos/{REPOSITORY}/tags"), &Value::Null);
        assert_eq!(github.violations(), Vec::<String>::new());
        ask(&github, "GET", &format!("/repos/{REPOSITORY}/no-such-list"), &Value::Null);
        let answer = ask(
            &github,
            "POST",
            &format!("/repos/{REPOSITORY}/issues/7/comments"),
            &json!({"body": "a", "colour": "red"}),
        );
        assert_eq!(answer["body"], "a", "it is answered as ever");
        let mut found = github.violations();
        // The request and its answer are told each.
        found.dedup();
        assert!(found[0].contains("no-such-list is not in the document"), "{found:?}");
        assert!(found[1].contains("`colour` is no documented field"), "{found:?}");
    }
}

/// What breaks the description when one request is sent.
fn broken(github: &FakeGitHub, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Vec<String> {
    let url = format!("{}/repos/{REPOSITORY}{path}", github.api_url());
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let bearer = format!("Bearer {}", github.token());
    let headers = [&[("authorization", bearer.as_str())], headers].concat();
    http::send(method, &url, &headers, body.as_bytes()).expect("the server answers");
    github.violations()
}

#[test]
fn queries_headers_nested_fields_and_refused_requests_are_checked() {
    if openapi::github().is_err() {
        // Another test says `SKIPPED`.
        return;
    }
    let github = FakeGitHub::start().expect("the server starts");
    let check = |method: &str, path: &str, body: &Value| broken(&github, method, path, &[], body).concat();
    assert!(check("GET", "/tags?per_page=101", &Value::Null).contains("`per_page=101` is out of its range"));
    assert!(check("GET", "/tags?prefix=v", &Value::Null).contains("`prefix` is no documented query parameter"));
    assert!(check("GET", "/tags?page=first", &Value::Null).contains("`page=first` is no integer"));
    let run = json!({"name": "plan", "head_sha": SHA, "output": {"title": "t", "summary": "s", "txet": "x"}});
    assert!(check("POST", "/check-runs", &run).contains("`output.txet` is no documented field"));
    // The stand-in refuses it; it is a bad request nevertheless.
    assert!(check("POST", "/git/refs", &json!({"ref": "refs/tags/v1", "sah": SHA})).contains("`sah`"));
    github.allow_bad_requests();
    assert_eq!(check("POST", "/git/refs", &json!({"ref": "refs/tags/v1", "sah": SHA})), "");

    let github = FakeGitHub::start().expect("the server starts");
    let ours = [("user-agent", "slipway/1.0"), ("accept", "application/json"), ("x-github-api-version", "2022-11-28")];
    let found = broken(&github, "GET", "/tags", &ours, &Value::Null);
    assert!(found.concat().contains("`accept: application/json` instead of"), "{found:?}");
    let found = broken(&github, "GET", "/tags", &ours[..1], &Value::Null);
    assert_eq!(found.len(), 2, "{found:?}");
    github.faults().add(testkit::Fault::status(503));
    let found = broken(&github, "GET", "/tags?n=1", &[], &Value::Null);
    assert!(found.concat().contains("`n` is no documented"), "a fault answered it: {found:?}");
}

#[test]
fn an_unlisted_path_fails_the_test() {
    if openapi::github().is_err() {
        // Another test says `SKIPPED`.
        return;
    }
    let caught = std::panic::catch_unwind(|| {
        let github = FakeGitHub::start().expect("the server starts");
        ask(&github, "GET", "/no/such/path", &Value::Null);
    });
    let message = caught.expect_err("the stand-in fails the test when it is dropped");
    let message = message.downcast_ref::<String>().map_or("", String::as_str);
    assert!(message.contains("GET /no/such/path is not in the document"), "{message}");
}
