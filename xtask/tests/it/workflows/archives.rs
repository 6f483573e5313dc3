//! The release's archives on their way between jobs: each platform's own, whole, and nothing else.

use std::fs;
use std::os::unix::fs::symlink;

use testkit::{FakeRunner, RunOutput};

use super::files::{File, actions, items, own_action, workflow};
use super::steps;

const TARGET: &str = "x86_64-apple-darwin";
const OTHER: &str = "aarch64-apple-darwin";

/// The targets of the release's matrix.
fn targets() -> Vec<String> {
    let file = workflow("release");
    let legs = items(&file.yaml["jobs"]["build"]["strategy"]["matrix"]["include"]);
    legs.iter().map(|leg| leg["target"].as_str().expect("text").to_owned()).collect()
}

pub(super) fn tools() -> Vec<String> {
    let files = actions();
    let of_action = |file: &File| {
        let name = file.path.strip_prefix("actions/")?.split('/').next()?;
        // The others are commands of a tool: `run-action.sh TOOL COMMAND`.
        file.text.contains(&format!("run-action.sh\" {name}\n")).then(|| name.to_owned())
    };
    files.iter().filter_map(of_action).collect()
}

/// What `download-artifact` leaves: a folder for each artifact.
fn downloaded() -> FakeRunner {
    targets().iter().fold(FakeRunner::new(), |runner, target| {
        tools().iter().fold(runner, |runner, tool| runner.file(&path(target, tool, target), target))
    })
}

fn path(artifact: &str, tool: &str, target: &str) -> String {
    format!("downloaded/archives-{artifact}/{tool}-{target}.tar.gz")
}

fn check(runner: &FakeRunner) -> RunOutput {
    steps::run_of(&own_action("get-archives"), "Check", runner)
}

#[test]
fn a_whole_release_is_taken() {
    let runner = downloaded();
    check(&runner).assert_code(0);
    let archives = fs::read_dir(runner.workspace().join("archives")).expect("it is there").count();
    assert_eq!(archives, targets().len() * tools().len());
    assert!(archives >= 30 && !runner.workspace().join("downloaded").exists());
}

#[track_caller]
fn refused(runner: &FakeRunner, name: &str) {
    let output = check(runner);
    assert!(output.code == 1 && output.stdout.contains("nothing of them was used"), "{}", output.stdout);
    assert!(output.stdout.contains(name), "{}", output.stdout);
    assert!(!runner.workspace().join("archives").exists());
}

#[test]
fn an_archive_too_few_or_too_many_is_refused() {
    let runner = downloaded();
    fs::remove_file(runner.workspace().join(path(TARGET, "ecr-push", TARGET))).expect("it was there");
    refused(&runner, "archives-x86_64-apple-darwin/ecr-push-x86_64-apple-darwin.tar.gz");
    refused(&downloaded().file("downloaded/archives-extra/x.tar.gz", ""), "archives-extra/x.tar.gz");
    refused(&downloaded().file(&path(TARGET, "another", TARGET), ""), "another-");
}

#[test]
fn a_platforms_job_brings_no_file_of_another_one() {
    refused(&downloaded().file(&path(TARGET, "ecr-push", OTHER), "evil"), "ecr-push-aarch64-apple-darwin.tar.gz");
    // Not even where the other one is missing.
    let runner = downloaded().file(&path(TARGET, "ecr-push", OTHER), "evil");
    fs::remove_file(runner.workspace().join(path(OTHER, "ecr-push", OTHER))).expect("it was there");
    refused(&runner, "ecr-push-aarch64-apple-darwin.tar.gz");
}

#[test]
fn a_link_is_no_archive() {
    let runner = downloaded();
    let archive = runner.workspace().join(path(TARGET, "ecr-push", TARGET));
    fs::remove_file(&archive).expect("it was there");
    symlink("/etc/passwd", archive).expect("the folder is ours");
    refused(&runner, "l archives-x86_64-apple-darwin/ecr-push");
}

#[test]
fn no_job_of_the_release_merges_artifacts() {
    let file = workflow("release");
    let getting = |job: &str| items(&file.yaml["jobs"][job]["steps"]).iter().any(|step| step["uses"] == GET);
    assert!(["lock", "attest", "draft"].into_iter().all(getting));
    for step in file.steps() {
        assert!(step["with"]["merge-multiple"].is_null() && step["with"]["pattern"].is_null(), "{:?}", step["name"]);
        if step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/download-artifact@")) {
            assert!(step["with"]["name"].is_string(), "{:?}", step["name"]);
        }
    }
    for step in own_action("get-archives").steps() {
        assert!(step["with"]["merge-multiple"].is_null());
    }
}

const GET: &str = "./.github/actions/get-archives";
