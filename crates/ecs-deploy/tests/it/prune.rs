//! Old revisions are deregistered where everything that may use them was seen, and only then.

mod codedeploy;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use testkit::http::Reply;
use testkit::{FakeAws, FakeRunner};

use crate::scene::{described, old, ours, run, runner, running, scene, service};

const PLACE: &str = "arn:aws:ecs:eu-west-1:123456789012";

pub(crate) fn revision(number: u64) -> String {
    format!("{PLACE}:task-definition/shop:{number}")
}

/// A family with the revisions 1 to 8, of which much uses some: 7 and 8 the service, 6 a service deployment, 5 a task, 4 a rule, 3 a
/// schedule. 2 is unused and young, 1 unused and old.
pub(crate) fn world() -> FakeAws {
    let aws = scene([]);
    let updated = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&updated);
    aws.on("DescribeServices").answer(move |_| {
        let now = if seen.load(Ordering::SeqCst) { ours("COMPLETED") } else { old("PRIMARY") };
        Reply::json(200, &described(service(&[now])))
    });
    aws.on("UpdateService").answer(move |_| {
        updated.store(true, Ordering::SeqCst);
        Reply::json(200, &json!({"service": service(&[ours("IN_PROGRESS"), old("ACTIVE")])}))
    });
    aws.on("ListTaskDefinitions").answer(|call| {
        let half = |range: std::ops::RangeInclusive<u64>| range.rev().map(revision).collect::<Vec<_>>();
        let page = match call.body["nextToken"].as_str() {
            Some(_) => json!({"taskDefinitionArns": half(1..=4)}),
            None => json!({"taskDefinitionArns": half(5..=8), "nextToken": "2"}),
        };
        Reply::json(200, &page)
    });
    aws.on("DescribeTaskDefinition").answer(|call| {
        let mut answer = running();
        if call.body["taskDefinition"].as_str().is_some_and(|name| name.ends_with(":2")) {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            answer["taskDefinition"]["registeredAt"] = json!(now.as_secs_f64() - 3600.0);
        }
        Reply::json(200, &answer)
    });
    aws.on("ListClusters").reply(json!({"clusterArns": [format!("{PLACE}:cluster/prod")]}));
    aws.on("ListServices").reply(json!({"serviceArns": [format!("{PLACE}:service/prod/web")]}));
    service_deployments(&aws);
    aws.on("ListTasks").reply(json!({"taskArns": [format!("{PLACE}:task/prod/1")]}));
    aws.on("DescribeTasks").reply(json!({"tasks": [{"taskArn": format!("{PLACE}:task/prod/1"), "taskDefinitionArn": revision(5)}], "failures": []}));
    aws.on("ListEventBuses").reply(json!({"EventBuses": [{"Name": "default"}]}));
    aws.on("ListRuleNamesByTarget").reply(json!({"RuleNames": ["nightly"]}));
    aws.on("ListTargetsByRule").reply(json!({"Targets": [
        {"Id": "1", "Arn": format!("{PLACE}:cluster/prod"), "EcsParameters": {"TaskDefinitionArn": revision(4)}}
    ]}));
    aws.on_rest("GET", "/schedules").reply(json!({"Schedules": [
        {"Name": "weekly", "GroupName": "default", "Target": {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask"}},
        {"Name": "mail", "GroupName": "default", "Target": {"Arn": "arn:aws:sqs:eu-west-1:123456789012:mail"}}
    ]}));
    aws.on_rest("GET", "/schedules/weekly").reply(json!({
        "Name": "weekly", "Target": {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "RoleArn": "arn:aws:iam::123456789012:role/x",
                                     "Input": "{\"TaskDefinition\": \"shop:3\"}"}
    }));
    aws.on("DeregisterTaskDefinition").reply(json!({"taskDefinition": {"status": "INACTIVE"}}));
    aws
}

fn service_deployments(aws: &FakeAws) {
    let own = |kind: &str, id: &str| format!("{PLACE}:{kind}/prod/web/{id}");
    aws.on("ListServiceDeployments").reply(json!({"serviceDeployments": [
        {"serviceDeploymentArn": own("service-deployment", "a"), "status": "SUCCESSFUL", "createdAt": 1_600_000_000.0}
    ]}));
    aws.on("DescribeServiceDeployments").reply(json!({"serviceDeployments": [{
        "serviceDeploymentArn": own("service-deployment", "a"), "status": "SUCCESSFUL", "createdAt": 1_600_000_000.0,
        "sourceServiceRevisions": [{"arn": own("service-revision", "1")}]
    }], "failures": []}));
    aws.on("DescribeServiceRevisions").reply(json!({"serviceRevisions": [
        {"serviceRevisionArn": own("service-revision", "1"), "taskDefinition": revision(6)}
    ], "failures": []}));
}

pub(crate) fn step(aws: &FakeAws) -> FakeRunner {
    runner(aws).input("keep-revisions", "1").input("preflight", "off").env("SLIPWAY_TIME_DIVISOR", "100")
}

fn deregistered(aws: &FakeAws) -> Vec<Value> {
    aws.calls_to("DeregisterTaskDefinition").iter().map(|call| call.body["taskDefinition"].clone()).collect()
}

#[test]
fn only_what_nothing_uses_is_deregistered() {
    let aws = world();
    let out = run(&step(&aws));
    out.assert_code(0);
    assert_eq!(deregistered(&aws), [json!(revision(1))], "{}", out.stderr);
    assert!(out.stderr.contains("deregistered shop:1, which nothing was seen to use"), "{}", out.stderr);
}

#[test]
fn the_newest_stay_whatever_uses_them() {
    let aws = world();
    run(&step(&aws).input("keep-revisions", "8")).assert_code(0);
    assert!(deregistered(&aws).is_empty());
    assert!(aws.calls_to("ListClusters").is_empty(), "there is nothing to look for");
}

#[test]
fn one_missing_answer_and_nothing_is_deregistered() {
    for operation in
        ["ListServices", "ListEventBuses", "ListRuleNamesByTarget", "DescribeServiceRevisions", "ListTaskDefinitions"]
    {
        let aws = world();
        aws.on(operation).error(400, "AccessDeniedException", "no");
        let out = run(&step(&aws));
        out.assert_code(0);
        assert_eq!(out.outputs["verdict"], "deployed");
        assert!(deregistered(&aws).is_empty(), "{operation}");
        let told = format!(":{operation}`");
        assert!(
            out.stdout.contains("no revision is deregistered") && out.stdout.contains(&told),
            "{operation}\n{}",
            out.stdout
        );
    }
    let aws = world();
    aws.on("DescribeServices").answer(|_| Reply::json(200, &described(service(&[ours("COMPLETED")]))));
    aws.on("ListServices")
        .reply(json!({"serviceArns": [format!("{PLACE}:service/prod/web"), format!("{PLACE}:service/prod/gone")]}));
    let out = run(&step(&aws));
    assert!(out.stdout.contains("ECS does not tell all of the services"), "{}", out.stdout);
    assert!(deregistered(&aws).is_empty());
}

#[test]
fn nothing_is_deregistered_behind_a_deployment_that_failed() {
    let aws = world();
    aws.on("DescribeServices")
        .reply(described(service(&[old("PRIMARY")])))
        .then(described(service(&[ours("FAILED"), old("ACTIVE")])));
    run(&step(&aws)).assert_code(1);
    assert!(deregistered(&aws).is_empty() && aws.calls_to("ListTaskDefinitions").is_empty());
    let out = run(&step(&aws).input("keep-revisions", "0"));
    out.assert_code(2);
    assert!(out.stderr.contains("`keep-revisions`"), "{}", out.stderr);
}

#[test]
fn a_refused_deregistration_is_a_warning() {
    let aws = world();
    aws.on("DeregisterTaskDefinition").error(400, "AccessDeniedException", "no");
    let out = run(&step(&aws));
    out.assert_code(0);
    assert!(out.stdout.contains("`keep-revisions`: shop:1 could not be deregistered"), "{}", out.stdout);
}

#[test]
fn a_service_that_left_the_family_keeps_what_it_ran() {
    let aws = world();
    let moved = format!("{PLACE}:service/prod/moved");
    aws.on("ListServices").reply(json!({"serviceArns": [format!("{PLACE}:service/prod/web"), moved.clone()]}));
    let updated = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&updated);
    aws.on("DescribeServices").answer(move |call| {
        let now = if seen.load(Ordering::SeqCst) { ours("COMPLETED") } else { old("PRIMARY") };
        let mut answer = described(service(std::slice::from_ref(&now)));
        if call.body["services"].as_array().is_some_and(|names| names.len() == 2) {
            let elsewhere = format!("{PLACE}:task-definition/shop-v2:4");
            let mut other = service(&[crate::scene::deployment("ecs-svc/9", "PRIMARY", &elsewhere, "COMPLETED")]);
            other["serviceArn"] = json!(moved);
            other["serviceName"] = json!("moved");
            answer["services"].as_array_mut().unwrap().push(other);
        }
        Reply::json(200, &answer)
    });
    aws.on("UpdateService").answer(move |_| {
        updated.store(true, Ordering::SeqCst);
        Reply::json(200, &json!({"service": service(&[ours("IN_PROGRESS"), old("ACTIVE")])}))
    });
    // What the one ran is revision 6, and what the other one ran is revision 1.
    aws.on("ListServiceDeployments").answer(|call| {
        let name = last(&call.body["service"]);
        let arn = format!("{PLACE}:service-deployment/prod/{name}/a");
        let brief = json!({"serviceDeploymentArn": arn, "status": "SUCCESSFUL", "createdAt": 1_600_000_000.0});
        Reply::json(200, &json!({"serviceDeployments": [brief]}))
    });
    aws.on("DescribeServiceDeployments").answer(|call| {
        let arn = call.body["serviceDeploymentArns"][0].as_str().unwrap().to_owned();
        let target = arn.replace("service-deployment", "service-revision");
        let own = json!({"serviceDeploymentArn": arn, "status": "SUCCESSFUL", "createdAt": 1_600_000_000.0,
                         "targetServiceRevision": {"arn": target}});
        Reply::json(200, &json!({"serviceDeployments": [own], "failures": []}))
    });
    aws.on("DescribeServiceRevisions").answer(|call| {
        let arn = call.body["serviceRevisionArns"][0].as_str().unwrap().to_owned();
        let ran = revision(if arn.contains("/moved/") { 1 } else { 6 });
        let own = json!({"serviceRevisionArn": arn, "taskDefinition": ran});
        Reply::json(200, &json!({"serviceRevisions": [own], "failures": []}))
    });
    let out = run(&step(&aws));
    out.assert_code(0);
    assert!(deregistered(&aws).is_empty(), "{}", out.stderr);
    assert!(!out.stdout.contains("no revision is deregistered"), "{}", out.stdout);
}

/// The name at the end of an ARN.
fn last(arn: &Value) -> String {
    arn.as_str().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_owned()
}

#[test]
fn a_dry_run_says_what_could_go_and_only_reads() {
    let aws = world();
    aws.on("ListTaskDefinitions").reply(json!({"taskDefinitionArns": (1..=7).rev().map(revision).collect::<Vec<_>>()}));
    let out = run(&step(&aws).input("dry-run", "true"));
    out.assert_code(0);
    let line = "`keep-revisions`: would deregister shop:1, which nothing is seen to use";
    assert!(out.stderr.contains(line), "{}", out.stderr);
    assert!(out.summary.contains("would deregister shop:1"), "{}", out.summary);
    assert_only_reads(&aws);
    aws.on("ListClusters").error(400, "AccessDeniedException", "no");
    let out = run(&step(&aws).input("dry-run", "true"));
    out.assert_code(0);
    assert!(out.summary.contains("ecs:ListClusters"), "{}", out.summary);
}

/// Nothing that was asked changes anything.
#[track_caller]
pub(crate) fn assert_only_reads(aws: &FakeAws) {
    let reads = ["Describe", "List", "Get", "BatchGet", "GET "];
    let others: Vec<String> =
        aws.operations().into_iter().filter(|name| !reads.iter().any(|read| name.starts_with(read))).collect();
    assert_eq!(others, Vec::<String>::new());
}
