//! What GitHub compares before it starts a workflow that has a filter of paths. Pure.
//!
//! | event | from | to |
//! |---|---|---|
//! | push | the branch before it | the pushed commit |
//! | first push of a branch | the parent of the oldest commit that it brings | the pushed commit |
//! | push of more than 1,000 commits | nothing: every workflow of the event runs | |
//! | pull request | the commit that it has in common with the target branch | its last commit |
//! | any other | has no filter of paths | |
//!
//! It is another question than what a run of `version-detect` is compared with: a change that the target branch has got by another way
//! is in the merge commit of a pull request no more, and starts its workflows all the same.
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#git-diff-comparisons>)

use actions_core::Context;
use serde_json::Value;

use crate::base::{Base, NO_COMMIT, Wanted};

/// The most commits of a push for which GitHub looks at paths; the event lists 2,048 at most
/// (<https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>).
const MOST_COMMITS: usize = 1_000;

/// The two commits that GitHub compares for the event of `context`, with its payload.
pub(super) fn compared(context: &Context, event: Option<&Value>) -> Wanted {
    let text = |path: &str| event.and_then(|event| event.pointer(path)?.as_str()).filter(|text| !text.is_empty());
    let is_tag = context.git_ref.as_deref().is_some_and(|full| full.starts_with("refs/tags/"));
    let mut head = context.sha.clone();
    let base = match context.event_name.as_deref() {
        None => Base::Nothing { why: "no event started the run" },
        Some("push") if is_tag => Base::Nothing { why: "a tag was pushed" },
        Some("push") if commits(event) > MOST_COMMITS => {
            Base::Nothing { why: "more than 1,000 commits were pushed, and then GitHub looks at no path" }
        }
        Some("push") => match (text("/before"), text("/commits/0/id")) {
            (Some(before), _) if !before.starts_with(NO_COMMIT) => Base::Commit(before.to_owned()),
            (Some(_), Some(oldest)) => Base::ParentOf(oldest.to_owned()),
            (Some(_), None) => Base::Nothing { why: "the branch is new and brings no commit of its own" },
            (None, _) => Base::FirstParent,
        },
        Some("pull_request" | "pull_request_target") => {
            match (text("/pull_request/base/sha"), text("/pull_request/head/sha")) {
                (Some(base), Some(last)) => {
                    head = Some(last.to_owned());
                    Base::Common(base.to_owned())
                }
                _ => Base::Nothing { why: "the event does not say which commits the pull request has" },
            }
        }
        Some(_) => Base::Nothing { why: "the event has no filter of paths" },
    };
    Wanted { base, head }
}

/// How many commits a push has.
fn commits(event: Option<&Value>) -> usize {
    event.and_then(|event| event.get("commits")?.as_array()).map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHA: &str = "1111111111111111111111111111111111111111";
    const BEFORE: &str = "2222222222222222222222222222222222222222";
    const ZEROS: &str = "0000000000000000000000000000000000000000";

    #[track_caller]
    fn check(event_name: &str, git_ref: &str, event: &Value, base: Base, head: &str) {
        let variables = [("GITHUB_EVENT_NAME", event_name), ("GITHUB_REF", git_ref), ("GITHUB_SHA", SHA)];
        let found = compared(&Context::new(&variables.into_iter().collect()), Some(event));
        assert_eq!(found, Wanted { base, head: Some(head.to_owned()) });
    }

    #[test]
    fn a_push_is_compared_with_the_branch_before_it_and_a_new_branch_with_the_parent_of_its_oldest_commit() {
        let event = json!({"before": BEFORE, "commits": [{"id": "33"}]});
        check("push", "refs/heads/main", &event, Base::Commit(BEFORE.to_owned()), SHA);
        let event = json!({"before": ZEROS, "commits": [{"id": "33"}, {"id": SHA}]});
        check("push", "refs/heads/x", &event, Base::ParentOf("33".to_owned()), SHA);
        let none = Base::Nothing { why: "the branch is new and brings no commit of its own" };
        check("push", "refs/heads/x", &json!({"before": ZEROS, "commits": []}), none.clone(), SHA);
        check("push", "refs/heads/x", &json!({"before": ZEROS, "commits": {"a": 1}}), none, SHA);
        check("push", "refs/heads/main", &json!({}), Base::FirstParent, SHA);
        check("push", "refs/tags/v1", &event, Base::Nothing { why: "a tag was pushed" }, SHA);
    }

    #[test]
    fn of_a_push_of_more_than_a_thousand_commits_no_paths_are_looked_at() {
        let of = |before: &str, count: usize| json!({"before": before, "commits": vec![json!({"id": "33"}); count]});
        check("push", "refs/heads/main", &of(BEFORE, 1_000), Base::Commit(BEFORE.to_owned()), SHA);
        check("push", "refs/heads/x", &of(ZEROS, 1_000), Base::ParentOf("33".to_owned()), SHA);
        let nothing = Base::Nothing { why: "more than 1,000 commits were pushed, and then GitHub looks at no path" };
        for before in [BEFORE, ZEROS] {
            check("push", "refs/heads/main", &of(before, 1_001), nothing.clone(), SHA);
            check("push", "refs/tags/v1", &of(before, 1_001), Base::Nothing { why: "a tag was pushed" }, SHA);
        }
    }

    #[test]
    fn a_pull_request_is_compared_from_where_it_left_the_target_to_its_last_commit() {
        let event = json!({"pull_request": {"base": {"sha": BEFORE}, "head": {"sha": "33"}}});
        for name in ["pull_request", "pull_request_target"] {
            check(name, "refs/pull/7/merge", &event, Base::Common(BEFORE.to_owned()), "33");
            let unknown = Base::Nothing { why: "the event does not say which commits the pull request has" };
            check(name, "refs/pull/7/merge", &json!({"pull_request": {"base": {"sha": BEFORE}}}), unknown, SHA);
        }
    }

    #[test]
    fn nothing_else_has_a_filter_of_paths() {
        for event in ["merge_group", "workflow_dispatch", "schedule", "workflow_run", "release", "pull_request_review"]
        {
            check(event, "refs/heads/main", &json!({}), Base::Nothing { why: "the event has no filter of paths" }, SHA);
        }
    }
}
