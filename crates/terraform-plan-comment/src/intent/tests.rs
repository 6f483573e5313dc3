#![allow(clippy::needless_pass_by_value, reason = "a value is written where it is used")]

use super::*;

#[track_caller]
fn check(plan: serde_json::Value, intent: Intent) {
    assert_eq!(Intent::of(&Json::parse(&plan.to_string()).unwrap()), intent);
}

fn configuration() -> serde_json::Value {
    serde_json::json!({ "root_module": { "resources": [
        { "address": "a.b", "mode": "managed" },
        { "address": "a.many", "mode": "managed", "count_expression": {} },
        { "address": "data.a.b", "mode": "data" },
    ] } })
}

fn changes(action: &str) -> serde_json::Value {
    serde_json::json!([{ "address": "a.b", "change": { "actions": [action] } }])
}

#[test]
fn a_plan_with_an_entry_for_each_resource_is_a_normal_one() {
    let plan = |changes| serde_json::json!({ "configuration": configuration(), "resource_changes": changes, "complete": true });
    check(plan(changes("no-op")), Intent::Normal);
    check(plan(changes("update")), Intent::Normal);
}

#[test]
fn what_is_applyable_and_changes_nothing_refreshes() {
    let plan = |changes| serde_json::json!({ "resource_changes": changes, "applyable": true });
    check(plan(changes("no-op")), Intent::RefreshOnly);
    check(plan(changes("update")), Intent::Normal);
}

#[test]
fn a_plan_without_a_resource_that_is_configured_refreshes_or_destroys() {
    let state = serde_json::json!({ "values": { "root_module": { "child_modules": [{ "resources": [{ "mode": "managed" }] }] } } });
    let plan = |state| serde_json::json!({ "configuration": configuration(), "complete": true, "prior_state": state });
    check(plan(serde_json::json!({})), Intent::Destroy);
    check(plan(state), Intent::RefreshOnly);
}

#[test]
fn a_partial_plan_tells_nothing_by_what_it_leaves_out() {
    check(serde_json::json!({ "configuration": configuration(), "complete": false }), Intent::Normal);
    check(serde_json::json!({ "configuration": configuration(), "complete": true, "errored": true }), Intent::Normal);
}
