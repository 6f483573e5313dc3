//! Writing the comment or the region.

use std::future::Future;
use std::path::Path;

use actions_core::{Failure, Session};
use github_client::{GitHub, GitHubError};
use serde::Serialize;

use crate::error::Error;
use crate::html;
use crate::inputs::Inputs;
use crate::markdown::Frame;
use crate::marker::Name;
use crate::observe::{Clients, is_refused_fork};
use crate::plan::{Plan, Write};
use crate::review::Counts;

/// What was done.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    pub(crate) has_changes: bool,
    pub(crate) counts: Counts,
    /// The addresses of destroyed objects that `fail-on-destroy` names.
    pub(crate) protected_destroyed: Vec<String>,
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
pub(crate) async fn apply(
    inputs: &Inputs,
    plan: &Plan,
    clients: &Clients,
    session: &Session,
) -> Result<Outcome, Error> {
    if let Some(path) = &inputs.html_file {
        write_page(inputs, plan, path).await?;
    }
    if let (Some(path), Some(reviewed)) = (&inputs.review_file, &plan.reviewed) {
        reviewed.write(path).await?;
    }
    let (written, comment_id, url) = match (write(plan, clients, session).await, &plan.write) {
        (Ok(done), _) => done,
        (Err(Error::GitHub(error)), _) => {
            let is_fork = is_refused_fork(&error, session)?;
            (Written::Refused { failure: Failure::from_error(&error), is_fork }, None, None)
        }
        (Err(error), _) => return Err(error),
    };
    Ok(Outcome {
        has_changes: plan.review.has_changes,
        counts: plan.review.counts,
        protected_destroyed: plan.review.protected().map(|resource| resource.address.clone()).collect(),
        written,
        comment_id,
        url,
    })
}

/// Writes the page for a browser.
async fn write_page(inputs: &Inputs, plan: &Plan, path: &Path) -> Result<(), Error> {
    let frame = Frame { name: inputs.name.as_ref().map(Name::as_str), ..plan.frame() };
    let (path, page) = (path.to_owned(), html::page(&plan.review, &frame));
    let shown = path.display().to_string();
    let write = move || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, page)
    };
    let written = tokio::task::spawn_blocking(write).await.map_err(std::io::Error::from).and_then(|written| written);
    written.map_err(|source| Error::PageNotWritten { path: shown, source })
}

type Done = (Written, Option<u64>, Option<String>);

async fn write(plan: &Plan, clients: &Clients, session: &Session) -> Result<Done, Error> {
    let github = clients.github.as_ref();
    match (&plan.write, github) {
        (Write::CreateComment { pull_request, body, shorter }, Some(github)) => {
            let texts = Texts { body, shorter, session };
            create(github, *pull_request, &texts).await
        }
        (Write::UpdateComment { pull_request, id, body, shorter, .. }, Some(github)) => {
            let texts = Texts { body, shorter, session };
            match texts.send(|text| github.update_comment(*id, text)).await {
                Ok(comment) => Ok((Written::Updated, Some(comment.id), Some(comment.url))),
                // Someone deleted it in between.
                Err(GitHubError::NotFound { .. }) => create(github, *pull_request, &texts).await,
                Err(error) => Err(error.into()),
            }
        }
        (Write::UpdateBody { pull_request, before, body, shorter, .. }, Some(github)) => {
            // The API has no conditional update, so the time in which another change could be lost is made short.
            if github.pull_body(*pull_request).await? != *before {
                return Err(Error::BodyChanged { number: *pull_request });
            }
            let texts = Texts { body, shorter, session };
            let pull = texts.send(|text| github.update_pull_body(*pull_request, text)).await?;
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

/// A text, and the one to send when GitHub finds it too long.
struct Texts<'a> {
    body: &'a str,
    shorter: &'a str,
    session: &'a Session,
}

impl<'a> Texts<'a> {
    async fn send<T, F>(&self, send: impl Fn(&'a str) -> F) -> Result<T, GitHubError>
    where
        F: Future<Output = Result<T, GitHubError>>,
    {
        match send(self.body).await {
            Err(GitHubError::Invalid { status: 422, message, .. }) if message.contains("too long") => {
                self.session.log.line(format!("GitHub does not take the text ({message}); sending a shorter one"));
                send(self.shorter).await
            }
            other => other,
        }
    }
}

async fn create(github: &GitHub, pull_request: u64, texts: &Texts<'_>) -> Result<Done, Error> {
    let comment = texts.send(|text| github.create_comment(pull_request, text)).await?;
    Ok((Written::Created, Some(comment.id), Some(comment.url)))
}
