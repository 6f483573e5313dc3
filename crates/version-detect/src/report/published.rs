//! Why a commit is not published.

use crate::plan::{Plan, TagState};
use crate::rules::Publish;
use crate::subject::Subject;

use super::short;

/// Why the commit is not published, or why that is not known; `None` where it is published.
pub(crate) fn unpublished(plan: &Plan) -> Option<String> {
    if plan.publish == Some(true) {
        return None;
    }
    Some(match (&plan.subject, &plan.tag_state) {
        (Subject::Pull { .. }, _) => "a pull request publishes nothing".to_owned(),
        (Subject::Detached, _) => {
            "a commit without a branch publishes nothing and has no image tags; name its branch with the input branch"
                .to_owned()
        }
        (Subject::Tag { .. }, _) => format!("the pushed tag is not the one of version {}", plan.version),
        (Subject::Branch { .. }, _) if plan.overtaken => "a later run has released a higher version".to_owned(),
        (Subject::Branch { .. }, _) if matches!(plan.publishes, None | Some(Publish::Never)) => {
            "this branch publishes nothing".to_owned()
        }
        (Subject::Branch { .. }, TagState::Elsewhere { commit }) => {
            format!("released before, from commit {}; what changed since needs a higher version", short(commit))
        }
        (Subject::Branch { .. }, TagState::Unknown { reason }) => {
            format!("whether {} exists is not known: {reason}", plan.tag)
        }
        (Subject::Branch { .. }, TagState::New | TagState::NotTagged | TagState::Here { .. }) => {
            "whether a later run has released a higher version is not known".to_owned()
        }
    })
}

/// The same behind a yes or a no.
pub(super) fn published(plan: &Plan) -> String {
    match (plan.publish, unpublished(plan)) {
        (None, Some(why)) => why,
        (_, Some(why)) => format!("no: {why}"),
        (_, None) => "yes".to_owned(),
    }
}
