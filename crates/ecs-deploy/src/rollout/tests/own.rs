//! Ends that the service deployment tells, where a reason was told before it.

use serde_json::json;

use super::*;
use crate::service_deployment::ServiceDeployment;

const SD: &str = "arn:aws:ecs:eu-west-1:1:service-deployment/prod/web/2";

fn following(goes_back: bool) -> Rollout {
    let goal = Goal { mode: Follow::Present { arn: SD.into() }, goes_back, ..goal() };
    Rollout::new(goal, &service(vec![old("PRIMARY")]))
}

fn own(status: &str, reason: &str, more: &Value) -> Answer {
    let mut answer = json!({"serviceDeploymentArn": SD, "status": status, "statusReason": reason, "createdAt": 100.0});
    answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Answer::Own(Some(Box::new(ServiceDeployment::from_answer(&answer))))
}

/// Steps through rounds of answers, five seconds apart.
fn follow(mut rollout: Rollout, rounds: &[Answer]) -> (Option<End>, Vec<Event>, Rollout) {
    let mut told = Vec::new();
    for (index, answer) in rounds.iter().enumerate() {
        let step = rollout.step(std::slice::from_ref(answer), Duration::from_secs(5 * index as u64));
        rollout = step.rollout;
        told.extend(step.events);
        if step.end.is_some() {
            return (step.end, told, rollout);
        }
    }
    (None, told, rollout)
}

const HOOK: &str = "the lifecycle hook for POST_TEST_TRAFFIC_SHIFT failed";

fn hook_failed() -> Value {
    json!({"lifecycleHookDetails": [
        {"hookId": "h1", "targetType": "AWS_LAMBDA", "targetArn": "arn:aws:lambda:x:1:function:smoke", "status": "FAILED"}
    ]})
}

#[test]
fn a_failure_that_was_told_is_not_hidden_by_who_deploys_next() {
    let going = own("ROLLBACK_IN_PROGRESS", HOOK, &hook_failed());
    let replaced = "Service deployment stopped because a new service deployment was started.";
    let (end, ..) = follow(following(false), &[going, own("STOPPED", replaced, &json!({}))]);
    assert_eq!(end, Some(failed(&format!("{HOOK}; hook smoke: FAILED; {replaced}"))));
}

#[test]
fn a_rollback_that_was_asked_for_is_told_as_no_failure() {
    let rounds = [own("ROLLBACK_IN_PROGRESS", "", &json!({})), own("ROLLBACK_SUCCESSFUL", "", &json!({}))];
    let (_, told, rollout) = follow(following(true), &rounds[..1]);
    assert!(!told.iter().any(|event| matches!(event, Event::Failing { .. })), "{told:?}");
    assert!(rollout.unfinished().starts_with("the rollback is still under way"), "{}", rollout.unfinished());
    let (end, told, _) = follow(following(true), &rounds);
    assert!(matches!(end, Some(End::RolledBack { .. })), "{end:?}");
    assert!(!told.iter().any(|event| matches!(event, Event::Failing { .. })), "{told:?}");
    // The same, where nobody asked.
    let (_, told, _) = follow(following(false), &rounds);
    assert!(told.iter().any(|event| matches!(event, Event::Failing { .. })), "{told:?}");
}

#[test]
fn a_breaker_that_counts_anew_is_not_told_as_having_counted_nothing() {
    let breaker = |failures: i64| json!({"deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": failures, "threshold": 3}});
    for (failures, wanted) in [
        (0, "it failed; circuit breaker: TRIGGERED at its threshold of 3 failures"),
        (3, "it failed; circuit breaker: TRIGGERED, 3 of 3 failures"),
    ] {
        let rounds =
            [own("ROLLBACK_IN_PROGRESS", "it failed", &breaker(failures)), own("ROLLBACK_SUCCESSFUL", "", &json!({}))];
        let (end, ..) = follow(following(false), &rounds);
        assert_eq!(end, Some(rolled_back(wanted)));
    }
}

#[test]
fn one_answer_that_there_is_no_such_service_is_no_sign_of_a_failure() {
    let gone = Answer::Service(Service { status: MISSING.into(), ..Service::default() });
    let under_way = own("IN_PROGRESS", "", &json!({}));
    let (end, told, rollout) = follow(following(false), &[under_way, gone.clone()]);
    assert_eq!((end, rollout.failing()), (None, None), "{told:?}");
    let (_, told, _) = follow(rollout, &[gone]);
    assert_eq!(told, [Event::Failing { reason: "the service is MISSING".into() }]);
}
