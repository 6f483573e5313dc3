use serde_json::json;

use super::*;

fn task(deployment: &str, reason: &str, containers: &Value) -> Value {
    json!({
        "startedBy": deployment, "taskDefinitionArn": "arn:td/shop:2", "stopCode": "EssentialContainerExited",
        "stoppedReason": reason, "containers": containers,
    })
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
    let tasks = [pull, dead("0123456789abcdef0123456789abcdef"), dead("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")];
    let lines: Vec<String> = stopped(&tasks, "ecs-svc/2", "").iter().map(StoppedTasks::describe).collect();
    assert_eq!(
        lines,
        [
            "2 tasks stopped (EssentialContainerExited): Essential container in task … exited; app exited with 137 (killed: out of \
             memory, or it did not stop when it was told to): OutOfMemoryError: Container killed due to memory usage",
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
    let reasons: Vec<String> =
        stopped(&tasks, "ecs-svc/2", "arn:td/shop:2").into_iter().map(|group| group.cause.reason).collect();
    assert_eq!(reasons, ["another starter", "no starter", "ours"]);
}

#[test]
fn exit_codes_are_explained() {
    for (code, part) in [
        (126, "cannot be executed"),
        (127, "not found"),
        (137, "out of memory"),
        (139, "segmentation fault"),
        (143, "SIGTERM"),
    ] {
        let dead = DeadContainer { name: "app".into(), exit_code: Some(code), reason: String::new() };
        assert!(dead.describe().contains(part), "{}", dead.describe());
    }
    let plain = DeadContainer { name: "app".into(), exit_code: Some(3), reason: String::new() };
    assert_eq!(plain.describe(), "app exited with 3");
    let never = DeadContainer { name: "app".into(), exit_code: None, reason: "CannotPullContainerError".into() };
    assert_eq!(never.describe(), "app did not run: CannotPullContainerError");
}
