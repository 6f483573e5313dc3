//! What is said of the places on the pull request.

use actions_core::{Annotation, Failure, OutputSpec, Outputs};

use crate::apply::{Places, Written};
use crate::place::{Newer, Write};
use crate::pull::Nowhere;
use crate::signs::Signed;

/// The output that names the comment.
pub(crate) const COMMENT_ID: OutputSpec = OutputSpec {
    name: "comment-id",
    help: "The id of the comment; empty with another target and where none was written.",
};

/// The output that links to what was written.
pub(crate) const COMMENT_URL: OutputSpec = OutputSpec {
    name: "comment-url",
    help: "The page of the comment or of the pull request whose body was written; empty where nothing was.",
};

/// The outputs, followed by the comment and its page.
pub(crate) fn linked(outputs: Outputs, places: Option<&Places>) -> Outputs {
    let id = places.and_then(|places| places.comment_id).map(|id| id.to_string()).unwrap_or_default();
    let url = places.and_then(|places| places.url.clone()).unwrap_or_default();
    outputs.with(COMMENT_ID.name, id).with(COMMENT_URL.name, url)
}

/// What was done with the pull request, or on a dry run would be; empty where nothing was to be done.
pub(crate) fn done(writes: &[Write], done: Option<(&Places, &Signed)>) -> String {
    let signed = done.map(|(_, signed)| signed.done.clone()).unwrap_or_default();
    let places = done.map(|(places, _)| places);
    let words: Vec<String> = match places {
        None => writes.iter().map(would_do).collect(),
        Some(places) => {
            writes.iter().zip(&places.written).map(|(write, written)| has_done(thing(write), written)).collect()
        }
    };
    words.into_iter().chain(signed).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ")
}

fn thing(write: &Write) -> &'static str {
    match write {
        Write::Refused { .. } => "pull request",
        Write::UpdateBody { .. } | Write::KeepBody { .. } | Write::Superseded { id: None, .. } => "body",
        Write::Nothing { .. }
        | Write::CreateComment { .. }
        | Write::UpdateComment { .. }
        | Write::ReplaceComment { .. }
        | Write::KeepComment { .. }
        | Write::Superseded { .. } => "comment",
    }
}

fn would_do(write: &Write) -> String {
    let thing = thing(write);
    match write {
        Write::Nothing { .. } => String::new(),
        Write::CreateComment { pull_request, .. } => format!("would comment on pull request #{pull_request}"),
        Write::UpdateComment { id, .. } => format!("would update comment {id}"),
        Write::ReplaceComment { id, .. } => format!("would hide comment {id} and write a new one"),
        Write::UpdateBody { pull_request, .. } => format!("would update the body of pull request #{pull_request}"),
        Write::KeepComment { .. } | Write::KeepBody { .. } => format!("the {thing} says so already"),
        Write::Superseded { .. } => format!("the {thing} of a newer run would be kept"),
        Write::Refused { .. } => "the pull request cannot be read".to_owned(),
    }
}

fn has_done(thing: &str, written: &Written) -> String {
    match written {
        Written::Nothing { .. } => String::new(),
        Written::Created => format!("{thing} created"),
        Written::Updated => format!("{thing} updated"),
        Written::Replaced { still_shown: None } => format!("{thing} created, the one before hidden"),
        Written::Replaced { still_shown: Some(_) } => format!("{thing} created, the one before marked as outdated"),
        Written::Unchanged => format!("the {thing} says so already"),
        Written::Superseded { .. } => format!("the {thing} of a newer run was kept"),
        Written::Refused { .. } => "the pull request could not be written to".to_owned(),
    }
}

/// What the user should know of it, each once.
pub(crate) fn annotations(places: &Places, signed: &Signed) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    let from_fork = signed.refused.iter().filter(|(_, is_fork)| *is_fork).map(|(failure, _)| of_a_fork(failure));
    for annotation in places.written.iter().filter_map(annotation).chain(from_fork) {
        if !annotations.contains(&annotation) {
            annotations.push(annotation);
        }
    }
    annotations
}

fn annotation(written: &Written) -> Option<Annotation> {
    Some(match written {
        Written::Nothing { why: Nowhere::NoPullRequest } => Annotation::notice(
            "this run is not about a pull request, so nothing was written there; a step summary has the plan",
        ),
        Written::Nothing { why: Nowhere::NoneOpen } => Annotation::notice(
            "there is no open pull request of this run's branch, so nothing was written there; a step summary has the plan",
        ),
        Written::Refused { failure, is_fork: true } => of_a_fork(failure),
        Written::Superseded { by: Newer::Run(id) } => Annotation::warning(format!(
            "run {id} is newer than this one and has written its plan already, so it was kept"
        )),
        Written::Superseded { by: Newer::Head(commit) } => Annotation::warning(format!(
            "what is there was planned from {}, the pull request's head, and this plan was not, so it was kept",
            commit.chars().take(8).collect::<String>()
        )),
        Written::Replaced { still_shown: Some(failure) } => {
            Annotation::warning(format!("{}; it says itself that it is outdated", failure.message))
        }
        Written::Refused { is_fork: false, .. }
        | Written::Nothing { why: Nowhere::NotAsked }
        | Written::Created
        | Written::Updated
        | Written::Replaced { still_shown: None }
        | Written::Unchanged => return None,
    })
}

fn of_a_fork(failure: &Failure) -> Annotation {
    Annotation::warning(format!(
        "{}: the token of a run for a fork may only read. The plan is in the step summary. To comment on pull \
         requests from forks, write the comment from a workflow on `workflow_run`",
        failure.message
    ))
}

/// The first refusal that is a failure.
pub(crate) fn refusal<'a>(places: &'a Places, signed: &'a Signed) -> Option<&'a Failure> {
    let of_signs = signed.refused.iter().find(|(_, is_fork)| !is_fork).map(|(failure, _)| failure);
    let of_places = places.written.iter().find_map(|written| match written {
        Written::Refused { failure, is_fork: false } => Some(failure),
        Written::Refused { is_fork: true, .. }
        | Written::Nothing { .. }
        | Written::Created
        | Written::Updated
        | Written::Replaced { .. }
        | Written::Unchanged
        | Written::Superseded { .. } => None,
    });
    of_places.or(of_signs)
}
