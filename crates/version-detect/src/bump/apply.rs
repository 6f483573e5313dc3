//! One commit, its branch, its pull request.

use actions_core::Session;
use github_client::{CreatePull, GitHub, SetBranch};
use serde::Serialize;

use super::error::BumpError;
use super::plan::{BumpPlan, Commit, Pull};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct BumpOutcome {
    /// The pull request's number; `None` where none is needed.
    pub(crate) number: Option<u64>,
    /// Its web page; empty where none is needed.
    pub(crate) url: String,
    /// Whether this run wrote a commit or opened the pull request.
    pub(crate) changed: bool,
}

/// Does what the plan says.
pub(crate) async fn apply(plan: &BumpPlan, github: &GitHub, session: &Session) -> Result<BumpOutcome, BumpError> {
    if let Commit::Write { parent, is_branch_there, message, files } = &plan.commit {
        let gone = || BumpError::BranchMoved { branch: plan.branch.clone() };
        let tree = github.git_commit(parent).await?.ok_or_else(gone)?.tree;
        let tree = github.create_tree(&tree, files).await?;
        go_on(session, || format!("before the branch `{}` was written", plan.branch))?;
        let commit = github.create_commit(message, &tree, parent).await?;
        go_on(session, || format!("before the branch `{}` was written", plan.branch))?;
        let set = if *is_branch_there {
            github.advance_branch(&plan.branch, &commit).await?
        } else {
            github.create_branch(&plan.branch, &commit).await?
        };
        if let SetBranch::Conflict { .. } = set {
            return Err(BumpError::BranchMoved { branch: plan.branch.clone() });
        }
    }
    let wrote = matches!(plan.commit, Commit::Write { .. });
    match &plan.pull {
        Pull::NotNeeded => Ok(BumpOutcome { number: None, url: String::new(), changed: wrote }),
        Pull::AlreadyDone { number, url } => {
            Ok(BumpOutcome { number: Some(*number), url: url.clone(), changed: wrote })
        }
        Pull::Open { pull } => {
            go_on(session, || format!("when the branch `{}` was written, before its pull request", plan.branch))?;
            let (pull, opened) = match github.create_pull(pull).await? {
                CreatePull::Created(pull) => (pull, true),
                CreatePull::AlreadyThere(pull) => (pull, false),
            };
            Ok(BumpOutcome { number: Some(pull.number), url: pull.url, changed: wrote || opened })
        }
    }
}

/// No step is begun in a run that was cancelled.
fn go_on(session: &Session, at: impl FnOnce() -> String) -> Result<(), BumpError> {
    if session.cancel.is_cancelled() { Err(BumpError::Cancelled { at: at() }) } else { Ok(()) }
}
