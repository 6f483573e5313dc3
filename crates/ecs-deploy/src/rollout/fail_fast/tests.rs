use serde_json::json;

use super::*;

const OURS: &str = "ecs-svc/2";

fn goal() -> Goal {
    Goal { deployment: OURS.into(), task_definition: "arn:td/shop:2".into(), ..Goal::default() }
}

fn task(code: &str, reason: &str, exit: i64) -> Value {
    json!({
        "startedBy": OURS, "stopCode": code, "stoppedReason": reason, "stoppingAt": 1_000.0,
        "containers": [{"name": "app", "exitCode": exit}]
    })
}

fn crashed() -> Value {
    task("EssentialContainerExited", "Essential container in task exited", 1)
}

/// One look at stopped tasks, and at those that run.
fn looked(stopped: &[Value], running: &[Value], service: &Service) -> (Option<String>, Vec<Event>, FailFast) {
    let mut state = FailFast::new(3);
    let mut told = Vec::new();
    let at = Duration::from_secs(15);
    assert_eq!(state.step(&goal(), &[], Some(service), at, &mut told), None);
    assert_eq!(state.question(), Some(Question::StoppedTasks));
    let mut end = state.step(&goal(), &[Answer::StoppedTasks(stopped.to_vec())], Some(service), at, &mut told);
    if state.is_urgent() {
        assert_eq!(state.question(), Some(Question::RunningTasks));
        let running = Answer::RunningTasks(running.to_vec());
        end = state.step(&goal(), &[running], Some(service), at, &mut told);
    }
    (end, told, state)
}

#[track_caller]
fn ends(stopped: &[Value]) -> bool {
    looked(stopped, &[], &Service::default()).0.is_some()
}

#[test]
fn three_of_one_cause_end_it_and_two_do_not() {
    let (end, ..) = looked(&[crashed(), crashed(), crashed()], &[], &Service::default());
    assert!(end.unwrap().starts_with("3 tasks stopped (EssentialContainerExited)"));
    assert!(!ends(&[crashed(), crashed()]));
    let pull = |image: &str| task("TaskFailedToStart", &format!("CannotPullContainerError: {image}"), 0);
    assert!(!ends(&[pull("a"), pull("b"), crashed()]), "three causes");
    assert!(ends(&[pull("a"), pull("a"), pull("a")]));
}

#[test]
fn what_is_nobodys_fault_does_not_count() {
    for (code, reason) in [
        ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/2)"),
        ("ServiceSchedulerInitiated", ""),
        ("UserInitiated", "Task stopped by user"),
        ("SpotInterruption", "Your Spot Task was interrupted."),
        ("TerminationNotice", "Host EC2 terminated"),
        ("TaskFailedToStart", "Capacity is unavailable at this time."),
        ("TaskFailedToStart", "RESOURCE:MEMORY"),
        ("ANewerCode", "x"),
    ] {
        assert!(!ends(&vec![task(code, reason, 137); 9]), "{code} {reason}");
    }
    let theirs = json!({"startedBy": "ecs-svc/1", "stopCode": "EssentialContainerExited", "containers": []});
    assert!(!ends(&vec![theirs; 9]));
    assert!(ends(&vec![
        task("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)", 137);
        3
    ]));
}

#[test]
fn a_task_that_was_or_is_healthy_ends_the_search() {
    let three = vec![crashed(); 3];
    let running = |more: Value| {
        let mut task =
            json!({"startedBy": OURS, "lastStatus": "RUNNING", "healthStatus": "UNKNOWN", "startedAt": 930.0});
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        task
    };
    let plain = Service::default();
    assert!(looked(&three, &[running(json!({"healthStatus": "HEALTHY", "startedAt": 999.0}))], &plain).0.is_none());
    assert!(looked(&three, &[running(json!({}))], &plain).0.is_none(), "it ran for 70 s, and nobody checks it");
    assert!(looked(&three, &[running(json!({"startedAt": 950.0}))], &plain).0.is_some(), "for 50 s only");
    let balanced = Service { has_load_balancer: true, ..Service::default() };
    assert!(looked(&three, &[running(json!({}))], &balanced).0.is_some(), "the load balancer has not said so");
    let mut old = crashed();
    old["startedAt"] = json!(100.0);
    old["stoppingAt"] = json!(400.0);
    let (end, _, state) = looked(&[old, crashed(), crashed(), crashed()], &[], &plain);
    assert!(end.is_none() && state.question().is_none());
}

#[test]
fn the_circuit_breaker_that_goes_back_is_left_to_do_it() {
    let service = Service { breaker_rolls_back: true, ..Service::default() };
    let (end, told, state) = looked(&vec![crashed(); 3], &[], &service);
    assert_eq!(end, None);
    assert!(told[0].to_string().ends_with("the circuit breaker is expected to go back"), "{told:?}");
    assert_eq!(state.question(), None);
}

#[test]
fn a_missing_permission_is_one_line_and_0_asks_nothing() {
    let mut state = FailFast::new(3);
    let mut told = Vec::new();
    let refused = Answer::TasksRefused(crate::rollout::Refusal { action: "ecs:ListTasks".into(), denied: true });
    state.step(&goal(), &[refused], None, Duration::from_secs(20), &mut told);
    assert_eq!(told.len(), 1);
    assert_eq!(state.question(), None);
    let mut off = FailFast::new(0);
    off.step(&goal(), &[], None, Duration::from_mins(9), &mut told);
    assert_eq!(off.question(), None);
}
