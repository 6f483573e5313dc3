//! A task of the new revision before the service is updated: a gate.

mod dry_run;

use serde_json::{Value, json};
use testkit::http::Reply;
use testkit::{FakeAws, FakeRunner};

use crate::scene::{NEW, OLD, deployment, described, old, only_body, ours, run, runner, scene, service};

pub(crate) const TASK: &str = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef";

/// The service, with a network.
pub(crate) fn placed(mut service: Value) -> Value {
    service["launchType"] = json!("FARGATE");
    service["platformVersion"] = json!("1.4.0");
    service["networkConfiguration"] = json!({"awsvpcConfiguration": {
        "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"
    }});
    service
}

/// The task as `DescribeTasks` tells it.
pub(crate) fn task(status: &str, code: Option<i64>) -> Value {
    let container = |name: &str, code: Option<i64>| match code {
        Some(code) => json!({"name": name, "lastStatus": "STOPPED", "exitCode": code}),
        None => json!({"name": name, "lastStatus": status}),
    };
    let mut task = json!({
        "taskArn": TASK, "taskDefinitionArn": NEW, "lastStatus": status, "desiredStatus": "RUNNING",
        "containers": [container("app", code), container("side", code.map(|_| 143))]
    });
    if status == "STOPPED" {
        task["stopCode"] = json!("EssentialContainerExited");
        task["stoppedReason"] = json!("Essential container in task exited");
    }
    task
}

/// An answer that holds tasks.
pub(crate) fn tasks(all: &[Value]) -> Value {
    json!({"tasks": all, "failures": []})
}

/// A service whose deployment goes well, behind a task that is seen so.
pub(crate) fn gate(seen: &[Value]) -> FakeAws {
    let complete = placed(service(&[ours("COMPLETED")]));
    let before = || described(placed(service(&[old("PRIMARY")])));
    let aws = scene([]);
    // One look to plan, one after the task.
    aws.on("DescribeServices").reply(before()).then(before()).then(described(complete));
    aws.on("RunTask").reply(tasks(&[task("PROVISIONING", None)]));
    aws.on("DescribeTasks")
        .reply(tasks(&seen[..1]))
        .sequence(seen[1..].iter().map(|task| tasks(std::slice::from_ref(task))));
    aws.on("StopTask").reply(json!({"task": task("RUNNING", None)}));
    aws
}

pub(crate) fn stopped(code: i64) -> [Value; 3] {
    [task("PENDING", None), task("RUNNING", None), task("STOPPED", Some(code))]
}

pub(crate) fn step(aws: &FakeAws) -> FakeRunner {
    runner(aws).input("run-task", "true").env("SLIPWAY_TIME_DIVISOR", "100")
}

/// The file with a log group.
pub(crate) fn logging() -> String {
    let mut file = crate::scene::file();
    for container in file["containerDefinitions"].as_array_mut().unwrap() {
        container["logConfiguration"] = json!({"logDriver": "awslogs", "options": {
            "awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"
        }});
    }
    file.to_string()
}

#[test]
fn the_service_is_updated_behind_a_task_that_ended_well() {
    let aws = gate(&stopped(0));
    let out = run(&step(&aws));
    out.assert_code(0);
    let mut body = only_body(&aws, "RunTask");
    let token = body.as_object_mut().unwrap().remove("clientToken").unwrap();
    assert!(token.as_str().is_some_and(|token| token.len() > 20), "{token}");
    let network = placed(json!({}))["networkConfiguration"].clone();
    assert_eq!(
        body,
        json!({"cluster": "prod", "taskDefinition": NEW, "count": 1, "startedBy": "GitHub-Actions", "launchType": "FARGATE",
               "platformVersion": "1.4.0", "networkConfiguration": network})
    );
    let order: Vec<String> = aws
        .operations()
        .into_iter()
        .filter(|name| !name.starts_with("Describe") && !name.starts_with("List"))
        .collect();
    assert_eq!(order, ["RegisterTaskDefinition", "RunTask", "UpdateService"]);
    let said = ["verdict", "run-task-arn", "exit-code"].map(|name| out.outputs[name].clone());
    assert_eq!(said, ["deployed".to_owned(), json!([TASK]).to_string(), "0".to_owned()]);
    assert!(
        out.summary.contains("| Task | succeeded \\(exit code 0\\) |")
            || out.summary.contains("| Task | succeeded (exit code 0) |"),
        "{}",
        out.summary
    );
    assert!(out.stderr.contains("task 0123456789abcdef: RUNNING\n"), "{}", out.stderr);
}

#[test]
fn no_service_is_updated_behind_a_task_that_failed() {
    let aws = gate(&stopped(1));
    let out = run(&step(&aws));
    out.assert_code(1);
    assert!(aws.calls_to("UpdateService").is_empty());
    let message = "ecs-run-task/failed: failed: the task of shop:8 ended with exit code 1, so service web in cluster prod was not updated";
    assert!(out.stderr.contains(message), "{}", out.stderr);
    let said = ["verdict", "reason", "exit-code"].map(|name| out.outputs[name].as_str());
    assert_eq!(said, ["failed", "app exited with 1 (the program's own error)", "1"]);
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!(services[0]["reason"], "the service was not updated");
    let diagnosis: Value = serde_json::from_str(&out.outputs["diagnosis-json"]).unwrap();
    assert!(diagnosis.to_string().contains("app"), "{diagnosis}");
}

#[test]
fn what_the_containers_write_is_told_while_they_do_and_without_secrets() {
    let aws = gate(&[task("RUNNING", None), task("RUNNING", None), task("STOPPED", Some(2))]);
    aws.on("GetLogEvents").answer(|call| {
        let all = ["migrating", "::error::with hunter2-override", "cannot open the database"];
        let from = call.body["nextToken"].as_str().map_or(0, |token| token.len() - 2);
        let is_app = call.body["logStreamName"] == "web/app/0123456789abcdef";
        let to = if is_app { (from + 1).min(all.len()) } else { 0 };
        let events: Vec<Value> =
            all[from.min(to)..to].iter().map(|line| json!({"timestamp": 1, "message": line})).collect();
        Reply::json(200, &json!({"events": events, "nextForwardToken": format!("f/{}", "x".repeat(to))}))
    });
    let overrides = json!([{"name": "app", "command": ["migrate"], "environment": [{"name": "DB_PASSWORD", "value": "hunter2-override"}]}]);
    let out = run(&step(&aws).file("td.json", logging()).input("run-task-container-overrides", &overrides.to_string()));
    out.assert_code(1);
    assert_eq!(only_body(&aws, "RunTask")["overrides"], json!({"containerOverrides": overrides}));
    let seen = format!("{}{}{}{:?}", out.stdout, out.stderr, out.summary, out.outputs);
    assert!(!seen.contains("hunter2-override"), "{seen}");
    for line in ["app | migrating\n", "app | ::error::with ***\n", "app | cannot open the database\n"] {
        assert_eq!(out.stderr.matches(line).count(), 1, "{line}{}", out.stderr);
    }
    assert!(out.summary.contains("cannot open the database"), "{}", out.summary);
    let first = out.stderr.find("app | migrating").unwrap();
    assert!(first < out.stderr.find("STOPPED").unwrap(), "live:\n{}", out.stderr);
}

#[test]
fn a_log_that_may_not_be_read_costs_one_line() {
    let aws = gate(&stopped(0));
    aws.on("GetLogEvents").error(400, "AccessDeniedException", "no");
    let out = run(&step(&aws).file("td.json", logging()));
    out.assert_code(0);
    assert!(out.stdout.contains("grant `logs:GetLogEvents` to see what app writes"), "{}", out.stdout);
    assert_eq!(aws.calls_to("GetLogEvents").len(), 2, "once a container");
}

#[test]
fn nothing_to_update_runs_no_task() {
    let aws = gate(&stopped(0));
    aws.on("DescribeServices").reply(described(placed(service(&[old("PRIMARY")]))));
    let out = run(&step(&aws).input("images", "").input("task-definition", ""));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "already-deployed");
    assert!(aws.calls_to("RunTask").is_empty());
}

#[test]
fn what_ecs_says_of_a_task_it_did_not_start_is_told() {
    let aws = gate(&stopped(0));
    let failure = |reason: &str, arn: &str| json!({"reason": reason, "arn": arn});
    aws.on("RunTask").reply(json!({"tasks": [], "failures": [
        failure("AGENT", "arn:container-instance/1"), failure("RESOURCE:MEMORY", "arn:container-instance/2")
    ]}));
    let out = run(&step(&aws));
    out.assert_code(1);
    for part in [
        "ecs-run-task/not-started: ECS started no task of `shop:8`",
        "AGENT: arn:container-instance/1",
        "RESOURCE:MEMORY: arn:container-instance/2",
    ] {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn a_service_that_was_deployed_meanwhile_is_left_alone_and_the_task_runs_once() {
    let aws = gate(&stopped(0));
    let theirs = deployment("ecs-svc/9", "PRIMARY", OLD, "COMPLETED");
    aws.on("DescribeServices")
        .reply(described(placed(service(&[old("PRIMARY")]))))
        .then(described(placed(service(&[theirs]))));
    let out = run(&step(&aws));
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-deploy/moved-after-task"), "{}", out.stderr);
    assert_eq!(aws.calls_to("RunTask").len(), 1);
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn a_service_that_was_given_another_revision_beside_ours_is_not_said_to_be_as_it_was() {
    let aws = gate(&stopped(0));
    let theirs = deployment("ecs-svc/9", "PRIMARY", OLD, "IN_PROGRESS");
    aws.on("UpdateService").reply(json!({"service": placed(service(&[theirs]))}));
    let out = run(&step(&aws));
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-deploy/moved-after-task"), "{}", out.stderr);
    assert!(!out.stderr.contains("no service was updated"), "{}", out.stderr);
    assert_eq!((aws.calls_to("RunTask").len(), aws.calls_to("UpdateService").len()), (1, 1));
}

#[test]
fn a_cancelled_run_stops_its_task() {
    let aws = gate(&[task("RUNNING", None)]);
    let runner = step(&aws);
    let mut running = runner.spawn(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    running.wait_for_output("task 0123456789abcdef: RUNNING");
    running.terminate();
    let out = running.finish();
    out.assert_code(130);
    assert!(out.stderr.contains("ecs-run-task/cancelled"), "{}", out.stderr);
    assert!(out.outputs["reason"].contains("it was asked to stop"), "{:?}", out.outputs);
    let body = only_body(&aws, "StopTask");
    assert_eq!((&body["task"], &body["reason"]), (&json!(TASK), &json!("Slipway: the run was cancelled")));
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn a_task_that_takes_too_long_is_stopped() {
    let aws = gate(&[task("RUNNING", None)]);
    let out = run(&step(&aws).input("wait-timeout", "20s"));
    out.assert_code(4);
    assert!(out.stderr.contains("ecs-run-task/timed-out"), "{}", out.stderr);
    assert_eq!(only_body(&aws, "StopTask")["reason"], "Slipway: the time was up");
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn a_task_that_is_not_waited_for_is_no_gate() {
    let aws = gate(&[task("RUNNING", None)]);
    let out = run(&step(&aws).input("wait-for-task-stopped", "false"));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "deployed");
    assert!(out.stdout.contains("nothing depends on how the task ends"), "{}", out.stdout);
    assert!(aws.calls_to("DescribeTasks").is_empty());
}

#[test]
fn what_cannot_be_known_is_refused_before_anything_is_registered() {
    type Case = (&'static str, fn(FakeRunner) -> FakeRunner);
    let cases: [Case; 3] = [
        ("ecs-run-task/no-network", |step| step.input("service", "")),
        ("ecs-run-task/unknown-container", |step| step.input("run-task-container-overrides", r#"[{"name": "web"}]"#)),
        ("ecs-run-task/different-services", |step| step.input("services", "worker")),
    ];
    for (code, prepare) in cases {
        let aws = gate(&stopped(0));
        aws.on("DescribeServices").answer(|call| {
            let mut service = placed(service(&[old("PRIMARY")]));
            if call.body["services"][0] == "worker" {
                service["launchType"] = json!("EC2");
            }
            Reply::json(200, &described(service))
        });
        let out = run(&prepare(step(&aws)));
        out.assert_code(2);
        assert!(out.stderr.contains(code), "{code}\n{}", out.stderr);
        assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
    }
}

#[test]
fn a_dry_run_tells_the_task_and_runs_none() {
    let aws = gate(&stopped(0));
    let out = run(&step(&aws).input("dry-run", "true"));
    out.assert_code(0);
    let line = "and would update service web in cluster prod; before that would run a task of it on FARGATE";
    assert!(out.stdout.contains(line), "{}", out.stdout);
    assert!(aws.calls_to("RunTask").is_empty());
}

/// `ecs-deploy run-task`, with the service's place.
fn alone(aws: &FakeAws) -> FakeRunner {
    FakeRunner::new()
        .with_one_certificate()
        .envs(aws.env())
        .input("cluster", "prod")
        .input("service", "web")
        .env("SLIPWAY_TIME_DIVISOR", "100")
}

fn run_alone(runner: &FakeRunner) -> testkit::RunOutput {
    runner.run(env!("CARGO_BIN_EXE_ecs-deploy"), ["run-task"])
}

#[test]
fn what_the_service_runs_is_run_once_more_on_its_own() {
    let aws = gate(&stopped(0));
    let overrides = r#"[{"name": "app", "command": ["report"]}]"#;
    let out = run_alone(&alone(&aws).input("run-task-container-overrides", overrides));
    out.assert_code(0);
    let body = only_body(&aws, "RunTask");
    assert_eq!((&body["taskDefinition"], &body["launchType"]), (&json!(OLD), &json!("FARGATE")));
    assert_eq!(body["networkConfiguration"], placed(json!({}))["networkConfiguration"]);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty() && aws.calls_to("UpdateService").is_empty());
    let said = ["verdict", "exit-code", "revision"].map(|name| out.outputs[name].as_str());
    assert_eq!(said, ["succeeded", "0", "shop:7"]);
    assert!(out.summary.contains("the task of shop:7 succeeded in"), "{}", out.summary);
}

#[test]
fn a_task_on_its_own_that_fails_is_a_failure() {
    let aws = gate(&stopped(127));
    let out = run_alone(&alone(&aws));
    out.assert_code(1);
    let message = "ecs-run-task/failed: failed: the task of shop:7 ended with exit code 127";
    assert!(out.stderr.contains(message), "{}", out.stderr);
    assert!(out.outputs["reason"].contains("the command was not found"), "{:?}", out.outputs);
}

#[test]
fn a_task_on_its_own_needs_a_definition_and_a_place() {
    let aws = gate(&stopped(0));
    let out = run_alone(&alone(&aws).input("service", ""));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-run-task/invalid-input"), "{}", out.stderr);
    let out = run_alone(&alone(&aws).input("service", "").input("task-definition-arn", "shop:7"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-run-task/no-network"), "{}", out.stderr);
    let out = run_alone(&alone(&aws).input("service", "$(x)"));
    assert!(out.stderr.contains("input `service` is"), "{}", out.stderr);
    assert!(aws.calls_to("RunTask").is_empty());
}

#[test]
fn managed_tags_reach_the_task() {
    let aws = gate(&stopped(0));
    let step =
        step(&aws).input("service", "").input("run-task-service", "web").input("enable-ecs-managed-tags", "true");
    run(&step).assert_code(0);
    assert_eq!(only_body(&aws, "RunTask")["enableECSManagedTags"], true);
}

#[test]
fn what_was_made_is_told_where_the_run_ends_in_an_error() {
    let aws = gate(&stopped(0));
    aws.on("UpdateService").error(400, "AccessDeniedException", "no");
    let out = run(&step(&aws));
    out.assert_code(1);
    let made = ["task-definition-arn", "revision", "run-task-arn"].map(|name| out.outputs[name].clone());
    assert_eq!(made, [NEW.to_owned(), "shop:8".to_owned(), json!([TASK]).to_string()]);
}
