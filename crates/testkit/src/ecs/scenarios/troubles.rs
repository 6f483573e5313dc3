//! Deployments that go well or badly while something is wrong with the connection or the permissions.

use super::super::scenario::{Official, Scenario};
use super::super::trouble::Trouble;

pub(super) fn all() -> Vec<Scenario> {
    vec![
        Scenario::new("throttling", "The first seven looks at the service are throttled.")
            .trouble(Trouble::Throttled("DescribeServices", 7)),
        poll_times_out(),
        Scenario::new(
            "expired-token",
            "The session ends 20 s after the update; what becomes of the deployment is not known.",
        )
        .trouble(Trouble::ExpiredFrom(20))
        .ours("timed-out", 4)
        .official(Official::TimesOut),
        Scenario::new(
            "service-deployments-denied",
            "The role may not read service deployments; the service itself tells.",
        )
        .trouble(Trouble::Denied("ListServiceDeployments"))
        .trouble(Trouble::Denied("DescribeServiceDeployments"))
        .trouble(Trouble::Denied("DescribeServiceRevisions")),
        reasons_denied(),
    ]
}

fn reasons_denied() -> Scenario {
    let mut scenario = super::failures::rollback_with_reason()
        .trouble(Trouble::Denied("ListServiceDeployments"))
        .trouble(Trouble::Denied("ListTasks"))
        .trouble(Trouble::Denied("DescribeTasks"));
    scenario.name = "rollback-with-few-permissions";
    scenario.what = "The circuit breaker goes back, and the role may read neither service deployments nor tasks.";
    scenario
}

/// A call waits a minute for its answer; so long nothing is seen.
fn poll_times_out() -> Scenario {
    let mut scenario = Scenario::new("poll-times-out", "The second look at the service is never answered.")
        .trouble(Trouble::Silent("DescribeServices", 2))
        .official(Official::Hangs);
    scenario.ours.within += 10;
    scenario
}
