//! The binary plan, beside its JSON or alone.

use testkit::FakeRunner;

use super::super::{plan, run};
use super::{REVIEWED, after_review, document, refused, verify};

#[cfg(unix)]
#[test]
fn the_same_file_can_be_asked_for() {
    let plan = document("large", "hunter3-new");
    let binary = ["--binary-plan", "tfplan"];
    let with = |runner: FakeRunner| runner.file("tfplan", b"PK\x03\x04one");
    let runner = with(FakeRunner::new().file("plan.json", plan.to_string()).file("now.json", plan.to_string()));
    let runner = with_terraform_of(runner, "cat plan.json");
    let binary = [&binary[..], &["--terraform", "./tf"]].concat();
    let review = ["--plan", "plan.json", "--target", "none", "--review-file", "review.json"];
    let out = run(&runner, &[&review[..], &binary].concat());
    out.assert_code(0);
    let sum = out.outputs["plan-sha256"].clone();
    assert_eq!(sum, "e2ee7e3271ecb13919f6d87e64fbc5ffa8b9563862fee5c925f2e28c0040583f");
    assert!(out.summary.contains(&format!("plan file `{}`", &sum[..12])), "{}", out.summary);
    let same = [&REVIEWED[..], &binary, &["--same-file"]].concat();
    let out = verify(&runner, &same);
    out.assert_code(0);
    assert_eq!((&out.outputs["plan-sha256"], &out.outputs["reviewed-plan-sha256"]), (&sum, &sum));
    assert!(!out.stdout.contains("not compared"), "{}", out.stdout);
    let made_again = runner.file("tfplan", b"PK\x03\x04two");
    let out = verify(&made_again, &same);
    refused(&out, 1, "terraform-plan-verify/another-file");
    assert!(out.stderr.contains(&sum) && out.outputs["matches"] == "false", "{}", out.stderr);
    let out = verify(&made_again, &[&REVIEWED[..], &["--same-file"]].concat());
    refused(&out, 2, "terraform-plan-verify/sum-missing");
}

#[test]
fn files_that_cannot_be_what_they_are_named_for_are_refused() {
    let plan = plan("mixed");
    let arguments = ["--plan", &plan, "--target", "none", "--binary-plan", "tfplan"];
    refused(&run(&FakeRunner::new(), &arguments), 2, "terraform-plan-comment/binary-plan-unreadable");
    let json = FakeRunner::new().file("tfplan", "{}");
    refused(&run(&json, &arguments), 2, "terraform-plan-comment/not-a-binary-plan");
    let folder = FakeRunner::new().file("taken/x", "");
    let out = run(&folder, &["--plan", &plan, "--target", "none", "--review-file", "taken"]);
    refused(&out, 1, "terraform-plan-comment/review-not-written");
    assert!(!folder.workspace().join("taken.part").exists());
}

/// A runner with a stand-in for terraform in `./tf`, which runs `script`.
#[cfg(unix)]
fn with_terraform_of(runner: FakeRunner, script: &str) -> FakeRunner {
    use std::os::unix::fs::PermissionsExt as _;
    let runner =
        runner.env("PATH", std::env::var("PATH").unwrap_or_default()).file("tf", format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(runner.workspace().join("tf"), std::fs::Permissions::from_mode(0o755)).unwrap();
    runner
}

#[cfg(unix)]
#[test]
fn the_json_of_another_binary_plan_is_refused() {
    let plan = document("large", "hunter3-new");
    let runner = after_review(&plan, &plan, &[]).file("tfplan", b"PK\x03\x04one").file("shown.json", plan.to_string());
    let runner = with_terraform_of(runner, "cat shown.json");
    let pair = [&REVIEWED[..], &["--binary-plan", "tfplan", "--terraform", "./tf"]].concat();
    verify(&runner, &pair).assert_code(0);
    let stale = runner.file("shown.json", document("huge", "hunter3-new").to_string());
    let out = verify(&stale, &pair);
    refused(&out, 2, "terraform-plan-verify/another-plan");
    assert!(out.stderr.contains("`tfplan` does something else than `plan`"), "{}", out.stderr);
    assert!(out.stderr.contains("+ size = \"small\" -> \"huge\"") && !out.stderr.contains("hunter"), "{}", out.stderr);
}

#[cfg(unix)]
#[test]
fn a_comment_never_shows_one_plan_with_the_sum_of_another() {
    let plan = document("large", "hunter3-new");
    let runner = FakeRunner::new().file("plan.json", plan.to_string()).file("tfplan", b"PK\x03\x04one");
    let runner = with_terraform_of(runner, "cat shown.json").file("shown.json", plan.to_string());
    let pair = ["--plan", "plan.json", "--binary-plan", "tfplan", "--terraform", "./tf", "--target", "none"];
    let out = run(&runner, &pair);
    out.assert_code(0);
    assert!(!out.stdout.contains("not compared"), "{}", out.stdout);
    let stale = runner.file("shown.json", document("huge", "hunter3-new").to_string());
    let out = run(&stale, &pair);
    refused(&out, 2, "terraform-plan-comment/another-plan");
    assert!(!out.outputs.contains_key("plan-sha256") && !out.stderr.contains("hunter"), "{}", out.stderr);
    // Without terraform it is said that nobody looked.
    let out = run(&stale, &[&pair[..4], &["--terraform", "./none", "--target", "none"]].concat());
    out.assert_code(0);
    assert!(out.stdout.contains("whether `tfplan` does what `plan` shows was not compared"), "{}", out.stdout);
    // What nobody compared when it was reviewed is compared before it is applied.
    let review = [&pair[..4], &["--terraform", "./none", "--target", "none", "--review-file", "review.json"]].concat();
    run(&stale, &review).assert_code(0);
    let same = ["verify", "--reviewed", "review.json", "--same-file"];
    let out = run(&stale, &[&same[..], &pair[..6]].concat());
    refused(&out, 2, "terraform-plan-verify/another-plan");
}

#[cfg(unix)]
#[test]
fn a_binary_plan_that_changes_while_it_is_read_is_refused() {
    let plan = document("large", "hunter3-new");
    let runner = after_review(&plan, &plan, &[]).file("tfplan", b"PK\x03\x04one").file("shown.json", plan.to_string());
    let runner = with_terraform_of(runner, "printf 'PK\\003\\004two' >tfplan; cat shown.json");
    let out = run(&runner, &["verify", "--plan", "tfplan", "--reviewed", "review.json", "--terraform", "./tf"]);
    refused(&out, 2, "terraform-plan-comment/plan-unreadable");
    assert!(out.stderr.contains("it changed while terraform read it"), "{}", out.stderr);
    // Now it stays what it is.
    run(&runner, &["verify", "--plan", "tfplan", "--reviewed", "review.json", "--terraform", "./tf"]).assert_code(0);
}

#[cfg(unix)]
#[test]
fn two_binary_plans_are_one_too_many() {
    use std::os::unix::fs::PermissionsExt as _;
    let script = format!("#!/bin/sh\ncat '{}'\n", plan("mixed"));
    let runner = FakeRunner::new()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .file("tf", script)
        .file("tfplan", b"PK\x03\x04one")
        .file("other", b"PK\x03\x04two");
    std::fs::set_permissions(runner.workspace().join("tf"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let arguments = ["--plan", "tfplan", "--terraform", "./tf", "--target", "none"];
    let out = run(&runner, &arguments);
    out.assert_code(0);
    assert_eq!(out.outputs["plan-sha256"], "e2ee7e3271ecb13919f6d87e64fbc5ffa8b9563862fee5c925f2e28c0040583f");
    let out = run(&runner, &[&arguments[..], &["--binary-plan", "other"]].concat());
    refused(&out, 2, "terraform-plan-comment/two-binary-plans");
    run(&runner, &[&arguments[..], &["--binary-plan", "tfplan"]].concat()).assert_code(0);
}
