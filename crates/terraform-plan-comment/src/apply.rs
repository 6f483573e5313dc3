//! Writing the comment or the region.

use actions_core::{Failure, Session};
use github_client::{GitHub, GitHubError};
use serde::Serialize;

use crate::error::Error;
use crate::observe::{Clients, is_refused_fork};
use crate::plan::{Plan, Write};
use crate::review::Counts;

/// What was done.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    pub(crate) has_changes: bool,
    pub(crate) counts: Counts,
    pub(crate) written: Written,
    pub(crate) comment_id: Option<u64>,
    pub(crate) url: Option<String>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Written {
    Nothing {
        why: &'static str,
    },
    Created,
    Updated,
    /// It said the same already.
    Unchanged,
    /// A newer run had written.
    Superseded {
        newer_run: u64,
    },
    /// GitHub refused; a pull request from a fork is no failure.
    Refused {
        failure: Failure,
        is_fork: bool,
    },
}

/// Writes what the plan says.
pub(crate) async fn apply(plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
    let (written, comment_id, url) = match (write(plan, clients).await, &plan.write) {
        (Ok(done), _) => done,
        (Err(Error::GitHub(error)), _) => {
            let is_fork = is_refused_fork(&error, session)?;
            (Written::Refused { failure: Failure::from_error(&error), is_fork }, None, None)
        }
        (Err(error), _) => return Err(error),
    };
    Ok(Outcome { has_changes: plan.review.has_changes, counts: plan.review.counts, written, comment_id, url })
}

type Done = (Written, Option<u64>, Option<String>);

async fn write(plan: &Plan, clients: &Clients) -> Result<Done, Error> {
    let github = clients.github.as_ref();
    match (&plan.write, github) {
        (Write::CreateComment { pull_request, body }, Some(github)) => create(github, *pull_request, body).await,
        (Write::UpdateComment { pull_request, id, body, .. }, Some(github)) => {
            match github.update_comment(*id, body).await {
                Ok(comment) => Ok((Written::Updated, Some(comment.id), Some(comment.url))),
                // Someone deleted it in between.
                Err(GitHubError::NotFound { .. }) => create(github, *pull_request, body).await,
                Err(error) => Err(error.into()),
            }
        }
        (Write::UpdateBody { pull_request, before, body, .. }, Some(github)) => {
            // The API has no conditional update, so the time in which another change could be lost is made short.
            if github.pull_body(*pull_request).await? != *before {
                return Err(Error::BodyChanged { number: *pull_request });
            }
            let pull = github.update_pull_body(*pull_request, body).await?;
            Ok((Written::Updated, None, Some(pull.url)))
        }
        (Write::KeepComment { id, url }, _) => Ok((Written::Unchanged, Some(*id), Some(url.clone()))),
        (Write::KeepBody { url }, _) => Ok((Written::Unchanged, None, Some(url.clone()))),
        (Write::Superseded { id, url, newer_run }, _) => {
            Ok((Written::Superseded { newer_run: *newer_run }, *id, Some(url.clone())))
        }
        (Write::Refused { failure, is_fork }, _) => {
            Ok((Written::Refused { failure: failure.clone(), is_fork: *is_fork }, None, None))
        }
        (Write::Nothing { why }, _) => Ok((Written::Nothing { why }, None, None)),
        (Write::CreateComment { .. } | Write::UpdateComment { .. } | Write::UpdateBody { .. }, None) => {
            Ok((Written::Nothing { why: "there is no connection to GitHub" }, None, None))
        }
    }
}

async fn create(github: &GitHub, pull_request: u64, body: &str) -> Result<Done, Error> {
    let comment = github.create_comment(pull_request, body).await?;
    Ok((Written::Created, Some(comment.id), Some(comment.url)))
}
