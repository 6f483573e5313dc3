//! Slipway as our own workflows run it until a commit is a release: built by a job that may only read, and handed over.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use testkit::{FakeRunner, RunOutput};
use yaml_serde::Value;

use super::files::{entries, items, own_action, root, workflows};
use super::steps;

const BUILD: &str = "./.github/actions/build-tools";
const GET: &str = "./.github/actions/get-tools";

/// The public actions that a job uses, by the tool they run.
fn tools_of(job: &Value) -> BTreeSet<&str> {
    items(&job["steps"]).iter().filter_map(|step| step["uses"].as_str()?.strip_prefix("./actions/")).collect()
}

/// Whether a job may do nothing but read.
fn only_reads(job: &Value) -> bool {
    entries(&job["permissions"]).iter().all(|(_, access)| **access == "read")
}

/// The step of a job that uses `action`, and its place.
fn step_using<'a>(job: &'a Value, action: &str) -> Option<(usize, &'a Value)> {
    items(&job["steps"]).iter().enumerate().find(|(_, step)| step["uses"] == action)
}

#[test]
fn a_job_that_may_write_gets_slipway_from_one_that_may_only_read() {
    let mut handed_over = 0;
    for file in workflows() {
        for (name, job) in file.jobs().into_iter().filter(|(_, job)| !only_reads(job) && !tools_of(job).is_empty()) {
            let place = format!("{}: {name}", file.path);
            let (at, get) = step_using(job, GET).unwrap_or_else(|| panic!("{place} would compile Slipway"));
            let first = items(&job["steps"])
                .iter()
                .position(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with("./actions/")));
            assert!(first.is_some_and(|first| at < first), "{place}: the tools come too late");
            let sum = get["with"]["sha256"].as_str().expect("it has the sum");
            let builder = sum.strip_prefix("${{ needs.").and_then(|rest| rest.strip_suffix(".outputs.sha256 }}"));
            let builder = builder.unwrap_or_else(|| panic!("{place}: {sum}"));
            assert_eq!(get["if"], format!("needs.{builder}.outputs.sha256 != ''").as_str(), "{place}");
            let needs = &job["needs"];
            assert!(*needs == builder || items(needs).iter().any(|job| *job == builder), "{place} needs {builder}");
            let building = &file.yaml["jobs"][builder];
            assert!(only_reads(building), "{place}: {builder} may write");
            let (_, build) = step_using(building, BUILD).unwrap_or_else(|| panic!("{place}: {builder} builds nothing"));
            let offered: BTreeSet<&str> = build["with"]["tools"].as_str().expect("it names tools").split(' ').collect();
            assert!(tools_of(job).is_subset(&offered), "{place}: {offered:?}");
            handed_over += 1;
        }
    }
    // backend and frontend deploy and tag, infrastructure plans, smoke deploys.
    assert_eq!(handed_over, 6);
}

/// A checkout with this lock, and a tool that is built already.
fn checkout(lock: &str) -> FakeRunner {
    let script = fs::read(root().join("scripts/run-action.sh")).expect("the script is there");
    let runner = FakeRunner::new()
        .file("release.lock", lock)
        .file("scripts/run-action.sh", script)
        .file("bin/demo", "#!/bin/sh\necho \"the tool $*\"\n");
    let bin = runner.workspace().join("bin");
    fs::set_permissions(bin.join("demo"), fs::Permissions::from_mode(0o755)).expect("the file is ours");
    runner.env("SLIPWAY_BIN_DIR", bin.display().to_string())
}

fn build(runner: FakeRunner) -> (FakeRunner, RunOutput) {
    let runner = runner.env("INPUT_TOOLS", "demo");
    let output = steps::run_of(&own_action("build-tools"), "Build", &runner);
    (runner, output)
}

/// The runner of another job, with what the first one kept, and this sum.
fn get(kept: &[u8], sum: &str) -> (PathBuf, FakeRunner, RunOutput) {
    let runner = FakeRunner::new();
    let temp = runner.root().join("another job's files");
    fs::create_dir_all(temp.join("slipway-tools")).expect("the folder is ours");
    fs::write(temp.join("slipway-tools/slipway-tools.tar"), kept).expect("the folder is ours");
    let runner = runner.env("RUNNER_TEMP", temp.display().to_string()).env("INPUT_SHA256", sum);
    let output = steps::run_of(&own_action("get-tools"), "Check", &runner);
    (temp, runner, output)
}

#[test]
fn what_one_job_builds_another_one_runs() {
    let (runner, built) = build(checkout("# A branch.\nversion unreleased\n"));
    let sum = &built.assert_code(0).outputs["sha256"];
    assert!(built.path.is_empty() && built.outputs.len() == 1, "nothing of the script's own: {:?}", built.outputs);
    let kept = fs::read(runner.workspace().join("slipway-tools.tar")).expect("it was kept");
    let (temp, runner, output) = get(&kept, sum);
    let folder = temp.join("slipway-tools/bin").display().to_string();
    assert_eq!(output.assert_code(0).env["SLIPWAY_BIN_DIR"], folder);
    assert_eq!(runner.run(format!("{folder}/demo"), ["runs"]).assert_code(0).stdout, "the tool runs\n");
}

#[test]
fn what_was_swapped_on_its_way_is_not_unpacked() {
    let (runner, built) = build(checkout("version unreleased\n"));
    let sum = &built.assert_code(0).outputs["sha256"];
    let kept = fs::read(runner.workspace().join("slipway-tools.tar")).expect("it was kept");
    for (kept, sum) in [([&kept[..], b"x"].concat(), &**sum), (kept, "")] {
        let (temp, _, output) = get(&kept, sum);
        assert_eq!(output.code, 1, "{}", output.stderr);
        assert!(output.stdout.contains("nothing of them was run") && output.env.is_empty(), "{}", output.stdout);
        assert!(!temp.join("slipway-tools/bin").exists());
    }
}

#[test]
fn a_release_builds_nothing() {
    let (runner, output) = build(checkout("# version unreleased\nversion 1.2.3\n"));
    assert!(output.assert_code(0).outputs.is_empty(), "{:?}", output.outputs);
    assert!(!runner.workspace().join("slipway-tools.tar").exists());
}

#[test]
fn a_tool_that_cannot_be_built_ends_the_job() {
    let runner = checkout("version unreleased\n").env("INPUT_TOOLS", "demo missing");
    let output = steps::run_of(&own_action("build-tools"), "Build", &runner);
    assert!(output.code != 0 && output.outputs.is_empty(), "{}", output.stderr);
}
