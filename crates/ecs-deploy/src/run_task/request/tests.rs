use std::time::Duration;

use actions_core::{ActionError as _, ExitCode, InputErrors};

use super::*;
use crate::args::TaskArgs;
use crate::inputs::Volume;
use crate::names::ServiceName;

fn inputs() -> TaskInputs {
    let args = TaskArgs { run_task_started_by: "GitHub-Actions".into(), ..TaskArgs::default() };
    crate::run_task::inputs::parse(&args, Duration::from_mins(30), &mut InputErrors::new())
}

fn definition(mode: &str) -> Value {
    json!({"family": "shop", "networkMode": mode, "containerDefinitions": [{"name": "app"}, {"name": "side"}]})
}

fn service() -> Value {
    json!({
        "launchType": "FARGATE", "platformVersion": "1.4.0",
        "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"
        }}
    })
}

/// The request with what is always there left out.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "tests pass what they make")]
fn check(inputs: &TaskInputs, definition: &Value, service: Option<Value>, expect: Value) {
    let placement = service.map(|service| Placement::of(&service));
    let services: Vec<(&str, &Placement)> = placement.iter().map(|placement| ("web", placement)).collect();
    let mut request = Value::Object(plan(inputs, definition, &services).unwrap().request);
    let fields = request.as_object_mut().unwrap();
    assert_eq!(fields.remove("count"), Some(json!(1)));
    assert_eq!(fields.remove("startedBy"), Some(json!("GitHub-Actions")));
    assert_eq!(request, expect);
}

#[test]
fn a_task_runs_where_the_service_does() {
    check(&inputs(), &definition("awsvpc"), Some(service()), service());
}

#[test]
fn what_is_given_wins_over_the_service() {
    let inputs = TaskInputs {
        subnets: vec!["subnet-9".into()],
        public_ip: Some("DISABLED"),
        launch_type: Some("EC2"),
        ..inputs()
    };
    let network = json!({"awsvpcConfiguration": {
        "subnets": ["subnet-9"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"
    }});
    check(
        &inputs,
        &definition("awsvpc"),
        Some(service()),
        json!({"networkConfiguration": network, "launchType": "EC2"}),
    );
}

#[test]
fn capacity_providers_take_the_place_of_a_launch_type() {
    let strategy = json!([{"capacityProvider": "FARGATE_SPOT", "weight": 1}]);
    let mut of_service = service();
    of_service["capacityProviderStrategy"] = strategy.clone();
    of_service.as_object_mut().unwrap().remove("launchType");
    check(&inputs(), &definition("awsvpc"), Some(of_service.clone()), of_service);
    let given = TaskInputs { strategy: strategy.as_array().unwrap().clone(), launch_type: Some("FARGATE"), ..inputs() };
    let expect =
        json!({"networkConfiguration": service()["networkConfiguration"], "capacityProviderStrategy": strategy});
    check(&given, &definition("awsvpc"), Some(service()), expect);
}

#[test]
fn without_a_service_it_is_the_official_default() {
    let inputs = TaskInputs { subnets: vec!["subnet-1".into()], ..inputs() };
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}});
    check(&inputs, &definition("awsvpc"), None, json!({"networkConfiguration": network, "launchType": "FARGATE"}));
}

#[test]
fn a_network_is_sent_for_awsvpc_only() {
    let of_service = json!({"launchType": "EC2", "platformVersion": ""});
    check(&inputs(), &definition("bridge"), Some(of_service), json!({"launchType": "EC2"}));
    let inputs = TaskInputs { subnets: vec!["subnet-1".into()], ..inputs() };
    let told = plan(&inputs, &definition("bridge"), &[]).unwrap();
    assert!(told.warnings[0].contains("network mode is not awsvpc"), "{:?}", told.warnings);
}

#[test]
fn a_service_of_task_sets_has_its_network_there() {
    let of_service = json!({"taskSets": [{"status": "ACTIVE", "launchType": "EC2"}, {
        "status": "PRIMARY", "launchType": "FARGATE", "platformVersion": "1.4.0",
        "networkConfiguration": service()["networkConfiguration"]
    }]});
    check(&inputs(), &definition("awsvpc"), Some(of_service), service());
}

#[test]
fn overrides_tags_and_a_volume_are_sent_as_they_are() {
    let inputs = TaskInputs {
        overrides: vec![json!({"name": "app", "command": ["", "migrate"], "newField": null})],
        tags: vec![json!({"key": "a", "value": ""})],
        volume: Some(Volume { name: "data".into(), managed: Map::from_iter([("roleArn".into(), json!("arn:x"))]) }),
        managed_tags: Some(true),
        launch_type: Some("EC2"),
        ..inputs()
    };
    let expect = json!({
        "launchType": "EC2", "overrides": {"containerOverrides": [{"name": "app", "command": ["", "migrate"], "newField": null}]},
        "tags": [{"key": "a", "value": ""}], "enableECSManagedTags": true, "volumeConfigurations": [{"name": "data", "managedEBSVolume": {"roleArn": "arn:x"}}]
    });
    check(&inputs, &definition("bridge"), None, expect);
}

#[test]
fn what_cannot_be_known_is_refused_before_anything_is_changed() {
    let network = plan(&inputs(), &definition("awsvpc"), &[]).unwrap_err();
    assert_eq!(network.to_string(), "the task of `shop` needs subnets, and none are known");
    let other = Placement { launch_type: "EC2".into(), ..Placement::of(&service()) };
    let web = Placement::of(&service());
    let services = [("web", &web), ("worker", &other)];
    let differ = plan(&inputs(), &definition("awsvpc"), &services).unwrap_err();
    assert!(differ.to_string().contains("`web`, `worker`"), "{differ}");
    let named = TaskInputs { service: ServiceName::parse("worker").ok(), ..inputs() };
    assert_eq!(plan(&named, &definition("awsvpc"), &services).unwrap().capacity, "EC2");
    let unknown = TaskInputs { overrides: vec![json!({"name": "ap"})], ..inputs() };
    let unknown = plan(&unknown, &definition("awsvpc"), &services[..1]).unwrap_err();
    assert!(unknown.to_string().contains("the container `ap`"), "{unknown}");
    assert!([network, differ, unknown].iter().all(|error| error.exit_code() == ExitCode::BadInput));
}
