use serde_json::json;

use super::*;

#[test]
fn everything_that_decides_is_read() {
    let answer = json!({
        "serviceDeploymentArn": "arn:sd/1", "status": "ROLLBACK_IN_PROGRESS", "statusReason": "it failed",
        "lifecycleStage": "BAKE_TIME", "createdAt": 1_700_000_000.5,
        "targetServiceRevision": {"arn": "arn:sr/2", "requestedTaskCount": 3, "requestedProductionTrafficWeight": 10.0},
        "rollback": {"reason": "it failed", "serviceRevisionArn": "arn:sr/1"},
        "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3},
        "alarms": {"status": "TRIGGERED", "triggeredAlarmNames": ["shop-5xx"]},
        "lifecycleHookDetails": [{"hookId": "smoke", "targetType": "AWS_LAMBDA", "targetArn": "arn:f", "status": "FAILED"}]
    });
    let seen = ServiceDeployment::from_answer(&answer);
    assert_eq!(seen.status, Status::RollbackInProgress);
    assert_eq!((seen.requested, seen.production, seen.test), (3, Some(10.0), None));
    assert_eq!(seen.rollback.as_ref().map(|rollback| rollback.revision.as_str()), Some("arn:sr/1"));
    assert_eq!(
        seen.why(),
        "it failed; circuit breaker: TRIGGERED, 3 of 3 failures; alarms that went off: shop-5xx; hook f: FAILED"
    );
}

#[test]
fn words_survive_and_a_newer_one_is_kept() {
    for word in [
        "PENDING",
        "IN_PROGRESS",
        "SUCCESSFUL",
        "STOP_REQUESTED",
        "STOPPED",
        "ROLLBACK_REQUESTED",
        "ROLLBACK_IN_PROGRESS",
        "ROLLBACK_SUCCESSFUL",
        "ROLLBACK_FAILED",
        "SUSPENDED",
        "",
    ] {
        let status = Status::parse(word);
        assert_eq!(status.word(), word);
        assert_eq!(matches!(status, Status::Unknown(_)), ["SUSPENDED", ""].contains(&word));
    }
}

#[test]
fn only_a_pause_that_awaits_an_action_is_a_pause() {
    let hook =
        |kind: &str, status: &str| json!({"hookId": format!("{kind}-{status}"), "targetType": kind, "status": status});
    let answer = json!({"lifecycleHookDetails": [
        hook("PAUSE", "SUCCEEDED"), hook("AWS_LAMBDA", "AWAITING_ACTION"), hook("PAUSE", "AWAITING_ACTION")
    ]});
    let seen = ServiceDeployment::from_answer(&answer);
    assert_eq!(seen.pauses().map(|hook| hook.id.as_str()).collect::<Vec<_>>(), ["PAUSE-AWAITING_ACTION"]);
}

#[test]
fn an_answer_of_another_shape_decides_nothing() {
    for odd in
        [json!(null), json!({}), json!({"status": 7, "alarms": [], "rollback": "x", "lifecycleHookDetails": {"a": 1}})]
    {
        let seen = ServiceDeployment::from_answer(&odd);
        assert_eq!(seen.status, Status::Unknown(String::new()));
        assert!(!seen.is_triggered() && seen.why().is_empty() && seen.rollback.is_none());
    }
}
