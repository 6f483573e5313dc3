//! The printed policy is the least one: every scenario passes with it, and none of its parts can be left out.

use serde_json::{Value, json};
use testkit::iam::{Definitions, Place, Policy, Role, Scenario, passes, prove, prove_beyond};
use testkit::{FakeRunner, RunOutput};

use crate::scene::{self, old, ours, run, runner, scene, service};
use crate::tasks;

/// The file, with roles (one by its ARN, one by its name) and tags.
fn file() -> String {
    let mut file = scene::file();
    file["taskRoleArn"] = json!("arn:aws:iam::123456789012:role/shop-task");
    file["executionRoleArn"] = json!("shop-execution");
    file["tags"] = json!([{"key": "team", "value": "shop"}]);
    file["containerDefinitions"][0]["logConfiguration"] = json!({"logDriver": "awslogs", "options": {
        "awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"
    }});
    file.to_string()
}

fn place() -> Place {
    Place::new("eu-west-1", "123456789012")
}

fn printed(flags: &[&str]) -> String {
    let shell = FakeRunner::plain_shell().file("td.json", file()).input("cluster", "prod");
    let mut arguments = vec![
        "--print-iam-policy",
        "--aws-region=eu-west-1",
        "--role-to-assume=arn:aws:iam::123456789012:role/deploy",
        "--task-definition=td.json",
        // What it needs has a test of its own.
        "--preflight=off",
    ];
    arguments.extend(flags);
    let out = shell.run(env!("CARGO_BIN_EXE_ecs-deploy"), &arguments);
    out.assert_code(0);
    assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(&out.stdout)), Vec::<String>::new());
    out.stdout
}

/// A deployment through the role's guard; `looks` are the answers after the update.
fn deploy(role: &Role, looks: Vec<Value>, prepare: fn(FakeRunner) -> FakeRunner) -> RunOutput {
    let aws = scene(looks);
    aws.on("GetLogEvents").reply(json!({"events": [{"timestamp": 1, "ingestionTime": 1, "message": "panic"}]}));
    let guard = role.guard(&aws.url()).unwrap();
    let step = runner(&aws).file("td.json", file()).env("AWS_ENDPOINT_URL", guard.url()).input("preflight", "off");
    run(&prepare(step))
}

fn completed() -> Vec<Value> {
    vec![service(&[ours("COMPLETED")])]
}

fn failed() -> Vec<Value> {
    vec![service(&[ours("FAILED"), old("ACTIVE")])]
}

/// A deployment whose service deployment can be read.
fn by_service_deployment(role: &Role, prepare: fn(FakeRunner) -> FakeRunner) -> RunOutput {
    let aws = scene(completed());
    scene::with_service_deployments(&aws, "SUCCESSFUL");
    let guard = role.guard(&aws.url()).unwrap();
    run(&prepare(runner(&aws).file("td.json", file()).env("AWS_ENDPOINT_URL", guard.url()).input("preflight", "off")))
}

/// A registration whose answer lacks a field.
fn taken_back(role: &Role, prepare: fn(FakeRunner) -> FakeRunner) -> RunOutput {
    let aws = scene(completed());
    scene::drop_new_fields(&aws);
    let guard = role.guard(&aws.url()).unwrap();
    let step = runner(&aws).file("td.json", file()).env("AWS_ENDPOINT_URL", guard.url()).input("preflight", "off");
    run(&prepare(step))
}

const NOTICES: [(&str, &str); 10] = [
    ("ecs:StopTask", "grant `ecs:StopTask` to have it stopped"),
    ("ecs:StopServiceDeployment", "grant `ecs:StopServiceDeployment` to have ECS roll back"),
    ("ecs:DeregisterTaskDefinition", "grant `ecs:DeregisterTaskDefinition`"),
    ("ecs:DescribeTaskDefinition", "grant `ecs:DescribeTaskDefinition`"),
    ("ecs:ListServiceDeployments", "grant `ecs:ListServiceDeployments` to follow the service deployment"),
    ("ecs:DescribeServiceDeployments", "grant `ecs:DescribeServiceDeployments` to follow the service deployment"),
    ("ecs:DescribeServiceRevisions", "grant `ecs:DescribeServiceRevisions` to follow the service deployment"),
    ("ecs:ListTasks", "grant `ecs:ListTasks`"),
    ("ecs:DescribeTasks", "grant `ecs:DescribeTasks`"),
    ("logs:GetLogEvents", "grant `logs:GetLogEvents`"),
];

#[test]
fn the_policy_of_a_deployment_is_the_least_one() {
    let volume = r#"{"roleArn": "arn:aws:iam::123456789012:role/ebs", "sizeInGiB": 20}"#;
    let given = format!("--service-managed-ebs-volume={volume}");
    let policy = printed(&["--service=web", "--service-managed-ebs-volume-name=data", &given]);
    let scenarios = [
        Scenario::new("deployed", |role| deploy(role, completed(), |step| step)),
        Scenario::new("by its service deployment", |role| by_service_deployment(role, |step| step)),
        Scenario::new("failed", |role| deploy(role, failed(), |step| step)).ends_with(1),
        Scenario::new("more tasks, tagged", |role| {
            deploy(role, completed(), |step| {
                step.input("propagate-tags", "SERVICE").input("force-new-deployment", "true")
            })
        }),
        Scenario::new("another volume", |role| {
            deploy(role, completed(), |step| {
                step.input("service-managed-ebs-volume-name", "data").input(
                    "service-managed-ebs-volume",
                    r#"{"roleArn": "arn:aws:iam::123456789012:role/ebs", "sizeInGiB": 20}"#,
                )
            })
        }),
        Scenario::new("taken back", |role| taken_back(role, |step| step)).ends_with(2),
    ];
    prove(&place(), &policy, &scenarios, &NOTICES);
    let from_service =
        Scenario::new("from the service", |role| deploy(role, completed(), |step| step.input("task-definition", "")));
    passes(&place(), &policy, &from_service);
}

#[test]
fn the_policy_of_a_deployment_that_is_not_waited_for_is_the_least_one() {
    let policy = printed(&["--service=web", "--wait-for-service-stability=false"]);
    assert!(!policy.contains("ecs:ListTasks"), "{policy}");
    let updated = Scenario::new("updated", |role| {
        deploy(role, completed(), |step| step.input("wait-for-service-stability", "false"))
    });
    let back =
        Scenario::new("taken back", |role| taken_back(role, |step| step.input("wait-for-service-stability", "false")));
    prove(&place(), &policy, &[updated, back.ends_with(2)], &NOTICES);
}

#[test]
fn the_policy_of_not_disturbing_others_is_the_least_one() {
    fn not_waited(step: FakeRunner) -> FakeRunner {
        step.input("wait-for-service-stability", "false").input("on-conflict", "fail")
    }
    let policy = printed(&["--service=web", "--wait-for-service-stability=false", "--on-conflict=fail"]);
    let updated = Scenario::new("updated", |role| {
        let aws = scene(vec![service(&[old("PRIMARY")])]);
        scene::with_service_deployments(&aws, "SUCCESSFUL");
        let guard = role.guard(&aws.url()).unwrap();
        let step = runner(&aws).file("td.json", file()).env("AWS_ENDPOINT_URL", guard.url()).input("preflight", "off");
        run(&not_waited(step))
    });
    let back = Scenario::new("taken back", |role| taken_back(role, not_waited));
    prove(&place(), &policy, &[updated, back.ends_with(2)], &NOTICES);
}

#[test]
fn the_policy_of_a_registration_is_the_least_one() {
    let registers = Scenario::new("registers", |role| deploy(role, completed(), |step| step.input("service", "")));
    let back = Scenario::new("taken back", |role| taken_back(role, |step| step.input("service", "")));
    prove(&place(), &printed(&[]), &[registers, back.ends_with(2)], &NOTICES);
}

/// A deployment behind a task that ends with `code`.
fn behind_task(role: &Role, code: i64, prepare: fn(FakeRunner) -> FakeRunner) -> RunOutput {
    let aws = tasks::gate(&[tasks::task("RUNNING", None), tasks::task("STOPPED", Some(code))]);
    aws.on("GetLogEvents").reply(json!({"events": [{"timestamp": 1, "ingestionTime": 1, "message": "panic"}]}));
    let guard = role.guard(&aws.url()).unwrap();
    let step = tasks::step(&aws).file("td.json", file()).input("preflight", "off");
    run(&prepare(step.env("AWS_ENDPOINT_URL", guard.url())))
}

/// A task without a deployment, with everything that needs a right of its own.
fn alone(step: FakeRunner) -> FakeRunner {
    step.input("service", "")
        .input("run-task-service", "web")
        .input("run-task-tags", r#"[{"key": "team", "value": "shop"}]"#)
        .input("run-task-managed-ebs-volume-name", "data")
        .input("run-task-managed-ebs-volume", r#"{"roleArn": "arn:aws:iam::123456789012:role/volumes"}"#)
}

#[test]
fn the_policy_of_a_task_on_its_own_is_the_least_one() {
    let shell = FakeRunner::plain_shell().file("td.json", file()).input("cluster", "prod");
    let arguments = [
        "run-task",
        "--print-iam-policy",
        "--aws-region=eu-west-1",
        "--role-to-assume=arn:aws:iam::123456789012:role/deploy",
        "--task-definition=td.json",
        "--preflight=off",
        "--service=web",
        r#"--run-task-tags=[{"key": "team", "value": "shop"}]"#,
        "--run-task-managed-ebs-volume-name=data",
        r#"--run-task-managed-ebs-volume={"roleArn": "arn:aws:iam::123456789012:role/volumes"}"#,
    ];
    let out = shell.run(env!("CARGO_BIN_EXE_ecs-deploy"), arguments);
    out.assert_code(0);
    let scenarios = [
        Scenario::new("succeeded", |role| behind_task(role, 0, alone)),
        Scenario::new("failed", |role| behind_task(role, 1, alone)).ends_with(1),
        Scenario::new("out of time", |role| behind_task(role, 0, |step| alone(step).input("wait-timeout", "0s")))
            .ends_with(4),
        Scenario::new("taken back", |role| taken_back(role, |step| step.input("service", ""))).ends_with(2),
    ];
    prove(&place(), &out.stdout, &scenarios, &NOTICES);
}

#[test]
fn the_policy_of_a_move_of_rules_and_schedules_is_the_least_one() {
    let policy = printed(&["--service=web", "--event-rules=nightly", "--schedules=billing/nightly"]);
    let moves = |role: &Role| {
        let aws = crate::targets::world();
        let guard = role.guard(&aws.url()).unwrap();
        run(&crate::targets::step(&aws)
            .file("td.json", file())
            .input("preflight", "off")
            .env("AWS_ENDPOINT_URL", guard.url()))
    };
    let scenarios = [
        Scenario::new("moves", moves),
        Scenario::new("by its service deployment", |role| by_service_deployment(role, |step| step)),
        Scenario::new("failed", |role| deploy(role, failed(), |step| step)).ends_with(1),
        Scenario::new("taken back", |role| taken_back(role, |step| step)).ends_with(2),
    ];
    prove(&place(), &policy, &scenarios, &NOTICES);
}

/// What pruning looks at: without one of them it is told which, and nothing is deregistered.
const LOOKS: [&str; 14] = [
    "ecs:ListTaskDefinitions",
    "ecs:ListClusters",
    "ecs:ListServices",
    "ecs:ListTasks",
    "ecs:DescribeTasks",
    "ecs:DescribeServices",
    "ecs:ListServiceDeployments",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "events:ListEventBuses",
    "events:ListRuleNamesByTarget",
    "events:ListTargetsByRule",
    "scheduler:ListSchedules",
    "scheduler:GetSchedule",
];

/// Another cluster, and another service that runs the family too.
fn beside(aws: &testkit::FakeAws) {
    const PLACE: &str = "arn:aws:ecs:eu-west-1:123456789012";
    let updated = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = std::sync::Arc::clone(&updated);
    aws.on("UpdateService").answer(move |_| {
        updated.store(true, std::sync::atomic::Ordering::SeqCst);
        testkit::http::Reply::json(200, &json!({"service": service(&[ours("IN_PROGRESS"), old("ACTIVE")])}))
    });
    aws.on("DescribeServices").answer(move |call| {
        let web = if seen.load(std::sync::atomic::Ordering::SeqCst) { ours("COMPLETED") } else { old("PRIMARY") };
        let mut jobs = service(&[old("PRIMARY")]);
        jobs["serviceArn"] = json!(format!("{PLACE}:service/prod/jobs"));
        let mut found = vec![service(&[web])];
        found.extend((call.body["services"].as_array().map(Vec::len) == Some(2)).then_some(jobs));
        testkit::http::Reply::json(200, &json!({"services": found, "failures": []}))
    });
    let clusters = ["prod", "batch"].map(|name| format!("{PLACE}:cluster/{name}"));
    aws.on("ListClusters").reply(json!({"clusterArns": clusters}));
    let arns = ["web", "jobs"].map(|name| json!(format!("{PLACE}:service/prod/{name}")));
    aws.on("ListServices").reply(json!({"serviceArns": arns}));
    aws.on("ListServiceDeployments").answer(|call| {
        let name = call.body["service"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
        let own = json!({
            "serviceDeploymentArn": format!("{PLACE}:service-deployment/prod/{name}/a"), "status": "SUCCESSFUL", "createdAt": 1_600_000_000.0
        });
        testkit::http::Reply::json(200, &json!({"serviceDeployments": [own]}))
    });
    let echo = |operation: &'static str, asked: &'static str, answered: &'static str, own: fn(&Value) -> Value| {
        aws.on(operation).answer(move |call| {
            let found: Vec<Value> = call.body[asked].as_array().into_iter().flatten().map(own).collect();
            testkit::http::Reply::json(200, &json!({answered: found, "failures": []}))
        });
    };
    echo("DescribeServiceDeployments", "serviceDeploymentArns", "serviceDeployments", |arn| {
        let revision = arn.as_str().unwrap_or_default().replace("service-deployment", "service-revision");
        json!({"serviceDeploymentArn": arn, "status": "SUCCESSFUL", "createdAt": 1_600_000_000.0,
               "sourceServiceRevisions": [{"arn": revision}]})
    });
    echo(
        "DescribeServiceRevisions",
        "serviceRevisionArns",
        "serviceRevisions",
        |arn| json!({"serviceRevisionArn": arn, "taskDefinition": format!("{PLACE}:task-definition/shop:6")}),
    );
}

#[test]
fn the_policy_of_keeping_the_newest_revisions_is_the_least_one() {
    let policy = printed(&["--service=web", "--keep-revisions=1"]);
    let prunes = |role: &Role| {
        let aws = crate::prune::world();
        beside(&aws);
        let guard = role.guard(&aws.url()).unwrap();
        let out = run(&crate::prune::step(&aws).file("td.json", file()).env("AWS_ENDPOINT_URL", guard.url()));
        let gone = aws.calls_to("DeregisterTaskDefinition").len();
        let is_told =
            out.stdout.contains("no revision is deregistered") || out.stdout.contains("could not be deregistered");
        assert_eq!(gone == 0, is_told, "{}", out.stdout);
        out
    };
    let dry = printed(&["--service=web", "--keep-revisions=1", "--event-rules=a", "--schedules=b/c", "--dry-run"]);
    assert!(dry.contains("scheduler:ListSchedules") && dry.contains("events:ListTargetsByRule"), "{dry}");
    let changes =
        ["events:PutTargets", "scheduler:UpdateSchedule", "ecs:DeregisterTaskDefinition", "ecs:UpdateService"];
    assert!(changes.iter().all(|action| !dry.contains(action)), "{dry}");
    let looks: Vec<(&str, String)> = LOOKS.iter().map(|action| (*action, format!("grant `{action}`"))).collect();
    let notices: Vec<(&str, &str)> =
        NOTICES.into_iter().chain(looks.iter().map(|(action, words)| (*action, words.as_str()))).collect();
    prove_beyond(&place(), &policy, &printed(&["--service=web"]), &[Scenario::new("prunes", prunes)], &notices);
}

#[test]
fn the_policy_of_an_existing_revision_registers_nothing() {
    let shell =
        FakeRunner::plain_shell().input("cluster", "prod").input("service", "web").input("aws-region", "eu-west-1");
    let out = shell.run(
        env!("CARGO_BIN_EXE_ecs-deploy"),
        ["--print-iam-policy", "--task-definition-arn=shop:7", "--allowed-account-ids=123456789012"],
    );
    out.assert_code(0);
    assert!(!out.stdout.contains("ecs:RegisterTaskDefinition") && !out.stdout.contains("PassRole"), "{}", out.stdout);
    let deploys = Scenario::new("an existing revision", |role| {
        let again = service(&[scene::deployment("ecs-svc/2", "PRIMARY", scene::OLD, "COMPLETED")]);
        let aws = scene([again.clone()]);
        let other = scene::deployment(
            "ecs-svc/1",
            "PRIMARY",
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:6",
            "COMPLETED",
        );
        aws.on("DescribeServices").reply(scene::described(service(&[other]))).then(scene::described(again.clone()));
        aws.on("UpdateService").reply(json!({"service": again}));
        let guard = role.guard(&aws.url()).unwrap();
        let step = runner(&aws)
            .env("AWS_ENDPOINT_URL", guard.url())
            .input("preflight", "off")
            .input("images", "")
            .input("task-definition", "");
        run(&step.input("task-definition-arn", "shop:7"))
    });
    passes(&place(), &out.stdout, &deploys);
}

/// A deployment that ECS is asked to roll back.
fn rolled_back(role: &Role) -> RunOutput {
    let aws = scene(vec![service(&[ours("IN_PROGRESS"), old("ACTIVE")])]);
    aws.on("GetLogEvents").reply(json!({"events": []}));
    scene::with_service_deployments(&aws, "IN_PROGRESS");
    let stopped = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let now = std::sync::Arc::clone(&stopped);
    aws.on("StopServiceDeployment").answer(move |call| {
        stopped.store(true, std::sync::atomic::Ordering::SeqCst);
        testkit::http::Reply::json(200, &json!({"serviceDeploymentArn": call.body["serviceDeploymentArn"]}))
    });
    aws.on("DescribeServiceDeployments").answer(move |call| {
        let asked = call.body["serviceDeploymentArns"][0].as_str().unwrap_or_default().to_owned();
        let gone = now.load(std::sync::atomic::Ordering::SeqCst);
        let (status, id) = match (asked.ends_with("/old"), gone) {
            (true, _) => ("SUCCESSFUL", "1"),
            (false, true) => ("ROLLBACK_SUCCESSFUL", "2"),
            (false, false) => ("IN_PROGRESS", "2"),
        };
        let revision = |id: &str| format!("arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/{id}");
        let own = json!({
            "serviceDeploymentArn": asked, "status": status, "createdAt": 1_700_000_000.25,
            "targetServiceRevision": {"arn": revision(id)},
            "rollback": {"reason": "by request", "serviceRevisionArn": revision("1")}
        });
        testkit::http::Reply::json(200, &json!({"serviceDeployments": [own], "failures": []}))
    });
    let guard = role.guard(&aws.url()).unwrap();
    let step = runner(&aws).file("td.json", file()).env("AWS_ENDPOINT_URL", guard.url()).input("preflight", "off");
    run(&step.input("on-timeout", "rollback").input("wait-timeout", "1s"))
}

#[test]
fn the_policy_of_a_deployment_that_is_rolled_back_is_the_least_one() {
    let policy = printed(&["--service=web", "--on-timeout=rollback"]);
    let without: Value = serde_json::from_str(&printed(&["--service=web"])).unwrap();
    let with: Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(with["Statement"].as_array().unwrap().len(), without["Statement"].as_array().unwrap().len() + 1);
    let out = Scenario::new("rolled back", rolled_back).ends_with(3);
    passes(&place(), &policy, &out);
    let fewer = Role::new(&place(), Policy::parse(&without.to_string()));
    let out = rolled_back(&fewer);
    assert!(out.stderr.contains("grant `ecs:StopServiceDeployment` to have ECS roll back"), "{}", out.stderr);
}

#[test]
fn the_policy_of_a_dry_run_only_reads() {
    let policy = printed(&["--service=web", "--dry-run"]);
    assert!(!policy.contains("Update") && !policy.contains("PassRole"), "{policy}");
    let dry = Scenario::new("a dry run", |role| by_service_deployment(role, |step| step.input("dry-run", "true")));
    prove(&place(), &policy, &[dry], &NOTICES);
}

#[test]
fn what_only_aws_knows_is_bad_input() {
    let shell = FakeRunner::plain_shell().input("service", "web");
    let out = shell.run(env!("CARGO_BIN_EXE_ecs-deploy"), ["--print-iam-policy"]);
    out.assert_code(2);
    for name in ["`aws-region`", "`allowed-account-ids`", "`task-definition`"] {
        assert!(out.stderr.contains(name), "{}", out.stderr);
    }
    assert_eq!(out.stdout, "");
}
