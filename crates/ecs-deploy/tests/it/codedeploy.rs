//! Services of the `CODE_DEPLOY` controller.

use serde_json::{Value, json};
use testkit::codedeploy::{BACK, Moment, OURS, Scenario as Story, THEIRS, named, scenarios};
use testkit::ecs::revision_arn;
use testkit::iam::{Definitions, Place, Policy, Role, Scenario, prove};
use testkit::{FakeCodeDeploy, FakeRunner, RunOutput};

fn run(step: &FakeRunner) -> RunOutput {
    step.run(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new())
}

fn deployed(story: Story) -> (FakeCodeDeploy, RunOutput) {
    let stand_in = FakeCodeDeploy::start(story);
    let step = stand_in.runner();
    let step =
        if ["timed-out"].contains(&stand_in.scenario().ours.0) { step.input("wait-timeout", "2m") } else { step };
    let out = run(&step);
    (stand_in, out)
}

fn created(stand_in: &FakeCodeDeploy) -> Vec<Value> {
    stand_in.aws().calls_to("CreateDeployment").into_iter().map(|call| call.body).collect()
}

fn content(body: &Value) -> Value {
    serde_json::from_str(body["revision"]["appSpecContent"]["content"].as_str().unwrap()).unwrap()
}

#[test]
fn each_story_has_its_verdict() {
    for story in scenarios() {
        let (name, (verdict, exit)) = (story.name, story.ours);
        let (_, out) = deployed(story);
        assert_eq!(
            (out.outputs["verdict"].as_str(), out.code),
            (verdict, exit),
            "{name}\n{}{}",
            out.stdout,
            out.stderr
        );
    }
}

#[test]
fn the_revision_is_put_into_the_appspec_and_update_service_is_not_called() {
    let (stand_in, out) = deployed(named("succeeds"));
    out.assert_code(0);
    let [body] = created(&stand_in).try_into().unwrap();
    assert_eq!(body["applicationName"], "AppECS-prod-web");
    assert_eq!(body["deploymentGroupName"], "DgpECS-prod-web");
    assert_eq!(content(&body)["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"], revision_arn(8));
    assert_eq!(body.as_object().unwrap().len(), 3, "nothing is sent that was not given: {body}");
    let sent = &body["revision"]["appSpecContent"];
    let digest = testkit::registry::digest(sent["content"].as_str().unwrap().as_bytes());
    assert_eq!(format!("sha256:{}", sent["sha256"].as_str().unwrap()), digest);
    assert!(stand_in.aws().calls_to("UpdateService").is_empty());
    assert_eq!(out.outputs["codedeploy-deployment-id"], OURS);
    assert_eq!(out.outputs["deployment-id"], OURS);
    assert_eq!(out.outputs["previous-task-definition-arn"], revision_arn(7));
    assert_eq!(stand_in.primary(), revision_arn(8));
    for line in ["d-OURS00001: InProgress", "AllowTraffic: Succeeded", "gets 100 % of the production traffic"] {
        assert!(out.stderr.contains(line), "{line}\n{}", out.stderr);
    }
    assert!(out.summary.contains("```mermaid"), "{}", out.summary);
}

#[test]
fn the_inputs_of_the_official_action_reach_codedeploy() {
    let stand_in = FakeCodeDeploy::start(named("succeeds"));
    let appspec = r#"{"resources": [{"a": {"properties": {"taskDefinition": null}}}]}"#;
    let step = stand_in
        .runner()
        .file("deploy/spec.json", appspec)
        .input("codedeploy-appspec", "deploy/spec.json")
        .input("codedeploy-deployment-group", "blue-green")
        .input("codedeploy-deployment-description", "release 1.4.0")
        .input("codedeploy-deployment-config", "CodeDeployDefault.ECSCanary10Percent5Minutes")
        .input("desired-count", "3");
    run(&step).assert_code(0);
    let [body] = created(&stand_in).try_into().unwrap();
    assert_eq!(body["deploymentGroupName"], "blue-green");
    assert_eq!(body["description"], "release 1.4.0");
    assert_eq!(body["deploymentConfigName"], "CodeDeployDefault.ECSCanary10Percent5Minutes");
    assert_eq!(content(&body)["resources"][0]["a"]["properties"], json!({"taskDefinition": revision_arn(8)}));
    let [count] = stand_in.aws().calls_to("UpdateService").try_into().unwrap();
    assert_eq!(count.body, json!({"cluster": "prod", "service": "web", "desiredCount": 3}));
}

#[test]
fn the_same_step_again_changes_nothing() {
    let (stand_in, out) = deployed(named("succeeds"));
    out.assert_code(0);
    let again = run(&stand_in.runner());
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed");
    assert_eq!(created(&stand_in).len(), 1);
    assert_eq!(stand_in.aws().calls_to("RegisterTaskDefinition").len(), 1);
}

#[test]
fn a_deployment_under_way_of_the_same_appspec_is_joined() {
    let stand_in = FakeCodeDeploy::start(named("succeeds"));
    let first = run(&stand_in.runner().input("wait-for-service-stability", "false"));
    assert_eq!(first.assert_code(0).outputs["verdict"], "updated");
    let again = run(&stand_in.runner());
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed");
    assert_eq!(again.outputs["codedeploy-deployment-id"], OURS);
    assert_eq!(created(&stand_in).len(), 1);
    assert_eq!(stand_in.primary(), revision_arn(8));
}

#[test]
fn a_lost_answer_makes_no_second_deployment() {
    let (stand_in, out) = deployed(named("lost-answer"));
    assert_eq!(out.assert_code(0).outputs["codedeploy-deployment-id"], OURS);
    assert_eq!(created(&stand_in).len(), 1);
}

#[test]
fn a_lost_answer_makes_no_second_deployment_when_the_first_one_failed_at_once() {
    let failed = Moment::at(0, "Failed").error("ECS_UPDATE_ERROR", "The target group has no targets.");
    let (stand_in, out) = deployed(Story { rollout: vec![failed], ..named("lost-answer") });
    assert_eq!(out.assert_code(1).outputs["codedeploy-deployment-id"], OURS);
    assert_eq!(stand_in.made(), [OURS]);
}

#[test]
fn a_failure_names_the_hook_and_what_was_restored() {
    let (stand_in, out) = deployed(named("hook-fails"));
    out.assert_code(3);
    for part in
        ["ecs-deploy/rolled-back", "HOOK_EXECUTION_FAILURE", "AfterAllowTestTraffic failed: the smoke test got 503"]
    {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(out.stdout.contains("went back to shop:7"), "{}", out.stdout);
    assert!(out.stderr.contains(&format!("{BACK}: Succeeded")), "{}", out.stderr);
    assert_eq!(stand_in.primary(), revision_arn(7));
    for part in ["AfterAllowTestTraffic", "is unhealthy in (target-group green)"] {
        assert!(out.outputs["diagnosis-json"].contains(part), "{part}\n{}", out.outputs["diagnosis-json"]);
    }
}

#[test]
fn a_deployment_in_the_way_is_stopped_waited_for_or_left() {
    let story = || Story { inputs: Vec::new(), ..named("another-under-way") };
    let (stand_in, out) = deployed(story());
    assert_eq!(out.assert_code(0).outputs["verdict"], "deployed");
    let [stopped] = stand_in.aws().calls_to("StopDeployment").try_into().unwrap();
    assert_eq!(stopped.body, json!({"deploymentId": THEIRS, "autoRollbackEnabled": true}));
    assert!(out.stdout.contains("is still under way"), "{}", out.stdout);

    let (stand_in, out) = deployed(Story { inputs: vec![("on-conflict", "fail")], ..story() });
    out.assert_code(1);
    assert!(out.stderr.contains("ecs-deploy/under-way"), "{}", out.stderr);
    assert!(created(&stand_in).is_empty() && stand_in.aws().calls_to("StopDeployment").is_empty());

    let (stand_in, out) = deployed(named("another-under-way"));
    out.assert_code(0);
    assert!(stand_in.aws().calls_to("StopDeployment").is_empty());

    // It is not undone in time: nothing else was done.
    let stand_in = FakeCodeDeploy::start(story());
    let out = run(&stand_in.runner().input("wait-timeout", "0s").input("desired-count", "3"));
    out.assert_code(4);
    for part in ["ecs-deploy/still-undone: deployment d-THEIRS001", "no deployment was made"] {
        assert!(out.stderr.contains(part), "{part}\n{}", out.stderr);
    }
    assert!(created(&stand_in).is_empty() && stand_in.aws().calls_to("UpdateService").is_empty());
}

#[test]
fn what_runs_is_deployed_again_where_another_deployment_is_about_to_replace_it() {
    let stand_in = FakeCodeDeploy::start(Story { inputs: Vec::new(), ..named("another-under-way") });
    let primary = stand_in.primary();
    let step = stand_in.runner().input("task-definition", "").input("task-definition-arn", &primary);
    let refused = run(&step.input("on-conflict", "fail"));
    refused.assert_code(1);
    assert!(refused.stderr.contains("ecs-deploy/under-way"), "{}", refused.stderr);
    let step = stand_in.runner().input("task-definition", "").input("task-definition-arn", &primary);
    let out = run(&step);
    assert_eq!(out.assert_code(0).outputs["verdict"], "deployed", "{}", out.stderr);
    assert_eq!((created(&stand_in).len(), stand_in.primary()), (1, primary));
}

#[test]
fn what_the_service_alone_is_told_is_a_change() {
    let (stand_in, _) = deployed(named("succeeds"));
    let step = stand_in.runner().input("desired-count", "5");
    let out = run(&step);
    assert_eq!(out.assert_code(0).outputs["verdict"], "updated", "{}", out.stderr);
    assert!(!out.stdout.contains("nothing was changed"), "{}", out.stdout);
    assert_eq!(stand_in.aws().calls_to("UpdateService").len(), 1);
    let again = run(&stand_in.runner().input("desired-count", "5"));
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed");
}

#[test]
fn a_time_out_while_it_waits_for_somebody_says_how_to_go_on() {
    let stand_in = FakeCodeDeploy::start(named("ready-and-waits"));
    let out = run(&stand_in.runner().input("wait-until", "deployed").input("wait-timeout", "1m"));
    assert_eq!(out.assert_code(4).outputs["hook-id"], OURS, "{}", out.stderr);
    assert!(out.stderr.contains("ecs-deploy continue"), "{}", out.stderr);
}

#[test]
fn a_deployment_of_ours_that_takes_too_long_is_stopped_where_that_was_asked_for() {
    let (stand_in, out) = deployed(Story { inputs: vec![("on-timeout", "rollback")], ..named("never-ends") });
    assert_eq!(out.assert_code(3).outputs["verdict"], "rolled-back");
    assert!(out.stderr.contains("not complete after 120 s"), "{}", out.stderr);
    assert_eq!(stand_in.primary(), revision_arn(7));
    let (stand_in, out) = deployed(named("never-ends"));
    out.assert_code(4);
    assert!(stand_in.aws().calls_to("StopDeployment").is_empty());
    let group = "--codedeploy-application=AppECS-prod-web --codedeploy-deployment-group=DgpECS-prod-web";
    assert!(out.stderr.contains("ecs-deploy rollback ") && out.stderr.contains(group), "{}", out.stderr);
}

#[test]
fn a_deployment_of_somebody_else_is_never_stopped_for_taking_too_long() {
    let stand_in = FakeCodeDeploy::start(named("never-ends"));
    run(&stand_in.runner().input("wait-for-service-stability", "false")).assert_code(0);
    let out = run(&stand_in.runner().input("wait-timeout", "1m").input("on-timeout", "rollback"));
    out.assert_code(4);
    assert!(out.stderr.contains("did not make the deployment"), "{}", out.stderr);
    assert!(stand_in.aws().calls_to("StopDeployment").is_empty());
}

#[test]
fn codedeploy_itself_is_told_to_undo_a_failure() {
    let (stand_in, out) = deployed(Story { inputs: vec![("on-failure", "rollback")], ..named("hook-fails") });
    out.assert_code(3);
    let [body] = created(&stand_in).try_into().unwrap();
    let events = json!({"enabled": true, "events": ["DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_FAILURE"]});
    assert_eq!(body["autoRollbackConfiguration"], events);
}

#[test]
fn a_cancelled_run_asks_for_the_rollback_and_says_so() {
    let stand_in = FakeCodeDeploy::start(named("never-ends"));
    // A cancelled run has seconds for what it asks, and no fractions of them.
    let step =
        stand_in.runner().env("SLIPWAY_TIME_DIVISOR", "1").input("wait-timeout", "2h").input("on-cancel", "rollback");
    let mut run = step.spawn(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    run.wait_for_output("d-OURS00001: InProgress");
    run.interrupt();
    let out = run.finish();
    assert_eq!(out.assert_code(130).outputs["verdict"], "cancelled");
    assert!(out.outputs["reason"].contains("the rollback was asked for"), "{}", out.outputs["reason"]);
    assert_eq!(stand_in.aws().calls_to("StopDeployment").len(), 1);
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_changed() {
    let refused = |story: Story, inputs: &[(&str, &str)], code: &str| {
        let stand_in = FakeCodeDeploy::start(story);
        let step = inputs.iter().fold(stand_in.runner(), |step, (name, value)| step.input(name, value));
        let out = run(&step);
        out.assert_code(2);
        assert!(out.stderr.contains(code), "{code}\n{}", out.stderr);
        assert!(created(&stand_in).is_empty() && stand_in.aws().calls_to("RegisterTaskDefinition").is_empty());
        out
    };
    let story = || named("succeeds");
    refused(story(), &[("codedeploy-appspec", "none.yaml")], "ecs-deploy/appspec-unreadable");
    let out = refused(story(), &[("codedeploy-appspec", "td.json")], "ecs-deploy/appspec-invalid");
    assert!(out.stderr.contains("`Resources` is missing"), "{}", out.stderr);
    refused(story(), &[("codedeploy-application", "shop")], "ecs-deploy/deployment-group-not-found");
    refused(story(), &[("wait-until", "stable")], "ecs-deploy/controller-mismatch");
    let continues = Story { continues: true, ..story() };
    refused(continues, &[("wait-until", "ready")], "ecs-deploy/never-ready");
}

#[test]
fn ready_says_how_to_go_on() {
    let (_, out) = deployed(named("ready-and-waits"));
    out.assert_code(0);
    assert_eq!(out.outputs["hook-id"], OURS);
    assert!(out.outputs["reason"].contains(OURS), "{}", out.outputs["reason"]);
}

#[test]
fn a_dry_run_makes_no_deployment() {
    let stand_in = FakeCodeDeploy::start(named("succeeds"));
    let out = run(&stand_in.runner().input("dry-run", "true"));
    out.assert_code(0);
    assert!(created(&stand_in).is_empty());
    assert!(
        out.stdout.contains("would register a new revision of shop, and would update service web"),
        "{}",
        out.stdout
    );
}

const NOTICES: [(&str, &str); 5] = [
    ("codedeploy:GetDeploymentGroup", "grant `codedeploy:GetDeploymentGroup` to know how long"),
    ("codedeploy:GetDeploymentTarget", "grant `codedeploy:GetDeploymentTarget` to see the lifecycle"),
    ("ecs:DescribeTaskDefinition", "grant `ecs:DescribeTaskDefinition`"),
    ("ecs:ListTasks", "grant `ecs:ListTasks`"),
    ("ecs:DescribeTasks", "grant `ecs:DescribeTasks`"),
];

/// Each action is there, and on a resource that it knows, as the service authorization reference has it.
#[track_caller]
fn is_what_aws_knows(policy: &str) {
    assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(policy)), Vec::<String>::new());
}

/// The task definition without log streams, whose policy is proved where tasks stop.
fn quiet() -> String {
    let mut definition = testkit::ecs::named("healthy").definition;
    for container in definition["containerDefinitions"].as_array_mut().unwrap() {
        container.as_object_mut().unwrap().remove("logConfiguration");
    }
    definition.to_string()
}

#[test]
fn the_policy_of_a_deployment_by_codedeploy_is_the_least_one() {
    let config = ("codedeploy-deployment-config", "CodeDeployDefault.ECSAllAtOnce");
    let flags = [
        "--print-iam-policy",
        "--aws-region=eu-west-1",
        "--allowed-account-ids=123456789012",
        "--cluster=prod",
        "--service=web",
        "--task-definition=td.json",
        "--desired-count=3",
        // What is looked at before is proved where ECS itself deploys.
        "--preflight=off",
        "--codedeploy-deployment-config=CodeDeployDefault.ECSAllAtOnce",
    ];
    let out = FakeRunner::plain_shell().file("td.json", quiet()).run(env!("CARGO_BIN_EXE_ecs-deploy"), flags);
    out.assert_code(0);
    let mut policy: Value = serde_json::from_str(&out.stdout).unwrap();
    // Taking back a revision is proved where ECS loses a field.
    policy["Statement"].as_array_mut().unwrap().retain(|statement| statement["Sid"] != "OptionalTakeBack");
    let scenario = |name: &'static str, story: fn() -> Story| {
        Scenario::new(name, move |role: &Role| {
            let stand_in = FakeCodeDeploy::start(story());
            let guard = role.guard(&stand_in.aws().url()).unwrap();
            let step = stand_in.runner().file("td.json", quiet()).env("AWS_ENDPOINT_URL", guard.url());
            run(&step.input("preflight", "off").input("desired-count", "3").input(config.0, config.1))
        })
    };
    let scenarios = [
        scenario("another under way", || Story { inputs: Vec::new(), ..named("another-under-way") }),
        scenario("succeeds", || named("succeeds")),
        scenario("a hook fails", || named("hook-fails")).ends_with(3),
    ];
    is_what_aws_knows(&policy.to_string());
    prove(&Place::new("eu-west-1", "123456789012"), &policy.to_string(), &scenarios, &NOTICES);
}

/// A deployment that waits for somebody's word.
fn ready() -> FakeCodeDeploy {
    let (stand_in, out) = deployed(named("ready-and-waits"));
    assert_eq!(out.assert_code(0).outputs["hook-id"], OURS);
    stand_in
}

fn step(stand_in: &FakeCodeDeploy, action: &str) -> FakeRunner {
    FakeRunner::new()
        .envs(stand_in.env())
        .input("cluster", "prod")
        .input("service", "web")
        .input("hook-id", OURS)
        .input("action", action)
        .input("wait-timeout", "10m")
}

fn go_on(step: &FakeRunner) -> RunOutput {
    step.run(env!("CARGO_BIN_EXE_ecs-deploy"), ["continue"])
}

#[test]
fn a_deployment_that_waits_goes_on_once() {
    let stand_in = ready();
    let out = go_on(&step(&stand_in, "continue"));
    assert_eq!(out.assert_code(0).outputs["verdict"], "deployed");
    assert_eq!(out.outputs["task-definition-arn"], revision_arn(8));
    assert_eq!(stand_in.primary(), revision_arn(8));
    let again = go_on(&step(&stand_in, "continue"));
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed");
    let [call] = stand_in.aws().calls_to("ContinueDeployment").try_into().unwrap();
    assert_eq!(call.body, json!({"deploymentId": OURS, "deploymentWaitType": "READY_WAIT"}));
}

#[test]
fn a_deployment_that_waits_goes_back_where_that_is_asked_for() {
    let stand_in = ready();
    for _ in 0..2 {
        let out = go_on(&step(&stand_in, "rollback"));
        assert_eq!(out.assert_code(0).outputs["verdict"], "restored");
        assert_eq!(out.outputs["restored-task-definition-arn"], revision_arn(7));
    }
    assert_eq!(stand_in.aws().calls_to("StopDeployment").len(), 1);
    assert_eq!(stand_in.primary(), revision_arn(7));
}

#[test]
fn a_deployment_that_is_not_there_or_of_no_further_pause_is_refused() {
    let stand_in = ready();
    let out = go_on(&step(&stand_in, "continue").input("hook-id", "d-NONE00001"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-continue/hook-not-found"), "{}", out.stderr);
    let out = go_on(&step(&stand_in, "continue").input("wait-until", "stable"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-continue/controller-mismatch"), "{}", out.stderr);
    assert!(stand_in.aws().calls_to("ContinueDeployment").is_empty());
}

#[test]
fn the_policy_of_going_on_is_the_least_one() {
    let print = |action: &str| {
        let flags = ["continue", "--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=123456789012"];
        let own = ["--cluster=prod", "--service=web", "--hook-id=d-OURS00001", action];
        let out = FakeRunner::plain_shell().run(env!("CARGO_BIN_EXE_ecs-deploy"), [&flags[..], &own].concat());
        out.assert_code(0);
        is_what_aws_knows(&out.stdout);
        out.stdout
    };
    let scenario = |name: &'static str, action: &'static str, continued: fn() -> Vec<Moment>| {
        Scenario::new(name, move |role: &Role| {
            let (stand_in, _) = deployed(Story { continued: continued(), ..named("ready-and-waits") });
            let guard = role.guard(&stand_in.aws().url()).unwrap();
            go_on(&step(&stand_in, action).env("AWS_ENDPOINT_URL", guard.url()))
        })
        .with_courtesies(&["logs:GetLogEvents"])
    };
    let good = || vec![Moment::at(10, "Succeeded")];
    let bad = || vec![Moment::at(10, "Failed").error("ALARM_ACTIVE", "shop-5xx").rolls_back()];
    let place = Place::new("eu-west-1", "123456789012");
    let goes_on = [scenario("goes on", "continue", good), scenario("fails then", "continue", bad).ends_with(3)];
    let content =
        ("codedeploy:GetApplicationRevision", "grant `codedeploy:GetApplicationRevision` to know which revision");
    let notices: Vec<_> = NOTICES.into_iter().chain([content]).collect();
    prove(&place, &print("--action=continue"), &goes_on, &notices);
    assert!(print("--action=rollback").contains("codedeploy:StopDeployment"));
}

#[test]
fn the_container_and_the_port_are_those_of_the_appspec() {
    let spec = |container: &str, port: u16| {
        json!({"Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": "x", "LoadBalancerInfo": {"ContainerName": container, "ContainerPort": port}
        }}}]})
    };
    let deploy = |spec: &Value| {
        let stand_in = FakeCodeDeploy::start(named("succeeds"));
        // What the service is connected to now has another container.
        let mut definition: Value = serde_json::from_str(&quiet()).unwrap();
        definition["containerDefinitions"][0]["name"] = json!("server");
        definition["containerDefinitions"][0]["portMappings"] = json!([{"containerPort": 9090}]);
        let step = stand_in.runner().file("td.json", definition.to_string()).file("appspec.json", spec.to_string());
        let out = run(&step.input("codedeploy-appspec", "appspec.json"));
        (created(&stand_in).len(), out)
    };
    let (made, out) = deploy(&spec("server", 9090));
    assert_eq!(made, 1, "{}", out.stderr);
    assert!(out.stderr.contains("passed: AppSpec: server has the port 9090"), "{}", out.stderr);
    let (made, out) = deploy(&spec("server", 80));
    out.assert_code(2);
    assert_eq!(made, 0);
    assert!(out.stderr.contains("AppSpec: it sends to the port 80, which is not among"), "{}", out.stderr);
}
