//! What a run is compared with: which two commits its event is about. Pure.
//!
//! | event | from | to |
//! |---|---|---|
//! | push | the branch's commit before it; where that is gone, the parent | the run's commit |
//! | first push of a branch | what it has in common with the default branch | the run's commit |
//! | push of a tag | nothing | |
//! | pull request | the first parent of the merge commit, which is the target branch | the merge commit |
//! | pull request of a workflow of the target branch | what it has in common with the target branch | its last commit |
//! | merge queue | the target branch as it will be then | the run's commit |
//! | by hand, by the clock, any other; none in a plain shell | the last release | the run's commit |

use actions_core::Context;
use serde_json::Value;

/// How GitHub writes that there is no commit.
pub(crate) const NO_COMMIT: &str = "0000000000";

/// The two commits that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) base: Base,
    /// The commit that is compared; `None` for what is checked out.
    pub(crate) head: Option<String>,
}

/// Where the comparison begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    /// At this commit of the event; where it is gone, which a push by force may lead to, at the first parent.
    Commit(String),
    /// At this commit, which the input names. No other one stands for it.
    Named(String),
    /// At this commit of the last run that succeeded. No other one stands for it: what lies between would count as built.
    LastSuccess(String),
    /// At the first parent.
    FirstParent,
    /// At the first parent of this commit.
    ParentOf(String),
    /// At the commit in common with this branch or commit.
    Common(String),
    /// At the last release.
    LastRelease,
    /// Nowhere: everything counts as changed.
    Nothing {
        /// Why.
        why: &'static str,
    },
    /// At the last run that succeeded, which cannot be told: everything counts as changed.
    Lost {
        /// Why.
        why: &'static str,
    },
}

/// What the run of `context`, with the event's payload, is compared with.
pub(crate) fn wanted(context: &Context, event: Option<&Value>) -> Wanted {
    let text = |path: &str| event.and_then(|event| event.pointer(path)?.as_str()).filter(|text| !text.is_empty());
    let git_ref = context.git_ref.as_deref().unwrap_or_default();
    let mut head = context.sha.clone();
    let base = match context.event_name.as_deref() {
        Some("push") if git_ref.starts_with("refs/tags/") => Base::Nothing { why: "a tag was pushed" },
        Some("push") => match (text("/before"), text("/repository/default_branch")) {
            (Some(before), _) if !before.starts_with(NO_COMMIT) => Base::Commit(before.to_owned()),
            (_, Some(default)) if git_ref != format!("refs/heads/{default}") => Base::Common(default.to_owned()),
            (Some(_), _) => Base::Nothing { why: "the branch is new" },
            (None, _) => Base::FirstParent,
        },
        // A merge commit, made by GitHub for the run, has the target branch for its first parent.
        Some("pull_request" | "pull_request_review") if git_ref.ends_with("/merge") => Base::FirstParent,
        Some("pull_request" | "pull_request_review" | "pull_request_target") => {
            head = text("/pull_request/head/sha").map(str::to_owned).or(head);
            text("/pull_request/base/sha").map_or(Base::FirstParent, |base| Base::Common(base.to_owned()))
        }
        Some("merge_group") => {
            text("/merge_group/base_sha").map_or(Base::FirstParent, |base| Base::Commit(base.to_owned()))
        }
        Some(_) | None => Base::LastRelease,
    };
    Wanted { base, head }
}

#[cfg(test)]
mod tests;
