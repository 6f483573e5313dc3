use std::fmt::Write as _;

use serde_json::json;
use testkit::aws_model::Model;

use super::*;
use crate::task_definition::DESCRIBE_ONLY;
use crate::task_definition::canonical::has_free_keys;

/// Says that the table shall be written anew.
const WRITE: &str = "SLIPWAY_WRITE_SHAPES";
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/task_definition/model/shapes.rs");

/// What is compared with the model.
const ROOTS: [&str; 5] = [
    "RegisterTaskDefinitionRequest",
    "ContainerOverride",
    "CapacityProviderStrategyItem",
    "Tag",
    "TaskManagedEBSVolumeConfiguration",
];

/// The table as it follows from AWS's model.
fn generated(shapes: &Value) -> String {
    let mut tables = Tables { shapes, done: Vec::new(), text: String::new() };
    for root in ROOTS {
        tables.kind(root);
    }
    format!(
        "//! Generated from botocore's model of ECS: run the tests of this crate with `{WRITE}=1` to write it anew.\n\n\
         use super::Kind;\n{}",
        tables.text
    )
}

struct Tables<'a> {
    shapes: &'a Value,
    done: Vec<String>,
    text: String,
}

impl Tables<'_> {
    /// The expression of a shape; what it refers to is written before it.
    fn kind(&mut self, name: &str) -> String {
        let shapes = self.shapes;
        let shape = &shapes[name];
        let of = |member: &Value| member["shape"].as_str().unwrap().to_owned();
        match shape["type"].as_str().unwrap() {
            "string" if shape["enum"].is_array() => {
                let words = shape["enum"].as_array().unwrap();
                let lines: Vec<String> = words.iter().map(|word| format!("    {word},\n")).collect();
                self.table(name, "&str", &lines.concat());
                format!("Kind::Word({})", constant(name))
            }
            "string" => "Kind::Text".to_owned(),
            "integer" | "long" | "double" | "float" => "Kind::Number".to_owned(),
            "boolean" => "Kind::Boolean".to_owned(),
            "list" => format!("Kind::List(&{})", self.kind(&of(&shape["member"]))),
            "map" => {
                assert_eq!(self.kind(&of(&shape["value"])), "Kind::Text", "{name}");
                "Kind::Map".to_owned()
            }
            "structure" => {
                let mut lines = String::new();
                for (member, target) in shape["members"].as_object().unwrap() {
                    let kind = self.kind(&of(target));
                    writeln!(lines, "    (\"{member}\", {kind}),").unwrap();
                }
                self.table(name, "(&str, Kind)", &lines);
                format!("Kind::Structure({})", constant(name))
            }
            other => panic!("{name} is a {other}"),
        }
    }

    fn table(&mut self, name: &str, item: &str, lines: &str) {
        if !self.done.contains(&name.to_owned()) {
            self.done.push(name.to_owned());
            let visible = if ROOTS.contains(&name) { "pub(super) " } else { "" };
            write!(self.text, "\n{visible}const {}: &[{item}] = &[\n{lines}];\n", constant(name)).unwrap();
        }
    }
}

/// `ContainerDefinition` as `CONTAINER_DEFINITION`.
fn constant(name: &str) -> String {
    let mut constant = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        let begins = letter.is_uppercase()
            && index > 0
            && (letters[index - 1].is_lowercase() || letters.get(index + 1).is_some_and(|next| next.is_lowercase()));
        if begins {
            constant.push('_');
        }
        constant.extend(letter.to_uppercase());
    }
    constant
}

#[test]
fn the_table_is_what_aws_describes() {
    let generated = generated(&Model::load("ecs").unwrap().shapes());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(TABLE, &generated).unwrap();
    }
    assert!(std::fs::read_to_string(TABLE).unwrap() == generated, "write it anew with {WRITE}=1");
}

#[test]
fn what_only_a_describe_tells_is_what_a_registration_does_not_take() {
    let shapes = Model::load("ecs").unwrap().shapes();
    let described = shapes["TaskDefinition"]["members"].as_object().unwrap();
    let mut only: Vec<&str> =
        described.keys().map(String::as_str).filter(|name| TASK_DEFINITION.member(name).is_none()).collect();
    let mut ours = DESCRIBE_ONLY.to_vec();
    only.sort_unstable();
    ours.sort_unstable();
    assert_eq!(ours, only);
}

/// Calls `visit` with every structure's and map's name and kind.
fn each(name: &'static str, kind: Kind, visit: &mut dyn FnMut(&'static str, Kind)) {
    visit(name, kind);
    match kind {
        Kind::Structure(members) => members.iter().for_each(|(name, kind)| each(name, *kind, visit)),
        Kind::List(item) => each(name, *item, visit),
        Kind::Text | Kind::Word(_) | Kind::Number | Kind::Boolean | Kind::Map => {}
    }
}

#[test]
fn no_field_would_be_taken_for_another_if_it_were_new() {
    let mut structures = 0;
    each("", TASK_DEFINITION, &mut |_, kind| {
        if let Kind::Structure(members) = kind {
            structures += 1;
            for (name, _) in members {
                let others = members.iter().map(|(other, _)| *other).filter(|other| other != name);
                assert_eq!(likeness::meant(name, others), None, "{name}");
            }
        }
    });
    assert!(structures > 30, "{structures}");
}

#[test]
fn no_word_would_be_taken_for_another_if_it_were_new() {
    let mut lists = 0;
    each("", TASK_DEFINITION, &mut |name, kind| {
        let kind = if let Kind::List(item) = kind { *item } else { kind };
        let Kind::Word(known) = kind else { return };
        lists += 1;
        for word in known {
            // As if the model had no more than one of the others.
            for other in known.iter().filter(|other| *other != word) {
                let alone: &'static [&'static str] = Box::leak(Box::new([*other]));
                assert_eq!(likeness::meant_word(word, alone), None, "{name}: {word} and {other}");
            }
        }
    });
    assert!(lists > 10, "{lists}");
}

#[test]
fn a_slip_in_a_word_of_an_input_is_a_mistake_and_a_new_word_is_not() {
    let volume = |kind: &str| json!({"roleArn": "x", "tagSpecifications": [{"resourceType": kind}]});
    let told = mistakes(&volume("volmue"), MANAGED_VOLUME).unwrap();
    assert!(told.contains("`volmue`, which ECS does not know: did you mean `volume`?"), "{told}");
    assert_eq!(mistakes(&volume("snapshot"), MANAGED_VOLUME), None);
}

#[test]
fn maps_are_where_the_comparison_leaves_the_keys_alone() {
    each("", TASK_DEFINITION, &mut |name, kind| {
        assert_eq!(has_free_keys(name), kind == Kind::Map, "{name}");
    });
}

#[test]
fn what_the_model_does_not_describe_is_named_with_its_way() {
    let definition = json!({
        "familly": "x", "brandNewField": {"a": 1}, "cpu": 256, "memory": null,
        "containerDefinitions": [{
            "name": "app", "essential": "yes", "logConfiguration": {"logdriver": "awslogs", "options": {"any": "x", "count": 3}},
            "environment": [{"name": "A", "valeu": "x"}, {"name": "B", "value": 8080}], "portMappings": [{"hostport": 1}],
            "restartPolicy": {"enable": true}
        }, "text"]
    });
    let found = deviations(&definition);
    let strangers: Vec<(&str, Option<&str>)> =
        found.strangers.iter().map(|stranger| (stranger.spot.shown.as_str(), stranger.meant)).collect();
    assert_eq!(
        strangers,
        [
            ("familly", Some("family")),
            ("brandNewField", None),
            ("containerDefinitions[0].logConfiguration.logdriver", Some("logDriver")),
            ("containerDefinitions[0].environment.A.valeu", Some("value")),
            ("containerDefinitions[0].portMappings[0].hostport", Some("hostPort")),
            ("containerDefinitions[0].restartPolicy.enable", Some("enabled")),
        ]
    );
    let mistyped: Vec<(&str, &str, &str)> = found
        .mistyped
        .iter()
        .map(|bad| match &bad.wrong {
            Wrong::Type { found, wanted, .. } => (bad.spot.shown.as_str(), *found, *wanted),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        mistyped,
        [
            ("cpu", "a number", "a text (in quotes)"),
            ("containerDefinitions[0].essential", "a string", "true or false"),
            ("containerDefinitions[0].logConfiguration.options.count", "a number", "a text (in quotes)"),
            ("containerDefinitions[0].environment.B.value", "a number", "a text (in quotes)"),
            ("containerDefinitions[1]", "a string", "an object"),
        ]
    );
    let steps = &found.strangers[3].spot.steps;
    assert_eq!(
        steps[..],
        [
            Step::Member("containerDefinitions".into()),
            Step::Item(0),
            Step::Member("environment".into()),
            Step::Item(0),
            Step::Member("valeu".into())
        ]
    );
}
