//! Strategies of ECS's own that shift traffic.

use serde_json::json;

use super::super::moment::Moment;
use super::super::scenario::{Official, Scenario};
use crate::ecs::definition;

pub(super) fn all() -> Vec<Scenario> {
    vec![
        blue_green(),
        linear(),
        canary(),
        hook_fails(),
        paused("pause-hook", "A PAUSE hook holds the deployment after the test traffic's shift; nobody continues it.")
            .ours("timed-out", 4)
            .official(Official::TimesOut),
        paused("pause-hook-awaited", "The same, and `wait-until: paused`: there is something to test now.")
            .input("wait-until", "paused")
            .ours("paused", 0)
            .official(Official::TimesOut),
    ]
}

/// The new tasks run beside the old ones after 20 s.
fn scaled_up() -> Vec<Moment> {
    let start = Moment::start(2);
    let early = start.at(5).stage("RECONCILE_SERVICE", 0.0, 0.0);
    let up = early.at(10).stage("SCALE_UP", 0.0, 0.0);
    let ready = up.at(20).ours(2, 0).stage("POST_SCALE_UP", 0.0, 0.0);
    vec![start, early, up, ready]
}

fn end(moments: &mut Vec<Moment>, after: u64) {
    let Some(last) = moments.last().cloned() else { return };
    let bake = last.at(after).stage("BAKE_TIME", 100.0, 100.0);
    let clean = bake.at(after + 20).stage("CLEAN_UP", 100.0, 100.0);
    moments.extend([bake, clean.clone(), clean.at(after + 30).old(0).complete()]);
}

fn blue_green() -> Scenario {
    let mut moments = scaled_up();
    let test = moments[3].at(30).stage("TEST_TRAFFIC_SHIFT", 0.0, 100.0);
    moments.extend([test.clone(), test.at(40).stage("PRODUCTION_TRAFFIC_SHIFT", 100.0, 100.0)]);
    end(&mut moments, 50);
    Scenario::new(
        "blue-green",
        "ECS's own blue/green: test traffic after 30 s, all traffic after 40 s, and a time to bake.",
    )
    .configured(definition::strategy("BLUE_GREEN"))
    .rollout(moments)
    .aws("SUCCESSFUL", 80)
}

fn linear() -> Scenario {
    let mut moments = scaled_up();
    let half = moments[3].at(30).stage("PRODUCTION_TRAFFIC_SHIFT", 50.0, 0.0);
    moments.extend([half.clone(), half.at(60).stage("PRODUCTION_TRAFFIC_SHIFT", 100.0, 0.0)]);
    end(&mut moments, 90);
    Scenario::new("linear", "The traffic moves in two steps of a half each.")
        .configured(definition::strategy("LINEAR"))
        .rollout(moments)
        .aws("SUCCESSFUL", 120)
}

fn canary() -> Scenario {
    let mut moments = scaled_up();
    let tenth = moments[3].at(30).stage("PRODUCTION_TRAFFIC_SHIFT", 10.0, 0.0);
    moments.extend([tenth.clone(), tenth.at(60).stage("PRODUCTION_TRAFFIC_SHIFT", 100.0, 0.0)]);
    end(&mut moments, 70);
    Scenario::new("canary", "A tenth of the traffic moves first, and the rest 30 s later.")
        .configured(definition::strategy("CANARY"))
        .rollout(moments)
        .aws("SUCCESSFUL", 100)
}

fn hook_fails() -> Scenario {
    let mut moments = scaled_up();
    let test =
        moments[3].at(30).stage("POST_TEST_TRAFFIC_SHIFT", 0.0, 100.0).hook("smoke", "AWS_LAMBDA", "IN_PROGRESS");
    let why = "Service deployment rolled back because the lifecycle hook for POST_TEST_TRAFFIC_SHIFT failed.";
    let going = test.at(40).hook("smoke", "AWS_LAMBDA", "FAILED").roll_back(why, why);
    moments.extend([test, going.clone(), going.at(60).rolled_back()]);
    Scenario::new("hook-fails", "A Lambda function that tests the new revision says no, and ECS goes back.")
        .configured(definition::hooked("AWS_LAMBDA"))
        .rollout(moments)
        .aws("ROLLBACK_SUCCESSFUL", 60)
        .ours("rolled-back", 3)
        .official(Official::Failure)
}

fn paused(name: &'static str, what: &'static str) -> Scenario {
    let mut moments = scaled_up();
    let paused =
        moments[3].at(30).stage("POST_TEST_TRAFFIC_SHIFT", 0.0, 100.0).hook("approve", "PAUSE", "AWAITING_ACTION");
    moments.push(paused.clone());
    let going = paused.at(0).hook("approve", "PAUSE", "SUCCEEDED");
    let mut continued = vec![going.clone(), going.at(10).stage("PRODUCTION_TRAFFIC_SHIFT", 100.0, 100.0)];
    end(&mut continued, 20);
    let mut configuration = definition::hooked("PAUSE");
    configuration["lifecycleHooks"] = json!([{"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"], "timeoutConfiguration": {"timeoutInMinutes": 1440}}]);
    let mut scenario = Scenario::new(name, what).configured(configuration).rollout(moments).aws("-", None);
    scenario.continued = continued;
    scenario
}
