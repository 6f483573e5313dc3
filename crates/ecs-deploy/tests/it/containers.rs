//! Containers that are really run: against ministack with a Docker daemon.
//!
//! Images come from a registry, tasks are processes, exit codes and log lines are what these processes leave, and the circuit
//! breaker is the emulator's: it counts the tasks that died, fails the deployment, and goes back to the one before.
//!
//! What the emulator does otherwise than ECS, and so is not seen here: it lists no service deployments, so the rollout state decides
//! (the stand-in of `stand_in.rs` has them); a rollback makes the old deployment the primary one again, where ECS makes a new one;
//! `startedBy` of a task is the service's name and not the deployment's id; no load balancer and no health check decides.

mod engine;

use std::time::{Duration, Instant};

use engine::Engine;
use serde_json::{Value, json};
use testkit::aws::ContractProxy;
use testkit::{FakeRunner, Ministack, RunOutput, Tools};

use crate::emulator::ecs;

const CLUSTER: &str = "containers";
const GROUP: &str = "/ecs/shop";

/// Tasks have the host's network: the daemon has none of its own to give. A program that is the first process of its namespace
/// would have to handle SIGTERM to end when it is asked to.
fn task_definition(image: &str, command: &[&str]) -> Value {
    json!({
        "family": "shop", "requiresCompatibilities": ["EC2"], "networkMode": "host", "pidMode": "host", "memory": "128",
        "containerDefinitions": [{
            "name": "app", "image": image, "command": command,
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": GROUP, "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"
            }}
        }]
    })
}

fn with_service(emulator: &Ministack, image: &str) {
    ecs(emulator, "CreateCluster", &json!({"clusterName": CLUSTER}));
    ecs(emulator, "RegisterTaskDefinition", &task_definition(image, &[]));
    let breaker = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}});
    let service = json!({
        "cluster": CLUSTER, "serviceName": "web", "taskDefinition": "shop", "desiredCount": 1, "launchType": "EC2",
        "deploymentConfiguration": breaker
    });
    ecs(emulator, "CreateService", &service);
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "Logs_20140328.CreateLogGroup")];
    let group = json!({"logGroupName": GROUP}).to_string();
    let made = testkit::http::send("POST", &emulator.endpoint(), &headers, group.as_bytes()).unwrap();
    assert!(made.is_success(), "{}", made.to_text());
}

fn service(emulator: &Ministack) -> Value {
    ecs(emulator, "DescribeServices", &json!({"cluster": CLUSTER, "services": ["web"]}))["services"][0].clone()
}

fn deploy(emulator: &Ministack, definition: &Value) -> RunOutput {
    let proxy = ContractProxy::start(&emulator.endpoint()).unwrap();
    FakeRunner::new()
        .envs(emulator.env())
        .env("AWS_ENDPOINT_URL", proxy.url())
        // The emulator needs seconds for what takes ECS minutes.
        .env("SLIPWAY_TIME_DIVISOR", "10")
        .file("td.json", definition.to_string())
        .input("cluster", CLUSTER)
        .input("service", "web")
        .input("task-definition", "td.json")
        .run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new())
}

/// The images of the containers that run, as the daemon tells them.
fn running(engine: &Engine) -> Vec<String> {
    let label = format!("label=com.amazonaws.ecs.cluster=arn:aws:ecs:eu-west-1:000000000000:cluster/{CLUSTER}");
    let containers = engine.docker(&["ps", "--quiet", "--filter", &label]).unwrap();
    let image = |id: &str| engine.docker(&["inspect", "--format", "{{.Config.Image}}", id]).ok();
    containers.lines().filter_map(image).collect()
}

/// Waits until only the image `tag` runs: ECS drains what it replaces when the deployment is complete.
fn wait_until_only_runs(engine: &Engine, tag: &str) {
    let repository = engine.image(tag).replace(&format!(":{tag}"), "");
    let only = [format!("{repository}@{}", engine.digest(tag))];
    wait(|| running(engine) == only, || format!("there run {:?}, not {only:?}", running(engine)));
}

fn wait(is_so: impl Fn() -> bool, what: impl Fn() -> String) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "{}", what());
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

fn healthy_is_deployed(emulator: &Ministack, engine: &Engine) -> String {
    let out = deploy(emulator, &task_definition(&engine.image("2"), &[]));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "deployed");
    assert_eq!(service(emulator)["taskDefinition"], out.outputs["task-definition-arn"]);
    wait_until_only_runs(engine, "2");
    out.outputs["task-definition-arn"].clone()
}

fn crashing_is_rolled_back(emulator: &Ministack, engine: &Engine, healthy: &str) {
    let out = deploy(emulator, &task_definition(&engine.image("3"), &["crash"]));
    out.assert_code(3);
    assert_eq!(out.outputs["verdict"], "rolled-back", "{}", out.stderr);
    for words in [
        "which went back to shop:2",
        "app exited with 42",
        "circuit breaker was triggered after 3 consecutive task failures",
        "release 3 started\ncannot reach the database: connection refused\ngiving up after 1 attempt",
    ] {
        assert!(out.summary.contains(words), "the summary is without `{words}`:\n{}", out.summary);
    }
    assert!(out.stdout.contains("app wrote: cannot reach the database"), "the annotation: {}", out.stdout);
    let diagnosis: Value = serde_json::from_str(&out.outputs["diagnosis-json"]).unwrap();
    assert_eq!(diagnosis["services"][0]["stopped"][0]["containers"][0]["exit-code"], 42, "{diagnosis:#}");
    assert_eq!(service(emulator)["taskDefinition"], healthy);
    wait_until_only_runs(engine, "2");
}

#[test]
fn a_healthy_container_is_deployed_and_a_crashing_one_rolled_back() {
    let tools = Tools::locate().unwrap();
    let engine = match Engine::find(&tools) {
        Ok(engine) => engine,
        Err(why) => {
            eprintln!("SKIPPED containers that are really run: {why}");
            return;
        }
    };
    engine.push(&["1", "2", "3"]);
    let emulator = Ministack::builder(&tools).docker_host(engine.host()).start().unwrap();
    with_service(&emulator, &engine.image("1"));
    // A deployment that nothing preceded could not be rolled back.
    wait_until_only_runs(&engine, "1");
    let healthy = healthy_is_deployed(&emulator, &engine);
    crashing_is_rolled_back(&emulator, &engine, &healthy);
}
