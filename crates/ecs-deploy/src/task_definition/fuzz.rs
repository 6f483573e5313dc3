//! Laws of task definitions as JSON: whatever a file holds is refused with a reason or kept as it is.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::budget::{Share, cases};

use super::*;
use crate::image_assignment::ImageAssignment;
use crate::names::{ClusterName, ServiceName};

const EXAMPLE: &str = include_str!("../../../../examples/backend/task-definition.json");

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_-]{0,6}",
        prop::sample::select(vec![
            "name",
            "image",
            "environment",
            "secrets",
            "tags",
            "aws:x",
            "key",
            "value",
            "cpu",
            "memory",
            "1 vCPU",
            ".5 GB",
            "99999999999999999999 GB",
            "containerDefinitions",
            "portMappings",
            "hostPort",
            "taskDefinition",
            "family",
            "\n",
            "\0",
            "`",
            "</details>",
            "../",
            "é",
        ])
        .prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((word(), inner), 0..4).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// A document that is almost one, with members of any type.
fn document() -> impl Strategy<Value = Value> {
    let known = [
        "cpu",
        "memory",
        "tags",
        "volumes",
        "networkMode",
        "requiresCompatibilities",
        "taskRoleArn",
        "brandNew",
        "registeredAt",
    ];
    let container = (prop_oneof![4 => "[a-z]{1,4}".prop_map(Value::from), 1 => value()], vec((word(), value()), 0..4));
    let members = vec((prop::sample::select(known.to_vec()), value()), 0..5);
    (vec(container, 0..4), members, prop_oneof![9 => Just(json!("shop")), 1 => value()]).prop_map(
        |(containers, members, family)| {
            let containers: Vec<Value> = containers
                .into_iter()
                .map(|(name, members)| {
                    let mut fields: serde_json::Map<String, Value> = members.into_iter().collect();
                    fields.insert("name".to_owned(), name);
                    Value::Object(fields)
                })
                .collect();
            let mut document = json!({ "family": family, "containerDefinitions": containers });
            for (name, value) in members {
                document[name] = value;
            }
            document
        },
    )
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// What is registered of a file, told in another way than the code does it.
fn expected(file: &Value) -> Value {
    let mut fields = file.as_object().unwrap().clone();
    fields.retain(|name, value| {
        let only_described = DESCRIBE_ONLY.contains(&name.as_str());
        if name == "tags"
            && let Some(tags) = value.as_array_mut()
        {
            tags.retain(|tag| !tag["key"].as_str().is_some_and(|key| key.starts_with("aws:")));
        }
        let no_tags = name == "tags" && *value == json!([]);
        !only_described && !no_tags
    });
    let mut expected = Value::Object(fields);
    drop_nulls(&mut expected);
    for container in expected["containerDefinitions"].as_array_mut().into_iter().flatten() {
        let variables = container.get_mut("environment").and_then(Value::as_array_mut);
        for variable in variables.into_iter().flatten().filter(|variable| variable.is_object()) {
            if variable["value"].is_null() {
                variable["value"] = json!("");
            }
        }
    }
    expected
}

fn edits() -> impl Strategy<Value = Edits> {
    let pairs = || vec(("[A-C]{1,2}", "\\PC{0,4}").prop_map(|(name, value)| Pair { name, value }), 0..3);
    let names = || vec("[A-D]{1,2}", 0..2);
    let task = proptest::option::of("[0-9]{1,4}").prop_map(|cpu| TaskEdits { cpu, ..TaskEdits::default() });
    let container = (pairs(), names(), pairs(), pairs(), proptest::option::of(vec("\\PC{0,3}", 0..3)));
    (container, task, proptest::option::of(Just("awslogs".to_owned()))).prop_map(
        |((environment, remove_environment, mut secrets, labels, command), task, log_driver)| {
            // The inputs refuse a name that is both, or set and removed.
            secrets.retain(|secret| !environment.iter().any(|variable| variable.name == secret.name));
            let remove_environment = remove_environment
                .into_iter()
                .filter(|name| !environment.iter().any(|pair| pair.name == *name))
                .collect();
            let container = ContainerEdits {
                environment,
                remove_environment,
                secrets,
                labels,
                log_driver,
                command,
                ..ContainerEdits::default()
            };
            Edits { containers: Vec::new(), container, task }
        },
    )
}

fn check(document: Value, share: &Share) -> Result<(), TestCaseError> {
    let read = TaskDefinition::from_document(document);
    share.note(read.is_ok());
    let Ok(definition) = read else { return Ok(()) };
    let again = TaskDefinition::from_document(definition.body()).unwrap();
    prop_assert_eq!(&again, &definition, "what is registered is read back as itself");
    prop_assert!(definition.is_same(&again));
    prop_assert_eq!(definition.changes_from(&again), vec![]);
    let wrapped = json!({ "taskDefinition": definition.body() });
    prop_assert!(TaskDefinition::from_document(wrapped).unwrap().is_same(&definition));
    let lost = definition.lost_in(&json!({ "taskDefinition": definition.body() }));
    prop_assert!(lost.unknown.is_empty() && lost.known.is_empty(), "{:?}", lost);
    // What ECS dropped is named, and a path is never both.
    let lost = definition.lost_in(&json!({}));
    prop_assert!(lost.unknown.iter().all(|path| !lost.known.contains(path)));
    let _ = definition.plain_secrets();
    let names: Vec<String> = definition.containers().iter().map(|container| container.name.to_owned()).collect();
    for name in names {
        let mut changed = definition.clone();
        prop_assert!(changed.set_image(&name, "registry.example/new:1"));
        prop_assert_eq!(changed.image(&name), Some("registry.example/new:1"));
        let same = definition.image(&name) == Some("registry.example/new:1");
        prop_assert_eq!(changed.is_same(&definition), same);
        prop_assert!(same || changed.changes_from(&definition).len() == 1, "{:?}", changed.changes_from(&definition));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(128), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_a_definition_is_refused_or_kept_as_it_is(document in document()) {
        static SHARE: Share = Share::new();
        check(document, &SHARE)?;
    }

    #[test]
    fn fuzz_a_damaged_file_is_refused_or_kept_as_it_is(edits in vec(any::<testkit::Edit>(), 1..5)) {
        static SHARE: Share = Share::new();
        let bytes = testkit::mutate(EXAMPLE.as_bytes(), &edits);
        if let Ok(document) = serde_json::from_slice(&bytes) {
            check(document, &Share::new())?;
        }
        let other = testkit::mutate_json(&serde_json::from_str(EXAMPLE).unwrap(), &edits);
        // One that is nested deeper than any JSON is read is no document.
        if let Ok(document) = serde_json::from_str(&other) {
            check(document, &SHARE)?;
        }
    }

    #[test]
    fn fuzz_what_is_sent_is_the_file_without_what_a_describe_tells(document in document(), wrapped: bool, described: bool) {
        let mut file = document;
        if described {
            file.as_object_mut().unwrap().extend(DESCRIBE_ONLY.map(|name| (name.to_owned(), json!("x"))));
        }
        let text = if wrapped { json!({ "taskDefinition": file }) } else { file.clone() }.to_string();
        for path in ["td.json", "td.yaml"] {
            match File::parse(path, std::path::Path::new(path), &text, &[]) {
                Ok(read) => prop_assert_eq!(read.definition.body(), expected(&file)),
                Err(error) => prop_assert!(actions_core::ActionError::location(&error).is_some()),
            }
        }
    }

    #[test]
    fn fuzz_an_edit_is_idempotent_and_touches_what_it_names(document in document(), edits in edits()) {
        static SHARE: Share = Share::new();
        let Ok(before) = TaskDefinition::from_document(document) else { return Ok(()) };
        let mut edited = before.clone();
        let made = edited.edit(&edits);
        SHARE.note(made.is_ok());
        if made.is_ok() {
            let once = edited.clone();
            prop_assert!(edited.edit(&edits).is_ok());
            prop_assert_eq!(&edited, &once);
            let named = |change: &Change| {
                change.path.starts_with("containerDefinitions") && !edits.container.inputs().is_empty()
                    || ["cpu", "memory", "taskRoleArn", "executionRoleArn"].contains(&change.path.as_str())
            };
            let changes = edited.changes_from(&before);
            prop_assert!(changes.iter().all(named), "{:?}", changes);
        }
    }

    #[test]
    fn fuzz_order_and_defaults_make_no_difference(document in document(), seed in any::<u32>()) {
        if let Ok(definition) = TaskDefinition::from_document(document) {
            let mut other = definition.body();
            if let Some(containers) = other["containerDefinitions"].as_array_mut() {
                let turn = seed as usize % containers.len();
                containers.rotate_left(turn);
                for container in containers.iter_mut().filter_map(Value::as_object_mut) {
                    container.entry("essential").or_insert(json!(true));
                    container.entry("mountPoints").or_insert(json!([]));
                    container.entry("cpu").or_insert(json!(0));
                }
            }
            let other = TaskDefinition::from_document(other).unwrap();
            prop_assert!(definition.is_same(&other), "{:?}", other.changes_from(&definition));
        }
    }

    #[test]
    fn fuzz_two_definitions_are_the_same_exactly_when_nothing_changes(one in document(), other in document()) {
        if let (Ok(one), Ok(other)) = (TaskDefinition::from_document(one), TaskDefinition::from_document(other)) {
            prop_assert_eq!(one.is_same(&other), one.changes_from(&other).is_empty());
            prop_assert_eq!(one.changes_from(&other).len(), other.changes_from(&one).len());
        }
    }

    #[test]
    fn fuzz_names_and_assignments_hold_nothing_hostile(text in "[a-z:/=@._ -]{0,24}|\\PC{0,16}|arn:aws:ecs:[a-z1:/-]{0,20}:(service|cluster)/\\PC{0,9}") {
        let tame = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || ":/-_.=@".contains(c));
        if let Ok(name) = ServiceName::parse(&text) {
            prop_assert!(tame(name.as_str()) && name.as_str() == text);
        }
        if let Ok(name) = ClusterName::parse(&text) {
            prop_assert!(tame(name.as_str()) && name.as_str() == text);
        }
        if let Ok(assignment) = ImageAssignment::parse(&text) {
            prop_assert!(tame(&assignment.image.to_string()) && assignment.container.is_none_or(|name| tame(&name)));
        }
    }
}

#[test]
fn bombs_are_refused_or_read_in_no_time() {
    let start = std::time::Instant::now();
    let many = 20_000;
    for text in [
        "[".repeat(many),
        "{\"a\":".repeat(many),
        format!("{{\"family\":\"a\",\"containerDefinitions\":{}", "[".repeat(many)),
    ] {
        assert!(serde_json::from_str::<Value>(&text).is_err());
    }
    // The deepest document that is read: what works on it goes as deep.
    let deep = (0..120).fold(json!({ "x": null }), |inner, _| json!({ "x": inner }));
    let text = json!({ "family": "a", "containerDefinitions": [{ "name": "a", "y": deep }] }).to_string();
    check(serde_json::from_str(&text).unwrap(), &Share::new()).unwrap();
    let containers: Vec<Value> =
        (0..2_000).map(|number| json!({ "name": format!("c{number}"), "image": "a" })).collect();
    let wide = TaskDefinition::from_document(json!({ "family": "a", "containerDefinitions": containers })).unwrap();
    assert!(wide.is_same(&wide.clone()) && wide.changes_from(&wide).is_empty());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
