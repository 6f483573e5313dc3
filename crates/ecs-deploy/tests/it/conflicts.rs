//! A deployment of somebody else that is under way when ours begins.

use serde_json::{Value, json};
use testkit::FakeAws;

use crate::scene::{NEW, OLD, deployment, described, ours, run, runner, scene, service};

const THEIRS: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:9";

fn theirs(rollout: &str) -> Value {
    service(&[deployment("ecs-svc/9", "PRIMARY", THEIRS, rollout)])
}

/// Theirs is under way for two more looks, and then complete; nothing comes between the plan and the update.
fn busy() -> FakeAws {
    let aws = scene([]);
    let looks = ["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED", "COMPLETED", "COMPLETED"].map(theirs);
    aws.on("DescribeServices").sequence(looks.into_iter().chain([service(&[ours("COMPLETED")])]).map(described));
    aws
}

#[test]
fn by_default_its_place_is_taken_with_a_warning() {
    let aws = scene([]);
    aws.on("DescribeServices").reply(described(theirs("IN_PROGRESS"))).then(described(service(&[ours("COMPLETED")])));
    let out = run(&runner(&aws));
    out.assert_code(0);
    assert!(
        out.stdout.contains("the deployment of `shop:9` is still under way; this one takes its place"),
        "{}",
        out.stdout
    );
}

#[test]
fn fail_changes_nothing() {
    let aws = scene([]);
    aws.on("DescribeServices").reply(described(theirs("IN_PROGRESS")));
    let out = run(&runner(&aws).input("on-conflict", "fail"));
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-deploy/under-way: the deployment of `shop:9` to service `web`"), "{}", out.stderr);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty() && aws.calls_to("UpdateService").is_empty());
}

#[test]
fn fail_is_kept_to_the_last_moment() {
    let aws = scene([]);
    let quiet = service(&[deployment("ecs-svc/1", "PRIMARY", OLD, "COMPLETED")]);
    aws.on("DescribeServices").reply(described(quiet)).then(described(theirs("IN_PROGRESS")));
    let out = run(&runner(&aws).input("on-conflict", "fail"));
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-deploy/under-way: the deployment of `shop:9` to service `web`"), "{}", out.stderr);
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn wait_waits_for_its_end_and_plans_anew() {
    let aws = busy();
    let out = run(&runner(&aws).input("on-conflict", "wait"));
    out.assert_code(0);
    assert!(out.stderr.contains("waiting for the deployment of shop:9"), "{}", out.stderr);
    assert_eq!(out.outputs["verdict"], "deployed");
    assert_eq!(out.outputs["previous-task-definition-arn"], THEIRS);
    let operations = aws.operations();
    let update = operations.iter().position(|operation| operation == "UpdateService").unwrap();
    let looks = operations[..update].iter().filter(|operation| *operation == "DescribeServices").count();
    // One of them just before the update: nobody else may have begun meanwhile.
    assert_eq!(looks, 6, "{operations:?}");
    assert_eq!(aws.calls_to("RegisterTaskDefinition").len(), 1);
    assert_eq!(out.outputs["task-definition-arn"], NEW);
}

#[test]
fn a_wait_that_takes_too_long_changes_nothing() {
    let aws = scene([]);
    aws.on("DescribeServices").reply(described(theirs("IN_PROGRESS")));
    let out = run(&runner(&aws).input("on-conflict", "wait").input("wait-timeout", "0s"));
    out.assert_code(4);
    assert!(out.stderr.contains("ecs-deploy/under-way"), "{}", out.stderr);
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn what_changes_nothing_is_in_nobodys_way() {
    let aws = scene([]);
    let busy = service(&[deployment("ecs-svc/1", "PRIMARY", crate::scene::OLD, "IN_PROGRESS")]);
    let done = service(&[deployment("ecs-svc/1", "PRIMARY", crate::scene::OLD, "COMPLETED")]);
    aws.on("DescribeServices").sequence([busy, done].map(described));
    aws.on("ListServiceDeployments").reply(json!({"serviceDeployments": []}));
    let again = runner(&aws).input("task-definition", "").input("images", "app=shop:1").input("on-conflict", "fail");
    let out = run(&again);
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "already-deployed");
}

#[test]
fn one_deployment_after_the_other_is_waited_for_once() {
    let aws = scene([]);
    let looks = ["IN_PROGRESS", "COMPLETED", "IN_PROGRESS", "COMPLETED"].map(theirs);
    aws.on("DescribeServices").sequence(looks.map(described));
    let out = run(&runner(&aws).input("on-conflict", "wait"));
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-deploy/waited"), "{}", out.stderr);
    assert!(aws.calls_to("UpdateService").is_empty());
}

/// Theirs is under way in a service of another strategy, of which ECS tells no rollout state.
fn shifting() -> FakeAws {
    let aws = scene([]);
    crate::scene::with_service_deployments(&aws, "IN_PROGRESS");
    let mut busy = theirs("");
    busy["deployments"][0].as_object_mut().unwrap().remove("rolloutState");
    busy["deploymentConfiguration"]["strategy"] = json!("BLUE_GREEN");
    busy["currentServiceDeployment"] = json!(crate::scene::service_deployment_arn("new"));
    aws.on("DescribeServices").reply(described(busy));
    aws
}

#[test]
fn fail_is_kept_where_nothing_is_waited_for() {
    let aws = shifting();
    let step = |aws| runner(aws).input("on-conflict", "fail").input("wait-for-service-stability", "false");
    let out = run(&step(&aws));
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-deploy/under-way: the deployment of `shop:9` to service `web`"), "{}", out.stderr);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty() && aws.calls_to("UpdateService").is_empty());
    let aws = shifting();
    aws.on("ListServiceDeployments").error(
        400,
        "AccessDeniedException",
        "User: arn:aws:sts::1:assumed-role/d is not authorized to perform: ecs:ListServiceDeployments on resource: *",
    );
    let out = run(&step(&aws));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-deploy/cannot-be-followed"), "{}", out.stderr);
    assert!(out.stderr.contains("or write `on-conflict: supersede`"), "{}", out.stderr);
    assert!(aws.calls_to("UpdateService").is_empty());
}
