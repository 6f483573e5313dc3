//! What is sent, and when nothing is.

use serde_json::json;

use crate::scene::{NEW, OLD, described, file, old, only_body, ours, run, runner, running, scene, service};

/// The calls, but for those that follow a deployment in its service deployment.
fn calls(aws: &testkit::FakeAws) -> Vec<String> {
    aws.operations().into_iter().filter(|operation| operation != "ListServiceDeployments").collect()
}

#[test]
fn registers_the_file_as_it_is_and_updates_with_nothing_else() {
    let aws = scene([service(&[ours("IN_PROGRESS"), old("ACTIVE")]), service(&[ours("COMPLETED"), old("ACTIVE")])]);
    let out = run(&runner(&aws));
    out.assert_code(0);
    let mut sent = file();
    sent["containerDefinitions"][0]["image"] = json!("shop:2");
    assert_eq!(only_body(&aws, "RegisterTaskDefinition"), sent);
    assert_eq!(only_body(&aws, "UpdateService"), json!({"cluster": "prod", "service": "web", "taskDefinition": NEW}));
    assert_eq!(
        calls(&aws),
        [
            "DescribeServices",
            "DescribeTaskDefinition",
            "RegisterTaskDefinition",
            "UpdateService",
            "DescribeServices",
            "DescribeServices"
        ]
    );
    assert_eq!(out.outputs["verdict"], "deployed");
    assert_eq!(out.outputs["task-definition-arn"], NEW);
    assert_eq!(out.outputs["previous-task-definition-arn"], OLD);
    assert_eq!(out.outputs["deployment-id"], "ecs-svc/2");
    assert_eq!(out.outputs["codedeploy-deployment-id"], "");
    assert!(
        out.summary.contains("`shop:7` → `shop:8`") && out.summary.contains("`shop:1` → `shop:2`"),
        "{}",
        out.summary
    );
    assert!(out.summary.contains("### ✅ ecs-deploy: deployed shop:8"), "{}", out.summary);
}

#[test]
fn starts_from_what_the_service_runs_with_its_own_tags() {
    let aws = scene([service(&[old("PRIMARY")]), service(&[ours("COMPLETED")])]);
    run(&runner(&aws).input("task-definition", "")).assert_code(0);
    let mut sent = file();
    sent["containerDefinitions"][0]["image"] = json!("shop:2");
    sent["containerDefinitions"][0]["cpu"] = json!(0);
    sent["volumes"] = json!([]);
    sent["tags"] = json!([{"key": "team", "value": "shop"}]);
    assert_eq!(only_body(&aws, "RegisterTaskDefinition"), sent);
}

#[test]
fn sends_the_service_fields_that_were_given() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    let runner = runner(&aws)
        .input("desired-count", "3")
        .input("force-new-deployment", "true")
        .input("propagate-tags", "SERVICE")
        .input("enable-ecs-managed-tags", "false");
    run(&runner).assert_code(0);
    assert_eq!(
        only_body(&aws, "UpdateService"),
        json!({
            "cluster": "prod", "service": "web", "taskDefinition": NEW, "desiredCount": 3, "forceNewDeployment": true,
            "propagateTags": "SERVICE", "enableECSManagedTags": false
        })
    );
}

#[test]
fn the_same_again_changes_nothing_and_checks_what_runs() {
    let aws = scene([]);
    let out = run(&runner(&aws).input("task-definition", "").input("images", "app=shop:1"));
    out.assert_code(0);
    assert_eq!(calls(&aws), ["DescribeServices", "DescribeTaskDefinition", "DescribeServices"]);
    assert_eq!(out.outputs["verdict"], "already-deployed");
    assert_eq!(out.outputs["task-definition-arn"], OLD);
}

#[test]
fn the_same_again_waits_for_what_is_under_way_and_fails_with_it() {
    let busy = || service(&[crate::scene::deployment("ecs-svc/1", "PRIMARY", OLD, "IN_PROGRESS")]);
    let dead = service(&[crate::scene::deployment("ecs-svc/1", "PRIMARY", OLD, "FAILED")]);
    let aws = scene([]);
    aws.on("DescribeServices").sequence([busy(), busy(), dead].map(described));
    let out = run(&runner(&aws).input("task-definition", "").input("images", "app=shop:1"));
    out.assert_code(1);
    assert_eq!(out.outputs["verdict"], "failed");
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn force_alone_starts_new_tasks_of_the_same_revision() {
    let aws = scene([service(&[crate::scene::deployment("ecs-svc/2", "PRIMARY", OLD, "COMPLETED")])]);
    aws.on("UpdateService")
        .reply(json!({"service": service(&[crate::scene::deployment("ecs-svc/2", "PRIMARY", OLD, "IN_PROGRESS")])}));
    let runner = runner(&aws).input("task-definition", "").input("images", "").input("force-new-deployment", "true");
    let out = run(&runner);
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "deployed");
    assert_eq!(
        only_body(&aws, "UpdateService"),
        json!({"cluster": "prod", "service": "web", "forceNewDeployment": true})
    );
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
}

#[test]
fn without_waiting_the_verdict_is_updated() {
    let aws = scene([]);
    let out = run(&runner(&aws).input("wait-for-service-stability", "false"));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "updated");
    assert_eq!(aws.calls_to("DescribeServices").len(), 1);
}

#[test]
fn without_a_service_it_only_registers() {
    let aws = scene([]);
    let out = run(&runner(&aws).input("service", ""));
    out.assert_code(0);
    assert_eq!(aws.operations(), ["DescribeTaskDefinition", "RegisterTaskDefinition"]);
    assert_eq!(out.outputs["verdict"], "registered");
    assert_eq!(out.outputs["revision"], "shop:8");
    assert_eq!(out.outputs["deployment-id"], "");
    let same = run(&runner(&aws).input("service", "").input("images", ""));
    assert_eq!(same.outputs["verdict"], "registered", "the registered tags differ from the file's");
}

#[test]
fn a_family_that_is_registered_already_is_not_registered_again() {
    let aws = scene([]);
    let mut newest = running();
    newest["tags"] = json!([]);
    aws.on("DescribeTaskDefinition").reply(newest);
    let out = run(&runner(&aws).input("service", "").input("images", ""));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "already-registered");
    assert_eq!(aws.operations(), ["DescribeTaskDefinition"]);
}

#[test]
fn a_dry_run_only_reads() {
    let aws = scene([]);
    let out = run(&runner(&aws).input("dry-run", "true"));
    out.assert_code(0);
    assert_eq!(calls(&aws), ["DescribeServices", "DescribeTaskDefinition"]);
    assert!(
        out.summary.contains("would register a new revision of shop, and would update service web"),
        "{}",
        out.summary
    );
    assert!(out.summary.contains("~ containerDefinitions.app.image"), "{}", out.summary);
}

#[test]
fn json_output_holds_the_outcome_and_no_value_of_the_task_definition() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    let runner = runner(&aws);
    let out = runner.run(env!("CARGO_BIN_EXE_ecs-deploy"), ["--output", "json"]);
    out.assert_code(0);
    let outcome: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(outcome["verdict"], "deployed");
    assert!(!out.stdout.contains(crate::scene::SECRET));
}

#[test]
fn a_service_that_was_updated_meanwhile_is_looked_at_again_once() {
    let theirs = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:77";
    let moved = || service(&[crate::scene::deployment("ecs-svc/5", "PRIMARY", theirs, "COMPLETED")]);
    let aws = scene([moved(), moved(), moved(), service(&[ours("COMPLETED")])]);
    let out = run(&runner(&aws).input("task-definition", ""));
    out.assert_code(0);
    assert_eq!(aws.calls_to("UpdateService").len(), 1);
    assert_eq!(out.outputs["previous-task-definition-arn"], theirs);
}

#[test]
fn a_deployment_of_someone_else_never_passes_for_ours() {
    let theirs = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:77";
    let moved = || service(&[crate::scene::deployment("ecs-svc/5", "PRIMARY", theirs, "COMPLETED")]);
    let aws = scene([]);
    // The same revision with another desired count: the update names no task definition.
    aws.on("UpdateService").reply(json!({"service": moved()}));
    let same = runner(&aws).input("task-definition", "").input("images", "app=shop:1").input("desired-count", "3");
    let out = run(&same);
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-deploy/service-moved"), "{}", out.stderr);
    assert_eq!(aws.calls_to("UpdateService").len(), 2, "it looked, and tried, once more");
}

#[test]
fn a_dry_run_with_nothing_to_do_says_already() {
    let aws = scene([]);
    let out = run(&runner(&aws).input("task-definition", "").input("images", "app=shop:1").input("dry-run", "true"));
    out.assert_code(0);
    assert!(out.summary.contains("already deployed"), "{}", out.summary);
}

#[test]
fn a_volume_is_sent_as_it_is_written_and_only_when_it_was_given() {
    let aws = scene([service(&[ours("COMPLETED")])]);
    let text = r#"{"roleArn": "arn:aws:iam::123456789012:role/ebs", "sizeInGiB": 20, "throughput": 200}"#;
    let step = runner(&aws).input("service-managed-ebs-volume-name", "data").input("service-managed-ebs-volume", text);
    run(&step).assert_code(0);
    let managed: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(
        only_body(&aws, "UpdateService"),
        json!({"cluster": "prod", "service": "web", "taskDefinition": NEW,
               "volumeConfigurations": [{"name": "data", "managedEBSVolume": managed}]})
    );
}

#[test]
fn a_volume_that_the_service_has_is_no_reason_for_an_update() {
    let aws = scene([service(&[old("PRIMARY")])]);
    let step = runner(&aws).input("task-definition", "").input("images", "app=shop:1");
    let same = step
        .input("service-managed-ebs-volume-name", "data")
        .input("service-managed-ebs-volume", r#"{"roleArn": "arn:x"}"#);
    let out = run(&same);
    assert_eq!(out.assert_code(0).outputs["verdict"], "already-deployed");
    assert!(aws.calls_to("UpdateService").is_empty());
    let bad = run(&same.input("service-managed-ebs-volume", "20"));
    bad.assert_code(2);
    assert!(bad.stderr.contains("`service-managed-ebs-volume`"), "{}", bad.stderr);
}

#[test]
fn what_was_registered_is_told_of_a_run_that_ends_in_an_error_too() {
    let aws = scene([]);
    aws.on("UpdateService").error(400, "InvalidParameterException", "The target group is not there.");
    let out = run(&runner(&aws));
    out.assert_code(1);
    assert_eq!([&out.outputs["task-definition-arn"], &out.outputs["task-definition"]], [NEW, NEW]);
}
