//! ECS answers a task definition in words of its own: what it fills in is no difference.

use serde_json::{Value, json};
use testkit::FakeEcs;
use testkit::ecs::{Clock, named};

/// A definition in which everything is left out that ECS fills in, or said as ECS does not say it.
fn terse() -> Value {
    let check = json!({"command": ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"], "startPeriod": 0});
    let mapping = json!([{"containerPort": 8080}, {"containerPortRange": "9000-9009"}, {"containerPort": 9100, "protocol": "udp"}]);
    json!({
        "family": "shop", "networkMode": "awsvpc", "cpu": ".25 vCPU", "memory": "0.5 GB", "requiresCompatibilities": ["FARGATE"],
        "volumes": [{"name": "scratch"}, {"name": "run", "host": {}}],
        "containerDefinitions": [
            {"name": "app", "image": "shop:2", "healthCheck": check, "portMappings": mapping,
             "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/tmp"}],
             "environment": [{"name": "LOG", "value": "info"}, {"name": "EMPTY", "value": ""}, {"name": "BARE"}, {"name": "NULL", "value": null}],
             "secrets": [{"name": "B", "valueFrom": "/shop/b"}, {"name": "A", "valueFrom": "/shop/a"}]},
            {"name": "side", "image": "proxy:1", "essential": false, "dependsOn": [{"containerName": "app", "condition": "START"}]}
        ]
    })
}

/// The same on instances, with the network mode that holds anyway.
fn on_instances() -> Value {
    let mut definition = terse();
    definition["networkMode"] = json!("bridge");
    definition["requiresCompatibilities"] = json!(["EC2"]);
    definition["cpu"] = json!("1 vCPU");
    definition["memory"] = json!("2GB");
    definition
}

fn deployed(definition: Value, inputs: &[(&'static str, &'static str)]) -> FakeEcs {
    let mut scenario = named("healthy");
    scenario.definition = definition;
    // A task and a deployment one after the other: only real time moves with the looks at both.
    let ecs = FakeEcs::start_with(scenario, Clock::Faster(100)).unwrap();
    for verdict in ["deployed", "already-deployed"] {
        let runner = inputs.iter().fold(ecs.runner(), |runner, (name, value)| runner.input(name, value));
        let out = runner.run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
        out.assert_code(0);
        assert_eq!(out.outputs["verdict"], verdict, "{}\n{}", out.stdout, out.stderr);
        assert_eq!(out.outputs["revision"], "shop:8");
        assert!(!out.stdout.contains("ECS registered"), "nothing was lost: {}", out.stdout);
    }
    ecs
}

#[test]
fn the_same_file_twice_registers_nothing_the_second_time() {
    for definition in [terse(), on_instances()] {
        let ecs = deployed(definition, &[("preflight", "off")]);
        let calls = |operation: &str| ecs.aws().calls_to(operation).len();
        assert_eq!((calls("RegisterTaskDefinition"), calls("UpdateService")), (1, 1));
    }
}

#[test]
fn the_same_file_twice_runs_its_task_once() {
    let ecs = deployed(terse(), &[("preflight", "off"), ("run-task", "true")]);
    assert_eq!(ecs.aws().calls_to("RunTask").len(), 1);
}
