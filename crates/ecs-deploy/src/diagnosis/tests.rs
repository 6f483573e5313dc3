use actions_core::Redactor;
use serde_json::json;

use super::stopped::DeadContainer;
use super::*;

fn task(deployment: &str, reason: &str, containers: &Value) -> Value {
    json!({
        "startedBy": deployment, "taskDefinitionArn": "arn:td/shop:2", "stopCode": "EssentialContainerExited",
        "stoppedReason": reason, "containers": containers,
    })
}

fn grouped(tasks: &[Value], definition: &Value) -> Vec<StoppedTasks> {
    group(&ours(tasks, "ecs-svc/2", "arn:td/shop:2"), definition, &Mask::new(&Redactor::default(), definition))
}

fn lines(tasks: &[Value]) -> Vec<String> {
    grouped(tasks, &Value::Null).iter().map(StoppedTasks::describe).collect()
}

/// A diagnosis of three tasks whose container ended with 1.
pub(crate) fn crashed() -> Diagnosis {
    let dead = task("ecs-svc/2", "Essential container in task exited", &json!([{"name": "app", "exitCode": 1}]));
    Diagnosis { stopped: grouped(&[dead.clone(), dead.clone(), dead], &Value::Null), ..Diagnosis::default() }
}

#[test]
fn equal_causes_are_counted_together_the_commonest_first() {
    let dead = |id: &str| {
        let container = json!([
            {"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"},
            {"name": "side", "exitCode": 0}
        ]);
        task("ecs-svc/2", &format!("Essential container in task {id} exited"), &container)
    };
    let pull = json!({
        "startedBy": "ecs-svc/2", "stopCode": "TaskFailedToStart",
        "stoppedReason": "CannotPullContainerError: shop:2: not found", "containers": [{"name": "app"}]
    });
    assert_eq!(
        lines(&[pull, dead("0123456789abcdef0123456789abcdef"), dead("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")]),
        [
            "2 tasks stopped (EssentialContainerExited): Essential container in task … exited; app exited with 137 (killed: it used more \
             memory than its limit): OutOfMemoryError: Container killed due to memory usage",
            "1 task stopped (TaskFailedToStart): CannotPullContainerError: shop:2: not found",
        ]
    );
}

#[test]
fn only_the_tasks_of_the_deployment_count_and_no_scale_in() {
    let none = json!([]);
    let tasks = [
        task("ecs-svc/1", "an older deployment", &none),
        task("ecs-svc/2", "Scaling activity initiated by (deployment ecs-svc/3)", &none),
        task("", "no starter", &none),
        task("web", "another starter", &none),
        task("ecs-svc/2", "ours", &none),
    ];
    let reasons: Vec<String> = grouped(&tasks, &Value::Null).into_iter().map(|group| group.cause.reason).collect();
    assert_eq!(reasons, ["another starter", "no starter", "ours"]);
}

#[test]
fn the_newest_two_tasks_of_a_group_are_named() {
    let at = |id: &str, stopped: f64| {
        let mut task = task("ecs-svc/2", "gone", &json!([]));
        task["taskArn"] = json!(format!("arn:aws:ecs:x:1:task/prod/{id}"));
        task["stoppedAt"] = json!(stopped);
        task
    };
    let stopped = grouped(&[at("a", 1.0), at("b", 3.0), at("c", 2.5)], &Value::Null);
    assert_eq!((stopped[0].count, stopped[0].tasks.clone()), (3, vec!["b".to_owned(), "c".to_owned()]));
}

#[track_caller]
fn blamed(reason: &str, containers: &Value, expected: &[(&str, Option<i64>)]) {
    let definition = json!({"containerDefinitions": [{"name": "app"}, {"name": "side", "essential": false}, {"name": "proxy", "essential": true}]});
    let stopped = grouped(&[task("ecs-svc/2", reason, containers)], &definition);
    let seen: Vec<(&str, Option<i64>)> =
        stopped[0].cause.containers.iter().map(|container| (container.name.as_str(), container.exit_code)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_container_that_brought_the_task_down_is_blamed() {
    let exited = "Essential container in task exited";
    let both = |app: i64, side: i64| json!([{"name": "app", "exitCode": app}, {"name": "side", "exitCode": side}]);
    blamed(exited, &both(1, 143), &[("app", Some(1))]);
    blamed(exited, &both(1, 2), &[("app", Some(1))]);
    blamed(exited, &both(0, 143), &[("app", Some(0))]);
    blamed(exited, &both(0, 1), &[("app", Some(0))]);
    blamed(exited, &json!([{"name": "app", "exitCode": 137}, {"name": "proxy", "exitCode": 1}]), &[("proxy", Some(1))]);
    blamed(
        exited,
        &json!([{"name": "app", "exitCode": 143}, {"name": "proxy", "exitCode": 137}]),
        &[("proxy", Some(137))],
    );
    blamed(
        "CannotPullContainerError",
        &json!([{"name": "app", "reason": "CannotPullContainerError"}, {"name": "side"}]),
        &[("app", None)],
    );
    blamed("", &json!([{"name": "app"}, 3, null]), &[]);
}

#[test]
fn health_checks_are_blamed_before_what_they_led_to() {
    let containers = json!([
        {"name": "app", "exitCode": 137, "healthStatus": "UNHEALTHY"}, {"name": "proxy", "exitCode": 143, "healthStatus": "HEALTHY"}
    ]);
    blamed("Task failed container health checks", &containers, &[("app", Some(137))]);
    blamed(
        "Task failed ELB health checks in (target-group x)",
        &containers,
        &[("app", Some(137)), ("proxy", Some(143))],
    );
    let definition = json!({"containerDefinitions": [{"name": "app", "healthCheck": {"retries": 2}}]});
    let stopped = grouped(&[task("ecs-svc/2", "Task failed container health checks", &containers)], &definition);
    assert!(stopped[0].advice.contains("failed 2 times in a row"), "{}", stopped[0].advice);
    assert!(stopped[0].describe().contains("app was UNHEALTHY and exited with 137"), "{}", stopped[0].describe());
}

#[test]
fn a_container_is_described_by_its_code_and_ecs_words() {
    let told = |exit_code, has_run, reason: &str| {
        DeadContainer { name: "app".into(), exit_code, has_run, reason: reason.into(), unhealthy: false }.describe()
    };
    let dead = |exit_code, reason: &str| told(exit_code, false, reason);
    assert_eq!(dead(Some(3), ""), "app exited with 3");
    assert_eq!(dead(Some(139), ""), "app exited with 139 (segmentation fault)");
    assert_eq!(dead(None, "CannotPullContainerError"), "app did not run: CannotPullContainerError");
    assert_eq!(told(None, true, ""), "app gave no exit code");
}

#[test]
fn the_cause_is_short_and_the_last_words_follow() {
    let mut diagnosis = crashed();
    diagnosis.logs = vec![LogTail {
        container: "app".into(),
        task: "0a".into(),
        group: "/ecs/shop".into(),
        stream: "web/app/0a".into(),
        lines: ["start", "one", "two", "", "panic: no database"].map(str::to_owned).to_vec(),
    }];
    diagnosis.triggers = Triggers::from_answer(&json!({
        "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}
    }));
    diagnosis.blind_spots = vec!["grant `x` to see y".into()];
    insta::assert_snapshot!(diagnosis.short().join("\n"), @r"
    3 tasks stopped: app exited with 1 (the program's own error)
    app wrote: one
    app wrote: two
    app wrote: panic: no database
    grant `x` to see y
    ");
    let titles: Vec<String> = diagnosis.sections().into_iter().map(|section| section.title).collect();
    assert_eq!(
        titles,
        [
            "what ECS counted and watched:",
            "tasks of this deployment that stopped:",
            "last 5 lines of app in task 0a:",
            "what could not be seen:"
        ]
    );
}

#[test]
fn an_alarm_or_a_hook_is_the_cause_before_what_died() {
    let mut diagnosis = crashed();
    diagnosis.triggers.alarms = vec!["shop-5xx".into()];
    assert_eq!(diagnosis.cause().unwrap(), "alarms that went off: shop-5xx");
    assert_eq!(Diagnosis::default().cause(), None);
    assert!(Diagnosis::default().short().is_empty() && Diagnosis::default().sections().is_empty());
}

#[test]
fn a_program_for_another_processor_is_known_by_its_only_word() {
    let mut diagnosis = crashed();
    diagnosis.logs = vec![LogTail {
        container: "app".into(),
        task: "0a".into(),
        group: "g".into(),
        stream: "s".into(),
        lines: vec!["exec /usr/local/bin/app: exec format error".into()],
    }];
    assert!(diagnosis.advice().unwrap().contains("another processor"));
}

#[test]
fn answers_of_any_shape_are_survived() {
    for wrong in [
        json!(null),
        json!(7),
        json!("x"),
        json!([[]]),
        json!({"containers": {"a": 1}, "stoppedReason": [], "stoppedAt": "x"}),
    ] {
        let tasks = vec![wrong.clone(); 3];
        let stopped = grouped(&tasks, &wrong);
        assert!(stopped.len() <= 1, "{stopped:?}");
    }
}
