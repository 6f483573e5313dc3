//! A service that runs one revision, the binary that deploys the next, and the answers in between.

use serde_json::{Value, json};
use testkit::{FakeAws, FakeRunner, RunOutput};

pub(crate) const OLD: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:7";
pub(crate) const NEW: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:8";
/// A value that must never be seen.
pub(crate) const SECRET: &str = "hunter2-in-the-clear";

/// A deployment as `DescribeServices` tells it.
pub(crate) fn deployment(id: &str, status: &str, task_definition: &str, rollout: &str) -> Value {
    json!({
        "id": id, "status": status, "taskDefinition": task_definition, "rolloutState": rollout, "rolloutStateReason": "",
        "desiredCount": 2, "runningCount": 2, "pendingCount": 0, "failedTasks": 0, "createdAt": 1_700_000_000.25,
        "volumeConfigurations": [{"name": "data", "managedEBSVolume": {"roleArn": "arn:x"}}]
    })
}

pub(crate) fn old(status: &str) -> Value {
    deployment("ecs-svc/1", status, OLD, "COMPLETED")
}

pub(crate) fn ours(rollout: &str) -> Value {
    deployment("ecs-svc/2", "PRIMARY", NEW, rollout)
}

/// A service with these deployments; the first is what it aims at.
pub(crate) fn service(deployments: &[Value]) -> Value {
    json!({
        "serviceArn": "arn:aws:ecs:eu-west-1:123456789012:service/prod/web", "serviceName": "web", "status": "ACTIVE",
        "taskDefinition": deployments[0]["taskDefinition"], "desiredCount": 2, "runningCount": 2, "pendingCount": 0,
        "schedulingStrategy": "REPLICA", "deploymentController": {"type": "ECS"}, "propagateTags": "NONE",
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": false}},
        "deployments": deployments, "events": [{"id": "e0", "message": "(service web) has reached a steady state."}]
    })
}

pub(crate) fn with_event(mut service: Value, id: &str, message: &str) -> Value {
    if let Some(events) = service["events"].as_array_mut() {
        events.insert(0, json!({"id": id, "message": message, "createdAt": 1_700_000_100.0}));
    }
    service
}

/// An answer of `DescribeServices`.
#[expect(clippy::needless_pass_by_value, reason = "tests pass what another helper made")]
pub(crate) fn described(service: Value) -> Value {
    json!({"services": [service], "failures": []})
}

/// The task definition in the file.
pub(crate) fn file() -> Value {
    json!({
        "family": "shop", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "brandNewField": {"a": [1, "", {"b": 2}]},
        "containerDefinitions": [
            {"name": "app", "image": "shop:1", "environment": [{"name": "GREETING", "value": SECRET}],
             "command": ["sh", "-c", ""], "brandNewContainerField": true},
            {"name": "side", "image": "proxy:1", "essential": false}
        ]
    })
}

/// What the service runs: the file's task definition, as a describe tells it.
pub(crate) fn running() -> Value {
    let mut definition = file();
    for (name, value) in [
        ("taskDefinitionArn", json!(OLD)),
        ("revision", json!(7)),
        ("status", json!("ACTIVE")),
        ("compatibilities", json!(["FARGATE"])),
        ("requiresAttributes", json!([{"name": "x"}])),
        ("registeredAt", json!(1_700_000_000.0)),
        ("registeredBy", json!("arn:aws:iam::1:user/x")),
        ("volumes", json!([])),
    ] {
        definition[name] = value;
    }
    definition["containerDefinitions"][0]["cpu"] = json!(0);
    json!({"taskDefinition": definition, "tags": [{"key": "team", "value": "shop"}]})
}

/// The fields of [`file`] that no model knows: ECS has new ones before any SDK does.
pub(crate) fn declare_new_fields(aws: &FakeAws) {
    for field in ["brandNewField", "containerDefinitions[].brandNewContainerField"] {
        aws.declare_unknown("RegisterTaskDefinition", field);
        for operation in ["RegisterTaskDefinition", "DescribeTaskDefinition"] {
            aws.declare_unknown(operation, &format!("taskDefinition.{field}"));
        }
    }
}

/// Lets ECS register without the fields that no model knows.
pub(crate) fn drop_new_fields(aws: &FakeAws) {
    aws.on("RegisterTaskDefinition").answer(|call| {
        let mut definition = call.body.clone();
        let fields = definition.as_object_mut().unwrap();
        fields.insert("taskDefinitionArn".to_owned(), json!(NEW));
        fields.remove("brandNewField");
        let tags = fields.remove("tags").unwrap_or_else(|| json!([]));
        testkit::http::Reply::json(200, &json!({"taskDefinition": definition, "tags": tags}))
    });
    aws.on("DeregisterTaskDefinition")
        .reply(json!({"taskDefinition": {"taskDefinitionArn": NEW, "status": "INACTIVE"}}));
}

/// Answers everything up to the update; the looks that follow are the test's to script, on `DescribeServices`.
///
/// `looks` are the answers of `DescribeServices` after the update.
pub(crate) fn scene(looks: impl IntoIterator<Item = Value>) -> FakeAws {
    let aws = FakeAws::start().unwrap();
    testkit::ecs::surroundings::all_is_there(&aws);
    declare_new_fields(&aws);
    aws.on("DescribeServices").reply(described(service(&[old("PRIMARY")]))).sequence(looks.into_iter().map(described));
    aws.on("DescribeTaskDefinition").reply(running());
    aws.on("RegisterTaskDefinition").answer(|call| {
        let mut definition = call.body.clone();
        let tags = definition.as_object_mut().and_then(|fields| fields.remove("tags")).unwrap_or_else(|| json!([]));
        definition["taskDefinitionArn"] = json!(NEW);
        definition["revision"] = json!(8);
        testkit::http::Reply::json(200, &json!({"taskDefinition": definition, "tags": tags}))
    });
    aws.on("UpdateService").reply(json!({"service": service(&[ours("IN_PROGRESS"), old("ACTIVE")])}));
    // As an ECS without service deployments: the rollout state decides.
    aws.on("ListServiceDeployments").reply(json!({"serviceDeployments": []}));
    aws.on("ListTasks").reply(json!({"taskArns": ["arn:task/1", "arn:task/2"]}));
    aws.on("DescribeTasks").reply(json!({"tasks": [
        {"taskArn": "arn:task/1", "startedBy": "ecs-svc/2", "stopCode": "EssentialContainerExited",
         "stoppedReason": "Essential container in task exited", "containers": [{"name": "app", "exitCode": 139}]},
        {"taskArn": "arn:task/2", "startedBy": "ecs-svc/1", "stoppedReason": "an older deployment", "containers": []}
    ], "failures": []}));
    aws
}

/// The binary with the file `td.json`, one new image, and `service: web` in `cluster: prod`.
pub(crate) fn runner(aws: &FakeAws) -> FakeRunner {
    FakeRunner::new()
        .with_one_certificate()
        .envs(aws.env())
        .file("td.json", serde_json::to_string_pretty(&file()).unwrap())
        .input("cluster", "prod")
        .input("service", "web")
        .input("task-definition", "td.json")
        .input("images", "app=shop:2")
}

pub(crate) fn run(runner: &FakeRunner) -> RunOutput {
    let out = runner.run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    let seen = format!("{}{}{}{:?}", out.stdout, out.stderr, out.summary, out.outputs);
    assert!(!seen.contains(SECRET), "a value of the task definition was printed:\n{seen}");
    out
}

/// The body of the only call to `operation`.
#[track_caller]
pub(crate) fn only_body(aws: &FakeAws, operation: &str) -> Value {
    let calls = aws.calls_to(operation);
    assert_eq!(calls.len(), 1, "{:?}", aws.operations());
    calls[0].body.clone()
}

const PLACE: &str = "arn:aws:ecs:eu-west-1:123456789012";

/// The ARN of a service deployment of `web`.
pub(crate) fn service_deployment_arn(id: &str) -> String {
    format!("{PLACE}:service-deployment/prod/web/{id}")
}

/// Gives the service its service deployments: `old` was there before, and `new` is ours, which has `status`.
pub(crate) fn with_service_deployments(aws: &FakeAws, status: &str) {
    let revision = |id: &str| format!("{PLACE}:service-revision/prod/web/{id}");
    let service_arn = format!("{PLACE}:service/prod/web");
    let brief = json!({
        "serviceDeploymentArn": service_deployment_arn("old"), "serviceArn": service_arn, "status": "SUCCESSFUL",
        "createdAt": 1_699_000_000.0, "targetServiceRevisionArn": revision("1")
    });
    aws.on("ListServiceDeployments").reply(json!({"serviceDeployments": [brief]}));
    let status = status.to_owned();
    aws.on("DescribeServiceDeployments").answer(move |call| {
        let asked = call.body["serviceDeploymentArns"][0].as_str().unwrap_or_default().to_owned();
        let (status, id) = if asked.ends_with("/old") { ("SUCCESSFUL", "1") } else { (status.as_str(), "2") };
        let own = json!({
            "serviceDeploymentArn": asked, "serviceArn": service_arn, "status": status, "createdAt": 1_700_000_000.25,
            "targetServiceRevision": {"arn": revision(id), "requestedTaskCount": 2, "runningTaskCount": 2, "pendingTaskCount": 0}
        });
        testkit::http::Reply::json(200, &json!({"serviceDeployments": [own], "failures": []}))
    });
    aws.on("DescribeServiceRevisions").answer(|call| {
        let asked = call.body["serviceRevisionArns"][0].as_str().unwrap_or_default().to_owned();
        let definition = if asked.ends_with("/1") { OLD } else { NEW };
        let own = json!({"serviceRevisionArn": asked, "taskDefinition": definition});
        testkit::http::Reply::json(200, &json!({"serviceRevisions": [own], "failures": []}))
    });
    let mut updated = service(&[ours("IN_PROGRESS"), old("ACTIVE")]);
    updated["currentServiceDeployment"] = json!(service_deployment_arn("new"));
    aws.on("UpdateService").reply(json!({"service": updated}));
}
