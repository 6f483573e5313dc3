use super::*;

fn occasion(event: &str, target: Target) -> Occasion {
    Occasion { event: event.to_owned(), action: None, target, only: None }
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
    let workflow = parse(&format!("name: x\non:{on}\njobs: {{}}\n")).unwrap().unwrap();
    let verdict = workflow.runs("x.yml", occasion, &files(changed));
    assert_eq!(verdict.runs, !verdict.event.is_empty());
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
fn a_pull_request_is_two_events_at_once() {
    let on = "\n  pull_request_target:\n    paths: [a]";
    check(on, &pull("main", "opened"), &["a"], "+ `a` matches `a`");
    check(on, &pull("main", "opened"), &["b"], "- its filter of paths takes none of the changed files");
    let target = Occasion { event: "pull_request_target".to_owned(), ..pull("main", "opened") };
    check(" pull_request", &target, &["a"], "+ it has no filter of paths");
    let both = "\n  pull_request:\n    paths: [a]\n  pull_request_target:\n    types: [labeled]";
    check(both, &pull("main", "opened"), &["a"], "+ `a` matches `a`");
    check(both, &pull("main", "opened"), &["b"], "- its filter of paths takes none of the changed files");
    check(both, &pull("main", "labeled"), &["b"], "+ it has no filter of paths");
    let workflow = parse(&format!("on:{both}")).unwrap().unwrap();
    assert_eq!(workflow.runs("x.yml", &pull("main", "labeled"), &files(&["b"])).event, "pull_request_target");
    let review = Occasion { event: "pull_request_review".to_owned(), ..pull("main", "submitted") };
    check(both, &review, &["a"], "- it is not started by `pull_request_review`");
}

#[test]
fn an_event_that_is_for_some_workflows_starts_no_others() {
    let of = |event: &str, only: Only, branch: &str| Occasion {
        only: Some(only),
        ..occasion(event, Target::Branch(branch.to_owned()))
    };
    let by_hand = |file: &str| of("workflow_dispatch", Only::File(file.to_owned()), "main");
    check(" workflow_dispatch", &by_hand("x.yml"), &[], "+ `workflow_dispatch` has no filter of paths");
    check(" workflow_dispatch", &by_hand("y.yml"), &[], "- `y.yml` was started by hand, no other");
    let clock = |time: &str| of("schedule", Only::Time(time.to_owned()), "main");
    let on = "\n  schedule:\n    - cron: '0 0 * * *'\n    - cron: '5 4 * * 1'";
    check(on, &clock("5 4 * * 1"), &[], "+ `schedule` has no filter of paths");
    check(on, &clock("5 4 * * 2"), &[], "- `5 4 * * 2` is none of its times");
    let behind = |branch: &str| of("workflow_run", Only::Behind("Build".to_owned()), branch);
    let on = "\n  workflow_run:\n    workflows: [Build, Test]\n    branches: [develop]";
    check(on, &behind("develop"), &[], "+ `workflow_run` has no filter of paths");
    check(on, &behind("main"), &[], "- its filter of branches does not take `main`");
    check("\n  workflow_run:\n    workflows: Test", &behind("main"), &[], "- it does not follow the workflow `Build`");
}

#[test]
fn anchors_are_followed_and_what_is_not_known_runs() {
    let on = "\n  push:\n    paths: &p [a/**]\n  pull_request:\n    paths: *p";
    check(on, &pull("main", "opened"), &["a/b"], "+ `a/b` matches `a/**`");
    let workflow = parse("on: {push: {paths: [a]}}").unwrap().unwrap();
    let verdict = workflow.runs("x.yml", &push("main"), &Changes::Unknown { why: "the branch is new".to_owned() });
    assert_eq!(
        verdict,
        Verdict { event: "push".to_owned(), ..Verdict::yes("what changed is not known: the branch is new") }
    );
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
    for other in ["jobs: {}\n", "", "- a\n", "# nothing\n"] {
        assert_eq!(parse(other).unwrap(), None, "{other:?}");
    }
    assert_eq!(flaw("on:\n"), "`on` names no event@1:3");
    assert!(flaw(&format!("on: push\n# {}", "x".repeat(LONGEST))).starts_with("a workflow has 1 MiB at most"));
}
