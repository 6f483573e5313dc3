//! What went wrong in other tools that show plans, each a test of ours. Here are those that have no better place; the others are:
//!
//! | what went wrong | test |
//! | --- | --- |
//! | a part of the comment is cut inside a fence, or the comment is longer than the limit | `comment::every_comment_fits_and_all_fences_are_closed` |
//! | what is cut off is what matters; nothing says where the rest is | `comment::a_plan_too_long_for_a_comment_keeps_its_dangers_and_says_what_is_left_out` |
//! | a plan that is too long is an error | the same, `comment::a_server_that_counts_otherwise_gets_a_shorter_text_once_and_keeps_it` |
//! | comments behind the first page are not found, and another one is written each time | `comment::our_comment_is_found_behind_a_hundred_others_and_no_one_elses_is_touched` |
//! | a comment of somebody else, or of a longer name, is taken for ours and deleted | the same, `comment::each_name_has_a_comment_of_its_own` |
//! | an older run overwrites a newer one | `comment::an_older_run_does_not_overwrite_a_newer_one` |
//! | a comment that cannot be written is no error | `refusals::a_missing_permission_fails_and_names_its_line` |
//! | an action that nobody knows ends the run without a comment | `hostile::actions_and_reasons_that_no_one_knows_are_shown` |
//! | the old comment stands where the plan failed | `targets::a_plan_that_cannot_be_read_is_said_where_the_old_one_stood` |
//! | fences are of a fixed length, addresses are not escaped | `hostile::hostile_text_stays_text` |
//! | the comment is read back by its Markdown, and a plan can forge it | `hostile::a_plan_cannot_forge_a_marker` |
//! | a plan in the log is executed as commands | `hostile::a_rendering_gives_a_runner_no_commands` |
//! | the delimiter of an output is known, and a plan can end it | `leaks::hostile_values_of_inputs_do_no_harm` |
//! | secrets are hidden before values are compared: a changed one shows as nothing | `secrets::a_changed_secret_is_said_to_change` |
//! | a secret in a computed attribute, a key or an address is printed | `secrets::no_secret_of_any_plan_is_written_anywhere`, `leaks` |
//! | a check that fails is not in the text of a plan | the page of `check_block_fail` in `golden` |
//! | a plan "has changed" though it does the same; an artifact is trusted by its name | `verify`, the laws of `canonical` |
//! | actions of change sets vanish | `change_set::plan::tests::every_action_is_shown` |
//! | the warning of one property stands at another one whose name has it inside | `change_set::plan::tests::a_replacement_names_what_forces_it_and_why` |

use serde_json::{Value, json};
use testkit::{FakeRunner, RunOutput};

use crate::{comments, github, plan, plans, run, runner};

/// A plan with these changes.
fn of(changes: &[Value]) -> Value {
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes })
}

#[expect(clippy::needless_pass_by_value, reason = "tests pass what they make")]
fn change(address: &str, actions: &[&str], before: Value, after: Value) -> Value {
    let (kind, name) = address.split_once('.').unwrap();
    json!({ "address": address, "mode": "managed", "type": kind, "name": name, "provider_name": "p",
            "change": { "actions": actions, "before": before, "after": after,
                        "before_sensitive": {}, "after_sensitive": {} } })
}

fn shown(document: &Value) -> RunOutput {
    let runner = FakeRunner::new().file("plan.json", document.to_string());
    let out = run(&runner, &["--plan", "plan.json", "--target", "none"]);
    out.assert_code(0);
    out
}

fn text(document: &Value) -> String {
    let runner = FakeRunner::new().file("plan.json", document.to_string());
    run(&runner, &["--plan", "plan.json", "--format", "text"]).stdout
}

fn counts(out: &RunOutput) -> [&str; 4] {
    ["add", "change", "destroy", "replace"].map(|name| out.outputs[name].as_str())
}

/// tfcmt takes "Plan: 0 to add, 0 to change, 0 to destroy." for no changes; borchero/terraform-plan-comment and digger count such plans as empty.
#[test]
fn a_plan_that_only_forgets_imports_or_moves_has_changes() {
    for (name, told) in [("forget_removed_block", "forget"), ("import_noop", "🔵 import"), ("move_only", "🔵 move")]
    {
        let github = github("");
        let out = run(&runner(&github), &["--plan", &plan(name)]);
        out.assert_code(0);
        assert_eq!(out.outputs["has-changes"], "true", "{name}");
        let comment = comments(&github).remove(0);
        assert!(comment.contains(told) && !comment.contains("No changes."), "{name}: {comment}");
        let text = run(&FakeRunner::new(), &["--plan", &plan(name), "--format", "text"]).stdout;
        assert!(!text.contains("No changes."), "{name}: {text}");
    }
}

/// tfcmt finds the header of a deletion in the lines of a new text, which Terraform prints without a sign.
#[test]
fn a_text_that_speaks_of_a_destruction_is_none() {
    let script = "#!/bin/sh\n# db.main will be destroyed\nPlan: 0 to add, 0 to change, 9 to destroy.\n";
    let out = shown(&of(&[change("t.n", &["create"], json!(null), json!({ "script": script }))]));
    assert_eq!(counts(&out), ["1", "0", "0", "0"]);
    assert!(!out.summary.contains("[!CAUTION]"), "{}", out.summary);
}

/// TF-via-PR finds no line for what is forgotten, and takes OpenTofu's for a deletion.
#[test]
fn what_is_forgotten_is_neither_missing_nor_destroyed() {
    let mut forgotten = change("t.kept", &["forget"], json!({ "id": "i-1" }), json!(null));
    for reason in ["delete_because_no_resource_config", "forgot_because_lifecycle_destroy_in_config"] {
        forgotten["action_reason"] = json!(reason);
        let out = shown(&of(std::slice::from_ref(&forgotten)));
        assert_eq!((counts(&out), out.outputs["forget"].as_str()), (["0", "0", "0", "0"], "1"));
        assert!(out.summary.contains("`t.kept`") && !out.summary.contains("destroyed:"), "{}", out.summary);
        assert!(!out.summary.contains("\n- id"), "no red lines: {}", out.summary);
    }
}

/// borchero/terraform-plan-comment looks for the first line that begins with the address, which is the drift's, or a longer address's.
#[test]
fn drift_and_change_of_one_object_are_told_apart_as_are_addresses_that_begin_alike() {
    let mut document = of(&[
        change("t.a", &["update"], json!({ "size": 3 }), json!({ "size": 4 })),
        change("t.ab", &["delete"], json!({ "size": 9 }), json!(null)),
    ]);
    document["resource_drift"] = json!([change("t.a", &["update"], json!({ "size": 2 }), json!({ "size": 3 }))]);
    document["relevant_attributes"] = json!([{ "resource": "t.a", "attribute": ["size"] }]);
    let out = shown(&document);
    let (changes, drift) = out.summary.split_once("#### Changed outside of Terraform").unwrap();
    assert!(changes.contains("! size = 3 -> 4") && !changes.contains("2 -> 3"), "{}", out.summary);
    assert!(drift.contains("! size = 2 -> 3") && !drift.contains("3 -> 4"), "{}", out.summary);
    let destruction = changes.split_once("<code>t.ab</code>").unwrap().1;
    assert!(destruction.contains("- size = 9"), "{}", out.summary);
}

/// Tools that keep changes in a map by their address lose one of the two; digger counts the first action alone.
#[test]
fn an_object_and_its_deposed_one_are_both_there() {
    let now = change("t.a", &["update"], json!({ "size": 1 }), json!({ "size": 2 }));
    let mut deposed = change("t.a", &["delete"], json!({ "size": 7 }), json!(null));
    deposed["deposed"] = json!("byebye00");
    for changes in [[now.clone(), deposed.clone()], [deposed, now]] {
        let out = shown(&of(&changes));
        assert_eq!(counts(&out), ["0", "1", "1", "0"]);
        for told in ["! size = 1 -> 2", "- size = 7", "byebye00"] {
            assert!(out.summary.contains(told), "{told}: {}", out.summary);
        }
    }
}

/// digger counts `actions[0]`; tf-summarize takes any two actions for a replacement that destroys.
#[test]
fn every_pair_of_actions_is_counted_for_what_it_does() {
    let object = || (json!({ "size": 1 }), json!({ "size": 2 }));
    let pairs = [
        (["delete", "create"], ["1", "0", "1", "1"], "0"),
        (["create", "delete"], ["1", "0", "1", "1"], "0"),
        (["create", "forget"], ["1", "0", "0", "1"], "1"),
        (["forget", "create"], ["1", "0", "0", "1"], "1"),
    ];
    for (actions, expected, forgotten) in pairs {
        let (before, after) = object();
        let out = shown(&of(&[change("t.a", &actions, before, after)]));
        assert_eq!((counts(&out), out.outputs["forget"].as_str()), (expected, forgotten), "{actions:?}");
        assert_eq!(out.summary.contains("[!CAUTION]"), expected[2] == "1", "{actions:?}: {}", out.summary);
    }
}

/// borchero/terraform-plan-comment and terraform-j2md do not show outputs.
#[test]
fn a_plan_of_outputs_alone_shows_them() {
    let mut document = of(&[]);
    document["output_changes"] = json!({ "url": { "actions": ["update"], "before": "http://a", "after": "http://b",
        "after_unknown": false, "before_sensitive": false, "after_sensitive": false } });
    let out = shown(&document);
    assert_eq!(out.outputs["has-changes"], "true");
    assert!(out.summary.contains("! url = \"http://a\" -> \"http://b\""), "{}", out.summary);
    assert!(text(&document).contains("~ url = \"http://a\" -> \"http://b\""), "{}", text(&document));
}

/// With borchero/terraform-plan-comment an ephemeral resource, which the text leaves out and the JSON has, made the comment empty.
#[test]
fn an_ephemeral_resource_takes_nothing_away() {
    let mut opened = change("t.token", &["open"], json!(null), json!(null));
    opened["mode"] = json!("ephemeral");
    let out = shown(&of(&[opened, change("t.a", &["create"], json!(null), json!({ "size": 1 }))]));
    assert_eq!(out.outputs["add"], "1");
    assert!(out.summary.contains("+ size = 1") && out.summary.contains("t.token"), "{}", out.summary);
}

/// dflook/terraform-plan leaves the note on drift out, and TF-via-PR the warnings of checks.
#[test]
fn drift_and_failed_checks_are_there() {
    let mut document = of(&[]);
    document["resource_drift"] = json!([change("t.a", &["delete"], json!({ "size": 2 }), json!(null))]);
    document["relevant_attributes"] = json!([{ "resource": "t.a", "attribute": ["size"] }]);
    document["checks"] = json!([{ "address": { "kind": "check", "to_display": "check.health" }, "status": "fail",
        "instances": [{ "address": { "to_display": "check.health" }, "status": "fail",
                        "problems": [{ "message": "it does not answer" }] }] }]);
    let out = shown(&document);
    for told in ["`t.a`", "check.health", "it does not answer"] {
        assert!(out.summary.replace("<code>", "`").replace("</code>", "`").contains(told), "{told}: {}", out.summary);
    }
}

/// Atlantis counts bytes for characters, so it splits what fits; others count them and exceed the limit.
#[test]
fn the_limit_is_one_of_characters_and_not_of_bytes() {
    let github = github("");
    let changes: Vec<Value> = (0..160)
        .map(|number| {
            change(&format!("t.n{number}"), &["delete"], json!({ "text": "🦀".repeat(900), "n": number }), json!(null))
        })
        .collect();
    let runner = runner(&github).file("plan.json", of(&changes).to_string());
    run(&runner, &["--plan", "plan.json"]).assert_code(0);
    let comment = comments(&github).remove(0);
    assert!(
        comment.chars().count() <= 65_536 && comment.len() > 65_536,
        "{} {}",
        comment.chars().count(),
        comment.len()
    );
    assert!(!comment.contains("Left out here"), "all of it fits");
}

/// digger's table breaks at such addresses.
#[test]
fn an_address_with_pipes_and_backticks_stays_in_its_cell() {
    let address = "t.a[\"x|y `z` <b> \\\\ *s* _u_\"]";
    let out = shown(&of(&[change(address, &["create"], json!(null), json!({ "size": 1 }))]));
    let row = out.summary.lines().find(|line| line.contains("🟢 create |")).unwrap();
    let pipes = row.replace("\\|", "").matches('|').count();
    assert_eq!(pipes, 4, "{row}");
    assert!(text(&of(&[change(address, &["create"], json!(null), json!({}))])).contains(address));
}

/// terraform-j2md knows what is not known yet at the top of an update alone.
#[test]
fn what_is_known_later_is_said_at_every_depth_of_every_action() {
    for actions in [&["create"][..], &["update"], &["delete", "create"]] {
        let before =
            if actions == ["create"] { json!(null) } else { json!({ "a": { "b": [{ "c": "old", "d": 1 }] } }) };
        let mut entry = change("t.a", actions, before, json!({ "a": { "b": [{ "d": 1 }] } }));
        entry["change"]["after_unknown"] = json!({ "a": { "b": [{ "c": true }] } });
        let document = of(&[entry]);
        for rendering in [shown(&document).summary, text(&document)] {
            let line =
                rendering.lines().find(|line| line.contains("c = ") || line.contains("c   ")).unwrap_or_default();
            assert!(line.contains("(known after apply)"), "{actions:?}: {rendering}");
        }
    }
}

/// terraform-j2md replaces `\n` and `\"` in the text of the JSON, and has a fence of eight backticks.
#[test]
fn backslashes_and_fences_of_a_value_stay_its_own() {
    let value = "C:\\new\\table says \\\"hi\\\"";
    let fence = "`".repeat(12);
    let document =
        of(&[change("t.a", &["create"], json!(null), json!({ "path": value, "doc": format!("{fence}\nx\n{fence}") }))]);
    let summary = shown(&document).summary;
    assert!(summary.contains(r#"path = "C:\\new\\table says \\\"hi\\\"""#), "{summary}");
    assert!(summary.contains(&"`".repeat(13)), "{summary}");
}

/// The sanitizer of terraform-json leaves a value alone where its mask has another shape.
#[test]
fn a_mask_of_another_shape_than_its_value_hides_it_all() {
    let secret = "hunter2-TOP-SECRET";
    for mask in [json!({ "0": true }), json!([[true]]), json!({ "x": { "y": true } }), json!("true"), json!(1)] {
        for value in [json!([secret]), json!({ "x": secret }), json!(secret)] {
            // A map of flags and a map of values have one shape, and what has no flag is no secret.
            if mask.get("0").is_some() && value.is_object() {
                continue;
            }
            let mut entry = change("t.a", &["create"], json!(null), json!({ "v": value, "size": 1 }));
            entry["change"]["after_sensitive"] = json!({ "v": mask });
            let document = of(&[entry]);
            for rendering in [shown(&document).summary, text(&document)] {
                assert!(!rendering.contains("TOP-SECRET"), "{mask} over {value}: {rendering}");
                assert!(rendering.contains("size"), "{rendering}");
            }
        }
    }
}

/// robburger/terraform-pr-commenter and mshick/add-pr-comment pass the plan as an argument: "Argument list too long".
#[test]
fn a_plan_longer_than_an_argument_may_be_is_shown() {
    let value = "x".repeat(3 << 20);
    let github = github("");
    let document = of(&[change("t.a", &["create"], json!(null), json!({ "blob": value, "size": 1 }))]);
    let runner = runner(&github).file("plan.json", document.to_string());
    run(&runner, &["--plan", "plan.json"]).assert_code(0);
    let comment = comments(&github).remove(0);
    assert!(comment.contains("+ size = 1") && comment.chars().count() < 9_000, "{}", comment.len());
}

/// What JSON does not say Terraform does not print, and tools that slice its text lose: these plans are equal to the letter.
#[test]
fn the_text_is_terraforms_where_others_slice_it() {
    for name in ["deposed", "forget_removed_block", "move_update", "import_update"] {
        let out = run(&FakeRunner::plain_shell(), &["--plan", &plan(name), "--format", "text"]);
        let terraform = std::fs::read_to_string(plans().join(format!("{name}.show.txt"))).unwrap();
        assert_eq!(out.stdout, terraform, "{name}");
    }
}
