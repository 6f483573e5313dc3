//! Where a task definition comes from, what of a file is refused and where in it, and what ECS must keep.

mod values;

use serde_json::{Value, json};
use testkit::{FakeAws, FakeRunner, RunOutput};

use crate::scene::{self, NEW, OLD, described, file, old, only_body, run, runner, running, scene, service};

/// The step without waiting.
fn step(aws: &FakeAws) -> FakeRunner {
    runner(aws).input("wait-for-service-stability", "false")
}

#[track_caller]
fn refused_before_aws(aws: &FakeAws, runner: &FakeRunner, annotation: &str) -> RunOutput {
    let out = run(runner);
    out.assert_code(2);
    assert!(out.stdout.contains(annotation), "{}", out.stdout);
    assert!(aws.operations().is_empty(), "{:?}", aws.operations());
    out
}

#[test]
fn a_yaml_file_is_registered_as_it_is_written() {
    let aws = scene([]);
    let text = "\
# The service.
taskDefinition:
  family: shop
  cpu: \"0256\"
  memory: '512'
  revision: 7
  brandNewField: {a: [1, \"\"]}
  containerDefinitions:
    - name: app
      image: &image shop:1
      entryPoint: [\"\"]
      command: [no, 1:30, \"\"]
      dockerLabels: {traefik.enable: \"\"}
      environment:
        - {name: COUNTRY, value: no}
        - {name: VERSION, value: \"1.10\"}
      user: ~
    - {name: side, image: *image, essential: False}
tags:
  - {key: team, value: \"\"}
";
    let out = run(&step(&aws).file("td.yaml", text).input("task-definition", "td.yaml").input("images", ""));
    out.assert_code(0);
    assert_eq!(
        only_body(&aws, "RegisterTaskDefinition"),
        json!({
            "family": "shop", "cpu": "0256", "memory": "512", "brandNewField": {"a": [1, ""]},
            "containerDefinitions": [
                {
                    "name": "app", "image": "shop:1", "entryPoint": [""], "command": ["no", "1:30", ""],
                    "dockerLabels": {"traefik.enable": ""},
                    "environment": [{"name": "COUNTRY", "value": "no"}, {"name": "VERSION", "value": "1.10"}]
                },
                {"name": "side", "image": "shop:1", "essential": false}
            ],
            "tags": [{"key": "team", "value": ""}]
        })
    );
}

#[test]
fn a_slip_in_a_name_is_refused_at_its_line_before_anything_is_asked() {
    let aws = scene([]);
    let mut document = file();
    document["containerDefinitions"][1]["logConfiguration"] = json!({"logdriver": "awslogs"});
    document["containerDefinitions"][1]["enviroment"] = json!([{"name": "A", "value": "b"}]);
    let text = serde_json::to_string_pretty(&document).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("logdriver")).unwrap();
    let out = refused_before_aws(
        &aws,
        &step(&aws).file("td.json", text),
        &format!("::error title=ecs-deploy/misspelled-field,file=td.json,line={line},col=9::"),
    );
    assert!(out.stderr.contains("`containerDefinitions.side.logConfiguration.logdriver`"), "{}", out.stderr);
    assert!(out.stderr.contains("did you mean `logDriver`?"), "{}", out.stderr);
    assert!(
        out.stderr.contains("`containerDefinitions.side.enviroment`; did you mean `environment`?"),
        "{}",
        out.stderr
    );
}

#[test]
fn a_slip_in_yaml_is_refused_at_its_line_and_a_new_field_is_not() {
    let aws = scene([]);
    let yaml = "family: shop\ncontainerDefinitions:\n  - name: app\n    image: a\n    enviroments: []\n";
    let yaml_step = || step(&aws).file("td.yml", yaml).input("task-definition", "td.yml").input("images", "");
    refused_before_aws(&aws, &yaml_step(), "ecs-deploy/misspelled-field,file=td.yml,line=5,col=5::");
    run(&yaml_step().input("new-fields", "enviroments").input("dry-run", "true")).assert_code(0);
}

#[test]
fn what_is_not_well_formed_is_told_at_its_line_and_column() {
    let aws = scene([]);
    for (name, text, annotation) in [
        (
            "td.json",
            "{\n  \"family\": \"shop\",\n}\n",
            "ecs-deploy/task-definition-not-json,file=td.json,line=3,col=1::",
        ),
        (
            "td.yaml",
            "family: shop\nx:\n  - name: app\n image: a\n",
            "ecs-deploy/task-definition-not-yaml,file=td.yaml,line=4,",
        ),
        ("td.yaml", "a: &a {b: 1}\nc:\n  <<: *a\n", "ecs-deploy/task-definition-not-yaml,file=td.yaml,line=3,col=3::"),
        ("td.json", "{\n \"cpu\": \"1\",\n \"cpu\": \"2\"\n}", "ecs-deploy/duplicate-key,file=td.json,line=3,col=2::"),
        ("td.yaml", "cpu: '1'\nmemory: '2'\ncpu: '2'\n", "ecs-deploy/duplicate-key,file=td.yaml,line=3,col=1::"),
        ("td.yaml", "family: shop\n", "ecs-deploy/not-a-task-definition,file=td.yaml::"),
    ] {
        refused_before_aws(&aws, &step(&aws).file(name, text).input("task-definition", name), annotation);
    }
}

#[test]
fn a_field_that_ecs_does_not_keep_is_not_deployed_and_its_revision_goes() {
    let aws = scene([]);
    scene::drop_new_fields(&aws);
    let out = run(&step(&aws));
    out.assert_code(2);
    assert!(aws.calls_to("UpdateService").is_empty());
    assert_eq!(only_body(&aws, "DeregisterTaskDefinition"), json!({"taskDefinition": NEW}));
    let text = serde_json::to_string_pretty(&file()).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("brandNewField")).unwrap();
    let annotation = format!("::error title=ecs-deploy/field-not-kept,file=td.json,line={line},col=3::");
    assert!(out.stdout.contains(&annotation), "{}", out.stdout);
    assert!(out.stderr.contains("ECS registered `shop:8` without `brandNewField`"), "{}", out.stderr);
    assert!(out.stderr.contains("nothing was deployed, and shop:8 was deregistered"), "{}", out.stderr);
}

#[test]
fn a_revision_that_may_not_be_taken_back_is_named() {
    let aws = scene([]);
    scene::drop_new_fields(&aws);
    aws.on("DeregisterTaskDefinition").error(400, "AccessDeniedException", "no");
    let out = run(&step(&aws).input("service", ""));
    out.assert_code(2);
    let words = "shop:8 is left registered: grant `ecs:DeregisterTaskDefinition` to have it deregistered";
    assert!(out.stderr.contains(words), "{}", out.stderr);
}

#[test]
fn a_known_field_that_did_not_come_back_is_a_warning() {
    let aws = scene([]);
    aws.on("RegisterTaskDefinition").answer(|call| {
        let mut definition = call.body.clone();
        definition["taskDefinitionArn"] = json!(NEW);
        definition.as_object_mut().unwrap().remove("memory");
        testkit::http::Reply::json(200, &json!({"taskDefinition": definition}))
    });
    let out = run(&step(&aws));
    out.assert_code(0);
    assert!(
        out.stdout.contains("::warning title=ecs-deploy::ECS registered shop:8 without `memory`"),
        "{}",
        out.stdout
    );
}

#[test]
fn a_value_of_another_type_is_told_at_its_line_and_again_when_ecs_refuses() {
    let aws = scene([]);
    aws.on("RegisterTaskDefinition").error(400, "ClientException", "NUMBER_VALUE can not be converted to a String");
    let mut document = file();
    document["cpu"] = json!(256);
    let text = serde_json::to_string_pretty(&document).unwrap();
    let line = 1 + text.lines().position(|line| line.contains("\"cpu\"")).unwrap();
    let out = run(&step(&aws).file("td.json", &*text));
    out.assert_code(2);
    let annotation = format!("::error title=ecs-deploy/task-definition-refused,file=td.json,line={line},col=3::");
    assert!(out.stdout.contains(&annotation), "{}", out.stdout);
    let words = format!("td.json:{line}:3: `cpu` is a number, and ECS takes a text (in quotes) there");
    assert!(out.stderr.contains(&words), "{}", out.stderr);
    // The request was against the model, on purpose.
    assert_eq!(aws.violations().len(), 1);
    let dry = run(&step(&aws).file("td.json", text).input("dry-run", "true"));
    assert!(
        dry.stdout.contains(&format!("::warning title=ecs-deploy,file=td.json,line={line},col=3::`cpu` is a number"))
    );
}

/// A service that runs another revision than `OLD`.
fn behind() -> Value {
    let arn = OLD.replace(":7", ":6");
    service(&[scene::deployment("ecs-svc/0", "PRIMARY", &arn, "COMPLETED")])
}

fn from_registered(aws: &FakeAws) -> FakeRunner {
    aws.on("DescribeServices").reply(described(behind()));
    aws.on("UpdateService").reply(json!({"service": service(&[old("PRIMARY")])}));
    step(aws).input("task-definition", "").input("images", "")
}

#[test]
fn an_existing_revision_is_deployed_without_registering() {
    for (input, value, more, asked) in [
        ("task-definition-arn", OLD, None, OLD),
        ("task-definition-arn", "shop:7", None, "shop:7"),
        ("task-definition-family", "shop", None, "shop"),
        ("task-definition-family", "shop", Some("7"), "shop:7"),
    ] {
        let aws = scene([]);
        let mut runner = from_registered(&aws).input(input, value);
        if let Some(number) = more {
            runner = runner.input("task-definition-revision", number);
        }
        let out = run(&runner);
        out.assert_code(0);
        assert_eq!(aws.calls_to("DescribeTaskDefinition")[0].body["taskDefinition"], asked);
        assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
        assert_eq!(
            only_body(&aws, "UpdateService"),
            json!({"cluster": "prod", "service": "web", "taskDefinition": OLD})
        );
        assert_eq!(out.outputs["task-definition-arn"], OLD);
        assert_eq!(out.outputs["verdict"], "updated");
    }
}

#[test]
fn an_edited_revision_is_registered_and_an_edit_that_changes_nothing_is_not() {
    let aws = scene([]);
    let edited = from_registered(&aws).input("task-definition-family", "shop").input("images", "side=proxy:2");
    aws.on("UpdateService").reply(json!({"service": service(&[scene::ours("IN_PROGRESS")])}));
    run(&edited).assert_code(0);
    let sent = only_body(&aws, "RegisterTaskDefinition");
    assert_eq!(sent["containerDefinitions"][1]["image"], "proxy:2");
    assert_eq!(sent["tags"], json!([{"key": "team", "value": "shop"}]));
    let aws = scene([]);
    run(&from_registered(&aws).input("task-definition-family", "shop").input("images", "side=proxy:1")).assert_code(0);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
    assert_eq!(only_body(&aws, "UpdateService")["taskDefinition"], OLD);
}

#[test]
fn the_revision_that_runs_already_is_not_deployed_again() {
    let aws = scene([]);
    let out = run(&step(&aws).input("task-definition", "").input("images", "").input("task-definition-arn", "shop:7"));
    out.assert_code(0);
    assert_eq!(out.outputs["verdict"], "already-deployed");
    assert_eq!(aws.operations(), ["DescribeServices", "DescribeTaskDefinition"]);
}

#[test]
fn an_inactive_and_an_unknown_revision_are_refused() {
    let aws = scene([]);
    let mut retired = running();
    retired["taskDefinition"]["status"] = json!("INACTIVE");
    aws.on("DescribeTaskDefinition").reply(retired);
    let out = run(&from_registered(&aws).input("task-definition-arn", "shop:7"));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-deploy/revision-inactive: revision `shop:7` is INACTIVE"), "{}", out.stderr);
    assert!(aws.calls_to("UpdateService").is_empty());

    aws.on("DescribeTaskDefinition").error(400, "ClientException", "Unable to describe task definition.");
    let out = run(&from_registered(&aws).input("task-definition-family", "shopp"));
    out.assert_code(2);
    let words = "ecs-deploy/task-definition-not-found: task definition `shopp` is not in eu-west-1";
    assert!(out.stderr.contains(words), "{}", out.stderr);
}

#[test]
fn services_of_different_families_need_a_task_definition_that_is_named() {
    let aws = scene([]);
    let worker = "arn:aws:ecs:eu-west-1:123456789012:task-definition/worker:3";
    aws.on("DescribeServices").answer(move |call| {
        let arn = if call.body["services"] == json!(["worker"]) { worker } else { OLD };
        let service = service(&[scene::deployment("ecs-svc/1", "PRIMARY", arn, "COMPLETED")]);
        testkit::http::Reply::json(200, &described(service))
    });
    let out = run(&step(&aws).input("services", "worker").input("task-definition", ""));
    out.assert_code(2);
    let words = "ecs-deploy/several-families: the services run different task definitions: `shop`, `worker`";
    assert!(out.stderr.contains(words), "{}", out.stderr);
    assert!(aws.calls_to("RegisterTaskDefinition").is_empty());
}
