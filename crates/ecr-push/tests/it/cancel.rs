//! Cancelling in the middle.

use std::time::Duration;

use testkit::fault::Fault;

use super::*;
use crate::promote::{DEVELOP, Two, promote};
use crate::world::run;

#[test]
fn a_cancelled_upload_leaves_no_tag_and_can_be_run_again() {
    let world = World::new();
    world.registry.faults().add(Fault::delay(Duration::from_secs(20)).on("PUT", "*/blobs/uploads/*").always());
    let step = world.step("1.0.0\nlatest");
    let digest = write_image(step.workspace(), "layer");
    let mut running = step.spawn(env!("CARGO_BIN_EXE_ecr-push"), [] as [&str; 0]);
    running.wait_for_output("uploading what is missing");
    running.interrupt();
    let out = running.finish();
    out.assert_code(130);
    assert!(
        out.stderr.contains("ecr-push/cancelled: cancelled while uploading, before any tag was written"),
        "{}",
        out.stderr
    );
    assert!(world.registry.tags("shop").is_empty());
    world.registry.faults().clear();
    run(&step).assert_code(0);
    assert_eq!(world.registry.tags("shop")["1.0.0"], digest);
}

#[test]
fn a_cancelled_promotion_leaves_no_tag_and_can_be_run_again() {
    let two = Two::with_one_image();
    let slow = Fault::delay(Duration::from_secs(20)).on("PUT", "*/blobs/uploads/*").always();
    two.production.registry.faults().add(slow);
    let step = two.step(&format!("{DEVELOP}/shop@{}", two.digest), "1.0.0");
    let mut running = step.spawn(env!("CARGO_BIN_EXE_ecr-push"), ["promote"]);
    running.wait_for_output("uploading what is missing");
    running.interrupt();
    let out = running.finish();
    out.assert_code(130);
    assert!(out.stderr.contains("ecr-promote/cancelled: cancelled while uploading"), "{}", out.stderr);
    assert!(two.production.registry.tags("shop").is_empty());
    two.production.registry.faults().clear();
    promote(&step).assert_code(0);
}
