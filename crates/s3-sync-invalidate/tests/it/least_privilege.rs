//! The printed policy is the least one: every scenario passes with it, and none of its parts can be left out.

mod release_prefix;
mod rollback;

use std::cell::{Cell, RefCell};

use testkit::fault::Fault;
use testkit::http::{Reply, Request};
use testkit::iam::{Definitions, Place, Policy, Role, Scenario, prove};
use testkit::{FakeRunner, RunOutput};

use crate::cache_tags::tagging;
use crate::site::Site;

/// One bucket and one distribution; what is published differs from run to run.
struct World {
    site: RefCell<Site>,
    run: Cell<usize>,
}

impl World {
    fn new() -> Self {
        Self::of(Site::new())
    }

    fn of(site: Site) -> Self {
        Self { site: RefCell::new(site), run: Cell::new(0) }
    }

    fn place() -> Place {
        Place::new("eu-west-1", "123456789012")
    }

    fn printed(&self, flags: &[&str]) -> String {
        let mut arguments = vec!["--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=123456789012"];
        arguments.extend(flags);
        let site = self.site.borrow();
        let shell = FakeRunner::plain_shell()
            .input("source", "dist")
            .input("bucket", &site.bucket)
            .input("prefix", "site")
            .input("distribution-id", &site.distribution);
        let out = shell.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), &arguments);
        out.assert_code(0);
        assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(&out.stdout)), Vec::<String>::new());
        out.stdout
    }

    /// Publishes a page that is new in each run, over one of the same size, and beside one that is not in the source.
    fn publish(&self, role: &Role, flags: &[&str]) -> RunOutput {
        let run = self.run.get() + 1;
        self.run.set(run);
        let mut site = self.site.borrow_mut();
        site.put("site/index.html", format!("<html>old {run:06}").as_bytes());
        site.put("site/gone.html", b"<html>gone");
        site.write("index.html", format!("<html>new {run:06}"));
        if flags.contains(&"--trust-manifest") {
            // What failed before is the reason to list the bucket all the same.
            site.put(&format!("site/.slipway/invalidation-due-{}.json", "0".repeat(32)), b"?");
        }
        let guard = role.guard(&site.proxy.url()).unwrap();
        site.send_to(&guard.url());
        // The emulator completes an invalidation at once; AWS takes its time.
        site.proxy.faults().add(Fault::reply(in_progress("InProgress")).on("POST", "*/invalidation"));
        site.proxy.faults().add(Fault::reply(in_progress("Completed")).on("GET", "*/invalidation/*"));
        let out = site.run_with(flags);
        site.proxy.faults().clear();
        out
    }
}

impl World {
    /// Fails in the middle of a large file.
    fn stop(&self, role: &Role, flags: &[&str]) -> RunOutput {
        let large = vec![b'x'; 17 * 1024 * 1024];
        self.site.borrow().write("large.bin", large);
        let denied = Reply::xml(403, "<Error><Code>InvalidRequest</Code><Message>no</Message></Error>");
        let is_part = |request: &Request| request.query.as_deref().is_some_and(|query| query.contains("partNumber"));
        self.site.borrow().proxy.faults().add(Fault::reply(denied).on("PUT", "*/large.bin").matching(is_part).always());
        let out = self.publish(role, flags);
        self.site.borrow().remove("large.bin");
        out
    }
}

fn in_progress(status: &str) -> Reply {
    Reply::xml(
        if status == "InProgress" { 201 } else { 200 },
        format!(
            "<Invalidation xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Id>I1</Id><Status>{status}</Status>\
             <CreateTime>2026-01-01T00:00:00Z</CreateTime><InvalidationBatch><Paths><Quantity>1</Quantity><Items><Path>/*</Path>\
             </Items></Paths><CallerReference>x</CallerReference></InvalidationBatch></Invalidation>"
        ),
    )
}

const NOTICES: [(&str, &str); 12] = [
    ("s3:GetObject", "a note of an earlier run cannot be read"),
    ("s3:DeleteObject", "is not deleted as a whole"),
    ("cloudfront:GetDistribution", "it is not known when all edges show"),
    ("s3:PutObjectAcl", "the manifest could not be written"),
    ("s3:GetObject", "cannot be compared"),
    ("s3:GetObject", "the manifest may not be read"),
    ("s3:PutObject", "the manifest could not be written"),
    ("s3:DeleteObject", "the manifest of an old release"),
    ("s3:AbortMultipartUpload", "could not be removed"),
    ("s3:DeleteObject", "could be emptied, not deleted"),
    ("cloudfront:GetDistributionConfig", "may not be read"),
    ("cloudfront:GetInvalidation", "it is not known when the invalidation"),
];

fn prove_with(flags: &'static [&'static str]) {
    let world = World::of(tagging());
    // So many that each further release makes one be forgotten.
    for run in 0..21 {
        let site = world.site.borrow();
        site.write("index.html", format!("<html>{run:06}"));
        site.run_with(&["--invalidate=false"]).assert_code(0);
    }
    let policy = world.printed(flags);
    let scenario = Scenario::new("publishes", |role| world.publish(role, flags));
    let stops = Scenario::new("stops at a large file", |role| world.stop(role, flags)).ends_with(1);
    let scenarios = if flags.contains(&"--dry-run") { vec![scenario] } else { vec![scenario, stops] };
    prove(&World::place(), &policy, &scenarios, &NOTICES);
}

#[test]
fn the_policy_of_a_publication_is_the_least_one() {
    prove_with(&[]);
}

#[test]
fn the_policy_with_delete_and_wait_is_the_least_one() {
    prove_with(&["--delete", "--delete-scope=all", "--wait"]);
}

#[test]
fn the_policy_of_who_trusts_the_manifest_is_the_least_one() {
    prove_with(&["--trust-manifest"]);
}

#[test]
fn the_policy_without_an_invalidation_is_the_least_one() {
    prove_with(&["--invalidate=false"]);
}

#[test]
fn the_policy_with_tags_an_acl_and_a_key_is_the_least_one() {
    prove_with(&[
        "--tags=team=web",
        "--acl=bucket-owner-full-control",
        "--sse=aws:kms",
        "--kms-key-id=1234abcd-12ab-34cd-56ef-1234567890ab",
    ]);
}

#[test]
fn the_policy_with_cache_tags_is_the_least_one() {
    prove_with(&["--invalidation=tags"]);
}

#[test]
fn a_key_with_an_alias_is_allowed_by_its_alias() {
    let printed = World::new().printed(&["--sse=aws:kms", "--kms-key-id=alias/site"]);
    let policy: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let encrypt = statements.iter().find(|statement| statement["Sid"] == "Encrypt").unwrap();
    assert_eq!(encrypt["Resource"], "arn:aws:kms:eu-west-1:123456789012:key/*");
    assert_eq!(encrypt["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"], "alias/site");
    let own = World::new().printed(&["--sse=aws:kms"]);
    assert!(!own.contains("kms:"), "{own}");
}

#[test]
fn the_policy_of_a_dry_run_only_reads() {
    prove_with(&["--dry-run", "--delete", "--delete-scope=all"]);
}

#[test]
fn a_dry_run_may_read_what_is_encrypted_with_the_key() {
    let decrypt = |flags: &[&str]| {
        let flags = [&["--dry-run", "--sse=aws:kms", "--kms-key-id=1234abcd"], flags].concat();
        let policy: serde_json::Value = serde_json::from_str(&World::new().printed(&flags)).unwrap();
        let statements = policy["Statement"].as_array().unwrap().clone();
        assert!(statements.iter().all(|statement| statement["Sid"] != "Encrypt"), "{policy}");
        statements.into_iter().find(|statement| statement["Sid"] == "OptionalDecrypt")
    };
    let found = decrypt(&["--delete"]).unwrap();
    assert_eq!(found["Action"], serde_json::json!("kms:Decrypt"));
    assert_eq!(found["Resource"], "arn:aws:kms:eu-west-1:123456789012:key/1234abcd");
    // The note of an invalidation that is due is there without a manifest too.
    assert!(decrypt(&["--manifest=none"]).is_some());
}
