//! The failure of a plan that destroys what `fail-on-destroy` names, or does what `fail-on` does.

use actions_core::Failure;

use crate::error::Error;
use crate::markdown::{action, cause, shortened};
use crate::review::{Resource, Review};

/// The message names this many objects.
const MOST_NAMED: usize = 3;

/// The reason takes this many bytes: an annotation and a summary have no room for thousands of objects.
const LONGEST_LIST: usize = 16 * 1024;

/// The failure, if the plan destroys anything protected, or does anything that is refused.
pub(super) fn failure(review: &Review) -> Option<Failure> {
    protected(review).or_else(|| refused(review)).map(|error| Failure::from_error(&error))
}

fn protected(review: &Review) -> Option<Error> {
    let protected: Vec<&Resource> = review.protected().collect();
    let (count, first) = named(&protected)?;
    let objects = listed(protected.iter().map(|resource| destroyed(resource)), count, "protected-destroyed");
    Some(Error::ProtectedDestroy { count, first, objects })
}

fn refused(review: &Review) -> Option<Error> {
    let refused: Vec<&Resource> = review.refused().collect();
    let (count, first) = named(&refused)?;
    let objects = listed(refused.iter().map(|resource| risky(resource)), count, "risk-refused");
    Some(Error::RiskRefused { count, first, objects })
}

/// How many there are, and the names of the first.
fn named(resources: &[&Resource]) -> Option<(usize, Vec<String>)> {
    let first = resources.iter().take(MOST_NAMED).map(|resource| shortened(&resource.address)).collect();
    (!resources.is_empty()).then_some((resources.len(), first))
}

/// One line for each; an output of this name has all of them.
fn listed(lines: impl Iterator<Item = String>, count: usize, output: &str) -> String {
    let mut objects: Vec<String> = Vec::new();
    let mut length = 0;
    for line in lines {
        length += line.len() + 1;
        if length > LONGEST_LIST {
            break;
        }
        objects.push(line);
    }
    if count > objects.len() {
        objects.push(format!("and {} more; the output `{output}` has all of them", count - objects.len()));
    }
    objects.join("\n")
}

fn destroyed(resource: &Resource) -> String {
    let why = cause(resource).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("`{}`: {}{why}", shortened(&resource.address), action(resource))
}

fn risky(resource: &Resource) -> String {
    let risks = resource.risks.iter().map(|risk| format!(": {}: {}", risk.grade.words(), risk.reason)).next();
    format!("`{}`: {}{}", shortened(&resource.address), action(resource), risks.unwrap_or_default())
}
