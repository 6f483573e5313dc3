//! The recorded plan: what a machine without Terraform shows is a plan of this configuration.

use std::collections::BTreeSet;

use serde_json::Value;

use super::read;

#[test]
fn the_recorded_plan_knows_every_variable() {
    let plan: Value = serde_json::from_str(&read("infrastructure/recorded/plan.json")).expect("it is JSON");
    let recorded: BTreeSet<&str> =
        plan["variables"].as_object().into_iter().flatten().map(|(name, _)| &**name).collect();
    let text = read("infrastructure/variables.tf");
    let declared: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("variable \"")?.split('"').next()).collect();
    assert!(declared.len() > 10, "{declared:?}");
    assert_eq!(recorded, declared, "record the plan again, as the README of the infrastructure says");
}
