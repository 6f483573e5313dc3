//! The built binary, in a fake runner, against a stand-in of GitHub.
#![allow(clippy::unwrap_used, reason = "test helpers have nothing to return an error to")]

mod binary_plan;
mod body;
mod browser;
mod change_set;
mod change_set_emulated;
mod change_set_faults;
mod comment;
mod comment_mode;
mod faults;
mod format;
mod golden;
mod hostile;
mod leaks;
mod ndjson;
mod peers;
mod plan_log;
mod prism;
mod protection;
mod refusals;
mod review_json;
mod roots;
mod roots_page;
mod secrets;
mod signs;
mod targets;
mod verify;
mod versions;
mod workflow_run;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use testkit::github::Pull;
use testkit::{FakeGitHub, FakeRunner, RunOutput};

/// The built binary.
const BINARY: &str = env!("CARGO_BIN_EXE_terraform-plan-comment");

/// The repository of the stand-in.
const REPOSITORY: &str = "acme/shop";

/// The commit at the tip of the pull request.
const HEAD: &str = "beef00000000000000000000000000000000beef";

fn plans() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans")
}

/// The path of a plan of `tests/plans`.
fn plan(name: &str) -> String {
    plans().join(format!("{name}.json")).display().to_string()
}

/// The names of all plans of `tests/plans`.
fn all_plans() -> Vec<String> {
    let files = std::fs::read_dir(plans()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter_map(|file| Some(file.strip_suffix(".json")?.to_owned())).collect();
    names.sort();
    names
}

/// A stand-in with the open pull request 7.
fn github(body: &str) -> FakeGitHub {
    let github = FakeGitHub::start().unwrap();
    let pull = Pull { number: 7, body: body.to_owned(), head_sha: HEAD.to_owned(), ..Pull::default() };
    github.add_pull(REPOSITORY, pull);
    github
}

fn event(head_repository: &str) -> Value {
    json!({ "pull_request": {
        "number": 7,
        "head": { "sha": HEAD, "repo": { "full_name": head_repository } },
        "base": { "repo": { "full_name": REPOSITORY } },
    } })
}

/// A runner for a pull request of the repository itself.
fn runner(github: &FakeGitHub) -> FakeRunner {
    FakeRunner::new()
        .github("pull_request", "refs/pull/7/merge", testkit::runner::SHA, REPOSITORY)
        .event(event(REPOSITORY))
        .api_url(github.api_url())
        .input("github-token", github.token())
        .env("GITHUB_RUN_ID", "1000")
}

fn run(runner: &FakeRunner, arguments: &[&str]) -> RunOutput {
    runner.run(BINARY, arguments)
}

/// The bodies of the comments on the pull request.
fn comments(github: &FakeGitHub) -> Vec<String> {
    github.comments(REPOSITORY, 7).iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
}

fn writes(github: &FakeGitHub) -> Vec<String> {
    github.requests().iter().filter(|request| request.method != "GET").map(ToString::to_string).collect()
}
