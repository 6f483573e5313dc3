//! The policy of releases in folders of their own is the least one.

use super::*;
use crate::release_prefix::going_back::rollback_through;
use crate::release_prefix::{origin_path, releases};

/// Publishes a page and a large file more, and copies the rest.
fn publish(world: &World, role: &Role, flags: &[&str]) -> RunOutput {
    let run = world.run.get() + 1;
    world.run.set(run);
    let mut site = world.site.borrow_mut();
    site.write("index.html", format!("<html>{run:06}"));
    if flags.contains(&"--dry-run") {
        // One that is there is read, and what a publication that failed put is looked at.
        site.put("site/.slipway/invalidation-due-0123456789abcdef0123456789abcdef.json", b"{}");
        let live = origin_path(&site.distribution);
        site.put(&format!("{}/index.html", live.trim_start_matches('/')), b"<html>other!");
    } else {
        site.run_with(&[]).assert_code(0);
        site.write("index.html", format!("<html>two {run:06}"));
    }
    let guard = role.guard(&site.proxy.url()).unwrap();
    let direct = site.proxy.url();
    site.send_to(&guard.url());
    site.proxy.faults().add(Fault::reply(in_progress("InProgress")).on("POST", "*/invalidation"));
    site.proxy.faults().add(Fault::reply(in_progress("Completed")).on("GET", "*/invalidation/*"));
    let out = site.run_with(flags);
    site.proxy.faults().clear();
    site.send_to(&direct);
    out
}

fn printed(world: &World, command: &[&str], flags: &[&str]) -> String {
    let site = world.site.borrow();
    let mut arguments = command.to_vec();
    arguments.extend(["--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=123456789012"]);
    arguments.extend(["--mode=release-prefix"]);
    arguments.extend(flags);
    let shell = FakeRunner::plain_shell()
        .input("bucket", &site.bucket)
        .input("prefix", "site")
        .input("distribution-id", &site.distribution);
    let shell = if command.is_empty() { shell.input("source", "dist") } else { shell };
    let out = shell.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), &arguments);
    out.assert_code(0);
    assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(&out.stdout)), Vec::<String>::new());
    out.stdout
}

fn world() -> World {
    let site = releases();
    // So many that each further release makes one be forgotten.
    for run in 0..21 {
        site.write("index.html", format!("<html>{run:06}"));
        site.run_with(&[]).assert_code(0);
    }
    World::of(site)
}

fn prove_with(flags: &'static [&'static str]) {
    let world = world();
    let policy = printed(&world, &[], flags);
    let scenario = Scenario::new("publishes a release", |role| publish(&world, role, flags));
    let stops = Scenario::new("stops at a large file", |role| {
        world.site.borrow().write("large.bin", vec![b'x'; 17 * 1024 * 1024]);
        let denied = Reply::xml(403, "<Error><Code>InvalidRequest</Code><Message>no</Message></Error>");
        let is_part = |request: &Request| request.query.as_deref().is_some_and(|query| query.contains("partNumber"));
        let site = world.site.borrow();
        let guard = role.guard(&site.proxy.url()).unwrap();
        site.proxy.faults().add(Fault::reply(denied).on("PUT", "*/large.bin").matching(is_part).always());
        drop(site);
        let direct = world.site.borrow().proxy.url();
        world.site.borrow_mut().send_to(&guard.url());
        let out = world.site.borrow().run_with(flags);
        world.site.borrow().proxy.faults().clear();
        world.site.borrow_mut().send_to(&direct);
        world.site.borrow().remove("large.bin");
        out
    })
    .ends_with(1);
    let scenarios = if flags.contains(&"--dry-run") { vec![scenario] } else { vec![scenario, stops] };
    prove(&World::place(), &policy, &scenarios, &NOTICES);
}

#[test]
fn the_policy_of_a_release_is_the_least_one() {
    prove_with(&["--wait"]);
}

#[test]
fn the_policy_of_a_dry_run_of_a_release_only_reads() {
    prove_with(&["--dry-run"]);
}

fn prove_going_back(flags: &'static [&'static str]) {
    let world = world();
    let policy = printed(&world, &["rollback"], flags);
    let run = Cell::new(0);
    let scenario = Scenario::new("goes back", |role| {
        run.set(run.get() + 1);
        let site = world.site.borrow();
        // What is gone back from has a script of its own, which comes along.
        site.write("app.1111aaaa2222bbbb.js", format!("{:06}", run.get()));
        site.write("index.html", format!("<html>back {:06}", run.get()));
        site.run_with(&["--keep-releases=4"]).assert_code(0);
        site.remove("app.1111aaaa2222bbbb.js");
        site.write("index.html", format!("<html>from {:06}", run.get()));
        let own = format!("own-{:06}.js", run.get());
        site.write(&own, "own");
        site.run_with(&["--keep-releases=4"]).assert_code(0);
        site.remove(&own);
        // What another run owes is read.
        let note = format!(r#"{{"version":1,"keys":["site/x"],"run":"r","distributions":["{}"]}}"#, site.distribution);
        site.put("site/.slipway/invalidation-due-0123456789abcdef0123456789abcdef.json", note.as_bytes());
        let guard = role.guard(&site.proxy.url()).unwrap();
        site.proxy.faults().add(Fault::reply(in_progress("InProgress")).on("POST", "*/invalidation"));
        site.proxy.faults().add(Fault::reply(in_progress("Completed")).on("GET", "*/invalidation/*"));
        let out = rollback_through(&site, &guard.url(), &[flags, &["--keep-releases=1"]].concat());
        site.proxy.faults().clear();
        out
    });
    prove(&World::place(), &policy, &[scenario], &NOTICES);
}

#[test]
fn the_policy_of_going_back_to_a_folder_is_the_least_one() {
    prove_going_back(&["--wait"]);
}

#[test]
fn the_policy_of_a_dry_run_of_going_back_to_a_folder_only_reads() {
    prove_going_back(&["--dry-run"]);
}

#[test]
fn a_distribution_may_be_changed_in_that_mode_only() {
    let world = World::new();
    assert!(!world.printed(&["--wait"]).contains("UpdateDistribution"));
    assert!(!world.printed(&["--mode=release-prefix", "--dry-run"]).contains("UpdateDistribution"));
    assert!(world.printed(&["--mode=release-prefix"]).contains("UpdateDistribution"));
}
