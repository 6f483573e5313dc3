//! A task whose start or whose end nobody tells: what is not known must not lead to a second one.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::fault::Target;
use testkit::http::{Reply, Request};
use testkit::{FakeAws, Fault, RunOutput};

use crate::scene::run;
use crate::tasks::{TASK, gate, step, stopped, task, tasks};

fn is_run_task(request: &Request) -> bool {
    request.header("x-amz-target").is_some_and(|target| target.ends_with(".RunTask"))
}

/// The tokens of all requests that arrived, those without an answer included.
fn tokens(aws: &FakeAws) -> Vec<String> {
    let token = |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        body["clientToken"].as_str().unwrap().to_owned()
    };
    aws.requests().iter().filter(|request| is_run_task(request)).map(token).collect()
}

fn distinct(tokens: &[String]) -> usize {
    tokens.iter().collect::<BTreeSet<_>>().len()
}

fn busy() -> Reply {
    Reply::json(500, &json!({"__type": "ServerException", "message": "later"}))
}

fn said(out: &RunOutput) -> String {
    format!("{}{}{}", out.stdout, out.stderr, out.summary)
}

/// It ends with the error, and with no word that makes light of running it again.
#[track_caller]
fn is_unanswered(aws: &FakeAws, out: &RunOutput) {
    out.assert_code(4);
    let message = "ecs-run-task/unanswered: not known: a task of shop:8 may have been started, so service web in cluster prod was not updated";
    assert!(out.stderr.contains(message), "{}", out.stderr);
    let help = "before you run the step again, which would start a second one, look for the task: \
                `aws ecs list-tasks --cluster prod --family shop`";
    assert!(out.stderr.contains(help), "{}", out.stderr);
    assert!(!said(out).contains("re-running is safe"), "{}", said(out));
    let outputs = ["verdict", "run-task-arn", "revision", "exit-code"].map(|name| out.outputs[name].as_str());
    assert_eq!(outputs, ["unknown", "[]", "shop:8", ""]);
    assert!(out.outputs["reason"].contains("`ecs:RunTask`"), "{:?}", out.outputs);
    assert!(aws.calls_to("UpdateService").is_empty());
    assert_eq!(distinct(&tokens(aws)), 1, "{:?}", tokens(aws));
}

#[test]
fn a_task_that_nobody_answers_for_may_have_been_started() {
    for fault in
        [Fault::lose(), Fault::reply(busy()), Fault::halve(), Fault::reply(Reply::new(503).with_body("<html>"))]
    {
        let aws = gate(&stopped(0));
        aws.faults().add(fault.matching(is_run_task).always());
        let out = run(&step(&aws));
        is_unanswered(&aws, &out);
    }
}

#[test]
fn an_answer_that_says_no_does_not_speak_for_the_one_that_was_lost() {
    let aws = gate(&stopped(0));
    aws.on("RunTask").error(400, "ExpiredTokenException", "The security token included in the request is expired");
    aws.faults().add(Fault::lose().matching(is_run_task).times(1));
    is_unanswered(&aws, &run(&step(&aws)));
}

#[test]
fn a_task_that_is_refused_was_not_started() {
    for (code, told) in [
        ("AccessDeniedException", "access denied: `ecs:RunTask`"),
        ("ClientException", "`ecs:RunTask` on"),
        ("ClusterNotFoundException", "not found"),
    ] {
        let aws = gate(&stopped(0));
        aws.on("RunTask").error(400, code, "no");
        let out = run(&step(&aws));
        out.assert_code(1);
        assert!(out.stderr.contains(told), "{}", out.stderr);
        assert!(!out.stderr.contains("may have been started"), "{}", out.stderr);
    }
}

#[test]
fn an_answer_that_was_lost_is_asked_for_again_with_the_same_token() {
    for fault in [Fault::lose(), Fault::reply(busy()), Fault::halve()] {
        let aws = gate(&stopped(0));
        aws.faults().add(fault.matching(is_run_task).times(1));
        run(&step(&aws)).assert_code(0);
        let tokens = tokens(&aws);
        assert_eq!((tokens.len(), distinct(&tokens)), (2, 1), "{tokens:?}");
    }
}

fn no_capacity() -> Value {
    json!({"tasks": [], "failures": [{"reason": "Capacity is unavailable at this time. Please try again later."}]})
}

#[test]
fn a_want_of_capacity_is_answered_so_the_next_try_is_another_request() {
    let aws = gate(&stopped(0));
    aws.on("RunTask").reply(no_capacity()).then(tasks(&[task("PROVISIONING", None)]));
    let out = run(&step(&aws));
    out.assert_code(0);
    let tokens = tokens(&aws);
    assert_eq!((tokens.len(), distinct(&tokens)), (2, 2), "{tokens:?}");
    assert!(out.stderr.contains("ECS has no capacity for the task"), "{}", out.stderr);
}

#[test]
fn no_task_is_started_when_the_time_is_up() {
    let aws = gate(&stopped(0));
    // The first pauses are 5, 10 and 20 s.
    aws.on("RunTask")
        .reply(no_capacity())
        .then(no_capacity())
        .then(no_capacity())
        .then(tasks(&[task("RUNNING", None)]));
    let out = run(&step(&aws).input("wait-timeout", "20s"));
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-run-task/not-started"), "{}", out.stderr);
    assert!(out.stderr.contains("the time was up (`wait-timeout`) before it was tried again"), "{}", out.stderr);
    assert!(aws.calls_to("StopTask").is_empty());
}

#[test]
fn the_time_of_a_task_begins_when_it_is_started() {
    let mut seen = vec![task("RUNNING", None); 6];
    seen.push(task("STOPPED", Some(0)));
    let aws = gate(&seen);
    // 35 s of pauses, and some 30 s of looks: less than a minute of the task's own.
    aws.on("RunTask")
        .reply(no_capacity())
        .then(no_capacity())
        .then(no_capacity())
        .then(tasks(&[task("RUNNING", None)]));
    let out = run(&step(&aws).env("SLIPWAY_TIME_DIVISOR", "40").input("wait-timeout", "1m"));
    out.assert_code(0);
    assert!(aws.calls_to("StopTask").is_empty());
}

#[track_caller]
fn is_lost(out: &RunOutput, reason: &str) {
    out.assert_code(4);
    let message = "ecs-run-task/lost-sight: not known: the task of shop:8 was started, and how it ended cannot be seen, so service web in cluster prod was not updated";
    assert!(out.stderr.contains(message), "{}", out.stderr);
    assert!(out.stderr.contains("a second one would run beside it"), "{}", out.stderr);
    assert!(!said(out).contains("re-running is safe"), "{}", said(out));
    let outputs = ["verdict", "run-task-arn", "revision"].map(|name| out.outputs[name].clone());
    assert_eq!(outputs, ["unknown".to_owned(), json!([TASK]).to_string(), "shop:8".to_owned()]);
    assert!(out.outputs["reason"].contains(reason), "{:?}", out.outputs);
}

#[test]
fn a_task_that_cannot_be_seen_is_stopped_and_told() {
    for (code, reason) in [
        ("ExpiredTokenException", "the AWS credentials have expired"),
        ("AccessDeniedException", "access denied: `ecs:DescribeTasks`"),
    ] {
        let aws = gate(&stopped(0));
        aws.on("DescribeTasks").error(400, code, "no");
        let out = run(&step(&aws));
        is_lost(&out, reason);
        assert!(out.outputs["reason"].ends_with("; the task was asked to stop"), "{:?}", out.outputs);
        assert_eq!(out.stderr.contains("add this statement to the role's policy"), code == "AccessDeniedException");
        assert_eq!(aws.calls_to("StopTask").len(), 1);
        assert!(aws.calls_to("UpdateService").is_empty());
    }
}

#[test]
fn a_task_that_ecs_does_not_know_any_more_is_not_said_to_run_still() {
    let aws = gate(&[task("RUNNING", None)]);
    aws.on("DescribeTasks").reply(tasks(&[task("RUNNING", None)])).then(tasks(&[]));
    let out = run(&step(&aws));
    is_lost(&out, "ECS does not know the task any more");
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn a_run_that_is_cancelled_says_that_its_task_may_have_been_started() {
    let aws = gate(&stopped(0));
    let target = Target::default();
    aws.faults().add(Fault::abandon(&target).matching(is_run_task).times(1));
    let runner = step(&aws);
    let running = runner.spawn(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    target.aim(Some(running.pid()));
    let out = running.finish();
    out.assert_code(130);
    assert!(out.outputs["reason"].contains("so a task may have been started"), "{:?}", out.outputs);
}
