//! Creating the tag.

use actions_core::Session;
use github_client::{CreateTag, NewTag};
use serde::Serialize;

use crate::error::Error;
use crate::observe::Clients;
use crate::plan::{Plan, Tagging};

/// What was done, and what is known of the version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What is known of the version.
    #[serde(flatten)]
    pub(crate) plan: Plan,
    pub(crate) tag_created: bool,
}

/// Creates the tag the plan asks for. Another run may have been faster: at the same commit that is as good.
pub(crate) async fn apply(plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
    let mut plan = plan.clone();
    let Tagging::Create { name, commit, message, suggestion } = &plan.tagging else {
        return Ok(Outcome { plan, tag_created: false });
    };
    let github = clients.github.as_ref().ok_or(Error::CreateTagNeedsToken)?;
    let object = match message {
        Some(message) => Some(github.create_tag_object(name, commit, message).await?),
        None => None,
    };
    if session.cancel.is_cancelled() {
        return Err(Error::Cancelled { tag: name.clone() });
    }
    let tag = NewTag { name, sha: commit, object: object.as_deref() };
    match github.create_tag(tag).await? {
        CreateTag::Created => Ok(Outcome { plan, tag_created: true }),
        CreateTag::AlreadyThere => {
            plan.tagging = Tagging::AlreadyDone;
            Ok(Outcome { plan, tag_created: false })
        }
        CreateTag::Conflict { sha } => Err(Error::TagElsewhere {
            tag: name.clone(),
            there: sha,
            here: commit.clone(),
            suggestion: suggestion.clone(),
            location: plan.location.clone(),
        }),
    }
}
