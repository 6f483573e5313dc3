//! Every scenario of the stand-in through the built binary: the verdict, the exit code, and why.

use testkit::FakeEcs;
use testkit::ecs::{Scenario, scenarios};

/// What `reason` must hold, where a scenario is about the reason.
const REASONS: &[(&str, &str)] = &[
    ("breaker-without-rollback", "ECS deployment circuit breaker: tasks failed to start."),
    ("rollback-with-reason", "ECS deployment circuit breaker: tasks failed to start."),
    ("forced-rollback-without-service-deployments", "ECS deployment circuit breaker: tasks failed to start."),
    ("rollback-fails", "the rollback failed too"),
    ("alarm-triggered", "alarms that went off: shop-5xx"),
    ("hook-fails", "hook smoke"),
    ("superseded", "the service was updated to shop:99 meanwhile"),
    ("never-ends", "last seen: shop:8: IN_PROGRESS, 0 of 2 running"),
    ("pause-hook", "it is paused by the hook approve until somebody goes on"),
    ("pause-hook-awaited", "POST_TEST_TRAFFIC_SHIFT"),
    ("container-exits-1", "app exited with 1"),
    ("image-cannot-be-pulled", "CannotPullContainerError"),
    ("health-check-fails", "failed ELB health checks"),
    ("failure-rolled-back", "app exited with 1"),
    ("stopped-then-restored", "ECS deployment circuit breaker: tasks failed to start."),
    ("stop-denied", "app exited with 1"),
    ("time-out-rolled-back", "not complete after 600 s"),
    ("task-exits-1", "app exited with 1 (the program's own error)"),
    ("task-does-not-start", "CannotPullContainerError: pull access denied for shop"),
];

/// What is not as the scenario says; empty when all is.
fn wrong(scenario: Scenario) -> Vec<String> {
    let name = scenario.name;
    let ecs = FakeEcs::start(scenario);
    let out = ecs.runner().run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    let ours = ecs.scenario().ours;
    let said = |output: &str| out.outputs.get(output).cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    if (out.code, said("verdict").as_str()) != (ours.exit, ours.verdict) {
        wrong.push(format!("{name}: {} with {}, not {} with {}", said("verdict"), out.code, ours.verdict, ours.exit));
    }
    let reason = REASONS.iter().find(|(own, _)| *own == name).map_or("", |(_, reason)| reason);
    if !said("reason").contains(reason) {
        wrong.push(format!("{name}: the reason is `{}`, without `{reason}`", said("reason")));
    }
    let seen = format!("{}{}{}{:?}", out.stdout, out.stderr, out.summary, out.outputs);
    if seen.contains(testkit::ecs::definition::SECRET) {
        wrong.push(format!("{name}: a value of the task definition was printed"));
    }
    // The stand-in's time moves by 5 s with each look.
    let late = ecs.scenario().aws.at.filter(|_| ours.exit != 4).map(|at| ecs.now().saturating_sub(at));
    if late.is_some_and(|late| late > 10) {
        wrong.push(format!("{name}: told {} s after AWS's verdict", late.unwrap_or_default()));
    }
    if !wrong.is_empty() {
        wrong.push(format!("{}\n{}", out.stdout, out.stderr));
    }
    wrong
}

#[test]
fn every_scenario_ends_as_it_should() {
    let all: Vec<Scenario> = scenarios();
    assert!(all.len() >= 33, "{}", all.len());
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = all.into_iter().map(|scenario| scope.spawn(|| wrong(scenario))).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
