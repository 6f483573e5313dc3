//! A service of the family that CodeDeploy deploys: its task sets and what its deployments brought stay.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use testkit::FakeAws;
use testkit::http::Reply;

use super::{PLACE, deregistered, revision, step, world};
use crate::scene::{described, old, ours, run, service};

/// Beside `web` there is `jobs`, whose task set has one revision and whose deployment brought another one.
fn with_jobs(task_set: u64, brought: u64) -> FakeAws {
    let aws = world();
    let updated = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&updated);
    aws.on("UpdateService").answer(move |_| {
        updated.store(true, Ordering::SeqCst);
        Reply::json(200, &json!({"service": service(&[ours("IN_PROGRESS"), old("ACTIVE")])}))
    });
    let mut jobs = service(&[old("PRIMARY")]);
    jobs["serviceArn"] = json!(format!("{PLACE}:service/prod/jobs"));
    jobs["serviceName"] = json!("jobs");
    jobs["taskDefinition"] = json!(revision(task_set));
    jobs["deploymentController"] = json!({"type": "CODE_DEPLOY"});
    jobs["deployments"] = json!([]);
    jobs["taskSets"] = json!([{"id": "ecs-svc/5", "status": "PRIMARY", "taskDefinition": revision(task_set)}]);
    aws.on("DescribeServices").answer(move |call| {
        let web = if seen.load(Ordering::SeqCst) { ours("COMPLETED") } else { old("PRIMARY") };
        let mut answer = described(service(&[web]));
        if call.body["services"].as_array().is_some_and(|names| names.len() == 2) {
            answer["services"].as_array_mut().unwrap().push(jobs.clone());
        }
        Reply::json(200, &answer)
    });
    let arns = ["web", "jobs"].map(|name| format!("{PLACE}:service/prod/{name}"));
    aws.on("ListServices").reply(json!({"serviceArns": arns}));
    aws.on("ListDeployments").reply(json!({"deployments": ["d-ABCDEFGH1"]}));
    let hash = "a".repeat(64);
    aws.on("GetDeployment").reply(json!({"deploymentInfo": {
        "applicationName": "AppECS-prod-jobs", "deploymentGroupName": "DgpECS-prod-jobs", "deploymentId": "d-ABCDEFGH1",
        "status": "Succeeded", "createTime": 1_600_000_000.0, "computePlatform": "ECS",
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": hash}}
    }}));
    let appspec = json!({"version": 0.0, "Resources": [{"TargetService": {
        "Type": "AWS::ECS::Service",
        "Properties": {"TaskDefinition": revision(brought), "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 80}}
    }}]});
    aws.on("GetApplicationRevision").reply(json!({
        "applicationName": "AppECS-prod-jobs",
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec.to_string(), "sha256": hash}}
    }));
    aws
}

#[test]
fn what_it_does_not_use_can_go() {
    let aws = with_jobs(7, 6);
    let out = run(&step(&aws));
    out.assert_code(0);
    assert_eq!(deregistered(&aws), [json!(revision(1))], "{}", out.stdout);
    let asked: Vec<Value> = aws.calls_to("ListDeployments").iter().map(|call| call.body.clone()).collect();
    assert_eq!(asked[0]["applicationName"], "AppECS-prod-jobs");
    assert_eq!(asked[0]["deploymentGroupName"], "DgpECS-prod-jobs");
}

#[test]
fn what_its_task_sets_and_its_deployments_have_stays() {
    for (task_set, brought) in [(1, 6), (7, 1)] {
        let aws = with_jobs(task_set, brought);
        let out = run(&step(&aws));
        out.assert_code(0);
        assert!(deregistered(&aws).is_empty(), "{task_set} {brought}");
        assert!(!out.stdout.contains("no revision is deregistered"), "{}", out.stdout);
    }
}

#[test]
fn what_cannot_be_read_keeps_all() {
    for operation in ["ListDeployments", "GetDeployment", "GetApplicationRevision"] {
        let aws = with_jobs(7, 6);
        aws.on(operation).error(400, "AccessDeniedException", "no");
        let out = run(&step(&aws));
        out.assert_code(0);
        assert!(deregistered(&aws).is_empty(), "{operation}");
        let told = format!("grant `codedeploy:{operation}`");
        assert!(out.stdout.contains("no revision is deregistered") && out.stdout.contains(&told), "{}", out.stdout);
    }
    let aws = with_jobs(7, 6);
    aws.on("GetApplicationRevision").error(400, "RevisionDoesNotExistException", "It is not there.");
    let out = run(&step(&aws));
    assert!(deregistered(&aws).is_empty());
    let told = "what the deployment d-ABCDEFGH1 of CodeDeploy brought cannot be read";
    assert!(out.stdout.contains(told), "{}", out.stdout);
}
