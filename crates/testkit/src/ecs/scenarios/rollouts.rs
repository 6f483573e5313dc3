//! Rolling updates that go well, or that somebody ends.

use serde_json::json;

use super::super::moment::Moment;
use super::super::scenario::{Official, Scenario};
use crate::ecs::definition;

pub(super) fn all() -> Vec<Scenario> {
    vec![
        healthy(),
        alarm_bake(),
        stale_read(),
        stale_reads(),
        early_success(),
        zero_count(),
        superseded(),
        never_ends(),
    ]
}

fn healthy() -> Scenario {
    Scenario::new("healthy", "New tasks start, old tasks go, and the deployment is complete.")
}

fn alarm_bake() -> Scenario {
    let start = Moment::start(2).alarms("MONITORING", &[]);
    let up = start.at(15).ours(2, 0);
    let alone = up.at(30).old(0).event("(service web) has reached a steady state.");
    let done = alone.at(90).complete();
    Scenario::new(
        "alarm-bake",
        "All tasks are new after 30 s, and for another minute the deployment goes on, as its alarm is watched.",
    )
    .configured(definition::alarms())
    .rollout([start.clone(), start.at(5), up, alone, done])
    .aws("SUCCESSFUL", 90)
    .official(Official::TooEarly)
}

fn stale_read() -> Scenario {
    let mut scenario = Scenario::new(
        "stale-read",
        "The first look after the update is answered from before it, which looks complete.",
    );
    scenario.stale_looks = 1;
    scenario.official(Official::TooEarly)
}

fn stale_reads() -> Scenario {
    let start = Moment::start(2).stale();
    let seen = start.at(10);
    let up = seen.at(20).ours(2, 0);
    let done = up.at(45).old(0).complete();
    Scenario::new("stale-for-10-s", "For 10 s after the update all answers are those from before it.")
        .rollout([start, seen, up, done])
        .official(Official::Failure)
}

fn early_success() -> Scenario {
    let start = Moment::start(2);
    let up = start.at(15).ours(2, 0);
    let done = up.at(20).complete();
    let mut configuration = definition::rolling();
    configuration["earlySuccessCriteria"] =
        json!({"enable": true, "healthyPercent": 100, "sourceServiceRevisionCleanup": "DEFERRED"});
    Scenario::new("early-success", "The deployment is successful after 20 s, and the old tasks drain for an hour.")
        .configured(configuration)
        .rollout([start.clone(), start.at(5), up, done.clone(), done.at(3600).old(0)])
        .aws("SUCCESSFUL", 20)
        .official(Official::TimesOut)
}

fn zero_count() -> Scenario {
    let start = Moment::start(0).ours(0, 0).old(0);
    let done = start.at(30).complete();
    let mut scenario =
        Scenario::new("zero-count", "The service is to run no task, so nothing of the new revision is tried.");
    scenario.desired = 0;
    scenario.rollout([start, done]).aws("SUCCESSFUL", 30).official(Official::TooEarly)
}

fn superseded() -> Scenario {
    let start = Moment::start(2);
    let up = start.at(10).ours(1, 1);
    let theirs = up.at(20).supersede();
    let mut done = theirs.at(60).old(0);
    done.deployments.truncate(1);
    let theirs_done = done.counts(crate::ecs::Role::Theirs, 2, 0).completed_by(crate::ecs::Role::Theirs);
    Scenario::new("superseded", "After 20 s somebody else deploys another revision, and that one completes.")
        .rollout([start.clone(), up, theirs, theirs_done])
        .aws("STOPPED", 20)
        .ours("superseded", 1)
        .official(Official::Failure)
}

fn never_ends() -> Scenario {
    let start = Moment::start(2);
    Scenario::new("never-ends", "The new tasks stay pending, and neither a circuit breaker nor anybody else ends it.")
        .rollout([
            start.clone(),
            start.at(5).event(
                "(service web) was unable to place a task because no container instance met all of its requirements.",
            ),
        ])
        .aws("-", None)
        .ours("timed-out", 4)
        .official(Official::TimesOut)
}
