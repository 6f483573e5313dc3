//! What counts beside the changes of objects, and what cannot be compared.

use serde_json::{Value, json};

use super::{REVIEWED, after_review, document, refused, verify};

#[test]
fn what_a_refresh_records_was_reviewed_or_is_refused() {
    let refresh = |drift: Value| {
        json!({ "format_version": "1.2", "applyable": true, "resource_drift": [drift],
                "prior_state": { "values": { "root_module": { "resources": [{ "mode": "managed" }] } } } })
    };
    let tag = json!({ "address": "aws_instance.web", "type": "aws_instance", "change": { "actions": ["update"],
        "before": { "id": "i-1", "tag": "a" }, "after": { "id": "i-1", "tag": "b" }, "before_sensitive": {}, "after_sensitive": {} } });
    let gone = json!({ "address": "aws_db_instance.orders", "type": "aws_db_instance", "change": { "actions": ["delete"],
        "before": { "id": "db-7" }, "after": null, "before_sensitive": {}, "after_sensitive": false } });
    let nothing = json!({ "format_version": "1.2", "resource_changes": [] });
    verify(&after_review(&refresh(tag.clone()), &refresh(tag.clone()), &[]), &REVIEWED).assert_code(0);
    for reviewed in [refresh(tag), nothing] {
        let out = verify(&after_review(&reviewed, &refresh(gone.clone()), &[]), &REVIEWED);
        refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
        assert!(out.stderr.contains("not reviewed: aws_db_instance.orders: record that it is gone"), "{}", out.stderr);
    }
}

#[test]
fn another_setup_of_the_provider_and_another_command_are_refused() {
    let with = |region: &str, account: &str, command: &str| {
        let mut plan = document("large", "hunter3-new");
        let change = &mut plan["resource_changes"][0]["change"];
        (change["actions"], change["before"]) = (json!(["create"]), json!(null));
        plan["variables"] = json!({ "account": { "value": account } });
        plan["configuration"] = json!({
            "provider_config": { "aws": { "name": "aws", "full_name": "aws", "expressions": {
                "region": { "constant_value": region }, "secret_key": { "constant_value": "hunter5-key" },
                "allowed_account_ids": { "references": ["var.account"] } } } },
            "root_module": { "variables": { "account": {} }, "resources": [{ "address": "aws_instance.web", "mode": "managed",
                "type": "aws_instance", "name": "web", "provider_config_key": "aws", "provisioners": [
                    { "type": "local-exec", "expressions": { "command": { "constant_value": command } } }] }] } });
        plan
    };
    let reviewed = with("eu-west-1", "111122223333", "./migrate");
    verify(&after_review(&reviewed, &reviewed, &[]), &REVIEWED).assert_code(0);
    for (now, title, lines) in [
        (
            with("us-east-1", "111122223333", "./migrate"),
            "provider aws",
            ["- region = \"eu-west-1\"", "+ region = \"us-east-1\""],
        ),
        (
            with("eu-west-1", "444455556666", "./migrate"),
            "variable var.account",
            ["- value = \"111122223333\"", "+ value = \"444455556666\""],
        ),
        (
            with("eu-west-1", "111122223333", "./drop"),
            "aws_instance.web: create",
            ["- provisioner[0].settings.command = \"./migrate\"", "+ provisioner[0].settings.command = \"./drop\""],
        ),
    ] {
        let runner = after_review(&reviewed, &now, &[]);
        let out = verify(&runner, &REVIEWED);
        refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
        assert!(out.stderr.contains(&format!("differs: {title}")), "{title}: {}", out.stderr);
        assert!(lines.iter().all(|line| out.stderr.contains(line)), "{lines:?}: {}", out.stderr);
        let review = std::fs::read_to_string(runner.workspace().join("review.json")).unwrap();
        for text in [review, out.stdout, out.stderr, out.summary] {
            assert!(!text.contains("hunter"), "{text}");
        }
    }
    // What an object needs goes with it: one difference, not three.
    let mut nothing = reviewed.clone();
    nothing["resource_changes"] = json!([]);
    let out = verify(&after_review(&reviewed, &nothing, &[]), &REVIEWED);
    refused(&out, 1, "terraform-plan-verify/plan-not-reviewed");
    assert_eq!(out.outputs["differences"], "1", "{}", out.stderr);
}

#[test]
fn a_plan_that_failed_on_the_way_is_never_what_was_reviewed() {
    let whole = document("large", "hunter3-new");
    let mut errored = whole.clone();
    errored["errored"] = json!(true);
    for (reviewed, now, told) in [
        (&errored, &errored, "the plan is not whole"),
        (&errored, &whole, "the reviewed plan is not whole"),
        (&whole, &errored, "the plan is not whole"),
    ] {
        let out = verify(&after_review(reviewed, now, &[]), &REVIEWED);
        refused(&out, 1, "terraform-plan-verify/plan-errored");
        assert!(out.stderr.contains(told), "{told}: {}", out.stderr);
        assert_eq!(out.outputs["matches"], "false");
    }
    let runner = after_review(&errored, &errored, &[]);
    let review: Value =
        serde_json::from_slice(&std::fs::read(runner.workspace().join("review.json")).unwrap()).unwrap();
    let digest = review["digest"].as_str().unwrap();
    refused(&verify(&runner, &["--digest", digest]), 1, "terraform-plan-verify/plan-errored");
}

#[test]
fn what_redact_hides_is_named_and_may_be_refused() {
    let destroyed = |account: &str| {
        json!({ "format_version": "1.2", "resource_changes": [{
            "address": "aws_sns_topic.orders", "mode": "managed", "type": "aws_sns_topic", "name": "orders", "provider_name": "aws",
            "change": { "actions": ["delete"], "before": { "arn": format!("arn:aws:sns:eu-west-1:{account}:orders") }, "after": null,
                        "before_sensitive": {}, "after_sensitive": false } }] })
    };
    let (reviewed, now) = (destroyed("111122223333"), destroyed("444455556666"));
    refused(&verify(&after_review(&reviewed, &now, &[]), &REVIEWED), 1, "terraform-plan-verify/plan-not-reviewed");
    let redact = ["--redact", "[0-9]{12}"];
    let runner = after_review(&reviewed, &now, &redact);
    let out = verify(&runner, &[&REVIEWED[..], &redact].concat());
    out.assert_code(0);
    assert!(out.stdout.contains("was not compared: aws_sns_topic.orders: arn; pass"), "{}", out.stdout);
    assert!(out.summary.contains("aws_sns_topic.orders: arn"), "{}", out.summary);
    let out = verify(&runner, &[&REVIEWED[..], &redact, &["--hidden", "refuse"]].concat());
    refused(&out, 1, "terraform-plan-verify/hidden-values");
    assert!(out.stderr.contains("1 value of the plan is hidden") && out.stderr.contains("aws_sns_topic.orders: arn"));
    assert_eq!(out.outputs["matches"], "false");
    // Nothing is hidden where the file is the reviewed one, or where nothing is secret.
    verify(&after_review(&reviewed, &reviewed, &[]), &[&REVIEWED[..], &["--hidden", "refuse"]].concat()).assert_code(0);
    let mut named = document("large", "hunter3-new");
    named["resource_changes"][0]["address"] = json!("aws_instance.web[\"hunter3-new\"]");
    let out = verify(&after_review(&named, &named, &[]), &REVIEWED);
    out.assert_code(0);
    assert!(out.stdout.contains("aws_instance.web[\"(sensitive value)\"]: its address"), "{}", out.stdout);
}

#[test]
fn where_every_value_is_hidden_none_is_said_to_be_compared() {
    // Terraform before 0.15 does not say what is sensitive.
    let mut plan = document("large", "hunter3-new");
    let change = plan["resource_changes"][0]["change"].as_object_mut().unwrap();
    change.remove("before_sensitive");
    change.remove("after_sensitive");
    let mut now = plan.clone();
    now["resource_changes"][0]["change"]["after"]["size"] = json!("huge");
    let out = verify(&after_review(&plan, &now, &[]), &REVIEWED);
    out.assert_code(0);
    assert!(out.stdout.contains("::warning::3 values are hidden"), "{}", out.stdout);
    // Neither is it known which object it is.
    assert!(out.summary.contains("aws_instance.web: id\naws_instance.web: password\n"), "{}", out.summary);
}
