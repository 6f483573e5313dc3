use serde_json::json;

use super::*;

const OURS: &str = "ecs-svc/2";
/// When our deployment was made, in ECS's time.
const MADE: f64 = 1_000.0;

fn goal() -> Goal {
    Goal {
        deployment: OURS.into(),
        task_definition: "arn:td/shop:2".into(),
        created: Some(MADE),
        started: true,
        ..Goal::default()
    }
}

/// A task that stopped at the moment `at` after it had run for `life`.
fn dead(code: &str, reason: &str, at: f64, life: f64) -> Value {
    json!({
        "startedBy": OURS, "stopCode": code, "stoppedReason": reason, "startedAt": MADE + at - life, "stoppingAt": MADE + at,
        "containers": [{"name": "app", "exitCode": 1}]
    })
}

fn crashed(at: f64, life: f64) -> Value {
    dead("EssentialContainerExited", "Essential container in task exited", at, life)
}

fn running(since: f64, health: &str) -> Value {
    json!({"startedBy": OURS, "lastStatus": "RUNNING", "healthStatus": health, "startedAt": MADE + since})
}

/// What there is at a moment, in seconds after the start.
trait World {
    fn stopped(&self, at: f64) -> Vec<Value>;
    fn running(&self, at: f64) -> Vec<Value>;
}

impl<S: Fn(f64) -> Vec<Value>, R: Fn(f64) -> Vec<Value>> World for (S, R) {
    fn stopped(&self, at: f64) -> Vec<Value> {
        self.0(at)
    }

    fn running(&self, at: f64) -> Vec<Value> {
        self.1(at)
    }
}

struct Seen {
    /// The cause and the second in which it was told, if it was.
    end: Option<(String, u32)>,
    told: Vec<Event>,
    /// How often the stopped tasks were asked for.
    asked: usize,
}

/// Looks every five seconds for five minutes.
fn watch_for(goal: &Goal, service: &Service, world: &impl World) -> Seen {
    let (mut state, mut told, mut asked) = (FailFast::new(3), Vec::new(), 0);
    for second in (0..300).step_by(5) {
        let at = Duration::from_secs(second.into());
        let mut answers = Vec::new();
        for _ in 0..3 {
            if let Some(cause) = state.step(goal, &answers, Some(service), at, &mut told) {
                return Seen { end: Some((cause, second)), told, asked };
            }
            answers = match state.question() {
                Some(Question::StoppedTasks) => {
                    asked += 1;
                    vec![Answer::StoppedTasks(world.stopped(second.into()))]
                }
                Some(Question::RunningTasks) => vec![Answer::RunningTasks(world.running(second.into()))],
                _ => break,
            };
        }
    }
    Seen { end: None, told, asked }
}

fn watch(stopped: &[Value], running: &[Value], service: &Service) -> Seen {
    watch_for(&goal(), service, &(|_| stopped.to_vec(), |_| running.to_vec()))
}

#[track_caller]
fn ends(stopped: &[Value]) -> bool {
    watch(stopped, &[], &Service::default()).end.is_some()
}

#[test]
fn three_of_one_cause_end_it_and_two_do_not() {
    let (cause, second) = watch(&vec![crashed(9.0, 5.0); 3], &[], &Service::default()).end.unwrap();
    assert!(cause.starts_with("3 tasks stopped (EssentialContainerExited)"), "{cause}");
    assert!(second <= 30, "{second}");
    assert!(!ends(&vec![crashed(9.0, 5.0); 2]));
    let pull = |image: &str| dead("TaskFailedToStart", &format!("CannotPullContainerError: {image}"), 9.0, 0.0);
    assert!(!ends(&[pull("a"), pull("b"), crashed(9.0, 5.0)]), "three causes");
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
        assert!(!ends(&vec![dead(code, reason, 9.0, 5.0); 9]), "{code} {reason}");
    }
    let theirs = json!({"startedBy": "ecs-svc/1", "stopCode": "EssentialContainerExited", "containers": []});
    assert!(!ends(&vec![theirs; 9]));
    let checked = dead("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)", 60.0, 50.0);
    assert!(ends(&vec![checked; 3]));
}

#[test]
fn a_task_that_was_or_is_healthy_ends_the_search() {
    let (three, plain) = (vec![crashed(9.0, 5.0); 3], Service::default());
    let seen = watch(&three, &[running(8.0, "HEALTHY")], &plain);
    assert_eq!((seen.end, seen.asked), (None, 1));
    // One ran for five minutes, and nobody checks it.
    let old = crashed(310.0, 300.0);
    let seen = watch(&[old, crashed(9.0, 5.0), crashed(9.0, 5.0), crashed(9.0, 5.0)], &[], &plain);
    assert_eq!((seen.end, seen.asked), (None, 1));
}

#[test]
fn some_that_die_are_no_failure_while_others_stay() {
    let three = vec![crashed(9.0, 5.0); 3];
    for has_load_balancer in [false, true] {
        let service = Service { has_load_balancer, ..Service::default() };
        for health in ["", "UNKNOWN"] {
            // Those that began with the dead, those that took their place, and those that a health check has not decided on.
            for since in [4.0, 14.0, 20.0] {
                let seen = watch(&three, &[running(since, health)], &service);
                assert_eq!(seen.end, None, "{since} {health} {has_load_balancer}");
            }
        }
        assert!(watch(&three, &[running(4.0, "UNHEALTHY")], &service).end.is_some());
    }
    // Of another deployment is none of ours.
    let theirs = json!({"startedBy": "ecs-svc/1", "lastStatus": "RUNNING", "startedAt": MADE - 900.0});
    assert!(watch(&three, &[theirs], &Service::default()).end.is_some());
}

#[test]
fn a_crash_loop_is_told_however_long_a_task_lives() {
    let balanced = Service { has_load_balancer: true, ..Service::default() };
    for life in [0.5, 5.0, 30.0, 70.0] {
        let start = |nth: u32| 4.0 + f64::from(nth) * (life + 5.0);
        let stopped = |at: f64| {
            let over = (0..60).map(|nth| start(nth) + life).filter(|end| *end <= at);
            over.flat_map(|end| [crashed(end, life), crashed(end, life)]).collect()
        };
        let living = |at: f64| {
            let now = (0..60).map(start).filter(|start| *start <= at && at < start + life);
            now.flat_map(|start| [running(start, "UNKNOWN"), running(start, "UNKNOWN")]).collect()
        };
        let seen = watch_for(&goal(), &balanced, &(stopped, living));
        let (_, second) = seen.end.unwrap_or_else(|| panic!("one of {life} s is not told"));
        // The third task dies in the second round.
        let third = start(1) + life;
        assert!(f64::from(second) <= third + 60.0, "{life}: told after {second} s, and the third died after {third}");
    }
}

#[test]
fn of_a_deployment_that_another_run_began_only_what_is_seen_tells_how_long_a_task_runs() {
    // Three died long ago, and what took their place has run ever since.
    let joined = Goal { started: false, created: None, ..goal() };
    let world = (|_: f64| vec![crashed(-900.0, 60.0); 3], |_: f64| vec![running(-890.0, "")]);
    let balanced = Service { has_load_balancer: true, ..Service::default() };
    assert_eq!(watch_for(&joined, &balanced, &world).end, None);
    let alone = (|_: f64| vec![crashed(-900.0, 60.0); 3], |_: f64| Vec::new());
    assert!(watch_for(&joined, &balanced, &alone).end.is_some());
}

#[test]
fn the_circuit_breaker_that_goes_back_is_left_to_do_it() {
    let service = Service { breaker_rolls_back: true, ..Service::default() };
    let seen = watch(&vec![crashed(9.0, 5.0); 3], &[], &service);
    assert_eq!(seen.end, None);
    assert_eq!(seen.told.len(), 1, "{:?}", seen.told);
    assert!(seen.told[0].to_string().ends_with("the circuit breaker is expected to go back"), "{:?}", seen.told);
}

#[test]
fn no_secret_of_a_command_is_in_the_cause() {
    let words =
        "CannotStartContainerError: exec: \"node server.js --password=hunter2\":\nexecutable file not found in $PATH";
    let mut dead = dead("TaskFailedToStart", words, 9.0, 0.0);
    dead["containers"] = json!([{"name": "app", "reason": format!("{words} {}", "x".repeat(3000))}]);
    let (cause, _) = watch(&vec![dead; 3], &[], &Service::default()).end.unwrap();
    assert!(cause.contains("--password=***") && !cause.contains("hunter2"), "{cause}");
    assert!(!cause.contains('\n') && cause.chars().count() < 2500, "{cause}");
    let definition =
        json!({"containerDefinitions": [{"environment": [{"name": "API_TOKEN", "value": "s3cr3t-of-the-file"}]}]});
    let goal = Goal { definition, ..goal() };
    let dead = crashed_with("it said s3cr3t-of-the-file");
    let seen = watch_for(&goal, &Service::default(), &(|_| vec![dead.clone(); 3], |_| Vec::new()));
    assert!(!seen.end.unwrap().0.contains("s3cr3t-of-the-file"));
}

fn crashed_with(words: &str) -> Value {
    dead("EssentialContainerExited", words, 9.0, 5.0)
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

#[test]
fn what_is_not_answered_is_not_asked_for_at_every_poll() {
    let mut state = FailFast::new(3);
    let mut asked = Vec::new();
    for second in (0..60).step_by(5) {
        let at = Duration::from_secs(second);
        state.step(&goal(), &[], None, at, &mut Vec::new());
        if state.question().is_some() {
            asked.push(second);
            state.step(&goal(), &[Answer::TasksNotAnswered], None, at, &mut Vec::new());
        }
    }
    assert_eq!(asked, [15, 30, 45]);
}
