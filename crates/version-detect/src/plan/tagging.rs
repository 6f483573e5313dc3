//! Whether the commit gets its version's tag.

use actions_core::Location;

use super::{TagState, Tagging};
use crate::error::Error;
use crate::history::{Source, Tags};
use crate::inputs::{CreateTag, Inputs};
use crate::observe::{Overtaken, Snapshot};
use crate::rules::Rule;
use crate::subject::Subject;
use project_version::{Form, Height};

/// Decides. Only a release on a branch of releases is tagged; a tag is never moved.
pub(crate) fn decide(
    inputs: &Inputs,
    snapshot: &Snapshot,
    tag: &str,
    state: &TagState,
    location: &Location,
) -> Result<Tagging, Error> {
    if inputs.create_tag == CreateTag::No {
        return Ok(Tagging::NotAsked);
    }
    if let (Some(run), Some(checked_out)) = (&snapshot.run_commit, &snapshot.commit) {
        return Err(Error::OtherCommit { run: run.clone(), checked_out: checked_out.clone() });
    }
    match &snapshot.subject {
        Subject::Pull { .. } => return Err(Error::CreateTagOnPull),
        Subject::Branch { name } if snapshot.rules.of(name).is_some_and(|rule| rule.tag) => {}
        other => {
            let reason = format!("only versions of {} are tagged, and this is {other}", snapshot.rules.tagged());
            return Ok(Tagging::Skip { reason });
        }
    }
    let late = match snapshot.overtaken {
        Overtaken::No => None,
        Overtaken::Yes => Some("a later run has released a higher version"),
        Overtaken::Unknown => Some("whether a later run has released a higher version is not known"),
    };
    if let Some(reason) = late {
        return Ok(Tagging::Skip { reason: reason.to_owned() });
    }
    if *state == TagState::NotTagged {
        return Ok(Tagging::Skip { reason: "a snapshot is not tagged".to_owned() });
    }
    let here = snapshot.commit.clone().ok_or(Error::CreateTagNeedsCommit)?;
    let height = snapshot.subject.ruled_by().and_then(|branch| snapshot.rules.of(branch)).map(Rule::height);
    let form = if snapshot.version.stable().is_some() { Form::Stable } else { Form::Prerelease };
    let suggestion = super::policy::next(snapshot, form, height.unwrap_or(Height::AboveAll));
    match state {
        TagState::Here { .. } => Ok(Tagging::AlreadyDone),
        TagState::Elsewhere { commit } => Err(Error::TagElsewhere {
            tag: tag.to_owned(),
            there: commit.clone(),
            here,
            suggestion,
            location: location.clone(),
        }),
        TagState::New if matches!(snapshot.tags, Tags::Known { source: Source::GitHub, .. }) => {
            let filled = |message: &String| git_repository::filled(message, snapshot.version.as_str(), tag);
            let message = inputs.tag_message.as_ref().map(filled);
            Ok(Tagging::Create { name: tag.to_owned(), commit: here, message, suggestion })
        }
        TagState::New | TagState::NotTagged | TagState::Unknown { .. } => Err(Error::CreateTagNeedsToken),
    }
}
