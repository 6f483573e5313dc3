//! What keeps a service from going back.

use serde_json::{Value, json};
use testkit::FakeAws;
use testkit::FakeEcs;
use testkit::FakeRunner;
use testkit::ecs::{Role, Trouble, named, revision_arn};

use super::images::with_image;
use super::{back, changes, deployed, of, step};
use crate::scene::{self, deployment, described, old, ours, service};

#[track_caller]
pub(super) fn refused(runner: &FakeRunner, aws: &FakeAws, code: &str, parts: &[&str]) {
    let before = aws.calls_to("UpdateService").len();
    let out = back(runner);
    out.assert_code(if code == "ecs-rollback/moved" { 1 } else { 2 });
    assert!(out.stdout.contains(&format!("::error title={code}::")), "{}", out.stdout);
    for part in parts {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert_eq!(aws.calls_to("UpdateService").len(), before);
    assert!(aws.calls_to("StopServiceDeployment").is_empty());
}

#[test]
fn production_is_confirmed_before_anything_is_asked() {
    let ecs = FakeEcs::start(named("healthy"));
    let out = back(&of(&ecs).input("confirm", ""));
    out.assert_code(2);
    assert!(out.stderr.contains("`confirm` is missing, and the cluster `prod` is production"), "{}", out.stderr);
    let wrong = back(&of(&ecs).input("confirm", "").input("environment", "staging"));
    assert!(wrong.stderr.contains("the cluster `prod` is production"), "{}", wrong.stderr);
    assert!(ecs.aws().calls().is_empty());
}

#[test]
fn a_revision_that_is_not_active_is_refused_with_those_that_are() {
    let ecs = deployed(named("healthy"));
    ecs.deregister(7);
    let parts = ["`shop:7` is INACTIVE", "name an ACTIVE revision in `to`: `shop:8`"];
    refused(&of(&ecs), ecs.aws(), "ecs-rollback/revision-inactive", &parts);
}

#[test]
fn what_may_not_be_read_is_not_guessed() {
    let mut denied = named("service-deployments-denied");
    denied.troubles.retain(|trouble| *trouble != Trouble::Denied("DescribeServiceRevisions"));
    let ecs = deployed(denied);
    let parts = ["allow the role `ecs:ListServiceDeployments`"];
    refused(&of(&ecs), ecs.aws(), "ecs-rollback/history-unreadable", &parts);
    let named = back(&of(&ecs).input("to", "7"));
    assert_eq!(named.assert_code(0).outputs["verdict"], "restored", "what is named needs no history");
}

#[test]
fn one_that_never_ran_anything_else_stays() {
    let ecs = FakeEcs::start(named("healthy"));
    refused(&of(&ecs), ecs.aws(), "ecs-rollback/nothing-to-restore", &["no other revision was successful before"]);
}

#[test]
fn a_service_of_another_controller_is_refused() {
    let aws = scene::scene([]);
    let mut other = service(&[old("PRIMARY")]);
    other["deploymentController"] = json!({"type": "EXTERNAL"});
    aws.on("DescribeServices").reply(described(other));
    refused(&step(aws.env()).input("to", "7"), &aws, "ecs-deploy/unsupported-controller", &["task sets"]);
}

#[test]
fn another_family_is_only_gone_to_by_name() {
    let ecs = deployed(named("healthy"));
    let other = "arn:aws:ecs:eu-west-1:123456789012:task-definition/legacy:3";
    ecs.aws().on("DescribeServiceRevisions").answer(move |call| {
        let of = |arn: &Value| {
            let td = if *arn == Role::Before.service_revision().as_str() { other.to_owned() } else { revision_arn(8) };
            json!({"serviceRevisionArn": arn, "taskDefinition": td})
        };
        let found: Vec<Value> = call.body["serviceRevisionArns"].as_array().unwrap().iter().map(of).collect();
        testkit::http::Reply::json(200, &json!({"serviceRevisions": found, "failures": []}))
    });
    ecs.aws().on("DescribeTaskDefinition").reply(with_image("legacy", 3, "legacy:3"));
    refused(&of(&ecs), ecs.aws(), "ecs-rollback/other-family", &["write `to: legacy:3` if that is meant"]);
}

#[test]
fn a_service_that_moved_meanwhile_is_left() {
    let aws = scene::scene([]);
    let theirs =
        deployment("ecs-svc/9", "PRIMARY", "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:99", "IN_PROGRESS");
    aws.on("DescribeServices")
        .reply(described(service(&[ours("COMPLETED")])))
        .then(described(service(&[theirs, ours("COMPLETED")])));
    refused(&step(aws.env()).input("to", "7"), &aws, "ecs-rollback/moved", &["another deployment began, of shop:99"]);
}

#[test]
fn of_several_services_none_goes_when_one_cannot() {
    let ecs = deployed(named("healthy"));
    let runner = of(&ecs).input("services", "worker");
    let out = back(&runner);
    out.assert_code(2);
    assert!(out.stderr.contains("service `worker` is not in cluster `prod`"), "{}", out.stderr);
    assert!(changes(&ecs).is_empty());
}
