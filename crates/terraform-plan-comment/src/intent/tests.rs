#![allow(clippy::needless_pass_by_value, reason = "a value is written where it is used")]

use serde_json::{Value, json};

use super::*;

#[track_caller]
fn check(plan: Value, intent: Intent) {
    assert_eq!(Intent::of(&Json::parse(&plan.to_string()).unwrap()), intent, "{plan}");
}

/// A configuration of one resource, which `more` repeats.
fn configuration(more: Value) -> Value {
    let mut resource = json!({ "address": "a.b", "mode": "managed" });
    resource.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "root_module": { "resources": [{ "address": "data.a.b", "mode": "data" }, resource] } })
}

/// The same in a module, which `more` repeats.
fn in_module(more: Value) -> Value {
    let mut call = json!({ "module": configuration(json!({}))["root_module"] });
    call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "root_module": { "module_calls": { "m": call } } })
}

/// A state of one object in a module.
fn state() -> Value {
    json!({ "values": { "root_module": { "child_modules": [{ "resources": [{ "mode": "managed" }] }] } } })
}

fn changes(action: &str) -> Value {
    json!([{ "address": "a.b", "mode": "managed", "change": { "actions": [action] } }])
}

fn output() -> Value {
    json!({ "o": { "actions": ["update"], "before": 1, "after": 2 } })
}

#[test]
fn a_plan_with_entries_is_a_normal_one_unless_it_records_something_and_changes_nothing() {
    let plan = |changes: Value, applyable: bool| {
        json!({ "configuration": configuration(json!({})), "resource_changes": changes, "prior_state": state(),
                "complete": true, "applyable": applyable })
    };
    check(plan(changes("no-op"), false), Intent::Normal);
    check(plan(changes("update"), true), Intent::Normal);
    check(plan(changes("no-op"), true), Intent::RefreshOnly);
}

#[test]
fn a_plan_without_an_entry_for_what_is_in_the_state_refreshes() {
    for configuration in [
        configuration(json!({})),
        configuration(json!({ "count_expression": { "references": ["var.n"] } })),
        in_module(json!({})),
        json!({}),
    ] {
        let plan = json!({ "configuration": configuration, "prior_state": state(), "output_changes": output(),
                           "resource_changes": [{ "mode": "data", "change": { "actions": ["read"] } }] });
        check(plan.clone(), Intent::RefreshOnly);
        for members in
            [json!({ "complete": false, "applyable": true }), json!({ "complete": true, "applyable": false })]
        {
            let mut plan = plan.clone();
            plan.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            check(plan, Intent::RefreshOnly);
        }
    }
}

#[test]
fn a_refresh_that_finds_everything_gone_is_told_by_its_drift() {
    let drift = json!([{ "address": "a.b", "change": { "actions": ["delete"] } }]);
    check(json!({ "resource_drift": drift, "output_changes": output(), "applyable": true }), Intent::RefreshOnly);
    check(json!({ "resource_drift": drift, "applyable": false }), Intent::Normal);
}

#[test]
fn a_plan_that_creates_nothing_where_nothing_is_destroys() {
    let plan = |configuration: Value| json!({ "configuration": configuration, "complete": true, "applyable": false });
    check(plan(configuration(json!({}))), Intent::Destroy);
    check(plan(configuration(json!({ "count_expression": { "constant_value": 2 } }))), Intent::Destroy);
    check(plan(in_module(json!({}))), Intent::Destroy);
    check(plan(configuration(json!({ "count_expression": { "constant_value": 0 } }))), Intent::Normal);
    check(plan(configuration(json!({ "for_each_expression": { "constant_value": {} } }))), Intent::Normal);
    check(plan(in_module(json!({ "count_expression": { "constant_value": 0 } }))), Intent::Normal);
    check(plan(json!({ "root_module": {} })), Intent::Normal);
}

#[test]
fn where_the_number_of_instances_is_not_known_nothing_is_said() {
    let plan = |configuration: Value| json!({ "configuration": configuration, "complete": true, "applyable": false });
    check(plan(configuration(json!({ "count_expression": { "references": ["var.n"] } }))), Intent::Unclear);
    check(plan(in_module(json!({ "for_each_expression": { "references": ["var.n"] } }))), Intent::Unclear);
}

#[test]
fn a_plan_that_failed_or_is_partial_tells_nothing_by_what_it_leaves_out() {
    check(json!({ "configuration": configuration(json!({})), "complete": false }), Intent::Normal);
    check(
        json!({ "configuration": configuration(json!({})), "prior_state": state(), "errored": true }),
        Intent::Normal,
    );
}
