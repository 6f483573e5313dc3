//! Laws of `rehearsal.toml` and of the workflows it names: read, or refused at a place, in bounded time.
#![allow(clippy::format_collect, reason = "short texts, made for a test")]

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use testkit::budget::{Share, Work, cases};

use super::read;
use crate::config::Config;

const EXAMPLE: &str = include_str!("../../../../rehearsal.toml");

/// Every problem stands at a place of the text; without one there is a configuration, and serde thinks so too.
fn check(text: &str) -> Result<(), TestCaseError> {
    let reading = read(text);
    let lines = text.matches('\n').count() + 1;
    for problem in &reading.problems {
        let told = problem.to_string();
        let mut parts = told.splitn(4, ':');
        prop_assert_eq!(parts.next(), Some("rehearsal.toml"), "{}", told);
        let line: usize = parts.next().and_then(|line| line.parse().ok()).unwrap_or_default();
        let column: usize = parts.next().and_then(|column| column.parse().ok()).unwrap_or_default();
        prop_assert!((1..=lines).contains(&line) && column >= 1, "{told} of {text:?}");
    }
    prop_assert_eq!(reading.problems.is_empty(), Config::parse(text).is_ok(), "{:?}", reading.problems);
    prop_assert!(!reading.problems.is_empty() || reading.config.is_some());
    Ok(())
}

/// TOML knows no null.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(without_nulls);
        }
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(without_nulls);
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_a_damaged_file_is_read_or_refused_at_a_place(edits in vec(any::<testkit::Edit>(), 1..4)) {
        check(&String::from_utf8_lossy(&testkit::mutate(EXAMPLE.as_bytes(), &edits)))?;
    }

    #[test]
    fn fuzz_a_file_of_other_values_is_read_or_refused_at_a_place(edits in vec(any::<testkit::Edit>(), 0..4)) {
        static SHARE: Share = Share::new();
        let original: Value = toml::from_str(EXAMPLE).unwrap();
        let mut changed: Value = serde_json::from_str(&testkit::mutate_json(&original, &edits)).unwrap();
        without_nulls(&mut changed);
        let text = toml::to_string(&changed);
        SHARE.note(text.is_ok());
        if let Ok(text) = text {
            check(&text)?;
        }
    }

    #[test]
    fn fuzz_a_workflow_is_read_or_refused(text in "(on: |jobs:\n|  a:\n|    uses: |\\./\\.github/workflows/x\\.yml|permissions: |write-all|id-token: write|\\{|\\}|\\[|\\]|- |&a |\\*a|\n|\\PC){0,12}") {
        let read = |_: &str| Some(text.clone());
        if let Err(error) = crate::permissions::grants(".github/workflows/x.yml", &read) {
            prop_assert!(!error.why.is_empty() && error.file == ".github/workflows/x.yml");
        }
        if let Err(error) = crate::uses::remotes(".github/workflows/x.yml", &read) {
            prop_assert!(!error.why.is_empty());
        }
    }
}

#[test]
fn bombs_are_refused_or_read_in_no_time() {
    let work = Work::start();
    let many = 20_000;
    for text in [
        format!("a = {}", "[".repeat(many)),
        format!("a = {}", "{a=".repeat(many)),
        format!("a{} = 1", ".a".repeat(many)),
        format!("[{}]", "a.".repeat(many)),
        "[[run]]\n".repeat(many / 10),
        "x".repeat(1_000_000),
    ] {
        check(&text).unwrap();
    }
    let anchors: String =
        (0..40).map(|n| format!("a{}: &a{} [{}]\n", n + 1, n + 1, format!("*a{n},").repeat(10))).collect();
    let jobs: String = (0..20).map(|n| format!("  j{n}:\n    uses: ./.github/workflows/x.yml\n")).collect();
    for text in [
        "[".repeat(many),
        "{a: ".repeat(many),
        "- ".repeat(many),
        format!("a0: &a0 x\n{anchors}"),
        format!("permissions: write-all\njobs:\n{jobs}"),
    ] {
        let read = |_: &str| Some(text.clone());
        let _ = crate::permissions::grants(".github/workflows/x.yml", &read);
        let _ = crate::uses::remotes(".github/workflows/x.yml", &read);
    }
    work.assert_below(20);
}
