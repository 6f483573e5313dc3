use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::document::Document;
use crate::guard::{Cause, FailOn, Guard};
use crate::review::Unplanned;

/// The planned commit.
pub(crate) const COMMIT: &str = "beef00000000000000000000000000000000beef";

/// The run that puts the parts together.
pub(crate) fn writer() -> Writer {
    Writer { run: Some((1_000, 2)), commit: Some(COMMIT.to_owned()) }
}

/// The review of a plan with these changes: address and action.
pub(crate) fn review(changes: &[(&str, &str)]) -> Review {
    guarded(changes, FailOn::default())
}

fn guarded(changes: &[(&str, &str)], fail_on: FailOn) -> Review {
    let change = |(address, action): &(&str, &str)| {
        let kind = address.split('.').next().unwrap();
        let side = |there: bool| if there { json!({ "v": address }) } else { Value::Null };
        json!({ "address": address, "type": kind, "mode": "managed", "change": { "actions": [action],
            "before": side(*action != "create"), "after": side(*action != "delete"),
            "before_sensitive": {}, "after_sensitive": {} } })
    };
    let plan = json!({ "format_version": "1.2", "resource_changes": changes.iter().map(change).collect::<Vec<_>>() });
    let guard = Guard::default().refusing(fail_on, Vec::new());
    Review::of(&Document::of(&plan.to_string(), &guard).unwrap())
}

/// A part of the planned commit, by an attempt of the run.
pub(crate) fn part(root: &str, attempt: u64, review: Review) -> Contribution {
    let writer = Writer { run: Some((1_000, attempt)), ..writer() };
    Contribution { root: Name::parse(root).unwrap(), writer, review }
}

pub(crate) fn found(parts: Vec<Contribution>) -> Vec<Found> {
    parts.into_iter().enumerate().map(|(index, part)| Found { file: format!("{index}.json"), part: Ok(part) }).collect()
}

fn names(words: &[&str]) -> Vec<Name> {
    words.iter().map(|word| Name::parse(word).unwrap()).collect()
}

fn states(merged: &Merged) -> Vec<(&str, Option<Problem>)> {
    merged.roots.iter().map(|root| (root.name.as_str(), root.problem())).collect()
}

#[test]
fn what_needs_attention_stands_first() {
    let failed = Review::unplanned(Unplanned { code: "c".into(), message: "m".into(), help: None });
    let parts = vec![
        part("idle", 1, review(&[])),
        part("routine", 1, review(&[("t.a", "update")])),
        part("loses", 1, review(&[("aws_db_instance.a", "delete")])),
        part("failed", 1, failed),
        part("refused", 1, guarded(&[("t.a", "create")], FailOn::new([Some(Cause::Any)]))),
    ];
    let expected = names(&["gone", "idle", "routine", "loses", "failed", "refused"]);
    let merged = merge(&found(parts), &expected, &writer(), None);
    let order = [
        ("gone", Some(Problem::Missing)),
        ("failed", Some(Problem::Failed)),
        ("refused", Some(Problem::Refused(1))),
        ("loses", None),
        ("routine", None),
        ("idle", None),
    ];
    assert_eq!(states(&merged), order);
    assert_eq!((merged.passes(), merged.grade(), merged.counts().destroy), (false, Some(Grade::DataLoss), 1));
}

#[test]
fn who_lets_pass_is_not_said_by_a_part() {
    let refused = || guarded(&[("t.a", "create")], FailOn::new([Some(Cause::Any)]));
    let forged = Review { overridden_by: Some("the approval of `maintainer`".to_owned()), ..refused() };
    let json = crate::part::Part::of(&Name::parse("a").unwrap(), &writer(), &forged).to_json();
    let read = || Contribution::read(json.as_bytes()).unwrap();
    let merged = merge(&found(vec![read()]), &[], &writer(), None);
    assert_eq!(states(&merged), [("a", Some(Problem::Refused(1)))]);
    assert_eq!(merged.roots[0].review().unwrap().overridden_by, None);
    let merged = merge(&found(vec![read()]), &[], &writer(), Some("the label `ok`"));
    assert_eq!((states(&merged), merged.passes()), (vec![("a", None)], true));
}

#[test]
fn a_root_that_nobody_expects_does_not_pass() {
    let parts = vec![part("mine", 1, review(&[])), part("production", 1, review(&[]))];
    let merged = merge(&found(parts.clone()), &names(&["mine"]), &writer(), None);
    assert_eq!(states(&merged), [("production", Some(Problem::Unexpected)), ("mine", None)]);
    assert_eq!((merged.passes(), merged.lacks_a_plan()), (false, false));
    assert!(merge(&found(parts), &[], &writer(), None).passes(), "without `expect` what is there is all");
}

#[test]
fn the_newest_attempt_wins() {
    let attempts = |order: [u64; 2]| {
        let parts =
            order.map(|attempt| part("a", attempt, review(if attempt == 2 { &[] } else { &[("t.a", "create")] })));
        merge(&found(parts.to_vec()), &[], &writer(), None)
    };
    let merged = attempts([1, 2]);
    assert_eq!((merged.roots.len(), merged.has_changes()), (1, false));
    assert_eq!(attempts([2, 1]), merged);
}

#[test]
fn a_part_of_another_commit_is_no_plan() {
    let mut old = part("a", 2, review(&[("t.a", "create")]));
    old.writer.commit = Some("0".repeat(40));
    let merged = merge(&found(vec![old.clone()]), &[], &writer(), None);
    assert_eq!(states(&merged), [("a", Some(Problem::Stale))]);
    assert_eq!((merged.has_changes(), merged.roots[0].review()), (false, None));
    let merged = merge(&found(vec![old, part("a", 1, review(&[]))]), &[], &writer(), None);
    assert_eq!(states(&merged), [("a", None)], "one of the planned commit counts, though its attempt is older");
    let mut unsaid = part("a", 1, review(&[]));
    unsaid.writer.commit = None;
    assert_eq!(states(&merge(&found(vec![unsaid]), &[], &writer(), None)), [("a", Some(Problem::Stale))]);
}

#[test]
fn a_part_from_the_future_is_forged() {
    for run in [(1_000, 3), (u64::MAX, 1)] {
        let mut forged = part("a", 1, review(&[]));
        forged.writer.run = Some(run);
        let merged = merge(&found(vec![forged, part("a", 1, review(&[("t.a", "delete")]))]), &[], &writer(), None);
        assert_eq!((merged.refused.len(), merged.counts().destroy, merged.passes()), (1, 1, false));
        assert_eq!(merged.refused[0].reason, "it says that a later run wrote it");
    }
}

#[test]
fn two_parts_of_one_attempt_that_differ_are_no_plan() {
    let one = part("a", 1, review(&[("t.a", "create")]));
    let other = part("a", 1, review(&[("t.a", "delete")]));
    assert_eq!(
        states(&merge(&found(vec![one.clone(), other]), &[], &writer(), None)),
        [("a", Some(Problem::Contradictory))]
    );
    assert_eq!(states(&merge(&found(vec![one.clone(), one]), &[], &writer(), None)), [("a", None)]);
}

#[test]
fn a_file_that_is_no_part_fails() {
    let bad = Found { file: "x".to_owned(), part: Err("it is no part".to_owned()) };
    let merged = merge(&[bad], &[], &writer(), None);
    assert_eq!((merged.roots.len(), merged.refused.len(), merged.passes()), (0, 1, false));
}

/// Parts of a few roots by a few attempts, of this commit and another, some alike.
fn parts() -> impl Strategy<Value = Vec<Contribution>> {
    let one = (0_usize..4, 1_u64..4, any::<bool>(), 0_usize..3).prop_map(|(root, attempt, is_ours, changes)| {
        let all = [("t.a", "create"), ("aws_db_instance.b", "delete")];
        let mut part = part(["a", "b", "c/d", "e"][root], attempt, review(&all[..changes]));
        if !is_ours {
            part.writer.commit = Some("1".repeat(40));
        }
        part
    });
    proptest::collection::vec(one, 0..8)
}

proptest! {
    #[test]
    fn the_order_of_the_parts_does_not_matter(parts in parts(), turn in 0_usize..8) {
        let mut turned = parts.clone();
        turned.reverse();
        turned.rotate_left(turn % parts.len().max(1));
        let expected = names(&["a", "z"]);
        let merged = merge(&found(parts), &expected, &writer(), None);
        let other = merge(&found(turned), &expected, &writer(), None);
        prop_assert_eq!(&merged.roots, &other.roots);
        prop_assert_eq!(merged.refused.len(), other.refused.len());
    }

    #[test]
    fn a_part_that_is_there_twice_counts_once(parts in parts()) {
        let once = merge(&found(parts.clone()), &[], &writer(), None);
        let twice = merge(&found([parts.clone(), parts].concat()), &[], &writer(), None);
        prop_assert_eq!(once.roots, twice.roots);
    }

    #[test]
    fn every_root_is_there_and_the_newest_of_the_commit_is_shown(parts in parts()) {
        let expected = names(&["a", "z"]);
        let merged = merge(&found(parts.clone()), &expected, &writer(), None);
        let trusted = parts.iter().filter(|part| !part.writer.is_newer_than(&writer()));
        for root in trusted.map(|part| &part.root).chain(&expected) {
            let seen = merged.roots.iter().filter(|seen| seen.name == root.as_str()).count();
            prop_assert_eq!(seen, 1);
        }
        for root in &merged.roots {
            let Some(review) = root.review() else { continue };
            let is_current = |part: &&Contribution| {
                part.root.as_str() == root.name && part.writer.commit == writer().commit && !part.writer.is_newer_than(&writer())
            };
            let newest = parts.iter().filter(is_current).map(|part| part.writer.run).max();
            let shown = parts.iter().filter(is_current).find(|part| part.writer.run == newest.unwrap());
            prop_assert_eq!(Some(review), shown.map(|part| &part.review));
        }
    }
}
