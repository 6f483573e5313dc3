//! A second judge of our requests and of the stand-in: the proxy `prism`, with GitHub's own description.

use serde_json::{Value, json};
use testkit::http::{Reply, send};
use testkit::prism::Prism;
use testkit::runner::SHA;
use testkit::{FakeGitHub, Fault};

use crate::{REPOSITORY, run, runner};

#[test]
fn prism_finds_nothing_wrong_and_would_find_it() {
    let server = FakeGitHub::start().unwrap();
    let prism = match Prism::start(&server.url()) {
        Ok(prism) => prism,
        Err(reason) => {
            eprintln!("SKIPPED prism: {reason}");
            return;
        }
    };
    let step = runner(&server).api_url(prism.url()).file("VERSION", "1.0.0\n").input("create-tag", "true");
    for created in ["true", "false"] {
        let output = run(&step);
        output.assert_code(0);
        assert_eq!(output.outputs["tag-created"], created);
    }
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
    assert_eq!(prism.violations(), Vec::<String>::new());
    assert_eq!(prism.passed_on(), server.requests().len());

    // Controls: a request and an answer that are wrong.
    let bearer = format!("Bearer {}", server.token());
    let ask = |method: &str, path: &str, body: &Value| {
        let url = format!("{}/repos/{REPOSITORY}{path}", prism.url());
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        send(method, &url, &headers, if body.is_null() { String::new() } else { body.to_string() }.as_bytes()).unwrap()
    };
    let passed = server.requests().len();
    assert_eq!(ask("POST", "/git/refs", &json!({"ref": "refs/tags/v2", "sah": SHA})).status, 422);
    assert_eq!((prism.violations().len(), server.requests().len()), (1, passed), "{:?}", prism.violations());
    server.faults().add(Fault::reply(Reply::json(200, &json!([{"name": 1}]))).on("GET", "*/tags"));
    assert!(!ask("GET", "/tags", &Value::Null).is_success());
    assert!(prism.violations().len() > 1, "{:?}", prism.violations());
}
