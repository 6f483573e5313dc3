//! `verify-attestation` of the root action: GitHub's word on top of the hash.

use std::fs;

use super::mirror::Answer;
use super::release::{Release, TOOL, assert_refused};
use testkit::FakeRunner;

/// Writes down how it was called and agrees.
const AGREES: &str = "#!/bin/sh\n{ echo \"$GH_TOKEN\"; printf '%s\\n' \"$@\"; } >\"${0%/*}/asked\"\n";

fn asking(release: &Release) -> FakeRunner {
    release.runner().input("verify-attestation", "true").input("github-token", "ghs_reader")
}

#[test]
fn gh_is_asked_for_the_archive_the_workflow_and_the_source() {
    let release = Release::new();
    release.shim("gh", AGREES);
    let output = release.run_on(&asking(&release), &["--install", "demo"]);
    assert_eq!(output.assert_code(0).outputs["bin-dir"], release.text("temp/slipway-bin"));
    let asked = fs::read_to_string(release.path("shims/asked")).expect("gh ran");
    let [token, "attestation", "verify", file, rest @ ..] = &asked.lines().collect::<Vec<_>>()[..] else {
        panic!("{asked}")
    };
    assert_eq!(*token, "ghs_reader", "the token travels in the environment");
    assert!(file.ends_with("/demo-x86_64-unknown-linux-musl.tar.gz"), "{file}");
    let workflow = "OWNER/slipway/.github/workflows/release.yml";
    let commit = "0123456789012345678901234567890123456789";
    let signer = ["--repo", "OWNER/slipway", "--signer-workflow", workflow];
    let source = ["--source-digest", commit, "--source-ref", "refs/heads/main", "--deny-self-hosted-runners"];
    assert_eq!(rest, [&signer[..], &source].concat());
}

#[test]
fn a_cached_binary_is_fetched_anew_because_its_archive_is_what_is_attested() {
    let release = Release::new();
    release.cache(TOOL.as_bytes());
    release.shim("gh", AGREES);
    release.run_on(&asking(&release), &["--install", "demo"]).assert_code(0);
    assert_eq!(release.mirror.requests().len(), 1);
    assert!(release.path("shims/asked").is_file());
}

#[test]
fn what_gh_does_not_confirm_is_refused() {
    let release = Release::new();
    release.shim("gh", "#!/bin/sh\nprintf '::add-path::/pwned\\n##[group]x\\nno attestations found\\n' >&2\nexit 1\n");
    let output = release.run_on(&asking(&release), &["--install", "demo"]);
    assert_refused(&output, "slipway/attestation-mismatch");
    assert!(output.stderr.contains("  gh: no attestations found"), "{}", output.stderr);
    assert!(!output.stderr.contains("\n::add-path") && !output.stderr.contains("##["), "{}", output.stderr);
    assert!(output.path.is_empty() && release.files("cache").is_empty(), "nothing of it stays");
}

#[test]
fn a_wrong_hash_is_refused_whatever_gh_says() {
    let release = Release::new();
    release.shim("gh", AGREES);
    release.mirror.answer(vec![Answer::File(release.archive(&[("demo", b"pwned")]))]);
    assert_refused(&release.run_on(&asking(&release), &["--install", "demo"]), "slipway/archive-mismatch");
    assert!(!release.path("shims/asked").exists());
}

#[test]
fn a_runner_without_gh_is_named() {
    let release = Release::new();
    let without = release.path_without(&["gh"]);
    let runner = asking(&release).env("PATH", without);
    assert_refused(&release.run_on(&runner, &["--install", "demo"]), "slipway/no-gh");
}

#[test]
fn what_has_no_attestation_is_refused() {
    let branch = Release::unreleased();
    assert_refused(&branch.run_on(&asking(&branch), &["--install", "demo"]), "slipway/no-attestation");
    let release = Release::new();
    let provided = asking(&release).env("SLIPWAY_BIN_DIR", release.text("cache"));
    assert_refused(&release.run_on(&provided, &["--install", "demo"]), "slipway/no-attestation");
    release.shim("gh", AGREES);
    let archive = release.archive(&[("demo", TOOL.as_bytes())]);
    let asset = super::release::asset("demo", &archive, TOOL.as_bytes());
    release.lock(&format!("version 1.2.3\nurl https://127.0.0.1:9/\n{asset}\n"));
    release.mirror.answer(vec![Answer::File(archive)]);
    assert_refused(&release.run_on(&asking(&release), &["--install", "demo"]), "slipway/no-attestation");
}

#[test]
fn a_switch_is_true_or_false() {
    let release = Release::new();
    for (value, code) in [("False", 0), ("", 0), ("yes", 2), ("true\n::add-path::x", 2)] {
        let runner = release.runner().env("INPUT_VERIFY_ATTESTATION", value);
        let output = release.run_on(&runner, &["--install", "demo"]);
        assert!(!output.assert_code(code).stderr.contains("\n::add-path"), "{value}: {}", output.stderr);
    }
}

#[test]
fn an_action_itself_does_not_ask() {
    let release = Release::new();
    release.shim("gh", "#!/bin/sh\nexit 1\n");
    release.run_on(&asking(&release), &["demo"]).assert_code(0);
}
