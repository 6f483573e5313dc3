use serde_json::{Value, json};

use super::*;
use crate::document::Document;
use crate::guard::FailOn;
use crate::markdown::verdict;

fn review(plan: &Value) -> Review {
    Review::of(&Document::of(&plan.to_string(), &crate::guard::Guard::default()).unwrap())
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
    let text = crate::text::plan(&Document::of(&plan.to_string(), &crate::guard::Guard::default()).unwrap());
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

#[test]
fn what_is_destroyed_and_nobody_knows_is_told_where_risks_are_refused() {
    let gone = |kind: &str| {
        let mut gone = change(&format!("{kind}.a"), &["delete"], json!({}), Value::Null);
        gone["type"] = json!(kind);
        gone
    };
    let of = |cause: &str, allowed: &[&str]| {
        let fail_on = FailOn::new([crate::guard::Cause::parse(cause).unwrap()]);
        let allowed = allowed.iter().map(|text| crate::guard::Pattern::parse(text).unwrap()).collect();
        let guard = crate::guard::Guard::default().refusing(fail_on, allowed);
        let kinds = ["google_sql_database_instance", "random_password", "aws_ssm_parameter", "terraform_data"];
        let plan = plan(kinds.into_iter().map(gone).collect()).to_string();
        let review = Review::of(&Document::of(&plan, &guard).unwrap());
        let warnings = crate::warnings::warnings(&review);
        warnings.into_iter().find(|warning| warning.headline.contains("nothing is known of"))
    };
    let warning = of("data-loss", &[]).unwrap();
    assert_eq!(warning.headline, "1 destroyed object is of a type that nothing is known of:");
    assert!(warning.text.starts_with("`google_sql_database_instance.a`. "), "{warning:?}");
    assert_eq!(of("none", &[]), Some(warning));
    for (cause, allowed) in [("destroy", &[][..]), ("data-loss", &["google_*"])] {
        assert_eq!(of(cause, allowed), None, "{cause}");
    }
}

#[test]
fn why_a_plan_is_partial_is_told() {
    let why = |mut plan: Value, more: Value| {
        plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let warnings = crate::warnings::warnings(&review(&plan));
        warnings.into_iter().find(|warning| warning.headline == "This plan is partial:").unwrap().text
    };
    let one = || change("t.a", &["update"], json!({ "a": 1 }), json!({ "a": 2 }));
    let targeted = why(plan(vec![one()]), json!({ "complete": false }));
    assert_eq!(targeted, "it was made with `-target` or `-exclude`. Applying it leaves other changes undone.");
    let later = json!({ "complete": false, "deferred_changes": [{ "reason": "instance_count_unknown", "resource_change": one() }] });
    let deferred = why(plan(vec![one()]), later.clone());
    assert_eq!(deferred, "1 change is deferred to a later one. Applying it leaves other changes undone.");
    let mut both = later;
    both["deferred_action_invocations"] = json!([{ "action_invocation": { "address": "action.x.y" } }]);
    let both = why(plan(vec![one()]), both);
    assert_eq!(both, "1 change and 1 action are deferred to a later one. Applying it leaves other changes undone.");
}

#[test]
fn a_failing_check_names_its_instances() {
    let mut failing = plan(vec![change("t.a[0]", &["update"], json!({ "a": 1 }), json!({ "a": 2 }))]);
    let instance = |key: u8, status: &str, messages: &[&str]| {
        let problems: Vec<Value> = messages.iter().map(|message| json!({ "message": message })).collect();
        json!({ "address": { "to_display": format!("t.a[{key}]"), "instance_key": key }, "status": status, "problems": problems })
    };
    failing["checks"] = json!([
        { "address": { "kind": "resource", "to_display": "t.a" }, "status": "fail", "instances": [
            instance(0, "fail", &["too small", "too red"]), instance(1, "pass", &[]), instance(2, "unknown", &[]),
            instance(3, "fail", &[]), instance(4, "fail", &["too small"])] },
        { "address": { "kind": "check", "to_display": "check.c" }, "status": "fail", "instances": [
            { "address": { "to_display": "check.c" }, "status": "fail", "problems": [{ "message": "no" }] }] },
    ]);
    let checks = review(&failing).checks;
    assert_eq!(
        checks[0].problems,
        ["t.a[0]: too small", "t.a[0]: too red", "t.a[2]: unknown", "t.a[3]: fail", "t.a[4]: too small"]
    );
    assert_eq!(checks[1].problems, ["no"]);
}
