use proptest::prelude::*;
use serde_json::json;

use super::*;

const ARN: &str = "arn:aws:ecs:eu-west-1:1:task/prod/0123";

fn definition() -> Value {
    json!({"containerDefinitions": [
        {"name": "app"}, {"name": "proxy", "essential": true}, {"name": "side", "essential": false}
    ]})
}

fn task(status: &str, codes: [Option<i64>; 3]) -> Value {
    let container = |(name, code): (&str, Option<i64>)| match code {
        Some(code) => json!({"name": name, "lastStatus": "STOPPED", "exitCode": code}),
        None => json!({"name": name, "lastStatus": if status == "STOPPED" { "STOPPED" } else { "RUNNING" }}),
    };
    let containers: Vec<Value> = ["app", "proxy", "side"].into_iter().zip(codes).map(container).collect();
    json!({"taskArn": ARN, "lastStatus": status, "containers": containers})
}

fn stopped(codes: [Option<i64>; 3], code: &str, words: &str) -> Value {
    let mut task = task("STOPPED", codes);
    task["stopCode"] = json!(code);
    task["stoppedReason"] = json!(words);
    task
}

const EXITED: (&str, &str) = ("EssentialContainerExited", "Essential container in task exited");

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "tests pass what they make")]
fn check(answer: Value, expect: Option<TaskEnd>) {
    let step = Watch::new(ARN, &definition()).step(Look::Task(answer), Duration::from_secs(5));
    assert_eq!(step.end, expect);
}

#[expect(clippy::unnecessary_wraps, reason = "what `check` takes")]
fn failed(reason: &str, code: Option<i64>) -> Option<TaskEnd> {
    Some(TaskEnd::Failed { reason: reason.to_owned(), code })
}

#[test]
fn it_succeeds_when_every_essential_container_ended_with_0() {
    check(stopped([Some(0), Some(0), Some(143)], EXITED.0, EXITED.1), Some(TaskEnd::Succeeded));
    check(task("DEPROVISIONING", [Some(0), Some(0), Some(0)]), None);
}

#[test]
fn the_container_that_ended_by_itself_is_to_blame() {
    check(
        stopped([Some(143), Some(2), Some(0)], EXITED.0, EXITED.1),
        failed("app exited with 143 (stopped by SIGTERM); proxy exited with 2", Some(2)),
    );
}

#[test]
fn a_sidecar_that_was_told_to_stop_is_a_failure_with_a_hint() {
    let answer = stopped([Some(0), Some(143), None], EXITED.0, EXITED.1);
    let step = Watch::new(ARN, &definition()).step(Look::Task(answer), Duration::ZERO);
    assert_eq!(step.end, failed("proxy exited with 143 (stopped by SIGTERM)", Some(143)));
    assert_eq!(step.watch.only_told_to_stop(), Some("proxy"));
}

#[test]
fn what_never_ran_is_told_in_ecs_words() {
    let words = "CannotPullContainerError: denied";
    let mut answer = stopped([None, None, None], "TaskFailedToStart", words);
    answer["containers"][0]["reason"] = json!(words);
    check(answer, failed(&format!("{words}; proxy did not run"), None));
}

#[test]
fn what_ran_and_gave_no_code_is_not_said_not_to_have_run() {
    let words = "Host EC2 (instance i-1) terminated.";
    let end = failed(&format!("{words}; app gave no exit code; proxy gave no exit code"), None);
    let mut known = stopped([None; 3], "EssentialContainerExited", words);
    known["startedAt"] = json!(1_700_000_000.0);
    check(known, end.clone());
    let seen = Watch::new(ARN, &definition()).step(Look::Task(task("RUNNING", [None; 3])), Duration::ZERO).watch;
    let step = seen.step(Look::Task(stopped([None; 3], "EssentialContainerExited", words)), Duration::ZERO);
    assert_eq!(step.end, end);
    let told: Vec<String> = step.events.iter().map(ToString::to_string).collect();
    assert!(told.contains(&"app gave no exit code".to_owned()), "{told:?}");
}

#[test]
fn what_was_stopped_from_outside_has_not_succeeded() {
    let end = failed("it was stopped before it had ended by itself (UserInitiated: Task stopped by user)", None);
    check(stopped([Some(0), Some(0), None], "UserInitiated", "Task stopped by user"), end);
    check(
        stopped([Some(0), Some(137), None], "SpotInterruption", "Spot capacity is gone"),
        failed(
            "Spot capacity is gone; proxy exited with 137 (killed: out of memory, or it did not stop when it was told to)",
            Some(137),
        ),
    );
}

#[test]
fn each_change_is_told_once() {
    let mut watch = Watch::new(ARN, &definition());
    let mut told = Vec::new();
    let answers = [
        task("PENDING", [None; 3]),
        task("PENDING", [None; 3]),
        task("RUNNING", [None; 3]),
        task("DEPROVISIONING", [Some(1), None, None]),
        task("DEPROVISIONING", [Some(1), None, None]),
    ];
    for answer in answers {
        let step = watch.step(Look::Task(answer), Duration::ZERO);
        told.extend(step.events.iter().map(ToString::to_string));
        watch = step.watch;
    }
    let expect = [
        "task 0123: PENDING",
        "task 0123: RUNNING",
        "task 0123: DEPROVISIONING",
        "app exited with 1 (the program's own error)",
    ];
    assert_eq!(told, expect);
}

#[test]
fn a_task_that_is_not_known_yet_is_waited_for_a_minute() {
    let missing = |watch: Watch, second| watch.step(Look::Missing, Duration::from_secs(second));
    let step = missing(Watch::new(ARN, &definition()), 60);
    assert_eq!(step.end, None);
    let seen = step.watch.step(Look::Task(task("RUNNING", [None; 3])), Duration::from_secs(61)).watch;
    let step = missing(seen, 121);
    assert_eq!(step.end, None, "it was seen a minute ago");
    assert_eq!(missing(step.watch, 122).end, Some(TaskEnd::Gone));
}

fn code() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        Just(None),
        Just(Some(0)),
        Just(Some(1)),
        Just(Some(137)),
        Just(Some(143)),
        any::<u8>().prop_map(|code| Some(code.into()))
    ]
}

fn answer() -> impl Strategy<Value = Look> {
    let status = prop_oneof![
        Just("PROVISIONING"),
        Just("PENDING"),
        Just("RUNNING"),
        Just("DEPROVISIONING"),
        Just("STOPPED"),
        Just("SOMETHING_NEW"),
        Just("")
    ];
    let stop = prop_oneof![
        Just("EssentialContainerExited"),
        Just("TaskFailedToStart"),
        Just("UserInitiated"),
        Just(""),
        Just("NewCode")
    ];
    let known = (status, stop, [code(), code(), code()]).prop_map(|(status, stop, codes)| {
        let mut task = stopped(codes, stop, "words");
        task["lastStatus"] = json!(status);
        Look::Task(task)
    });
    prop_oneof![4 => known, 1 => Just(Look::Missing)]
}

proptest! {
    /// Whatever ECS answers, in whatever order: the first answer that says STOPPED decides, and nothing before it; success is told only
    /// where that answer has a 0 of every essential container and nobody stopped the task.
    #[test]
    fn success_is_told_only_of_what_was_seen(answers in prop::collection::vec(answer(), 1..20)) {
        let mut watch = Watch::new(ARN, &definition());
        for (index, look) in answers.into_iter().enumerate() {
            let second = u64::try_from(index).unwrap_or_default() * 2;
            let step = watch.step(look.clone(), Duration::from_secs(second));
            let stopped = match &look {
                Look::Task(task) if task["lastStatus"] == "STOPPED" => Some(task),
                Look::Task(_) | Look::Missing => None,
            };
            prop_assert_eq!(step.end.is_some(), stopped.is_some(), "nothing but STOPPED ends it within a minute");
            if let (Some(end), Some(task)) = (step.end, stopped) {
                let zero = |at: usize| task["containers"][at]["exitCode"] == 0;
                let fine = zero(0) && zero(1) && task["stopCode"] != "UserInitiated";
                prop_assert_eq!(end == TaskEnd::Succeeded, fine);
                return Ok(());
            }
            watch = step.watch;
        }
    }
}
