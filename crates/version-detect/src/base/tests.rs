use serde_json::json;

use super::*;

const SHA: &str = "1111111111111111111111111111111111111111";
const BEFORE: &str = "2222222222222222222222222222222222222222";
const ZEROS: &str = "0000000000000000000000000000000000000000";

fn of(event_name: &str, git_ref: &str, event: &Value) -> Wanted {
    let variables = [("GITHUB_EVENT_NAME", event_name), ("GITHUB_REF", git_ref), ("GITHUB_SHA", SHA)];
    wanted(&Context::new(&variables.into_iter().collect()), Some(event))
}

#[track_caller]
fn check(event_name: &str, git_ref: &str, event: &Value, base: Base) {
    assert_eq!(of(event_name, git_ref, event), Wanted { base, head: Some(SHA.to_owned()) });
}

#[test]
fn a_push_is_compared_with_the_branch_before_it() {
    let event = json!({"before": BEFORE, "repository": {"default_branch": "main"}});
    check("push", "refs/heads/main", &event, Base::Commit(BEFORE.to_owned()));
    check("push", "refs/heads/feature/x", &event, Base::Commit(BEFORE.to_owned()));
    let forced = json!({"before": BEFORE, "forced": true, "repository": {"default_branch": "main"}});
    check("push", "refs/heads/main", &forced, Base::Commit(BEFORE.to_owned()));
    check("push", "refs/heads/main", &json!({}), Base::FirstParent);
}

#[test]
fn a_new_branch_is_compared_with_the_default_branch_and_the_first_commit_with_nothing() {
    let event = json!({"before": ZEROS, "created": true, "repository": {"default_branch": "main"}});
    check("push", "refs/heads/feature/x", &event, Base::Common("main".to_owned()));
    check("push", "refs/heads/main", &event, Base::Nothing { why: "the branch is new" });
    check("push", "refs/heads/x", &json!({"before": ZEROS}), Base::Nothing { why: "the branch is new" });
}

#[test]
fn a_tag_is_compared_with_nothing() {
    let event = json!({"before": ZEROS, "repository": {"default_branch": "main"}});
    check("push", "refs/tags/v1.0.0", &event, Base::Nothing { why: "a tag was pushed" });
}

#[test]
fn a_pull_request_is_compared_with_its_target() {
    let event = json!({"pull_request": {"base": {"sha": BEFORE}, "head": {"sha": "3333"}}});
    check("pull_request", "refs/pull/7/merge", &event, Base::FirstParent);
    let target = of("pull_request_target", "refs/heads/main", &event);
    assert_eq!(target, Wanted { base: Base::Common(BEFORE.to_owned()), head: Some("3333".to_owned()) });
    let merged = of("pull_request", "refs/heads/main", &event);
    assert_eq!(merged.base, Base::Common(BEFORE.to_owned()));
}

#[test]
fn a_merge_queue_is_compared_with_what_it_merges_into() {
    let event = json!({"merge_group": {"base_sha": BEFORE, "head_sha": SHA}});
    check("merge_group", "refs/heads/gh-readonly-queue/main/pr-7-2222", &event, Base::Commit(BEFORE.to_owned()));
}

#[test]
fn a_run_that_no_change_started_is_compared_with_the_last_release() {
    for event in ["workflow_dispatch", "schedule", "repository_dispatch", "workflow_run", "release"] {
        check(event, "refs/heads/main", &json!({}), Base::LastRelease);
    }
    let none = wanted(&Context::new(&std::iter::empty::<(&str, &str)>().collect()), None);
    assert_eq!(none, Wanted { base: Base::LastRelease, head: None });
}

#[test]
fn a_hostile_payload_is_text() {
    let event = json!({"before": ["x"], "repository": {"default_branch": {"a": 1}}});
    check("push", "refs/heads/main", &event, Base::FirstParent);
    let event = json!({"before": "--upload-pack=x", "repository": 7});
    check("push", "refs/heads/main", &event, Base::Commit("--upload-pack=x".to_owned()));
}
