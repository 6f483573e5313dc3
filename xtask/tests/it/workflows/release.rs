//! The release's own shell, taken out of release.yml and run: which versions it takes, and what it publishes.

use std::path::Path;
use std::process::Command;

use testkit::{FakeRunner, RunOutput};

use super::files::{items, workflow};
use super::steps::{self, Shims};

const COMMIT: &str = "c0ffee0000000000000000000000000000000000";
const OTHER: &str = "0ddba11000000000000000000000000000000000";

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().expect("git is there");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A checkout of this version with this changelog, whose remote has these refs.
fn checkout(version: &str, changelog: &str, refs: &[&str]) -> FakeRunner {
    let manifest =
        format!("[workspace]\n[workspace.package]\nversion = \"{version}\"\n\n[profile.dev]\nversion = \"9.9.9\"\n");
    let runner = FakeRunner::new().file("Cargo.toml", manifest).file("CHANGELOG.md", changelog);
    let (root, remote) = (runner.workspace(), runner.root().join("remote"));
    git(root, &["init", "--quiet"]);
    git(root, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
    git(root, &["init", "--quiet", "--bare", &remote.display().to_string()]);
    git(root, &["remote", "add", "origin", &remote.display().to_string()]);
    for name in refs {
        git(root, &["push", "--quiet", "origin", &format!("HEAD:refs/{name}")]);
    }
    runner
}

fn plan(version: &str, changelog: &str, refs: &[&str]) -> RunOutput {
    steps::run("release", "Read the version", &checkout(version, changelog, refs))
}

#[track_caller]
fn refused(output: &RunOutput, words: &str) {
    assert!(output.code != 0 && output.outputs.is_empty(), "{}", output.stdout);
    assert!(output.stdout.contains(words), "{}{}", output.stdout, output.stderr);
}

#[test]
fn a_version_that_is_new_and_in_the_changelog_is_released() {
    for heading in ["## 1.0.1", "## 1.0.1 (2026-11-21)"] {
        let refs = ["heads/main", "tags/v1.0.0", "tags/v0.9.10", "tags/v1", "tags/v1.0.2-rc.1", "heads/release/v1.0.0"];
        let output = plan("1.0.1", &format!("# Changelog\n\n{heading}\n\n- x\n"), &refs);
        assert_eq!(output.assert_code(0).outputs["version"], "1.0.1");
    }
    assert_eq!(plan("0.1.0", "## 0.1.0\n", &["heads/main"]).assert_code(0).outputs["version"], "0.1.0");
}

#[test]
fn a_version_that_is_no_release_or_has_no_section_is_refused() {
    refused(&plan("1.0.1-SNAPSHOT", "## 1.0.1-SNAPSHOT\n", &[]), "is not a release");
    for changelog in ["# Changelog\n", "## 1.0.10\n", "### 1.0.1\n", "## 1x0.1\n"] {
        refused(&plan("1.0.1", changelog, &[]), "no section for 1.0.1");
    }
}

#[test]
fn a_version_that_exists_or_is_older_than_a_release_is_refused() {
    for name in ["tags/v1.0.1", "heads/release/v1.0.1"] {
        refused(&plan("1.0.1", "## 1.0.1\n", &[name]), "released or under way");
    }
    // The major version's tag would go back.
    refused(&plan("1.9.1", "## 1.9.1\n", &["tags/v1.9.0", "tags/v1.10.0"]), "older than the release 1.10.0");
}

#[test]
fn a_remote_that_does_not_answer_is_not_an_empty_one() {
    let runner = checkout("1.0.1", "## 1.0.1\n", &[]);
    git(runner.workspace(), &["remote", "set-url", "origin", "/nowhere"]);
    let output = steps::run("release", "Read the version", &runner);
    assert!(output.code != 0 && output.outputs.is_empty(), "{}", output.stdout);
}

#[test]
fn the_notes_are_the_section_of_the_version_and_no_other() {
    let shims = Shims::new();
    shims.add("gh", "#!/bin/sh\n");
    let runner = FakeRunner::new()
        .file(
            "CHANGELOG.md",
            "## 1.0.10\n\n- ten\n\n## 1.0.1 (today)\n\n- one\n\n### Fixed\n\n- more\n\n## 1.0.0\n\n- zero\n",
        )
        .env("PATH", shims.search_path())
        .env("VERSION", "1.0.1")
        .env("COMMIT", COMMIT);
    steps::run("release", "Draft", &runner).assert_code(0);
    let notes = std::fs::read_to_string(runner.workspace().join("notes.md")).expect("it was written");
    assert!(notes.starts_with("\n- one\n\n### Fixed\n\n- more\n"), "{notes}");
    assert!(!notes.contains("- ten") && !notes.contains("- zero"), "{notes}");
}

/// Plays `gh`: the draft names what the file `draft` holds, the tag what `tag` holds before and `made` after the publication.
const GH: &str = r#"#!/bin/bash
here=${0%/*}
case "$1 $2" in
  'api '*/matching-refs/*) cat "$here/tags" ;;
  'api '*/git/ref/tags/*) cat "$here/made" ;;
  'release view') cat "$here/draft" ;;
  'release edit') printf '%s\n' "$*" >>"$here/published" ;;
  *) exit 64 ;;
esac
"#;

/// Runs the step that publishes, with these answers; what it published.
fn publish(tags: &str, draft: &str) -> (RunOutput, String) {
    let shims = Shims::new();
    shims.add("gh", GH);
    for (name, content) in [("tags", tags), ("draft", draft), ("made", COMMIT)] {
        std::fs::write(shims.path().join(name), content).expect("the folder is ours");
    }
    let runner = FakeRunner::new().env("PATH", shims.search_path()).env("VERSION", "1.0.1").env("COMMIT", COMMIT);
    let output = steps::run("release", "Publish", &runner);
    (output, shims.read("published"))
}

fn tag(name: &str, sha: &str) -> String {
    format!(r#"[{{"ref": "refs/tags/{name}", "object": {{"sha": "{sha}"}}}}]"#)
}

#[test]
fn the_draft_of_the_release_commit_is_published_and_again_after_half_a_run() {
    for tags in ["[]".to_owned(), tag("v1.0.10", OTHER), tag("v1.0.1", COMMIT)] {
        let (output, published) = publish(&tags, COMMIT);
        output.assert_code(0);
        assert!(published.contains("release edit v1.0.1") && published.contains("--draft=false"), "{published}");
    }
}

#[test]
fn nothing_is_published_where_the_tag_or_the_draft_names_another_commit() {
    for (tags, draft) in [(tag("v1.0.1", OTHER), COMMIT), ("[]".to_owned(), OTHER), ("[]".to_owned(), "main")] {
        let (output, published) = publish(&tags, draft);
        assert!(output.code != 0 && published.is_empty(), "{tags} {draft}: {published}");
        assert!(output.stdout.contains("nothing was published"), "{}", output.stdout);
    }
    // What is not JSON is no answer.
    let (output, published) = publish("<html>", COMMIT);
    assert!(output.code != 0 && published.is_empty(), "{published}");
}

/// Runs the step that compares what was uploaded with the lock, where the lock begins with these lines; true where it is taken.
fn verify(head: &str) -> (bool, RunOutput) {
    let file = workflow("release");
    let legs = items(&file.yaml["jobs"]["build"]["strategy"]["matrix"]["include"]);
    let tools = super::archives::tools();
    let mut lock = format!("# Made by a test.\n{head}");
    let shims = Shims::new();
    let mut runner = FakeRunner::new();
    for target in legs.iter().map(|leg| leg["target"].as_str().expect("text")) {
        for tool in &tools {
            runner = runner.file(&format!("published/{tool}-{target}.tar.gz"), "");
            lock += &format!("asset {tool} {target} {EMPTY} {EMPTY} 0\n");
        }
    }
    std::fs::write(shims.path().join("lock"), &lock).expect("the folder is ours");
    shims.add("gh", "#!/bin/sh\ncat \"${0%/*}/lock\"\n");
    let runner = runner
        .file("published/release.lock", lock)
        .env("PATH", shims.search_path())
        .env("VERSION", "1.0.1")
        .env("COMMIT", COMMIT)
        .env("GITHUB_REPOSITORY", "acme/slipway")
        .env("GITHUB_SHA", OTHER);
    let output = steps::run("release", "Compare with the lock of the release commit", &runner);
    (output.code == 0, output)
}

/// The sha256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What the lock of this run's release begins with.
fn head() -> String {
    let url = "https://github.com/acme/slipway/releases/download/v1.0.1";
    format!("version 1.0.1\nurl {url}\nrepository acme/slipway\ncommit {OTHER}\n")
}

#[test]
fn the_lock_of_this_runs_release_is_verified() {
    let (taken, output) = verify(&head());
    assert!(taken, "{}{}", output.stdout, output.stderr);
}

#[test]
fn a_lock_of_another_release_is_refused_though_its_hashes_are_right() {
    let (right, evil) = (head(), format!("{}repository evil/slipway\n", head()));
    let more = format!("repository evil/slipway\n{right}");
    let others =
        [("acme/slipway\n", "evil/slipway\n"), (OTHER, COMMIT), ("1.0.1\n", "1.0.0\n"), ("github.com", "evil.invalid")];
    let changed = others.map(|(from, to)| right.replacen(from, to, 1));
    for head in changed.into_iter().chain([evil, more, String::new()]) {
        let (taken, output) = verify(&head);
        assert!(!taken, "{head}");
        assert!(
            output.stdout.contains("::error title=release::release.lock names another release"),
            "{}",
            output.stdout
        );
    }
}
