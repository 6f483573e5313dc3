//! No secret of any plan is in anything that is written.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{all_plans, comments, github, plan, run, runner};

/// The strings that masks and sensitive variables cover, found without the code under test.
fn secrets(plan: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for list in ["resource_changes", "resource_drift"] {
        for entry in plan[list].as_array().into_iter().flatten() {
            for side in ["before", "after"] {
                covered(&entry["change"][side], &entry["change"][format!("{side}_sensitive")], &mut found);
            }
        }
    }
    for output in plan["output_changes"].as_object().into_iter().flat_map(|outputs| outputs.values()) {
        covered(&output["after"], &output["after_sensitive"], &mut found);
        covered(&output["before"], &output["before_sensitive"], &mut found);
    }
    for (name, variable) in plan["configuration"]["root_module"]["variables"].as_object().into_iter().flatten() {
        if variable["sensitive"] == true {
            covered(&plan["variables"][name]["value"], &Value::Bool(true), &mut found);
        }
    }
    found.retain(|text| text.len() >= 4);
    found
}

fn covered(value: &Value, mask: &Value, found: &mut BTreeSet<String>) {
    match (value, mask) {
        (Value::String(text), Value::Bool(true)) => {
            found.insert(text.clone());
        }
        (Value::Array(items), Value::Bool(true)) => items.iter().for_each(|item| covered(item, mask, found)),
        (Value::Object(entries), Value::Bool(true)) => entries.values().for_each(|item| covered(item, mask, found)),
        (Value::Array(items), Value::Array(masks)) => {
            items.iter().zip(masks).for_each(|(item, mask)| covered(item, mask, found));
        }
        (Value::Object(entries), Value::Object(_)) => {
            entries.iter().for_each(|(key, item)| covered(item, &mask[key], found));
        }
        _ => {}
    }
}

#[test]
fn no_secret_of_any_plan_is_written_anywhere() {
    let mut seen = 0;
    for name in all_plans() {
        let path = plan(&name);
        let secrets = secrets(&serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap());
        if secrets.is_empty() {
            continue;
        }
        seen += secrets.len();
        let github = github("");
        for arguments in [&["--output", "json"][..], &["--dry-run", "--output", "json"], &["--target", "body"]] {
            let runner = runner(&github).env("RUNNER_DEBUG", "1");
            let evidence = runner.workspace().join("evidence");
            let runner = runner.env("SLIPWAY_EVIDENCE_DIR", evidence.display().to_string());
            let out = run(&runner, &[&["--plan", &path], arguments].concat());
            out.assert_code(0);
            let files = std::fs::read_dir(&evidence)
                .unwrap()
                .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
            let requests = github.requests().into_iter().map(|request| request.text());
            let mut written: Vec<String> = files.chain(requests).chain(comments(&github)).collect();
            written.extend([out.stdout.clone(), out.stderr.clone(), out.summary.clone(), format!("{:?}", out.outputs)]);
            for text in &written {
                assert!(!text.contains("TOP-SECRET"), "{name}: {text}");
                for secret in &secrets {
                    assert!(!text.contains(secret.as_str()), "{name} shows `{secret}` in {text}");
                }
            }
        }
    }
    assert!(seen >= 6, "the plans hold secrets to look for");
}

#[test]
fn a_changed_secret_is_said_to_change() {
    let github = github("");
    run(&runner(&github), &["--plan", &plan("sensitive_nested")]).assert_code(0);
    let comment = &comments(&github)[0];
    assert!(comment.contains("p = (sensitive value, changed)"), "{comment}");
    let github = super::github("");
    run(&runner(&github), &["--plan", &plan("sensitive_to_plain")]).assert_code(0);
    let comment = &comments(&github)[0];
    assert!(comment.contains("(sensitive value, unchanged)  # the value is unchanged, no longer marked"), "{comment}");
}
