use serde_json::{Value, json};

use super::{plan_of, resource, text, update};

fn block() -> Value {
    json!({ "attributes": { "a": { "type": "number" }, "b": { "type": "number" } } })
}

fn shown(plan: &Value) -> String {
    text(plan, &block())
}

#[test]
fn drift_is_shown_as_far_as_the_plan_depends_on_it() {
    let mut plan = plan_of(&[resource(update(json!({ "a": 2, "b": 2 }), json!({ "a": 3, "b": 2 })))]);
    plan["resource_drift"] = json!([resource(update(json!({ "a": 1, "b": 1 }), json!({ "a": 2, "b": 2 })))]);
    assert!(!shown(&plan).contains("Note: Objects have changed"), "{}", shown(&plan));
    plan["relevant_attributes"] = json!([{ "resource": "t.n", "attribute": ["a"] }]);
    let expected = "
Note: Objects have changed outside of Terraform

Terraform detected the following changes made outside of Terraform since the
last \"terraform apply\" which may have affected this plan:

  # t.n has changed
  ~ resource \"t\" \"n\" {
      ~ a = 1 -> 2
        # (1 unchanged attribute hidden)
    }


Unless you have made equivalent changes to your configuration, or ignored the
relevant attributes using ignore_changes, the following plan may include
actions to undo or respond to these changes.

─────────────────────────────────────────────────────────────────────────────

Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
  ~ update in-place
";
    assert!(shown(&plan).starts_with(expected), "{}", shown(&plan));
}

#[test]
fn a_refresh_shows_all_drift_and_ends() {
    let mut plan = plan_of(&[]);
    plan["resource_drift"] = json!([resource(
        json!({ "actions": ["delete"], "before": { "a": 1 }, "after": null, "before_sensitive": {}, "after_sensitive": false })
    )]);
    let expected = "
Note: Objects have changed outside of Terraform

Terraform detected the following changes made outside of Terraform since the
last \"terraform apply\" which may have affected this plan:

  # t.n has been deleted
  - resource \"t\" \"n\" {
      - a = 1 -> null
    }


This is a refresh-only plan, so Terraform will not take any actions to undo
these. If you were expecting these changes then you can apply this plan to
record the updated values in the Terraform state without changing any remote
objects.
";
    assert_eq!(shown(&plan), expected);
}

#[test]
fn deferred_changes_are_shown_though_terraform_show_leaves_them_out() {
    let create = json!({ "actions": ["create"], "before": null, "after": { "a": 1 }, "before_sensitive": false, "after_sensitive": {} });
    let mut plan = plan_of(&[]);
    plan["applyable"] = json!(false);
    plan["deferred_changes"] = json!([{ "reason": "instance_count_unknown", "resource_change": resource(create) }]);
    let expected = "
No current changes. This plan requires another plan to be applied first.


Note: This is a partial plan, parts can only be known in the next plan / apply cycle.


  # t.n was deferred
  # (because the number of resource instances is unknown)
  + resource \"t\" \"n\" {
      + a = 1
    }

─────────────────────────────────────────────────────────────────────────────
";
    assert_eq!(shown(&plan), expected);
    plan["deferred_changes"][0]["reason"] = json!("full_moon");
    assert!(shown(&plan).contains("  # (reason: full_moon)\n"), "{}", shown(&plan));
}

#[test]
fn actions_of_providers_stand_below_what_triggers_them() {
    let mut plan = plan_of(&[resource(update(json!({ "a": 1 }), json!({ "a": 2 })))]);
    let trigger = |event: &str, index: u64| {
        json!({ "address": format!("action.t.{event}"), "type": "t", "name": event, "provider_name": "p",
            "config_values": { "a": index }, "config_sensitive": {}, "config_unknown": {},
            "lifecycle_action_trigger": { "triggering_resource_address": "t.n", "action_trigger_event": event,
                "action_trigger_block_index": 0, "actions_list_index": index } })
    };
    let alone = |name: &str| json!({ "address": format!("action.t.{name}"), "type": "t", "name": name, "provider_name": "p", "invoke_action_trigger": {} });
    plan["action_invocations"] = json!([
        trigger("AfterUpdate", 1),
        trigger("BeforeUpdate", 0),
        trigger("AfterUpdate", 0),
        alone("second"),
        alone("first"),
    ]);
    let expected = "
  # t.n will be updated in-place
  ~ resource \"t\" \"n\" {
      ~ a = 1 -> 2
    }

    # Actions to be invoked before this change in order:
    action \"t\" \"BeforeUpdate\" {
        config {
            a = 0
        }
    }


    # Actions to be invoked after this change in order:
    action \"t\" \"AfterUpdate\" {
        config {
            a = 0
        }
    }
    action \"t\" \"AfterUpdate\" {
        config {
            a = 1
        }
    }


Plan: 0 to add, 1 to change, 0 to destroy. Actions: 5 to invoke.

Terraform will invoke the following action(s):

  # action.t.second will be invoked
    action \"t\" \"second\" {
    }

  # action.t.first will be invoked
    action \"t\" \"first\" {
    }

";
    assert!(shown(&plan).ends_with(expected), "{}", shown(&plan));
}

#[test]
fn actions_and_reasons_that_no_one_knows_are_shown() {
    let mut change = resource(update(json!({ "a": 1 }), json!({ "a": 2 })));
    change["change"]["actions"] = json!(["transmogrify", "delete"]);
    change["action_reason"] = json!("because_of_the_moon");
    let expected = "
  # t.n has actions that are not known: transmogrify, delete
  # (reason: because_of_the_moon)
  ? resource \"t\" \"n\" {
      ~ a = 1 -> 2
    }

Plan: 0 to add, 0 to change, 1 to destroy.
";
    let text = shown(&plan_of(&[change]));
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn each_reason_for_a_destruction_has_its_words() {
    let words = |reason: &str, index: Value| {
        let mut change = resource(
            json!({ "actions": ["delete"], "before": { "a": 1 }, "after": null, "before_sensitive": {}, "after_sensitive": false }),
        );
        change["action_reason"] = json!(reason);
        change["index"] = index;
        let text = shown(&plan_of(&[change]));
        text.lines().find_map(|line| line.strip_prefix("  # (")).unwrap().to_owned()
    };
    assert_eq!(words("delete_because_enabled_false", Value::Null), "because enabled is false)");
    assert_eq!(words("delete_because_count_index", json!(3)), "because index [3] is out of range for count)");
    // Terraform prints the key as the JSON has it.
    let key = json!("a<b>&\"é\u{1}\u{202e}");
    let expected = r#"because key ["a\u003cb\u003e\u0026\"é\u0001\u{202e}"] is not in for_each map)"#;
    assert_eq!(words("delete_because_each_key", key), expected);
    for (reason, _) in crate::review::REASONS.iter().filter(|(reason, _)| reason.starts_with("delete_because")) {
        assert!(words(reason, Value::Null).starts_with("because "), "{reason}");
    }
    assert_eq!(words("delete_because_of_the_moon", Value::Null), "reason: delete_because_of_the_moon)");
}

#[test]
fn a_plan_without_objects_has_words_that_are_true_whatever_it_was_made_for() {
    let mut plan = plan_of(&[]);
    plan["applyable"] = json!(false);
    plan["configuration"] = json!({ "root_module": { "resources": [
        { "address": "t.n", "mode": "managed", "count_expression": { "references": ["var.n"] } }] } });
    assert_eq!(
        shown(&plan),
        "\nNo changes. There is nothing to do.\n\nThere are no objects, and this plan makes none.\n"
    );
}

#[test]
fn what_is_forgotten_is_told_by_its_own_words() {
    let mut change = resource(
        json!({ "actions": ["forget"], "before": { "a": 1 }, "after": null, "before_sensitive": {}, "after_sensitive": false }),
    );
    change["deposed"] = json!("00000001");
    let expected = "
 # t.n (deposed object 00000001) will be removed from Terraform state, but will not be destroyed
 # (left over from a partially-failed replacement of this instance)
 # (destroy = false is set in the configuration)
 . resource \"t\" \"n\" {
        # (1 unchanged attribute hidden)
    }
";
    assert!(shown(&plan_of(&[change.clone()])).contains(expected), "{}", shown(&plan_of(&[change])));
    let mut replaced = resource(update(json!({ "a": 1 }), json!({ "a": 2 })));
    replaced["change"]["actions"] = json!(["create", "forget"]);
    let text = shown(&plan_of(&[replaced]));
    assert!(text.contains(" # t.n must be replaced, but the existing object will not be destroyed\n"), "{text}");
    assert!(
        text.contains(" +/. resource \"t\" \"n\" {\n") && text.contains("Plan: 1 to add, 0 to change, 0 to destroy."),
        "{text}"
    );
}

#[test]
fn hostile_addresses_stay_on_their_line() {
    let mut change = resource(update(json!({ "a": 1 }), json!({ "a": 2 })));
    change["address"] = json!("t.n[\"\u{1b}[31m\u{202e}\n  # x will be destroyed\"]");
    let text = shown(&plan_of(&[change]));
    assert!(text.contains("\\u{1b}[31m\\u{202e}\\n  # x will be destroyed\"] will be updated in-place"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
}
