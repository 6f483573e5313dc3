//! The scenarios.

mod definitions;
mod failures;
mod rollbacks;
mod rollouts;
mod strategies;
mod tasks;
mod troubles;

use super::moment::Moment;
use super::scenario::Scenario;

/// All scenarios, in the order of the table.
pub fn all() -> Vec<Scenario> {
    stories().chain(rollbacks::all()).collect()
}

/// Those that are not told again with other inputs.
fn stories() -> impl Iterator<Item = Scenario> {
    let groups =
        [rollouts::all(), failures::all(), strategies::all(), tasks::all(), definitions::all(), troubles::all()];
    groups.into_iter().flatten()
}

/// The scenario of that name.
///
/// # Panics
///
/// When there is none: the test names it wrongly.
pub fn named(name: &str) -> Scenario {
    let found = all().into_iter().find(|scenario| scenario.name == name);
    found.unwrap_or_else(|| panic!("there is no scenario `{name}`"))
}

/// Our tasks start, those from before go, and the deployment is complete after 45 seconds.
pub(super) fn healthy_rollout() -> Vec<Moment> {
    let start = Moment::start(2);
    let up = start.at(15).ours(2, 0).event("(service web) has started 2 tasks.");
    let draining = up.at(30).old(1);
    let done = draining.at(45).old(0).complete().event("(service web) has reached a steady state.");
    vec![start.clone(), start.at(5), up, draining, done]
}
