use actions_core::{ExitCode, Failure};
use serde_json::{Value, json};

use super::*;
use crate::apply::{Places, Written};
use crate::document::Document;
use crate::guard::{Guard, Pattern};
use crate::inputs::PlanSource;
use crate::place::{Newer, Write};
use crate::plan::Pages;
use crate::target::Destinations;

fn inputs(name: Option<&str>) -> Inputs {
    Inputs {
        plan: PlanSource::Stdin,
        terraform: None,
        terraform_timeout: std::time::Duration::from_secs(1),
        working_directory: ".".into(),
        provider_schemas: None,
        destinations: Destinations { name: name.map(|name| Name::parse(name).unwrap()), ..Destinations::default() },
        guard: Guard::default(),
        part_file: None,
        plan_log: None,
        format: None,
        html_file: None,
        review_file: None,
        binary_plan: None,
        rules: None,
        detector: crate::likely::Detector::default(),
    }
}

fn change(address: &str, actions: &[&str]) -> Value {
    json!({ "address": address, "type": "db", "change": { "actions": actions, "before": { "v": 1 }, "after": { "v": 2 },
        "before_sensitive": {}, "after_sensitive": {} } })
}

fn plan(changes: &[Value], patterns: &[&str], write: Write) -> Plan {
    let document = json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
    let guard = Guard::new(patterns.iter().map(|pattern| Pattern::parse(pattern).unwrap()).collect());
    let review = Review::of(&Document::of(&document, &guard).unwrap());
    let plan = Plan {
        review: review.into(),
        writes: vec![write],
        signs: crate::signs::Signs::default(),
        failure: None,
        part: None,
        reviewed: None,
        run_url: None,
        commit: None,
        moved_to: None,
        pages: Pages::default(),
    };
    plan.with_pages(&inputs(None))
}

fn outcome(plan: &Plan, written: Written) -> Outcome {
    Outcome {
        has_changes: plan.review.has_changes,
        counts: plan.review.counts,
        protected_destroyed: Vec::new(),
        places: Places { written: vec![written], comment_id: Some(5), url: Some("https://x".to_owned()) },
        signed: crate::signs::Signed::default(),
    }
}

fn create() -> Write {
    Write::CreateComment { pull_request: 7, marker: String::new(), body: String::new(), shorter: String::new() }
}

#[test]
fn every_declared_output_is_set_with_and_without_an_outcome() {
    let plan = plan(&[change("db.a", &["delete"])], &[], create());
    let done = outcome(&plan, Written::Created);
    for outcome in [None, Some(&done)] {
        let report = report(&inputs(None), &plan, outcome);
        let set: Vec<&str> = report.outputs.iter().map(|(name, _)| name).collect();
        for declared in crate::OUTPUTS {
            assert!(set.contains(&declared.name), "{}", declared.name);
        }
        assert_eq!(set.len(), crate::OUTPUTS.len());
    }
}

#[test]
fn the_verdict_says_what_was_done_or_would_be() {
    let plan = plan(&[change("db.a", &["update"])], &[], create());
    assert_eq!(
        report(&inputs(Some("net")), &plan, None).verdict,
        "net: 0 to add, 1 to change, 0 to destroy; would comment on pull request #7"
    );
    let said = |written| report(&inputs(None), &plan, Some(&outcome(&plan, written))).verdict;
    for (written, end) in [
        (Written::Created, "; comment created"),
        (Written::Updated, "; comment updated"),
        (Written::Unchanged, "; the comment says so already"),
        (Written::Superseded { by: Newer::Run(3) }, "; the comment of a newer run was kept"),
        (Written::Nothing { why: crate::pull::Nowhere::NotAsked }, "0 to destroy"),
    ] {
        assert!(said(written).ends_with(end), "{end}");
    }
}

#[test]
fn the_summary_as_json_names_what_is_destroyed() {
    let changes: Vec<Value> = (0..150).map(|number| change(&format!("db.a[{number}]"), &["delete"])).collect();
    let report = report(&inputs(None), &plan(&changes, &["db.a[1]"], create()), None);
    let summary: Value = serde_json::from_str(report.outputs.get("summary-json").unwrap()).unwrap();
    assert_eq!(summary["destroyed"].as_array().unwrap().len(), MOST_ADDRESSES);
    assert_eq!(summary["protected-destroyed"], json!(["db.a[1]"]));
    assert_eq!(summary["counts"]["destroy"], 150);
    assert!(summary["verdict"].as_str().unwrap().ends_with("; destroys 1 protected object"), "{summary}");
}

#[test]
fn both_orders_of_replacing_and_unknown_deletions_fail_and_what_stays_alive_does_not() {
    let failure =
        |actions: &[&str]| report(&inputs(None), &plan(&[change("db.a", actions)], &["db"], create()), None).failure;
    for actions in [&["delete"][..], &["delete", "create"], &["create", "delete"], &["delete", "transmogrify"]] {
        let failure = failure(actions).unwrap();
        assert_eq!(
            (failure.code.as_str(), failure.exit_code),
            ("terraform-plan-comment/protected-destroy", ExitCode::Failed)
        );
    }
    for actions in [&["forget"][..], &["create", "forget"], &["update"], &["create"], &["no-op"], &["read"], &["wipe"]]
    {
        assert_eq!(failure(actions), None, "{actions:?}");
    }
}

#[test]
fn a_deposed_object_does_not_fail_and_the_current_one_beside_it_does() {
    let mut deposed = change("db.a", &["delete"]);
    deposed["deposed"] = json!("byebye01");
    let only = plan(&[deposed.clone()], &["*"], create());
    assert_eq!(report(&inputs(None), &only, None).failure, None);
    let both = plan(&[deposed, change("db.a", &["delete"])], &["*"], create());
    let report = report(&inputs(None), &both, None);
    assert_eq!(report.outputs.get("protected-destroyed"), Some("db.a"));
    assert!(report.failure.unwrap().message.starts_with("the plan destroys 1 protected object: `db.a`"));
}

#[test]
fn the_failure_names_the_first_and_lists_all_with_their_causes() {
    let mut forced = change("db.z", &["delete", "create"]);
    forced["change"]["replace_paths"] = json!([["engine"], ["storage", 0, "type"]]);
    let mut changes: Vec<Value> = (0..5).map(|number| change(&format!("db.a{number}"), &["delete"])).collect();
    changes.push(forced);
    let failure = report(&inputs(None), &plan(&changes, &["db"], create()), None).failure.unwrap();
    assert_eq!(failure.message, "the plan destroys 6 protected objects: `db.a0`, `db.a1`, `db.a2`, and 3 more");
    let why = failure.why.unwrap();
    assert_eq!(why.lines().count(), 6);
    assert!(
        why.ends_with("`db.z`: replace (destroy first): `engine`, `storage[0].type` cannot change in place"),
        "{why}"
    );
}

#[test]
fn a_refusal_of_github_fails_alone_and_is_a_warning_beside_a_protected_object() {
    let refusal = Failure::new("github/forbidden", "no permission", ExitCode::Failed).help("add it");
    let refused = Written::Refused { failure: refusal.clone(), is_fork: false };
    let free = plan(&[change("db.a", &["delete"])], &[], create());
    let alone = report(&inputs(None), &free, Some(&outcome(&free, refused.clone())));
    assert_eq!((alone.failure, alone.annotations.len()), (Some(refusal), 0));
    let guarded = plan(&[change("db.a", &["delete"])], &["db"], create());
    let both = report(&inputs(None), &guarded, Some(&outcome(&guarded, refused)));
    assert_eq!(both.failure.unwrap().code, "terraform-plan-comment/protected-destroy");
    assert_eq!(both.annotations[0].message, "no permission; add it");
    assert_eq!(both.annotations[0].title.as_deref(), Some("github/forbidden"));
}
