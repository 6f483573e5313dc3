//! `ecs-deploy continue`, on deployments that are paused at a hook.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use testkit::ecs::{self, Death, Trouble};
use testkit::fault::Fault;
use testkit::http::{Reply, Request};
use testkit::iam::{Place, Role, Scenario, prove};
use testkit::{FakeEcs, FakeRunner, RunOutput};

const CONTINUE: &str = "ContinueServiceDeployment";

/// A deployment that was followed until its pause.
fn paused(scenario: ecs::Scenario) -> FakeEcs {
    let ecs = FakeEcs::start(scenario);
    let out = ecs.runner().run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    assert_eq!(out.assert_code(0).outputs["verdict"], "paused");
    assert_eq!(out.outputs["hook-id"], "approve");
    let command =
        "ecs-deploy continue --cluster=prod --service=web --aws-region=eu-west-1 --hook-id=approve --action=continue";
    assert!(out.outputs["reason"].contains(command), "{}", out.outputs["reason"]);
    ecs
}

fn awaited() -> FakeEcs {
    paused(ecs::named("pause-hook-awaited"))
}

fn step(ecs: &FakeEcs, action: &str) -> FakeRunner {
    FakeRunner::new()
        .envs(ecs.env())
        .input("cluster", "prod")
        .input("service", "web")
        .input("hook-id", "approve")
        .input("action", action)
        .input("wait-timeout", "10m")
}

fn go_on(step: &FakeRunner) -> RunOutput {
    step.run(env!("CARGO_BIN_EXE_ecs-deploy"), ["continue"])
}

fn calls(request: &Request, operation: &str) -> bool {
    request.header("x-amz-target").is_some_and(|target| target.ends_with(operation))
}

fn times(ecs: &FakeEcs) -> usize {
    ecs.aws().calls_to(CONTINUE).len()
}

#[test]
fn a_paused_deployment_goes_on_and_is_followed_to_its_end() {
    let ecs = awaited();
    let out = go_on(&step(&ecs, "continue"));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "deployed");
    assert_eq!(out.outputs["task-definition-arn"], ecs::revision_arn(8));
    assert_eq!(out.outputs["service-deployment-arn"], ecs::Role::Ours.service_deployment());
    assert!(out.stderr.contains("hook approve: the deployment goes on"), "{}", out.stderr);
    assert!(out.summary.contains("```mermaid"), "{}", out.summary);
    assert_eq!(times(&ecs), 1);
}

#[test]
fn a_rollback_that_was_asked_for_is_a_success() {
    let ecs = awaited();
    let out = go_on(&step(&ecs, "rollback"));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "restored");
    assert_eq!(out.outputs["restored-task-definition-arn"], ecs::revision_arn(7));
    assert_eq!(out.outputs["reason"], "");
    assert!(out.stdout.contains("service web in cluster prod went back to shop:7"), "{}", out.stdout);
    // It is told as what was asked for, and as no failure.
    assert!(
        !out.stderr.contains("deployment failed") && !out.summary.contains("failed"),
        "{}\n{}",
        out.stderr,
        out.summary
    );
    assert!(out.summary.contains("rollback :done"), "{}", out.summary);
}

#[test]
fn the_same_step_again_acts_no_second_time() {
    for (action, first, again) in [("continue", "deployed", "already-deployed"), ("rollback", "restored", "restored")] {
        let ecs = awaited();
        assert_eq!(go_on(&step(&ecs, action)).assert_code(0).outputs["verdict"], first);
        let out = go_on(&step(&ecs, action));
        assert_eq!(out.assert_code(0).outputs["verdict"], again, "{action}");
        assert_eq!(times(&ecs), 1, "{action}");
    }
}

#[test]
fn a_hook_that_was_continued_cannot_be_rolled_back_any_more() {
    let ecs = awaited();
    go_on(&step(&ecs, "continue")).assert_code(0);
    let out = go_on(&step(&ecs, "rollback"));
    assert_eq!(out.assert_code(1).outputs["verdict"], "failed");
    assert!(out.stderr.contains("was not rolled back"), "{}", out.stderr);
    assert_eq!(times(&ecs), 1);
}

#[test]
fn the_hook_that_was_acted_on_is_not_the_pause_that_is_waited_for() {
    let ecs = awaited();
    let out = go_on(&step(&ecs, "continue").input("wait-until", "paused"));
    assert_eq!(out.assert_code(0).outputs["verdict"], "deployed");
    let ecs = awaited();
    let out = go_on(&step(&ecs, "continue").input("wait-until", "stage:BAKE_TIME"));
    assert_eq!(out.assert_code(0).outputs["verdict"], "stage-reached");
}

#[test]
fn a_rollback_by_ecs_after_the_pause_is_a_failure() {
    let mut scenario = ecs::named("pause-hook-awaited");
    let going = scenario.continued[0].clone().roll_back("alarm", "rolling back to deploymentId ecs-svc/1.");
    scenario.continued = vec![going.clone(), going.at(10).rolled_back()];
    let ecs = paused(scenario);
    let out = go_on(&step(&ecs, "continue"));
    assert_eq!(out.assert_code(3).outputs["verdict"], "rolled-back");
    assert!(out.stderr.contains("ecs-deploy/rolled-back"), "{}", out.stderr);
}

#[test]
fn an_answer_that_was_lost_is_looked_for_and_nothing_is_sent_again() {
    let ecs = awaited();
    ecs.aws().faults().add(Fault::lose().matching(|request| calls(request, CONTINUE)).times(1));
    let out = go_on(&step(&ecs, "continue"));
    assert_eq!(out.assert_code(0).outputs["verdict"], "deployed");
    assert!(out.stderr.contains("it is SUCCEEDED"), "{}", out.stderr);
    assert_eq!(times(&ecs), 1);
}

#[test]
fn a_hook_that_is_gone_after_a_lost_answer_was_acted_on() {
    let ecs = awaited();
    let is_heard = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&is_heard);
    let is_meant = move |request: &Request| {
        let is_meant = calls(request, CONTINUE);
        heard.fetch_or(is_meant, Ordering::SeqCst);
        is_meant
    };
    ecs.aws().faults().add(Fault::lose().matching(is_meant).times(1));
    let gone = move |_: &Request, reply: Reply| {
        let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
        for own in body["serviceDeployments"].as_array_mut().into_iter().flatten() {
            if is_heard.load(Ordering::SeqCst) {
                own["lifecycleHookDetails"] = json!([]);
            }
        }
        reply.with_body(body.to_string())
    };
    let looks = |request: &Request| calls(request, "DescribeServiceDeployments");
    ecs.aws().faults().add(Fault::rewrite(gone).matching(looks).always());
    let out = go_on(&step(&ecs, "continue"));
    assert_eq!(out.assert_code(0).outputs["verdict"], "deployed", "{}", out.stderr);
    assert!(out.stderr.contains("hook approve: it is gone, so it was acted on"), "{}", out.stderr);
    assert_eq!(times(&ecs), 1);
}

#[test]
fn a_throttled_call_is_made_again() {
    let mut scenario = ecs::named("pause-hook-awaited");
    scenario.troubles.push(Trouble::Throttled(CONTINUE, 2));
    let ecs = paused(scenario);
    assert_eq!(go_on(&step(&ecs, "continue")).assert_code(0).outputs["verdict"], "deployed");
}

#[test]
fn a_hook_that_is_not_there_names_those_that_await_an_action() {
    let ecs = awaited();
    let out = go_on(&step(&ecs, "continue").input("hook-id", "other"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-continue/hook-not-found") && out.stderr.contains("`approve`"), "{}", out.stderr);
    assert_eq!(times(&ecs), 0);
}

#[test]
fn a_service_without_a_deployment_has_no_hooks() {
    let ecs = FakeEcs::start(ecs::named("pause-hook-awaited"));
    ecs.aws().on("DescribeServiceDeployments").reply(serde_json::json!({"serviceDeployments": [], "failures": []}));
    let out = go_on(&step(&ecs, "continue"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-continue/no-service-deployment"), "{}", out.stderr);
}

#[test]
fn hooks_that_may_not_be_read_name_the_permission() {
    let mut scenario = ecs::named("pause-hook-awaited");
    scenario.troubles.push(Trouble::Denied("DescribeServiceDeployments"));
    let ecs = FakeEcs::start(scenario);
    let out = go_on(&step(&ecs, "continue"));
    out.assert_code(1);
    assert!(out.stderr.contains("aws/access-denied"), "{}", out.stderr);
    assert!(out.stderr.contains("`ecs:DescribeServiceDeployments`"), "{}", out.stderr);
}

#[test]
fn a_dry_run_only_says_what_would_be_done() {
    let ecs = awaited();
    let out = go_on(&step(&ecs, "rollback").input("dry-run", "true"));
    out.assert_code(0);
    assert!(out.stdout.contains("would roll back service web in cluster prod at hook approve"), "{}", out.stdout);
    assert_eq!(times(&ecs), 0);
}

fn printed(flags: &[&str]) -> String {
    let flags = [
        &["continue", "--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=123456789012"][..],
        &["--cluster=prod", "--service=web", "--hook-id=approve", "--action=continue"],
        flags,
    ]
    .concat();
    let out = FakeRunner::plain_shell().run(env!("CARGO_BIN_EXE_ecs-deploy"), flags);
    out.assert_code(0);
    out.stdout
}

/// The step behind a role's guard.
fn guarded(role: &Role, ecs: &FakeEcs, prepare: fn(FakeRunner) -> FakeRunner) -> RunOutput {
    let guard = role.guard(&ecs.aws().url()).unwrap();
    go_on(&prepare(step(ecs, "continue").env("AWS_ENDPOINT_URL", guard.url())))
}

const NOTICES: [(&str, &str); 4] = [
    ("ecs:ListServiceDeployments", "grant `ecs:ListServiceDeployments` to see which deployment"),
    ("ecs:DescribeTaskDefinition", "grant `ecs:DescribeTaskDefinition` to see what containers wrote"),
    ("ecs:ListTasks", "grant `ecs:ListTasks`"),
    ("ecs:DescribeTasks", "grant `ecs:DescribeTasks`"),
];

#[test]
fn the_policy_is_the_least_one() {
    let place = Place::new("eu-west-1", "123456789012");
    let failing = || {
        let mut scenario = ecs::named("pause-hook-awaited");
        let dying = scenario.continued[0].clone().die(1, &Death::exited(1, &["panic"]));
        let going = dying.clone().roll_back("a hook failed", "rolling back to deploymentId ecs-svc/1.");
        scenario.continued = vec![dying, going.clone(), going.at(10).rolled_back()];
        scenario
    };
    let good = Scenario::new("goes on", |role| guarded(role, &awaited(), |step| step));
    let bad = Scenario::new("fails then", |role| {
        let step = |step: FakeRunner| step.input("fail-fast-after", "0");
        guarded(role, &paused(failing()), step)
    })
    .ends_with(3)
    .with_courtesies(&["logs:GetLogEvents"]);
    prove(&place, &printed(&[]), &[good, bad], &NOTICES);
    let dry = Scenario::new("a dry run", |role| guarded(role, &awaited(), |step| step.input("dry-run", "true")));
    let only_reads = printed(&["--dry-run"]);
    assert!(!only_reads.contains("Continue"), "{only_reads}");
    prove(&place, &only_reads, &[dry], &NOTICES);
}
