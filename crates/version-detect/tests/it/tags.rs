//! Comparing with the repository's tags, and creating one.

use std::time::Duration;

use testkit::runner::SHA;
use testkit::{FakeGitHub, FakeRunner, Fault};

use crate::{BINARY, OTHER, REPOSITORY, annotations, on_branch, on_pull, run, runner};

fn creating(server: &FakeGitHub) -> FakeRunner {
    runner(server).file("VERSION", "1.0.0\n").input("create-tag", "true")
}

fn writes(server: &FakeGitHub) -> usize {
    server.requests().iter().filter(|request| request.method != "GET").count()
}

#[test]
fn the_commit_is_tagged_and_a_second_run_finds_it_done() {
    let server = FakeGitHub::start().unwrap();
    let first = run(&creating(&server));
    first.assert_code(0);
    assert_eq!((first.outputs["tag-created"].as_str(), first.outputs["tag"].as_str()), ("true", "v1.0.0"));
    assert_eq!(annotations(&first), ["::notice title=version-detect::tagged commit c0ffee0 as v1.0.0"]);
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
    let second = run(&creating(&server));
    second.assert_code(0);
    assert_eq!(second.outputs["tag-created"], "false");
    assert_eq!((second.outputs["changed"].as_str(), second.outputs["publish"].as_str()), ("false", "true"));
    assert_eq!(annotations(&second), ["::notice title=version-detect::already done: this commit is tagged as v1.0.0"]);
    assert_eq!(writes(&server), 1);
}

#[test]
fn an_annotated_tag_at_the_commit_is_as_good() {
    let server = FakeGitHub::start().unwrap();
    server.add_annotated_tag(REPOSITORY, "v1.0.0", SHA);
    run(&creating(&server)).assert_code(0);
    assert_eq!(writes(&server), 0);
}

#[test]
fn a_tag_at_another_commit_stays_there() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v1.0.0", OTHER);
    let output = run(&creating(&server));
    output.assert_code(1);
    assert!(
        output
            .stderr
            .contains(&format!("version-detect/tag-elsewhere: the tag `v1.0.0` is at commit {OTHER}, not at {SHA}")),
        "{}",
        output.stderr
    );
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(OTHER));
    assert_eq!(writes(&server), 0);
    let unasked = run(&runner(&server).file("VERSION", "1.0.0"));
    unasked.assert_code(0);
    assert_eq!((unasked.outputs["changed"].as_str(), unasked.outputs["publish"].as_str()), ("false", "false"));
}

#[test]
fn a_lost_race_is_read_back() {
    let server = FakeGitHub::start().unwrap();
    let refusal = serde_json::json!({ "message": "Reference already exists" });
    let race = || Fault::reply(testkit::http::Reply::json(422, &refusal)).on("POST", "*/git/refs");
    server.faults().add(race());
    // The list does not know the tag yet, the refusal says that it is there.
    let empty = testkit::http::Reply::json(200, &serde_json::json!([]));
    server.faults().add(Fault::reply(empty).on("GET", "*/matching-refs/*").times(2));
    server.add_tag(REPOSITORY, "v1.0.0", SHA);
    let same = run(&creating(&server));
    same.assert_code(0);
    assert_eq!(same.outputs["tag-created"], "false");
    server.add_tag(REPOSITORY, "v1.0.0", OTHER);
    server.faults().add(race());
    let other = run(&creating(&server));
    other.assert_code(1);
    assert!(other.stderr.contains(OTHER) && other.stderr.contains(SHA), "{}", other.stderr);
}

#[test]
fn a_version_costs_two_requests_at_most_and_a_message_one_more() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v0.9.0", OTHER);
    let asked = |step: &FakeRunner, code| {
        let before = server.requests().len();
        run(step).assert_code(code);
        server.requests()[before..].iter().map(testkit::http::Request::line).collect::<Vec<_>>()
    };
    let path = |method: &str, rest: &str| format!("{method} /repos/{REPOSITORY}/git/{rest}");
    let list = path("GET", "matching-refs/tags%2Fv");
    let new = asked(&creating(&server), 0);
    assert_eq!(new, [list.clone(), path("POST", "refs")]);
    assert_eq!(asked(&creating(&server), 0), std::slice::from_ref(&list));
    let annotated = creating(&server).file("VERSION", "1.1.0").input("tag-message", "Release {version}\n\nas {tag}");
    assert_eq!(asked(&annotated, 0), [list.clone(), path("POST", "tags"), path("POST", "refs")]);
    assert_eq!(server.tag_message(REPOSITORY, "v1.1.0").as_deref(), Some("Release 1.1.0\n\nas v1.1.0"));
    let known = asked(&annotated, 0);
    assert_eq!((known.len(), &known[0]), (2, &list));
    assert!(known[1].starts_with(&path("GET", "tags/")), "{known:?}");
}

#[test]
fn a_run_that_is_cancelled_between_the_object_and_the_tag_leaves_no_tag() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::delay(Duration::from_secs(1)).on("POST", "*/git/tags"));
    let step = creating(&server).input("tag-message", "Release {version}").env("RUNNER_DEBUG", "1");
    let mut running = step.spawn(BINARY, [] as [&str; 0]);
    running.wait_for_output("matching-refs");
    running.interrupt();
    let output = running.finish();
    output.assert_code(130);
    assert!(output.stderr.contains("version-detect/cancelled"), "{}", output.stderr);
    assert_eq!(server.tag(REPOSITORY, "v1.0.0"), None);
    run(&step).assert_code(0);
}

#[test]
fn a_message_without_text_is_refused() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&creating(&server).input("tag-message", " \n "));
    output.assert_code(2);
    assert!(output.stderr.contains("tag-message"), "{}", output.stderr);
    assert!(server.requests().is_empty());
}

#[test]
fn a_dry_run_creates_nothing() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&creating(&server).input("dry-run", "true"));
    output.assert_code(0);
    assert_eq!(output.outputs["tag-created"], "false");
    assert!(output.stdout.contains("commit c0ffee0 would be tagged as v1.0.0"), "{}", output.stdout);
    assert_eq!((writes(&server), server.tag(REPOSITORY, "v1.0.0")), (0, None));
}

#[test]
fn only_main_is_tagged_and_a_pull_request_never() {
    let server = FakeGitHub::start().unwrap();
    let develop = run(&on_branch(&server, "develop").file("VERSION", "1.1.0-SNAPSHOT").input("create-tag", "true"));
    develop.assert_code(0);
    assert!(develop.summary.contains("No tag was created"), "{}", develop.summary);
    let pull = run(&on_pull(&server, "feature/a", "main").file("VERSION", "1.0.0").input("create-tag", "true"));
    pull.assert_code(2);
    assert!(pull.stderr.contains("version-detect/create-tag-on-pull-request"), "{}", pull.stderr);
    assert_eq!(writes(&server), 0);
}

#[test]
fn projects_of_one_repository_have_prefixes_of_their_own() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v1.0.0", OTHER);
    let output = run(&creating(&server).input("tag-prefix", "frontend/v"));
    output.assert_code(0);
    assert_eq!(output.outputs["previous-version"], "");
    assert_eq!(server.tag(REPOSITORY, "frontend/v1.0.0").as_deref(), Some(SHA));
}

#[test]
fn a_token_that_may_not_write_gets_the_line_to_add() {
    let server = FakeGitHub::start().unwrap();
    server.deny("POST", "*/git/refs");
    let output = run(&creating(&server));
    output.assert_code(1);
    assert!(output.stderr.contains("contents: write"), "{}", output.stderr);
    assert!(output.summary.contains("permissions:\n  contents: write"), "{}", output.summary);
}

#[test]
fn a_repository_that_cannot_be_seen_is_no_new_version() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&runner(&server).env("GITHUB_REPOSITORY", "acme/secret").file("VERSION", "1.0.0"));
    output.assert_code(1);
    assert!(
        output.stderr.contains("repository `acme/secret` was not found, or the token may not see it"),
        "{}",
        output.stderr
    );
}

#[test]
fn an_enterprise_server_and_a_weak_network_are_coped_with() {
    let server = FakeGitHub::builder().ghes().start().unwrap();
    server.faults().add(Fault::status(503).on("POST", "*/git/refs"));
    server.faults().add(Fault::throttle(0).on("GET", "*"));
    run(&creating(&server)).assert_code(0);
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
}

#[test]
fn a_used_up_rate_limit_says_when_it_ends() {
    let server = FakeGitHub::start().unwrap();
    server.rate_limit(Duration::from_hours(1));
    let output = run(&creating(&server));
    output.assert_code(1);
    assert!(output.stderr.contains("github/rate-limited"), "{}", output.stderr);
}

#[test]
fn json_is_the_outcome_and_nothing_else() {
    let server = FakeGitHub::start().unwrap();
    let output = creating(&server).run(BINARY, ["--output", "json"]);
    output.assert_code(0);
    let outcome: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&outcome["version"], &outcome["tag_created"]), (&"1.0.0".into(), &true.into()));
    assert_eq!(outcome["tagging"]["action"], "create");
}

#[test]
fn the_token_is_shown_nowhere() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&creating(&server).env("RUNNER_DEBUG", "1"));
    let unmasked: String = output.stdout.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    for text in [&unmasked, &output.stderr, &output.summary] {
        assert!(!text.contains(server.token()), "{text}");
    }
}
