//! Binaries that do not come from a release: `SLIPWAY_BIN_DIR` and a build from source.

use std::fs;
use std::os::unix::fs::symlink;

use testkit::FakeRunner;

use super::release::{Release, TOOL, assert_refused, executable};

const OTHER: &[u8] = b"#!/bin/sh\necho other\n";

/// Builds `demo` and writes down where and how it was asked to.
const CARGO: &str = r#"#!/bin/sh
{ pwd -P; echo "${CARGO_BUILD_TARGET-unset}"; echo "$*"; } >"${0%/*}/asked"
while [ $# -gt 0 ]; do case "$1" in --target-dir) target=$2 ;; esac; shift; done
mkdir -p "$target/release"
printf '#!/bin/sh\necho built "$@"\n' >"$target/release/demo"
chmod +x "$target/release/demo"
echo "noise on standard output"
"#;

fn provide(release: &Release, content: &[u8]) -> FakeRunner {
    fs::create_dir_all(release.path("bin")).expect("the folder is ours");
    executable(&release.path("bin/demo"), content);
    release.runner().env("SLIPWAY_BIN_DIR", release.text("bin"))
}

#[test]
fn a_provided_binary_must_be_the_pinned_one() {
    let release = Release::new();
    assert_refused(&release.run_on(&provide(&release, OTHER), &["demo"]), "slipway/binary-mismatch");
    let output = release.run_on(&provide(&release, TOOL.as_bytes()), &["demo"]);
    assert_eq!(output.assert_code(0).stdout, "ran demo with 0\n");
    assert!(release.mirror.requests().is_empty());
}

#[test]
fn a_branch_takes_any_provided_binary() {
    let release = Release::unreleased();
    assert_eq!(release.run_on(&provide(&release, OTHER), &["demo"]).assert_code(0).stdout, "other\n");
}

#[test]
fn a_folder_without_the_binary_is_named() {
    let release = Release::unreleased();
    let runner = provide(&release, OTHER);
    assert_refused(&release.run_on(&runner, &["another"]), "slipway/binary-missing");
}

#[test]
fn a_branch_without_cargo_says_to_pin_a_release() {
    let release = Release::unreleased();
    let only = release.path("only");
    fs::create_dir(&only).expect("the folder is ours");
    for name in ["bash", "dirname", "uname"] {
        let path = std::env::split_paths(&std::env::var_os("PATH").expect("PATH is set"))
            .map(|folder| folder.join(name))
            .find(|file| file.is_file());
        symlink(path.expect("the program is there"), only.join(name)).expect("the folder is ours");
    }
    let output = release.run_on(&release.runner().env("PATH", release.text("only")), &["demo"]);
    assert_refused(&output, "slipway/unreleased");
    assert!(output.stderr.contains("pin the full SHA of a released commit"));
}

#[test]
fn a_branch_is_built_in_its_own_folder() {
    let release = Release::unreleased();
    release.shim("cargo", CARGO);
    let runner = release.runner().env("CARGO_TARGET_DIR", "").env("CARGO_BUILD_TARGET", "wasm32-wasip1");
    let runner = runner.file("rust-toolchain.toml", "of the caller");
    let output = release.run_on(&runner, &["demo", "a b"]);
    assert_eq!(output.assert_code(0).stdout, "built a b\n", "cargo's own output goes elsewhere");
    let asked = fs::read_to_string(release.path("shims/asked")).expect("cargo ran");
    let root = release.path("slipway").canonicalize().expect("it is there");
    let root = root.display();
    assert_eq!(
        asked,
        format!("{root}\nunset\nbuild --quiet --locked --release --target-dir {root}/target --package demo\n")
    );
}

#[test]
fn a_relative_target_folder_is_the_callers() {
    let release = Release::unreleased();
    release.shim("cargo", CARGO);
    let runner = release.runner().env("CARGO_TARGET_DIR", "out");
    release.run_on(&runner, &["demo"]).assert_code(0);
    assert!(runner.workspace().join("out/release/demo").is_file());
}

#[test]
fn a_failed_build_is_named() {
    let release = Release::unreleased();
    release.shim("cargo", "#!/bin/sh\necho 'error: no such thing' >&2\nexit 101\n");
    let output = release.run(&["demo"]);
    assert_refused(&output, "slipway/build-failed");
    assert!(output.stderr.contains("error: no such thing"));
}

#[test]
fn a_branch_names_a_tool_that_it_does_not_have() {
    let release = Release::unreleased();
    release.shim("cargo", CARGO);
    fs::create_dir_all(release.path("slipway/crates/demo")).expect("the folder is ours");
    let output = release.run(&["demo"]);
    assert!(output.assert_code(2).stderr.contains("there is no tool `demo`"), "{}", output.stderr);
}
