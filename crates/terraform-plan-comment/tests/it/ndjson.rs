//! Several plans in one file, one after the other.

use serde_json::{Value, json};
use testkit::{FakeRunner, RunOutput};

use crate::{comments, github, plan, run, runner};

/// A plan of one object that is changed.
fn one(address: &str, actions: &[&str], size: u64) -> Value {
    let (before, after) = (json!({ "size": 1 }), json!({ "size": size }));
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "applyable": true, "complete": true, "errored": false,
            "resource_changes": [{ "address": address, "mode": "managed", "type": "t", "name": "a", "provider_name": "p",
              "change": { "actions": actions,
                          "before": if actions == ["create"] { json!(null) } else { before },
                          "after": if actions == ["delete"] { json!(null) } else { after },
                          "before_sensitive": {}, "after_sensitive": {} } }] })
}

fn lines(plans: &[Value]) -> String {
    let lines: Vec<String> = plans.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

fn printed(content: &str, format: &str) -> RunOutput {
    run(&FakeRunner::plain_shell().stdin(content), &["--plan", "-", "--format", format])
}

#[test]
fn every_plan_is_shown_under_its_place() {
    let mut third = one("module.m.t.a", &["delete"], 1);
    third["output_changes"] = json!({ "url": { "actions": ["create"], "before": null, "after": "http://a",
        "after_unknown": false, "before_sensitive": false, "after_sensitive": false } });
    let idle = json!({ "format_version": "1.1", "terraform_version": "1.2.0", "resource_changes": [] });
    let content = lines(&[one("t.a", &["create"], 2), one("t.a", &["update"], 3), third, idle]);
    let github = github("");
    let runner = runner(&github).file("plans.ndjson", &content);
    let out = run(&runner, &["--plan", "plans.ndjson"]);
    out.assert_code(0);
    let counts = ["add", "change", "destroy"].map(|name| out.outputs[name].as_str());
    assert_eq!(counts, ["1", "1", "1"]);
    let comment = comments(&github).remove(0);
    for told in [
        "`plan 1: t.a`",
        "`plan 2: t.a`",
        "`plan 3: module.m.t.a`",
        "plan 3: url",
        "4 plans in one file",
        "! size = 1 -> 3",
    ] {
        assert!(comment.contains(told), "{told}: {comment}");
    }
    for (format, told) in
        [("text", "# plan 2: t.a will be updated in-place"), ("html", "plan 3: module.m.t.a"), ("json", "\"plans\": 4")]
    {
        let out = printed(&content, format);
        out.assert_code(0);
        assert!(out.stdout.contains(told), "{format}: {}", out.stdout);
    }
    let text = printed(&content, "text").stdout;
    assert!(text.contains("Plan: 1 to add, 1 to change, 1 to destroy."), "{text}");
}

#[test]
fn no_changes_is_said_only_where_no_plan_has_any() {
    let idle = || {
        let mut plan = one("t.a", &["no-op"], 1);
        plan["applyable"] = json!(false);
        plan
    };
    let out = printed(&lines(&[idle(), idle()]), "markdown");
    assert!(out.stdout.contains("No changes.") && out.stdout.contains("2 plans in one file"), "{}", out.stdout);
    for changed in [one("t.a", &["update"], 2), one("t.a", &["forget"], 2)] {
        let out = printed(&lines(&[idle(), changed, idle()]), "markdown");
        assert!(out.stdout.contains("plan 2: t.a") && !out.stdout.contains("No changes."), "{}", out.stdout);
    }
}

#[test]
fn one_plan_that_failed_or_is_partial_makes_all_of_them_so() {
    for (member, state) in [("errored", "errored"), ("complete", "partial")] {
        let mut worse = one("t.a", &["update"], 2);
        worse[member] = json!(member == "errored");
        for plans in [[worse.clone(), one("t.a", &["update"], 2)], [one("t.a", &["update"], 2), worse]] {
            let review: Value = serde_json::from_str(&printed(&lines(&plans), "json").stdout).unwrap();
            assert_eq!(review["state"], state);
        }
    }
}

#[test]
fn a_secret_of_one_plan_is_hidden_in_the_others() {
    let mut marked = one("t.a", &["update"], 2);
    marked["resource_changes"][0]["change"]["after"] = json!({ "password": "hunter2-TOP-SECRET" });
    marked["resource_changes"][0]["change"]["after_sensitive"] = json!({ "password": true });
    let mut open = one("t.b", &["update"], 2);
    open["resource_changes"][0]["change"]["after"] = json!({ "url": "http://u:hunter2-TOP-SECRET@host" });
    for plans in [[marked.clone(), open.clone()], [open, marked]] {
        for format in ["markdown", "text", "html", "json"] {
            let out = printed(&lines(&plans), format);
            out.assert_code(0);
            assert!(!out.stdout.contains("TOP-SECRET") && out.stdout.contains("t.b"), "{format}: {}", out.stdout);
        }
    }
}

#[test]
fn gates_know_the_addresses_as_the_plans_have_them() {
    let content = lines(&[one("t.a", &["update"], 2), one("t.b", &["delete"], 2)]);
    let runner = FakeRunner::new().file("plans.ndjson", &content);
    let arguments = ["--plan", "plans.ndjson", "--format", "markdown", "--fail-on-destroy"];
    run(&runner, &[&arguments[..], &["t.b"]].concat()).assert_code(1);
    run(&runner, &[&arguments[..], &["t.a"]].concat()).assert_code(0);
}

#[test]
fn drift_of_a_plan_counts_by_what_that_plan_depends_on() {
    let drifting = |relevant: bool| {
        let mut plan = one("t.a", &["update"], 3);
        let mut drift = plan["resource_changes"][0].clone();
        drift["address"] = json!("t.drifted");
        plan["resource_drift"] = json!([drift]);
        plan["relevant_attributes"] =
            if relevant { json!([{ "resource": "t.drifted", "attribute": ["size"] }]) } else { json!([]) };
        plan
    };
    let page = printed(&lines(&[drifting(false), drifting(true)]), "markdown").stdout;
    assert!(page.contains("plan 2: t.drifted") && !page.contains("plan 1: t.drifted"), "{page}");
}

#[test]
fn a_broken_plan_among_several_is_named_with_its_line() {
    let whole = one("t.a", &["update"], 2).to_string();
    let cut = &whole[..whole.len() / 2];
    for content in [format!("{whole}\n{cut}"), format!("{cut}\n{whole}\n")] {
        let out = printed(&content, "markdown");
        assert_eq!(out.code, 2, "{}", out.stdout);
        assert!(out.stderr.contains("terraform-plan-comment/plan-not-json: "), "{}", out.stderr);
    }
    for (second, code) in [
        ("{\"format_version\":\"9.0\",\"resource_changes\":[]}", "unknown-format"),
        ("{\"format_version\":\"1.2\",\"resource_changes\":[{\"change\":{}}]}", "plan-incomplete"),
        ("{\"format_version\":\"1.0\",\"values\":{}}", "not-a-plan"),
    ] {
        let out = printed(&format!("{whole}\n{second}\n"), "markdown");
        assert_eq!(out.code, 2, "{}", out.stdout);
        assert!(out.stderr.contains(code), "{}", out.stderr);
    }
}

#[test]
fn plans_whose_members_were_sorted_are_all_read() {
    let sorted = |address: &str| {
        let plan = one(address, &["update"], 2).to_string();
        let inner = plan.strip_prefix('{').unwrap();
        format!("{{\"applyable\":true,{}", inner.replace("\"applyable\":true,", ""))
    };
    let out = printed(&format!("{}\n{}\n", sorted("t.a"), sorted("t.b")), "markdown");
    assert!(out.stdout.contains("plan 1: t.a") && out.stdout.contains("plan 2: t.b"), "{}{}", out.stdout, out.stderr);
}

#[test]
fn one_binary_plan_is_not_that_of_several() {
    let content = lines(&[one("t.a", &["update"], 2), one("t.b", &["update"], 2)]);
    let runner = FakeRunner::new().file("plans.ndjson", &content).file("tfplan", "PK\u{3}\u{4}");
    let out = run(&runner, &["--plan", "plans.ndjson", "--binary-plan", "tfplan", "--target", "none"]);
    out.assert_code(2);
    assert!(out.stderr.contains("leave `binary-plan` out"), "{}", out.stderr);
}

#[test]
fn the_digest_is_that_of_all_plans() {
    let digest = |plans: &[Value]| {
        let review: Value = serde_json::from_str(&printed(&lines(plans), "json").stdout).unwrap();
        review["digest"].as_str().unwrap().to_owned()
    };
    let (a, b) = (one("t.a", &["update"], 2), one("t.a", &["update"], 3));
    let both = digest(&[a.clone(), b.clone()]);
    assert_eq!(both, digest(&[a.clone(), b.clone()]));
    assert_ne!(both, digest(&[b.clone(), a.clone()]));
    assert_ne!(both, digest(&[a.clone(), a.clone()]));
    // The provider of the second plan counts as that of the first does.
    let in_region = |region: &str| {
        let mut plan = b.clone();
        plan["configuration"] = json!({
            "provider_config": { "p": { "name": "p", "full_name": "p", "expressions": { "region": { "constant_value": region } } } },
            "root_module": { "resources": [{ "mode": "managed", "type": "t", "name": "b", "provider_config_key": "p" }] },
        });
        digest(&[a.clone(), plan])
    };
    assert_eq!(in_region("eu-west-1"), in_region("eu-west-1"));
    assert_ne!(in_region("eu-west-1"), in_region("eu-west-3"));
    let single = std::fs::read_to_string(plan("json_policy")).unwrap();
    assert!(!printed(&single, "markdown").stdout.contains("plans in one file"));
}

#[test]
fn a_plan_behind_the_words_of_a_tool_is_a_plan() {
    let (a, b) = (one("t.a", &["create"], 1), one("t.b", &["delete", "create"], 2));
    for prefix in ["12:00:01 STDOUT [net] terraform: ", "[net] 	", "net | "] {
        let text = format!(
            "{prefix}{a}
1 unit is left
{prefix}{b}
done
"
        );
        let out = printed(&text, "markdown");
        out.assert_code(0);
        assert!(out.stdout.contains("plan 1: t.a") && out.stdout.contains("plan 2: t.b"), "{prefix}: {}", out.stdout);
    }
    // In a text of a plan it starts none.
    let mut quoting = one("t.a", &["update"], 2);
    quoting["resource_changes"][0]["change"]["after"]["size"] = json!(format!(" {b}"));
    let out = printed(&lines(&[quoting]), "markdown");
    assert!(!out.stdout.contains("plan 1"), "{}", out.stdout);
}

#[test]
fn a_unit_that_failed_beside_the_plans_is_not_overlooked() {
    let (a, b) = (one("t.a", &["create"], 1), one("t.b", &["update"], 2));
    let failed = "time=12:00 level=error msg=Unit \"net\" failed: hunter2-TOP-SECRET";
    for content in [format!("{a}\n{failed}\n{b}\n"), format!("{a}\n{failed}\n")] {
        for format in ["markdown", "html", "json"] {
            let out = printed(&content, format);
            out.assert_code(0);
            let told = if format == "json" { "\"first\": 2" } else { "A plan may be missing" };
            assert!(out.stdout.contains(told) && !out.stdout.contains("TOP-SECRET"), "{format}: {}", out.stdout);
        }
    }
    let out = printed(&format!("{a}\n{failed}\n"), "text");
    assert!(out.stderr.contains("A plan may be missing.") && !out.stderr.contains("TOP-SECRET"), "{}", out.stderr);
    let mut idle = one("t.a", &["no-op"], 1);
    idle["applyable"] = json!(false);
    let github = github("");
    run(&runner(&github).file("plans.ndjson", format!("{idle}\n{failed}\n")), &["--plan", "plans.ndjson"])
        .assert_code(0);
    let comment = comments(&github).remove(0);
    assert!(comment.contains("⚠️ Terraform plan: no changes; a plan may be missing"), "{comment}");
    let out = printed(&format!("[command]terraform show -json\n{a}\n0 errors\n"), "markdown");
    assert!(!out.stdout.contains("may be missing"), "{}", out.stdout);
}
