//! What keeps a service from going back.

use crate::codedeploy;
use crate::commands::rollback::choice::{Nowhere, family};
use crate::commands::rollback::error::RollbackError;
use crate::commands::rollback::inputs::{RollbackInputs, To};
use crate::commands::rollback::observe::{Seen, Unknown};
use crate::commands::rollback::plan::How;
use crate::image_check::{ImageState, SeenImage};
use crate::names::revision_name;
use crate::observe::Registered;

/// Refuses a revision that cannot run, or that was not meant.
pub(super) fn refuse(
    service: &str,
    inputs: &RollbackInputs,
    from: &str,
    target: &Registered,
    seen: &Seen,
) -> Result<(), RollbackError> {
    let revision = revision_name(&target.arn).to_owned();
    if !matches!(target.status.as_str(), "ACTIVE" | "") {
        let (status, active) = (target.status.clone(), seen.active.clone());
        return Err(RollbackError::RevisionInactive { service: service.to_owned(), revision, status, active });
    }
    if !matches!(inputs.to, To::Revision(_)) && family(from) != family(&target.arn) {
        let from = revision_name(from).to_owned();
        return Err(RollbackError::OtherFamily { service: service.to_owned(), from, to: revision });
    }
    Ok(())
}

/// Refuses images that are gone. ECS itself, when it rolls back, takes images by the digests that ran; an update by their names.
pub(super) fn images(target: &Registered, how: &How, seen: &Seen) -> Result<Vec<String>, RollbackError> {
    let revision = revision_name(&target.arn).to_owned();
    let mut warnings = Vec::new();
    for SeenImage { container, image, state } in &seen.images {
        let gone = |why: String| RollbackError::ImageGone {
            revision: revision.clone(),
            container: container.clone(),
            image: image.clone(),
            why,
            candidates: seen.candidates.clone(),
        };
        match state {
            ImageState::There | ImageState::NotLooked(_) => {}
            ImageState::Gone { digest_is_there: true, why } if matches!(how, How::Stop { .. }) => {
                warnings.push(format!("{why}; the rollback takes the image of `{container}` by its digest"));
            }
            ImageState::Gone { why, .. } => return Err(gone(why.clone())),
            ImageState::Moved { ran, gone: true } => {
                return Err(gone(format!("{ran}, which ran, is gone, and the name means another image now")));
            }
            ImageState::Moved { ran, gone: false } => warnings.push(format!(
                "{image} (`{container}`) is not the image that ran with {revision}: that was {ran}, and somebody moved the tag"
            )),
        }
    }
    Ok(warnings)
}

pub(super) fn nowhere(service: &str, to: &To, unknown: &Unknown, seen: &Seen) -> RollbackError {
    let service = service.to_owned();
    let who = if seen.before.service.controller == codedeploy::CONTROLLER { "CodeDeploy" } else { "ECS" };
    let why = match unknown {
        Unknown::Unreadable(refused) => {
            return RollbackError::HistoryUnreadable { service, action: refused.action.clone() };
        }
        Unknown::Nowhere(Nowhere::NoEarlier) => match to {
            To::Time { typed, .. } => format!("no deployment had been successful by {typed}"),
            To::Previous | To::LastSuccessful | To::Number(_) | To::Revision(_) => {
                "no other revision was successful before the present one".to_owned()
            }
        },
        Unknown::Nowhere(Nowhere::NoSource) => "what ran before the present deployment is not one revision".to_owned(),
        Unknown::Nowhere(Nowhere::TooEarly) if who == "ECS" => {
            "the moment is before the oldest deployment that ECS remembers, which is at most 90 days old".to_owned()
        }
        Unknown::Nowhere(Nowhere::TooEarly) => {
            format!("the moment is before the oldest deployment that {who} remembers")
        }
        Unknown::Nowhere(Nowhere::Future) => "the moment is still to come".to_owned(),
        Unknown::Nowhere(Nowhere::Undone(to)) => {
            format!("the way back to {} failed, and {who} undid it", revision_name(to))
        }
        Unknown::Nowhere(Nowhere::NoAppSpec) => return RollbackError::NoAppSpec { service },
    };
    RollbackError::NothingToRestore { service, why, candidates: seen.candidates.clone() }
}
