//! The failure of a plan that destroys what `fail-on-destroy` names, or does what `fail-on` does.

use actions_core::Failure;

use crate::error::VerdictError;
use crate::markdown::{action, cause, shortened};
use crate::review::{ActionRun, Resource, Review};

/// The message names this many objects.
const MOST_NAMED: usize = 3;

/// The reason takes this many bytes: an annotation and a summary have no room for thousands of objects.
const LONGEST_LIST: usize = 16 * 1024;

/// The failure, if the plan destroys anything protected, or does anything that is refused.
pub(super) fn failure(review: &Review) -> Option<Failure> {
    let refused = || refused(review).filter(|_| review.overridden_by.is_none());
    protected(review).or_else(refused).map(|error| Failure::from_error(&error))
}

/// What is refused and let pass all the same.
pub(super) fn overridden(review: &Review) -> Option<String> {
    let by = review.overridden_by.as_ref()?;
    refused(review).map(|error| format!("{error}; {by} lets it pass"))
}

fn protected(review: &Review) -> Option<VerdictError> {
    let protected: Vec<&Resource> = review.protected().collect();
    let (count, first) = named(protected.iter().map(|resource| resource.address.as_str()))?;
    let objects = listed(protected.iter().map(|resource| destroyed(resource)), count, "protected-destroyed");
    Some(VerdictError::ProtectedDestroy { count, first, objects })
}

fn refused(review: &Review) -> Option<VerdictError> {
    let resources: Vec<&Resource> = review.refused().collect();
    let runs: Vec<&ActionRun> = review.refused_actions().collect();
    let addresses = resources.iter().map(|resource| resource.address.as_str());
    let (count, first) = named(addresses.chain(runs.iter().map(|run| run.address.as_str())))?;
    let runs = runs.iter().map(|run| format!("`{}`: runs {}", shortened(&run.address), run.when));
    let objects = listed(resources.iter().map(|resource| risky(resource)).chain(runs), count, "risk-refused");
    Some(VerdictError::RiskRefused { count, first, objects })
}

/// How many there are, and the names of the first.
fn named<'a>(addresses: impl Iterator<Item = &'a str>) -> Option<(usize, Vec<String>)> {
    let addresses: Vec<&str> = addresses.collect();
    let first = addresses.iter().take(MOST_NAMED).map(|address| shortened(address)).collect();
    (!addresses.is_empty()).then_some((addresses.len(), first))
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
    let reasons: Vec<String> =
        resource.refused_for.iter().map(|risk| format!("{}: {}", risk.grade.words(), risk.reason)).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) };
    format!("`{}`: {}{reasons}", shortened(&resource.address), action(resource))
}
