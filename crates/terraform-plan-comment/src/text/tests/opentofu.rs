//! OpenTofu's own lines, as its renderer's source has them (`internal/command/jsonformat` of its tags and main branch).
//! No OpenTofu is at hand where these tests run.

use serde_json::{Value, json};

use super::{plan_of, resource, text, update};

fn shown(plan: &Value) -> String {
    text(plan, &json!({ "attributes": { "a": { "type": "number" }, "b": { "type": "number" } } }))
}

/// A plan of OpenTofu's that changes this and nothing else.
fn tofu(version: &str, changes: &[Value]) -> Value {
    let mut plan = plan_of(changes);
    plan["terraform_version"] = json!(version);
    plan["configuration"] = json!({ "provider_config": { "p": { "name": "p", "full_name": "registry.opentofu.org/a/p" } },
        "root_module": {} });
    plan
}

fn change(actions: Value, before: Value, after: Value) -> Value {
    let mut change = resource(update(before, after));
    change["change"]["actions"] = actions;
    change
}

#[test]
fn an_update_says_how_its_values_are_to_be_read_since_1_11() {
    let updated = [change(json!(["update"]), json!({ "a": 1 }), json!({ "a": 2 }))];
    let expected = |legend: &str| {
        format!(
            "
OpenTofu used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
{legend}

OpenTofu will perform the following actions:

  # t.n will be updated in-place
  ~ resource \"t\" \"n\" {{
      ~ a = 1 -> 2
    }}

Plan: 0 to add, 1 to change, 0 to destroy.
"
        )
    };
    for (version, legend) in [
        ("1.6.0", "  ~ update in-place"),
        ("1.10.9", "  ~ update in-place"),
        ("1.11.0-rc1", "  ~ update in-place (current -> planned)"),
        ("1.13.0", "  ~ update in-place (current -> planned)"),
        ("2.0.0", "  ~ update in-place (current -> planned)"),
    ] {
        assert_eq!(shown(&tofu(version, &updated)), expected(legend), "{version}");
    }
}

#[test]
fn what_is_forgotten_is_shown_whole_and_counted() {
    let mut forgotten = change(json!(["forget"]), json!({ "a": 1 }), Value::Null);
    let expected = "
  # t.n will be removed from the OpenTofu state but will not be destroyed
  . resource \"t\" \"n\" {
    a = 1
}

Plan: 0 to add, 0 to change, 0 to destroy";
    let text = shown(&tofu("1.9.0", &[forgotten.clone()]));
    assert!(text.contains("symbols:\n  . forget\n") && text.ends_with(&format!("{expected}.\n")), "{text}");
    let text = shown(&tofu("1.10.0", &[forgotten.clone()]));
    assert!(text.ends_with(&format!("{expected}, 1 to forget.\n")), "{text}");
    forgotten["deposed"] = json!("00000001");
    forgotten["action_reason"] = json!("forgot_because_lifecycle_destroy_in_state");
    let text = shown(&tofu("1.12.0", &[forgotten]));
    let expected = "
  # t.n (deposed object 00000001) will be removed from the OpenTofu state but will not be destroyed \n (because lifecycle.destroy = false was configured before this resource was removed from the configuration)
  # (left over from a partially-failed replacement of this instance)
  . resource \"t\" \"n\" {
";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_replacement_that_keeps_the_old_object_names_the_reason_for_both() {
    let mut replaced = change(json!(["forget", "create"]), json!({ "a": 1 }), json!({ "a": 2 }));
    replaced["action_reason"] = json!("replace_because_tainted");
    let text = shown(&tofu("1.12.0", &[replaced]));
    let expected = "./+ forget and then create replacement

OpenTofu will perform the following actions:

  # t.n is tainted, so it must be replaced - older instance will not be destroyed (lifecycle.destroy = false)
  ./+ resource \"t\" \"n\" {
      ~ a = 1 -> 2
    }

Plan: 1 to add, 0 to change, 0 to destroy, 1 to forget.
";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn nothing_to_do_is_told_with_fewer_words_since_1_13() {
    let short = "\nNo changes. Your infrastructure matches the configuration.\n";
    let long = "
OpenTofu has compared your real infrastructure against your configuration and
found no differences, so no changes are needed.
";
    assert_eq!(shown(&tofu("1.12.6", &[])), format!("{short}{long}"));
    assert_eq!(shown(&tofu("1.13.0", &[])), short);
}

#[test]
fn drift_failures_and_outputs_name_opentofu_and_its_command() {
    let drift = change(json!(["update"]), json!({ "a": 1 }), json!({ "a": 2 }));
    let mut refreshed = tofu("1.9.0", &[]);
    refreshed["applyable"] = json!(false);
    refreshed["resource_drift"] = json!([drift]);
    refreshed["relevant_attributes"] = json!([{ "resource": "t.n", "attribute": ["a"] }]);
    refreshed["output_changes"] = json!({ "o": { "actions": ["create"], "before": null, "after": 1 } });
    let text = shown(&refreshed);
    for line in [
        "Note: Objects have changed outside of OpenTofu\n\nOpenTofu detected the following changes made outside of OpenTofu since the\nlast \"tofu apply\"",
        "to the OpenTofu\nstate, without changing any real infrastructure.",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let mut failed = tofu("1.9.0", &[]);
    failed["errored"] = json!(true);
    assert_eq!(shown(&failed), "\nPlanning failed. OpenTofu encountered an error while generating this plan.\n\n");
    assert!(!shown(&refreshed).contains("Terraform") && !text.contains("terraform"), "{text}");
}

#[test]
fn a_reason_that_only_opentofu_gives_tells_who_made_the_plan() {
    let mut gone = change(json!(["delete"]), json!({ "a": 1 }), Value::Null);
    gone["action_reason"] = json!("delete_because_enabled_false");
    let text = shown(&plan_of(&[gone]));
    assert!(text.contains("OpenTofu will perform") && text.contains("# (because enabled is false)"), "{text}");
}
