//! `ecs-deploy rollback`: where a service goes, how, and what keeps it from going.

use serde_json::{Value, json};
use testkit::ecs::{Clock, Role, Scenario, Trouble, named, revision_arn};
use testkit::iam::{Definitions, Place, Policy, Role as IamRole, Scenario as Proof, prove};
use testkit::{FakeAws, FakeEcs, FakeRunner, RunOutput};

use crate::scene::{self, OLD, deployment, described, old, ours, service};

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
    let runner = FakeRunner::new().envs(env).input("cluster", "prod").input("service", "web");
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

#[track_caller]
fn refused(runner: &FakeRunner, aws: &FakeAws, code: &str, parts: &[&str]) {
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
fn moment(seconds: u64) -> String {
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

#[test]
fn production_is_confirmed_before_anything_is_asked() {
    let ecs = FakeEcs::start(named("healthy"));
    let out = back(&of(&ecs).input("confirm", ""));
    out.assert_code(2);
    assert!(out.stderr.contains("`confirm` is missing, and `prod` is production"), "{}", out.stderr);
    assert!(ecs.aws().calls().is_empty());
    let staging = back(&of(&ecs).input("confirm", "").input("environment", "staging"));
    assert!(staging.stderr.contains("ecs-rollback/nothing-to-restore"), "{}", staging.stderr);
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
fn services_that_ecs_does_not_deploy_are_refused() {
    for (controller, part) in [("CODE_DEPLOY", "aws deploy stop-deployment"), ("EXTERNAL", "task sets")] {
        let aws = scene::scene([]);
        let mut other = service(&[old("PRIMARY")]);
        other["deploymentController"] = json!({"type": controller});
        aws.on("DescribeServices").reply(described(other));
        refused(&step(aws.env()).input("to", "7"), &aws, "ecs-rollback/not-by-ecs", &[part]);
    }
}

/// A revision as ECS tells it, with an image in ECR.
fn with_image(family: &str, number: u64, image: &str) -> Value {
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/{family}:{number}");
    json!({"taskDefinition": {
        "taskDefinitionArn": arn, "family": family, "revision": number, "status": "ACTIVE",
        "containerDefinitions": [{"name": "app", "image": image}]
    }, "tags": []})
}

const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1";

#[test]
fn an_image_that_is_gone_is_refused() {
    let ecs = deployed(named("healthy"));
    ecs.aws().on("DescribeTaskDefinition").reply(with_image("shop", 7, IMAGE));
    let failure = json!({"imageId": {"imageTag": "1"}, "failureCode": "ImageNotFound", "failureReason": "gone"});
    ecs.aws().on("BatchGetImage").reply(json!({"images": [], "failures": [failure]}));
    ecs.aws().on("DescribePullThroughCacheRules").reply(json!({"pullThroughCacheRules": []}));
    let parts = ["`shop:7` cannot run any more", IMAGE, "container `app`"];
    refused(&of(&ecs), ecs.aws(), "ecs-rollback/image-gone", &parts);
}

/// ECR's answer for an image of this digest.
fn in_ecr(digest: &str) -> Value {
    json!({"images": [{
        "registryId": "123456789012", "repositoryName": "shop", "imageId": {"imageDigest": digest, "imageTag": "1"},
        "imageManifest": "{\"schemaVersion\":2}"
    }], "failures": []})
}

#[test]
fn an_image_whose_tag_was_moved_is_told() {
    let ecs = deployed(named("healthy"));
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    ecs.aws().on("DescribeTaskDefinition").reply(with_image("shop", 7, IMAGE));
    let revision = |call: &testkit::aws::Call, role: Role, td: &str| {
        let arn = role.service_revision();
        let asked = call.body["serviceRevisionArns"].as_array().unwrap().iter().any(|own| *own == arn.as_str());
        asked.then(|| json!({
            "serviceRevisionArn": arn, "taskDefinition": td,
            "containerImages": [{"containerName": "app", "image": IMAGE, "imageDigest": format!("sha256:{}", "a".repeat(64))}]
        }))
    };
    ecs.aws().on("DescribeServiceRevisions").answer(move |call| {
        let found: Vec<Value> =
            [revision(call, Role::Before, &revision_arn(7)), revision(call, Role::Ours, &revision_arn(8))]
                .into_iter()
                .flatten()
                .collect();
        testkit::http::Reply::json(200, &json!({"serviceRevisions": found, "failures": []}))
    });
    ecs.aws().on("BatchGetImage").reply(in_ecr(&digest("b"))).then(in_ecr(&digest("a")));
    let out = back(&of(&ecs).input("mode", "plan"));
    out.assert_code(0);
    assert!(out.stdout.contains("somebody moved the tag"), "{}", out.stdout);
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

fn printed(flags: &[&str]) -> String {
    let shell = FakeRunner::plain_shell().input("cluster", "prod").input("service", "web").input("to", "7");
    let place = ["rollback", "--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=123456789012"];
    let out = shell.run(PROGRAM, place.iter().chain(flags));
    out.assert_code(0);
    assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(&out.stdout)), Vec::<String>::new());
    out.stdout
}

/// Goes back through the role's guard.
fn guarded(role: &IamRole, ecs: &FakeEcs, mode: &str) -> RunOutput {
    let guard = role.guard(&ecs.aws().url()).unwrap();
    back(&of(ecs).input("to", "7").input("mode", mode).env("AWS_ENDPOINT_URL", guard.url()))
}

fn stuck() -> FakeEcs {
    let mut stuck = named("never-ends");
    stuck.inputs.push(("wait-timeout", "0s"));
    deployed(stuck)
}

#[test]
fn the_policy_is_the_least_one() {
    let place = Place::new("eu-west-1", "123456789012");
    let notices = [
        ("ecs:StopServiceDeployment", "grant `ecs:StopServiceDeployment` to have ECS roll back"),
        ("ecs:ListServiceDeployments", "grant `ecs:ListServiceDeployments` to follow the service deployment"),
        ("ecs:DescribeServiceDeployments", "grant `ecs:DescribeServiceDeployments` to follow the service deployment"),
        ("ecs:DescribeServiceRevisions", "grant `ecs:DescribeServiceRevisions` to follow the service deployment"),
        ("ecs:ListTasks", "grant `ecs:ListTasks`"),
        ("ecs:DescribeTasks", "grant `ecs:DescribeTasks`"),
    ];
    let update = Proof::new("by an update", |role| guarded(role, &deployed(named("healthy")), "apply"));
    let stop = Proof::new("by ECS", |role| guarded(role, &stuck(), "apply"));
    let fails = Proof::new("that fails", |role| {
        let aws = failing();
        let guard = role.guard(&aws.url()).unwrap();
        back(&step(aws.env()).input("to", "7").env("AWS_ENDPOINT_URL", guard.url()))
    });
    let proofs = [update, stop, fails.ends_with(1)];
    prove(&place, &printed(&["--confirm=ROLLBACK"]), &proofs, &notices);
    let plan = Proof::new("a plan", |role| guarded(role, &deployed(named("healthy")), "plan"));
    let only_reads = printed(&["--mode=plan"]);
    assert!(!only_reads.contains("Update") && !only_reads.contains("Stop"), "{only_reads}");
    prove(&place, &only_reads, &[plan], &notices);
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
