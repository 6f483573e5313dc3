use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn secrets(plan: &Value) -> Vec<String> {
    PlanJson::of(&plan.to_string()).secrets.texts().map(str::to_owned).collect()
}

/// The plan of one entry with this change.
fn changing(change: &Value) -> Value {
    json!({ "format_version": "1.2", "resource_changes": [{ "address": "t.n", "change": change }] })
}

/// The entry's values that are kept.
fn kept(plan: &Value) -> (Option<Json>, Option<Json>) {
    let plan = PlanJson::of(&plan.to_string());
    let changes = plan.json.get("resource_changes").unwrap().items();
    let change = changes[0].get("change").unwrap();
    (change.get("before").cloned(), change.get("after").cloned())
}

#[test]
fn what_a_state_marks_is_a_secret_wherever_it_stands() {
    let object = json!({ "values": { "a": "marked-1", "b": "open-text" }, "sensitive_values": { "a": true } });
    let late = json!({ "sensitive_values": { "a": true }, "values": { "a": "marked-2", "b": "open-text" } });
    let values = json!({
        "outputs": { "o": { "sensitive": true, "value": "marked-3" }, "p": { "sensitive": false, "value": "open-text" } },
        "root_module": { "resources": [object], "child_modules": [{ "child_modules": [{ "resources": [late] }] }] },
    });
    let marked = ["marked-1", "marked-2", "marked-3"];
    assert_eq!(secrets(&json!({ "prior_state": { "format_version": "1.0", "values": values } })), marked);
    assert_eq!(secrets(&json!({ "planned_values": values })), marked);
}

#[test]
fn a_states_mask_of_another_shape_covers_everything() {
    for (values, mask) in
        [(json!(["marked-1"]), json!({})), (json!({ "a": "marked-1" }), json!([])), (json!("marked-1"), json!({}))]
    {
        let root = json!({ "resources": [{ "values": values, "sensitive_values": mask }] });
        assert_eq!(secrets(&json!({ "planned_values": { "root_module": root } })), ["marked-1"], "{root}");
    }
    for mask in [json!(null), json!(false), json!({}), json!({ "b": true })] {
        let root = json!({ "resources": [{ "values": { "a": "open-text" }, "sensitive_values": mask }] });
        assert!(secrets(&json!({ "planned_values": { "root_module": root } })).is_empty(), "{root}");
    }
}

#[test]
fn that_there_is_a_managed_object_is_kept_of_a_state_and_nothing_else() {
    let of_state = |mode: &str| {
        let resources = json!([{ "mode": mode, "values": { "a": "b" } }, { "mode": "data" }]);
        let values = json!({ "root_module": { "child_modules": [{ "resources": resources }] } });
        PlanJson::of(&json!({ "prior_state": { "values": values } }).to_string()).json
    };
    let child =
        |json: &Json| json.at(&["prior_state", "values", "root_module", "child_modules"]).unwrap().items()[0].clone();
    assert_eq!(child(&of_state("managed")).get("resources"), Some(&Json::parse(r#"[{"mode":"managed"}]"#).unwrap()));
    assert_eq!(child(&of_state("data")).get("resources"), Some(&Json::List(Vec::new())));
}

#[test]
fn the_values_of_what_stays_as_it_is_are_looked_through_and_forgotten() {
    let value = json!({ "a": "marked-1", "password": "Tr0ub4dor&3x" });
    let mask = json!({ "a": true });
    let plan = changing(&json!({ "actions": ["no-op"], "before": value, "after": value, "after_unknown": {},
        "before_sensitive": mask, "after_sensitive": mask }));
    assert_eq!(kept(&plan), (None, None));
    assert_eq!(secrets(&plan), ["Tr0ub4dor&3x", "marked-1"]);
}

#[test]
fn masks_that_are_null_stay_none() {
    let idle = |mask: Value| {
        let change =
            json!({ "actions": ["no-op"], "before": 1, "after": 1, "before_sensitive": mask, "after_sensitive": mask });
        let plan = PlanJson::of(&changing(&change).to_string());
        let changes = plan.json.get("resource_changes").unwrap().items();
        changes[0].at(&["change", "before_sensitive"]).cloned()
    };
    assert_eq!(idle(json!(null)), None);
    assert_eq!(idle(json!({})), Some(Json::Bool(false)));
}

#[test]
fn whatever_may_be_shown_is_kept() {
    let idle = json!({ "actions": ["no-op"], "before": { "a": 1 }, "after": { "a": 1 }, "after_unknown": {},
        "before_sensitive": {}, "after_sensitive": {} });
    let with = |name: &str, value: Value| {
        let mut change = idle.clone();
        change[name] = value;
        changing(&change)
    };
    for plan in [
        with("actions", json!(["update"])),
        with("actions", json!(["no-op", "no-op"])),
        with("after", json!({ "a": 2 })),
        with("after_unknown", json!({ "a": true })),
        with("before_sensitive", json!({ "a": true })),
        with("importing", json!({ "id": "i-1" })),
    ] {
        assert!(matches!(kept(&plan), (Some(_), Some(_))), "{plan}");
    }
    let mut moved = changing(&idle);
    moved["resource_changes"][0]["previous_address"] = "t.m".into();
    assert!(matches!(kept(&moved), (Some(_), Some(_))));
    assert_eq!(kept(&changing(&idle)), (None, None));
}

#[test]
fn what_is_no_list_or_no_map_is_kept_to_be_told() {
    for name in ["resource_changes", "resource_drift", "prior_state", "planned_values"] {
        let plan = PlanJson::of(&json!({ name: "x" }).to_string());
        assert_eq!(plan.json.get(name), Some(&Json::Text("x".to_owned())));
    }
    assert_eq!(PlanJson::of("[1]").json, Json::parse("[1]").unwrap());
    let odd = json!({ "resource_changes": [1, { "change": 2 }] });
    assert_eq!(PlanJson::of(&odd.to_string()).json, Json::parse(&odd.to_string()).unwrap());
}

/// Values with marked texts in them.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), "[a-z]{6,9}".prop_map(Value::from)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..3)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    /// A state's secrets are those that the same values have as a change that nothing is forgotten of.
    #[test]
    fn a_mask_marks_the_same_in_a_state_as_in_a_change(value in value(), mask in value()) {
        let changed = changing(&json!({ "actions": ["create"], "after": value, "after_sensitive": mask }));
        let idle = changing(&json!({ "actions": ["no-op"], "before": value, "after": value, "before_sensitive": mask, "after_sensitive": mask }));
        let state = json!({ "planned_values": { "root_module": { "resources": [{ "values": value, "sensitive_values": mask }] } } });
        prop_assert_eq!(secrets(&changed), secrets(&state));
        prop_assert_eq!(secrets(&changed), secrets(&idle));
    }
}
