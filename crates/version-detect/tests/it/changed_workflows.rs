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
pub(crate) fn origin() -> (Origin, String) {
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
    // A new branch: all of the commits that it brings, of which the filter of branches takes none.
    let brings = |commits: &[&String]| {
        let commits: Vec<Value> = commits.iter().map(|id| json!({ "id": id })).collect();
        json!({"before": ZEROS, "commits": commits, "repository": {"default_branch": "main"}})
    };
    let output = pushed(&server, &origin, "refs/heads/feature/x", brings(&[&one, &two]), &two);
    assert_eq!(running(&output), "ci.yaml");
    let reasons: Value = serde_json::from_str(&output.outputs["reasons-json"]).unwrap();
    assert_eq!(reasons["backend.yml"]["reason"], "its filter of branches does not take `feature/x`");
    assert_eq!(reasons["frontend.yml"]["reason"], "its filter of paths takes none of the changed files");
    // One that was cut from another branch brings its own commit alone, whatever the other has over `main`.
    origin.git(&["checkout", "-q", "-b", "feature/y"]);
    let three = origin.commit(&[("libs/shared.rs", Some("y"))]);
    let four = origin.commit(&[("README.md", Some("y"))]);
    origin.show(&server);
    let output = pushed(&server, &origin, "refs/heads/feature/y", brings(&[&four]), &four);
    assert_eq!(running(&output), "ci.yaml");
    let output = pushed(&server, &origin, "refs/heads/feature/y", brings(&[&three, &four]), &four);
    assert_eq!(running(&output), "ci.yaml frontend.yml");
    // One without a commit of its own, of which GitHub says nothing: in doubt it runs.
    let output = pushed(&server, &origin, "refs/heads/feature/z", brings(&[]), &four);
    assert_eq!(running(&output), "ci.yaml frontend.yml");
    assert!(output.stdout.contains("the branch is new and brings no commit of its own"), "{}", output.stdout);
    // The branch's commit before a push by force is gone: the parent stands in for it.
    let output = pushed(&server, &origin, "refs/heads/main", to_main(&"d".repeat(40)), &one);
    assert_eq!(running(&output), "backend.yml ci.yaml");
    // The first commit of all: everything is new.
    let output = pushed(&server, &origin, "refs/heads/main", to_main(ZEROS), &first);
    assert_eq!(running(&output), "backend.yml ci.yaml frontend.yml");
    let tag = pushed(&server, &origin, "refs/tags/v1", to_main(ZEROS), &first);
    assert_eq!(running(&tag), "ci.yaml frontend.yml");
}

/// A repository with a pull request for `feature/x`, which changed the README and, as `main` has done meanwhile, the backend. Gives the
/// commits of `main`, of `feature/x` and of their merge.
pub(crate) fn with_pull(origin: &Origin) -> [String; 3] {
    origin.git(&["checkout", "-q", "-b", "feature/x"]);
    let head = origin.commit(&[("README.md", Some("mine")), ("services/backend/main.rs", Some("fixed"))]);
    origin.git(&["checkout", "-q", "main"]);
    // What others changed meanwhile does not count, but where the pull request changes it likewise.
    let base = origin.commit(&[("services/backend/main.rs", Some("fixed")), ("libs/shared.rs", Some("theirs"))]);
    origin.git(&["checkout", "-q", "-b", "merge"]);
    origin.git(&["merge", "-q", "--no-ff", "-m", "merge", "feature/x"]);
    [base, head, origin.git(&["rev-parse", "HEAD"])]
}

pub(crate) fn pull(base: &str, head: &str, action: &str) -> Value {
    json!({"action": action, "pull_request": {"number": 7, "base": {"sha": base}, "head": {"sha": head}}})
}

#[test]
fn a_pull_request_is_all_that_it_changes_also_where_its_target_has_the_same_change() {
    let (origin, _) = origin();
    let [base, head, merge] = with_pull(&origin);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let step = |base_ref: &str, action: &str| {
        runner(&server)
            .github("pull_request", "refs/pull/7/merge", &merge, REPOSITORY)
            .env("GITHUB_HEAD_REF", "feature/x")
            .env("GITHUB_BASE_REF", base_ref)
            .event(pull(&base, &head, action))
    };
    let shallow = |base_ref: &str, action: &str| {
        let step = step(base_ref, action);
        origin.check_out(&step, &merge);
        paths(&step)
    };
    // The merge differs from its target in the README alone; GitHub starts the backend's workflow all the same.
    assert_eq!(running(&shallow("main", "synchronize")), "backend.yml ci.yaml frontend.yml");
    let asked: Vec<String> = server.requests().iter().map(testkit::http::Request::line).collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert_eq!(running(&shallow("dev", "synchronize")), "ci.yaml frontend.yml");
    assert_eq!(running(&shallow("main", "labeled")), "");
    // A whole clone knows it all.
    server.clear_requests();
    let whole = step("main", "opened");
    crate::git(whole.workspace(), &["clone", "-q", &origin.path().display().to_string(), "."]);
    assert_eq!(running(&paths(&whole)), "backend.yml ci.yaml frontend.yml");
    assert!(server.requests().is_empty());
}

#[test]
fn a_pull_request_starts_what_its_target_starts_for_it_too() {
    let (origin, _) = origin();
    let target = "on:\n  pull_request_target:\n    paths: [services/backend/**]\n";
    origin.commit(&[(".github/workflows/label.yml", Some(target))]);
    let [base, head, merge] = with_pull(&origin);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    for (event, git_ref, commit, own) in [
        ("pull_request", "refs/pull/7/merge", &merge, "ci.yaml"),
        ("pull_request_target", "refs/heads/main", &base, "label.yml"),
    ] {
        let step = runner(&server)
            .github(event, git_ref, commit, REPOSITORY)
            .env("GITHUB_HEAD_REF", "feature/x")
            .env("GITHUB_BASE_REF", "main")
            .event(pull(&base, &head, "opened"));
        origin.check_out(&step, commit);
        let output = paths(&step);
        assert_eq!(running(&output), "backend.yml ci.yaml frontend.yml label.yml", "{event}");
        let reasons: Value = serde_json::from_str(&output.outputs["reasons-json"]).unwrap();
        assert_eq!(reasons["label.yml"]["event"], "pull_request_target");
        assert_eq!(reasons["backend.yml"]["event"], "pull_request");
        assert_eq!(reasons[own]["event"], event);
    }
}

#[test]
fn an_event_without_paths_costs_no_request_and_names_nobody_whom_it_does_not_start() {
    let (origin, first) = origin();
    let after = origin.commit(&[
        (".github/workflows/again.yml", Some("on: workflow_dispatch\n")),
        (".github/workflows/behind.yml", Some("on:\n  workflow_run:\n    workflows: [Build]\n    branches: [dev]\n")),
        (".github/workflows/early.yml", Some("on:\n  schedule:\n    - cron: '1 2 * * *'\n")),
        (".github/workflows/late.yml", Some("on:\n  schedule:\n    - cron: '9 2 * * *'\n")),
    ]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let queue =
        json!({"action": "checks_requested", "merge_group": {"base_sha": first, "base_ref": "refs/heads/main"}});
    let by_hand = |file: &str| json!({ "workflow": format!(".github/workflows/{file}"), "ref": "refs/heads/main" });
    let ended = |name: &str, branch: &str| {
        let run = json!({ "name": name, "head_branch": branch });
        json!({ "action": "completed", "workflow": { "name": name }, "workflow_run": run })
    };
    for (event, payload, expect) in [
        ("merge_group", queue, "ci.yaml"),
        ("workflow_dispatch", by_hand("ci.yaml"), "ci.yaml"),
        ("workflow_dispatch", by_hand("again.yml"), "again.yml"),
        // A payload that does not say which was started names all that may have been.
        ("workflow_dispatch", json!({}), "again.yml ci.yaml"),
        ("schedule", json!({"schedule": "9 2 * * *"}), "late.yml"),
        ("workflow_run", ended("Build", "dev"), "behind.yml"),
        ("workflow_run", ended("Build", "main"), ""),
        ("workflow_run", ended("Test", "dev"), ""),
    ] {
        let runner = runner(&server).github(event, "refs/heads/main", &after, REPOSITORY).event(payload.clone());
        origin.check_out(&runner, &after);
        assert_eq!(running(&paths(&runner)), expect, "{event} {payload}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_that_is_no_workflow_stops_nobody_and_a_name_with_a_line_break_is_no_two_names() {
    let (origin, _) = origin();
    let after = origin.commit(&[
        (".github/workflows/values.yml", Some("key: value\n")),
        (".github/workflows/a\nb.yml", Some("on: push\n")),
    ]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let step = runner(&server).github("push", "refs/heads/main", &after, REPOSITORY).event(to_main(ZEROS));
    origin.check_out(&step, &after);
    let output = paths(&step);
    assert_eq!(running(&output), "backend.yml ci.yaml frontend.yml");
    let reasons: Value = serde_json::from_str(&output.outputs["reasons-json"]).unwrap();
    assert_eq!(reasons["values.yml"]["reason"], "it has no `on`, so it is no workflow");
    let told = "::warning title=changed-workflows::1 of the files in .github/workflows are passed over";
    assert!(output.stdout.contains(told), "{}", output.stdout);
    let asked = step.run(BINARY, ["paths", "--workflows", "values.yml"]);
    asked.assert_code(2);
    assert!(asked.stderr.contains("version-detect/malformed: `.github/workflows/values.yml`"), "{}", asked.stderr);
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
    let own = |head: &str, base: &str| {
        let runner = runner(&server)
            .github("pull_request", "refs/pull/7/merge", head, REPOSITORY)
            .env("GITHUB_HEAD_REF", "feature/x")
            .env("GITHUB_BASE_REF", base)
            .event(pull(&first, head, "synchronize"));
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
        assert_eq!(own(&head, "main"), wanted.trim_end(), "{changed:?}");
        if changed.len() == 3 {
            assert_eq!(own(&head, "develop"), "ci.yml backend.yml frontend.yml");
            assert_eq!(own(&head, "dev"), "ci.yml infrastructure.yml");
            assert_eq!(own(&head, "feature/main"), "ci.yml");
        }
    }
}
