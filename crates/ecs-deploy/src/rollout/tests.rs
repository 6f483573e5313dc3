mod own;
mod truth;

use proptest::prelude::*;

use super::*;
use crate::service::{Deployment, RolloutState, ServiceEvent};

const OURS: &str = "ecs-svc/2";
const OLD: &str = "ecs-svc/1";
const NEW_TD: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:2";
const OLD_TD: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:1";

fn goal() -> Goal {
    Goal {
        deployment: OURS.into(),
        task_definition: NEW_TD.into(),
        previous_deployment: OLD.into(),
        previous_task_definition: OLD_TD.into(),
        classic_suffices: true,
        ..Goal::default()
    }
}

fn deployment(id: &str, status: &str, task_definition: &str, rollout: RolloutState) -> Deployment {
    Deployment {
        id: id.into(),
        status: status.into(),
        task_definition: task_definition.into(),
        rollout,
        desired: 2,
        running: 2,
        ..Deployment::default()
    }
}

fn ours(rollout: RolloutState) -> Deployment {
    deployment(OURS, "PRIMARY", NEW_TD, rollout)
}

fn old(status: &str) -> Deployment {
    deployment(OLD, status, OLD_TD, RolloutState::Completed)
}

/// A rollback, as ECS tells it: the reason is another one once it is complete.
fn going_back(id: &str, task_definition: &str, rollout: RolloutState) -> Deployment {
    let reason = match rollout {
        RolloutState::InProgress => {
            "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.".to_owned()
        }
        _ => format!("ECS deployment {id} completed."),
    };
    Deployment { reason, ..deployment(id, "PRIMARY", task_definition, rollout) }
}

/// The service's events, newest first.
fn events(messages: &[&str]) -> Vec<ServiceEvent> {
    let event =
        |(index, message): (usize, &&str)| ServiceEvent { id: format!("e{index}"), message: (*message).to_owned() };
    messages.iter().enumerate().map(event).collect()
}

fn service(deployments: Vec<Deployment>) -> Service {
    Service { status: "ACTIVE".into(), desired: 2, running: 2, deployments, ..Service::default() }
}

fn look(rollout: Rollout, service: &Service, at: Duration) -> Step {
    rollout.step(&[Answer::Service(service.clone())], at)
}

/// Steps through `observations`, five seconds apart, up to the end.
fn run(goal: Goal, observations: &[Service]) -> (Option<End>, usize) {
    let mut rollout = Rollout::new(goal, &service(vec![old("PRIMARY")]));
    for (index, observation) in observations.iter().enumerate() {
        let step = look(rollout, observation, Duration::from_secs(5 * index as u64));
        rollout = step.rollout;
        if step.end.is_some() {
            return (step.end, index + 1);
        }
    }
    (None, observations.len())
}

#[track_caller]
fn check(observations: &[Service], expected: impl Into<Option<End>>) {
    let (end, looks) = run(goal(), observations);
    assert_eq!(end, expected.into());
    assert_eq!(looks, observations.len(), "it ended too early");
}

fn deployed() -> End {
    End::Deployed { desired: 2 }
}

fn failed(reason: &str) -> End {
    End::Failed { reason: reason.into() }
}

fn rolled_back(reason: &str) -> End {
    End::RolledBack { reason: reason.into(), restored: OLD_TD.into() }
}

#[test]
fn completed_is_deployed_even_while_old_tasks_drain() {
    check(
        &[
            service(vec![ours(RolloutState::InProgress), old("ACTIVE")]),
            service(vec![ours(RolloutState::Completed), old("ACTIVE")]),
        ],
        deployed(),
    );
}

#[test]
fn counts_that_fit_do_not_end_an_alarm_bake() {
    check(&vec![service(vec![ours(RolloutState::InProgress)]); 50], None);
}

#[test]
fn a_stale_first_read_means_nothing() {
    check(
        &[
            service(vec![old("PRIMARY")]),
            service(vec![old("PRIMARY")]),
            service(vec![ours(RolloutState::InProgress)]),
            service(vec![old("PRIMARY")]),
            service(vec![ours(RolloutState::Completed)]),
        ],
        deployed(),
    );
}

#[test]
fn a_failure_without_rollback_ends_at_once_with_its_reason() {
    let mut dead = ours(RolloutState::Failed);
    dead.reason = "circuit breaker: tasks failed to start".into();
    check(&[service(vec![dead, old("ACTIVE")])], failed("circuit breaker: tasks failed to start"));
}

#[test]
fn a_rollback_is_followed_to_its_end() {
    let mut dead = ours(RolloutState::Failed);
    dead.reason = "circuit breaker".into();
    let mut first = service(vec![dead.clone(), old("ACTIVE")]);
    first.rolls_back = true;
    dead.status = "ACTIVE".into();
    let back = |rollout| going_back("ecs-svc/3", OLD_TD, rollout);
    check(
        &[
            first,
            service(vec![back(RolloutState::InProgress), dead]),
            service(vec![back(RolloutState::InProgress)]),
            service(vec![back(RolloutState::Completed)]),
        ],
        rolled_back("circuit breaker"),
    );
}

#[test]
fn a_rollback_onto_the_previous_deployment_itself_counts() {
    let mut dead = ours(RolloutState::Failed);
    dead.status = "ACTIVE".into();
    dead.reason = "breaker".into();
    check(&[service(vec![dead, old("PRIMARY")])], rolled_back("breaker"));
}

#[test]
fn a_rollback_is_told_from_being_superseded() {
    let done = service(vec![going_back("ecs-svc/3", OLD_TD, RolloutState::Completed)]);
    let under_way = service(vec![ours(RolloutState::InProgress)]);
    let superseded = End::Superseded { by: OLD_TD.into(), deployed: false };
    check(&[under_way.clone(), done.clone(), done.clone()], superseded);
    let going = service(vec![going_back("ecs-svc/3", OLD_TD, RolloutState::InProgress)]);
    let reason = going.deployments[0].reason.clone();
    check(&[under_way, going.clone(), going, done], rolled_back(&reason));
    let other_td = "arn:aws:ecs:eu-west-1:1:task-definition/shop:9";
    let other = service(vec![deployment("ecs-svc/3", "PRIMARY", other_td, RolloutState::Completed)]);
    check(&[other.clone(), other], Some(End::Superseded { by: other_td.into(), deployed: false }));
}

#[test]
fn a_forced_deployment_of_the_same_revision_is_rolled_back_only_when_ecs_says_so() {
    let forced = Goal { task_definition: OLD_TD.into(), ..goal() };
    // ECS goes back to the deployment from before under its own id, or under a new one.
    for id in [OLD, "ecs-svc/3"] {
        let looks = |rollout| service(vec![going_back(id, OLD_TD, rollout)]);
        let (going, done) = (looks(RolloutState::InProgress), looks(RolloutState::Completed));
        let reason = going.deployments[0].reason.clone();
        let seen = [going.clone(), going, done.clone()];
        assert_eq!(run(forced.clone(), &seen), (Some(rolled_back(&reason)), 3), "{id}");
        let superseded = Some(End::Superseded { by: OLD_TD.into(), deployed: false });
        assert_eq!(run(forced.clone(), &vec![done; 4]).0, superseded, "{id}");
    }
}

#[test]
fn a_rollback_to_a_revision_from_long_before_is_followed_to_its_end() {
    let older = "arn:aws:ecs:eu-west-1:1:task-definition/shop:0";
    let mut dead = ours(RolloutState::InProgress);
    dead.status = "ACTIVE".into();
    let looks = |rollout| service(vec![going_back("ecs-svc/0", older, rollout), dead.clone()]);
    let (going, done) = (looks(RolloutState::InProgress), looks(RolloutState::Completed));
    let reason = going.deployments[0].reason.clone();
    check(&[going.clone(), going, done], End::RolledBack { reason, restored: older.into() });
}

#[test]
fn whoever_deploys_while_a_rollback_is_under_way_ends_the_wait() {
    let going = service(vec![going_back(OLD, OLD_TD, RolloutState::InProgress)]);
    let theirs =
        deployment("ecs-svc/9", "PRIMARY", "arn:aws:ecs:eu-west-1:1:task-definition/shop:9", RolloutState::InProgress);
    let reason = format!("{}; then the service was updated to shop:9", going.deployments[0].reason);
    check(&[going.clone(), going, service(vec![theirs.clone()]), service(vec![theirs])], failed(&reason));
}

const GAVE_UP: &str = "(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.";

#[test]
fn a_rollback_that_completes_between_two_looks_is_told_by_the_events_with_its_cause() {
    // As ECS has it: the deployment from before is there as it was before the update, and its reason is of its own success.
    for id in [OLD, "ecs-svc/3"] {
        let mut gone = service(vec![going_back(id, OLD_TD, RolloutState::Completed)]);
        gone.events = events(&["(service web) rolling back to deployment ecs-svc/1.", GAVE_UP]);
        check(&[gone.clone(), gone], rolled_back(GAVE_UP));
    }
    let older = "arn:aws:ecs:eu-west-1:1:task-definition/shop:0";
    let mut gone = service(vec![going_back("ecs-svc/0", older, RolloutState::Completed)]);
    gone.events = events(&["(service web) rolling back to deployment ecs-svc/0.", GAVE_UP]);
    check(&[gone.clone(), gone], End::RolledBack { reason: GAVE_UP.into(), restored: older.into() });
}

#[test]
fn somebody_elses_update_after_our_failure_hides_no_failure() {
    let mut gone = service(vec![deployment("ecs-svc/9", "PRIMARY", "arn:td/shop:9", RolloutState::InProgress)]);
    gone.events = events(&[GAVE_UP]);
    check(&[gone.clone(), gone.clone()], failed(&format!("{GAVE_UP}; then the service was updated to shop:9")));
    // Another deployment's failure is not ours.
    gone.events = events(&["(service web) (deployment ecs-svc/22) deployment failed: tasks failed to start."]);
    check(&[gone.clone(), gone], End::Superseded { by: "arn:td/shop:9".into(), deployed: false });
}

#[test]
fn one_answer_that_there_is_no_such_service_is_no_end() {
    let gone = Service { status: MISSING.into(), ..Service::default() };
    let there = service(vec![ours(RolloutState::InProgress)]);
    check(&[there.clone(), gone.clone(), there.clone(), service(vec![ours(RolloutState::Completed)])], deployed());
    check(&[there, gone.clone(), gone], failed("the service is MISSING"));
}

#[test]
fn a_rollback_that_fails_or_takes_long_is_told() {
    let mut dead = ours(RolloutState::Failed);
    dead.status = "ACTIVE".into();
    dead.reason = "breaker".into();
    let mut back = deployment("ecs-svc/3", "PRIMARY", OLD_TD, RolloutState::Failed);
    back.reason = "no capacity".into();
    check(&[service(vec![dead.clone(), back.clone()])], failed("breaker; the rollback failed too: no capacity"));
    back.rollout = RolloutState::InProgress;
    let endless = vec![service(vec![dead, back]); 400];
    check(&endless, None);
    let mut rollout = Rollout::new(goal(), &service(vec![old("PRIMARY")]));
    rollout = look(rollout, &endless[0], Duration::ZERO).rollout;
    assert_eq!(rollout.unfinished(), "failed: breaker; the rollback to shop:1 is still under way");
}

#[test]
fn a_rollback_that_never_starts_is_a_failure() {
    let mut dead = service(vec![ours(RolloutState::Failed)]);
    dead.rolls_back = true;
    check(&vec![dead; 7], failed("ECS gives no reason"));
}

#[test]
fn the_old_primary_for_a_long_time_is_no_stale_read() {
    check(&vec![service(vec![old("PRIMARY")]); 4], Some(End::Superseded { by: OLD_TD.into(), deployed: false }));
}

#[test]
fn without_a_rollout_state_the_counts_decide_twice() {
    let mut starting = ours(RolloutState::Absent);
    starting.running = 1;
    let settled = service(vec![ours(RolloutState::Absent)]);
    check(&[service(vec![starting.clone()]), settled.clone(), settled.clone()], deployed());
    let mut failing = ours(RolloutState::Absent);
    failing.failed = 1;
    check(&[settled.clone(), service(vec![failing]), settled.clone(), settled], deployed());
}

#[test]
fn a_count_that_was_set_must_be_reached() {
    let counted = Goal { counts: Counts::MustMatch { asked: 2 }, ..goal() };
    let mut scaling = service(vec![ours(RolloutState::Completed)]);
    scaling.running = 1;
    let steady = service(vec![ours(RolloutState::Completed)]);
    assert_eq!(run(counted, &[scaling, steady]), (Some(deployed()), 2));
}

#[test]
fn a_count_from_before_the_update_is_no_end_until_answers_cannot_be_stale() {
    let counted = Goal { counts: Counts::MustMatch { asked: 3 }, ..goal() };
    let stale = service(vec![ours(RolloutState::Completed)]);
    let reached = Service { desired: 3, running: 3, ..stale.clone() };
    assert_eq!(run(counted.clone(), &[stale.clone(), reached]), (Some(End::Deployed { desired: 3 }), 2));
    // A scaling policy set another number: 15 s later the answer is believed.
    assert_eq!(run(counted, &vec![stale; 6]), (Some(deployed()), 4));
}

#[test]
fn a_service_that_is_deleted_is_a_failure() {
    let mut gone = service(vec![]);
    gone.status = "DRAINING".into();
    check(&[gone], failed("the service is DRAINING"));
}

#[test]
fn events_and_counts_are_told_once() {
    let mut before = service(vec![old("PRIMARY")]);
    before.events = vec![ServiceEvent { id: "e0".into(), message: "old".into() }];
    let rollout = Rollout::new(goal(), &before);
    let mut now = service(vec![ours(RolloutState::InProgress)]);
    now.events = ["e2", "e1", "e0"].map(|id| ServiceEvent { id: id.into(), message: format!("event {id}") }).to_vec();
    let step = look(rollout, &now, Duration::ZERO);
    let lines: Vec<String> = step.events.iter().filter(|event| event.is_logged()).map(ToString::to_string).collect();
    assert_eq!(lines, ["event e1", "event e2", "shop:2: IN_PROGRESS, 2 of 2 running, 0 pending, 0 failed"]);
    assert!(step.events.contains(&Event::FirstTaskRunning) && step.events.contains(&Event::AllTasksRunning));
    let step = look(step.rollout, &now, Duration::from_secs(5));
    assert!(step.events.is_empty(), "{:?}", step.events);
    assert_eq!(step.rollout.messages(), ["event e1", "event e2"]);
}

#[test]
fn draining_and_baking_are_milestones() {
    let alarms = |deployments| Service { has_alarms: true, ..service(deployments) };
    let mut rollout = Rollout::new(goal(), &service(vec![old("PRIMARY")]));
    let mut told = Vec::new();
    for seen in [vec![ours(RolloutState::InProgress), old("ACTIVE")], vec![ours(RolloutState::InProgress)]] {
        let step = look(rollout, &alarms(seen), Duration::ZERO);
        rollout = step.rollout;
        told.extend(step.events.into_iter().filter(|event| !matches!(event, Event::Counts(_))));
    }
    let expected =
        [Event::FirstTaskRunning, Event::AllTasksRunning, Event::Draining { tasks: 2 }, Event::Drained, Event::Baking];
    assert_eq!(told, expected);
}

#[test]
fn no_other_strategy_ends_in_success_by_its_counts_or_its_rollout_state() {
    let shifting = Goal { classic_suffices: false, ..goal() };
    for state in [RolloutState::Completed, RolloutState::Absent] {
        let seen = vec![service(vec![ours(state)]); 9];
        assert_eq!(run(shifting.clone(), &seen).0, None);
    }
}

#[test]
fn the_first_pauses_are_short_and_only_throttling_widens_them() {
    let near = |pause: Duration, wanted: f64| (0.79..1.21).contains(&(pause.as_secs_f64() / wanted));
    let mut pace = Pace::new(OURS);
    for wanted in [0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0] {
        let pause = pace.pause();
        assert!(near(pause, wanted), "{pause:?} for {wanted}");
    }
    for wanted in [10.0, 20.0, 40.0, 40.0] {
        pace.throttled();
        let pause = pace.pause();
        assert!(near(pause, wanted), "{pause:?} for {wanted}");
    }
    pace.answered();
    assert!(near(pace.pause(), 5.0));
    assert_eq!(Pace::new("a").pause(), Pace::new("a").pause());
    assert_ne!(Pace::new("a").pause(), Pace::new("b").pause());
}

fn any_state() -> impl Strategy<Value = RolloutState> {
    prop_oneof![
        Just(RolloutState::Absent),
        Just(RolloutState::InProgress),
        Just(RolloutState::Completed),
        Just(RolloutState::Failed),
        Just(RolloutState::Unknown("PAUSED".into())),
    ]
}

fn any_deployment() -> impl Strategy<Value = Deployment> {
    let ids =
        prop::sample::select(vec![(OURS, NEW_TD), (OLD, OLD_TD), ("ecs-svc/3", OLD_TD), ("ecs-svc/4", "arn:x:9")]);
    let statuses = prop::sample::select(vec!["PRIMARY", "ACTIVE", "INACTIVE", "NEWER_WORD"]);
    (ids, statuses, any_state(), 0_i64..3, 0_i64..2).prop_map(|((id, td), status, rollout, running, pending)| {
        Deployment { running, pending, ..deployment(id, status, td, rollout) }
    })
}

fn any_service() -> impl Strategy<Value = Service> {
    (prop::collection::vec(any_deployment(), 0..4), any::<bool>())
        .prop_map(|(deployments, rolls_back)| Service { rolls_back, ..service(deployments) })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is seen in whatever order: success is told only on our own deployment, primary, and complete (or, where ECS
    /// tells no state, with its tasks running).
    #[test]
    fn success_is_only_ever_our_own(observations in prop::collection::vec(any_service(), 1..12)) {
        let (end, looks) = run(goal(), &observations);
        if let Some(End::Deployed { .. }) = end {
            let last = observations[looks - 1].deployment(OURS);
            let own = last.is_some_and(|own| own.is_primary() && match own.rollout {
                RolloutState::Completed => true,
                RolloutState::Absent => own.running == own.desired && own.pending == 0,
                _ => false,
            });
            prop_assert!(own, "{last:?}");
        }
    }

    /// Once our deployment was seen failed, nothing that follows is a success.
    #[test]
    fn a_failure_never_becomes_a_success(observations in prop::collection::vec(any_service(), 1..12)) {
        let (end, looks) = run(goal(), &observations);
        let failed = |seen: &Service| seen.deployment(OURS).is_some_and(|own| own.rollout == RolloutState::Failed);
        if observations[..looks].iter().any(failed) {
            prop_assert!(!matches!(end, Some(End::Deployed { .. })), "{end:?}");
        }
    }

    /// Words nobody knows never end the wait.
    #[test]
    fn an_unknown_word_is_never_an_end(word in "[A-Z_]{1,12}", looks in 1_usize..8) {
        prop_assume!(!["COMPLETED", "FAILED"].contains(&word.as_str()));
        let seen = service(vec![ours(RolloutState::Unknown(word))]);
        prop_assert_eq!(run(goal(), &vec![seen; looks]).0, None);
    }
}
