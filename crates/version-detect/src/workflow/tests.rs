use super::*;

fn occasion(event: &str, target: Target) -> Occasion {
    Occasion { event: event.to_owned(), action: None, target }
}

fn push(branch: &str) -> Occasion {
    occasion("push", Target::Branch(branch.to_owned()))
}

fn pull(branch: &str, action: &str) -> Occasion {
    Occasion { action: Some(action.to_owned()), ..occasion("pull_request", Target::Branch(branch.to_owned())) }
}

fn files(files: &[&str]) -> Changes {
    Changes::Known { base: "b".to_owned(), files: files.iter().map(|file| (*file).to_owned()).collect() }
}

#[track_caller]
fn check(on: &str, occasion: &Occasion, changed: &[&str], expect: &str) {
    let workflow = parse(&format!("name: x\non:{on}\njobs: {{}}\n")).unwrap();
    let verdict = workflow.runs(occasion, &files(changed));
    let shown = format!("{} {}", if verdict.runs { "+" } else { "-" }, verdict.reason);
    assert_eq!(shown, expect, "{on} {changed:?}");
}

#[test]
fn events_are_a_word_a_list_or_a_map() {
    check(" push", &push("main"), &["a"], "+ it has no filter of paths");
    check(" [push, pull_request]", &push("main"), &["a"], "+ it has no filter of paths");
    check("\n  push:\n  schedule:\n    - cron: '0 0 * * *'", &push("main"), &[], "+ it has no filter of paths");
    check(" pull_request", &push("main"), &["a"], "- it is not started by `push`");
    let by_hand = occasion("workflow_dispatch", Target::Branch("main".to_owned()));
    check(" workflow_dispatch", &by_hand, &[], "+ `workflow_dispatch` has no filter of paths");
}

#[test]
fn the_order_of_patterns_decides() {
    let on = "\n  push:\n    paths: ['services/**', '!services/**/*.md', services/keep.md]";
    check(on, &push("main"), &["services/a/b.rs"], "+ `services/a/b.rs` matches `services/**`");
    check(on, &push("main"), &["services/a/b.md"], "- its filter of paths takes none of the changed files");
    check(on, &push("main"), &["services/keep.md"], "+ `services/keep.md` matches `services/keep.md`");
    check(on, &push("main"), &[], "- nothing changed");
    let on = "\n  push:\n    paths-ignore: ['**.md']";
    check(on, &push("main"), &["a.md", "b/c.md"], "- its filter of paths takes none of the changed files");
    check(on, &push("main"), &["a.md", "b/c"], "+ `b/c` is not ignored");
}

#[test]
fn branches_tags_and_types_are_filters_too() {
    let on = "\n  push:\n    branches: [main, 'release/**', '!release/old']";
    check(on, &push("release/1/x"), &[], "+ it has no filter of paths");
    check(on, &push("release/old"), &[], "- its filter of branches does not take `release/old`");
    let tag = occasion("push", Target::Tag("v1".to_owned()));
    check(on, &tag, &[], "- it is for branches, and `v1` is a tag");
    let on = "\n  push:\n    tags: v*\n    paths: [x]";
    check(on, &tag, &[], "+ the tag `v1` was pushed");
    check(on, &push("main"), &["x"], "- it is for tags, and `main` is a branch");
    let on = "\n  pull_request:\n    branches-ignore: ['feature/**']";
    check(on, &pull("main", "synchronize"), &[], "+ it has no filter of paths");
    check(on, &pull("main", "labeled"), &[], "- the type `labeled` does not start it");
    check(on, &pull("feature/x", "opened"), &[], "- its filter of branches does not take `feature/x`");
    let on = "\n  pull_request:\n    types: [labeled]";
    check(on, &pull("main", "labeled"), &[], "+ it has no filter of paths");
    check(on, &pull("main", "opened"), &[], "- the type `opened` does not start it");
    let queue = occasion("merge_group", Target::Branch("main".to_owned()));
    check("\n  merge_group:\n    branches: [main]", &queue, &[], "+ `merge_group` has no filter of paths");
    check("\n  merge_group:\n    branches: [dev]", &queue, &[], "- its filter of branches does not take `main`");
}

#[test]
fn anchors_are_followed_and_what_is_not_known_runs() {
    let on = "\n  push:\n    paths: &p [a/**]\n  pull_request:\n    paths: *p";
    check(on, &pull("main", "opened"), &["a/b"], "+ `a/b` matches `a/**`");
    let workflow = parse("on: {push: {paths: [a]}}").unwrap();
    let verdict = workflow.runs(&push("main"), &Changes::Unknown { why: "the branch is new".to_owned() });
    assert_eq!(verdict, Verdict::yes("what changed is not known: the branch is new"));
}

#[test]
fn what_github_refuses_is_refused_with_its_place() {
    let flaw = |text: &str| {
        let flaw = parse(text).unwrap_err();
        let crate::manifest::FlawKind::Malformed(reason) = flaw.kind else { panic!("{flaw:?}") };
        format!("{reason}@{}:{}", flaw.place.line, flaw.place.column)
    };
    assert_eq!(flaw("on:\n  push:\n    paths: ['!a']\n"), "`paths` has no pattern without `!`@3:12");
    assert_eq!(
        flaw("on:\n  push:\n    paths: [a]\n    paths-ignore: [b]\n"),
        "`paths` and `paths-ignore` cannot be used together@4:19"
    );
    assert_eq!(flaw("on:\n  push:\n    paths: ['a[']\n"), "`a[` is no pattern: a `[` has no `]`@3:13");
    assert_eq!(flaw("on:\n  push:\n    paths: [[a]]\n"), "a word is needed here@3:13");
    assert_eq!(flaw("jobs: {}\n"), "it has no `on`, so it is no workflow@1:1");
    assert_eq!(flaw("on:\n"), "`on` names no event@1:3");
    assert!(flaw(&format!("on: push\n# {}", "x".repeat(LONGEST))).starts_with("a workflow has 1 MiB at most"));
}
