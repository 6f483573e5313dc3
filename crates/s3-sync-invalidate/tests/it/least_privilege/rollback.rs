//! The policy of a rollback is the least one.

use super::*;
use crate::rollback::versioning;

fn runner(site: &Site) -> FakeRunner {
    FakeRunner::new()
        .input("bucket", &site.bucket)
        .input("prefix", "site")
        .input("distribution-id", &site.distribution)
        .input("keep-releases", "0")
}

/// Publishes two releases, and goes back from the second one.
fn back(site: &Site, run: usize, role: &Role, flags: &[&str]) -> RunOutput {
    let publish = ["--invalidate=false", "--delete", "--keep-releases=0"];
    site.write("index.html", format!("<html>one {run:06}"));
    site.run_with(&publish).assert_code(0);
    site.write("index.html", format!("<html>two {run:06}"));
    site.write("new.html", "<html>new");
    site.run_with(&publish).assert_code(0);
    site.remove("new.html");
    let guard = role.guard(&site.proxy.url()).unwrap();
    site.proxy.faults().add(Fault::reply(in_progress("InProgress")).on("POST", "*/invalidation"));
    site.proxy.faults().add(Fault::reply(in_progress("Completed")).on("GET", "*/invalidation/*"));
    let runner = runner(site).envs(crate::site::emulator(&site.bucket).env()).env("AWS_ENDPOINT_URL", guard.url());
    let arguments: Vec<&str> = std::iter::once("rollback").chain(flags.iter().copied()).collect();
    let out = runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), &arguments);
    site.proxy.faults().clear();
    out
}

fn prove_with(flags: &'static [&'static str]) {
    let site = Site::new();
    versioning(&site.bucket, "Enabled");
    // So many that each further release makes one be forgotten.
    for run in 0..21 {
        site.write("index.html", format!("<html>{run:06}"));
        site.run_with(&["--invalidate=false"]).assert_code(0);
    }
    let mut arguments = vec!["rollback", "--print-iam-policy", "--aws-region=eu-west-1"];
    arguments.push("--allowed-account-ids=123456789012");
    arguments.extend(flags);
    let shell = FakeRunner::plain_shell()
        .input("bucket", &site.bucket)
        .input("prefix", "site")
        .input("distribution-id", &site.distribution);
    let printed = shell.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), &arguments);
    printed.assert_code(0);
    assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(&printed.stdout)), Vec::<String>::new());
    let run = Cell::new(0);
    let scenario = Scenario::new("goes back", |role| {
        run.set(run.get() + 1);
        back(&site, run.get(), role, flags)
    });
    prove(&World::place(), &printed.stdout, &[scenario], &NOTICES);
}

#[test]
fn the_policy_of_a_rollback_is_the_least_one() {
    prove_with(&["--wait"]);
}

#[test]
fn the_policy_of_a_dry_run_of_a_rollback_only_reads() {
    prove_with(&["--dry-run"]);
}

#[test]
fn who_goes_back_may_use_the_key() {
    let with_key = |flags: &[&str]| {
        let site = ["--bucket=site", "--sse=aws:kms", "--kms-key-id=1234abcd", "--aws-region=eu-west-1"];
        let account = ["--print-iam-policy", "--allowed-account-ids=123456789012"];
        let arguments = [&["rollback"], &site[..], &account, flags].concat();
        let out = FakeRunner::plain_shell().run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), &arguments);
        let policy: serde_json::Value = serde_json::from_str(&out.assert_code(0).stdout).unwrap();
        let statements = policy["Statement"].as_array().unwrap().clone();
        let is_of_key =
            |statement: &serde_json::Value| statement["Resource"] == "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
        let of_key: Vec<_> = statements.into_iter().filter(is_of_key).collect();
        of_key.iter().map(|statement| statement["Action"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(with_key(&[]), [serde_json::json!(["kms:Decrypt", "kms:GenerateDataKey"])]);
    assert_eq!(with_key(&["--dry-run"]), [serde_json::json!("kms:Decrypt")]);
}
