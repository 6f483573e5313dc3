//! The first run on a machine.

use std::os::unix::fs::symlink;

use super::mirror::Answer;
use super::release::{Release, TOOL, assert_refused, tar};

#[test]
fn downloads_checks_and_runs_with_all_arguments() {
    let release = Release::new();
    let arguments = ["two words", "it's \"quoted\"", "", "line\nbreak", "*", "$(touch x)", "--flag=a b"];
    let output = release.run(&[&["demo"], &arguments[..]].concat());
    let shown = format!("[{}]\n", arguments.join("]\n["));
    assert_eq!(output.assert_code(0).stdout, format!("ran demo with 7\n{shown}"));
    assert_eq!(output.stderr, "", "a good run is silent");
    assert_eq!(release.mirror.requests(), ["/releases/1.2.3/demo-x86_64-unknown-linux-musl.tar.gz"]);
    assert_eq!(release.files("cache"), ["demo"], "nothing else stays");
}

#[test]
fn refuses_an_archive_of_another_hash() {
    let release = Release::new();
    let other = release.archive(&[("demo", b"#!/bin/sh\necho pwned\n")]);
    release.mirror.answer(vec![Answer::File(other)]);
    assert_refused(&release.run(&["demo"]), "slipway/archive-mismatch");
    assert_eq!(release.mirror.requests().len(), 1, "a wrong file is not asked for again");
    assert!(release.files("cache").is_empty(), "nothing of it stays");
}

#[test]
fn refuses_another_binary_in_the_right_archive() {
    let release = Release::new();
    let archive = release.archive(&[("demo", b"#!/bin/sh\necho pwned\n")]);
    release.pin(&archive, TOOL.as_bytes());
    release.mirror.answer(vec![Answer::File(archive)]);
    assert_refused(&release.run(&["demo"]), "slipway/binary-mismatch");
    assert!(release.files("cache").is_empty(), "nothing of it stays");
}

#[test]
fn takes_a_member_with_a_leading_dot() {
    let release = Release::new();
    let archive = release.archive(&[("./demo", TOOL.as_bytes()), ("./README", b"ignored")]);
    release.pin(&archive, TOOL.as_bytes());
    release.mirror.answer(vec![Answer::File(archive)]);
    release.run(&["demo"]).assert_code(0);
    assert_eq!(release.files("cache"), ["demo"]);
}

#[test]
fn refuses_an_archive_without_the_member() {
    let release = Release::new();
    let archive = release.archive(&[("other", TOOL.as_bytes())]);
    release.pin(&archive, TOOL.as_bytes());
    release.mirror.answer(vec![Answer::File(archive)]);
    assert_refused(&release.run(&["demo"]), "slipway/binary-mismatch");
}

#[test]
fn follows_no_link_in_an_archive() {
    let release = Release::new();
    let target = release.path("elsewhere");
    super::release::executable(&target, TOOL.as_bytes());
    let folder = tempfile::tempdir().expect("a temporary folder");
    symlink(&target, folder.path().join("demo")).expect("the folder is ours");
    let archive = tar(folder.path(), &["demo"]);
    release.pin(&archive, TOOL.as_bytes());
    release.mirror.answer(vec![Answer::File(archive)]);
    assert_refused(&release.run(&["demo"]), "slipway/binary-mismatch");
}

#[test]
fn tries_again_when_the_server_may_recover() {
    let release = Release::new();
    let file = release.archive(&[("demo", TOOL.as_bytes())]);
    release.pin(&file, TOOL.as_bytes());
    release.mirror.answer(vec![Answer::Status(503), Answer::Status(429), Answer::File(file)]);
    release.run(&["demo"]).assert_code(0);
    assert_eq!(release.mirror.requests().len(), 3);
    assert_eq!(release.slept(), ["1", "3"]);
}

#[test]
fn gives_up_at_once_where_nothing_will_change() {
    let release = Release::new();
    for answer in [Answer::Status(404), Answer::Promise(1 << 30), Answer::Redirect("http://127.0.0.1:1/".to_owned())] {
        release.mirror.answer(vec![answer.clone()]);
        assert_refused(&release.run(&["demo"]), "slipway/download-failed");
        assert_eq!(release.mirror.requests().len(), 1, "{answer:?}");
    }
    assert!(release.slept().is_empty() && release.files("cache").is_empty());
}

#[test]
fn ends_a_download_without_end() {
    let release = Release::new();
    release.mirror.answer(vec![Answer::Endless]);
    assert_refused(&release.run(&["demo"]), "slipway/download-failed");
    assert!(release.slept().is_empty() && release.files("cache").is_empty());
}

#[test]
fn a_network_that_refuses_costs_seconds_not_minutes() {
    let release = Release::new();
    let port = testkit::process::free_port().expect("a port is free");
    let runner = release.runner().env("SLIPWAY_MIRROR", format!("http://127.0.0.1:{port}"));
    let output = release.run_on(&runner, &["demo"]);
    assert_refused(&output, "slipway/download-failed");
    assert!(output.stderr.contains("curl: (7)"), "curl's own reason is shown: {}", output.stderr);
    assert_eq!(release.slept(), ["1", "3", "5", "7"]);
}

#[test]
fn speaks_plain_http_to_this_machine_only() {
    let release = Release::new();
    let port = release.mirror.port();
    for mirror in [
        "http://example.invalid".to_owned(),
        format!("http://127.0.0.1:{port}@localhost:{port}"),
        format!("http://127.0.0.1.example.invalid:{port}"),
        "file:///etc".to_owned(),
        "-K/etc/passwd".to_owned(),
    ] {
        let output = release.run_on(&release.runner().env("SLIPWAY_MIRROR", mirror.as_str()), &["demo"]);
        assert_refused(&output, "slipway/download-failed");
        assert!(release.mirror.requests().is_empty(), "{mirror}");
    }
}

#[test]
fn a_canceled_download_leaves_nothing() {
    let release = Release::new();
    release.mirror.answer(vec![Answer::Silence]);
    let runner = release.runner();
    let mut running = runner.spawn("bash", release.command(&["demo"]));
    release.mirror.wait();
    running.terminate();
    release.mirror.hang_up();
    running.finish().assert_code(143);
    assert!(release.files("cache").is_empty());
}

#[test]
fn parallel_first_runs_all_succeed() {
    let release = Release::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(release.run(&["demo"]).assert_code(0).stdout, "ran demo with 0\n"));
        }
    });
    assert_eq!(release.files("cache"), ["demo"]);
}
