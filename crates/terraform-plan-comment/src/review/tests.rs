use serde_json::{Value, json};

use super::*;
use crate::json::Json;
use crate::markdown::verdict;

fn review(plan: &Value) -> Review {
    Review::of(&Document::of(&Json::parse(&plan.to_string()).unwrap(), &crate::guard::Guard::default()).unwrap())
}

#[expect(clippy::needless_pass_by_value, reason = "tests pass `json!` literals")]
fn change(address: &str, actions: &[&str], before: Value, after: Value) -> Value {
    json!({ "address": address, "mode": "managed", "type": "t", "change": {
        "actions": actions, "before": before, "after": after, "before_sensitive": {}, "after_sensitive": {} } })
}

#[expect(clippy::needless_pass_by_value, reason = "tests pass `vec!` literals")]
fn plan(changes: Vec<Value>) -> Value {
    json!({ "format_version": "1.2", "resource_changes": changes, "applyable": true, "complete": true, "errored": false })
}

#[test]
fn every_action_is_counted_as_terraform_counts_it() {
    let actions: [&[&str]; 10] = [
        &["create"],
        &["update"],
        &["delete"],
        &["delete", "create"],
        &["create", "delete"],
        &["create", "forget"],
        &["forget", "create"],
        &["forget"],
        &["read"],
        &["no-op"],
    ];
    let changes =
        actions.iter().enumerate().map(|(n, actions)| change(&format!("a.b{n}"), actions, json!({}), json!({})));
    let review = review(&plan(changes.collect()));
    let expected = Counts { add: 5, change: 1, destroy: 3, replace: 4, forget: 3, read: 1, ..Counts::default() };
    assert_eq!((review.counts, review.unchanged), (expected, 1));
    assert_eq!(review.resources[0].verb, Verb::Delete);
    assert_eq!(review.resources.last().unwrap().verb, Verb::Read);
}

#[test]
fn a_plan_that_only_refreshes_has_changes() {
    let mut refresh = plan(vec![change("a.b", &["no-op"], json!({}), json!({}))]);
    refresh["resource_drift"] = json!([change("a.b", &["update"], json!({ "x": 1 }), json!({ "x": 2 }))]);
    let refreshed = review(&refresh);
    assert!(refreshed.has_changes && refreshed.state == PlanState::RefreshOnly);
    assert_eq!(verdict(&refreshed), "no resource changes, the state takes over 1 change made outside of Terraform");
    refresh["applyable"] = json!(false);
    assert!(!review(&refresh).has_changes);
}

#[test]
fn a_refresh_that_changes_an_output_is_one_too_and_shows_all_drift() {
    let mut refresh = plan(vec![]);
    refresh["prior_state"] = json!({ "values": { "root_module": { "resources": [{ "mode": "managed" }] } } });
    refresh["resource_drift"] = json!([change("a.b", &["update"], json!({ "x": 1 }), json!({ "x": 2 }))]);
    refresh["output_changes"] = json!({ "o": { "actions": ["update"], "before": 1, "after": 2 } });
    let refreshed = review(&refresh);
    assert_eq!((refreshed.state, refreshed.drift.len()), (PlanState::RefreshOnly, 1));
    let expected = "no resource changes, 1 output changes, the state takes over 1 change made outside of Terraform";
    assert_eq!(verdict(&refreshed), expected);
    refresh["complete"] = json!(false);
    assert_eq!((review(&refresh).state, review(&refresh).drift.len()), (PlanState::Partial, 1));
    // Terraform before 1.8.
    let older = json!({ "format_version": "1.2", "prior_state": refresh["prior_state"], "resource_drift": refresh["resource_drift"] });
    assert!(review(&older).has_changes && review(&older).state == PlanState::RefreshOnly);
}

#[test]
fn text_and_review_count_the_same() {
    let all = [&["create"][..], &["delete", "create"], &["create", "forget"], &["unheard", "delete"], &["delete"]];
    let changes = all.iter().enumerate().map(|(n, actions)| change(&format!("a.b{n}"), actions, json!({}), json!({})));
    let plan = plan(changes.collect());
    let text = crate::text::plan(
        &Document::of(&Json::parse(&plan.to_string()).unwrap(), &crate::guard::Guard::default()).unwrap(),
    );
    let counts = review(&plan).counts;
    let line = format!("Plan: {} to add, {} to change, {} to destroy.", counts.add, counts.change, counts.destroy);
    assert!(text.contains(&line) && (counts.add, counts.destroy) == (3, 3), "{line}\n{text}");
}

#[test]
fn drift_is_shown_where_the_plan_depends_on_it() {
    let mut drifted = plan(vec![change("a.b", &["update"], json!({}), json!({ "x": 1 }))]);
    let drift = |address, before, after| change(address, &["update"], before, after);
    drifted["resource_drift"] = json!([
        drift("d.one", json!({ "id": "1", "tag": "a" }), json!({ "id": "2", "tag": "a" })),
        drift("d.two", json!({ "id": "1", "tag": "a" }), json!({ "id": "1", "tag": "b" })),
    ]);
    assert_eq!((review(&drifted).drift.len(), review(&drifted).irrelevant_drift), (0, 2));
    drifted["format_version"] = json!("1.0");
    assert_eq!(review(&drifted).drift.len(), 2, "an older plan does not say what it depends on");
    drifted["format_version"] = json!("1.2");
    drifted["relevant_attributes"] =
        json!([{ "resource": "d.one", "attribute": ["id"] }, { "resource": "d.two", "attribute": ["id"] }]);
    let relevant = review(&drifted);
    assert_eq!((relevant.drift.len(), relevant.irrelevant_drift), (1, 1));
    assert_eq!(relevant.drift[0].address, "d.one");
}

#[test]
fn deferred_changes_and_action_runs_are_kept() {
    let mut later = plan(vec![]);
    later["deferred_changes"] = json!([{ "reason": "instance_count_unknown", "resource_change": change("a.b[*]", &["create"], Value::Null, json!({})) }]);
    later["action_invocations"] = json!([{ "address": "action.x.y", "lifecycle_action_trigger": {
        "triggering_resource_address": "a.b", "action_trigger_event": "BeforeCreate" } }]);
    let review = review(&later);
    assert!(review.has_changes && review.state == PlanState::Partial);
    assert_eq!(review.deferred[0].reason, "instance count unknown");
    assert_eq!(review.invocations[0].when, "before create of a.b");
}

#[test]
fn a_plan_without_masks_hides_every_value() {
    let mut old = plan(vec![change("a.b", &["update"], json!({ "p": "hunter2-old" }), json!({ "p": "hunter2-new" }))]);
    let change = old["resource_changes"][0]["change"].as_object_mut().unwrap();
    change.remove("before_sensitive");
    change.remove("after_sensitive");
    let shown = serde_json::to_string(&review(&old)).unwrap();
    assert!(!shown.contains("hunter2") && shown.contains("(sensitive value, changed)"), "{shown}");
}

#[test]
fn forcing_paths_are_written_as_in_the_configuration() {
    let mut replaced = change("a.b", &["delete", "create"], json!({ "x": [{ "y": 1 }] }), json!({ "x": [{ "y": 2 }] }));
    replaced["change"]["replace_paths"] = json!([["x", 0, "y"], ["tags", "a b"]]);
    let review = review(&plan(vec![replaced]));
    assert_eq!(review.resources[0].forced_by, ["x[0].y", "tags[\"a b\"]"]);
    let lines = crate::markdown::diff_lines(&review.resources[0].attributes).join("\n");
    assert!(lines.contains("y = 1 -> 2  # forces replacement"), "{lines}");
}

#[test]
fn a_data_source_is_not_destroyed() {
    let mut data = change("data.a.b", &["delete"], json!({}), Value::Null);
    data["mode"] = json!("data");
    let review = review(&json!({ "format_version": "1.2", "resource_changes": [data] }));
    assert!(!review.has_changes && review.counts.destroy == 0);
}

#[test]
fn what_is_opened_is_listed_and_no_change() {
    let opened = |address: &str, action: &str| {
        json!({ "address": address, "mode": "ephemeral", "type": "t", "change": { "actions": [action], "before": null, "after": null,
            "after_unknown": {}, "before_sensitive": false, "after_sensitive": false } })
    };
    let alone = json!({ "format_version": "1.2", "resource_changes": [opened("ephemeral.t.a", "open"), opened("ephemeral.t.b", "renew")] });
    let alone = review(&alone);
    assert_eq!(alone.opened, ["ephemeral.t.a", "ephemeral.t.b"]);
    assert_eq!((alone.has_changes, alone.counts, alone.unchanged), (false, Counts::default(), 0));
    assert!(alone.resources.is_empty());
    // What nobody knows is still a change.
    let unknown =
        review(&json!({ "format_version": "1.2", "resource_changes": [opened("ephemeral.t.a", "evaporate")] }));
    assert_eq!((unknown.has_changes, unknown.counts.unknown), (true, 1));
}
