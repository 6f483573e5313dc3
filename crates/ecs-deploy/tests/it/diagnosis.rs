//! Why a deployment did not end well: in the log, in the one annotation, in the summary, and as JSON.

use serde_json::{Value, json};
use testkit::ecs::{Clock, definition, named};
use testkit::{FakeAws, FakeEcs, FakeRunner, Fault, RunOutput};

use crate::scene::{file, old, ours, run, runner, scene, service};

const BINARY: &str = env!("CARGO_BIN_EXE_ecs-deploy");
const LAST_WORDS: &str = "app wrote: panic: cannot reach the database db.internal:5432";

fn told(scenario: &str) -> RunOutput {
    let ecs = FakeEcs::start(named(scenario));
    let out = ecs.runner().run(BINARY, Vec::<String>::new());
    out.assert_code(ecs.scenario().ours.exit);
    let seen = format!("{}{}{}{:?}", out.stdout, out.stderr, out.summary, out.outputs);
    assert!(!seen.contains(definition::SECRET), "a secret was printed:\n{seen}");
    out
}

fn diagnosis(out: &RunOutput) -> Value {
    let text = &out.outputs["diagnosis-json"];
    assert!(text.len() <= 64 * 1024, "{}", text.len());
    serde_json::from_str(text).unwrap()
}

/// The lines from the failure's first one on.
fn failure(out: &RunOutput) -> Vec<&str> {
    out.stderr.lines().skip_while(|line| !line.starts_with("ecs-deploy/")).collect()
}

fn errors(out: &RunOutput) -> Vec<&str> {
    out.stdout.lines().filter(|line| line.starts_with("::error")).collect()
}

#[test]
fn the_first_lines_of_the_failure_say_what_failed_and_why() {
    let out = told("breaker-without-rollback");
    let block = failure(&out);
    let first = block[..block.len().min(10)].join("\n");
    for part in [
        "ecs-deploy/failed: failed: shop:8 on service web in cluster prod",
        "3 tasks stopped: app exited with 1 (the program's own error)",
        "app wrote: token *** was refused",
        LAST_WORDS,
    ] {
        assert!(first.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(block.len() <= 12, "{block:#?}");
    let errors = errors(&out);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].contains("app exited with 1") && errors[0].len() < 1500, "{}", errors[0]);
}

#[test]
fn the_diagnosis_is_one_json_document() {
    let out = told("rollback-with-reason");
    let document = diagnosis(&out);
    let service = &document["services"][0];
    assert_eq!((&document["version"], &document["truncated"]), (&json!(1), &json!(false)));
    assert_eq!(service["service"], "web");
    assert_eq!(service["verdict"], "rolled-back");
    assert_eq!(service["cause"], "3 tasks stopped: app exited with 1 (the program's own error)");
    let group = &service["stopped"][0];
    assert_eq!((&group["count"], &group["stop-code"]), (&json!(3), &json!("EssentialContainerExited")));
    assert_eq!(group["containers"][0]["exit-code"], 1);
    assert_eq!(service["logs"].as_array().unwrap().len(), 2, "the newest two tasks: {service:#}");
    assert_eq!(service["logs"][0]["lines"][2], "panic: cannot reach the database db.internal:5432");
    assert_eq!(service["logs"][0]["group"], definition::LOGS.0);
}

#[test]
fn the_summary_has_the_cause_a_table_the_logs_and_a_timeline() {
    let summary = told("rollback-with-reason").summary;
    for part in [
        "**3 tasks stopped: app exited with 1 \\(the program's own error\\)**",
        "| Stopped tasks | Code | Reason | Containers |",
        "<details><summary>last 3 lines of app in task ",
        "token *** was refused",
        "```mermaid\ngantt\n",
        "section web",
        "failed :crit, milestone, ",
        "rollback :done, ",
    ] {
        assert!(summary.contains(part), "{part}\n{summary}");
    }
    let cause = summary.find("**3 tasks stopped").unwrap();
    assert!(cause < summary.find("| Cluster |").unwrap(), "the cause comes first: {summary}");
}

#[test]
fn a_success_has_a_timeline_and_no_diagnosis() {
    let out = told("alarm-bake");
    assert_eq!(out.outputs["diagnosis-json"], "");
    assert!(out.summary.contains("verdict deployed :milestone, "), "{}", out.summary);
    assert!(out.summary.contains("old tasks draining :done, "), "{}", out.summary);
}

/// A failed deployment of a task definition whose container logs to `CloudWatch`.
fn failing(lines: &Value) -> (FakeAws, FakeRunner) {
    let aws = scene([service(&[ours("FAILED"), old("ACTIVE")])]);
    aws.on("GetLogEvents").reply(json!({"events": lines}));
    let mut file = file();
    file["containerDefinitions"][0]["logConfiguration"] = json!({"logDriver": "awslogs", "options": {
        "awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"
    }});
    let runner = runner(&aws).file("td.json", file.to_string());
    (aws, runner)
}

fn event(message: &str) -> Value {
    json!({"timestamp": 1, "ingestionTime": 1, "message": message})
}

#[test]
fn each_missing_permission_costs_one_line_that_names_it() {
    for (operation, action, what) in [
        ("ListTasks", "ecs:ListTasks", "why tasks stopped"),
        ("DescribeTasks", "ecs:DescribeTasks", "why tasks stopped"),
        ("GetLogEvents", "logs:GetLogEvents", "what app wrote"),
    ] {
        let (aws, runner) = failing(&json!([]));
        aws.on(operation).error(400, "AccessDeniedException", "User is not authorized to perform this");
        let out = run(&runner);
        out.assert_code(1);
        let line = format!("grant `{action}` to see {what}");
        assert_eq!(failure(&out).iter().filter(|seen| seen.contains(&line)).count(), 1, "{line}\n{}", out.stderr);
        assert_eq!(diagnosis(&out)["services"][0]["blind-spots"], json!([line]));
    }
}

#[test]
fn the_newest_lines_are_asked_for_with_the_stream_of_the_task() {
    let (aws, runner) = failing(&json!([event("one"), event("two")]));
    let out = run(&runner);
    assert!(out.stderr.contains("app wrote: two"), "{}", out.stderr);
    let calls = aws.calls_to("GetLogEvents");
    assert_eq!(calls.len(), 1);
    assert_eq!(
        calls[0].body,
        json!({"logGroupName": "/ecs/shop", "logStreamName": "web/app/1", "limit": 50, "startFromHead": false})
    );
}

#[test]
fn a_stream_that_is_not_there_is_asked_for_once_more() {
    let (aws, runner) = failing(&json!([]));
    aws.on("GetLogEvents")
        .error(400, "ResourceNotFoundException", "The specified log stream does not exist.")
        .then(json!({"events": [event("late")]}));
    assert!(run(&runner).stderr.contains("app wrote: late"));
    aws.on("GetLogEvents").error(400, "ResourceNotFoundException", "The specified log stream does not exist.");
    let out = run(&runner);
    assert!(out.stderr.contains("its log group has no stream `web/app/1`"), "{}", out.stderr);
}

#[test]
fn all_pages_of_tasks_are_read_a_hundred_at_a_time() {
    let aws = scene([service(&[ours("FAILED"), old("ACTIVE")])]);
    let arns = |from: usize| {
        (from..from + 100).map(|n| format!("arn:aws:ecs:eu-west-1:123456789012:task/prod/{n:032x}")).collect::<Vec<_>>()
    };
    aws.on("ListTasks").reply(json!({"taskArns": arns(0), "nextToken": "2"})).then(json!({"taskArns": arns(100)}));
    aws.on("DescribeTasks").answer(|call| {
        let tasks = call.body["tasks"].as_array().cloned().unwrap_or_default();
        let tasks: Vec<Value> = tasks
            .iter()
            .map(|arn| json!({"taskArn": arn, "startedBy": "ecs-svc/2", "stopCode": "TaskFailedToStart", "stoppedReason": format!("no {arn}")}))
            .collect();
        testkit::http::Reply::json(200, &json!({"tasks": tasks, "failures": []}))
    });
    let out = run(&runner(&aws));
    assert_eq!(aws.calls_to("ListTasks")[1].body["nextToken"], "2");
    assert_eq!(aws.calls_to("DescribeTasks").len(), 2);
    assert_eq!(diagnosis(&out)["services"][0]["stopped"][0]["count"], 200);
}

#[test]
fn tasks_that_have_not_stopped_are_told_with_their_health() {
    let aws = scene([service(&[ours("IN_PROGRESS"), old("ACTIVE")])]);
    aws.on("DescribeTasks").reply(json!({"tasks": [
        {"taskArn": "arn:task/1", "startedBy": "ecs-svc/2", "lastStatus": "RUNNING", "healthStatus": "UNHEALTHY",
         "containers": [{"name": "app", "healthStatus": "UNHEALTHY"}]}
    ], "failures": []}));
    aws.on("ListTasks").answer(|call| {
        let arns = if call.body["desiredStatus"] == "STOPPED" { json!([]) } else { json!(["arn:task/1"]) };
        testkit::http::Reply::json(200, &json!({"taskArns": arns}))
    });
    let out = run(&runner(&aws).input("wait-timeout", "0s"));
    out.assert_code(4);
    let line = "1 task is RUNNING and UNHEALTHY (the health check of app fails)";
    assert!(failure(&out).iter().any(|seen| seen.contains(line)), "{}", out.stderr);
}

#[test]
fn hostile_answers_change_no_verdict() {
    let deep = (0..100).fold(json!("x"), |inner, _| json!([inner]));
    let huge = "A".repeat(300_000);
    for tasks in [
        json!({"tasks": "none"}),
        json!({"tasks": [null, 3, [], {"startedBy": "ecs-svc/2", "containers": {"a": 1}, "stoppedAt": "x", "stoppedReason": 7}]}),
        json!({"tasks": [{"taskArn": deep, "startedBy": "ecs-svc/2", "stoppedReason": huge, "containers": [{"name": huge, "exitCode": 1e300}]}]}),
        json!([]),
    ] {
        let (aws, runner) = failing(&json!([event("```\n</details>\n::error::forged\u{1b}[2J"), event(&huge)]));
        aws.on("DescribeTasks").reply(tasks);
        let out = run(&runner);
        out.assert_code(1);
        assert_eq!(out.outputs["verdict"], "failed");
        assert_eq!(errors(&out).len(), 1, "{}", out.stdout);
        assert!(out.summary.len() <= 64 * 1024 + 1, "{}", out.summary.len());
        diagnosis(&out);
        // Answers that break the model are what this is about.
        aws.violations();
    }
}

#[test]
fn what_a_task_wrote_stays_text() {
    let lines = json!([event("```\n</details>\n::error::forged"), event("<img src=x> [a](http://b) @someone")]);
    let (_aws, runner) = failing(&lines);
    let out = run(&runner);
    assert_eq!(errors(&out).len(), 1, "{}", out.stdout);
    assert!(!out.stderr.lines().any(|line| line.starts_with("::error")), "{}", out.stderr);
    assert!(
        out.summary.contains("````text\n```\n</details>\n"),
        "the fence is longer than the one inside: {}",
        out.summary
    );
}

#[test]
fn a_diagnosis_that_hangs_does_not_keep_a_cancelled_run() {
    let aws = scene([service(&[ours("IN_PROGRESS"), old("ACTIVE")])]);
    let lists = |request: &testkit::http::Request| {
        request.header("x-amz-target").is_some_and(|target| target.ends_with("ListTasks"))
    };
    aws.faults().add(Fault::hang().matching(lists).always());
    let runner = runner(&aws);
    let mut running = runner.spawn(BINARY, Vec::<String>::new());
    running.wait_for_output("IN_PROGRESS");
    running.terminate();
    let out = running.finish();
    out.assert_code(130);
    assert_eq!(out.outputs["verdict"], "cancelled");
    assert!(out.stderr.contains("why tasks stopped was not answered in time"), "{}", out.stderr);
}

#[test]
fn an_image_that_cannot_be_pulled_comes_with_advice() {
    let ecs = FakeEcs::start_with(named("image-cannot-be-pulled"), Clock::EachLook(std::time::Duration::from_secs(5)))
        .unwrap();
    let out = ecs.runner().input("wait-timeout", "20s").run(BINARY, Vec::<String>::new());
    assert_ne!(out.code, 0);
    let block = failure(&out).join("\n");
    assert!(block.contains("CannotPullContainerError: pull image manifest"), "{}", out.stderr);
    assert!(block.contains("help: there is no such image: check its tag"), "{}", out.stderr);
}
