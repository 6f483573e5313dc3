//! `ecs-deploy rollback`: where a service goes, and how.

mod images;
mod known;
mod policy;
mod preflight;
mod refusals;

use serde_json::{Value, json};
use testkit::ecs::{Clock, Role, Scenario, named, revision_arn};
use testkit::{FakeAws, FakeEcs, FakeRunner, RunOutput};

use crate::scene::{self, OLD, deployment, described, ours, service};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ecs-deploy");
const NONE: [&str; 0] = [];

/// A service to which the scenario's revision was deployed, and how that ended.
fn deployed(scenario: Scenario) -> FakeEcs {
    let ecs = FakeEcs::start(scenario);
    ecs.runner().run(PROGRAM, NONE);
    assert_eq!(ecs.aws().calls_to("UpdateService").len(), 1);
    ecs
}

fn step(env: Vec<(String, String)>) -> FakeRunner {
    let runner = FakeRunner::new().with_one_certificate().envs(env).input("cluster", "prod").input("service", "web");
    runner.input("confirm", "ROLLBACK").input("wait-timeout", "10m")
}

fn of(ecs: &FakeEcs) -> FakeRunner {
    step(ecs.env())
}

fn back(runner: &FakeRunner) -> RunOutput {
    let out = runner.run(PROGRAM, ["rollback"]);
    let seen = format!("{}{}{}{:?}", out.stdout, out.stderr, out.summary, out.outputs);
    assert!(!seen.contains(testkit::ecs::definition::SECRET), "a value of the task definition was printed:\n{seen}");
    out
}

/// The bodies of what changed the service since its first deployment.
fn changes(ecs: &FakeEcs) -> Vec<Value> {
    let updates = ecs.aws().calls_to("UpdateService");
    let stops = ecs.aws().calls_to("StopServiceDeployment");
    updates.iter().skip(1).chain(&stops).map(|call| call.body.clone()).collect()
}

#[test]
fn a_service_goes_back_to_what_was_successful_before_once() {
    let ecs = deployed(named("healthy"));
    let out = back(&of(&ecs));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "restored");
    assert_eq!(out.outputs["revision"], "shop:7");
    assert_eq!(out.outputs["previous-task-definition-arn"], revision_arn(8));
    assert_eq!(changes(&ecs), [json!({"cluster": "prod", "service": "web", "taskDefinition": revision_arn(7)})]);
    assert!(
        out.stdout.contains("restored: service web in cluster prod went back from shop:8 to shop:7"),
        "{}",
        out.stdout
    );
    assert!(out.summary.contains("`shop:8` → `shop:7`") && out.summary.contains("```mermaid"), "{}", out.summary);
    for to in ["last-successful", "previous", "7", "shop:7"] {
        let again = back(&of(&ecs).input("to", to));
        again.assert_code(0);
        assert_eq!(again.outputs["verdict"], "already-deployed", "{to}: {}", again.stderr);
    }
    assert_eq!(changes(&ecs).len(), 1, "going back again changes nothing");
}

#[test]
fn what_ran_before_is_restored_whatever_the_word() {
    for to in ["previous", "7", "shop:7", &revision_arn(7)] {
        let ecs = deployed(named("healthy"));
        let out = back(&of(&ecs).input("to", to));
        assert_eq!(out.assert_code(0).outputs["verdict"], "restored", "{to}");
        assert_eq!(changes(&ecs).len(), 1);
    }
}

#[test]
fn a_moment_means_what_was_deployed_by_then() {
    let ecs = deployed(named("healthy"));
    let yesterday = |hours: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        moment(now - hours * 3600)
    };
    let out = back(&of(&ecs).input("to", &yesterday(1)));
    assert_eq!(out.assert_code(0).outputs["revision"], "shop:7");
    let code = "ecs-rollback/nothing-to-restore";
    refused_again(&ecs, &yesterday(48), code, "before the oldest deployment that ECS remembers");
    refused_again(&ecs, "2999-01-01T00:00:00+01:00", code, "the moment is still to come");
}

#[track_caller]
fn refused_again(ecs: &FakeEcs, to: &str, code: &str, part: &str) {
    let before = changes(ecs).len();
    let out = back(&of(ecs).input("to", to));
    out.assert_code(2);
    assert!(out.stderr.contains(code) && out.stderr.contains(part), "{}", out.stderr);
    assert_eq!(changes(ecs).len(), before);
}

/// Seconds since 1970 as `2026-05-04T10:00:00Z`.
pub(crate) fn moment(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (date, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[test]
fn a_deployment_under_way_is_rolled_back_by_ecs_itself() {
    let ecs = stuck();
    let out = back(&of(&ecs));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "restored", "{}", out.stderr);
    let stop = json!({"serviceDeploymentArn": Role::Ours.service_deployment(), "stopType": "ROLLBACK"});
    assert_eq!(changes(&ecs), [stop]);
    let again = back(&of(&ecs));
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed");
    assert_eq!(changes(&ecs).len(), 1);
}

#[test]
fn a_rollback_that_is_under_way_is_waited_for() {
    let ecs = stuck();
    let runner = of(&ecs);
    let mut first = runner.spawn(PROGRAM, ["rollback"]);
    first.wait_for_output("ECS rolls the service deployment back");
    first.interrupt();
    first.finish().assert_code(130);
    let out = back(&of(&ecs));
    assert_eq!(out.assert_code(0).outputs["reason"], "", "{}", out.stderr);
    assert_eq!(out.outputs["revision"], "shop:7", "{}", out.stderr);
    assert_eq!(changes(&ecs).len(), 1);
}

/// The rollback of shop:8 was requested, and its service deployment then ends so.
fn requested(end: &'static str) -> FakeAws {
    let aws = scene::scene([]);
    let revision = |id: &str| format!("arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/{id}");
    let mut under_way = service(&[ours("IN_PROGRESS"), scene::old("ACTIVE")]);
    under_way["currentServiceDeployment"] = json!(scene::service_deployment_arn("new"));
    scene::with_service_deployments(&aws, "");
    aws.on("DescribeServices").reply(described(under_way));
    let brief = |id: &str, status: &str, created: f64, target: &str| {
        json!({
            "serviceDeploymentArn": scene::service_deployment_arn(id), "status": status, "createdAt": created,
            "finishedAt": created + 60.0, "targetServiceRevisionArn": revision(target)
        })
    };
    let briefs =
        [brief("old", "SUCCESSFUL", 1_699_000_000.0, "1"), brief("new", "ROLLBACK_REQUESTED", 1_700_000_000.25, "2")];
    aws.on("ListServiceDeployments").reply(json!({"serviceDeployments": briefs}));
    let looks = std::sync::atomic::AtomicUsize::new(0);
    aws.on("DescribeServiceDeployments").answer(move |call| {
        let look = looks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut own = json!({
            "serviceDeploymentArn": call.body["serviceDeploymentArns"][0],
            "status": if look < 3 { "ROLLBACK_REQUESTED" } else { end }, "createdAt": 1_700_000_000.25,
            "sourceServiceRevisions": [{"arn": revision("1")}], "targetServiceRevision": {"arn": revision("2")}
        });
        if end == "ROLLBACK_SUCCESSFUL" && look >= 3 {
            own["rollback"] = json!({"reason": "asked for", "serviceRevisionArn": revision("1")});
        }
        testkit::http::Reply::json(200, &json!({"serviceDeployments": [own], "failures": []}))
    });
    aws.on("DescribeServiceRevisions").answer(move |call| {
        let asked = call.body["serviceRevisionArns"].as_array().unwrap();
        let definition = |arn: &Value| if *arn == revision("1") { OLD } else { scene::NEW };
        let found: Vec<Value> =
            asked.iter().map(|arn| json!({"serviceRevisionArn": arn, "taskDefinition": definition(arn)})).collect();
        testkit::http::Reply::json(200, &json!({"serviceRevisions": found, "failures": []}))
    });
    aws
}

#[test]
fn what_a_requested_rollback_brings_is_what_is_told() {
    let aws = requested("ROLLBACK_SUCCESSFUL");
    let target = crate::targets::target("1", scene::NEW);
    aws.on("DescribeRule").reply(json!({"Name": "nightly", "EventBusName": "default", "State": "ENABLED"}));
    aws.on("ListTargetsByRule").reply(json!({"Targets": [target]}));
    aws.on("PutTargets").reply(json!({"FailedEntryCount": 0, "FailedEntries": []}));
    let out = step(aws.env()).input("event-rules", "nightly").run(PROGRAM, ["rollback"]);
    out.assert_code(0);
    assert_eq!((&*out.outputs["verdict"], &*out.outputs["revision"]), ("restored", "shop:7"), "{}", out.stderr);
    assert!(out.stdout.contains("went back from shop:8 to shop:7"), "{}", out.stdout);
    let put = scene::only_body(&aws, "PutTargets");
    assert_eq!(put["Targets"][0]["EcsParameters"]["TaskDefinitionArn"], OLD, "{}", out.stderr);
    assert!(aws.calls_to("StopServiceDeployment").is_empty() && aws.calls_to("UpdateService").is_empty());
}

#[test]
fn one_that_begins_to_go_back_meanwhile_has_not_moved() {
    let aws = requested("ROLLBACK_SUCCESSFUL");
    let mut under_way = service(&[ours("IN_PROGRESS"), scene::old("ACTIVE")]);
    under_way["currentServiceDeployment"] = json!(scene::service_deployment_arn("new"));
    let back = service(&[deployment("ecs-svc/3", "PRIMARY", OLD, "IN_PROGRESS"), ours("FAILED")]);
    aws.on("DescribeServices").sequence([under_way, back].map(described));
    let out = step(aws.env()).run(PROGRAM, ["rollback"]);
    assert_eq!(out.assert_code(0).outputs["verdict"], "restored", "{}", out.stderr);
    assert!(aws.calls_to("StopServiceDeployment").is_empty() && aws.calls_to("UpdateService").is_empty());
}

#[test]
fn a_requested_rollback_that_does_not_come_is_no_success() {
    let aws = requested("SUCCESSFUL");
    let out = step(aws.env()).run(PROGRAM, ["rollback"]);
    out.assert_code(1);
    assert!(out.stderr.contains("became complete"), "{}", out.stderr);
}

#[test]
fn a_way_back_that_fails_is_not_told_as_restored_by_a_second_run() {
    let aws = scene::scene([]);
    let back = |rollout| deployment("ecs-svc/3", "PRIMARY", OLD, rollout);
    let forth = |rollout| {
        let mut forth = deployment("ecs-svc/4", "PRIMARY", scene::NEW, rollout);
        forth["rolloutStateReason"] = json!("ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/2.");
        let mut failed = deployment("ecs-svc/3", "ACTIVE", OLD, "FAILED");
        failed["rolloutStateReason"] = json!("ECS deployment circuit breaker: tasks failed to start.");
        service(&[forth, failed])
    };
    let looks = [service(&[back("IN_PROGRESS")]), forth("IN_PROGRESS"), forth("IN_PROGRESS"), forth("COMPLETED")];
    aws.on("DescribeServices").sequence(looks.map(described));
    let out = step(aws.env()).input("to", "7").input("event-rules", "nightly").run(PROGRAM, ["rollback"]);
    out.assert_code(3);
    assert_eq!(out.outputs["verdict"], "rolled-back", "{}", out.stderr);
    assert!(aws.calls_to("PutTargets").is_empty() && aws.calls_to("UpdateService").is_empty());
}

#[test]
fn a_busy_ecs_is_not_taken_for_a_missing_permission() {
    let ecs = deployed(named("healthy"));
    ecs.aws().on("ListServiceDeployments").error(400, "ThrottlingException", "Rate exceeded");
    let out = back(&of(&ecs));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=aws/throttled::"), "{}", out.stdout);
    assert!(changes(&ecs).is_empty());
    // What is named needs no history.
    let out = back(&of(&ecs).input("to", "7"));
    assert_eq!(out.assert_code(0).outputs["verdict"], "restored", "{}", out.stderr);
}

/// Its deployments are of another strategy, and what there were cannot be listed.
fn shifting(code: &str) -> RunOutput {
    let aws = scene::scene([]);
    let mut shifting = service(&[ours("COMPLETED")]);
    shifting["deploymentConfiguration"]["strategy"] = json!("BLUE_GREEN");
    aws.on("DescribeServices").reply(described(shifting));
    aws.on("ListServiceDeployments").error(400, code, "Not now.");
    let out = step(aws.env()).input("to", "7").run(PROGRAM, ["rollback"]);
    assert!(aws.calls_to("UpdateService").is_empty());
    out
}

#[test]
fn what_must_be_followed_needs_its_history_and_a_busy_ecs_has_one() {
    let out = shifting("ThrottlingException");
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=aws/throttled::"), "{}", out.stdout);
    let out = shifting("UnsupportedFeatureException");
    out.assert_code(2);
    assert!(out.stderr.contains("use an endpoint that has service deployments; nothing was changed"), "{}", out.stderr);
    assert!(!out.stderr.contains("wait-for-service-stability"), "no input of a rollback: {}", out.stderr);
}

#[test]
fn what_failed_is_gone_back_from() {
    let ecs = deployed(named("breaker-without-rollback"));
    let out = back(&of(&ecs));
    assert_eq!(out.assert_code(0).outputs["verdict"], "restored");
    assert_eq!(changes(&ecs).len(), 1);
}

#[test]
fn what_ecs_rolled_back_already_is_left() {
    let ecs = deployed(named("rollback-with-reason"));
    let out = back(&of(&ecs));
    assert_eq!(out.assert_code(0).outputs["verdict"], "already-deployed");
    assert!(out.stderr.contains("the deployment of shop:8 was rolled back"), "{}", out.stderr);
    assert!(changes(&ecs).is_empty());
}

#[test]
fn a_plan_changes_nothing_and_needs_no_confirmation() {
    let ecs = deployed(named("healthy"));
    let out = back(&of(&ecs).input("mode", "plan").input("confirm", ""));
    out.assert_code(0);
    assert_eq!((out.outputs["verdict"].as_str(), out.outputs["revision"].as_str()), ("", "shop:7"));
    assert!(out.stdout.contains("would take web from shop:8 to shop:7"), "{}", out.stdout);
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!(services, json!([{"service": "web", "from": revision_arn(8), "to": revision_arn(7), "how": "update"}]));
    assert!(changes(&ecs).is_empty());
}

/// A service that goes back to a revision which does not run any more.
fn failing() -> FakeAws {
    let aws = scene::scene([]);
    let failed = deployment("ecs-svc/3", "PRIMARY", OLD, "FAILED");
    aws.on("DescribeServices")
        .reply(described(service(&[ours("COMPLETED")])))
        .then(described(service(&[ours("COMPLETED")])))
        .then(described(service(&[failed.clone(), ours("COMPLETED")])));
    aws.on("UpdateService").reply(json!({"service": service(&[failed, ours("COMPLETED")])}));
    aws
}

#[test]
fn a_restored_revision_that_fails_too_is_told_with_its_cause() {
    let aws = failing();
    let out = step(aws.env()).input("to", "7").run(PROGRAM, ["rollback"]);
    out.assert_code(1);
    assert_eq!(out.outputs["verdict"], "failed");
    assert!(out.stdout.contains("::error title=ecs-deploy/failed::"), "{}", out.stdout);
}

#[test]
fn a_cancelled_run_leaves_the_rollback_to_itself() {
    let mut slow = named("healthy");
    slow.rollout.truncate(1);
    slow.rollout[0] = slow.rollout[0].clone().ours(2, 0).old(0).complete();
    let ecs = FakeEcs::start_with(slow, Clock::Faster(4)).unwrap();
    ecs.runner().run(PROGRAM, NONE).assert_code(0);
    let runner = of(&ecs);
    let mut running = runner.spawn(PROGRAM, ["rollback"]);
    running.wait_for_output("shop:7: IN_PROGRESS");
    running.interrupt();
    let out = running.finish();
    out.assert_code(130);
    assert_eq!(out.outputs["verdict"], "cancelled");
    assert_eq!(changes(&ecs).len(), 1);
}

#[test]
fn a_dry_run_asks_for_nothing_to_be_changed() {
    let ecs = deployed(named("healthy"));
    let out = back(&of(&ecs).input("dry-run", "true").input("confirm", ""));
    out.assert_code(0);
    assert!(out.stdout.contains("would take web from shop:8 to shop:7"), "{}", out.stdout);
    assert!(changes(&ecs).is_empty());
}

fn stuck() -> FakeEcs {
    let mut stuck = named("never-ends");
    stuck.inputs.push(("wait-timeout", "0s"));
    deployed(stuck)
}

#[test]
fn rules_go_back_with_the_service() {
    let ecs = deployed(named("healthy"));
    let target = crate::targets::target("1", &revision_arn(8));
    ecs.aws().on("DescribeRule").reply(json!({"Name": "nightly", "EventBusName": "default", "State": "ENABLED"}));
    ecs.aws().on("ListTargetsByRule").reply(json!({"Targets": [target]}));
    ecs.aws().on("PutTargets").reply(json!({"FailedEntryCount": 0, "FailedEntries": []}));
    let out = back(&of(&ecs).input("event-rules", "nightly"));
    out.assert_code(0);
    let put = scene::only_body(ecs.aws(), "PutTargets");
    assert_eq!(put["Targets"][0]["EcsParameters"]["TaskDefinitionArn"], revision_arn(7), "{}", out.stderr);
    assert!(out.summary.contains("rule nightly: starts shop:7 from now on"), "{}", out.summary);
}

#[test]
fn a_deployment_whose_place_was_taken_is_named() {
    let aws = scene::scene([]);
    let theirs =
        deployment("ecs-svc/9", "ACTIVE", "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:99", "IN_PROGRESS");
    let back = deployment("ecs-svc/3", "PRIMARY", OLD, "IN_PROGRESS");
    aws.on("DescribeServices").reply(described(service(&[ours("COMPLETED")])));
    aws.on("UpdateService").reply(json!({"service": service(&[back, theirs, ours("COMPLETED")])}));
    let out = step(aws.env()).input("to", "7").run(PROGRAM, ["rollback"]);
    out.assert_code(1);
    assert!(out.outputs["reason"].contains("took the place of another deployment, of shop:99"), "{:?}", out.outputs);
}

#[test]
fn a_plan_says_which_targets_would_go_back() {
    let ecs = deployed(named("healthy"));
    let target = crate::targets::target("1", &revision_arn(8));
    ecs.aws().on("DescribeRule").reply(json!({"Name": "nightly", "EventBusName": "default", "State": "ENABLED"}));
    ecs.aws().on("ListTargetsByRule").reply(json!({"Targets": [target]}));
    let out = back(&of(&ecs).input("event-rules", "nightly").input("mode", "plan"));
    out.assert_code(0);
    let line = "rule nightly: would be moved target 1 from shop:8";
    assert!(out.stderr.contains(line) && out.summary.contains(line), "{}\n{}", out.stderr, out.summary);
    assert!(changes(&ecs).is_empty() && ecs.aws().calls_to("PutTargets").is_empty());
}
