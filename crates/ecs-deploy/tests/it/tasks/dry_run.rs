//! What a dry run says of a task.

use super::{alone, gate, run_alone, stopped};

#[test]
fn a_dry_run_of_a_task_alone_says_what_would_be_run_and_nothing_else() {
    let aws = gate(&stopped(0));
    let out = run_alone(&alone(&aws).input("dry-run", "true"));
    out.assert_code(0);
    assert!(out.stdout.contains("would run a task of shop:7 on FARGATE"), "{}", out.stdout);
    assert!(!out.stdout.contains("nothing would be changed"), "{}", out.stdout);
    let out = run_alone(&alone(&aws).input("dry-run", "true").input("images", "app=shop:2"));
    let line = "would register a new revision of shop; would run a task of it on FARGATE";
    assert!(out.stdout.contains(line), "{}", out.stdout);
}
