use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A task definition with two containers, in the form of a file.
pub(crate) fn sample() -> Value {
    json!({
        "family": "shop",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [
            {
                "name": "app",
                "image": "shop:1",
                "entryPoint": [""],
                "command": ["sh", "-c", "", "echo"],
                "environment": [{"name": "MODE", "value": ""}, {"name": "KEY", "value": "hunter2"}],
                "dockerLabels": {"traefik.enable": ""},
                "logConfiguration": {"logDriver": "splunk", "options": {"tag": ""}},
                "portMappings": [{"containerPort": 8080}]
            },
            {"name": "side", "image": "proxy:1", "essential": false}
        ]
    })
}

pub(crate) fn definition(document: Value) -> TaskDefinition {
    TaskDefinition::from_document(document).unwrap()
}

/// What ECS answers to a describe: the sample with its defaults and all that only a describe tells.
pub(crate) fn described(definition: &TaskDefinition, arn: &str) -> Value {
    let mut body = definition.body();
    for container in body["containerDefinitions"].as_array_mut().unwrap() {
        let fields = container.as_object_mut().unwrap();
        for (name, value) in [
            ("cpu", json!(0)),
            ("essential", json!(true)),
            ("mountPoints", json!([])),
            ("volumesFrom", json!([])),
            ("environment", json!([])),
            ("portMappings", json!([])),
            ("systemControls", json!([])),
        ] {
            fields.entry(name).or_insert(value);
        }
        for mapping in fields["portMappings"].as_array_mut().unwrap() {
            mapping["hostPort"] = mapping["containerPort"].clone();
            mapping["protocol"] = json!("tcp");
        }
    }
    for (name, value) in [
        ("taskDefinitionArn", json!(arn)),
        ("revision", json!(7)),
        ("status", json!("ACTIVE")),
        ("requiresAttributes", json!([{"name": "ecs.capability.task-eni"}])),
        ("compatibilities", json!(["EC2", "FARGATE"])),
        ("registeredAt", json!(1_700_000_000.5)),
        ("deregisteredAt", json!(1_700_000_001.5)),
        ("deleteRequestedAt", json!(1_700_000_002.5)),
        ("registeredBy", json!("arn:aws:iam::1:user/x")),
        ("placementConstraints", json!([])),
        ("volumes", json!([])),
    ] {
        body[name] = value;
    }
    json!({"taskDefinition": body, "tags": [{"key": "aws:cloudformation:stack-name", "value": "s"}]})
}

#[test]
fn a_described_task_definition_is_the_same_as_its_file() {
    let file = definition(sample());
    let described = definition(described(&file, "arn:1"));
    assert!(file.is_same(&described), "{:?}", described.changes_from(&file));
    let body = described.body();
    assert!(DESCRIBE_ONLY.iter().all(|name| body.get(name).is_none()), "{body}");
    assert_eq!(body.get("tags"), None, "tags of AWS itself cannot be registered");
}

#[test]
fn empty_values_stay_and_nulls_go() {
    let mut document = sample();
    document["taskRoleArn"] = Value::Null;
    document["containerDefinitions"][1]["user"] = Value::Null;
    assert_eq!(definition(document).body(), sample());
}

#[test]
fn order_and_defaults_make_no_difference_and_values_do() {
    let base = definition(sample());
    let same = |change: &dyn Fn(&mut Value)| {
        let mut document = sample();
        change(&mut document);
        definition(document).is_same(&base)
    };
    assert!(same(&|d| d["containerDefinitions"].as_array_mut().unwrap().reverse()));
    assert!(same(&|d| d["containerDefinitions"][0]["environment"].as_array_mut().unwrap().reverse()));
    assert!(same(&|d| d["cpu"] = json!(".25 vCPU")));
    assert!(same(&|d| d["memory"] = json!("0.5GB")));
    assert!(same(&|d| d["containerDefinitions"][0]["portMappings"][0]["hostPort"] = json!(8080)));
    assert!(!same(&|d| d["containerDefinitions"][0]["command"].as_array_mut().unwrap().reverse()));
    assert!(!same(&|d| d["containerDefinitions"][0]["dockerLabels"] = json!({})));
    assert!(!same(&|d| d["containerDefinitions"][0]["logConfiguration"]["options"]["tag"] = json!("x")));
    assert!(!same(&|d| d["containerDefinitions"][0]["essential"] = json!(false)));
    assert!(!same(&|d| d["networkMode"] = json!("bridge")));
    assert!(!same(&|d| d["brandNew"] = json!(false)));
    assert!(!same(&|d| d["tags"] = json!([{"key": "team", "value": "a"}])));
}

#[test]
fn a_host_port_that_fixes_a_bridge_port_counts() {
    let mut document = sample();
    document["networkMode"] = json!("bridge");
    let dynamic = definition(document.clone());
    document["containerDefinitions"][0]["portMappings"][0]["hostPort"] = json!(8080);
    assert!(!definition(document).is_same(&dynamic));
}

#[test]
fn changes_name_fields_and_only_values_that_are_no_secrets() {
    let mut document = sample();
    document["containerDefinitions"][0]["image"] = json!("shop:2");
    document["containerDefinitions"][0]["environment"] =
        json!([{"name": "KEY", "value": "correct-horse"}, {"name": "NEW", "value": "battery"}]);
    document["memory"] = json!("1024");
    document["networkMode"] = json!("host");
    document["pidMode"] = json!("no word of ECS");
    document["containerDefinitions"][0]["dockerLabels"]["image"] = json!("label-battery");
    document["containerDefinitions"][0]["cpu"] = json!(128);
    document["containerDefinitions"][1]["essential"] = json!(true);
    document["containerDefinitions"][1]["command"] = json!(["--token", "battery"]);
    document["containerDefinitions"][1]["brandNew"] = json!(4711);
    let changes = definition(document).changes_from(&definition(sample()));
    let lines: Vec<String> = changes.iter().map(Change::line).collect();
    assert_eq!(
        lines,
        [
            "+ containerDefinitions.app.dockerLabels.image",
            "~ containerDefinitions.app.environment.KEY",
            "- containerDefinitions.app.environment.MODE",
            "+ containerDefinitions.app.environment.NEW",
            "~ containerDefinitions.app.image: shop:1 -> shop:2",
            "+ containerDefinitions.app.cpu: 128",
            "- containerDefinitions.side.essential: false",
            "+ containerDefinitions.side.brandNew",
            "+ containerDefinitions.side.command",
            "~ memory: 512 -> 1024",
            "~ networkMode: awsvpc -> host",
            "+ pidMode",
        ]
    );
}

#[test]
fn a_field_that_did_not_come_back_is_named() {
    let mut document = sample();
    document["brandNewField"] = json!({"a": 1});
    document["containerDefinitions"][0]["enviroment"] = json!([]);
    document["containerDefinitions"][0]["brandNew"] = json!("x");
    document["containerDefinitions"][1]["healthCheck"] = json!({"command": ["CMD", "true"], "interval": 30});
    let sent = definition(document);
    let mut answer = described(&sent, "arn:1");
    answer["taskDefinition"].as_object_mut().unwrap().shift_remove("brandNewField");
    answer["taskDefinition"]["containerDefinitions"][0].as_object_mut().unwrap().shift_remove("brandNew");
    answer["taskDefinition"]["containerDefinitions"][1]["healthCheck"]
        .as_object_mut()
        .unwrap()
        .shift_remove("interval");
    answer["taskDefinition"]["containerDefinitions"][1]["healthCheck"]["command"] = json!(["CMD"]);
    let lost = sent.lost_in(&answer);
    assert_eq!(lost.unknown, ["brandNewField", "containerDefinitions.app.brandNew"]);
    assert_eq!(lost.known, ["containerDefinitions.side.healthCheck.command[1]"]);
    assert!(lost.spots.iter().any(|spot| spot.holds("containerDefinitions.app.brandNew.inner[0]")));
}

#[test]
fn a_variable_without_a_value_is_registered_as_empty() {
    let mut document = sample();
    document["containerDefinitions"][0]["environment"] =
        json!([{"name": "DEBUG", "value": null}, {"name": "MODE"}, {"name": "LEVEL", "value": "info"}, 7]);
    let properties = json!([{"name": "AppPorts"}, {"name": "ProxyIngressPort", "value": "15000"}]);
    document["proxyConfiguration"] = json!({"type": "APPMESH", "containerName": "envoy", "properties": properties});
    let body = definition(document.clone()).body();
    assert_eq!(
        body["containerDefinitions"][0]["environment"],
        json!([{"name": "DEBUG", "value": ""}, {"name": "MODE", "value": ""}, {"name": "LEVEL", "value": "info"}, 7])
    );
    assert_eq!(body["proxyConfiguration"]["properties"][0], json!({"name": "AppPorts", "value": ""}));
    document["proxyConfiguration"]["type"] = json!("OTHER");
    assert_eq!(definition(document).body()["proxyConfiguration"]["properties"], properties);
}

#[test]
fn what_an_answer_has_beside_may_be_newer_than_this_program() {
    let sent = definition(sample());
    let mut answer = described(&sent, "arn:1");
    answer["aNewMember"] = json!({"of": "the answer"});
    answer["tags"] = json!([{"key": "team", "value": "shop"}]);
    let lost = sent.lost_in(&answer);
    assert!(lost.unknown.is_empty() && lost.known.is_empty(), "{lost:?}");
    assert_eq!(TaskDefinition::from_answer(&answer).unwrap().body()["tags"], answer["tags"]);
}

#[test]
fn what_holds_nothing_need_not_come_back() {
    let mut document = sample();
    document["brandNewField"] = json!({"a": "", "b": [false, 0, {}, null], "c": {"d": []}});
    document["pidMode"] = json!("");
    document["containerDefinitions"][0]["brandNew"] = json!({"kept": "x", "empty": ""});
    let sent = definition(document);
    let mut answer = described(&sent, "arn:1");
    for field in ["brandNewField", "pidMode"] {
        answer["taskDefinition"].as_object_mut().unwrap().shift_remove(field);
    }
    answer["taskDefinition"]["containerDefinitions"][0]["brandNew"].as_object_mut().unwrap().shift_remove("empty");
    let lost = sent.lost_in(&answer);
    assert!(lost.unknown.is_empty() && lost.known.is_empty(), "{lost:?}");
}

#[test]
fn what_is_no_task_definition_is_told() {
    let why = |document: Value| TaskDefinition::from_document(document).unwrap_err().to_string();
    assert_eq!(why(json!([])), "the document is a list, not an object");
    assert_eq!(why(json!({"services": []})), "it has no `family`");
    assert_eq!(
        why(json!({"family": "a", "containerDefinitions": []})),
        "it has no `containerDefinitions` with at least one container"
    );
    assert_eq!(why(json!({"family": "a", "containerDefinitions": [{"image": "x"}]})), "container 1 has no `name`");
    assert_eq!(
        why(json!({"family": "a", "containerDefinitions": [{"name": "x"}, {"name": "x"}]})),
        "two containers are named `x`"
    );
    let wrapper = |more: Value| {
        let mut document = json!({"taskDefinition": sample(), "tags": [], "failures": [], "ResponseMetadata": {}});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        TaskDefinition::from_document(document)
    };
    assert!(wrapper(json!({})).is_ok());
    let mut twice = wrapper(json!({})).unwrap().body();
    twice["tags"] = json!([{"key": "a", "value": "b"}]);
    let both = |beside: Value| TaskDefinition::from_document(json!({"taskDefinition": twice, "tags": beside}));
    assert_eq!(
        both(json!([{"key": "team", "value": "shop"}])).unwrap_err().to_string(),
        "`tags` stand both in `taskDefinition` and beside it"
    );
    assert_eq!(both(json!([])).unwrap().body()["tags"], twice["tags"]);
    assert_eq!(
        wrapper(json!({"cpu": "256"})).unwrap_err().to_string(),
        "`cpu` stands beside `taskDefinition` and belongs to nothing"
    );
}

/// Any JSON without nulls, three levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{1,10}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_fields() -> impl Strategy<Value = Map<String, Value>> {
    // `x` in front keeps the names apart from those that have a meaning.
    prop::collection::btree_map("x[a-zA-Z]{1,10}", any_json(), 0..6).prop_map(|fields| fields.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is sent is the file, less what only a describe tells, with the new image: nothing else is lost, moved or made up.
    #[test]
    fn nothing_is_lost(task in any_fields(), container in any_fields(), wrapped: bool, described_only: bool) {
        let mut expected = task;
        expected.insert("family".to_owned(), json!("shop"));
        let mut app = container;
        app.insert("name".to_owned(), json!("app"));
        app.insert("image".to_owned(), json!("shop:1"));
        expected.insert("containerDefinitions".to_owned(), json!([app]));

        let mut file = expected.clone();
        if described_only {
            file.extend(DESCRIBE_ONLY.map(|name| (name.to_owned(), json!("x"))));
        }
        let document = if wrapped { json!({"taskDefinition": file}) } else { Value::Object(file) };
        let text = serde_json::to_string_pretty(&document).unwrap();
        let mut sent = definition(serde_json::from_str(&text).unwrap());
        prop_assert!(sent.set_image("app", "shop:2"));

        expected["containerDefinitions"][0]["image"] = json!("shop:2");
        prop_assert_eq!(sent.body(), Value::Object(expected));
        prop_assert!(sent.is_same(&sent.clone()));
        prop_assert!(sent.changes_from(&sent.clone()).is_empty());
        let echo = json!({"taskDefinition": sent.body()});
        let lost = sent.lost_in(&echo);
        prop_assert!(lost.unknown.is_empty() && lost.known.is_empty());
    }
}
