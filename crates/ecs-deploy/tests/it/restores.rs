//! What is done about a deployment that does not end well, seen at the built binary: which calls are made, and what is told.

use serde_json::{Value, json};
use testkit::FakeEcs;
use testkit::ecs::{Clock, Scenario, named, revision_arn};
use testkit::http::Reply;

use crate::scene::{self, OLD, deployment, old, ours, runner, scene, service, with_service_deployments};

const NONE: [&str; 0] = [];

fn run(scenario: Scenario) -> (FakeEcs, testkit::RunOutput) {
    let ecs = FakeEcs::start(scenario);
    let out = ecs.runner().run(env!("CARGO_BIN_EXE_ecs-deploy"), NONE);
    (ecs, out)
}

#[test]
fn ecs_is_asked_to_roll_our_own_service_deployment_back() {
    let (ecs, out) = run(named("failure-rolled-back"));
    out.assert_code(3);
    let stop = scene::only_body(ecs.aws(), "StopServiceDeployment");
    let own = testkit::ecs::Role::Ours.service_deployment();
    assert_eq!(stop, json!({"serviceDeploymentArn": own, "stopType": "ROLLBACK"}));
    assert_eq!(ecs.aws().calls_to("UpdateService").len(), 1, "{:?}", ecs.aws().operations());
    for part in ["`on-failure` asks for a rollback", "ECS rolls the service deployment back", "went back to shop:7"] {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(out.summary.contains("| Restored | `shop:7` |"), "{}", out.summary);
    assert!(out.outputs["diagnosis-json"].contains("\"exit-code\":1"), "{:?}", out.outputs);
}

#[test]
fn what_was_stopped_already_is_replaced_by_the_last_good_revision_and_nothing_else() {
    let (ecs, out) = run(named("stopped-then-restored"));
    out.assert_code(3);
    let updates = ecs.aws().calls_to("UpdateService");
    assert_eq!(updates.len(), 2);
    assert_eq!(updates[1].body, json!({"cluster": "prod", "service": "web", "taskDefinition": revision_arn(7)}));
    assert!(ecs.aws().calls_to("StopServiceDeployment").is_empty(), "there is nothing left to stop");
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!(services[0]["restored-task-definition-arn"], revision_arn(7));
}

#[test]
fn nothing_is_rolled_back_that_was_not_asked_for() {
    let (ecs, out) = run(named("container-exits-1"));
    out.assert_code(1);
    assert!(ecs.aws().calls_to("StopServiceDeployment").is_empty());
    assert_eq!(ecs.aws().calls_to("UpdateService").len(), 1);
}

#[test]
fn a_cancelled_run_asks_for_the_rollback_and_goes() {
    let mut scenario = named("never-ends");
    scenario.inputs.push(("on-cancel", "rollback"));
    let ecs = FakeEcs::start_with(scenario, Clock::Faster(4)).unwrap();
    // A cancelled run has seconds for what it asks, and no fractions of them.
    let runner = ecs.runner().env("SLIPWAY_TIME_DIVISOR", "1");
    let mut running = runner.spawn(env!("CARGO_BIN_EXE_ecs-deploy"), NONE);
    running.wait_for_output("shop:8: IN_PROGRESS");
    running.interrupt();
    let out = running.finish();
    out.assert_code(130);
    assert_eq!(out.outputs["reason"], "the rollback to shop:7 was asked for", "{}", out.stderr);
    assert_eq!(ecs.aws().calls_to("StopServiceDeployment").len(), 1);
    assert_eq!(ecs.aws().calls_to("UpdateService").len(), 1);
}

#[test]
fn a_cancelled_run_that_only_waited_rolls_nothing_back() {
    let mut scenario = named("never-ends");
    scenario.inputs.extend([("on-cancel", "rollback"), ("wait-timeout", "0s")]);
    let ecs = FakeEcs::start_with(scenario, Clock::Faster(4)).unwrap();
    ecs.runner().run(env!("CARGO_BIN_EXE_ecs-deploy"), NONE).assert_code(4);
    let again = ecs.runner().input("wait-timeout", "10m");
    let mut running = again.spawn(env!("CARGO_BIN_EXE_ecs-deploy"), NONE);
    running.wait_for_output("shop:8: IN_PROGRESS");
    running.interrupt();
    let out = running.finish();
    out.assert_code(130);
    assert!(
        out.outputs["reason"].ends_with("not rolled back: this run did not start the deployment"),
        "{:?}",
        out.outputs
    );
    assert!(ecs.aws().calls_to("StopServiceDeployment").is_empty());
}

#[test]
fn what_becomes_successful_before_the_stop_stays_and_is_deployed() {
    let aws = scene([service(&[ours("IN_PROGRESS"), old("ACTIVE")])]);
    with_service_deployments(&aws, "IN_PROGRESS");
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = std::sync::Arc::clone(&done);
    aws.on("StopServiceDeployment").answer(move |_| {
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        Reply::json(400, &json!({"__type": "ConflictException", "message": "The service deployment is SUCCESSFUL."}))
    });
    aws.on("DescribeServiceDeployments").answer(move |call| {
        let asked = call.body["serviceDeploymentArns"][0].as_str().unwrap_or_default().to_owned();
        let successful = asked.ends_with("/old") || seen.load(std::sync::atomic::Ordering::SeqCst);
        let (status, id) = (if successful { "SUCCESSFUL" } else { "IN_PROGRESS" }, if asked.ends_with("/old") { "1" } else { "2" });
        let own = json!({
            "serviceDeploymentArn": asked, "status": status, "createdAt": 1_700_000_000.25,
            "targetServiceRevision": {"arn": format!("arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/{id}")}
        });
        Reply::json(200, &json!({"serviceDeployments": [own], "failures": []}))
    });
    let out = scene::run(&runner(&aws).input("on-timeout", "rollback").input("wait-timeout", "1s"));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "deployed");
    assert_eq!(aws.calls_to("UpdateService").len(), 1);
    assert!(out.stderr.contains("the deployment is complete after all"), "{}", out.stderr);
}

#[test]
fn ecs_that_went_back_to_what_was_bad_too_is_told_with_the_way_to_what_was_good() {
    const PLACE: &str = "arn:aws:ecs:eu-west-1:123456789012";
    let aws = scene([service(&[ours("IN_PROGRESS"), old("ACTIVE")])]);
    with_service_deployments(&aws, "IN_PROGRESS");
    let revision = |id: &str| format!("{PLACE}:service-revision/prod/web/{id}");
    let brief = move |id: &str, status: &str, created: f64| {
        json!({
            "serviceDeploymentArn": format!("{PLACE}:service-deployment/prod/web/{id}"), "status": status, "createdAt": created,
            "targetServiceRevisionArn": revision(if id == "old" { "1" } else { "0" })
        })
    };
    let known = [brief("old", "STOPPED", 1_699_000_000.0), brief("good", "SUCCESSFUL", 1_698_000_000.0)];
    aws.on("ListServiceDeployments").reply(json!({"serviceDeployments": known}));
    let is_back = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = std::sync::Arc::clone(&is_back);
    aws.on("StopServiceDeployment").answer(move |call| {
        is_back.store(true, std::sync::atomic::Ordering::SeqCst);
        Reply::json(200, &json!({"serviceDeploymentArn": call.body["serviceDeploymentArn"]}))
    });
    aws.on("DescribeServiceDeployments").answer(move |call| {
        let asked = call.body["serviceDeploymentArns"][0].as_str().unwrap_or_default().to_owned();
        let (status, id) = match (asked.ends_with("/old"), seen.load(std::sync::atomic::Ordering::SeqCst)) {
            (true, _) => ("STOPPED", "1"),
            (false, true) => ("ROLLBACK_SUCCESSFUL", "2"),
            (false, false) => ("IN_PROGRESS", "2"),
        };
        let mut own = json!({
            "serviceDeploymentArn": asked, "status": status, "createdAt": 1_700_000_000.25,
            "targetServiceRevision": {"arn": revision(id)}
        });
        if status == "ROLLBACK_SUCCESSFUL" {
            own["rollback"] = json!({"reason": "by request", "serviceRevisionArn": revision("1")});
        }
        Reply::json(200, &json!({"serviceDeployments": [own], "failures": []}))
    });
    aws.on("DescribeServiceRevisions").answer(|call| {
        let of = |arn: &Value| {
            let number = match arn.as_str().and_then(|arn| arn.rsplit('/').next()) {
                Some("0") => 5,
                Some("1") => 7,
                _ => 8,
            };
            json!({"serviceRevisionArn": arn, "taskDefinition": revision_arn(number)})
        };
        let found: Vec<Value> = call.body["serviceRevisionArns"].as_array().unwrap().iter().map(of).collect();
        Reply::json(200, &json!({"serviceRevisions": found, "failures": []}))
    });
    let out = scene::run(&runner(&aws).input("on-timeout", "rollback").input("wait-timeout", "1s"));
    out.assert_code(3);
    let headline = "rolled back: shop:8 failed on service web in cluster prod, which went back to shop:7, though shop:5 was \
                    successful last";
    assert!(out.stdout.contains(headline), "{}", out.stdout);
    assert!(
        out.stderr.contains("ecs-deploy rollback --cluster=prod --service=web --aws-region=eu-west-1 --to=shop:5"),
        "{}",
        out.stderr
    );
    assert!(out.summary.contains("`shop:7`; the last that was successful is `shop:5`"), "{}", out.summary);
}

#[test]
fn an_update_that_takes_somebody_elses_place_says_whose() {
    let failed = deployment("ecs-svc/2", "PRIMARY", scene::NEW, "FAILED");
    let aws = scene([service(&[failed.clone(), old("ACTIVE")])]);
    let mut aside = failed.clone();
    aside["status"] = json!("ACTIVE");
    let theirs =
        deployment("ecs-svc/9", "ACTIVE", "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:99", "IN_PROGRESS");
    let back = deployment("ecs-svc/3", "PRIMARY", OLD, "IN_PROGRESS");
    aws.on("UpdateService")
        .reply(json!({"service": service(&[ours("IN_PROGRESS"), old("ACTIVE")])}))
        .then(json!({"service": service(&[back, theirs, aside])}));
    let out = scene::run(&runner(&aws).input("on-failure", "rollback"));
    out.assert_code(1);
    let reason = "the rollback to shop:7 took the place of another deployment, of shop:99";
    assert!(out.outputs["reason"].contains(reason), "{:?}", out.outputs);
    assert_eq!(aws.calls_to("UpdateService").len(), 2, "nothing is repaired by itself");
}

#[test]
fn a_deployment_that_somebody_took_the_place_of_is_left() {
    let mut superseded = named("superseded");
    superseded.inputs.push(("on-failure", "rollback"));
    let (ecs, out) = run(superseded);
    out.assert_code(1);
    assert_eq!(out.outputs["verdict"], "superseded");
    assert!(ecs.aws().calls_to("StopServiceDeployment").is_empty());
    assert_eq!(ecs.aws().calls_to("UpdateService").len(), 1);
}

#[test]
fn a_pause_is_not_rolled_back_when_the_time_is_up() {
    let mut paused = named("pause-hook");
    paused.inputs.extend([("on-timeout", "rollback"), ("wait-timeout", "90s")]);
    let (ecs, out) = run(paused);
    out.assert_code(4);
    assert!(out.outputs["reason"].contains("not rolled back: it is paused"), "{:?}", out.outputs);
    assert!(ecs.aws().calls_to("StopServiceDeployment").is_empty());
}

#[test]
fn what_a_rollback_leaves_as_it_was_set_is_told() {
    let mut scenario = named("failure-rolled-back");
    scenario.inputs.push(("desired-count", "2"));
    let (_, out) = run(scenario);
    out.assert_code(3);
    assert!(out.stdout.contains("`desired-count` stays as this run set it"), "{}", out.stdout);
}

#[test]
fn a_dry_run_says_what_would_be_restored() {
    let mut scenario = named("failure-rolled-back");
    scenario.inputs.push(("dry-run", "true"));
    let (ecs, out) = run(scenario);
    out.assert_code(0);
    assert!(out.summary.contains("| If it fails | back to `shop:7` |"), "{}", out.summary);
    assert!(ecs.aws().calls_to("UpdateService").is_empty());
}

#[test]
fn a_rollback_needs_a_deployment_that_is_waited_for() {
    let ecs = FakeEcs::start(named("failure-rolled-back"));
    let out = ecs.runner().input("wait-for-service-stability", "false").run(env!("CARGO_BIN_EXE_ecs-deploy"), NONE);
    out.assert_code(2);
    assert!(out.stderr.contains("`on-failure` needs a deployment that is waited for"), "{}", out.stderr);
}

#[test]
fn a_busy_ecs_is_no_reason_to_do_without_the_last_good_revision() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    with_service_deployments(&aws, "IN_PROGRESS");
    let revision = "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/1";
    let known = json!({"serviceRevisions": [{"serviceRevisionArn": revision, "taskDefinition": OLD}], "failures": []});
    // The first look is of the present service deployment, the next one of what was successful last.
    aws.on("DescribeServiceRevisions").reply(known).then_error(400, "ThrottlingException", "Rate exceeded");
    let out = scene::run(&runner(&aws).input("on-failure", "rollback"));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=aws/throttled::"), "{}", out.stdout);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty() && aws.calls_to("UpdateService").is_empty());
}
