//! One small plan in the form of each version of the format. What came when is told by the tags of Terraform's repository
//! (`jsonplan/plan.go`):
//!
//! | format | Terraform | new in it |
//! | --- | --- | --- |
//! | 0.1 | 0.12 to 0.14 | no masks, no drift, no reasons, no `replace_paths` |
//! | 0.1 | 0.15.0 | `before_sensitive`, `after_sensitive` |
//! | 0.1 | 0.15.4 to 1.0.0 | `action_reason`, `replace_paths`; `resource_drift` without `address` |
//! | 0.2 | 1.0.1 | the addresses of drift; `sensitive_values` |
//! | 1.0 | 1.1 | `previous_address` |
//! | 1.1 | 1.2 to 1.4 | `relevant_attributes`; `condition_results` (1.2, 1.3), then `checks` (1.3) |
//! | 1.2 | 1.5 | `importing`, `generated_config`, `timestamp` |
//! | 1.2 | 1.6 to 1.8 | `errored`; `forget` (1.7); `applyable`, `complete` |
//! | 1.2 | 1.9 | `deferred_changes` |
//! | 1.2 | 1.12 | identities |
//! | 1.2 | 1.14 | `action_invocations` |

use serde_json::{Value, json};
use testkit::{FakeRunner, RunOutput};

use crate::run;

fn plan(format: &str, terraform: &str, more: Value) -> Value {
    let mut plan = json!({ "format_version": format, "terraform_version": terraform,
        "planned_values": { "root_module": {} }, "configuration": { "root_module": {} } });
    merge(&mut plan, more);
    plan
}

fn merge(into: &mut Value, more: Value) {
    let Value::Object(more) = more else { return };
    for (name, value) in more {
        into[name] = value;
    }
}

#[expect(clippy::needless_pass_by_value, reason = "tests pass what they make")]
fn entry(name: &str, actions: &[&str], before: Value, after: Value) -> Value {
    json!({ "address": format!("t.{name}"), "mode": "managed", "type": "t", "name": name, "provider_name": "p",
            "change": { "actions": actions, "before": before, "after": after, "after_unknown": {} } })
}

/// An entry with what was added to the change, and to the entry.
fn masked(mut entry: Value, change: Value, more: Value) -> Value {
    merge(&mut entry["change"], json!({ "before_sensitive": {}, "after_sensitive": {} }));
    merge(&mut entry["change"], change);
    merge(&mut entry, more);
    entry
}

/// All renderings: what the summary says, with the outputs; and the text.
fn renderings(plan: &Value) -> (RunOutput, String) {
    let runner = FakeRunner::new().file("plan.json", plan.to_string());
    let out = run(&runner, &["--plan", "plan.json", "--target", "none"]);
    out.assert_code(0);
    let text = run(&runner, &["--plan", "plan.json", "--format", "text"]);
    text.assert_code(0);
    (out, text.stdout)
}

#[track_caller]
fn tells(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[track_caller]
fn counted(out: &RunOutput, expected: [&str; 4]) {
    assert_eq!(["add", "change", "destroy", "replace"].map(|name| out.outputs[name].as_str()), expected);
}

#[test]
fn format_0_1_without_masks_shows_what_happens_and_no_value() {
    let plan = plan(
        "0.1",
        "0.12.31",
        json!({
            "resource_changes": [
                entry("made", &["create"], json!(null), json!({ "size": "TOP-SECRET-1" })),
                entry("changed", &["update"], json!({ "size": 1, "note": "TOP-SECRET-2" }), json!({ "size": 2, "note": "TOP-SECRET-2" })),
                entry("swapped", &["delete", "create"], json!({ "size": 1 }), json!({ "size": 2 })),
                entry("same", &["no-op"], json!({ "size": 1 }), json!({ "size": 1 })),
            ],
            "output_changes": { "url": { "actions": ["create"], "before": null, "after": "TOP-SECRET-3", "after_unknown": false } },
        }),
    );
    let (out, text) = renderings(&plan);
    counted(&out, ["2", "1", "1", "1"]);
    tells(&out.summary, &["`t.made`", "`t.changed` | changes `size` |", "`t.swapped`", "url", "every value is hidden"]);
    tells(
        &text,
        &["# t.made will be created", "# t.changed will be updated in-place", "# t.swapped must be replaced", "url"],
    );
    assert!(!out.summary.contains("TOP-SECRET") && !text.contains("TOP-SECRET"), "{}\n{text}", out.summary);
}

#[test]
fn format_0_1_has_masks_since_terraform_0_15() {
    let secret = masked(
        entry(
            "a",
            &["update"],
            json!({ "size": 1, "key": "TOP-SECRET-1" }),
            json!({ "size": 2, "key": "TOP-SECRET-2" }),
        ),
        json!({ "before_sensitive": { "key": true }, "after_sensitive": { "key": true } }),
        json!({}),
    );
    let (out, text) = renderings(&plan("0.1", "0.15.0", json!({ "resource_changes": [secret] })));
    tells(&out.summary, &["! size = 1 -> 2", "(sensitive value, changed)"]);
    tells(&text, &["~ size = 1 -> 2", "~ key  = (sensitive value)"]);
    assert!(!out.summary.contains("TOP-SECRET") && !text.contains("TOP-SECRET"), "{}\n{text}", out.summary);
}

#[test]
fn format_0_1_of_terraform_1_0_0_lists_drift_without_addresses() {
    let drifted = |name: &str, module: Option<&str>, after: Value| {
        let mut entry = masked(
            entry(name, &["update"], json!({ "size": 1 }), after),
            json!({}),
            json!({ "module_address": module }),
        );
        entry.as_object_mut().unwrap().remove("address");
        entry
    };
    let drift = [
        drifted("root", None, json!({ "size": 2 })),
        drifted("inner", Some("module.m[\"k\"]"), json!({ "size": 3 })),
        drifted("spelled_otherwise", None, json!({ "size": 1 })),
    ];
    let swapped = masked(
        entry("a", &["delete", "create"], json!({ "size": 1 }), json!({ "size": 2 })),
        json!({ "replace_paths": [["size"]] }),
        json!({ "action_reason": "replace_because_cannot_update" }),
    );
    let (out, text) =
        renderings(&plan("0.1", "1.0.0", json!({ "resource_changes": [swapped], "resource_drift": drift })));
    counted(&out, ["1", "0", "1", "1"]);
    tells(
        &out.summary,
        &["`size` cannot change in place", "t.root", "module.m[&quot;k&quot;].t.inner", "! size = 1 -> 3"],
    );
    assert!(!out.summary.contains("spelled_otherwise"), "{}", out.summary);
    tells(&out.summary, &["1 change outside of Terraform that this plan does not depend on"]);
    tells(
        &text,
        &["~ size = 1 -> 2 # forces replacement", "# t.root has changed", "# module.m[\"k\"].t.inner has changed"],
    );
}

#[test]
fn format_0_2_has_the_addresses_of_drift() {
    let gone = masked(
        entry("gone", &["delete"], json!({ "size": 1 }), json!(null)),
        json!({ "after_sensitive": false }),
        json!({}),
    );
    let again = masked(
        entry("gone", &["create"], json!(null), json!({ "size": 1 })),
        json!({ "before_sensitive": false }),
        json!({}),
    );
    let (out, text) =
        renderings(&plan("0.2", "1.0.11", json!({ "resource_changes": [again], "resource_drift": [gone] })));
    counted(&out, ["1", "0", "0", "0"]);
    tells(&out.summary, &["#### Changed outside of Terraform", "was deleted"]);
    tells(&text, &["# t.gone has been deleted", "# t.gone will be created"]);
}

#[test]
fn format_1_0_has_moves() {
    let moved = masked(
        entry("new", &["no-op"], json!({ "size": 1 }), json!({ "size": 1 })),
        json!({}),
        json!({ "previous_address": "t.old" }),
    );
    let (out, text) = renderings(&plan("1.0", "1.1.9", json!({ "resource_changes": [moved] })));
    assert_eq!((out.outputs["move"].as_str(), out.outputs["has-changes"].as_str()), ("1", "true"));
    tells(&out.summary, &["t.old", "🔵 move"]);
    tells(&text, &["# t.old has moved to t.new"]);
}

#[test]
fn format_1_1_says_what_is_relevant_and_what_conditions_came_to() {
    let drift =
        |name: &str| masked(entry(name, &["update"], json!({ "size": 1 }), json!({ "size": 2 })), json!({}), json!({}));
    let made = masked(
        entry("made", &["create"], json!(null), json!({ "size": 1 })),
        json!({ "before_sensitive": false }),
        json!({}),
    );
    let base = json!({
        "resource_changes": [made],
        "resource_drift": [drift("counts"), drift("does_not")],
        "relevant_attributes": [{ "resource": "t.counts", "attribute": ["size"] }],
    });
    let conditions = json!({ "condition_results": [
        { "address": "t.made", "condition_type": "ResourcePostcondition", "result": false, "unknown": false, "error_message": "too small" },
        { "address": "output.url", "condition_type": "OutputPrecondition", "result": true, "unknown": false },
        { "address": "t.later", "condition_type": "ResourcePostcondition", "result": false, "unknown": true },
    ] });
    let checks = json!({ "checks": [
        { "address": { "kind": "resource", "to_display": "t.made" }, "status": "fail", "instances": [
            { "address": { "to_display": "t.made" }, "status": "fail", "problems": [{ "message": "too small" }] }] },
        { "address": { "kind": "output_value", "to_display": "output.url" }, "status": "pass" },
        { "address": { "kind": "resource", "to_display": "t.later" }, "status": "unknown" },
    ] });
    for (terraform, results) in [("1.2.9", conditions), ("1.4.7", checks)] {
        let mut document = plan("1.1", terraform, base.clone());
        merge(&mut document, results);
        let (out, text) = renderings(&document);
        tells(&out.summary, &["t.counts", "too small", "`t.made`", "1 check passed"]);
        assert!(!out.summary.contains("does_not"), "{terraform}: {}", out.summary);
        tells(&text, &["# t.counts has changed"]);
        assert!(!text.contains("does_not"), "{terraform}: {text}");
    }
}

#[test]
fn format_1_2_has_imports_and_times() {
    let imported = masked(
        entry("a", &["no-op"], json!({ "id": "i-1" }), json!({ "id": "i-1" })),
        json!({ "importing": { "id": "i-1" }, "generated_config": "resource \"t\" \"a\" {}" }),
        json!({}),
    );
    let document = plan("1.2", "1.5.7", json!({ "resource_changes": [imported], "timestamp": "2026-11-22T10:00:00Z" }));
    let (out, text) = renderings(&document);
    assert_eq!((out.outputs["import"].as_str(), out.outputs["has-changes"].as_str()), ("1", "true"));
    tells(&out.summary, &["imports `i-1`"]);
    tells(&text, &["# t.a will be imported", "1 to import"]);
}

#[test]
fn format_1_2_says_since_1_8_whether_a_plan_is_whole() {
    let made = || {
        masked(
            entry("made", &["create"], json!(null), json!({ "size": 1 })),
            json!({ "before_sensitive": false }),
            json!({}),
        )
    };
    let forgotten = masked(
        entry("kept", &["forget"], json!({ "size": 1 }), json!(null)),
        json!({ "after_sensitive": false }),
        json!({}),
    );
    let (out, _) =
        renderings(&plan("1.2", "1.7.5", json!({ "resource_changes": [made(), forgotten], "errored": false })));
    assert_eq!((out.outputs["forget"].as_str(), out.summary.contains("partial")), ("1", false), "{}", out.summary);
    let states = [
        (json!({ "errored": false, "applyable": true, "complete": true }), "complete"),
        (json!({ "errored": false, "applyable": true, "complete": false }), "partial"),
        (json!({ "errored": true, "applyable": false, "complete": false }), "errored"),
        // OpenTofu has `errored` alone.
        (json!({ "errored": false }), "complete"),
        (json!({ "errored": true }), "errored"),
        (json!({}), "complete"),
    ];
    for (state, expected) in states {
        let mut document = plan("1.2", "1.11.4", json!({ "resource_changes": [made()] }));
        merge(&mut document, state.clone());
        let runner = FakeRunner::new().file("plan.json", document.to_string());
        let out = run(&runner, &["--plan", "plan.json", "--format", "json"]);
        let review: Value = serde_json::from_str(&out.stdout).unwrap();
        assert_eq!(review["state"], expected, "{state}");
    }
}

#[test]
fn format_1_2_has_deferrals_identities_and_actions() {
    let deferred = masked(
        entry("later", &["create"], json!(null), json!({ "size": 1 })),
        json!({ "before_sensitive": false }),
        json!({}),
    );
    let imported = masked(
        entry("a", &["no-op"], json!({ "size": 1 }), json!({ "size": 1 })),
        json!({ "importing": { "identity": { "region": "eu-1", "number": 7 } }, "before_identity": { "region": "eu-1" },
                "after_identity": { "region": "eu-1" } }),
        json!({}),
    );
    let document = plan(
        "1.2",
        "1.14.0",
        json!({
            "resource_changes": [imported],
            "deferred_changes": [{ "reason": "instance_count_unknown", "resource_change": deferred }],
            "action_invocations": [{ "address": "action.mail.all", "type": "mail", "name": "all", "provider_name": "p",
                                     "config_values": { "to": "x" }, "invoke_action_trigger": {} }],
            "complete": false, "applyable": true, "errored": false,
        }),
    );
    let (out, text) = renderings(&document);
    tells(&out.summary, &["t.later", "region=eu-1", "number=7", "action.mail.all"]);
    tells(&text, &["t.later", "action.mail.all"]);
    assert_eq!(out.outputs["has-changes"], "true");
}

#[test]
fn a_later_minor_version_is_read_and_a_later_major_one_refused() {
    let made = masked(
        entry("made", &["create"], json!(null), json!({ "size": 1 })),
        json!({ "before_sensitive": false }),
        json!({ "news": 1 }),
    );
    let (out, _) = renderings(&plan("1.99", "2.0.0", json!({ "resource_changes": [made], "something_new": [1] })));
    counted(&out, ["1", "0", "0", "0"]);
    for version in [json!("9"), json!("9.0"), json!(9), json!("2.0-beta"), json!("one")] {
        let mut document = plan("1.2", "9.0.0", json!({}));
        document["format_version"] = version.clone();
        let runner = FakeRunner::new().file("plan.json", document.to_string());
        let out = run(&runner, &["--plan", "plan.json", "--format", "text"]);
        out.assert_code(2);
        tells(&out.stderr, &["terraform-plan-comment/unknown-format: ", "terraform show -json"]);
    }
}

/// Tools that write plans themselves leave out what they do not need.
#[test]
fn a_plan_with_nothing_in_it_has_no_changes_and_one_of_a_strange_shape_is_refused() {
    for nothing in
        [json!({}), json!({ "resource_changes": null, "output_changes": null }), json!({ "resource_changes": [] })]
    {
        let (out, text) = renderings(&plan("1.2", "1.11.4", nothing));
        assert_eq!(out.outputs["has-changes"], "false");
        tells(&text, &["No changes."]);
    }
    let strange = [
        json!({ "resource_changes": { "t.a": {} } }),
        json!({ "resource_changes": "none" }),
        json!({ "resource_changes": ["t.a"] }),
        json!({ "resource_changes": [{ "address": "t.a" }] }),
        json!({ "output_changes": [] }),
        json!({ "resource_drift": {} }),
        json!({ "checks": {} }),
    ];
    for shape in strange {
        let runner = FakeRunner::new().file("plan.json", plan("1.2", "1.11.4", shape.clone()).to_string());
        let out = run(&runner, &["--plan", "plan.json", "--format", "markdown"]);
        assert_eq!(out.code, 2, "{shape}: {}", out.stdout);
        tells(&out.stderr, &["terraform-plan-comment/plan-incomplete: "]);
    }
}
