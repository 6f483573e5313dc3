//! What health checks said: a container's own, and a load balancer's
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>).

use std::collections::BTreeSet;

use serde_json::Value;

use super::hints::{Hint, first};
use crate::task_definition::text;

const HINTS: &[Hint] = &[
    Hint {
        any: &["request timed out", "health checks failed due to timeout"],
        says: "nothing answered in time: check that the program listens on that port on 0.0.0.0, that the security group lets the load balancer \
               in, and `healthCheckGracePeriodSeconds` for a slow start",
    },
    Hint {
        any: &["codes: [5", "codes: [4", "codes: [3", "failed with these codes"],
        says: "the program answers, but not with the status that is expected: check the target group's path and success codes, and the log",
    },
    Hint {
        any: &["task failed elb health checks", "is unhealthy in"],
        says: "the load balancer's health check fails: check the target group's path and port, and `healthCheckGracePeriodSeconds`",
    },
];

/// What to do about a health check that failed; `None` when `words` are about something else.
pub(super) fn explain(words: &str) -> Option<&'static str> {
    first(HINTS, &words.to_ascii_lowercase())
}

/// What load balancers said of targets, each once, out of the service's events: `port 8080: Request timed out`.
pub(super) fn of_targets(events: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let said = events.iter().filter_map(|event| {
        let (before, after) = event.split_once("is unhealthy in")?;
        let reason = after.split_once("(reason ").map_or("", |(_, reason)| reason.trim_end_matches(['.', ' ']));
        let reason = reason.strip_suffix(')').unwrap_or(reason);
        let port = before.split_once("(port ").and_then(|(_, port)| port.split(')').next()).unwrap_or_default();
        let place = if port.is_empty() { String::new() } else { format!("port {port}: ") };
        Some(format!("{place}{}", if reason.is_empty() { "unhealthy" } else { reason }))
    });
    said.filter(|line| seen.insert(line.clone())).collect()
}

/// Whether a container's own check found it unhealthy.
pub(super) fn is_unhealthy(container: &Value) -> bool {
    text(container, "healthStatus") == "UNHEALTHY"
}

/// Whether ECS stopped the task for its containers' own checks.
pub(super) fn failed_own_check(reason: &str) -> bool {
    reason.to_ascii_lowercase().contains("failed container health checks")
}

/// Whether ECS stopped the task for a load balancer's check.
pub(super) fn failed_load_balancer(reason: &str) -> bool {
    reason.to_ascii_lowercase().contains("failed elb health checks")
}

/// How a container is checked, in numbers: the command may hold what is secret.
pub(super) fn own_check(container: &Value) -> String {
    // The defaults: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html>.
    let check = &container["healthCheck"];
    let number = |name: &str, default: u64| check[name].as_u64().unwrap_or(default);
    format!(
        "its `healthCheck` failed {} times in a row (every {} s, each with {} s to answer, after a start of {} s): run its command in the image, \
         and see the log",
        number("retries", 3),
        number("interval", 30),
        number("timeout", 5),
        number("startPeriod", 0)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_load_balancers_say_is_told_once() {
        let event = |tail: &str| {
            format!("(service web) (task 1) (port 8080) is unhealthy in (target-group arn:x) due to {tail}")
        };
        let events = [
            event("(reason Health checks failed with these codes: [502])"),
            event("(reason Health checks failed with these codes: [502])."),
            event("(reason Request timed out)"),
            "(service web) (instance i-1) is unhealthy in (elb shop)".to_owned(),
            "(service web) has reached a steady state.".to_owned(),
        ];
        let said = of_targets(&events);
        assert_eq!(
            said,
            ["port 8080: Health checks failed with these codes: [502]", "port 8080: Request timed out", "unhealthy"]
        );
        assert!(explain(&said[0]).unwrap().contains("success codes"));
        assert!(explain(&said[1]).unwrap().contains("0.0.0.0"));
        assert!(explain("Task failed ELB health checks in (target-group x)").unwrap().contains("target group's path"));
        assert_eq!(explain("steady"), None);
    }

    #[test]
    fn a_containers_own_check_is_told_in_numbers() {
        let container =
            json!({"name": "app", "healthCheck": {"command": ["CMD", "curl", "-u", "a:hunter2"], "retries": 5}});
        let told = own_check(&container);
        assert!(told.contains("5 times in a row (every 30 s, each with 5 s"), "{told}");
        assert!(!told.contains("hunter2"));
        assert!(failed_own_check("Task failed container health checks"));
        assert!(is_unhealthy(&json!({"healthStatus": "UNHEALTHY"})) && !is_unhealthy(&json!({"healthStatus": 3})));
    }
}
