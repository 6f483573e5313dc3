use serde_json::{Value, json};

use super::*;
use crate::document::Document;
use crate::guard::{Cause, FailOn, Guard};
use crate::review::PlanState;
use crate::sealed::SENSITIVE;

fn review_of(plan: &str) -> Review {
    let guard = Guard::default().refusing(FailOn::new([Some(Cause::Any)]), Vec::new());
    Review::of(&Document::of(plan, &guard).unwrap())
}

fn part(review: &Review) -> Part {
    let writer = Writer { run: Some((7, 2)), commit: Some("ab".repeat(20)) };
    Part::of(&Name::parse("envs/prod").unwrap(), &writer, review)
}

/// A part's JSON after `edit`, read.
fn read(edit: impl FnOnce(&mut Value)) -> Result<Contribution, String> {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{ "address": "a.b", "type": "a", "change": {
        "actions": ["delete"], "before": { "v": "old" }, "after": null,
        "before_sensitive": {}, "after_sensitive": {} } }] });
    let mut json = serde_json::to_value(part(&review_of(&plan.to_string()))).unwrap();
    edit(&mut json);
    Contribution::read(json.to_string().as_bytes())
}

#[test]
fn what_was_written_is_read_back() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let review = review_of(&text);
        let read = Contribution::read(part(&review).to_json().as_bytes()).unwrap();
        assert_eq!((read.root.as_str(), read.writer.run), ("envs/prod", Some((7, 2))));
        // Why a change is refused stays with its job; a word of several lines is on one.
        let known = |mut review: Review| {
            review.resources.iter_mut().for_each(|resource| resource.refused_for.clear());
            serde_json::to_string(&review).unwrap().replace("\\\\n", "\\n")
        };
        assert_eq!(known(read.review), known(review), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_log_of_a_part_is_made_harmless() {
    let log = json!([{ "severity": "warning", "summary": "w" }, { "severity": "error", "summary": "a\nb\u{202e}\u{f0000}",
        "detail": "d\u{1b}[31m\u{f0000}", "address": "x\ny", "context": "\u{7}", "file": "\u{f0001}.tf", "line": 7, "times": u64::MAX },
        { "severity": "error", "summary": "b" }]);
    let review = read(|part| part["review"]["diagnostics"] = log.clone()).unwrap().review;
    assert_eq!(review.log.error_count(), usize::MAX);
    let [error, _, warning] = &review.log.diagnostics[..] else { panic!("{:?}", review.log) };
    assert_eq!((error.summary.as_str(), warning.summary.as_str()), ("a\\nb\\u{202e}\u{fffd}", "w"));
    assert_eq!((error.detail.as_str(), error.place().as_deref()), ("d\\u{1b}[31m\u{fffd}", Some("\u{fffd}.tf:7")));
    assert_eq!((error.address.as_deref(), error.context.as_deref()), (Some("x\\ny"), Some("\\u{7}")));
    let failed = read(|part| {
        part["review"]["diagnostics"] = log;
        part["review"]["state"] = json!("unplanned");
    });
    assert_eq!(failed.unwrap().review.log, review.log, "also where there is no plan");
}

#[test]
fn values_of_any_depth_are_read_back_as_lines() {
    let mut deep = json!("the bottom");
    (0..200).for_each(|_| deep = json!({ "k": deep }));
    let plan = json!({ "format_version": "1.2", "resource_changes": [{ "address": "a.b", "type": "a", "change": {
        "actions": ["create"], "before": null, "after": deep, "before_sensitive": {}, "after_sensitive": {} } }] });
    let review = review_of(&plan.to_string());
    let read = Contribution::read(part(&review).to_json().as_bytes()).unwrap();
    let text = diff_lines(&read.review.resources[0].attributes).join("\n");
    assert!(text.contains("k = \"the bottom\""), "{text}");
}

#[test]
fn what_is_no_part_is_refused() {
    let refused = |edit: &dyn Fn(&mut Value)| read(|json| edit(json)).unwrap_err();
    assert!(refused(&|json| json["format"] = json!("other")).contains("another `format`"));
    assert!(refused(&|json| json["version"] = json!(2)).contains("version 2; this action reads the version 1"));
    assert!(refused(&|json| json["root"] = json!("a-->b")).contains("no name"));
    assert!(refused(&|json| json["commit"] = json!("main")).contains("no commit"));
    assert!(refused(&|json| json["review"]["resources"] = json!(7)).contains("no whole part"));
    assert!(refused(&|json| *json = json!([])).contains("no part"));
    assert!(Contribution::read(b"PK\x03\x04").unwrap_err().contains("no part"));
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Contribution::read(nested.as_bytes()).is_err());
}

#[test]
fn forged_tokens_and_invisible_characters_become_nothing() {
    let read = read(|json| {
        let resource = &mut json["review"]["resources"][0];
        resource["address"] = json!("a.\u{F0000}\u{202E}\nb");
        resource["attributes"][0]["scalar"]["before"] = json!("\u{10FFFD}");
    })
    .unwrap();
    let text = format!("{:?}", read.review);
    assert!(text.contains('\u{FFFD}') && !text.contains(SENSITIVE), "{text}");
    assert_eq!(read.review.resources[0].address, "a.\u{FFFD}\\u{202e}\\nb");
}

#[test]
fn what_follows_from_a_part_is_counted_and_not_believed() {
    let read = read(|json| {
        json["review"]["counts"]["destroy"] = json!(0);
        json["review"]["has-changes"] = json!(false);
        json["review"]["unchanged"] = json!(u64::MAX);
    })
    .unwrap();
    assert_eq!((read.review.counts.destroy, read.review.has_changes), (1, true));
}

#[test]
fn texts_are_bounded_and_say_so() {
    let read = read(|json| {
        json["review"]["resources"][0]["risks"] = json!([{ "grade": "exposure", "reason": "x".repeat(9_000) }]);
    });
    let reason = &read.unwrap().review.resources[0].risks[0].reason;
    assert!(reason.ends_with("x… (5000 more characters)"), "{}", reason.len());
}

#[test]
fn a_failed_plan_shows_nothing_but_why() {
    let failed = read(|json| json["review"]["state"] = json!("unplanned")).unwrap().review;
    assert_eq!((failed.state, failed.resources.len()), (PlanState::Unplanned, 0));
    let why = json!({ "code": "c", "message": "m" });
    let failed = read(|json| json["review"]["unplanned"] = why).unwrap().review;
    assert_eq!((failed.state, failed.unplanned.unwrap().message.as_str()), (PlanState::Unplanned, "m"));
}
