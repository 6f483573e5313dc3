//! `version-detect release`: a release, its notes, and what it starts.

use serde_json::json;
use testkit::github::{Commit, Pull};
use testkit::http::Reply;
use testkit::runner::SHA;
use testkit::{FakeGitHub, FakeRunner, Fault, RunOutput};

use crate::{BINARY, OTHER, REPOSITORY, annotations, runner};

/// Three commits behind the tag `v1.0.0`, the last of them the run's: a pull request, a commit in `api`, a chore.
pub(crate) fn server() -> FakeGitHub {
    let server = FakeGitHub::builder().repository("acme/deploy").start().unwrap();
    let history = [
        (OTHER, "chore: begin", "", "README.md"),
        ("1111111111111111111111111111111111111111", "feat: a cart (#7)", OTHER, "web/cart"),
        (
            "2222222222222222222222222222222222222222",
            "fix(api): a leak",
            "1111111111111111111111111111111111111111",
            "api/x",
        ),
        (SHA, "chore: 1.1.0", "2222222222222222222222222222222222222222", "VERSION"),
    ];
    for (sha, message, parent, path) in history {
        let parents = if parent.is_empty() { Vec::new() } else { vec![parent.to_owned()] };
        let (sha, message, login) = (sha.to_owned(), message.to_owned(), Some("mona".to_owned()));
        server.add_history(
            REPOSITORY,
            Commit { sha, message, login, parents, paths: vec![path.to_owned()], ..Commit::default() },
        );
    }
    let title = "feat: a cart <b>@all</b>".to_owned();
    let merged = vec![history[1].0.to_owned()];
    let state = "closed".to_owned();
    server.add_pull(REPOSITORY, Pull { number: 7, title, state, login: "hubot".to_owned(), merged, ..Pull::default() });
    server.add_tag(REPOSITORY, "v1.0.0", OTHER);
    server.add_workflow(REPOSITORY, "deploy.yml", &["version", "tag", "sha"]);
    server
}

pub(crate) fn step(server: &FakeGitHub) -> FakeRunner {
    runner(server).input("version", "1.1.0")
}

pub(crate) fn release(runner: &FakeRunner) -> RunOutput {
    runner.run(BINARY, ["release"])
}

fn writes(server: &FakeGitHub) -> usize {
    server.requests().iter().filter(|request| request.method != "GET" && request.path != "/graphql").count()
}

/// A draft that a person made.
pub(crate) fn put_draft(server: &FakeGitHub, target: &str, body: &str) {
    let draft = json!({"tag_name": "v1.1.0", "draft": true, "target_commitish": target, "body": body});
    let headers =
        [("authorization", format!("Bearer {}", server.token())), ("content-type", "application/json".to_owned())];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let url = format!("{}/repos/{REPOSITORY}/releases", server.url());
    assert_eq!(testkit::http::send("POST", &url, &headers, draft.to_string().as_bytes()).unwrap().status, 201);
}

/// The text of the one release.
fn body(server: &FakeGitHub) -> String {
    assert_eq!(server.releases(REPOSITORY).len(), 1);
    server.releases(REPOSITORY)[0]["body"].as_str().unwrap().to_owned()
}

#[track_caller]
fn check(out: &RunOutput, exit: i32, code: &str) {
    out.assert_code(exit);
    assert!(out.stdout.contains(&format!("::error title={code}")), "{code}: {} {}", out.stdout, out.stderr);
}

#[test]
fn a_version_is_released_with_notes_and_a_second_run_finds_it_done() {
    let server = server();
    let first = release(&step(&server));
    first.assert_code(0);
    assert_eq!(annotations(&first), ["::notice title=version-release::released 1.1.0 as v1.1.0 from commit c0ffee0"]);
    assert_eq!(server.tag(REPOSITORY, "v1.1.0").as_deref(), Some(SHA));
    let made = &server.releases(REPOSITORY)[0];
    let body = made["body"].as_str().unwrap();
    for line in [
        "## Features",
        "- a cart &lt;b&gt;@<!-- -->all&lt;/b&gt; ([#7](https://github.com/acme/shop/pull/7)) by @hubot",
        "- **api:** a leak ([2222222](https://github.com/acme/shop/commit/2222222222222222222222222222222222222222)) by @mona",
        "@hubot, @mona",
        "**Full changelog**: [v1.0.0...v1.1.0](https://github.com/acme/shop/compare/v1.0.0...v1.1.0)",
    ] {
        assert!(body.lines().any(|found| found == line), "{line}: {body}");
    }
    assert!(!body.contains("begin") && first.outputs["notes"].trim() == body.trim(), "{body}");
    assert_eq!((first.outputs["created"].as_str(), first.outputs["previous-tag"].as_str()), ("true", "v1.0.0"));
    assert_eq!((made["prerelease"].as_bool(), server.latest_release(REPOSITORY)), (Some(false), made["id"].as_u64()));
    assert!(first.summary.contains("what `dispatch` names is started"), "{}", first.summary);

    server.clear_requests();
    let second = release(&step(&server));
    second.assert_code(0);
    let told = "::notice title=version-release::already done: v1.1.0 is released from commit c0ffee0";
    assert_eq!((annotations(&second), writes(&server)), (vec![told], 0));
    assert_eq!(
        (second.outputs["created"].as_str(), second.outputs["release-url"].as_str()),
        ("false", first.outputs["release-url"].as_str())
    );
}

#[test]
fn what_follows_is_started_once_and_again_only_on_request() {
    let server = server();
    let step = step(&server).input("dispatch", "deploy.yml\nacme/deploy:shop-released\ndeploy.yml");
    let first = release(&step);
    first.assert_code(0);
    assert_eq!(first.outputs["started"], "deploy.yml\nacme/deploy:shop-released");
    let inputs = json!({"version": "1.1.0", "tag": "v1.1.0", "sha": SHA});
    assert_eq!(server.dispatches(REPOSITORY), [json!({"workflow": "deploy.yml", "ref": "v1.1.0", "inputs": inputs})]);
    assert_eq!(server.dispatches("acme/deploy"), [json!({"event_type": "shop-released", "client_payload": inputs})]);
    let body = server.releases(REPOSITORY)[0]["body"].clone();
    assert!(!body.as_str().unwrap().contains("to be started"), "{body}");
    release(&step).assert_code(0);
    assert_eq!(server.dispatches(REPOSITORY).len(), 1);
    release(&step.input("dispatch-when", "always")).assert_code(0);
    assert_eq!(server.dispatches(REPOSITORY).len(), 2);
}

#[test]
fn what_was_not_started_is_told_and_started_by_the_next_run() {
    let server = server();
    server.deny("POST", "/repos/acme/deploy/dispatches");
    let step = step(&server).input("dispatch", "deploy.yml\nacme/deploy:shop-released");
    let first = release(&step);
    check(&first, 1, "version-release/not-started");
    assert!(first.stderr.contains("`v1.1.0` is released, and cannot send the event"), "{}", first.stderr);
    assert!(
        first.stderr.contains("contents: write") && first.stderr.contains("acme/deploy:shop-released"),
        "{}",
        first.stderr
    );
    server.faults().clear();
    let second = release(&step);
    second.assert_code(0);
    assert_eq!((server.dispatches(REPOSITORY).len(), server.dispatches("acme/deploy").len()), (1, 1));
    assert_eq!(second.outputs["started"], "acme/deploy:shop-released");
}

#[test]
fn a_workflow_that_declares_no_inputs_is_told_what_to_declare() {
    let server = server();
    server.add_workflow(REPOSITORY, "plain.yml", &[]);
    let out = release(&step(&server).input("dispatch", "plain.yml@main"));
    check(&out, 1, "version-release/not-started");
    assert!(
        out.stderr.contains("Unexpected inputs provided") && out.stderr.contains("on: workflow_dispatch"),
        "{}",
        out.stderr
    );
    let out = release(&step(&server).input("dispatch", "none.yml").input("dispatch-when", "always"));
    check(&out, 1, "version-release/not-started");
    assert!(out.stderr.contains("actions: write"), "{}", out.stderr);
}

#[test]
fn a_dry_run_shows_the_notes_and_the_calls() {
    let server = server();
    let out = release(&step(&server).input("dispatch", "deploy.yml\nacme/deploy:x").input("dry-run", "true"));
    out.assert_code(0);
    assert_eq!((writes(&server), server.tag(REPOSITORY, "v1.1.0")), (0, None));
    for line in [
        format!("- `POST /git/refs refs/tags/v1.1.0 {SHA}`"),
        "- `POST /releases v1.1.0 draft=false prerelease=false make_latest=true`".to_owned(),
        "- `POST /actions/workflows/deploy.yml/dispatches v1.1.0`".to_owned(),
        "- `POST /repos/acme/deploy/dispatches x`".to_owned(),
        "## Features".to_owned(),
    ] {
        assert!(out.summary.lines().any(|found| found == line), "{line}: {}", out.summary);
    }
    assert!(
        out.stdout.contains("would release 1.1.0 as v1.1.0") && out.outputs["notes"].contains("a cart"),
        "{}",
        out.stdout
    );
}

#[test]
fn a_project_of_a_repository_has_notes_of_its_own() {
    let server = server();
    server.add_tag(REPOSITORY, "api-v1.0.9", OTHER);
    let step = runner(&server).input("tag", "api-v1.1.0").input("tag-prefix", "api-v").input("component", "api");
    let out =
        release(&step.input("paths", "api\nlibs").input("dispatch", "acme/deploy:x").input("make-latest", "false"));
    out.assert_code(0);
    let made = &server.releases(REPOSITORY)[0];
    assert_eq!((made["name"].as_str(), out.outputs["previous-tag"].as_str()), (Some("api 1.1.0"), "api-v1.0.9"));
    let body = made["body"].as_str().unwrap();
    assert!(body.contains("a leak") && !body.contains("a cart") && !body.contains("chore"), "{body}");
    assert_eq!(
        (
            server.latest_release(REPOSITORY),
            server.dispatches("acme/deploy")[0]["client_payload"]["component"].as_str()
        ),
        (None, Some("api"))
    );
}

#[test]
fn a_first_release_and_one_of_an_older_line() {
    let server = server();
    let first = release(&step(&server).input("tag-prefix", "first-"));
    first.assert_code(0);
    assert!(server.releases(REPOSITORY)[0]["body"].as_str().unwrap().contains("- begin ("));
    server.add_tag(REPOSITORY, "v2.0.0", SHA);
    let backport = release(&step(&server));
    backport.assert_code(0);
    let ids: Vec<_> = server.releases(REPOSITORY).iter().map(|release| release["id"].as_u64()).collect();
    assert_eq!((backport.outputs["previous-tag"].as_str(), server.latest_release(REPOSITORY)), ("v1.0.0", ids[0]));
}

#[test]
fn a_pushed_tag_tells_the_version_and_a_prerelease_is_marked() {
    let server = server();
    server.add_annotated_tag(REPOSITORY, "v2.0.0-rc.1", SHA);
    let pushed = runner(&server).github("push", "refs/tags/v2.0.0-rc.1", SHA, REPOSITORY);
    let out = release(&pushed);
    out.assert_code(0);
    assert_eq!((out.outputs["version"].as_str(), out.outputs["prerelease"].as_str()), ("2.0.0-rc.1", "true"));
    assert_eq!(server.latest_release(REPOSITORY), None);
}

#[test]
fn a_draft_waits_until_it_is_asked_for() {
    let server = server();
    let draft = release(&step(&server).input("draft", "true").input("dispatch", "deploy.yml"));
    draft.assert_code(0);
    assert_eq!((draft.outputs["draft"].as_str(), server.tag(REPOSITORY, "v1.1.0")), ("true", None));
    let left = release(&step(&server).input("dispatch", "deploy.yml"));
    left.assert_code(0);
    assert!(left.stdout.contains("the draft of v1.1.0 waits to be published"), "{}", left.stdout);
    assert!(server.dispatches(REPOSITORY).is_empty());
    let published = release(&step(&server).input("publish-draft", "true").input("dispatch", "deploy.yml"));
    published.assert_code(0);
    assert_eq!((published.outputs["created"].as_str(), published.outputs["draft"].as_str()), ("true", "false"));
    assert_eq!((server.tag(REPOSITORY, "v1.1.0").as_deref(), server.dispatches(REPOSITORY).len()), (Some(SHA), 1));
    let body = server.releases(REPOSITORY)[0]["body"].clone();
    assert!(body.as_str().unwrap().contains("a cart") && !body.as_str().unwrap().contains("to be started"), "{body}");
    assert_eq!(server.releases(REPOSITORY).len(), 1);
}

#[test]
fn a_draft_whose_publication_failed_is_published_with_one_note_and_starts_once() {
    let server = server();
    put_draft(&server, SHA, "by hand");
    let step = step(&server).input("publish-draft", "true").input("dispatch", "deploy.yml\nacme/deploy:x");
    // The note is written, and a rule forbids the publication.
    let forbidden = Reply::json(403, &json!({"message": "Resource not accessible by integration"}));
    server.faults().add(Fault::reply(forbidden).on("PATCH", "*/releases/*").nth(2));
    check(&release(&step), 1, "github/forbidden");
    assert_eq!(body(&server), "by hand\n<!-- slipway: to be started: deploy.yml > acme/deploy:x -->\n");
    server.faults().clear();
    let published = release(&step);
    published.assert_code(0);
    assert_eq!((published.outputs["created"].as_str(), body(&server).as_str()), ("true", "by hand"));
    release(&step).assert_code(0);
    assert_eq!((server.dispatches(REPOSITORY).len(), server.dispatches("acme/deploy").len()), (1, 1));
    assert_eq!(body(&server), "by hand");
}

#[test]
fn a_call_that_may_be_repeated_is_repeated_when_a_draft_is_published() {
    let server = server();
    put_draft(&server, SHA, "by hand");
    for nth in [1, 3] {
        server.faults().add(Fault::status(502).on("PATCH", "*/releases/*").nth(nth));
    }
    let step = step(&server).input("publish-draft", "true").input("dispatch", "deploy.yml");
    release(&step).assert_code(0);
    assert_eq!((body(&server).as_str(), server.dispatches(REPOSITORY).len()), ("by hand", 1));
}

#[test]
fn a_draft_without_room_for_the_note_is_refused_before_anything_is_done() {
    let server = server();
    put_draft(&server, SHA, &"ü".repeat(github_client::LONGEST_RELEASE_BODY - 30));
    let step = || step(&server).input("publish-draft", "true");
    let out = release(&step().input("dispatch", "deploy.yml"));
    check(&out, 1, "version-release/draft-too-long");
    assert!(out.stderr.contains("`v1.1.0` is 15 characters too long"), "{}", out.stderr);
    assert_eq!(server.tag(REPOSITORY, "v1.1.0"), None);
    release(&step()).assert_code(0);
}

#[test]
fn an_old_repository_has_room_for_its_notes_and_for_what_is_to_be_started() {
    let server = server();
    let mut parent = OTHER.to_owned();
    for number in 0..900 {
        let sha = format!("{number:040}");
        let message = format!("feat: {number} {}", "x".repeat(200));
        let parents = vec![std::mem::replace(&mut parent, sha.clone())];
        server.add_history(REPOSITORY, Commit { sha, message, parents, ..Commit::default() });
    }
    let targets: Vec<String> = (0..50).map(|number| format!("acme/deploy:{number}-{}", "x".repeat(90))).collect();
    let step = runner(&server).input("version", "1.1.0").input("commit", &parent);
    let out = release(&step.input("dispatch", &targets.join("\n")));
    out.assert_code(0);
    assert!(body(&server).len() > 110_000 && body(&server).contains("more changes are not listed here"));
    assert_eq!(server.dispatches("acme/deploy").len(), 50);
}

#[test]
fn what_is_checked_out_is_what_is_released() {
    let server = server();
    let step = || {
        let step = step(&server).input("dry-run", "true");
        crate::git(step.workspace(), &["init", "-q"]);
        crate::git(step.workspace(), &["commit", "-q", "--allow-empty", "-m", "another"]);
        step
    };
    let other = release(&step());
    check(&other, 2, "version-release/other-commit");
    assert!(other.stderr.contains(&format!("and the run is about {SHA}")), "{}", other.stderr);
    release(&step().input("commit", SHA)).assert_code(0);
}

#[test]
fn a_tag_with_a_message_is_annotated() {
    let server = server();
    let step = || step(&server).input("tag-message", "Release {version} as {tag}");
    let dry = release(&step().input("dry-run", "true"));
    assert!(dry.summary.contains(&format!("- `POST /git/tags v1.1.0 {SHA}`")), "{}", dry.summary);
    release(&step()).assert_code(0);
    assert_eq!(server.tag_message(REPOSITORY, "v1.1.0").as_deref(), Some("Release 1.1.0 as v1.1.0"));
    assert_eq!(server.tag(REPOSITORY, "v1.1.0").as_deref(), Some(SHA));
    let again = release(&step());
    again.assert_code(0);
    assert_eq!(again.outputs["created"], "false");
}

#[test]
fn the_repository_arranges_the_notes() {
    let server = server();
    let yaml = "changelog:\n  categories:\n    - title: Everything\n      labels: ['*']\n";
    server.add_file(REPOSITORY, SHA, ".github/release.yml", yaml);
    let out = release(&step(&server).input("dry-run", "true"));
    assert!(out.outputs["notes"].starts_with("## Everything\n\n- a cart"), "{}", out.outputs["notes"]);
    server.add_file(REPOSITORY, SHA, ".github/release.yml", "changelog:\n  categories: [");
    let out = release(&step(&server));
    check(&out, 2, "version-release/config-malformed,file=.github/release.yml");
}

#[test]
fn what_cannot_be_released_is_refused_before_anything_is_written() {
    let server = server();
    check(&release(&runner(&server).input("version", "1.1.0-SNAPSHOT")), 2, "version-release/snapshot");
    server.add_file(REPOSITORY, SHA, "slipway.toml", "[version]\nsnapshot = [\"-dev\"]\n");
    check(&release(&runner(&server).input("version", "1.1.0-dev")), 2, "version-release/snapshot");
    server.add_file(REPOSITORY, SHA, "slipway.toml", "[version]\nsnapshot = [\n  \"dev\",\n]\n");
    let bad = release(&runner(&server).input("version", "1.1.0-dev"));
    check(&bad, 2, "version-release/config-malformed,file=slipway.toml,line=3");
    check(&release(&runner(&server).input("version", "1.0.0")), 1, "version-release/tag-elsewhere");
    let pull = step(&server).github("pull_request", "refs/pull/7/merge", SHA, REPOSITORY);
    check(&release(&pull), 2, "version-release/on-pull-request");
    for (event, git_ref) in [
        ("merge_group", "refs/heads/gh-readonly-queue/main/pr-7-0a1b"),
        ("push", "refs/heads/gh-readonly-queue/main/pr-7-0a1b"),
        ("workflow_dispatch", "refs/pull/7/merge"),
    ] {
        let queue = step(&server).github(event, git_ref, SHA, REPOSITORY);
        check(&release(&queue), 2, "version-release/on-pull-request");
    }
    for (version, tag) in [("1.0.0", "v11.0.0"), ("1.0.0", "v2.0.0-1.0.0"), ("1.0.0", "v1.0.1")] {
        let other = release(&runner(&server).input("version", version).input("tag", tag));
        other.assert_code(2);
        assert!(other.stderr.contains(&format!("is no tag of the version `{version}`")), "{}", other.stderr);
    }
    let many: Vec<String> = (0..100).map(|number| format!("{number}{}.yml", "x".repeat(90))).collect();
    let many = release(&step(&server).input("dispatch", &many.join("\n")));
    many.assert_code(2);
    assert!(many.stderr.contains("more than 8000 bytes"), "{}", many.stderr);
    check(&release(&step(&server).without("INPUT_GITHUB_TOKEN")), 2, "version-release/needs-token");
    let unknown = step(&server).input("commit", "3333333333333333333333333333333333333333");
    check(&release(&unknown), 1, "version-release/unknown-commit");
    let bad = runner(&server)
        .input("version", "a b")
        .input("dispatch", "deploy\nx/y:")
        .input("paths", "../x")
        .input("commit", "abc");
    let out = release(&bad);
    out.assert_code(2);
    for name in ["version", "dispatch", "paths", "commit"] {
        assert!(out.stderr.contains(&format!("`{name}`")), "{name}: {}", out.stderr);
    }
    assert_eq!(writes(&server), 0);
    put_draft(&server, OTHER, "");
    check(&release(&step(&server).input("publish-draft", "true")), 1, "version-release/draft-elsewhere");
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    let server = server();
    testkit::hostile::check_command(BINARY, "release", || step(&server).input("dry-run", "true"));
}

#[test]
fn a_lost_race_is_read_back_and_starts_nothing() {
    let server = server();
    server
        .faults()
        .add(Fault::reply(Reply::json(404, &json!({"message": "Not Found"}))).on("GET", "*/releases/tags/*"));
    release(&step(&server)).assert_code(0);
    server.clear_requests();
    server
        .faults()
        .add(Fault::reply(Reply::json(404, &json!({"message": "Not Found"}))).on("GET", "*/releases/tags/*"));
    let late = release(&step(&server).input("dispatch", "deploy.yml"));
    late.assert_code(0);
    assert_eq!((late.outputs["created"].as_str(), server.dispatches(REPOSITORY).len()), ("false", 0));
    assert!(late.stdout.contains("already done"), "{}", late.stdout);
}

#[test]
fn a_cancelled_run_begins_nothing_more_and_is_completed_by_the_next() {
    let server = server();
    server.faults().add(Fault::delay(std::time::Duration::from_secs(2)).on("POST", "*/git/refs"));
    let step = step(&server).input("dispatch", "deploy.yml");
    let mut running = step.spawn(BINARY, ["release"]);
    running.wait_for_output("3 commits since v1.0.0");
    let started = std::time::Instant::now();
    while !server.requests().iter().any(|request| request.method == "POST" && request.path.ends_with("/git/refs")) {
        assert!(started.elapsed().as_secs() < 30, "the tag is not asked for");
        std::thread::yield_now();
    }
    running.interrupt();
    let out = running.finish();
    out.assert_code(130);
    let told = "version-release/cancelled: cancelled before the release of `v1.1.0` was created";
    assert!(out.stderr.contains(told), "{}", out.stderr);
    assert!(server.releases(REPOSITORY).is_empty());
    release(&step).assert_code(0);
    assert_eq!((server.releases(REPOSITORY).len(), server.dispatches(REPOSITORY).len()), (1, 1));
}
