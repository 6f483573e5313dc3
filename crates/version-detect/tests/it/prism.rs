//! A second judge of our requests and of the stand-in: the proxy `prism`, with GitHub's own description.

use serde_json::{Value, json};
use testkit::http::{Reply, send};
use testkit::prism::Prism;
use testkit::runner::SHA;
use testkit::{FakeGitHub, FakeRunner, Fault};

use crate::{BINARY, REPOSITORY, run, runner};

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
    for (step, command) in others(&server, &prism.url()) {
        let output = step.run(BINARY, [command]);
        assert_eq!(output.code, 0, "{command}: {}", output.stderr);
    }
    // Prism takes no file in a folder for the `{path}` of a file's content; it answers that there is none.
    let of_files = |violation: &&String| violation.contains("/contents/.github/release.y");
    let violations = prism.violations();
    assert_eq!(violations.iter().filter(|violation| !of_files(violation)).collect::<Vec<_>>(), Vec::<&String>::new());
    // The description is of REST alone.
    let rest = server.requests().iter().filter(|request| request.path != "/graphql").count();
    assert_eq!(prism.passed_on(), rest);

    // Controls: a request and an answer that are wrong.
    let bearer = format!("Bearer {}", server.token());
    let ask = |method: &str, path: &str, body: &Value| {
        let url = format!("{}/repos/{REPOSITORY}{path}", prism.url());
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        send(method, &url, &headers, if body.is_null() { String::new() } else { body.to_string() }.as_bytes()).unwrap()
    };
    let (passed, known) = (server.requests().len(), violations.len());
    assert_eq!(ask("POST", "/git/refs", &json!({"ref": "refs/tags/v2", "sah": SHA})).status, 422);
    assert_eq!((prism.violations().len(), server.requests().len()), (known + 1, passed), "{:?}", prism.violations());
    server.faults().add(Fault::reply(Reply::json(200, &json!([{"name": 1}]))).on("GET", "*/tags"));
    assert!(!ask("GET", "/tags", &Value::Null).is_success());
    assert!(prism.violations().len() > known + 1, "{:?}", prism.violations());
}

/// The other commands, whose calls together are all that they make: a release with an annotated tag and what follows it, a draft, the draft's
/// publication, a bump, and the workflows of a new branch.
fn others(server: &FakeGitHub, url: &str) -> Vec<(FakeRunner, &'static str)> {
    server.set_files(REPOSITORY, SHA, &[("VERSION", "1.1.0\n")]);
    server.add_ref(REPOSITORY, "refs/heads/develop", SHA);
    server.add_workflow(REPOSITORY, "deploy.yml", &["version", "tag", "sha"]);
    let step = || runner(server).api_url(url).env("GITHUB_GRAPHQL_URL", format!("{}/graphql", server.url()));
    let release = |version: &str| step().input("version", version).input("dispatch", "deploy.yml\nacme/shop:released");
    let head = json!({"pull_request": {"base": {"sha": SHA}, "head": {"sha": SHA}}});
    let pull = step().github("pull_request", "refs/pull/7/merge", SHA, REPOSITORY).event(head);
    vec![
        (release("1.1.0-rc.1").input("tag-message", "Release {version}"), "release"),
        (release("1.1.0-rc.1"), "release"),
        (release("1.1.0").input("draft", "true").input("paths", "VERSION"), "release"),
        (release("1.1.0").input("publish-draft", "true"), "release"),
        (step().input("released-version", "1.1.0"), "bump"),
        (step().input("released-version", "1.1.0"), "bump"),
        (pull.file(".github/workflows/ci.yml", "on: [pull_request]\n"), "paths"),
    ]
}
