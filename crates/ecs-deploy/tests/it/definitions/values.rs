//! Values of a file that ECS refuses for certain, and those that it may not.

use serde_json::{Value, json};

use super::{refused_before_aws, step};
use crate::scene::{file, run, scene};

/// The file with another value at a field of its first container.
fn with(field: &str, value: Value) -> Value {
    let mut document = file();
    document["containerDefinitions"][0][field] = value;
    document
}

#[test]
fn what_ecs_would_refuse_is_refused_in_a_dry_run_too() {
    let mut mode = file();
    mode["networkMode"] = json!("awsvcp");
    let text = "a string, and ECS takes a number there";
    for (document, told) in [
        (
            with("environment", json!({"A": "b"})),
            "app.environment` is an object, and ECS takes a list there".to_owned(),
        ),
        (with("memory", json!("512")), format!("`containerDefinitions.app.memory` is {text}")),
        (mode, "`networkMode` is `awsvcp`, which ECS does not know: did you mean `awsvpc`?".to_owned()),
    ] {
        for dry_run in ["true", "false"] {
            let aws = scene([]);
            let text = serde_json::to_string_pretty(&document).unwrap();
            let runner = step(&aws).file("td.json", text).input("dry-run", dry_run);
            let out = refused_before_aws(&aws, &runner, "ecs-deploy/not-a-task-definition,file=td.json,line=");
            assert!(out.stderr.contains(&told), "{told}\n{}", out.stderr);
        }
    }
}

#[test]
fn a_map_in_yaml_is_refused_at_its_line_with_all_else() {
    let aws = scene([]);
    let yaml = "family: shop\ncontainerDefinitions:\n  - name: app\n    image: a\n    environment:\n      A: hunter2\n    cpu: '1'\n";
    let runner = step(&aws).file("td.yml", yaml).input("task-definition", "td.yml").input("images", "");
    let out = refused_before_aws(&aws, &runner, "ecs-deploy/not-a-task-definition,file=td.yml,line=");
    assert!(out.stderr.contains("td.yml:5:5: `containerDefinitions.app.environment` is an object"), "{}", out.stderr);
    assert!(out.stderr.contains("td.yml:7:5: `containerDefinitions.app.cpu` is a string"), "{}", out.stderr);
    assert!(!out.stderr.contains("hunter2"), "{}", out.stderr);
}

#[test]
fn a_word_that_may_be_new_is_a_warning_and_one_that_is_declared_new_is_sent() {
    let dry = |mode: &str| {
        let aws = scene([]);
        let mut document = file();
        document["networkMode"] = json!(mode);
        let runner = step(&aws).file("td.json", document.to_string()).input("dry-run", "true");
        run(&runner.input("new-fields", "networkMode"))
    };
    for mode in ["overlay", "AWSVPC", "awsvcp"] {
        let out = dry(mode);
        out.assert_code(0);
        assert!(
            out.stdout.contains("::warning title=ecs-deploy,file=td.json") && out.stdout.contains("`networkMode` is ")
        );
    }
}
