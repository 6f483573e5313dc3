//! How a deployment ends, and what is told about it.

use serde_json::json;
use testkit::Fault;

use crate::scene::{NEW, OLD, deployment, old, ours, run, runner, scene, service, with_event};

fn dead(status: &str) -> serde_json::Value {
    let mut dead = deployment("ecs-svc/2", status, NEW, "FAILED");
    dead["rolloutStateReason"] = json!("ECS deployment circuit breaker: tasks failed to start.");
    dead
}

#[test]
fn a_rollback_is_exit_code_3_with_what_died_and_what_was_restored() {
    let mut failing = service(&[dead("PRIMARY"), old("ACTIVE")]);
    failing["deploymentConfiguration"]["deploymentCircuitBreaker"]["rollback"] = json!(true);
    let back = |rollout| service(&[deployment("ecs-svc/3", "PRIMARY", OLD, rollout), dead("ACTIVE")]);
    let message = "(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.";
    let aws = scene([
        service(&[ours("IN_PROGRESS"), old("ACTIVE")]),
        with_event(failing, "e1", message),
        back("IN_PROGRESS"),
        back("COMPLETED"),
    ]);
    let out = run(&runner(&aws));
    out.assert_code(3);
    assert_eq!(out.outputs["verdict"], "rolled-back");
    assert_eq!(out.outputs["reason"], "ECS deployment circuit breaker: tasks failed to start.");
    for part in ["went back to shop:7", "app exited with 139 (segmentation fault)", message] {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(!out.stderr.contains("an older deployment"), "{}", out.stderr);
    assert_eq!(out.stdout.matches("::error ").count(), 1, "{}", out.stdout);
    assert!(out.stdout.contains("::error title=ecs-deploy/rolled-back::"), "{}", out.stdout);
    assert!(out.summary.contains("| Restored | `shop:7` |"), "{}", out.summary);
    assert!(out.summary.contains("EssentialContainerExited"), "{}", out.summary);
}

#[test]
fn a_failure_without_rollback_ends_at_the_first_sight_of_it() {
    let aws = scene([service(&[dead("PRIMARY"), old("ACTIVE")])]);
    let out = run(&runner(&aws));
    out.assert_code(1);
    assert_eq!(out.outputs["verdict"], "failed");
    assert_eq!(aws.calls_to("DescribeServices").len(), 2);
    assert!(out.summary.contains("circuit breaker: tasks failed to start"), "{}", out.summary);
}

#[test]
fn a_deployment_by_someone_else_is_told_from_a_rollback() {
    let theirs = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:9";
    let aws = scene([service(&[deployment("ecs-svc/9", "PRIMARY", theirs, "COMPLETED")])]);
    let out = run(&runner(&aws));
    out.assert_code(1);
    assert_eq!(out.outputs["verdict"], "superseded");
    assert_eq!(out.outputs["reason"], "the service was updated to shop:9 meanwhile");
}

#[test]
fn a_stale_read_is_no_success() {
    let aws = scene([service(&[old("PRIMARY")]), service(&[old("PRIMARY")]), service(&[ours("COMPLETED")])]);
    let out = run(&runner(&aws));
    out.assert_code(0);
    assert_eq!(aws.calls_to("DescribeServices").len(), 4);
}

#[test]
fn a_desired_count_of_0_is_a_success_with_a_warning() {
    let mut none = service(&[ours("COMPLETED")]);
    none["desiredCount"] = json!(0);
    let out = run(&runner(&scene([none])));
    out.assert_code(0);
    assert!(out.stdout.contains("::warning title=ecs-deploy::the service's desired count is 0"), "{}", out.stdout);
}

#[test]
fn throttling_is_waited_out() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    aws.on("DescribeServices")
        .reply(crate::scene::described(service(&[old("PRIMARY")])))
        .then_error(400, "ThrottlingException", "Rate exceeded")
        .then(crate::scene::described(service(&[ours("COMPLETED")])));
    run(&runner(&aws)).assert_code(0);
    assert_eq!(aws.calls_to("DescribeServices").len(), 3);
}

#[test]
fn a_cut_connection_is_tried_again() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    aws.faults().add(Fault::reset().on("POST", "/").nth(5));
    run(&runner(&aws)).assert_code(0);
}

#[test]
fn a_missing_permission_for_the_diagnosis_costs_one_line() {
    let aws = scene([service(&[dead("PRIMARY")])]);
    aws.on("ListTasks").error(
        400,
        "AccessDeniedException",
        "User: arn:aws:sts::1:assumed-role/d is not authorized to perform: ecs:ListTasks on resource: *",
    );
    let out = run(&runner(&aws));
    out.assert_code(1);
    assert!(out.stderr.contains("grant `ecs:ListTasks` to see why tasks stopped"), "{}", out.stderr);
    assert!(out.stderr.contains("circuit breaker: tasks failed to start"), "{}", out.stderr);
}

#[test]
fn the_time_is_up_with_exit_code_4() {
    let aws = scene([service(&[ours("IN_PROGRESS")])]);
    let out = run(&runner(&aws).input("wait-timeout", "0s"));
    out.assert_code(4);
    assert_eq!(out.outputs["verdict"], "timed-out");
    assert!(out.outputs["reason"].contains("shop:8: IN_PROGRESS, 2 of 2 running"), "{:?}", out.outputs);
}

#[test]
fn a_cancelled_run_says_that_the_deployment_goes_on() {
    let aws = scene([service(&[ours("IN_PROGRESS")])]);
    let runner = runner(&aws);
    let mut running = runner.spawn(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    running.wait_for_output("IN_PROGRESS");
    running.terminate();
    let out = running.finish();
    out.assert_code(130);
    assert_eq!(out.outputs["verdict"], "cancelled");
    assert_eq!(out.outputs["deployment-id"], "ecs-svc/2");
    assert!(out.summary.contains("the deployment goes on by itself"), "{}", out.summary);
}

#[test]
fn lost_credentials_while_waiting_are_exit_code_4() {
    let aws = scene([]);
    aws.on("DescribeServices").reply(crate::scene::described(service(&[old("PRIMARY")]))).then_error(
        400,
        "ExpiredTokenException",
        "The security token included in the request is expired",
    );
    let out = run(&runner(&aws));
    out.assert_code(4);
    assert!(out.stderr.contains("ecs-deploy/lost-sight: deployment `ecs-svc/2` was started"), "{}", out.stderr);
    assert_eq!((&*out.outputs["verdict"], &*out.outputs["deployment-id"]), ("timed-out", "ecs-svc/2"));
    assert_eq!(out.outputs["revision"], "shop:8");
    assert!(out.outputs["reason"].contains("the AWS credentials have expired"), "{:?}", out.outputs);
    assert!(out.stderr.contains("run the step again: it waits for the same deployment"), "{}", out.stderr);
}

/// What was seen until the credentials expired.
fn expiring(looks: impl IntoIterator<Item = serde_json::Value>) -> testkit::FakeAws {
    let aws = scene([]);
    let looks = std::iter::once(service(&[old("PRIMARY")])).chain(looks).map(crate::scene::described);
    aws.on("DescribeServices").sequence(looks).then_error(400, "ExpiredTokenException", "The token is expired");
    aws
}

#[test]
fn what_was_seen_before_the_credentials_were_lost_is_kept() {
    let under_way = service(&[ours("IN_PROGRESS"), old("ACTIVE")]);
    let aws = expiring([with_event(under_way, "e1", "(service web) was unable to place a task.")]);
    crate::scene::with_service_deployments(&aws, "IN_PROGRESS");
    let out = run(&runner(&aws));
    out.assert_code(4);
    assert_eq!(out.outputs["service-deployment-arn"], crate::scene::service_deployment_arn("new"), "{}", out.stderr);
    assert!(out.outputs["diagnosis-json"].contains("was unable to place a task"), "{:?}", out.outputs);
}

#[test]
fn a_service_that_goes_back_unseen_is_not_to_be_deployed_again() {
    let back = service(&[deployment("ecs-svc/3", "PRIMARY", OLD, "IN_PROGRESS"), dead("ACTIVE")]);
    let message = "(service web) (deployment ecs-svc/2) deployment failed: tasks failed to start.";
    let out = run(&runner(&expiring([back.clone(), with_event(back.clone(), "e1", message), back])));
    out.assert_code(4);
    assert!(out.stderr.contains("ecs-deploy/lost-sight"), "{}", out.stderr);
    assert!(!out.stderr.contains("run the step again"), "{}", out.stderr);
    assert!(out.stderr.contains("running this step again would deploy anew what it goes back from"), "{}", out.stderr);
    assert!(out.stderr.contains("ecs-deploy rollback --cluster=prod --service=web --aws-region=eu-west-1 --mode=plan"));
}

#[test]
fn one_that_was_forced_is_waited_for_without_force() {
    let aws = scene([service(&[ours("IN_PROGRESS")])]);
    let out = run(&runner(&aws).input("wait-timeout", "0s").input("force-new-deployment", "true"));
    out.assert_code(4);
    assert!(out.stderr.contains("and without `force-new-deployment`, to wait for the same"), "{}", out.stderr);
    let out = run(&runner(&expiring([service(&[ours("IN_PROGRESS")])])).input("force-new-deployment", "true"));
    out.assert_code(4);
    assert!(out.stderr.contains("run the step again without `force-new-deployment`: it waits"), "{}", out.stderr);
}
