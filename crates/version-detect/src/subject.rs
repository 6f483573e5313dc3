//! What a run is about: a branch, a pull request, a tag.

use std::fmt;

use actions_core::Context;
use serde::Serialize;

/// How GitHub names the branches of a merge queue: `gh-readonly-queue/<target>/pr-<number>-<sha>`.
const MERGE_QUEUE: &str = "gh-readonly-queue/";

/// What the run is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(crate) enum Subject {
    /// A push to a branch, or a run started on one.
    Branch {
        /// The branch.
        name: String,
    },
    /// A pull request, also one in a merge queue.
    Pull {
        /// The number, where it is known.
        number: Option<u64>,
        /// The source branch. It may be a fork's, so it may be called `main` and yet not be our `main`.
        head: String,
        /// The target branch.
        base: String,
        /// The branch that it is held to as if it were merged already; `None` where its target's rules are only announced.
        #[serde(skip_serializing_if = "Option::is_none")]
        held_to: Option<String>,
    },
    /// A tag.
    Tag {
        /// The tag.
        name: String,
    },
    /// A commit without a branch.
    Detached,
}

impl Subject {
    /// The subject of a run, or `None` in a plain shell.
    pub(crate) fn of(context: &Context) -> Option<Self> {
        if let (Some(head), Some(base)) = (&context.head_ref, &context.base_ref) {
            let number = context.pull_request().ok().flatten();
            return Some(Self::Pull { number, head: head.clone(), base: base.clone(), held_to: None });
        }
        let full = context.git_ref.as_deref()?;
        if let Some(name) = full.strip_prefix("refs/tags/") {
            return Some(Self::Tag { name: name.to_owned() });
        }
        let Some(name) = full.strip_prefix("refs/heads/") else { return Some(Self::Detached) };
        Some(Self::in_merge_queue(name).unwrap_or_else(|| Self::Branch { name: name.to_owned() }))
    }

    fn in_merge_queue(branch: &str) -> Option<Self> {
        let (base, entry) = branch.strip_prefix(MERGE_QUEUE)?.rsplit_once('/')?;
        let number = entry.strip_prefix("pr-")?.split('-').next()?.parse().ok();
        Some(Self::Pull { number, head: branch.to_owned(), base: base.to_owned(), held_to: None })
    }

    /// The same under the rules of `branch`. A pull request stays one: what is not merged is not released, whatever the rules.
    pub(crate) fn under(self, branch: &str) -> Self {
        match self {
            Self::Pull { number, head, base, .. } => {
                Self::Pull { number, head, base, held_to: Some(branch.to_owned()) }
            }
            Self::Branch { .. } | Self::Tag { .. } | Self::Detached => Self::Branch { name: branch.to_owned() },
        }
    }

    /// Whether a commit can be named that it is compared with. A pull request has its target, and a tag the component whose it is.
    pub(crate) fn takes_base(&self) -> bool {
        matches!(self, Self::Branch { .. } | Self::Detached)
    }

    /// The branch whose rules hold; `None` where none do.
    pub(crate) fn ruled_by(&self) -> Option<&str> {
        match self {
            Self::Branch { name } | Self::Pull { held_to: Some(name), .. } => Some(name),
            Self::Pull { held_to: None, .. } | Self::Tag { .. } | Self::Detached => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch { name } => write!(f, "branch {name}"),
            Self::Pull { number: Some(number), base, .. } => write!(f, "pull request #{number} into {base}"),
            Self::Pull { number: None, base, .. } => write!(f, "a pull request into {base}"),
            Self::Tag { name } => write!(f, "tag {name}"),
            Self::Detached => f.write_str("a commit without a branch"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(variables: &[(&str, &str)]) -> Option<Subject> {
        Subject::of(&Context::new(&variables.iter().copied().collect()))
    }

    #[test]
    fn a_pull_request_is_about_its_source_and_its_target() {
        let pull = subject(&[
            ("GITHUB_HEAD_REF", "feature/x"),
            ("GITHUB_BASE_REF", "main"),
            ("GITHUB_REF", "refs/pull/7/merge"),
        ]);
        assert_eq!(
            pull,
            Some(Subject::Pull { number: Some(7), head: "feature/x".into(), base: "main".into(), held_to: None })
        );
    }

    #[test]
    fn a_merge_queue_is_about_its_pull_request() {
        let queue = subject(&[("GITHUB_REF", "refs/heads/gh-readonly-queue/release/1.x/pr-12-0a1b2c")]);
        let Some(Subject::Pull { number, base, .. }) = queue else { panic!("{queue:?}") };
        assert_eq!((number, base.as_str()), (Some(12), "release/1.x"));
    }

    #[test]
    fn branches_tags_and_other_refs_are_told_apart() {
        assert_eq!(subject(&[("GITHUB_REF", "refs/heads/main")]), Some(Subject::Branch { name: "main".into() }));
        assert_eq!(subject(&[("GITHUB_REF", "refs/tags/v1.0.0")]), Some(Subject::Tag { name: "v1.0.0".into() }));
        assert_eq!(subject(&[("GITHUB_REF", "refs/changes/1")]), Some(Subject::Detached));
        assert_eq!(subject(&[]), None);
    }
}
