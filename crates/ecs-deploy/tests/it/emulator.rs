//! Against ministack: a whole deployment, its repetition, and the errors of an emulator that keeps state.

use std::sync::LazyLock;

use serde_json::{Value, json};
use testkit::aws::ContractProxy;
use testkit::{FakeRunner, Ministack, RunOutput, Tools};

/// One emulator for all tests here; each has a cluster of its own.
static EMULATOR: LazyLock<Result<Ministack, String>> = LazyLock::new(|| {
    let tools = Tools::locate().map_err(|error| error.to_string())?;
    Ministack::start(&tools).map_err(|error| error.to_string())
});

/// The emulator, or a line that says why a test is skipped.
fn emulator() -> Option<&'static Ministack> {
    match &*EMULATOR {
        Ok(emulator) => Some(emulator),
        Err(reason) => {
            eprintln!("SKIPPED the emulator cannot be had: {reason}");
            None
        }
    }
}

/// The emulator, for tests that nobody shall skip.
pub(crate) fn required() -> &'static Ministack {
    match &*EMULATOR {
        Ok(emulator) => emulator,
        Err(reason) => panic!("the emulator cannot be had: {reason}"),
    }
}

const JSON: &str = "application/x-amz-json-1.1";

fn send(emulator: &Ministack, headers: &[(&str, &str)], body: &str) {
    let reply = testkit::http::send("POST", &emulator.endpoint(), headers, body.as_bytes()).unwrap();
    assert!(reply.is_success(), "{}", reply.to_text());
}

/// Calls ECS without any client of ours.
pub(crate) fn ecs(emulator: &Ministack, operation: &str, body: &Value) -> Value {
    let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
    let headers = [("content-type", JSON), ("x-amz-target", target.as_str())];
    let reply = testkit::http::send("POST", &emulator.endpoint(), &headers, body.to_string().as_bytes()).unwrap();
    assert!(reply.is_success(), "{operation}: {}", reply.to_text());
    reply.to_json()
}

pub(crate) fn task_definition(family: &str, image: &str) -> Value {
    json!({
        "family": family, "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "containerDefinitions": [{
            "name": "app", "image": image, "portMappings": [{"containerPort": 8080}], "brandNewContainerField": {"a": [""]},
            "environment": [{"name": "EMPTY", "value": ""}]
        }]
    })
}

/// A cluster with a service that runs version 1.
pub(crate) fn with_service(emulator: &Ministack, cluster: &str) {
    ecs(emulator, "CreateCluster", &json!({"clusterName": cluster}));
    ecs(emulator, "RegisterTaskDefinition", &task_definition(cluster, "shop:1"));
    ecs(
        emulator,
        "CreateService",
        &json!({"cluster": cluster, "serviceName": "web", "taskDefinition": cluster, "desiredCount": 1}),
    );
}

/// Deploys through a proxy that lets only requests pass which keep to ECS's model, but for the one field newer than it.
fn deploy(emulator: &Ministack, cluster: &str, image: &str) -> RunOutput {
    let proxy = ContractProxy::start(&emulator.endpoint()).unwrap();
    proxy.declare_unknown("RegisterTaskDefinition", "containerDefinitions[].brandNewContainerField");
    FakeRunner::new()
        .envs(emulator.env())
        .env("AWS_ENDPOINT_URL", proxy.url())
        .file("td.json", task_definition(cluster, "shop:0").to_string())
        .input("cluster", cluster)
        .input("service", "web")
        .input("task-definition", "td.json")
        .input("images", image)
        .run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new())
}

fn running(emulator: &Ministack, cluster: &str) -> Value {
    let services = ecs(emulator, "DescribeServices", &json!({"cluster": cluster, "services": ["web"]}));
    let arn = services["services"][0]["taskDefinition"].clone();
    ecs(emulator, "DescribeTaskDefinition", &json!({"taskDefinition": arn}))["taskDefinition"].clone()
}

#[test]
fn a_deployment_and_its_repetition() {
    let Some(emulator) = emulator() else { return };
    with_service(emulator, "again");
    let first = deploy(emulator, "again", "shop:2");
    first.assert_code(0);
    assert_eq!(first.outputs["verdict"], "deployed");
    let now = running(emulator, "again");
    assert_eq!(now["taskDefinitionArn"], first.outputs["task-definition-arn"]);
    assert_eq!(now["containerDefinitions"][0]["image"], "shop:2");
    assert_eq!(now["containerDefinitions"][0]["brandNewContainerField"], json!({"a": [""]}));

    let second = deploy(emulator, "again", "app=shop:2");
    second.assert_code(0);
    assert_eq!(second.outputs["verdict"], "already-deployed", "{}", second.summary);
    assert_eq!(second.outputs["task-definition-arn"], first.outputs["task-definition-arn"]);
    let revisions = ecs(emulator, "ListTaskDefinitions", &json!({"familyPrefix": "again"}));
    assert_eq!(revisions["taskDefinitionArns"].as_array().map(Vec::len), Some(2), "{revisions}");
}

#[test]
fn an_edited_yaml_file_and_its_repetition() {
    let Some(emulator) = emulator() else { return };
    with_service(emulator, "edited");
    let mut document = task_definition("edited", "shop:0");
    document["containerDefinitions"][0].as_object_mut().unwrap().remove("brandNewContainerField");
    document["executionRoleArn"] = json!("arn:aws:iam::000000000000:role/edited");
    let trust = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ecs-tasks.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";
    let role = format!("Action=CreateRole&Version=2010-05-08&RoleName=edited&AssumeRolePolicyDocument={trust}");
    send(emulator, &[("content-type", "application/x-www-form-urlencoded")], &role);
    let parameter = json!({"Name": "key", "Value": "v", "Type": "SecureString"}).to_string();
    send(emulator, &[("content-type", JSON), ("x-amz-target", "AmazonSSM.PutParameter")], &parameter);
    let proxy = ContractProxy::start(&emulator.endpoint()).unwrap();
    let step = || {
        FakeRunner::new()
            .envs(emulator.env())
            .env("AWS_ENDPOINT_URL", proxy.url())
            .file("td.yaml", yaml_serde::to_string(&document).unwrap())
            .input("cluster", "edited")
            .input("service", "web")
            .input("task-definition", "td.yaml")
            .input("image", "shop:2")
            .input("environment-variables", "MODE=a=b")
            .input("remove-environment-variables", "EMPTY")
            .input("secrets", "KEY=arn:aws:ssm:eu-west-1:000000000000:parameter/key")
            .input("command", "sh -c 'exec app \"$0\"'")
            .run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new())
    };
    let first = step();
    first.assert_code(0);
    for line in ["passed: parameter key: it is there", "passed: role edited: it is there, and tasks may have it"] {
        assert!(first.stderr.contains(line), "{}", first.stderr);
    }
    let app = running(emulator, "edited")["containerDefinitions"][0].clone();
    assert_eq!(app["environment"], json!([{"name": "MODE", "value": "a=b"}]));
    assert_eq!(app["secrets"][0]["name"], "KEY");
    assert_eq!(app["command"], json!(["sh", "-c", "exec app \"$0\""]));
    let second = step();
    second.assert_code(0);
    assert_eq!(second.outputs["verdict"], "already-deployed", "{}", second.summary);
}

#[test]
fn an_unknown_service_and_an_unknown_cluster() {
    let Some(emulator) = emulator() else { return };
    ecs(emulator, "CreateCluster", &json!({"clusterName": "empty"}));
    let service = deploy(emulator, "empty", "shop:2");
    service.assert_code(2);
    assert!(service.stderr.contains("ecs-deploy/service-not-found"), "{}", service.stderr);
    let cluster = deploy(emulator, "nowhere", "shop:2");
    cluster.assert_code(2);
    assert!(cluster.stderr.contains("ecs-deploy/cluster-not-found"), "{}", cluster.stderr);
    assert!(cluster.stderr.contains("`empty`"), "{}", cluster.stderr);
}
