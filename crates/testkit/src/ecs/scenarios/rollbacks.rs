//! Deployments that do not end well, and that the step is asked to roll back.

use super::super::scenario::Scenario;
use super::stories;
use crate::ecs::Trouble;

pub(super) fn all() -> Vec<Scenario> {
    vec![
        rolled_back(
            "container-exits-1",
            "failure-rolled-back",
            "Each task ends with exit code 1; `on-failure: rollback` has ECS roll the deployment back.",
        )
        .input("on-failure", "rollback"),
        rolled_back(
            "breaker-without-rollback",
            "stopped-then-restored",
            "The circuit breaker gives up without a rollback; `on-failure: rollback` gives the service the last good revision.",
        )
        .input("on-failure", "rollback"),
        rolled_back(
            "container-exits-1",
            "stop-denied",
            "Each task ends with exit code 1, and the role may not stop a service deployment: it is updated in place of that.",
        )
        .trouble(Trouble::Denied("StopServiceDeployment"))
        .input("on-failure", "rollback"),
        rolled_back(
            "never-ends",
            "time-out-rolled-back",
            "The new tasks stay pending for as long as is waited; `on-timeout: rollback` has ECS roll the deployment back.",
        )
        .input("wait-timeout", "600s")
        .input("on-timeout", "rollback"),
    ]
}

/// The story of another scenario, which ends in a rollback.
fn rolled_back(story: &str, name: &'static str, what: &'static str) -> Scenario {
    let found = stories().find(|scenario| scenario.name == story);
    let scenario = found.unwrap_or_else(|| panic!("there is no story `{story}`"));
    Scenario { name, what, ..scenario.aws("-", None).ours("rolled-back", 3) }
}
