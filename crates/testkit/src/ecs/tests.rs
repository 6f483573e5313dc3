mod rules;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;

/// A stand-in whose time moves by so many seconds with each look.
fn stepping(scenario: Scenario, seconds: u64) -> FakeEcs {
    FakeEcs::start_with(scenario, Clock::EachLook(Duration::from_secs(seconds))).expect("the stand-in starts")
}

/// One call, as any client makes it.
fn call(ecs: &FakeEcs, operation: &str, body: &Value) -> (u16, Value) {
    let prefix = if operation == "GetLogEvents" { "Logs_20140328" } else { "AmazonEC2ContainerServiceV20141113" };
    let target = format!("{prefix}.{operation}");
    let headers = [("x-amz-target", target.as_str())];
    let reply = crate::http::send("POST", &ecs.aws().url(), &headers, body.to_string().as_bytes()).expect("it answers");
    (reply.status, reply.to_json())
}

/// A call that goes well.
#[track_caller]
fn ok(ecs: &FakeEcs, operation: &str, body: &Value) -> Value {
    let (status, answer) = call(ecs, operation, body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

/// The code of a call that is refused.
fn refused(ecs: &FakeEcs, operation: &str, body: &Value) -> String {
    let (status, answer) = call(ecs, operation, body);
    assert_eq!(status, 400, "{operation}: {answer}");
    answer["__type"].as_str().unwrap_or_default().to_owned()
}

fn look(ecs: &FakeEcs) -> Value {
    ok(ecs, "DescribeServices", &json!({"cluster": CLUSTER, "services": [SERVICE]}))["services"][0].clone()
}

/// Registers the scenario's task definition and updates the service.
fn deploy(ecs: &FakeEcs) -> Value {
    let registered = ok(ecs, "RegisterTaskDefinition", &ecs.scenario().definition);
    let arn = registered["taskDefinition"]["taskDefinitionArn"].clone();
    ok(ecs, "UpdateService", &json!({"cluster": CLUSTER, "service": SERVICE, "taskDefinition": arn}))["service"].clone()
}

fn ours(ecs: &FakeEcs) -> Value {
    let arns = json!({"serviceDeploymentArns": [Role::Ours.service_deployment()]});
    ok(ecs, "DescribeServiceDeployments", &arns)["serviceDeployments"][0].clone()
}

fn tasks(ecs: &FakeEcs, status: &str) -> Vec<Value> {
    let query = json!({"cluster": CLUSTER, "serviceName": SERVICE, "desiredStatus": status});
    let arns = ok(ecs, "ListTasks", &query)["taskArns"].clone();
    let described = ok(ecs, "DescribeTasks", &json!({"cluster": CLUSTER, "tasks": arns}));
    assert_eq!(described["failures"], json!([]));
    described["tasks"].as_array().cloned().unwrap_or_default()
}

fn log(ecs: &FakeEcs, task: &Value, container: &str) -> Value {
    let id = role::last(task["taskArn"].as_str().unwrap_or_default()).to_owned();
    let stream = format!("{}/{container}/{id}", definition::LOGS.1);
    ok(ecs, "GetLogEvents", &json!({"logGroupName": definition::LOGS.0, "logStreamName": stream, "limit": 50}))
}

fn messages(events: &Value) -> Vec<&str> {
    events["events"].as_array().into_iter().flatten().filter_map(|event| event["message"].as_str()).collect()
}

/// Scenarios of deployments in which nothing is refused.
fn untroubled() -> impl Iterator<Item = Scenario> {
    scenarios().into_iter().filter(|scenario| scenario.act == Act::Deploy && scenario.troubles.is_empty())
}

#[test]
fn the_scenarios_that_a_deployment_tool_must_pass_are_there_once() {
    let all = scenarios();
    for name in [
        "alarm-bake",
        "stale-read",
        "breaker-without-rollback",
        "rollback-with-reason",
        "superseded",
        "early-success",
        "zero-count",
        "sidecar-exits-143",
        "image-cannot-be-pulled",
        "container-exits-1",
        "unknown-fields",
        "empty-strings",
        "throttling",
        "expired-token",
        "poll-times-out",
        "blue-green",
        "linear",
        "canary",
        "pause-hook",
        "service-deployments-denied",
    ] {
        assert_eq!(all.iter().filter(|scenario| scenario.name == name).count(), 1, "{name}");
    }
    let names: std::collections::BTreeSet<_> = all.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), all.len());
    assert_eq!(markdown(&all).lines().count(), all.len() + 2);
}

/// Every answer on the way is checked with botocore's model when the stand-in is dropped.
#[test]
fn every_deployment_goes_on_to_the_end_that_its_scenario_states() {
    // Where AWS is asked to roll back, what it does depends on when that is.
    for scenario in
        untroubled().filter(|scenario| scenario.aws.verdict != "-" || scenario.ours.verdict != "rolled-back")
    {
        let (name, aws) = (scenario.name, scenario.aws);
        let is_lost = scenario.loses.is_empty();
        let ecs = stepping(scenario, 5);
        deploy(&ecs);
        let (mut answers, mut verdict) = (std::collections::BTreeSet::new(), None);
        // A little less than two minutes, or long enough to see that no verdict comes.
        for _ in 0..if aws.at.is_some() { 25 } else { 8 } {
            let service = look(&ecs);
            let own = ours(&ecs);
            answers.insert(format!("{}{}", service["deployments"], own["status"]));
            let ended = ["SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"];
            if ended.iter().any(|word| own["status"] == *word) {
                verdict = Some((own["status"].as_str().unwrap_or_default().to_owned(), ecs.now()));
                break;
            }
        }
        assert!(answers.len() > 2, "{name}: the answers are always the same");
        let stated = aws.at.map(|at| (aws.verdict.to_owned(), at));
        assert!(!is_lost || verdict == stated, "{name}: {verdict:?}, the scenario states {stated:?}");
        tasks(&ecs, "RUNNING");
        for task in tasks(&ecs, "STOPPED").iter().filter(|task| task["stopCode"] == "EssentialContainerExited").take(1)
        {
            assert!(!messages(&log(&ecs, task, "app")).is_empty(), "{name}");
        }
        let events = look(&ecs)["events"].as_array().map_or(0, Vec::len);
        assert!(events > 0, "{name}: the service tells nothing");
    }
}

#[test]
fn before_the_update_nothing_moves() {
    let ecs = stepping(named("healthy"), 60);
    let (first, later) = (look(&ecs), look(&ecs));
    assert_eq!(first["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!((&first["deployments"], ecs.now()), (&later["deployments"], 0));
    let listed = ok(&ecs, "ListServiceDeployments", &json!({"cluster": CLUSTER, "service": SERVICE}));
    assert_eq!(listed["serviceDeployments"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_same_revision_again_starts_nothing() {
    let ecs = stepping(named("healthy"), 60);
    let same = json!({"cluster": CLUSTER, "service": SERVICE, "taskDefinition": "shop:7"});
    assert_eq!(ok(&ecs, "UpdateService", &same)["service"]["deployments"][0]["id"], Role::Before.deployment());
    let forced = json!({"cluster": CLUSTER, "service": SERVICE, "forceNewDeployment": true});
    let service = ok(&ecs, "UpdateService", &forced)["service"].clone();
    assert_eq!(service["deployments"][0]["id"], Role::Ours.deployment());
    assert_eq!(service["deployments"][0]["taskDefinition"], revision_arn(REVISION));
}

#[test]
fn our_service_deployment_is_found_by_its_time_and_its_revision() {
    let ecs = stepping(named("healthy"), 5);
    let service = deploy(&ecs);
    let created = service["deployments"][0]["createdAt"].as_f64().expect("a time");
    let query = json!({"cluster": CLUSTER, "service": SERVICE, "createdAt": {"after": created - 5.0}});
    let found = ok(&ecs, "ListServiceDeployments", &query)["serviceDeployments"].clone();
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    let revisions = json!({"serviceRevisionArns": [found[0]["targetServiceRevisionArn"]]});
    let revision = ok(&ecs, "DescribeServiceRevisions", &revisions)["serviceRevisions"][0].clone();
    assert_eq!(revision["taskDefinition"], revision_arn(8));
    assert_eq!(service["currentServiceDeployment"], found[0]["serviceDeploymentArn"]);
}

#[test]
fn stale_answers_are_those_from_before_the_update() {
    let ecs = stepping(named("stale-for-10-s"), 5);
    assert_eq!(deploy(&ecs)["deployments"][0]["id"], Role::Ours.deployment(), "the update's own answer is not stale");
    let ids = [(); 3].map(|()| look(&ecs)["deployments"][0]["id"].clone());
    assert_eq!(ids, [Role::Before, Role::Before, Role::Ours].map(|role| json!(role.deployment())));
}

#[test]
fn one_stale_answer_comes_whatever_the_time() {
    let ecs = stepping(named("stale-read"), 60);
    deploy(&ecs);
    let seen = [(); 2].map(|()| look(&ecs)["deployments"][0]["id"].clone());
    assert_eq!(seen, [Role::Before, Role::Ours].map(|role| json!(role.deployment())));
}

#[test]
fn a_stopped_deployment_goes_back() {
    let ecs = stepping(named("never-ends"), 5);
    deploy(&ecs);
    let arn = json!({"serviceDeploymentArn": Role::Ours.service_deployment(), "stopType": "ROLLBACK"});
    ok(&ecs, "StopServiceDeployment", &arn);
    let mut seen = Vec::new();
    for _ in 0..6 {
        look(&ecs);
        seen.push(ours(&ecs)["status"].clone());
    }
    seen.dedup();
    assert_eq!(seen, ["ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"]);
    assert_eq!(look(&ecs)["deployments"][0]["taskDefinition"], revision_arn(REVISION));
    assert_eq!(refused(&ecs, "StopServiceDeployment", &arn), "ClientException");
}

#[test]
fn a_second_update_takes_the_place_of_the_first() {
    let ecs = stepping(named("container-exits-1"), 5);
    deploy(&ecs);
    let back = json!({"cluster": CLUSTER, "service": SERVICE, "taskDefinition": "shop:7"});
    let service = ok(&ecs, "UpdateService", &back)["service"].clone();
    assert_eq!(service["deployments"][0]["id"], Role::Rollback.deployment());
    assert_eq!(ours(&ecs)["status"], "STOPPED");
    let last = [(); 5].map(|()| look(&ecs)).into_iter().next_back().expect("a look");
    assert_eq!(last["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(last["runningCount"], 2);
    let listed = ok(&ecs, "ListServiceDeployments", &json!({"cluster": CLUSTER, "service": SERVICE}));
    let statuses: Vec<&Value> =
        listed["serviceDeployments"].as_array().into_iter().flatten().map(|own| &own["status"]).collect();
    assert_eq!(statuses, ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"]);
    let revision = json!({"serviceRevisionArns": [listed["serviceDeployments"][0]["targetServiceRevisionArn"]]});
    let revision = ok(&ecs, "DescribeServiceRevisions", &revision)["serviceRevisions"][0].clone();
    assert_eq!(revision["taskDefinition"], revision_arn(REVISION));
}

#[test]
fn a_pause_goes_on_when_it_is_continued() {
    let ecs = stepping(named("pause-hook"), 10);
    deploy(&ecs);
    let hold = |hook: &str, action: &str| json!({"serviceDeploymentArn": Role::Ours.service_deployment(), "hookId": hook, "action": action});
    assert_eq!(refused(&ecs, "ContinueServiceDeployment", &hold("approve", "CONTINUE")), "InvalidParameterException");
    for _ in 0..9 {
        look(&ecs);
    }
    let waiting = ours(&ecs);
    assert_eq!(
        (&waiting["status"], &waiting["lifecycleHookDetails"][0]["status"]),
        (&json!("IN_PROGRESS"), &json!("AWAITING_ACTION"))
    );
    assert_eq!(refused(&ecs, "ContinueServiceDeployment", &hold("other", "CONTINUE")), "InvalidParameterException");
    ok(&ecs, "ContinueServiceDeployment", &hold("approve", "CONTINUE"));
    for _ in 0..9 {
        look(&ecs);
    }
    assert_eq!(ours(&ecs)["status"], "SUCCESSFUL");
}

#[test]
fn traffic_moves_by_its_weights() {
    let ecs = stepping(named("canary"), 10);
    deploy(&ecs);
    let mut weights = Vec::new();
    for _ in 0..11 {
        look(&ecs);
        weights.push(ours(&ecs)["targetServiceRevision"]["requestedProductionTrafficWeight"].as_f64());
    }
    weights.dedup();
    assert_eq!(weights, [None, Some(0.0), Some(10.0), Some(100.0)]);
}

#[test]
fn tasks_that_died_tell_of_what_and_in_their_log() {
    let ecs = stepping(named("container-exits-1"), 30);
    deploy(&ecs);
    look(&ecs);
    look(&ecs);
    let dead = tasks(&ecs, "STOPPED");
    assert_eq!(dead.len(), 3);
    assert_eq!(
        (&dead[0]["startedBy"], &dead[0]["containers"][0]["exitCode"]),
        (&json!(Role::Ours.deployment()), &json!(1))
    );
    let events = log(&ecs, &dead[0], "app");
    assert!(messages(&events).iter().any(|line| line.contains(definition::SECRET)), "{events}");
    let newest = json!({"logGroupName": definition::LOGS.0, "limit": 1,
        "logStreamName": format!("web/app/{}", role::last(dead[0]["taskArn"].as_str().expect("an ARN")))});
    let page = ok(&ecs, "GetLogEvents", &newest);
    assert_eq!(messages(&page), ["panic: cannot reach the database db.internal:5432"]);
    let unpulled = stepping(named("image-cannot-be-pulled"), 30);
    deploy(&unpulled);
    look(&unpulled);
    look(&unpulled);
    let id = role::last(tasks(&unpulled, "STOPPED")[0]["taskArn"].as_str().expect("an ARN")).to_owned();
    let stream = json!({"logGroupName": definition::LOGS.0, "logStreamName": format!("web/app/{id}")});
    assert_eq!(refused(&unpulled, "GetLogEvents", &stream), "ResourceNotFoundException");
}

fn run_task(ecs: &FakeEcs) -> Value {
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-0a"]}});
    let run =
        json!({"cluster": CLUSTER, "taskDefinition": "shop:7", "networkConfiguration": network, "startedBy": "me"});
    ok(ecs, "RunTask", &run)["tasks"][0].clone()
}

fn see(ecs: &FakeEcs, task: &Value) -> Value {
    ok(ecs, "DescribeTasks", &json!({"cluster": CLUSTER, "tasks": [task["taskArn"]]}))["tasks"][0].clone()
}

#[test]
fn a_task_on_its_own_ends_as_its_scenario_states() {
    for scenario in scenarios().into_iter().filter(|scenario| scenario.act == Act::RunTask) {
        let (name, aws) = (scenario.name, scenario.aws);
        let ecs = stepping(scenario, 5);
        let task = run_task(&ecs);
        let stopped = (0..10).find_map(|_| Some(see(&ecs, &task)).filter(|task| task["lastStatus"] == "STOPPED"));
        let stopped = stopped.unwrap_or_else(|| panic!("{name} never stops"));
        assert_eq!((stopped["stopCode"].as_str(), Some(ecs.now())), (Some(aws.verdict), aws.at), "{name}");
    }
}

#[test]
fn the_log_of_a_task_on_its_own_grows() {
    let ecs = stepping(named("sidecar-exits-143"), 10);
    let task = run_task(&ecs);
    see(&ecs, &task);
    see(&ecs, &task);
    let first = log(&ecs, &task, "app");
    assert_eq!(messages(&first), ["migrating"]);
    see(&ecs, &task);
    see(&ecs, &task);
    let stream = format!("web/app/{}", role::last(task["taskArn"].as_str().expect("an ARN")));
    let next = json!({"logGroupName": "/ecs/shop", "logStreamName": stream, "nextToken": first["nextForwardToken"]});
    assert_eq!(messages(&ok(&ecs, "GetLogEvents", &next)), ["done"]);
}

#[test]
fn a_task_can_be_stopped_and_needs_a_network() {
    let ecs = stepping(named("task-exits-0"), 10);
    let bare = json!({"cluster": CLUSTER, "taskDefinition": "shop"});
    assert_eq!(refused(&ecs, "RunTask", &bare), "InvalidParameterException");
    let task = run_task(&ecs);
    ok(&ecs, "StopTask", &json!({"cluster": CLUSTER, "task": task["taskArn"], "reason": "cancelled"}));
    see(&ecs, &task);
    let stopped = see(&ecs, &task);
    assert_eq!((&stopped["lastStatus"], &stopped["stoppedReason"]), (&json!("STOPPED"), &json!("cancelled")));
}

#[test]
fn members_are_kept_lost_or_left_empty_as_the_scenario_says() {
    for (name, kept) in [("unknown-fields", true), ("unknown-fields-lost", false)] {
        let ecs = stepping(named(name), 5);
        deploy(&ecs);
        let described = ok(&ecs, "DescribeTaskDefinition", &json!({"taskDefinition": "shop", "include": ["TAGS"]}));
        assert_eq!(described["taskDefinition"]["quantumIsolation"].is_object(), kept, "{name}");
        assert_eq!(ecs.registered()["containerDefinitions"][0]["restartBudget"].is_number(), kept, "{name}");
    }
    let ecs = stepping(named("empty-strings"), 5);
    deploy(&ecs);
    let mut sent = ecs.scenario().definition;
    sent.as_object_mut().expect("an object").remove("tags");
    assert_eq!(ecs.registered(), sent);
    ok(&ecs, "DeregisterTaskDefinition", &json!({"taskDefinition": "shop:8"}));
    assert_eq!(ecs.active_revisions(), [REVISION]);
}

#[test]
fn troubles_come_when_the_scenario_says() {
    let services = json!({"cluster": CLUSTER, "services": [SERVICE]});
    let ecs = stepping(named("throttling"), 5);
    look(&ecs);
    deploy(&ecs);
    let codes = [(); 7].map(|()| refused(&ecs, "DescribeServices", &services));
    assert!(codes.iter().all(|code| code == "ThrottlingException"), "{codes:?}");
    look(&ecs);
    let ecs = stepping(named("expired-token"), 10);
    deploy(&ecs);
    (0..3).for_each(|_| drop(look(&ecs)));
    assert_eq!(refused(&ecs, "DescribeServices", &services), "ExpiredTokenException");
    let ecs = stepping(named("service-deployments-denied"), 5);
    let list = json!({"cluster": CLUSTER, "service": SERVICE});
    assert_eq!(refused(&ecs, "ListServiceDeployments", &list), "AccessDeniedException");
}

#[test]
fn names_that_are_not_there_are_refused() {
    let ecs = stepping(named("healthy"), 5);
    let answer = ok(&ecs, "DescribeServices", &json!({"cluster": CLUSTER, "services": ["wbe"]}));
    assert_eq!((&answer["services"], &answer["failures"][0]["reason"]), (&json!([]), &json!("MISSING")));
    assert_eq!(
        refused(&ecs, "DescribeServices", &json!({"cluster": "dev", "services": ["web"]})),
        "ClusterNotFoundException"
    );
    let update = json!({"cluster": CLUSTER, "service": SERVICE, "taskDefinition": "shop:99"});
    assert_eq!(refused(&ecs, "UpdateService", &update), "ClientException");
    assert_eq!(refused(&ecs, "DescribeTaskDefinition", &json!({"taskDefinition": "other"})), "ClientException");
}

#[test]
fn real_time_goes_faster_when_asked() {
    let ecs = FakeEcs::start_with(named("healthy"), Clock::Faster(10_000)).expect("the stand-in starts");
    deploy(&ecs);
    let done = (0..10_000).map(|_| look(&ecs)).find(|service| service["deployments"][0]["rolloutState"] == "COMPLETED");
    assert!(done.is_some_and(|service| service["deployments"].as_array().map(Vec::len) == Some(1)));
    assert!(ecs.env().contains(&("SLIPWAY_TIME_DIVISOR".to_owned(), "10000".to_owned())));
}
