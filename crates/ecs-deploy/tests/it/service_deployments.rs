//! What is made of service deployments, where the stand-in's stories do not tell it.

use serde_json::json;
use testkit::FakeEcs;
use testkit::ecs::named;

use crate::scene::{
    described, old, ours, run, runner, scene, service, service_deployment_arn, with_service_deployments,
};

#[test]
fn its_arn_is_an_output() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    with_service_deployments(&aws, "SUCCESSFUL");
    let out = run(&runner(&aws));
    out.assert_code(0);
    assert_eq!(out.outputs["service-deployment-arn"], service_deployment_arn("new"));
    let services: serde_json::Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!(services[0]["service"], "web");
    assert_eq!(services[0]["service-deployment-arn"], service_deployment_arn("new"));
    assert_eq!(services[0]["verdict"], "deployed");
}

#[test]
fn a_complete_rollout_state_is_no_success_while_the_service_deployment_goes_on() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    with_service_deployments(&aws, "IN_PROGRESS");
    let out = run(&runner(&aws).input("wait-timeout", "3s"));
    out.assert_code(4);
    assert!(out.outputs["reason"].contains("service deployment IN_PROGRESS"), "{:?}", out.outputs);
}

#[test]
fn a_word_that_nobody_knows_is_told_once_and_ends_nothing() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    with_service_deployments(&aws, "SUSPENDED");
    let out = run(&runner(&aws).input("wait-timeout", "5s"));
    out.assert_code(4);
    assert_eq!(out.stderr.matches("a word that is newer than this program").count(), 1, "{}", out.stderr);
    // The word is newer than the stand-in's model too.
    assert!(!aws.violations().is_empty());
}

#[test]
fn another_strategy_without_the_permission_is_refused_before_anything_is_changed() {
    let mut shifting = service(&[old("PRIMARY")]);
    shifting["deploymentConfiguration"]["strategy"] = json!("BLUE_GREEN");
    let aws = scene([]);
    aws.on("DescribeServices").reply(described(shifting));
    aws.on("ListServiceDeployments").error(
        400,
        "AccessDeniedException",
        "User: arn:aws:sts::1:assumed-role/d is not authorized to perform: ecs:ListServiceDeployments on resource: *",
    );
    let out = run(&runner(&aws));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-deploy/cannot-be-followed"), "{}", out.stderr);
    assert!(out.stderr.contains("allow the role `ecs:ListServiceDeployments`"), "{}", out.stderr);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty() && aws.calls_to("UpdateService").is_empty());
}

#[test]
fn an_endpoint_without_service_deployments_is_no_matter_of_permissions() {
    let mut shifting = service(&[old("PRIMARY")]);
    shifting["deploymentConfiguration"]["strategy"] = json!("BLUE_GREEN");
    let aws = scene([]);
    aws.on("DescribeServices").reply(described(shifting));
    aws.on("ListServiceDeployments").error(400, "UnsupportedFeatureException", "Not here.");
    let out = run(&runner(&aws));
    out.assert_code(2);
    assert!(out.stderr.contains("`ecs:ListServiceDeployments` has no answer here"), "{}", out.stderr);
    assert!(!out.stderr.contains("allow the role"), "{}", out.stderr);
}

#[test]
fn a_blue_green_deployment_that_was_stopped_is_no_success_of_the_next_run() {
    let mut scenario = named("blue-green");
    scenario.configuration["alarms"] = json!({"alarmNames": ["shop-5xx"], "enable": true, "rollback": false});
    let why = "ECS deployment alarm: alarm shop-5xx was triggered.";
    let up = scenario.rollout.iter().rfind(|moment| moment.at <= 30).cloned().unwrap();
    scenario.rollout.retain(|moment| moment.at <= up.at);
    scenario.rollout.push(up.at(up.at + 20).alarms("TRIGGERED", &["shop-5xx"]).status("STOPPED", why));
    let ecs = FakeEcs::start(scenario);
    for run in 1..3 {
        let out = ecs.runner().run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
        out.assert_code(1);
        assert_eq!(out.outputs["verdict"], "failed", "run {run}");
        assert!(out.outputs["reason"].contains("alarms that went off: shop-5xx"), "run {run}: {:?}", out.outputs);
    }
    assert_eq!(ecs.aws().calls_to("UpdateService").len(), 1);
}

#[test]
fn a_rolling_service_has_no_stages_to_wait_for() {
    let aws = scene([]);
    let out = run(&runner(&aws).input("wait-until", "stage:BAKE_TIME"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-deploy/no-stages"), "{}", out.stderr);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
}

#[test]
fn a_service_deployment_that_cannot_be_read_any_more_is_told_and_the_rollout_state_decides() {
    let aws = scene([service(&[ours("IN_PROGRESS")]), service(&[ours("IN_PROGRESS")]), service(&[ours("COMPLETED")])]);
    with_service_deployments(&aws, "IN_PROGRESS");
    aws.on("DescribeServiceDeployments").error(400, "ClientException", "not here");
    let out = run(&runner(&aws));
    out.assert_code(0);
    assert_eq!(out.outputs["service-deployment-arn"], "");
}

#[test]
fn stable_waits_until_the_old_tasks_are_gone() {
    let mut draining = service(&[ours("COMPLETED"), old("ACTIVE")]);
    draining["runningCount"] = json!(4);
    let aws = scene([draining.clone(), draining, service(&[ours("COMPLETED")])]);
    let out = run(&runner(&aws).input("wait-until", "stable"));
    out.assert_code(0);
    assert_eq!(aws.calls_to("DescribeServices").len(), 4);
}

#[test]
fn a_pause_that_no_hook_makes_is_not_waited_for() {
    let mut shifting = service(&[old("PRIMARY")]);
    shifting["deploymentConfiguration"]["strategy"] = json!("CANARY");
    let aws = scene([]);
    aws.on("DescribeServices").reply(described(shifting));
    let out = run(&runner(&aws).input("wait-until", "paused"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-deploy/no-pause"), "{}", out.stderr);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
}
