//! The built binary in a fake runner, against a stand-in of GitHub.
#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod advice;
mod base;
mod built_with;
mod bump;
mod bump_faults;
mod changed_workflows;
mod changed_workflows_faults;
mod commits;
mod components;
mod corpus;
mod errors;
mod faults;
mod hostile;
mod manifests;
mod monorepo;
mod origin;
mod policy;
mod prism;
mod release;
mod release_faults;
mod reused;
mod secrets;
mod shell;
mod tags;

use std::path::Path;
use std::process::Command;

use testkit::runner::SHA;
use testkit::{FakeGitHub, FakeRunner, RunOutput};

const REPOSITORY: &str = testkit::github::REPOSITORY;
const OTHER: &str = "badc0de0badc0de0badc0de0badc0de0badc0de0";
const BINARY: &str = env!("CARGO_BIN_EXE_version-detect");

/// A run of a push to `main`, with the token of `server`.
fn runner(server: &FakeGitHub) -> FakeRunner {
    FakeRunner::new().api_url(server.api_url()).input("github-token", server.token())
}

/// The same, of a push to `branch`.
fn on_branch(server: &FakeGitHub, branch: &str) -> FakeRunner {
    runner(server).github("push", &format!("refs/heads/{branch}"), SHA, REPOSITORY)
}

/// The same, of a pull request from `head` into `base`.
fn on_pull(server: &FakeGitHub, head: &str, base: &str) -> FakeRunner {
    runner(server)
        .github("pull_request", "refs/pull/7/merge", SHA, REPOSITORY)
        .env("GITHUB_HEAD_REF", head)
        .env("GITHUB_BASE_REF", base)
}

/// A `package.json` with `version` on its third line.
fn package(version: &str) -> String {
    format!("{{\n  \"name\": \"shop\",\n  \"version\": \"{version}\"\n}}\n")
}

fn run(runner: &FakeRunner) -> RunOutput {
    runner.run(BINARY, [] as [&str; 0])
}

/// The annotations on standard output.
fn annotations(output: &RunOutput) -> Vec<&str> {
    let is_one = |line: &&str| ["::error", "::warning", "::notice"].iter().any(|command| line.starts_with(command));
    output.stdout.lines().filter(is_one).collect()
}

/// Runs Git in `folder`.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "tag.gpgsign=false",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        // The same commits every time.
        .env("GIT_AUTHOR_DATE", "1700000000 +0000")
        .env("GIT_COMMITTER_DATE", "1700000000 +0000")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
