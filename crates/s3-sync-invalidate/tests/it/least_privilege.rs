//! The printed policy is the least one: every scenario passes with it, and none of its parts can be left out.

use std::cell::{Cell, RefCell};

use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::iam::{Definitions, Place, Policy, Role, Scenario, prove};
use testkit::{FakeRunner, RunOutput};

use crate::site::Site;

/// One bucket and one distribution; what is published differs from run to run.
struct World {
    site: RefCell<Site>,
    run: Cell<usize>,
}

impl World {
    fn new() -> Self {
        Self { site: RefCell::new(Site::new()), run: Cell::new(0) }
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

const NOTICES: [(&str, &str); 4] = [
    ("s3:GetObject", "cannot be compared"),
    ("s3:DeleteObject", "could be emptied, not deleted"),
    ("cloudfront:GetDistributionConfig", "may not be read"),
    ("cloudfront:GetInvalidation", "it is not known when the invalidation"),
];

fn prove_with(flags: &'static [&'static str]) {
    let world = World::new();
    let policy = world.printed(flags);
    let scenario = Scenario::new("publishes", |role| world.publish(role, flags));
    prove(&World::place(), &policy, &[scenario], &NOTICES);
}

#[test]
fn the_policy_of_a_publication_is_the_least_one() {
    prove_with(&[]);
}

#[test]
fn the_policy_with_delete_and_wait_is_the_least_one() {
    prove_with(&["--delete", "--wait"]);
}

#[test]
fn the_policy_without_an_invalidation_is_the_least_one() {
    prove_with(&["--invalidate=false"]);
}

#[test]
fn the_policy_of_a_dry_run_only_reads() {
    prove_with(&["--dry-run", "--delete"]);
}
