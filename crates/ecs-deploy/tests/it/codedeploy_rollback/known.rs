//! What is said of the revision that a service goes back to, before it goes.

use testkit::codedeploy::named;

use super::{back, changes, deployed, step};

#[test]
fn a_plan_says_when_it_ran_well_and_what_is_skipped() {
    let stand_in = deployed(named("succeeds"));
    let plan = |to: &str| back(&step(&stand_in).input("mode", "plan").input("to", to));
    let out = plan("previous");
    out.assert_code(0);
    let line = "would have CodeDeploy take web from shop:8 to shop:7 (deployed successfully 20";
    assert!(out.stdout.contains(line) && !out.stdout.contains("::warning"), "{}", out.stdout);
    let out = plan("6");
    assert!(out.stdout.contains("skipped: shop:5 failed 20"), "{}", out.stdout);
}

#[test]
fn one_that_failed_is_warned_of() {
    let stand_in = deployed(named("succeeds"));
    let out = back(&step(&stand_in).input("mode", "plan").input("to", "5"));
    assert!(out.stdout.contains("::warning"), "{}", out.stdout);
    assert!(out.stdout.contains("the last deployment of shop:5 to web failed 20"), "{}", out.stdout);
    assert_eq!(changes(&stand_in), (Vec::new(), Vec::new()));
}
