//! Rules and schedules that start the new revision once it is deployed.

use serde_json::{Value, json};
use testkit::http::Reply;
use testkit::{FakeAws, FakeRunner};

use crate::scene::{NEW, OLD, only_body, ours, run, runner, scene, service};

const OTHER: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-cron:3";
const ROLE: &str = "arn:aws:iam::123456789012:role/events";
const CLUSTER: &str = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";

/// A target of a rule, with much that must stay.
pub(crate) fn target(id: &str, task_definition: &str) -> Value {
    json!({
        "Id": id, "Arn": CLUSTER, "RoleArn": ROLE, "Input": "{\"containerOverrides\": []}",
        "EcsParameters": {"TaskDefinitionArn": task_definition, "TaskCount": 2, "LaunchType": "FARGATE", "PlatformVersion": "LATEST",
                          "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "DISABLED"}}},
        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    })
}

/// The schedule as `GetSchedule` answers it.
pub(crate) fn schedule(task_definition: &str) -> Value {
    json!({
        "Arn": "arn:aws:scheduler:eu-west-1:123456789012:schedule/billing/nightly", "Name": "nightly", "GroupName": "billing",
        "CreationDate": 1_700_000_000.5, "LastModificationDate": 1_700_000_001.5, "StartDate": 1_700_000_002.25,
        "ScheduleExpression": "cron(0 3 * * ? *)", "ScheduleExpressionTimezone": "Europe/Paris", "State": "ENABLED",
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}, "ActionAfterCompletion": "NONE",
        "Target": {"Arn": CLUSTER, "RoleArn": ROLE, "EcsParameters": {"TaskDefinitionArn": task_definition, "Group": "cron"}}
    })
}

/// A deployment that goes well, a rule with two pages of targets, and a schedule.
pub(crate) fn world() -> FakeAws {
    let aws = scene([service(&[ours("COMPLETED")])]);
    aws.on("DescribeRule").reply(json!({"Name": "nightly", "EventBusName": "default", "State": "ENABLED"}));
    aws.on("ListTargetsByRule").answer(|call| {
        let page = if call.body["NextToken"] == "2" {
            json!({"Targets": [target("3", OLD)]})
        } else {
            json!({"Targets": [target("1", OLD), target("2", OTHER)], "NextToken": "2"})
        };
        Reply::json(200, &page)
    });
    aws.on("PutTargets").reply(json!({"FailedEntryCount": 0, "FailedEntries": []}));
    aws.on_rest("GET", "/schedules/*").reply(schedule(OLD));
    aws.on_rest("PUT", "/schedules/*")
        .reply(json!({"ScheduleArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule/billing/nightly"}));
    aws
}

pub(crate) fn step(aws: &FakeAws) -> FakeRunner {
    runner(aws).input("event-rules", "nightly").input("schedules", "billing/nightly")
}

#[test]
fn nothing_of_them_changes_but_the_revision() {
    let aws = world();
    let out = run(&step(&aws));
    out.assert_code(0);
    let put = only_body(&aws, "PutTargets");
    assert_eq!(
        put,
        json!({"Rule": "nightly", "EventBusName": "default", "Targets": [target("1", NEW), target("3", NEW)]})
    );
    let mut expected = schedule(NEW);
    for name in ["Arn", "Name", "CreationDate", "LastModificationDate"] {
        expected.as_object_mut().unwrap().remove(name);
    }
    let calls = aws.calls();
    let sent: Vec<&Value> = calls.iter().filter(|call| call.request.method == "PUT").map(|call| &call.body).collect();
    assert_eq!(sent, [&expected]);
    for line in
        ["rule nightly: 2 targets start shop:8 from now on", "schedule billing/nightly: starts shop:8 from now on"]
    {
        assert!(out.stderr.contains(line) && out.summary.contains(line), "{line}\n{}\n{}", out.stderr, out.summary);
    }
    let order = aws.operations();
    let at = |name: &str| order.iter().position(|own| own == name);
    assert!(at("UpdateService") < at("PutTargets"), "{order:?}");
}

#[test]
fn what_cannot_be_moved_is_told_and_hides_nothing_else() {
    let aws = world();
    aws.on("PutTargets").reply(json!({"FailedEntryCount": 1, "FailedEntries": [
        {"TargetId": "1", "ErrorCode": "ConcurrentModificationException", "ErrorMessage": "busy"}
    ]}));
    let out = run(&step(&aws));
    out.assert_code(1);
    assert_eq!(out.outputs["verdict"], "deployed");
    for part in [
        "ecs-deploy/targets-not-moved: 1 of 2 rules and schedules could not be moved to shop:8, which is deployed",
        "rule nightly: not moved: target 1: busy (ConcurrentModificationException)",
        "schedule billing/nightly: starts shop:8 from now on",
    ] {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
}

#[test]
fn a_rule_of_aws_or_of_another_family_is_left_alone() {
    let aws = world();
    aws.on("DescribeRule").reply(json!({"Name": "nightly", "ManagedBy": "scheduler.amazonaws.com"}));
    aws.on_rest("GET", "/schedules/*").reply(schedule(OTHER));
    let out = run(&step(&aws));
    out.assert_code(1);
    for part in ["it belongs to scheduler.amazonaws.com", "no target that starts a task of the family `shop`"] {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(aws.calls_to("PutTargets").is_empty());
    assert!(aws.calls().iter().all(|call| call.request.method != "PUT"));
}

#[test]
fn a_schedule_that_is_not_there_and_a_right_that_is_missing_are_told() {
    let aws = world();
    aws.on("PutTargets").error(
        400,
        "AccessDeniedException",
        "User: arn:aws:sts::123456789012:assumed-role/deploy/run is not authorized to perform: iam:PassRole on resource: \
         arn:aws:iam::123456789012:role/events because no identity-based policy allows the iam:PassRole action",
    );
    aws.on_rest("GET", "/schedules/*").raw(
        Reply::json(404, &json!({"Message": "Schedule nightly does not exist."}))
            .with_header("x-amzn-errortype", "ResourceNotFoundException"),
    );
    let out = run(&step(&aws));
    out.assert_code(1);
    for part in ["iam:PassRole", "role/events", "Schedule nightly does not exist."] {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
}

#[test]
fn what_starts_the_revision_already_is_left_as_it_is() {
    let aws = world();
    aws.on("ListTargetsByRule").reply(json!({"Targets": [target("1", NEW)]}));
    aws.on_rest("GET", "/schedules/*").reply(schedule("arn:aws:ecs:eu-west-1:123456789012:task-definition/shop"));
    let out = run(&step(&aws));
    out.assert_code(0);
    for line in ["rule nightly: starts shop:8 already", "schedule billing/nightly: names no revision"] {
        assert!(out.stderr.contains(line), "{line}\n{}", out.stderr);
    }
    assert!(aws.calls_to("PutTargets").is_empty());
}

#[test]
fn nothing_is_moved_to_what_is_not_seen_deployed() {
    let aws = world();
    let out = run(&step(&aws).input("wait-for-service-stability", "false"));
    out.assert_code(0);
    assert!(
        out.stdout.contains("left as they are, because nobody saw that all services are deployed"),
        "{}",
        out.stdout
    );
    let failed = scene([service(&[ours("FAILED")])]);
    run(&step(&failed)).assert_code(1);
    for aws in [&aws, &failed] {
        assert!(aws.calls_to("PutTargets").is_empty() && aws.calls_to("DescribeRule").is_empty());
    }
}

#[test]
fn a_dry_run_says_which_targets_would_move_from_what_and_only_reads() {
    let aws = world();
    let out = run(&step(&aws).input("dry-run", "true"));
    out.assert_code(0);
    assert!(out.summary.contains("then would move rule nightly, schedule billing/nightly"), "{}", out.summary);
    for line in [
        "rule nightly: would be moved target 1 from shop:7, target 3 from shop:7",
        "schedule billing/nightly: would be moved from shop:7",
    ] {
        assert!(out.stderr.contains(line) && out.summary.contains(line), "{line}\n{}\n{}", out.stderr, out.summary);
    }
    crate::prune::assert_only_reads(&aws);
}

#[test]
fn a_dry_run_says_what_could_not_be_moved() {
    let aws = world();
    aws.on("DescribeRule").reply(json!({"Name": "nightly", "ManagedBy": "scheduler.amazonaws.com"}));
    aws.on_rest("GET", "/schedules/*")
        .raw(Reply::json(400, &json!({"Message": "no"})).with_header("x-amzn-errortype", "AccessDeniedException"));
    let out = run(&step(&aws).input("dry-run", "true"));
    out.assert_code(0);
    for part in ["it belongs to scheduler.amazonaws.com, which would undo the change", "scheduler:GetSchedule"] {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    crate::prune::assert_only_reads(&aws);
}

#[test]
fn a_dry_run_says_what_starts_the_revision_already() {
    let aws = world();
    aws.on("ListTargetsByRule").reply(json!({"Targets": [target("1", OLD)]}));
    aws.on_rest("GET", "/schedules/*").reply(schedule("arn:aws:ecs:eu-west-1:123456789012:task-definition/shop"));
    let dry = step(&aws).input("dry-run", "true").input("task-definition", "").input("images", "");
    let out = run(&dry);
    out.assert_code(0);
    for line in ["rule nightly: starts the revision already", "schedule billing/nightly: names no revision"] {
        assert!(out.stderr.contains(line), "{line}\n{}", out.stderr);
    }
}
