//! Deployments that fail.

use super::super::death::Death;
use super::super::moment::Moment;
use super::super::role::{Role, SERVICE};
use super::super::scenario::{Official, Scenario};
use crate::ecs::{Trouble, definition};

const BREAKER: &str = "ECS deployment circuit breaker: tasks failed to start.";
const NOT_STARTED: &str = "tasks failed to start";
const PULL: &str = "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref \
                    docker.io/library/shop:2: docker.io/library/shop:2: not found";

pub(super) fn all() -> Vec<Scenario> {
    vec![
        breaker_without_rollback(),
        rollback_with_reason(),
        forced_rolled_back(),
        rollback_fails(),
        alarm_triggered(),
        image_cannot_be_pulled(),
        container_exits_1(),
        unhealthy(),
    ]
}

/// What ECS says when our deployment has failed.
fn failed(why: &str) -> String {
    format!("(service {SERVICE}) (deployment {}) deployment failed: {why}.", Role::Ours.deployment())
}

/// What it says next when it goes back.
fn going_back() -> String {
    format!("(service {SERVICE}) rolling back to deployment {}.", Role::Before.deployment())
}

fn back(why: &str) -> String {
    format!("{why} rolling back to deploymentId {}.", Role::Before.deployment())
}

/// Our tasks die one after the other, every ten seconds from the tenth on.
fn dying(start: &Moment, deaths: u64, death: &Death) -> Vec<Moment> {
    let mut moments = vec![start.clone(), start.at(5)];
    for nth in 1..=deaths {
        let last = moments.last().unwrap_or(start);
        moments.push(last.at(nth * 10).die(1, death).event(format!("(service {SERVICE}) has started 1 tasks.")));
    }
    moments
}

fn crash() -> Death {
    let log =
        ["starting", "token hunter2-in-the-clear was refused", "panic: cannot reach the database db.internal:5432"];
    Death::exited(1, &log)
}

fn breaker_without_rollback() -> Scenario {
    let start = Moment::start(2).breaker("MONITORING", 3);
    let mut moments = dying(&start, 2, &crash());
    let last = moments[moments.len() - 1].at(30).die(1, &crash()).breaker("TRIGGERED", 3);
    moments.push(last.ours(0, 0).rollout("FAILED", BREAKER).status("STOPPED", BREAKER).event(failed(NOT_STARTED)));
    Scenario::new(
        "breaker-without-rollback",
        "Three tasks die, the circuit breaker gives up, and the old tasks stay, as no rollback is configured.",
    )
    .configured(definition::breaker(false))
    .rollout(moments)
    .aws("STOPPED", 30)
    .ours("failed", 1)
    .official(Official::TimesOut)
}

pub(super) fn rollback_with_reason() -> Scenario {
    let start = Moment::start(2).breaker("MONITORING", 3);
    let mut moments = dying(&start, 2, &crash());
    let last = moments[moments.len() - 1].at(30).die(1, &crash()).breaker("TRIGGERED", 3);
    let going = last.roll_back(BREAKER, &back("ECS deployment circuit breaker:")).event(failed(NOT_STARTED));
    let going = going.event(going_back());
    let gone = going.at(50).rolled_back().event(format!("(service {SERVICE}) has reached a steady state."));
    moments.extend([going, gone]);
    Scenario::new("rollback-with-reason", "Three tasks die, and the circuit breaker goes back to the old revision.")
        .configured(definition::breaker(true))
        .rollout(moments)
        .aws("ROLLBACK_SUCCESSFUL", 50)
        .ours("rolled-back", 3)
        .official(Official::Failure)
}

fn forced_rolled_back() -> Scenario {
    let mut scenario = rollback_with_reason()
        .input("force-new-deployment", "true")
        .trouble(Trouble::Denied("ListServiceDeployments"))
        .trouble(Trouble::Denied("DescribeServiceDeployments"))
        .trouble(Trouble::Denied("DescribeServiceRevisions"));
    scenario.name = "forced-rollback-without-service-deployments";
    scenario.what = "The revision that runs is deployed anew and fails; the role may not read service deployments, and the \
                     rollback is told from the service alone.";
    scenario.definition = definition::older();
    scenario
}

fn rollback_fails() -> Scenario {
    let start = Moment::start(2).breaker("MONITORING", 3);
    let mut moments = dying(&start, 2, &crash());
    let last = moments[moments.len() - 1].at(30).die(1, &crash()).breaker("TRIGGERED", 3);
    let going = last.roll_back(BREAKER, &back("ECS deployment circuit breaker:")).event(failed(NOT_STARTED));
    let going = going.event(going_back());
    let words = "Service deployment rollback failed: the old revision's tasks failed to start.";
    let mut end = going.at(80).status("ROLLBACK_FAILED", words);
    if let Some(entry) = end.deployment(Role::Before) {
        (entry.rollout, entry.running, entry.pending) = ("FAILED", 0, 0);
        BREAKER.clone_into(&mut entry.reason);
    }
    moments.extend([going, end]);
    Scenario::new(
        "rollback-fails",
        "The circuit breaker goes back, and the old revision does not start any more either.",
    )
    .configured(definition::breaker(true))
    .rollout(moments)
    .aws("ROLLBACK_FAILED", 80)
    .ours("failed", 1)
    .official(Official::TimesOut)
}

fn alarm_triggered() -> Scenario {
    let start = Moment::start(2).alarms("MONITORING", &[]);
    let up = start.at(15).ours(2, 0);
    let alone = up.at(30).old(0).event("(service web) has reached a steady state.");
    let why = "ECS deployment alarm: alarm shop-5xx was triggered.";
    let going = alone.at(70).alarms("TRIGGERED", &["shop-5xx"]).roll_back(why, &back("ECS deployment alarm:"));
    let going = going.event(failed("alarm detected")).event(going_back());
    let gone = going.at(90).rolled_back();
    Scenario::new(
        "alarm-triggered",
        "All tasks are new after 30 s; 40 s later the alarm is triggered, and ECS goes back to the old revision.",
    )
    .configured(definition::alarms())
    .rollout([start.clone(), start.at(5), up, alone, going, gone])
    .aws("ROLLBACK_SUCCESSFUL", 90)
    .ours("rolled-back", 3)
    .official(Official::TooEarly)
}

fn image_cannot_be_pulled() -> Scenario {
    Scenario::new(
        "image-cannot-be-pulled",
        "No task starts, as there is no such image, and no circuit breaker ends it.",
    )
    .rollout(dying(&Moment::start(2), 30, &Death::not_started(PULL)))
    .aws("-", None)
    .ours("failed", 1)
    .official(Official::TimesOut)
}

fn container_exits_1() -> Scenario {
    Scenario::new("container-exits-1", "Each task ends with exit code 1 and two lines in its log, and nothing ends it.")
        .rollout(dying(&Moment::start(2), 30, &crash()))
        .aws("-", None)
        .ours("failed", 1)
        .official(Official::TimesOut)
}

fn unhealthy() -> Scenario {
    let words = "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:123456789012:\
                 targetgroup/shop/0123456789abcdef)";
    Scenario::new(
        "health-check-fails",
        "Each task fails the load balancer's health check, and no circuit breaker ends it.",
    )
    .rollout(dying(&Moment::start(2), 30, &Death::unhealthy(words)))
    .aws("-", None)
    .ours("failed", 1)
    .official(Official::TimesOut)
}
