//! What made ECS give a deployment up: its circuit breaker, its alarms, a hook
//! (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>).

use serde::Serialize;
use serde_json::Value;

use crate::service::{list, owned};
use crate::task_definition::text;

/// What watches a deployment, as its service deployment tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Triggers {
    /// The circuit breaker; `None` when there is none, or it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) breaker: Option<Breaker>,
    /// The alarms that went off.
    pub(crate) alarms: Vec<String>,
    /// The hooks that failed.
    pub(crate) hooks: Vec<Hook>,
}

/// What the circuit breaker counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Breaker {
    /// `MONITORING`, `TRIGGERED`, ...
    pub(crate) status: String,
    pub(crate) failures: i64,
    pub(crate) threshold: i64,
}

/// A hook that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Hook {
    /// The function's name, or the hook's id.
    pub(crate) name: String,
    /// `FAILED` or `TIMED_OUT`.
    pub(crate) status: String,
}

impl Triggers {
    /// Reads an element of `serviceDeployments`.
    pub(crate) fn from_answer(deployment: &Value) -> Self {
        let alarms = &deployment["alarms"];
        Self {
            breaker: breaker(&deployment["deploymentCircuitBreaker"]),
            alarms: list(alarms, "triggeredAlarmNames").filter_map(Value::as_str).map(str::to_owned).collect(),
            hooks: list(deployment, "lifecycleHookDetails").filter_map(failed_hook).collect(),
        }
    }

    /// One line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let breaker = self.breaker.as_ref().map(Breaker::describe);
        let alarms = (!self.alarms.is_empty()).then(|| format!("alarms that went off: {}", self.alarms.join(", ")));
        let hooks = self.hooks.iter().map(|hook| format!("hook {}: {}", hook.name, hook.status));
        breaker.into_iter().chain(alarms).chain(hooks).collect()
    }
}

impl Breaker {
    /// Whether it went off.
    pub(crate) fn is_triggered(&self) -> bool {
        self.status == "TRIGGERED"
    }

    fn describe(&self) -> String {
        let Self { status, failures, threshold } = self;
        // Once it goes back, ECS counts anew.
        if failures < threshold && self.is_triggered() {
            return format!("circuit breaker: TRIGGERED at its threshold of {threshold} failures");
        }
        format!("circuit breaker: {status}, {failures} of {threshold} failures")
    }
}

/// A breaker that is off, or that counted nothing, has nothing to say.
fn breaker(breaker: &Value) -> Option<Breaker> {
    let number = |name: &str| breaker[name].as_i64().unwrap_or_default();
    let breaker =
        Breaker { status: owned(breaker, "status"), failures: number("failureCount"), threshold: number("threshold") };
    let speaks = breaker.status == "TRIGGERED" || breaker.failures > 0;
    (speaks && breaker.status != "DISABLED").then_some(breaker)
}

fn failed_hook(hook: &Value) -> Option<Hook> {
    let status = text(hook, "status");
    let target = text(hook, "targetArn").rsplit(':').next().filter(|name| !name.is_empty());
    ["FAILED", "TIMED_OUT"]
        .contains(&status)
        .then(|| Hook { name: target.unwrap_or_else(|| text(hook, "hookId")).to_owned(), status: status.to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn breaker_alarms_and_hooks_are_told_in_a_line_each() {
        let deployment = json!({
            "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3},
            "alarms": {"status": "TRIGGERED", "alarmNames": ["a", "b"], "triggeredAlarmNames": ["shop-5xx"]},
            "lifecycleHookDetails": [
                {"hookId": "h1", "targetType": "AWS_LAMBDA", "targetArn": "arn:aws:lambda:x:1:function:smoke", "status": "FAILED"},
                {"hookId": "h2", "targetType": "PAUSE", "status": "SUCCEEDED"}
            ]
        });
        assert_eq!(
            Triggers::from_answer(&deployment).lines(),
            ["circuit breaker: TRIGGERED, 3 of 3 failures", "alarms that went off: shop-5xx", "hook smoke: FAILED"]
        );
    }

    #[test]
    fn what_is_off_missing_or_of_another_type_says_nothing() {
        for nothing in [
            json!({}),
            json!(null),
            json!({"deploymentCircuitBreaker": {"status": "DISABLED", "failureCount": 9}, "alarms": 3, "lifecycleHookDetails": {"a": 1}}),
            json!({"deploymentCircuitBreaker": {"status": "MONITORING", "failureCount": 0, "threshold": 3},
                   "alarms": {"triggeredAlarmNames": [1, null]}, "lifecycleHookDetails": [null, 7, {"status": []}]}),
        ] {
            assert_eq!(Triggers::from_answer(&nothing), Triggers::default());
        }
    }
}
