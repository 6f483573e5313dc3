//! `ecs-deploy rollback` of services of the `CODE_DEPLOY` controller.

mod known;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::codedeploy::{BACK, Moment, OURS, Scenario as Story, THEIRS, named, past};
use testkit::ecs::revision_arn;
use testkit::iam::{Definitions, Place, Policy, Role, Scenario as Proof, prove};
use testkit::{FakeCodeDeploy, FakeRunner, RunOutput};

use crate::rollback::moment;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecs-deploy");
const NONE: [&str; 0] = [];

/// A service to which the eighth revision was deployed as the story has it, and what was made until then.
fn deployed(story: Story) -> FakeCodeDeploy {
    let stand_in = FakeCodeDeploy::start(story);
    stand_in.runner().run(PROGRAM, NONE);
    assert_eq!(stand_in.aws().calls_to("CreateDeployment").len(), 1);
    stand_in
}

/// The same while the deployment is under way.
fn under_way() -> FakeCodeDeploy {
    deployed(Story { inputs: vec![("wait-for-service-stability", "false")], ..named("never-ends") })
}

fn step(stand_in: &FakeCodeDeploy) -> FakeRunner {
    FakeRunner::new()
        .envs(stand_in.env())
        .input("cluster", "prod")
        .input("service", "web")
        .input("confirm", "ROLLBACK")
        .input("wait-timeout", "10m")
}

fn back(runner: &FakeRunner) -> RunOutput {
    let out = runner.run(PROGRAM, ["rollback"]);
    let seen = format!("{}{}{}{:?}", out.stdout, out.stderr, out.summary, out.outputs);
    assert!(!seen.contains(testkit::ecs::definition::SECRET), "a value of the task definition was printed:\n{seen}");
    out
}

/// The deployments that were made since the first one, and those that were stopped.
fn changes(stand_in: &FakeCodeDeploy) -> (Vec<Value>, Vec<Value>) {
    let bodies = |operation: &str| stand_in.aws().calls_to(operation).into_iter().map(|call| call.body);
    assert!(stand_in.aws().calls_to("UpdateService").is_empty(), "CodeDeploy alone changes the revision");
    (bodies("CreateDeployment").skip(1).collect(), bodies("StopDeployment").collect())
}

fn revision(body: &Value) -> Value {
    let content = body["revision"]["appSpecContent"]["content"].as_str().unwrap();
    let content: Value = serde_json::from_str(content).unwrap();
    content["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"].clone()
}

#[track_caller]
fn refused(stand_in: &FakeCodeDeploy, runner: &FakeRunner, code: &str, parts: &[&str]) {
    let before = changes(stand_in);
    let out = back(runner);
    out.assert_code(if code == "ecs-rollback/moved" { 1 } else { 2 });
    assert!(out.stdout.contains(&format!("::error title={code}::")), "{}", out.stdout);
    for part in parts {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert_eq!(changes(stand_in), before);
}

#[test]
fn what_was_deployed_before_is_deployed_again_once() {
    let stand_in = deployed(named("succeeds"));
    assert_eq!(stand_in.primary(), revision_arn(8));
    let out = back(&step(&stand_in));
    assert_eq!(out.assert_code(0).outputs["verdict"], "restored");
    let outputs = ["revision", "previous-task-definition-arn", "deployment-id"].map(|name| out.outputs[name].as_str());
    assert_eq!(outputs, ["shop:7", &revision_arn(8), "d-OURS00002"]);
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!(services[0]["how"], "deploy");
    let (made, stopped) = changes(&stand_in);
    assert!(stopped.is_empty());
    assert_eq!(made.iter().map(revision).collect::<Vec<_>>(), [revision_arn(7)]);
    assert_eq!(made[0].as_object().unwrap().len(), 3, "nothing is sent that was not given: {}", made[0]);
    assert_eq!(stand_in.primary(), revision_arn(7));
    assert!(out.stdout.contains("went back from shop:8 to shop:7"), "{}", out.stdout);
    assert!(out.summary.contains("CodeDeploy deploys the revision again"), "{}", out.summary);
    assert!(out.stderr.contains("passed: AppSpec: app has the port"), "not what the service has now: {}", out.stderr);
    assert!(out.summary.contains("```mermaid"), "{}", out.summary);
    for to in ["last-successful", "previous", "7", "shop:7"] {
        let again = back(&step(&stand_in).input("to", to));
        assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed", "{to}: {}", again.stderr);
    }
    assert_eq!(changes(&stand_in).0.len(), 1, "going back again changes nothing");
}

#[test]
fn the_hooks_of_that_time_come_with_it() {
    let stand_in = deployed(named("succeeds"));
    let step = step(&stand_in).input("codedeploy-deployment-config", "CodeDeployDefault.ECSAllAtOnce");
    back(&step.input("to", "6")).assert_code(0);
    let (made, _) = changes(&stand_in);
    assert_eq!(made[0]["deploymentConfigName"], "CodeDeployDefault.ECSAllAtOnce");
    let content = made[0]["revision"]["appSpecContent"]["content"].as_str().unwrap();
    assert!(content.contains("function:smoke") && content.contains("shop:6"), "{content}");
}

#[test]
fn a_moment_means_what_was_deployed_by_then() {
    let stand_in = deployed(named("succeeds"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let ago = |hours: u64| moment(now - hours * 3600);
    let plan = |to: &str| back(&step(&stand_in).input("mode", "plan").input("to", to));
    assert_eq!(plan(&ago(1)).assert_code(0).outputs["revision"], "shop:7");
    // The fifth failed at sixty.
    assert_eq!(plan(&ago(59)).assert_code(0).outputs["revision"], "shop:6");
    let code = "ecs-rollback/nothing-to-restore";
    let early = step(&stand_in).input("to", &ago(90));
    refused(&stand_in, &early, code, &["before the oldest deployment that CodeDeploy remembers"]);
    let late = step(&stand_in).input("to", "2999-01-01T00:00:00+01:00");
    refused(&stand_in, &late, code, &["the moment is still to come"]);
}

#[test]
fn a_deployment_under_way_is_stopped_and_undone() {
    let stand_in = under_way();
    let out = back(&step(&stand_in));
    assert_eq!(out.assert_code(0).outputs["verdict"], "restored", "{}", out.stderr);
    let stop = json!({"deploymentId": OURS, "autoRollbackEnabled": true});
    assert_eq!(changes(&stand_in), (Vec::new(), vec![stop]));
    assert!(out.stderr.contains(&format!("{BACK}: Succeeded")), "{}", out.stderr);
    assert_eq!((out.outputs["revision"].as_str(), stand_in.primary()), ("shop:7", revision_arn(7)));
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!((&services[0]["how"], &services[0]["restored"]), (&json!("stop"), &json!(revision_arn(7))));
    let again = back(&step(&stand_in));
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed", "{}", again.stderr);
    assert_eq!(changes(&stand_in).1.len(), 1);
}

#[test]
fn what_was_just_stopped_is_waited_for() {
    let stand_in = under_way();
    let first = back(&step(&stand_in).input("wait-timeout", "0s"));
    first.assert_code(4);
    assert_eq!(stand_in.made(), [OURS], "what undoes it is not there yet");
    let again = back(&step(&stand_in).env("SLIPWAY_TIME_DIVISOR", "50"));
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed", "{}", again.stderr);
    for part in [&format!("deployment {OURS} was just stopped: up to"), &format!("{BACK}: Succeeded")] {
        assert!(again.stderr.contains(part), "{part}\n{}", again.stderr);
    }
    assert_eq!((changes(&stand_in).1.len(), stand_in.primary()), (1, revision_arn(7)));
}

#[test]
fn what_is_under_way_back_already_is_joined() {
    // The rollback that CodeDeploy itself began.
    let stand_in = deployed(Story {
        inputs: vec![("wait-for-service-stability", "false")],
        rollout: vec![Moment::at(0, "Failed").error("ALARM_ACTIVE", "shop-5xx").rolls_back()],
        ..named("succeeds")
    });
    let out = back(&step(&stand_in));
    assert_eq!(out.assert_code(0).outputs["verdict"], "already-deployed", "{}", out.stderr);
    assert_eq!(changes(&stand_in), (Vec::new(), Vec::new()));
    // One of another run of the same step.
    let stand_in = deployed(named("succeeds"));
    let first = back(&step(&stand_in).input("wait-timeout", "0s"));
    first.assert_code(4);
    let again = back(&step(&stand_in));
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed", "{}", again.stderr);
    assert_eq!(again.outputs["deployment-id"], "d-OURS00002");
    assert_eq!((changes(&stand_in).0.len(), stand_in.primary()), (1, revision_arn(7)));
}

#[test]
fn another_revision_takes_the_place_of_what_is_under_way() {
    let stand_in = under_way();
    let runner = step(&stand_in).input("to", "6");
    let plan = back(&runner.input("mode", "plan"));
    assert!(
        plan.stdout.contains(&format!("would stop deployment {OURS} and have CodeDeploy take web")),
        "{}",
        plan.stdout
    );
    assert_eq!(changes(&stand_in), (Vec::new(), Vec::new()), "a plan changes nothing");
    // What is made now ends well.
    stand_in.rolls_out(named("succeeds").rollout);
    let out = back(&step(&stand_in).input("to", "6"));
    assert_eq!(out.assert_code(0).outputs["verdict"], "restored", "{}", out.stderr);
    let (made, stopped) = changes(&stand_in);
    assert_eq!((made.len(), stopped.len(), revision(&made[0])), (1, 1, json!(revision_arn(6))));
    assert_eq!(stand_in.made(), [OURS, BACK, "d-OURS00002"], "the group is free before the next one is made");
    assert_eq!(stand_in.primary(), revision_arn(6));
}

#[test]
fn what_failed_and_was_undone_is_left() {
    let stand_in = deployed(named("hook-fails"));
    let out = back(&step(&stand_in));
    assert_eq!(out.assert_code(0).outputs["verdict"], "already-deployed");
    assert!(out.stderr.contains("the deployment of shop:8 was rolled back"), "{}", out.stderr);
    let stand_in = deployed(named("fails-without-rollback"));
    let out = back(&step(&stand_in));
    assert_eq!(out.assert_code(0).outputs["verdict"], "already-deployed", "the traffic never moved");
    assert_eq!(changes(&stand_in), (Vec::new(), Vec::new()));
}

#[test]
fn a_restored_revision_that_fails_too_is_told() {
    let stand_in = deployed(named("succeeds"));
    stand_in.rolls_out(named("hook-fails").rollout);
    let out = back(&step(&stand_in));
    assert_eq!(out.assert_code(3).outputs["verdict"], "rolled-back");
    for part in ["shop:7 failed on service web", "the smoke test got 503"] {
        assert!(out.stdout.contains(part), "{part}\n{}", out.stdout);
    }
    assert_eq!(stand_in.primary(), revision_arn(8));
}

#[test]
fn a_lost_answer_makes_no_second_deployment() {
    let stand_in = deployed(named("succeeds"));
    stand_in.loses_next_answer();
    let out = back(&step(&stand_in));
    assert_eq!(out.assert_code(0).outputs["verdict"], "restored");
    assert_eq!(stand_in.made(), [OURS, "d-OURS00002"]);
}

#[test]
fn a_plan_and_a_dry_run_change_nothing_and_need_no_confirmation() {
    let stand_in = deployed(named("succeeds"));
    for input in [("mode", "plan"), ("dry-run", "true")] {
        let out = back(&step(&stand_in).input("confirm", "").input(input.0, input.1));
        out.assert_code(0);
        assert_eq!((out.outputs["verdict"].as_str(), out.outputs["revision"].as_str()), ("", "shop:7"));
        assert!(out.stdout.contains("would have CodeDeploy take web from shop:8 to shop:7"), "{}", out.stdout);
    }
    refused(&stand_in, &step(&stand_in).input("confirm", ""), "ecs-rollback/invalid-input", &["`confirm` is missing"]);
    assert_eq!(changes(&stand_in), (Vec::new(), Vec::new()));
}

#[test]
fn what_cannot_be_restored_is_refused() {
    let stand_in = deployed(named("succeeds"));
    stand_in.ecs().deregister(7);
    let parts = ["`shop:7` is INACTIVE", "name an ACTIVE revision in `to`: `shop:8`, `shop:6`, `shop:5`"];
    refused(&stand_in, &step(&stand_in), "ecs-rollback/revision-inactive", &parts);
    let stable = step(&stand_in).input("wait-until", "stable").input("to", "6");
    refused(&stand_in, &stable, "ecs-deploy/controller-mismatch", &["`deployed` or `ready`"]);
    let group = step(&stand_in).input("codedeploy-application", "none");
    refused(&stand_in, &group, "ecs-deploy/deployment-group-not-found", &["`none`"]);
    let new = FakeCodeDeploy::start(Story { past: Vec::new(), ..named("succeeds") });
    refused(&new, &step(&new), "ecs-rollback/nothing-to-restore", &["no other revision was successful before"]);
    refused(&new, &step(&new).input("to", "8"), "ecs-rollback/no-appspec", &["codedeploy-appspec"]);
    refused(&new, &step(&new).input("to", "previous"), "ecs-rollback/nothing-to-restore", &["is not one revision"]);
}

#[test]
fn the_first_deployment_of_a_service_is_undone_too() {
    let stand_in = deployed(Story {
        past: Vec::new(),
        inputs: vec![("wait-for-service-stability", "false")],
        ..named("never-ends")
    });
    let out = back(&step(&stand_in));
    assert_eq!(out.assert_code(0).outputs["revision"], "shop:7", "{}", out.stderr);
    assert_eq!(changes(&stand_in).1.len(), 1);
}

#[test]
fn a_deployment_that_began_meanwhile_is_left() {
    let stand_in = deployed(named("succeeds"));
    stand_in.somebody_deploys(9, 1);
    refused(&stand_in, &step(&stand_in), "ecs-rollback/moved", &[&format!("deployment {THEIRS} began")]);
}

#[test]
fn a_cancelled_run_leaves_the_rollback_to_itself() {
    let stand_in = deployed(named("succeeds"));
    stand_in.rolls_out(named("never-ends").rollout);
    let runner = step(&stand_in).input("wait-timeout", "2h");
    let mut running = runner.spawn(PROGRAM, ["rollback"]);
    running.wait_for_output("d-OURS00002: InProgress");
    running.interrupt();
    let out = running.finish();
    assert_eq!(out.assert_code(130).outputs["verdict"], "cancelled");
    assert_eq!(changes(&stand_in).0.len(), 1);
}

fn printed(flags: &[&str]) -> String {
    let shell = FakeRunner::plain_shell().input("cluster", "prod").input("service", "web");
    let place = ["rollback", "--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=123456789012"];
    let config = ["--codedeploy-deployment-config=CodeDeployDefault.ECSAllAtOnce"];
    let out = shell.run(PROGRAM, place.iter().chain(&config).chain(flags));
    out.assert_code(0);
    assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(&out.stdout)), Vec::<String>::new());
    out.stdout
}

fn proof(name: &'static str, start: fn() -> FakeCodeDeploy, mode: &'static str) -> Proof<'static> {
    Proof::new(name, move |role: &Role| {
        let stand_in = start();
        let guard = role.guard(&stand_in.aws().url()).unwrap();
        let step = step(&stand_in).input("codedeploy-deployment-config", "CodeDeployDefault.ECSAllAtOnce");
        back(&step.input("mode", mode).input("preflight", "off").env("AWS_ENDPOINT_URL", guard.url()))
    })
}

#[test]
fn the_policy_is_the_least_one() {
    let place = Place::new("eu-west-1", "123456789012");
    let notices = [
        ("codedeploy:GetDeploymentGroup", "grant `codedeploy:GetDeploymentGroup` to know how long"),
        ("codedeploy:GetDeploymentTarget", "grant `codedeploy:GetDeploymentTarget` to see the lifecycle"),
        ("ecs:ListTasks", "grant `ecs:ListTasks`"),
        ("ecs:DescribeTasks", "grant `ecs:DescribeTasks`"),
    ];
    let fails = || {
        let stand_in = deployed(named("succeeds"));
        stand_in.rolls_out(named("hook-fails").rollout);
        stand_in
    };
    let proofs = [
        proof("by a stop", under_way, "apply"),
        proof("by a deployment", || deployed(named("succeeds")), "apply"),
        proof("that fails", fails, "apply").ends_with(3).with_courtesies(&["logs:GetLogEvents"]),
    ];
    prove(&place, &printed(&["--confirm=ROLLBACK"]), &proofs, &notices);
    let only_reads = printed(&["--mode=plan"]);
    assert!(!only_reads.contains("Create") && !only_reads.contains("Stop"), "{only_reads}");
    prove(&place, &only_reads, &[proof("a plan", || deployed(named("succeeds")), "plan")], &notices);
}

#[test]
fn the_history_is_read_page_by_page() {
    let stand_in = deployed(named("succeeds"));
    back(&step(&stand_in).input("mode", "plan")).assert_code(0);
    let lists = stand_in.aws().calls_to("ListDeployments");
    assert!(lists.iter().any(|call| call.body["nextToken"].is_string()), "{lists:?}");
    let batches = stand_in.aws().calls_to("BatchGetDeployments");
    let ids = batches.last().unwrap().body["deploymentIds"].clone();
    assert_eq!(ids, json!([past(6), past(5), past(7), OURS]));
}
