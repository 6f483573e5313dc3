use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::budget::cases;

use super::{plan_of, resource, review, text};

/// What the secret values look like, and nothing else.
const SECRET: &str = "xq7";

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "a",
            "a\nb",
            "b\na\n",
            "{\"a\":1}",
            "[1,{\"a\":[2]}]",
            "[1, {\"a\":[2]}]",
            "\u{1b}",
            "é"
        ])
        .prop_map(Value::from),
        "[a-c]{4,6}".prop_map(|tail| Value::from(format!("{SECRET}{tail}"))),
    ];
    leaf.prop_recursive(3, 16, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map("[a-d]|id|tags", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// Masks of any shape, whether they fit or not.
fn mask() -> impl Strategy<Value = Value> {
    any::<bool>().prop_map(Value::from).prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[a-d]|id|tags", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn kind() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec!["string", "number", "bool", "dynamic"]).prop_map(Value::from);
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            (prop::sample::select(vec!["list", "set", "map"]), inner.clone()).prop_map(|(word, of)| json!([word, of])),
            vec(inner.clone(), 0..3).prop_map(|of| json!(["tuple", of])),
            btree_map("[a-d]", inner, 0..3).prop_map(|of| json!(["object", of])),
        ]
    })
}

fn nesting() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["single", "group", "list", "set", "map"])
}

fn block() -> impl Strategy<Value = Value> {
    let attribute = prop_oneof![
        4 => (kind(), prop::bool::weighted(0.1)).prop_map(|(kind, write_only)| json!({ "type": kind, "write_only": write_only })),
        1 => (nesting(), btree_map("[a-d]", kind().prop_map(|kind| json!({ "type": kind })), 0..3))
            .prop_map(|(mode, attributes)| json!({ "nested_type": { "nesting_mode": mode, "attributes": attributes } })),
    ];
    let attributes = btree_map("[a-b]|id|tags", attribute, 0..4);
    let leaf = attributes.prop_map(|attributes| json!({ "attributes": attributes }));
    leaf.prop_recursive(2, 6, 2, |inner| {
        (inner.clone(), btree_map("[c-d]", (nesting(), inner), 0..3)).prop_map(|(mut block, blocks)| {
            let blocks =
                blocks.into_iter().map(|(name, (mode, block))| (name, json!({ "nesting_mode": mode, "block": block })));
            block["block_types"] = Value::Object(blocks.collect());
            block
        })
    })
}

/// Values that no search finds, because they are everywhere.
fn small_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..10).prop_map(Value::from),
        prop::sample::select(WORDS.to_vec()).prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[a-d]|id|tags", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// Words that are in no text of Terraform alone; some of them no one takes for secrets.
const WORDS: [&str; 6] = ["true", "no", "default", "enabled", "w", "k"];

/// The value with each leaf exchanged for another, equal ones for equal ones.
fn exchanged(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(value) => (!value).into(),
        Value::Number(number) => (9 - number.as_i64().unwrap()).into(),
        Value::String(word) => {
            let place = WORDS.iter().position(|known| known == word).unwrap();
            WORDS[WORDS.len() - 1 - place].into()
        }
        Value::Array(items) => items.iter().map(exchanged).collect(),
        Value::Object(entries) => entries.iter().map(|(key, item)| (key.clone(), exchanged(item))).collect(),
    }
}

fn object() -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 9 => btree_map("[a-d]|id|tags", value(), 0..6).prop_map(|map| json!(map))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), ..ProptestConfig::default() })]

    #[test]
    fn any_change_has_a_text_whatever_the_schema_says(
        sides in (object(), object()),
        masks in (mask(), mask(), mask()),
        block in block(),
        action in prop::sample::select(vec!["create", "update", "delete", "read", "forget", "no-op"]),
        path in vec("[a-d]", 0..3),
    ) {
        let change = json!({ "actions": [action], "before": sides.0, "after": sides.1, "after_unknown": masks.0,
            "before_sensitive": masks.1, "after_sensitive": masks.2, "replace_paths": [path] });
        let mut plan = plan_of(&[resource(change.clone())]);
        plan["resource_drift"] = json!([resource(change.clone())]);
        plan["relevant_attributes"] = json!([{ "resource": "t.n", "attribute": path }]);
        plan["output_changes"] = json!({ "o": change });
        for block in [block, json!({ "attributes": { "a": { "type": "unheard-of" } } })] {
            let text = text(&plan, &block);
            prop_assert!(text.ends_with('\n') && !text.contains('\u{1b}'), "{text}");
        }
    }

    #[test]
    fn what_stays_as_it_is_has_no_changes(side in object(), mask in mask(), block in block()) {
        // Without marks that change the mask may be of any shape.
        let change = json!({ "actions": ["update"], "before": side, "after": side, "before_sensitive": mask, "after_sensitive": mask });
        let mut plan = plan_of(&[resource(change.clone())]);
        plan["output_changes"] = json!({ "o": change });
        let text = text(&plan, &block);
        let changed = text.lines().skip_while(|line| !line.contains("resource \"t\"")).skip(1)
            .find(|line| ["~ ", "+ ", "- "].iter().any(|symbol| line.trim_start().starts_with(symbol)) || line.contains(" -> "));
        prop_assert_eq!(changed, None, "{}", text);
    }

    #[test]
    fn other_secrets_give_the_same_text(
        name in "[a-d]|id|tags",
        sides in (small_value(), small_value()),
        unknown in mask(),
        masks in prop::sample::select(vec![(true, false), (false, true), (true, true)]),
        block in block(),
    ) {
        // A mask beside null hides nothing.
        prop_assume!((masks.1 || !sides.0.is_null()) && (masks.0 || !sides.1.is_null()));
        let shown = |before: &Value, after: &Value| {
            let change = json!({ "actions": ["update"], "before": { &name: before }, "after": { &name: after },
                "after_unknown": { &name: unknown }, "before_sensitive": { &name: masks.0 }, "after_sensitive": { &name: masks.1 } });
            let mut plan = plan_of(&[resource(change.clone())]);
            plan["output_changes"] = json!({ "o": change });
            let review = review(&plan);
            (text(&plan, &block), review)
        };
        prop_assert_eq!(shown(&sides.0, &sides.1), shown(&exchanged(&sides.0), &exchanged(&sides.1)));
    }

    #[test]
    fn no_secret_is_in_any_text(sides in (value(), value()), masks in (mask(), mask()), block in block()) {
        let secret = |text: &str| Value::from(format!("{SECRET}{text}-long"));
        let change = json!({ "actions": ["update"],
            "before": { "a": sides.0, "b": secret("one"), "copy": secret("two") }, "after": { "a": sides.1, "b": secret("two"), "copy": secret("one") },
            "before_sensitive": { "a": true, "b": true, "tags": masks.0 }, "after_sensitive": { "a": true, "b": true, "tags": masks.1 } });
        let mut plan = plan_of(&[resource(change.clone())]);
        plan["output_changes"] = json!({ "o": change });
        let text = text(&plan, &block);
        prop_assert!(!text.contains(SECRET), "{text}");
    }
}
