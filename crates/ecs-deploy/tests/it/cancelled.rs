//! A cancellation while a deployment is taken back: the run ends by itself, says how far that had come, and leaves its outputs.
//!
//! Nothing here is scaled in time: the run has its five seconds, and what it would wait for takes a minute.

use testkit::codedeploy::{BACK, Moment, OURS, named};
use testkit::fault::Target;
use testkit::{FakeAws, FakeCodeDeploy, FakeRunner, Fault, RunOutput};

use crate::reluctant::{DECIDING, Service, Way};
use crate::scene::{self, NEW};

const BACK_NOW: &str = "ecs-deploy rollback --cluster=prod --service=web --aws-region=eu-west-1";
const GROUP: &str = " --codedeploy-application=AppECS-prod-web --codedeploy-deployment-group=DgpECS-prod-web";

/// What becomes of the calls of an operation that decide about the way back.
fn at(aws: &FakeAws, service: &Service, operation: &'static str, fault: Fault) {
    let service = service.clone();
    let fault = fault.matching(move |request| {
        service.name(request).is_some_and(|call| call.operation == operation && call.target == DECIDING)
    });
    aws.faults().add(fault);
}

fn reluctant(way: Way) -> (FakeAws, Service, FakeRunner) {
    let aws = scene::scene([]);
    let service = Service::new(way, &aws);
    let step = scene::runner(&aws).input("preflight", "off");
    let step = match way {
        Way::Failure | Way::GivenUp => step.input("on-failure", "rollback"),
        Way::TimeOut => step.input("on-timeout", "rollback").input("wait-timeout", "0s"),
        Way::Cancel => step.input("on-cancel", "rollback"),
    };
    (aws, service, step)
}

/// Runs it, interrupted once it has printed `text`; `target` is who a fault interrupts.
fn run(step: &FakeRunner, target: &Target, text: Option<&str>) -> RunOutput {
    let mut running = step.spawn(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    target.aim(Some(running.pid()));
    if let Some(text) = text {
        running.wait_for_output(text);
        running.interrupt();
    }
    let out = running.finish();
    target.aim(None);
    out
}

/// It ended by itself, with everything that it knows, and says `reason`; `help` is what it ends its advice with.
#[track_caller]
fn is_told(out: &RunOutput, reason: &str, help: &str) {
    let seen = format!("{}\n{}\n{:#?}", out.stdout, out.stderr, out.outputs);
    out.assert_code(130);
    assert_eq!(out.outputs["verdict"], "cancelled", "{seen}");
    assert!(out.outputs["reason"].ends_with(reason), "{seen}");
    assert_eq!(out.outputs["task-definition-arn"], NEW, "{seen}");
    assert_eq!(out.outputs["deployment-id"], "ecs-svc/2", "{seen}");
    assert_ne!(out.outputs["services-json"], "", "{seen}");
    assert!(out.stdout.contains("title=ecs-deploy/cancelled::"), "{seen}");
    assert!(out.stderr.contains(help), "{help}\n{seen}");
    assert!(out.summary.contains("cancelled"), "{}", out.summary);
}

fn calls(aws: &FakeAws, operation: &str) -> usize {
    aws.calls_to(operation).len()
}

#[test]
fn a_failure_that_is_looked_at_before_it_is_undone_is_left_and_the_way_back_is_named() {
    let (aws, service, step) = reluctant(Way::GivenUp);
    at(&aws, &service, "ecs:DescribeServices", Fault::hang());
    let out = run(&step, &Target::default(), Some("`on-failure` asks for a rollback"));
    is_told(&out, "; cancelled before the rollback was asked for", BACK_NOW);
    assert_eq!(out.outputs["service-deployment-arn"], service.deployment_arn(2));
    assert_eq!((calls(&aws, "UpdateService"), calls(&aws, "StopServiceDeployment")), (1, 0));
}

#[test]
fn what_is_on_its_way_is_waited_for_no_longer() {
    let (aws, service, step) = reluctant(Way::TimeOut);
    let requested = Fault::rewrite(|_, reply| {
        let body = String::from_utf8_lossy(&reply.body).replace("IN_PROGRESS", "STOP_REQUESTED");
        reply.with_body(body)
    });
    at(&aws, &service, "ecs:DescribeServiceDeployments", requested.always());
    let out = run(&step, &Target::default(), Some("`on-timeout` asks for a rollback"));
    is_told(&out, "; cancelled before the rollback was asked for", BACK_NOW);
    assert!(out.outputs["reason"].starts_with("not complete after 0 s"), "{:?}", out.outputs);
    assert_eq!(calls(&aws, "StopServiceDeployment"), 0);
}

#[test]
fn a_request_that_is_under_way_is_completed_and_told() {
    for (way, operation) in [(Way::TimeOut, "ecs:StopServiceDeployment"), (Way::GivenUp, "ecs:UpdateService")] {
        let (aws, service, step) = reluctant(way);
        let target = Target::default();
        at(&aws, &service, operation, Fault::interrupt(&target));
        let out = run(&step, &target, None);
        is_told(&out, "; the rollback to shop:7 was asked for", &format!("{BACK_NOW} --mode=plan"));
        assert_eq!(service.facts()[0].1, scene::OLD, "{way:?}");
    }
}

#[test]
fn a_request_that_nobody_answers_is_said_to_be_one() {
    for (way, operation) in [(Way::TimeOut, "ecs:StopServiceDeployment"), (Way::GivenUp, "ecs:UpdateService")] {
        let (aws, service, step) = reluctant(way);
        let target = Target::default();
        at(&aws, &service, operation, Fault::abandon(&target));
        let out = run(&step, &target, None);
        let reason = format!("whether the rollback was received is not known: `{operation}` got no answer in time");
        is_told(&out, &reason, &format!("{BACK_NOW} --mode=plan"));
    }
}

#[test]
fn the_cancellation_that_asks_for_a_rollback_does_not_end_it() {
    let (aws, service, step) = reluctant(Way::Cancel);
    // The second look, where the first one was not answered: a signal more would have ended it.
    at(&aws, &service, "ecs:DescribeServiceDeployments", Fault::reset());
    let out = run(&step, &Target::default(), Some("shop:8: IN_PROGRESS"));
    is_told(&out, "the rollback to shop:7 was asked for", &format!("{BACK_NOW} --mode=plan"));
    assert_eq!(calls(&aws, "StopServiceDeployment"), 1);
}

#[test]
fn a_second_signal_ends_it_at_once_and_loses_nothing_that_is_known() {
    let (aws, service, step) = reluctant(Way::Cancel);
    let target = Target::default();
    at(&aws, &service, "ecs:StopServiceDeployment", Fault::abandon(&target));
    let out = run(&step, &target, Some("shop:8: IN_PROGRESS"));
    out.assert_code(130);
    assert!(out.stderr.contains("a second signal ended the change"), "{}", out.stderr);
    assert_eq!(out.outputs["verdict"], "cancelled", "{}", out.stderr);
    assert_eq!(out.outputs["reason"], "whether the rollback was received is not known");
    assert_eq!(out.outputs["task-definition-arn"], NEW);
    assert_eq!(out.outputs["previous-task-definition-arn"], scene::OLD);
    assert_eq!(out.outputs["deployment-id"], "ecs-svc/2");
    assert_eq!(out.outputs["service-deployment-arn"], service.deployment_arn(2));
}

/// The service that `CodeDeploy` deploys, and a step in real time.
fn by_codedeploy(input: &str) -> (FakeCodeDeploy, FakeRunner) {
    let stand_in = FakeCodeDeploy::start(named("never-ends"));
    let step = stand_in.runner().env("SLIPWAY_TIME_DIVISOR", "1").input(input, "rollback").input("preflight", "off");
    (stand_in, step)
}

fn at_codedeploy(stand_in: &FakeCodeDeploy, operation: &'static str, id: &'static str, fault: Fault) {
    stand_in.aws().faults().add(fault.matching(move |request| {
        let target = request.header("x-amz-target").unwrap_or_default();
        target.ends_with(&format!(".{operation}")) && String::from_utf8_lossy(&request.body).contains(id)
    }));
}

#[track_caller]
fn is_told_of_codedeploy(out: &RunOutput, reason: &str) {
    let seen = format!("{}\n{}\n{:#?}", out.stdout, out.stderr, out.outputs);
    out.assert_code(130);
    assert_eq!(out.outputs["verdict"], "cancelled", "{seen}");
    assert!(out.outputs["reason"].contains(reason), "{seen}");
    assert_eq!(out.outputs["codedeploy-deployment-id"], OURS, "{seen}");
    assert_eq!(out.outputs["revision"], "shop:8", "{seen}");
}

#[test]
fn codedeploy_is_not_waited_for_that_does_not_answer() {
    let (stand_in, step) = by_codedeploy("on-timeout");
    let target = Target::default();
    at_codedeploy(&stand_in, "StopDeployment", OURS, Fault::abandon(&target));
    let out = run(&step.input("wait-timeout", "0s"), &target, None);
    is_told_of_codedeploy(&out, "whether the rollback was received is not known");
    assert!(out.stderr.contains(&format!("{BACK_NOW}{GROUP} --mode=plan")), "{}", out.stderr);
    assert!(out.summary.contains("cancelled"), "{}", out.summary);
}

#[test]
fn what_codedeploy_was_asked_for_is_told() {
    let (stand_in, step) = by_codedeploy("on-timeout");
    let target = Target::default();
    at_codedeploy(&stand_in, "StopDeployment", OURS, Fault::interrupt(&target));
    let out = run(&step.input("wait-timeout", "0s"), &target, None);
    is_told_of_codedeploy(&out, "the rollback was asked for and goes on by itself");
    assert!(out.stderr.contains(&format!("{BACK_NOW}{GROUP} --mode=plan")), "{}", out.stderr);
}

#[test]
fn a_rollback_of_codedeploy_itself_is_named() {
    let story = Moment::at(5, "Failed").error("HOOK_EXECUTION_FAILURE", "the hook said no").rolls_back();
    let stand_in = FakeCodeDeploy::start(testkit::codedeploy::Scenario {
        rollout: vec![Moment::at(0, "Created"), story],
        inputs: vec![("on-failure", "rollback"), ("preflight", "off")],
        ..named("never-ends")
    });
    let target = Target::default();
    at_codedeploy(&stand_in, "GetDeployment", BACK, Fault::interrupt(&target).nth(3));
    let out = run(&stand_in.runner(), &target, None);
    is_told_of_codedeploy(&out, &format!("the rollback {BACK} is still under way"));
    assert!(out.stderr.contains(&format!("{BACK_NOW}{GROUP} --mode=plan")), "{}", out.stderr);
}

#[test]
fn a_second_signal_loses_nothing_that_is_known_of_codedeploy() {
    let (stand_in, step) = by_codedeploy("on-cancel");
    let target = Target::default();
    at_codedeploy(&stand_in, "StopDeployment", OURS, Fault::abandon(&target));
    let out = run(&step, &target, Some("d-OURS00001: InProgress"));
    is_told_of_codedeploy(&out, "whether the rollback was received is not known");
    assert!(out.stderr.contains("a second signal ended the change"), "{}", out.stderr);
}
