//! The Markdown of every plan.

use testkit::FakeRunner;

use super::{all_plans, plan, run};

/// Plans whose page is too long for a snapshot; `comment.rs` looks at them.
const LONG: [&str; 1] = ["many_resources"];

/// Plans that change nothing.
const UNCHANGED: [&str; 3] = ["empty", "ephemeral_open", "no_changes"];

/// Plans of which Terraform says that it stopped with an error.
const ERRORED: [&str; 2] = ["precondition_fail", "prevent_destroy"];

#[test]
fn every_plan_has_its_page_and_no_changes_is_said_only_when_it_is_true() {
    for name in all_plans().iter().filter(|name| !LONG.contains(&name.as_str())) {
        let out = run(&FakeRunner::new(), &["--plan", &plan(name), "--target", "none"]);
        assert_eq!(out.code, i32::from(ERRORED.contains(&name.as_str())), "{name}: {}", out.stderr);
        insta::assert_snapshot!(name.as_str(), out.summary);
        let unchanged = UNCHANGED.contains(&name.as_str());
        assert_eq!(out.outputs["has-changes"], (!unchanged).to_string(), "{name}");
        assert_eq!(out.summary.contains("No changes. The infrastructure"), unchanged, "{name}");
    }
}

/// Terraform's own "Plan:" line, for the plans whose text is known.
#[test]
fn the_counts_are_those_of_terraform() {
    let known = [
        ("replace_cannot_update", ["1", "0", "1", "1"]),
        ("deposed", ["0", "0", "1", "0"]),
        ("forget_removed_block", ["0", "0", "0", "0"]),
        ("import_update", ["0", "1", "0", "0"]),
        ("json_policy", ["0", "1", "0", "0"]),
        ("mixed", ["2", "3", "2", "1"]),
    ];
    for (name, counts) in known {
        let out = run(&FakeRunner::new(), &["--plan", &plan(name), "--target", "none"]);
        assert_eq!(["add", "change", "destroy", "replace"].map(|count| out.outputs[count].as_str()), counts, "{name}");
    }
}

/// Whatever `fail-on` refuses, an ephemeral resource is none of it.
#[test]
fn what_is_opened_while_the_plan_is_applied_is_no_change() {
    let causes = "data-loss,exposure,downtime,rules,destroy,replace,any";
    let args = ["--plan", &plan("ephemeral_open"), "--target", "none", "--fail-on", causes];
    let rules = "[[rule]]\nname = \"owned\"\ntypes = [\"*\"]\nrequire-tags = [\"Owner\"]\n";
    let out = run(&FakeRunner::new().file("rules.toml", rules).input("rules", "rules.toml"), &args);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert_eq!(out.outputs["has-changes"], "false");
    assert!(out.stderr.contains("ephemeral.vault_kv_secret_v2.grafana"), "the log leaves it out: {}", out.stderr);
    let digest =
        |name: &str| run(&FakeRunner::new(), &["--plan", &plan(name), "--target", "none"]).outputs["digest"].clone();
    assert_eq!(digest("ephemeral_open"), digest("no_changes"));
}
