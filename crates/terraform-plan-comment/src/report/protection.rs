//! The failure of a plan that destroys what `fail-on-destroy` names.

use actions_core::Failure;

use crate::error::Error;
use crate::markdown::{action, cause, shortened};
use crate::review::{Resource, Review};

/// The message names this many objects.
const MOST_NAMED: usize = 3;

/// The reason takes this many bytes: an annotation and a summary have no room for thousands of objects.
const LONGEST_LIST: usize = 16 * 1024;

/// The failure, if the plan destroys anything protected.
pub(super) fn failure(review: &Review) -> Option<Failure> {
    let protected: Vec<&Resource> = review.protected().collect();
    let count = protected.len();
    if count == 0 {
        return None;
    }
    let mut objects: Vec<String> = Vec::new();
    let mut length = 0;
    for line in protected.iter().map(|resource| line(resource)) {
        length += line.len() + 1;
        if length > LONGEST_LIST {
            break;
        }
        objects.push(line);
    }
    if count > objects.len() {
        objects.push(format!("and {} more; the output `protected-destroyed` has all of them", count - objects.len()));
    }
    let first = protected.iter().take(MOST_NAMED).map(|resource| shortened(&resource.address)).collect();
    Some(Failure::from_error(&Error::ProtectedDestroy { count, first, objects: objects.join("\n") }))
}

fn line(resource: &Resource) -> String {
    let why = cause(resource).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("`{}`: {}{why}", shortened(&resource.address), action(resource))
}
