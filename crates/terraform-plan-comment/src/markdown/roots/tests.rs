use testkit::page::Page;

use super::*;
use crate::part::Contribution;
use crate::reduce::merge::{Found, merge, tests as sample};
use crate::review::Unplanned;

fn merged(parts: Vec<Contribution>, expected: &[&str]) -> Merged {
    let names: Vec<_> = expected.iter().map(|name| crate::marker::Name::parse(name).unwrap()).collect();
    let mut found = sample::found(parts);
    found.push(Found { file: "x/y.json".to_owned(), part: Err("it is no part: `x`".to_owned()) });
    merge(&found, &names, &sample::writer(), None)
}

const FRAME: Frame<'_> = Frame {
    name: None,
    heading: true,
    commit: Some(sample::COMMIT),
    run_url: Some("https://ci.example/runs/1"),
    has_page: false,
    has_summary: false,
    moved_to: Some("c0ffee00c0ffee00"),
};

#[test]
fn a_page_has_a_table_of_the_roots_and_a_fold_for_each_that_changes() {
    let failed = Review::unplanned(Unplanned { code: "c".into(), message: "no `plan`".into(), help: None });
    let parts = vec![
        sample::part("idle", 1, sample::review(&[])),
        sample::part(
            "prod",
            1,
            sample::review(&[("aws_db_instance.a", "delete"), ("t.b", "create"), ("t.c", "update")]),
        ),
        sample::part("broken", 1, failed),
    ];
    let text = page(&merged(parts, &["gone", "idle", "prod", "broken"]), &FRAME, Limit::Characters(60_000));
    for part in [
        "### ❌ Terraform plans: 4 roots: at least 1 to add, 1 to change, 1 to destroy; 1 failed, 1 without a part, 1 file that cannot be shown\n",
        "> [!WARNING]\n> **Stale: the head moved.** This was planned from commit `beef0000`, and the pull request is at `c0ffee00` now.",
        "> **2 roots have no plan that could be applied:**\n>\n> - `gone`: no part came",
        "> - `broken`: the plan failed: no `plan`",
        "> **1 file is no part that can be shown:**\n>\n> - `x/y.json`: it is no part: `x`",
        "> [!CAUTION]\n> **1 object destroyed or replaced:** `prod` (1)",
        "> **Data loss in 1 root:** `prod` (1 change)",
        "| ❌ `gone` | ? | ? | ? | ? | ? |  | **no part came** |",
        "| 🔴 `prod` | 1 | 1 |  | 1 |  | **data loss** | changes |",
        "| ✅ `idle` |  |  |  |  |  |  | no changes |",
        "<details><summary>🔴 <code>prod</code>: 1 to add, 1 to change, 1 to destroy</summary>",
        "- v = \"aws_db_instance.a\"",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
    assert!(!text.contains("<code>idle</code>:"), "{text}");
    let parsed = Page::parse(&text);
    assert_eq!((parsed.count("table"), parsed.fences_are_closed), (2, true), "{text}");
}

#[test]
fn no_changes_is_said_of_plans_alone() {
    let failed = || Review::unplanned(Unplanned { code: "c".into(), message: "m".into(), help: None });
    let of = |parts: Vec<Contribution>| verdict(&merge(&sample::found(parts), &[], &sample::writer(), None));
    assert_eq!(of(vec![sample::part("a", 1, failed())]), "1 root; 1 failed");
    assert_eq!(
        of(vec![sample::part("a", 1, failed()), sample::part("b", 1, sample::review(&[]))]),
        "2 roots: no changes in 1 of them; 1 failed"
    );
    assert_eq!(of(vec![sample::part("b", 1, sample::review(&[]))]), "1 root: no changes");
}

#[test]
fn a_root_that_is_not_expected_is_said_and_its_plan_is_shown() {
    let parts = vec![sample::part("extra", 1, sample::review(&[("t.b", "create")]))];
    let names = [crate::marker::Name::parse("extr").unwrap()];
    let text = page(&merge(&sample::found(parts), &names, &sample::writer(), None), &FRAME, Limit::Characters(60_000));
    for part in [
        "> - `extra`: not expected: `expect` does not name it",
        "| ❌ `extra` | 1 |  |  |  |  | routine | **not expected** |",
        "1 without a part, 1 not expected",
        "+ v = \"t.b\"",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[test]
fn one_limit_is_spent_on_the_dangers_of_all_roots() {
    let long: Vec<String> = (0..40).map(|number| format!("t.{}{number}", "x".repeat(100))).collect();
    let creates: Vec<(&str, &str)> = long.iter().map(|address| (address.as_str(), "create")).collect();
    let mut dangers = creates.clone();
    dangers.push(("t.gone", "delete"));
    let parts = ["a", "b", "c"].map(|root| sample::part(root, 1, sample::review(&dangers)));
    let merged = merge(&sample::found(parts.to_vec()), &[], &sample::writer(), None);
    for most in [6_000, 12_000, 25_000, 80_000] {
        let text = page(&merged, &FRAME, Limit::Characters(most));
        assert!(text.chars().count() <= most, "{} > {most}", text.chars().count());
        assert_eq!(text.matches("<code>t.gone</code> destroy</summary>").count(), 3, "{most}: {text}");
        assert_eq!(text.contains("Left out here"), most < 80_000, "{most}: {text}");
    }
}

#[test]
fn more_roots_than_fit_are_counted() {
    let parts: Vec<Contribution> = (0..900)
        .map(|number| sample::part(&format!("root-{number}"), 1, sample::review(&[("t.a", "create")])))
        .collect();
    let merged = merge(&sample::found(parts), &[], &sample::writer(), None);
    for most in [5_000, 20_000, 60_000] {
        let text = page(&merged, &FRAME, Limit::Characters(most));
        assert!(text.chars().count() <= most, "{} > {most}", text.chars().count());
        assert!(
            text.contains("900 roots: 900 to add") && text.contains("Too many roots to show all of them"),
            "{text}"
        );
    }
}
