//! Which workflows run for what changed.

use serde_json::{Value, json};
use testkit::{FakeGitHub, FakeRunner, RunOutput};

use crate::origin::{Origin, state};
use crate::{BINARY, REPOSITORY, runner};

const BACKEND: &str = "on:\n  push:\n    branches: [main, develop]\n    paths: &paths\n      - services/backend/**\n      - '!services/backend/**/*.md'\n      - libs/**\n  pull_request:\n    branches: [main, develop]\n    paths: *paths\n";
const FRONTEND: &str = "on:\n  push:\n    paths-ignore: ['**.md', 'services/backend/**']\n  pull_request:\n";
const CI: &str = "on: [push, pull_request, merge_group, workflow_dispatch]\n";

const ZEROS: &str = "0000000000000000000000000000000000000000";

/// A repository with three workflows and some files.
fn origin() -> (Origin, String) {
    let origin = Origin::new();
    let first = origin.commit(&[
        (".github/workflows/backend.yml", Some(BACKEND)),
        (".github/workflows/ci.yaml", Some(CI)),
        (".github/workflows/frontend.yml", Some(FRONTEND)),
        ("services/backend/main.rs", Some("fn main() {}")),
        ("services/backend/docs/a.md", Some("text")),
        ("libs/shared.rs", Some("1")),
        ("README.md", Some("text")),
    ]);
    (origin, first)
}

fn paths(runner: &FakeRunner) -> RunOutput {
    runner.run(BINARY, ["paths"])
}

/// What runs for the push of `after`.
fn pushed(server: &FakeGitHub, origin: &Origin, git_ref: &str, event: Value, after: &str) -> RunOutput {
    let runner = runner(server).github("push", git_ref, after, REPOSITORY).event(event);
    origin.check_out(&runner, after);
    let before = state(runner.workspace());
    let output = paths(&runner);
    assert_eq!(state(runner.workspace()), before, "the clone was changed");
    output
}

fn to_main(before: &str) -> Value {
    json!({"before": before, "repository": {"default_branch": "main"}})
}

/// The workflows that run, between blanks.
#[track_caller]
fn running(output: &RunOutput) -> String {
    output.assert_code(0);
    let lines = output.outputs["workflows"].replace('\n', " ");
    let json: Vec<String> = serde_json::from_str(&output.outputs["workflows-json"]).unwrap();
    assert_eq!(json.join(" "), lines);
    lines
}

#[test]
fn a_push_runs_what_its_files_are_for_and_costs_one_request() {
    let (origin, first) = origin();
    for (changed, expect) in [
        (&[("services/backend/main.rs", Some("x"))][..], "backend.yml ci.yaml"),
        (&[("services/backend/docs/a.md", Some("y"))], "ci.yaml"),
        (&[("README.md", Some("y"))], "ci.yaml"),
        (&[("libs/shared.rs", Some("2"))], "backend.yml ci.yaml frontend.yml"),
        // What was renamed is there under its old name, too.
        (&[("libs/shared.rs", None), ("other/shared.rs", Some("1"))], "backend.yml ci.yaml frontend.yml"),
        (&[("services/backend/ü \"q\"\n.rs", Some("x"))], "backend.yml ci.yaml"),
        (&[], "ci.yaml"),
    ] {
        origin.git(&["checkout", "-q", "-B", "main", &first]);
        let after = origin.commit(changed);
        let server = FakeGitHub::start().unwrap();
        origin.show(&server);
        let output = pushed(&server, &origin, "refs/heads/main", to_main(&first), &after);
        assert_eq!(running(&output), expect, "{changed:?}");
        let asked: Vec<String> = server.requests().iter().map(testkit::http::Request::line).collect();
        assert_eq!(asked, [format!("GET /repos/{REPOSITORY}/git/trees/{first}?recursive=1")]);
    }
}

#[test]
fn a_new_branch_a_forced_push_and_the_first_commit_are_compared_with_what_there_is() {
    let (origin, first) = origin();
    origin.git(&["checkout", "-q", "-b", "feature/x"]);
    let one = origin.commit(&[("services/backend/main.rs", Some("x"))]);
    let two = origin.commit(&[("README.md", Some("x"))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    // A new branch: all of its commits, against `main`. The filter of branches does not take it.
    let output = pushed(&server, &origin, "refs/heads/feature/x", to_main(ZEROS), &two);
    assert_eq!(running(&output), "ci.yaml");
    let reasons: Value = serde_json::from_str(&output.outputs["reasons-json"]).unwrap();
    assert_eq!(reasons["backend.yml"]["reason"], "its filter of branches does not take `feature/x`");
    assert_eq!(reasons["frontend.yml"]["reason"], "its filter of paths takes none of the changed files");
    assert!(server.requests()[0].line().contains("compare"), "{:?}", server.requests()[0].line());
    // The branch's commit before a push by force is gone: the parent stands in for it.
    let output = pushed(&server, &origin, "refs/heads/main", to_main(&"d".repeat(40)), &one);
    assert_eq!(running(&output), "backend.yml ci.yaml");
    // The first commit of all: everything is new.
    let output = pushed(&server, &origin, "refs/heads/main", to_main(ZEROS), &first);
    assert_eq!(running(&output), "backend.yml ci.yaml frontend.yml");
    let tag = pushed(&server, &origin, "refs/tags/v1", to_main(ZEROS), &first);
    assert_eq!(running(&tag), "ci.yaml frontend.yml");
}

#[test]
fn a_pull_request_is_its_merge_against_the_target() {
    let (origin, _) = origin();
    origin.git(&["checkout", "-q", "-b", "feature/x"]);
    origin.commit(&[("README.md", Some("mine"))]);
    origin.git(&["checkout", "-q", "main"]);
    // What others changed meanwhile does not count.
    origin.commit(&[("services/backend/main.rs", Some("theirs"))]);
    origin.git(&["checkout", "-q", "-b", "merge"]);
    origin.git(&["merge", "-q", "--no-ff", "-m", "merge", "feature/x"]);
    let merge = origin.git(&["rev-parse", "HEAD"]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let pull = |base: &str, action: &str| {
        let runner = runner(&server)
            .github("pull_request", "refs/pull/7/merge", &merge, REPOSITORY)
            .env("GITHUB_HEAD_REF", "feature/x")
            .env("GITHUB_BASE_REF", base)
            .event(json!({"action": action, "pull_request": {"number": 7}}));
        origin.check_out(&runner, &merge);
        paths(&runner)
    };
    assert_eq!(running(&pull("main", "synchronize")), "ci.yaml frontend.yml");
    assert_eq!(running(&pull("main", "labeled")), "");
    assert_eq!(server.requests().len(), 2, "the parents stand in the shallow clone");
}

#[test]
fn a_queue_and_a_run_by_hand_have_no_paths() {
    let (origin, first) = origin();
    let after = origin.commit(&[("libs/shared.rs", Some("2"))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let queue =
        json!({"action": "checks_requested", "merge_group": {"base_sha": first, "base_ref": "refs/heads/main"}});
    for (event, payload) in [("merge_group", queue), ("workflow_dispatch", json!({})), ("schedule", json!({}))] {
        let runner = runner(&server).github(event, "refs/heads/main", &after, REPOSITORY).event(payload);
        origin.check_out(&runner, &after);
        let expect = if event == "schedule" { "" } else { "ci.yaml" };
        assert_eq!(running(&paths(&runner)), expect, "{event}");
    }
}

#[test]
fn a_clone_that_has_both_commits_needs_no_token_and_no_clone_needs_no_git() {
    let (origin, first) = origin();
    let after = origin.commit(&[("services/backend/main.rs", Some("x"))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let step = runner(&server).github("push", "refs/heads/main", &after, REPOSITORY).event(to_main(&first));
    // The files without their repository, as an archive leaves them.
    origin.check_out(&step, &after);
    std::fs::remove_dir_all(step.workspace().join(".git")).unwrap();
    assert_eq!(running(&paths(&step)), "backend.yml ci.yaml");
    let local = FakeRunner::new().github("push", "refs/heads/main", &after, REPOSITORY).event(to_main(&first));
    crate::git(local.workspace(), &["clone", "-q", &origin.path().display().to_string(), "."]);
    let asked = server.requests().len();
    assert_eq!(running(&paths(&local)), "backend.yml ci.yaml");
    assert_eq!((asked, server.requests().len()), (2, 2));
}

#[test]
fn a_repository_too_large_for_one_list_is_gone_into() {
    let (origin, first) = origin();
    let after = origin.commit(&[("services/backend/main.rs", Some("x")), ("new/folder/file", Some("1"))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    server.truncate_trees(REPOSITORY, 3);
    let output = pushed(&server, &origin, "refs/heads/main", to_main(&first), &after);
    assert_eq!(running(&output), "backend.yml ci.yaml frontend.yml");
    assert!(output.stdout.contains("2 files changed since"), "{}", output.stdout);
}

#[test]
fn a_workflow_that_is_missing_or_broken_is_named() {
    let (origin, first) = origin();
    let after = origin.commit(&[(".github/workflows/bad.yml", Some("on:\n  push:\n    paths: ['!a']\n"))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let step = runner(&server).github("push", "refs/heads/main", &after, REPOSITORY).event(to_main(&first));
    origin.check_out(&step, &after);
    let broken = paths(&step);
    broken.assert_code(2);
    assert!(broken.stderr.contains("version-detect/malformed: `.github/workflows/bad.yml`"), "{}", broken.stderr);
    assert!(broken.stdout.contains("file=.github/workflows/bad.yml,line=3,col=12"), "{}", broken.stdout);
    let missing = step.run(BINARY, ["paths", "--workflows", "ci.yml"]);
    missing.assert_code(2);
    assert!(missing.stderr.contains("version-detect/workflow-missing"), "{}", missing.stderr);
    let outside = step.run(BINARY, ["paths", "--workflows", "../../etc/passwd"]);
    outside.assert_code(2);
    let named = step.run(BINARY, ["paths", "--workflows", "frontend.yml\nci.yaml"]);
    assert_eq!(running(&named), "frontend.yml ci.yaml");
}

/// Changed files, and what of this repository's own workflows starts for them on a pull request to `main`.
const OWN: [(&[&str], &str); 14] = [
    (&["README.md"], ""),
    (&["examples/backend/.hidden/file"], "backend.yml"),
    (&["examples/backend/tab\tand\nnewline"], "backend.yml"),
    (&["docs/line\nexamples/backend/break"], ""),
    (&["examples/backend.md", "examples/backends/x"], ""),
    (&["examples/frontend/a", "examples/backend/b", "infrastructure/c"], "backend.yml frontend.yml infrastructure.yml"),
    (&["actions/ecr-push/action.yml"], "backend.yml frontend.yml"),
    (&[".github/actions/get-tools/action.yml"], "backend.yml frontend.yml"),
    (&["scripts/run-action.sh"], "backend.yml frontend.yml"),
    (&["scripts/run-action.sh.md", "docs/release.lock"], ""),
    (&["release.lock"], "backend.yml frontend.yml"),
    (&[".github/workflows/backend.yml"], "backend.yml"),
    (&["infrastructure/modules/a/b/main.tf"], "infrastructure.yml"),
    (&["INFRASTRUCTURE/main.tf", ".github/workflows/gate.yml"], ""),
];

#[test]
fn the_gate_of_this_repository_waits_for_exactly_what_starts() {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.github/workflows");
    let names = ["ci.yml", "backend.yml", "frontend.yml", "infrastructure.yml", "gate.yml"];
    let texts: Vec<(String, String)> = names
        .iter()
        .map(|name| (format!(".github/workflows/{name}"), std::fs::read_to_string(own.join(name)).unwrap()))
        .collect();
    let gate = &texts[4].1;
    let workflows: Vec<&str> = gate
        .split_once("workflows: |\n")
        .unwrap()
        .1
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    assert_eq!(workflows, names[..4]);
    let origin = Origin::new();
    let files: Vec<(&str, Option<&str>)> =
        texts.iter().map(|(path, text)| (path.as_str(), Some(text.as_str()))).collect();
    let first = origin.commit(&files);
    let server = FakeGitHub::start().unwrap();
    let pull = |head: &str, base: &str| {
        let runner = runner(&server)
            .github("pull_request", "refs/pull/7/merge", head, REPOSITORY)
            .env("GITHUB_HEAD_REF", "feature/x")
            .env("GITHUB_BASE_REF", base)
            .event(json!({"action": "synchronize"}));
        crate::git(runner.workspace(), &["clone", "-q", "--no-checkout", &origin.path().display().to_string(), "."]);
        crate::git(runner.workspace(), &["checkout", "-q", head]);
        let output = runner.run(BINARY, ["paths", "--workflows", &workflows.join("\n")]);
        running(&output)
    };
    for (changed, expect) in OWN {
        origin.git(&["checkout", "-q", "-B", "main", &first]);
        let content = |path: &str| {
            let own = texts.iter().find(|(own, _)| own == path);
            own.map_or_else(|| "x".to_owned(), |(_, text)| format!("{text}# changed\n"))
        };
        let content: Vec<(&str, String)> = changed.iter().map(|path| (*path, content(path))).collect();
        let content: Vec<(&str, Option<&str>)> =
            content.iter().map(|(path, text)| (*path, Some(text.as_str()))).collect();
        let head = origin.commit(&content);
        let wanted = format!("ci.yml {expect}");
        assert_eq!(pull(&head, "main"), wanted.trim_end(), "{changed:?}");
        if changed.len() == 3 {
            assert_eq!(pull(&head, "develop"), "ci.yml backend.yml frontend.yml");
            assert_eq!(pull(&head, "dev"), "ci.yml infrastructure.yml");
            assert_eq!(pull(&head, "feature/main"), "ci.yml");
        }
    }
}
