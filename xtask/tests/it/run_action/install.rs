//! `--install`: checked binaries on `PATH` for the steps that follow.

use std::fs;
use std::process::Command;

use super::mirror::Answer;
use super::release::{Release, TOOL, assert_refused, asset};

const SECOND: &[u8] = b"#!/bin/sh\necho second\n";

/// A release of `demo` and `second`.
fn two_tools() -> Release {
    let release = Release::new();
    let (first, second) = (release.archive(&[("demo", TOOL.as_bytes())]), release.archive(&[("second", SECOND)]));
    release.lock(&format!(
        "version 1.2.3\nurl https://127.0.0.1:9/unused\n{}\n{}",
        asset("demo", &first, TOOL.as_bytes()),
        asset("second", &second, SECOND)
    ));
    release.mirror.answer(vec![Answer::File(first), Answer::File(second)]);
    release
}

#[test]
fn puts_every_tool_on_the_path() {
    let release = two_tools();
    let output = release.run(&["--install", "demo", "second"]);
    let folder = release.text("temp/slipway-bin");
    assert_eq!(output.assert_code(0).path, std::slice::from_ref(&folder));
    assert_eq!(output.outputs["version"], "1.2.3");
    assert_eq!(output.outputs["bin-dir"], folder);
    assert_eq!(output.stdout, "", "nothing was run");
    let second = Command::new(format!("{folder}/second")).output().expect("it can be run");
    assert_eq!(second.stdout, b"second\n");
    assert_eq!(release.files("temp"), ["demo", "second"]);
}

#[test]
fn one_wrong_tool_leaves_the_path_alone() {
    let release = two_tools();
    let archive = release.archive(&[("demo", TOOL.as_bytes())]);
    release.mirror.answer(vec![Answer::File(archive), Answer::File(b"pwned".to_vec())]);
    let output = release.run(&["--install", "demo", "second"]);
    assert_refused(&output, "slipway/archive-mismatch");
    assert!(output.path.is_empty() && output.outputs.is_empty());
}

#[test]
fn an_unknown_tool_is_named() {
    let release = two_tools();
    let output = release.run(&["--install", "third"]);
    assert_refused(&output, "slipway/no-asset");
    assert!(output.stderr.contains("`third`"));
}

#[test]
fn every_name_is_checked_before_anything_is_done() {
    let release = two_tools();
    let output = release.run(&["--install", "demo", "../../etc/passwd"]);
    assert!(output.assert_code(2).stderr.contains("title=slipway/usage"));
    assert!(output.path.is_empty() && release.mirror.requests().is_empty());
}

#[test]
fn a_copy_that_fails_is_an_error() {
    let release = two_tools();
    fs::create_dir_all(release.path("temp/slipway-bin/demo/demo")).expect("the folder is ours");
    release.shim("cp", "#!/bin/sh\necho 'cp: no space left on device' >&2\nexit 1\n");
    let output = release.run(&["--install", "demo"]);
    assert_refused(&output, "slipway/no-folder");
    assert!(output.path.is_empty() && output.outputs.is_empty());
}

#[test]
fn a_branch_installs_what_is_provided() {
    let release = Release::unreleased();
    fs::create_dir(release.path("bin")).expect("the folder is ours");
    super::release::executable(&release.path("bin/demo"), SECOND);
    let runner = release.runner().env("SLIPWAY_BIN_DIR", release.text("bin"));
    let output = release.run_on(&runner, &["--install", "demo"]);
    assert_eq!(output.assert_code(0).outputs["version"], "unreleased");
    assert_eq!(fs::read(release.path("temp/slipway-bin/demo")).expect("it is there"), SECOND);
}

#[test]
fn a_copy_that_changed_on_its_way_is_removed() {
    let release = two_tools();
    release.shim("cp", "#!/bin/sh\necho 'echo pwned' >\"$3\"\n");
    let output = release.run(&["--install", "demo"]);
    assert_refused(&output, "slipway/binary-mismatch");
    assert!(output.path.is_empty() && release.files("temp").is_empty());
}
