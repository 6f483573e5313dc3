//! Steps as the official render and deploy actions document them, with our own names and values: each of their inputs that
//! concerns the task definition does here what it does there, in one step.

use serde_json::{Value, json};
use testkit::{FakeAws, FakeRunner, RunOutput};

use crate::scene::{described, only_body, run, service};

/// The revision that the answers register.
const REGISTERED: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/storefront:12";
const RUNS: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/storefront:11";

/// A task definition as the official actions' documentation shows them: downloaded, or begun from the CLI's skeleton.
fn storefront() -> Value {
    json!({
        "family": "storefront",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "512",
        "memory": "1024",
        "executionRoleArn": "storefront-execution",
        "taskRoleArn": "",
        "containerDefinitions": [
            {
                "name": "web",
                "image": "<IMAGE>",
                "essential": true,
                "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
                "entryPoint": [],
                "command": [""],
                "environment": [{"name": "LOG_LEVEL", "value": "debug"}],
                "mountPoints": []
            },
            {"name": "app", "image": "registry.example/app:1", "essential": true, "dependsOn": [{"containerName": "web", "condition": "START"}]}
        ],
        "volumes": [{"name": "scratch", "configuredAtLaunch": true}],
        "placementConstraints": [],
        "tags": [{"key": "team", "value": ""}]
    })
}

/// The same as `describe-task-definition --query taskDefinition` prints it.
fn downloaded() -> Value {
    let mut definition = storefront();
    for (name, value) in [
        ("taskDefinitionArn", json!(RUNS)),
        ("revision", json!(11)),
        ("status", json!("ACTIVE")),
        ("compatibilities", json!(["EC2", "FARGATE"])),
        ("requiresAttributes", json!([{"name": "com.amazonaws.ecs.capability.task-iam-role"}])),
        ("registeredAt", json!("2026-06-30T18:54:10.000000+00:00")),
        ("registeredBy", json!("arn:aws:iam::123456789012:user/somebody")),
    ] {
        definition[name] = value;
    }
    definition
}

fn scene() -> FakeAws {
    let aws = FakeAws::start().unwrap();
    testkit::ecs::surroundings::all_is_there(&aws);
    let deployment = |arn: &str| crate::scene::deployment("ecs-svc/1", "PRIMARY", arn, "COMPLETED");
    aws.on("DescribeServices").reply(described(service(&[deployment(RUNS)])));
    aws.on("UpdateService").reply(json!({"service": service(&[deployment(REGISTERED)])}));
    aws.on("ListServiceDeployments").reply(json!({"serviceDeployments": []}));
    let mut registered = downloaded();
    let tags = registered.as_object_mut().unwrap().remove("tags").unwrap();
    registered["registeredAt"] = json!(1_782_845_650.0);
    registered["containerDefinitions"][0]["image"] = json!("registry.example/web:1");
    aws.on("DescribeTaskDefinition").reply(json!({"taskDefinition": registered, "tags": tags}));
    aws.on("RegisterTaskDefinition").answer(|call| {
        let mut definition = call.body.clone();
        let tags = definition.as_object_mut().and_then(|fields| fields.remove("tags"));
        definition["taskDefinitionArn"] = json!(REGISTERED);
        testkit::http::Reply::json(200, &json!({"taskDefinition": definition, "tags": tags.unwrap_or_default()}))
    });
    aws
}

/// Runs the steps' `with:` blocks as one step. A later block's file is the earlier one's output, so the first counts.
fn with(aws: &FakeAws, blocks: &[&str]) -> RunOutput {
    let mut runner = FakeRunner::new()
        .envs(aws.env())
        .file("task-definition.json", serde_json::to_string_pretty(&storefront()).unwrap())
        .file("downloaded.json", serde_json::to_string_pretty(&downloaded()).unwrap())
        .file("task-definition.yaml", yaml_serde::to_string(&storefront()).unwrap())
        .input("wait-for-service-stability", "false");
    for block in blocks {
        let inputs: yaml_serde::Mapping = yaml_serde::from_str(block).unwrap();
        for (name, value) in inputs {
            let value = match value {
                yaml_serde::Value::String(text) => text,
                other => yaml_serde::to_string(&other).unwrap().trim().to_owned(),
            };
            // What an earlier step's output names is the same file here, and nothing is waited for.
            if !value.starts_with("${{ steps.") && name != "wait-for-service-stability" {
                runner = runner.input(name.as_str().unwrap(), &value);
            }
        }
    }
    run(&runner)
}

#[track_caller]
fn registers(blocks: &[&str], change: impl FnOnce(&mut Value)) -> FakeAws {
    let aws = scene();
    let out = with(&aws, blocks);
    out.assert_code(0);
    let mut expected = storefront();
    change(&mut expected);
    assert_eq!(only_body(&aws, "RegisterTaskDefinition"), expected);
    assert_eq!(out.outputs["task-definition-arn"], REGISTERED);
    aws
}

/// The deploy action's first example.
const DEPLOY: &str = "
task-definition: task-definition.json
service: web
cluster: prod
wait-for-service-stability: true
";

#[test]
fn a_file_is_deployed() {
    let aws = registers(&[DEPLOY], |_| {});
    let update = json!({"cluster": "prod", "service": "web", "taskDefinition": REGISTERED});
    assert_eq!(only_body(&aws, "UpdateService"), update);
}

#[test]
fn a_downloaded_and_a_yaml_file_are_the_same() {
    for file in ["downloaded.json", "task-definition.yaml"] {
        registers(&[&format!("task-definition: {file}\nservice: web\ncluster: prod\n")], |_| {});
    }
}

#[test]
fn a_file_wins_over_the_other_sources_and_says_so() {
    let render = "
task-definition: task-definition.json
task-definition-arn: task-definition-arn
task-definition-family: family-of-the-shop
task-definition-revision: a-revision
container-name: web
image: registry.example/web:2
environment-variables: \"LOG_LEVEL=info\"
secrets: \"SIGNING_KEY=arn:aws:ssm:region:0123456789:parameter/signing\"
";
    let aws = scene();
    let out = with(&aws, &[render, "service: web\ncluster: prod"]);
    out.assert_code(0);
    let sent = only_body(&aws, "RegisterTaskDefinition");
    let web = &sent["containerDefinitions"][0];
    assert_eq!(web["image"], "registry.example/web:2");
    assert_eq!(web["environment"], json!([{"name": "LOG_LEVEL", "value": "info"}]));
    let secret = json!([{"name": "SIGNING_KEY", "valueFrom": "arn:aws:ssm:region:0123456789:parameter/signing"}]);
    assert_eq!(web["secrets"], secret);
    for input in ["arn", "family", "revision"] {
        let note = format!("`task-definition-{input}` is not used, because `task-definition` is given");
        assert!(out.stdout.contains(&note), "{note}\n{}", out.stdout);
    }
}

#[test]
fn two_chained_renders_are_one_step_with_two_images() {
    let first = "
task-definition: task-definition.json
container-name: web
image: registry.example/web:2
environment-variables: |
    LOG_LEVEL=info
    STAGE=production
docker-labels: |
    SERVICE=storefront
    VERSION=2
secrets: |
    SIGNING_KEY=arn:aws:ssm:eu-west-1:123456789012:parameter/signing
    PAYMENT_KEY=arn:aws:secretsmanager:eu-west-1:123456789012:secret:payment
";
    // What the second render does is the one line `images` here.
    let second = "images: app=registry.example/app:2";
    let deploy = "
task-definition: ${{ steps.render-app-container.outputs.task-definition }}
service: web
cluster: prod
";
    registers(&[first, second, deploy], |expected| {
        expected["containerDefinitions"][1]["image"] = json!("registry.example/app:2");
        let web = &mut expected["containerDefinitions"][0];
        web["image"] = json!("registry.example/web:2");
        web["environment"] = json!([{"name": "LOG_LEVEL", "value": "info"}, {"name": "STAGE", "value": "production"}]);
        web["secrets"] = json!([
            {"name": "SIGNING_KEY", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/signing"},
            {"name": "PAYMENT_KEY", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:payment"}
        ]);
        web["dockerLabels"] = json!({"SERVICE": "storefront", "VERSION": "2"});
    });
}

#[test]
fn a_log_driver_is_configured() {
    let render = "
task-definition: task-definition.json
container-name: web
image: registry.example/web:2
log-configuration-log-driver: awslogs
log-configuration-options: |
  awslogs-create-group=true
  awslogs-group=/ecs/storefront
  awslogs-region=eu-west-1
  awslogs-stream-prefix=ecs
";
    registers(&[render, DEPLOY], |expected| {
        let web = &mut expected["containerDefinitions"][0];
        web["image"] = json!("registry.example/web:2");
        web["logConfiguration"] = json!({"logDriver": "awslogs", "options": {
            "awslogs-create-group": "true", "awslogs-group": "/ecs/storefront", "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "ecs"
        }});
    });
}

#[test]
fn the_rest_of_what_renders() {
    let render = "
task-definition: task-definition.json
container-name: web,app
image: registry.example/both:2
command: npm run start
env-files: |
  arn:aws:s3:::settings/common.env
  arn:aws:s3:::settings/web.env
task-role-arn: arn:aws:iam::123456789012:role/storefront
execution-role-arn: arn:aws:iam::123456789012:role/execution
";
    registers(&[render, DEPLOY], |expected| {
        expected["taskRoleArn"] = json!("arn:aws:iam::123456789012:role/storefront");
        expected["executionRoleArn"] = json!("arn:aws:iam::123456789012:role/execution");
        for container in expected["containerDefinitions"].as_array_mut().unwrap() {
            container["image"] = json!("registry.example/both:2");
            container["command"] = json!(["npm", "run", "start"]);
            container["environmentFiles"] = json!([
                {"value": "arn:aws:s3:::settings/common.env", "type": "s3"},
                {"value": "arn:aws:s3:::settings/web.env", "type": "s3"}
            ]);
        }
    });
}

#[test]
fn registered_revisions_are_rendered_with_their_tags() {
    for source in [
        "task-definition-arn: arn:aws:ecs:eu-west-1:123456789012:task-definition/storefront:11",
        "task-definition-family: storefront",
        "task-definition-family: storefront\ntask-definition-revision: 11",
    ] {
        let render = format!("{source}\ncontainer-name: web\nimage: registry.example/web:3\n");
        registers(&[&render, "service: web\ncluster: prod"], |expected| {
            expected["containerDefinitions"][0]["image"] = json!("registry.example/web:3");
        });
    }
}

#[test]
fn the_deploy_action_s_other_inputs_are_taken() {
    let options = "
enable-ecs-managed-tags: true
propagate-tags: SERVICE
desired-count: 3
force-new-deployment: true
keep-null-value-keys: tag,command,placementConstraints
wait-max-delay-seconds: 15
wait-for-minutes: 10
max-retries: 5
";
    let aws = registers(&[DEPLOY, options], |_| {});
    assert_eq!(
        only_body(&aws, "UpdateService"),
        json!({
            "cluster": "prod", "service": "web", "taskDefinition": REGISTERED, "desiredCount": 3, "forceNewDeployment": true,
            "propagateTags": "SERVICE", "enableECSManagedTags": true
        })
    );
}

#[test]
fn without_a_service_the_file_is_only_registered() {
    let aws = scene();
    let out = with(&aws, &["task-definition: downloaded.json"]);
    out.assert_code(0);
    assert!(aws.calls_to("UpdateService").is_empty());
}

#[test]
fn both_steps_can_be_swapped_as_they_are() {
    let aws = scene();
    let render = "task-definition: task-definition.json\ncontainer-name: web\nimage: registry.example/web:2\n";
    let rendered = with(&aws, &[render]);
    assert_eq!(rendered.assert_code(0).outputs["verdict"], "registered");
    let registered = only_body(&aws, "RegisterTaskDefinition");
    aws.on("DescribeTaskDefinition").answer(move |call| {
        let mut definition = registered.clone();
        let tags = definition.as_object_mut().unwrap().remove("tags");
        definition["taskDefinitionArn"] = call.body["taskDefinition"].clone();
        testkit::http::Reply::json(200, &json!({"taskDefinition": definition, "tags": tags}))
    });
    let deploy = |from: &str| with(&aws, &[&format!("task-definition: \"{from}\"\nservice: web\ncluster: prod")]);
    deploy(&rendered.outputs["task-definition"]).assert_code(0);
    assert_eq!(only_body(&aws, "UpdateService")["taskDefinition"], REGISTERED);
    assert_eq!(aws.calls_to("RegisterTaskDefinition").len(), 1);
    let empty = deploy("");
    empty.assert_code(0);
    assert!(empty.stdout.contains("::warning title=ecs-deploy::nothing was given to deploy"), "{}", empty.stdout);
}

#[test]
fn answers_may_have_members_that_nobody_knows_yet() {
    let aws = scene();
    aws.on("RegisterTaskDefinition").answer(|call| {
        let mut definition = call.body.clone();
        let tags = definition.as_object_mut().and_then(|fields| fields.remove("tags"));
        definition["taskDefinitionArn"] = json!(REGISTERED);
        testkit::http::Reply::json(200, &json!({"taskDefinition": definition, "tags": tags, "aNewMember": {"a": 1}}))
    });
    for operation in ["RegisterTaskDefinition", "DescribeTaskDefinition"] {
        aws.declare_unknown(operation, "aNewMember");
    }
    let mut runs = downloaded();
    let tags = runs.as_object_mut().unwrap().remove("tags").unwrap();
    runs["registeredAt"] = json!(1_782_845_650.0);
    aws.on("DescribeTaskDefinition").reply(json!({"taskDefinition": runs, "tags": tags, "aNewMember": {"a": 1}}));
    let out = with(&aws, &["images: app=registry.example/app:2\nservice: web\ncluster: prod"]);
    out.assert_code(0);
    assert!(!out.stdout.contains("::warning"), "{}", out.stdout);
    assert_eq!(only_body(&aws, "UpdateService")["taskDefinition"], REGISTERED);
}

/// The inputs of both actions' `action.yml`, and the place of each: here, or refused by name.
#[test]
fn every_input_of_both_actions_is_declared() {
    let action: yaml_serde::Value =
        yaml_serde::from_str(include_str!("../../../../actions/ecs-deploy/action.yml")).unwrap();
    let declared = &action["inputs"];
    let render = [
        "task-definition",
        "task-definition-arn",
        "task-definition-family",
        "task-definition-revision",
        "container-name",
        "image",
        "environment-variables",
        "log-configuration-log-driver",
        "log-configuration-options",
        "docker-labels",
        "command",
        "task-role-arn",
        "execution-role-arn",
        "env-files",
        "secrets",
    ];
    let deploy = [
        "task-definition",
        "desired-count",
        "service",
        "cluster",
        "wait-for-service-stability",
        "wait-for-minutes",
        "wait-max-delay-seconds",
        "codedeploy-appspec",
        "codedeploy-application",
        "codedeploy-deployment-group",
        "codedeploy-deployment-description",
        "codedeploy-deployment-config",
        "force-new-deployment",
        "service-managed-ebs-volume-name",
        "service-managed-ebs-volume",
        "run-task",
        "run-task-container-overrides",
        "run-task-security-groups",
        "run-task-subnets",
        "run-task-assign-public-IP",
        "run-task-capacity-provider-strategy",
        "run-task-launch-type",
        "run-task-started-by",
        "run-task-tags",
        "run-task-managed-ebs-volume-name",
        "run-task-managed-ebs-volume",
        "wait-for-task-stopped",
        "enable-ecs-managed-tags",
        "propagate-tags",
        "keep-null-value-keys",
        "max-retries",
    ];
    let table = include_str!("../../../../actions/ecs-deploy/intro.md");
    for name in render.into_iter().chain(deploy) {
        assert!(!declared[name].is_null(), "{name} is not declared");
        assert!(table.contains(&format!("| `{name}` |")), "{name} is not in the table");
    }
}
