//! The tool cache: believed only as far as its hash goes.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::release::{Release, TOOL, assert_refused};

#[test]
fn a_second_run_makes_no_request() {
    let release = Release::new();
    release.run(&["demo"]).assert_code(0);
    release.mirror.requests();
    assert_eq!(release.run(&["demo", "a"]).assert_code(0).stdout, "ran demo with 1\n[a]\n");
    assert!(release.mirror.requests().is_empty());
}

#[test]
fn a_tampered_cache_is_replaced_and_never_run() {
    let release = Release::new();
    release.cache(b"#!/bin/sh\necho pwned\n");
    assert_eq!(release.run(&["demo"]).assert_code(0).stdout, "ran demo with 0\n");
    assert_eq!(release.mirror.requests().len(), 1);
    assert_eq!(fs::read(release.cached()).expect("it is there"), TOOL.as_bytes());
}

#[test]
fn a_link_in_the_cache_is_replaced_and_its_target_left_alone() {
    let release = Release::new();
    let target = release.path("target");
    fs::create_dir(&target).expect("the folder is ours");
    release.cache(b"");
    fs::remove_file(release.cached()).expect("the file is ours");
    symlink(&target, release.cached()).expect("the folder is ours");
    release.run(&["demo"]).assert_code(0);
    assert!(release.cached().symlink_metadata().expect("it is there").is_file());
    assert_eq!(fs::read_dir(&target).expect("it is there").count(), 0);
}

#[test]
fn a_folder_in_the_binarys_place_is_an_error() {
    let release = Release::new();
    fs::create_dir_all(release.cached()).expect("the folder is ours");
    assert_refused(&release.run(&["demo"]), "slipway/no-cache");
}

#[test]
fn a_read_only_cache_with_the_right_binary_is_used() {
    let release = Release::new();
    release.cache(TOOL.as_bytes());
    let folder = release.cached().parent().expect("it has a folder").to_owned();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("the folder is ours");
    let output = release.run(&["demo"]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    output.assert_code(0);
    assert!(release.mirror.requests().is_empty());
    assert_eq!(release.files("cache"), ["demo"]);
}

#[test]
fn without_a_writable_cache_the_jobs_folder_serves() {
    let release = Release::new();
    // Also for root, whom permissions do not stop: no folder can be made below a file.
    fs::write(release.path("cache/slipway"), "").expect("the folder is ours");
    release.run(&["demo"]).assert_code(0);
    assert_eq!(release.files("temp"), ["demo"]);
    release.mirror.requests();
    release.run(&["demo"]).assert_code(0);
    assert!(release.mirror.requests().is_empty(), "and the next step of the job finds it there");
}

#[test]
fn outside_of_a_runner_the_users_own_cache_serves() {
    let release = Release::new();
    let runner = release
        .runner()
        .without("RUNNER_TOOL_CACHE")
        .without("RUNNER_TEMP")
        .without("RUNNER_OS")
        .env("XDG_CACHE_HOME", release.text("own"));
    release.run_on(&runner, &["demo"]).assert_code(0);
    assert_eq!(release.files("own"), ["demo"]);
}

#[test]
fn without_any_folder_the_reason_is_named() {
    let release = Release::new();
    let runner = release.runner().env("RUNNER_TOOL_CACHE", "").env("RUNNER_TEMP", "/dev/null").env("HOME", "");
    assert_refused(&release.run_on(&runner, &["demo"]), "slipway/no-cache");
    assert!(release.mirror.requests().is_empty());
}

#[test]
fn without_a_network_the_cache_still_serves() {
    let release = Release::new();
    release.cache(TOOL.as_bytes());
    let port = testkit::process::free_port().expect("a port is free");
    let runner = release.runner().env("SLIPWAY_MIRROR", format!("http://127.0.0.1:{port}"));
    assert_eq!(release.run_on(&runner, &["demo"]).assert_code(0).stdout, "ran demo with 0\n");
    assert!(release.slept().is_empty());
}

#[test]
fn without_a_network_a_tampered_cache_is_still_not_run() {
    let release = Release::new();
    release.cache(b"#!/bin/sh\necho pwned\n");
    let port = testkit::process::free_port().expect("a port is free");
    let runner = release.runner().env("SLIPWAY_MIRROR", format!("http://127.0.0.1:{port}"));
    assert_refused(&release.run_on(&runner, &["demo"]), "slipway/download-failed");
}

#[test]
fn spaces_quotes_and_dollars_in_paths_are_only_characters() {
    let release = Release::new();
    let folder = release.text("");
    assert!([" ", "'", "\"", "$"].iter().all(|character| folder.contains(character)), "{folder}");
    release.run(&["demo", "a b"]).assert_code(0);
    assert_eq!(release.files("cache"), ["demo"]);
    let output = release.run(&["--install", "demo"]);
    assert_eq!(output.assert_code(0).outputs["bin-dir"], release.text("temp/slipway-bin"));
    let provided = release.runner().env("SLIPWAY_BIN_DIR", release.text("temp/slipway-bin"));
    release.run_on(&provided, &["demo"]).assert_code(0);
}
