//! The program as people run it, as far as it goes without the stack: mistakes, and the example of the guide.

#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it must be")]

mod failures;
mod mistakes;

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A copy of the example, as a repository of its own beside Slipway.
struct Example(TempDir);

impl Example {
    fn new() -> Self {
        let example = Self(tempfile::tempdir().unwrap());
        copy(&root().join("docs/examples/backend-service"), &example.path());
        std::os::unix::fs::symlink(root(), example.0.path().join("slipway")).unwrap();
        for arguments in [["init", "--quiet"].as_slice(), &["add", "--all"], &["commit", "--quiet", "--message", "x"]] {
            let status = Command::new("git")
                .args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"])
                .args(arguments)
                .current_dir(example.path())
                .status();
            assert!(status.unwrap().success());
        }
        example
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("shop")
    }

    fn replace(&self, from: &str, to: &str) {
        let path = self.path().join("rehearsal.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Runs the program with these flags; a folder that is not a rehearsal's stops one without mistakes.
    fn rehearse(&self, flags: &[&str]) -> (i32, String) {
        let output = self.0.path().join("not-a-rehearsals");
        std::fs::create_dir_all(&output).unwrap();
        std::fs::write(output.join("precious"), "x").unwrap();
        run(&[&["--repo", self.path().to_str().unwrap(), "--output", output.to_str().unwrap()], flags].concat())
    }
}

fn run(arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway-rehearse"));
    let output = testkit::provoked::output(command.args(arguments)).unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { drop(std::fs::copy(entry.path(), target)) }
    }
}

#[test]
fn the_example_has_no_mistake() {
    let (code, text) = Example::new().rehearse(&["--break", "backend"]);
    // Nobody's clone of Slipway has the commit of zeros, which stands for the one that the reader pins.
    let warned = text.matches("rehearsal/").count() - text.matches("rehearsal/unknown-reference: ").count();
    assert!(code == 2 && text.contains("rehearsal/foreign-folder: ") && warned == 1, "{text}");
}

#[test]
fn all_mistakes_are_told_at_once_and_nothing_starts() {
    let example = Example::new();
    example.replace("workflow =", "workflwo =");
    example.replace("bump = \"Cargo.toml\"", "bump = \"package.json\"");
    example.replace("\"deploy/task-definition.json\"", "\"deploy/task.json\"");
    example.replace("\"../slipway\"", "\"../slipwax\"");
    let (code, text) = example.rehearse(&["--only", "frontend"]);
    assert_eq!(code, 2, "{text}");
    let codes = ["unknown-key", "unknown-run", "no-stand-in", "no-task-definition"];
    for code in codes {
        assert_eq!(text.matches(&format!("rehearsal/{code}: ")).count(), 1, "{code} in {text}");
    }
    assert!(text.contains("did you mean `workflow`?") && text.contains("^^^^^^^^"), "{text}");
    assert!(text.ends_with("rehearsal/mistakes: 4 mistakes, and nothing was started\n  help: correct what is named above, and run it again\n"), "{text}");
    let (_, text) = example.rehearse(&[]);
    assert!(text.contains("rehearsal/no-manifest: run `backend`: there is no manifest `package.json`"), "{text}");
}

#[test]
fn a_workflow_that_github_would_not_start_is_not_run() {
    let example = Example::new();
    example.replace("event = \"push\"", "event = \"push\"\nbranch = \"feature/x\"");
    let (code, text) = example.rehearse(&[]);
    assert_eq!(code, 2, "{text}");
    let told = "rehearsal/would-not-start: run `backend`: `backend.yml` does not start for a push to `feature/x`\n  \
                why:  `on.push.branches` does not take it: main\n";
    assert!(text.contains(told), "{text}");
    example.replace("event = \"push\"\nbranch = \"feature/x\"", "event = \"pull_request\"");
    let (_, text) = example.rehearse(&[]);
    assert!(text.contains("why:  its `on:` does not name `pull_request`"), "{text}");
}

#[test]
fn a_wrong_flag_and_a_wrong_folder_are_mistakes() {
    let (code, text) = run(&["--brake", "backend"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.starts_with("rehearsal/bad-argument: unexpected argument '--brake' found\n  why:  "), "{text}");
    assert!(text.contains("\n  help: a similar argument exists: '--break'"), "{text}");
    let (code, text) = run(&["--repo", "/no/where"]);
    assert!(
        code == 2 && text.starts_with("rehearsal/no-repository: there is no folder `/no/where`\n  why:  "),
        "{text}"
    );
    let empty = tempfile::tempdir().unwrap();
    let (code, text) = run(&["--repo", empty.path().to_str().unwrap()]);
    assert!(code == 2 && text.starts_with("rehearsal/not-a-repository: "), "{text}");
}

#[test]
fn the_version_is_said_as_by_every_tool() {
    let output = Command::new(env!("CARGO_BIN_EXE_slipway-rehearse")).arg("--binary-version").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said == format!("slipway-rehearse {}\n", env!("CARGO_PKG_VERSION")), "{said}");
}

#[test]
fn a_repository_without_the_file_is_told_where_it_belongs() {
    let example = Example::new();
    std::fs::remove_file(example.path().join("rehearsal.toml")).unwrap();
    let (code, text) = example.rehearse(&[]);
    assert!(code == 2 && text.starts_with("rehearsal/no-config: "), "{text}");
}

#[test]
fn text_that_is_no_toml_is_shown_with_a_caret() {
    let example = Example::new();
    example.replace("[vars]", "[vars");
    let (code, text) = example.rehearse(&[]);
    assert!(code == 2 && text.starts_with("rehearsal/bad-config: rehearsal.toml:3:"), "{text}");
    assert!(text.contains("\n  why:  3 | [vars") && text.contains('^'), "{text}");
}

#[test]
fn the_guide_shows_the_file_of_the_example() {
    let guide = std::fs::read_to_string(root().join("docs/guides/rehearse-a-deployment.md")).unwrap();
    let block = guide.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let shown: Vec<&str> = block.lines().map(|line| line.strip_prefix("   ").unwrap_or(line)).collect();
    let file = std::fs::read_to_string(root().join("docs/examples/backend-service/rehearsal.toml")).unwrap();
    assert_eq!(shown.join("\n").trim_end(), file.trim_end());
}
