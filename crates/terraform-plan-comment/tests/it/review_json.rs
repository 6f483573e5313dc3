//! `--format json`, and the page that documents it.

use std::collections::BTreeSet;

use serde_json::Value;
use testkit::FakeRunner;

use super::{all_plans, plan, run};

const PAGE: &str = include_str!("../../../../docs/reference/review-json.md");

/// The names of all members. What a plan names itself is a value there, never a member.
fn members(json: &Value, names: &mut BTreeSet<String>) {
    match json {
        Value::Object(entries) => {
            for (name, value) in entries {
                names.insert(name.clone());
                members(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, names)),
        _ => {}
    }
}

#[test]
fn every_member_of_the_json_is_documented() {
    let mut names = BTreeSet::new();
    for name in all_plans() {
        let out = run(&FakeRunner::plain_shell(), &["--plan", &plan(&name), "--format", "json"]);
        members(&serde_json::from_str(&out.stdout).unwrap(), &mut names);
    }
    assert!(names.len() > 40, "{names:?}");
    let missing: Vec<&String> = names.iter().filter(|name| !PAGE.contains(&format!("`{name}`"))).collect();
    assert_eq!(missing, [""; 0]);
}
