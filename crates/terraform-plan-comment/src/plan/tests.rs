use serde_json::{Value, json};

use super::*;
use crate::diagnostic::Log;
use crate::document::Document;
use crate::guard::{Guard, Pattern};
use crate::inputs::PlanSource;
use crate::observe::NotPlanned;
use crate::place::{LONGEST_BODY, MARGIN, Newer, SHORTER};
use crate::pull::{Destination, Existing, Nowhere, Pull, Run, Seen};
use crate::region;
use crate::target::Destinations;

fn inputs(name: Option<&str>, patterns: &[&str]) -> Inputs {
    Inputs {
        plan: PlanSource::Stdin,
        terraform: None,
        terraform_timeout: std::time::Duration::from_secs(1),
        working_directory: ".".into(),
        provider_schemas: None,
        destinations: Destinations { name: name.map(|name| Name::parse(name).unwrap()), ..Destinations::default() },
        guard: Guard::new(patterns.iter().map(|pattern| Pattern::parse(pattern).unwrap()).collect()),
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

fn run(id: u64) -> Run {
    let writer = Writer { run: Some((id, 1)), commit: Some("c0ffee00".to_owned()) };
    Run { writer, is_of_head: true, runs_url: Some("https://ci.example/runs/".to_owned()) }
}

/// A plan that updates one resource, `text` being its new value.
fn update(text: &str) -> Value {
    json!({ "format_version": "1.2", "resource_changes": [{ "address": "a.b", "type": "a", "change": {
        "actions": ["update"], "before": { "v": "old" }, "after": { "v": text },
        "before_sensitive": {}, "after_sensitive": {} } }] })
}

fn decide(inputs: &Inputs, document: &Value, destination: Destination, id: u64) -> Write {
    let document = Document::of(&document.to_string(), &inputs.guard).unwrap();
    let seen = Seen { destinations: vec![destination], ..Seen::default() };
    plan(inputs, &Snapshot::new(Ok(document), seen, run(id), &inputs.destinations.overrides)).writes.remove(0)
}

/// The same for a run on the commit `planned`, where the pull request is at `head`.
fn decide_at(planned: &str, head: &str, existing: Option<&str>, id: u64) -> Write {
    let inputs = inputs(None, &[]);
    let document = Document::of(&update("new").to_string(), &inputs.guard).unwrap();
    let writer = Writer { run: Some((id, 1)), commit: Some(planned.to_owned()) };
    let pull = Some(Pull { number: 7, head: head.to_owned(), labels: Vec::new(), approved_by: None });
    let seen = Seen { destinations: vec![on_comment(existing)], pull, check: None };
    plan(&inputs, &Snapshot::new(Ok(document), seen, Run { writer, ..run(id) }, &inputs.destinations.overrides))
        .writes
        .remove(0)
}

fn on_comment(body: Option<&str>) -> Destination {
    let existing =
        body.map(|body| Existing { id: 5, node_id: "n".to_owned(), body: body.to_owned(), url: "u".to_owned() });
    Destination::Comment { pull_request: 7, existing }
}

fn on_body(body: &str) -> Destination {
    Destination::Body { pull_request: 7, body: body.to_owned(), url: "u".to_owned(), earlier: earlier(body) }
}

/// What the region, named or not, says of its writer, believed.
fn earlier(body: &str) -> Writer {
    let named = Name::parse("n").unwrap();
    let content = [None, Some(&named)].into_iter().find_map(|name| region::content(body, name));
    content.map(Writer::find).unwrap_or_default()
}

#[track_caller]
fn created(document: &Value, id: u64) -> [String; 2] {
    match decide(&inputs(None, &[]), document, on_comment(None), id) {
        Write::CreateComment { pull_request: 7, body, shorter, .. } => [body, shorter],
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_later_run_with_the_same_plan_keeps_the_comment() {
    let [body, _] = created(&update("new"), 1);
    let kept = decide(&inputs(None, &[]), &update("new"), on_comment(Some(&body)), 2);
    assert_eq!(kept, Write::KeepComment { id: 5, url: "u".to_owned() });
    let crlf = body.replace('\n', "\r\n") + "\r\n";
    assert!(matches!(
        decide(&inputs(None, &[]), &update("new"), on_comment(Some(&crlf)), 2),
        Write::KeepComment { .. }
    ));
}

#[test]
fn another_plan_updates_it_and_an_older_run_does_not() {
    let [body, _] = created(&update("new"), 9);
    let Write::UpdateComment { id: 5, body: updated, .. } =
        decide(&inputs(None, &[]), &update("newer"), on_comment(Some(&body)), 10)
    else {
        panic!("no update");
    };
    assert!(updated.contains("\"newer\"") && updated.contains("https://ci.example/runs/10"), "{updated}");
    let late = decide(&inputs(None, &[]), &update("newer"), on_comment(Some(&body)), 8);
    assert_eq!(late, Write::Superseded { id: Some(5), url: "u".to_owned(), by: Newer::Run(9) });
}

#[test]
fn the_shorter_text_fits_however_it_is_counted() {
    let wide = update(&"🔴\n".repeat(30_000));
    let mut many = update("x");
    let changes = (0..400).map(|number| {
        let mut change = wide["resource_changes"][0].clone();
        change["address"] = json!(format!("a.b[{number}]"));
        change["change"]["after"]["v"] = json!(format!("{number}{}", "🔴".repeat(300)));
        change
    });
    many["resource_changes"] = changes.collect();
    for document in [&wide, &many] {
        let [body, shorter] = created(document, 1);
        assert!(body.chars().count() <= LONGEST_BODY - MARGIN / 2, "{}", body.chars().count());
        assert!(shorter.len() <= LONGEST_BODY / SHORTER, "{}", shorter.len());
    }
    let [body, shorter] = created(&many, 1);
    assert!(body.encode_utf16().count() > LONGEST_BODY, "the margin alone does not make up for two units a symbol");
    assert!(shorter.contains("Left out here") && shorter.contains("400") && shorter.starts_with("<!-- slipway"));
}

#[test]
fn a_comment_that_had_to_be_shorter_is_kept() {
    let many: Vec<Value> = (0..900)
        .map(|number| {
            json!({ "address": format!("a.b[{number}]"), "type": "a", "change": { "actions": ["create"],
                "before": null, "after": { "v": format!("{number}{}", "x".repeat(100)) }, "before_sensitive": {}, "after_sensitive": {} } })
        })
        .collect();
    let document = json!({ "format_version": "1.2", "resource_changes": many });
    let [body, shorter] = created(&document, 1);
    assert_ne!(body, shorter);
    let kept = decide(&inputs(None, &[]), &document, on_comment(Some(&shorter)), 2);
    assert!(matches!(kept, Write::KeepComment { .. }), "{kept:?}");
}

#[test]
fn a_region_leaves_the_rest_of_the_body_and_takes_what_room_there_is() {
    let text = "t".repeat(50_000);
    let Write::UpdateBody { before, body, shorter, .. } =
        decide(&inputs(Some("n"), &[]), &update("new"), on_body(&text), 1)
    else {
        panic!("no update");
    };
    assert_eq!(before, text);
    for written in [&body, &shorter] {
        assert!(written.starts_with(&text) && written.chars().count() <= LONGEST_BODY);
        assert!(written.contains("start name=\"n\""));
    }
    let kept = decide(&inputs(Some("n"), &[]), &update("new"), on_body(&body), 2);
    assert_eq!(kept, Write::KeepBody { url: "u".to_owned() });
    let late = decide(&inputs(Some("n"), &[]), &update("newer"), on_body(&body), 0);
    assert_eq!(late, Write::Superseded { id: None, url: "u".to_owned(), by: Newer::Run(1) });
}

#[test]
fn a_guard_changes_the_text_and_so_updates_the_comment() {
    let mut document = update("new");
    document["resource_changes"][0]["change"]["actions"] = json!(["create", "delete"]);
    let [body, _] = created(&document, 1);
    let Write::UpdateComment { body, .. } = decide(&inputs(None, &["a.b"]), &document, on_comment(Some(&body)), 2)
    else {
        panic!("no update");
    };
    assert!(body.contains("destroys 1 protected object\n"), "{body}");
    assert!(body.contains("> - 🟠 `a.b` replace \\(create first\\)"), "{body}");
}

#[test]
fn nowhere_and_refused_are_passed_on() {
    let nowhere = decide(&inputs(None, &[]), &update("x"), Destination::Nowhere { why: Nowhere::NotAsked }, 1);
    assert_eq!(nowhere, Write::Nothing { why: Nowhere::NotAsked });
    let failure = Failure::new("github/forbidden", "m", actions_core::ExitCode::Failed);
    let refused = Destination::Refused { failure: failure.clone(), is_fork: true };
    assert_eq!(decide(&inputs(None, &[]), &update("x"), refused, 1), Write::Refused { failure, is_fork: true });
}

#[test]
fn a_plan_of_a_commit_that_is_not_the_head_any_more_says_so() {
    let Write::CreateComment { body, .. } = decide_at("aaaa", "bbbb", None, 1) else { panic!("no comment") };
    assert!(body.contains("> [!WARNING]\n> **Stale: the head moved.**") && body.contains("`aaaa`"), "{body}");
    let Write::CreateComment { body: fresh, .. } = decide_at("aaaa", "aaaa", None, 1) else { panic!("no comment") };
    assert!(!fresh.contains("Stale"), "{fresh}");
    let Write::UpdateComment { body: renewed, .. } = decide_at("bbbb", "bbbb", Some(&body), 2) else {
        panic!("no update")
    };
    assert!(!renewed.contains("Stale"), "{renewed}");
}

#[test]
fn a_text_about_the_head_is_never_overwritten_by_one_about_another_commit() {
    let Write::CreateComment { body, .. } = decide_at("bbbb", "bbbb", None, 5) else { panic!("no comment") };
    // A later run of an older commit: somebody asked for it by hand.
    let late = decide_at("aaaa", "bbbb", Some(&body), 9);
    assert_eq!(late, Write::Superseded { id: Some(5), url: "u".to_owned(), by: Newer::Head("bbbb".to_owned()) });
    let Write::CreateComment { body: stale, .. } = decide_at("aaaa", "bbbb", None, 9) else { panic!("no comment") };
    assert!(matches!(decide_at("bbbb", "bbbb", Some(&stale), 5), Write::UpdateComment { .. }));
    // Of two about commits that are both gone the later run's stays.
    let gone = decide_at("cccc", "dddd", Some(&stale), 8);
    assert_eq!(gone, Write::Superseded { id: Some(5), url: "u".to_owned(), by: Newer::Run(9) });
}

#[test]
fn a_plan_that_cannot_be_read_replaces_what_an_earlier_run_wrote() {
    let [body, _] = created(&update("new"), 1);
    let failure = Failure::new("c/not-json", "the plan `p` is not JSON", actions_core::ExitCode::BadInput);
    let failure = failure.help("write it anew").why("hunter2");
    let seen = Seen { destinations: vec![on_comment(Some(&body))], ..Seen::default() };
    let plan = plan(
        &inputs(None, &[]),
        &Snapshot::new(
            Err(NotPlanned { failure, log: Log::default() }),
            seen,
            run(2),
            &crate::target::Overrides::default(),
        ),
    );
    let Write::UpdateComment { body, .. } = &plan.writes[0] else { panic!("{:?}", plan.writes) };
    assert!(body.contains("### ❌ Terraform plan: the plan failed") && body.contains("> - write it anew"), "{body}");
    assert!(!body.contains("hunter2") && plan.failure.is_some(), "{body}");
}
