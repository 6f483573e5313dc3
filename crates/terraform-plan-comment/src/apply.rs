//! Writing what was decided: files, comments, regions.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use actions_core::{Failure, Session};
use github_client::{GitHub, GitHubError};
use serde::Serialize;

use crate::error::{Error, FileError, PullRequestError};
use crate::file;
use crate::inputs::Inputs;
use crate::observe::Clients;
use crate::place::{Newer, OUTDATED, Write};
use crate::plan::Plan;
use crate::pull::{Nowhere, is_refused_fork};
use crate::review::Counts;
use crate::signs::{self, Signed};

/// What was done.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    pub(crate) has_changes: bool,
    pub(crate) counts: Counts,
    /// The addresses of destroyed objects that `fail-on-destroy` names.
    pub(crate) protected_destroyed: Vec<String>,
    #[serde(flatten)]
    pub(crate) places: Places,
    pub(crate) signed: Signed,
}

/// What became of the places on the pull request, in the order of what was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Places {
    pub(crate) written: Vec<Written>,
    pub(crate) comment_id: Option<u64>,
    /// The page of the comment, or without one of the pull request whose body was written.
    pub(crate) url: Option<String>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Written {
    Nothing {
        why: Nowhere,
    },
    Created,
    Updated,
    /// A new comment took the place of the old one; why that could not be hidden, where it could not.
    Replaced {
        still_shown: Option<Failure>,
    },
    /// It said the same already.
    Unchanged,
    /// What is there is newer.
    Superseded {
        by: Newer,
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
    if let (Some(path), Some(page)) = (&inputs.html_file, &plan.pages.html) {
        write_page(Arc::clone(page), path).await?;
    }
    if let (Some(path), Some(reviewed)) = (&inputs.review_file, &plan.reviewed) {
        reviewed.write(path).await?;
    }
    if let (Some(path), Some(part)) = (&inputs.part_file, &plan.part) {
        let shown = path.display().to_string();
        file::write(path, [part.to_json()]).await.map_err(|source| FileError::Part { path: shown, source })?;
    }
    let github = clients.github.as_ref();
    let places = write_all(&plan.writes, github, session).await?;
    let signed = signs::apply(&plan.signs, github, session).await?;
    Ok(Outcome {
        has_changes: plan.review.has_changes,
        counts: plan.review.counts,
        protected_destroyed: plan.review.protected().map(|resource| resource.address.clone()).collect(),
        places,
        signed,
    })
}

/// Writes the page for a browser, which is in pieces.
pub(crate) async fn write_page(page: impl AsRef<[String]> + Send + 'static, path: &Path) -> Result<(), FileError> {
    let shown = path.display().to_string();
    file::write(path, page).await.map_err(|source| FileError::Page { path: shown, source })
}

struct Done {
    written: Written,
    comment_id: Option<u64>,
    url: Option<String>,
}

impl Done {
    fn without(written: Written) -> Self {
        Self { written, comment_id: None, url: None }
    }
}

/// Writes each place; that GitHub refuses one of them does not keep the others from being written.
pub(crate) async fn write_all(writes: &[Write], github: Option<&GitHub>, session: &Session) -> Result<Places, Error> {
    let mut places = Places::default();
    for write in writes {
        let done = match write_one(write, github, session).await {
            Ok(done) => done,
            Err(Error::GitHub(error)) => {
                let is_fork = is_refused_fork(&error, session)?;
                Done::without(Written::Refused { failure: Failure::from_error(&error), is_fork })
            }
            Err(error) => return Err(error),
        };
        if done.comment_id.is_some() || places.url.is_none() {
            places.url = done.url;
        }
        places.comment_id = places.comment_id.or(done.comment_id);
        places.written.push(done.written);
    }
    Ok(places)
}

async fn write_one(write: &Write, github: Option<&GitHub>, session: &Session) -> Result<Done, Error> {
    Ok(match (write, github) {
        (Write::CreateComment { pull_request, marker, body, shorter }, Some(github)) => {
            let texts = Texts { body, shorter, session };
            create(github, *pull_request, marker, &texts).await?
        }
        (Write::UpdateComment { pull_request, id, marker, before, body, shorter, .. }, Some(github)) => {
            let texts = Texts { body, shorter, session };
            // The API has no conditional update, so the time in which a later run's text could be lost is made short.
            if github.comment(*id).await?.is_some_and(|comment| comment.body != *before) {
                return Err(PullRequestError::CommentChanged { number: *pull_request }.into());
            }
            match texts.send(|text| github.update_comment(*id, text)).await {
                Ok(comment) => Done { written: Written::Updated, comment_id: Some(comment.id), url: Some(comment.url) },
                // Someone deleted it in between.
                Err(GitHubError::NotFound { .. }) => create(github, *pull_request, marker, &texts).await?,
                Err(error) => return Err(error.into()),
            }
        }
        (
            Write::ReplaceComment { pull_request, id, node_id, marker, before, outdated, body, shorter, .. },
            Some(github),
        ) => {
            // As with one that is updated. It loses its marker first: from then on the new one is what every run finds.
            if github.comment(*id).await?.is_some_and(|comment| comment.body != *before) {
                return Err(PullRequestError::CommentChanged { number: *pull_request }.into());
            }
            let old = Texts { body: outdated, shorter: OUTDATED, session };
            let is_gone = match old.send(|text| github.update_comment(*id, text)).await {
                Ok(_) => false,
                Err(GitHubError::NotFound { .. }) => true,
                Err(error) => return Err(error.into()),
            };
            let created = create(github, *pull_request, marker, &Texts { body, shorter, session }).await?;
            let hidden = if is_gone { Ok(()) } else { github.hide_comment(*id, node_id).await };
            // That the old one is still shown, which says that it is outdated, is no reason to fail.
            let still_shown = hidden.err().map(|error| Failure::from_error(&error));
            Done { written: Written::Replaced { still_shown }, ..created }
        }
        (Write::UpdateBody { pull_request, before, body, shorter, .. }, Some(github)) => {
            // As with a comment.
            if github.pull_body(*pull_request).await? != *before {
                return Err(PullRequestError::BodyChanged { number: *pull_request }.into());
            }
            let texts = Texts { body, shorter, session };
            let pull = texts.send(|text| github.update_pull_body(*pull_request, text)).await?;
            Done { url: Some(pull.url), ..Done::without(Written::Updated) }
        }
        (Write::KeepComment { id, url }, _) => {
            Done { written: Written::Unchanged, comment_id: Some(*id), url: Some(url.clone()) }
        }
        (Write::KeepBody { url }, _) => Done { url: Some(url.clone()), ..Done::without(Written::Unchanged) },
        (Write::Superseded { id, url, by }, _) => {
            Done { written: Written::Superseded { by: by.clone() }, comment_id: *id, url: Some(url.clone()) }
        }
        (Write::Refused { failure, is_fork }, _) => {
            Done::without(Written::Refused { failure: failure.clone(), is_fork: *is_fork })
        }
        (Write::Nothing { why }, _) => Done::without(Written::Nothing { why: *why }),
        (
            Write::CreateComment { .. }
            | Write::UpdateComment { .. }
            | Write::ReplaceComment { .. }
            | Write::UpdateBody { .. },
            None,
        ) => Done::without(Written::Nothing { why: Nowhere::NotAsked }),
    })
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

/// Writes the first comment. Where two runs do so at once, the later comment is taken back, so that there is one: whoever wrote it looks again.
async fn create(github: &GitHub, pull_request: u64, marker: &str, texts: &Texts<'_>) -> Result<Done, Error> {
    let comment = texts.send(|text| github.create_comment(pull_request, text)).await?;
    let oldest = github.find_sticky_comment(pull_request, marker).await?;
    if oldest.is_some_and(|oldest| oldest.id < comment.id) {
        github.delete_comment(comment.id).await?;
        return Err(PullRequestError::CommentChanged { number: pull_request }.into());
    }
    Ok(Done { written: Written::Created, comment_id: Some(comment.id), url: Some(comment.url) })
}
