//! The task definition of the stories, and configurations of the service.

use serde_json::{Value, json};

/// A value of the task definition's environment that must never be seen.
pub const SECRET: &str = "hunter2-in-the-clear";
/// The group and the prefix of the log streams.
pub const LOGS: (&str, &str) = ("/ecs/shop", "web");

/// The file that is deployed: an essential container `app`, and a sidecar `side`.
pub fn file() -> Value {
    json!({
        "family": super::role::FAMILY, "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"],
        "executionRoleArn": "arn:aws:iam::123456789012:role/shop-execution",
        "taskRoleArn": "arn:aws:iam::123456789012:role/shop-task",
        "containerDefinitions": [
            {"name": "app", "image": "shop:2", "essential": true, "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
             "environment": [{"name": "LOG", "value": "info"}, {"name": "API_TOKEN", "value": SECRET}],
             "logConfiguration": logs()},
            {"name": "side", "image": "proxy:1", "essential": false, "logConfiguration": logs()}
        ]
    })
}

fn logs() -> Value {
    json!({"logDriver": "awslogs", "options": {
        "awslogs-group": LOGS.0, "awslogs-region": "eu-west-1", "awslogs-stream-prefix": LOGS.1
    }})
}

/// What the service runs before: an older image.
pub(super) fn older() -> Value {
    let mut older = file();
    older["containerDefinitions"][0]["image"] = json!("shop:1");
    older
}

/// A rolling update without a circuit breaker.
pub(super) fn rolling() -> Value {
    json!({"strategy": "ROLLING", "maximumPercent": 200, "minimumHealthyPercent": 100, "bakeTimeInMinutes": 0,
           "deploymentCircuitBreaker": {"enable": false, "rollback": false}})
}

/// A rolling update with a circuit breaker.
pub(super) fn breaker(rollback: bool) -> Value {
    let mut configuration = rolling();
    configuration["deploymentCircuitBreaker"] = json!({"enable": true, "rollback": rollback});
    configuration
}

/// A rolling update that watches an alarm.
pub(super) fn alarms() -> Value {
    let mut configuration = rolling();
    configuration["alarms"] = json!({"alarmNames": ["shop-5xx"], "enable": true, "rollback": true});
    configuration["bakeTimeInMinutes"] = json!(1);
    configuration
}

/// A strategy of ECS's own that shifts traffic.
pub(super) fn strategy(name: &str) -> Value {
    let mut configuration = rolling();
    configuration["strategy"] = json!(name);
    configuration["bakeTimeInMinutes"] = json!(1);
    match name {
        "LINEAR" => configuration["linearConfiguration"] = json!({"stepPercent": 50.0, "stepBakeTimeInMinutes": 1}),
        "CANARY" => configuration["canaryConfiguration"] = json!({"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1}),
        _ => {}
    }
    configuration
}

/// The same, with a hook behind the shift of the test traffic: one that waits for a person, or a function.
pub(super) fn hooked(kind: &str) -> Value {
    let mut configuration = strategy("BLUE_GREEN");
    let stages = json!(["POST_TEST_TRAFFIC_SHIFT"]);
    let hook = match kind {
        "PAUSE" => json!({"targetType": kind, "lifecycleStages": stages,
                          "timeoutConfiguration": {"timeoutInMinutes": 1440, "action": "ROLLBACK"}}),
        _ => json!({"targetType": kind, "lifecycleStages": stages,
                    "hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:smoke",
                    "roleArn": "arn:aws:iam::123456789012:role/shop-hooks"}),
    };
    configuration["lifecycleHooks"] = json!([hook]);
    configuration
}
