use proptest::prelude::*;

use super::*;
use crate::document::Document;
use crate::review::Review;

fn sealer(secret: &str) -> Sealer {
    let plan =
        format!(r#"{{"output_changes":{{"o":{{"after":{},"after_sensitive":true}}}}}}"#, serde_json::json!(secret));
    Sealer::new(&Secrets::of(&Json::parse(&plan).unwrap())).unwrap()
}

#[track_caller]
fn check(secret: &str, text: &str, shown: &str) {
    assert_eq!(reveal(&sealer(secret).text(text)), shown);
}

#[test]
fn a_secret_is_hidden_in_every_form_it_is_known_in() {
    check("hunter2", "pw=hunter2;", "pw=(sensitive value);");
    check("a\"b<c", r#"{"p":"a\"b<c"} {"p":"a\"b\u003cc"}"#, r#"{"p":"(sensitive value)"} {"p":"(sensitive value)"}"#);
    check("hunter2", "aHVudGVyMg==", "(sensitive value)");
    check("abc", "abc", "(sensitive value)");
    check("abc", "abcd", "abcd");
}

#[test]
fn equal_secrets_have_equal_tokens_and_different_ones_do_not() {
    let mut sealer = sealer("hunter2");
    let marked = sealer.value(Some(&Json::Text("hunter2".into())), None, Some(&Json::Bool(true))).unwrap();
    let found = sealer.value(Some(&Json::Text("hunter2".into())), None, None).unwrap();
    let other = sealer.value(Some(&Json::Text("hunter3".into())), None, Some(&Json::Bool(true))).unwrap();
    let identity = |value: &Sealed| match value {
        Sealed::Secret(secret) => secret.identity,
        _ => panic!("{value:?} is sealed"),
    };
    assert_eq!(identity(&marked), identity(&found));
    assert_ne!(identity(&marked), identity(&other));
}

#[test]
fn tokens_in_a_plan_are_forged_ones() {
    assert_eq!(sealer("hunter2").text("a\u{F0000}b\u{10FFFD}"), "a\u{FFFD}b\u{FFFD}");
}

#[test]
fn unknown_parts_are_kept() {
    let mut sealer = sealer("hunter2");
    let json = |text: &str| Json::parse(text).unwrap();
    let value =
        sealer.value(Some(&json(r#"{"a":1}"#)), Some(&json(r#"{"b":true,"c":{}}"#)), Some(&json(r#"{"b":true}"#)));
    let expected =
        [("a".to_owned(), Sealed::Number("1".into())), ("b".to_owned(), Sealed::Unknown { sensitive: true })];
    assert_eq!(value, Some(Sealed::Map(expected.into_iter().collect())));
}

/// Values whose texts are all different, so that each can be searched for.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        "[a-z]{6}[0-9]{6}".prop_map(serde_json::Value::from),
        (10_000_u64..99_999_999).prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Masks of any shape, whether they fit or not.
fn mask() -> impl Strategy<Value = serde_json::Value> {
    proptest::bool::ANY.prop_map(serde_json::Value::from).prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// The texts that `mask` covers, by the rule in words: `true`, or a shape that does not fit, covers everything below.
fn covered(value: &serde_json::Value, mask: &serde_json::Value, found: &mut Vec<String>) {
    use serde_json::Value as V;
    match (value, mask) {
        (_, V::Bool(false) | V::Null) | (V::Null | V::Bool(_), _) => {}
        (V::Object(entries), V::Object(masks)) => {
            entries.iter().for_each(|(key, item)| covered(item, masks.get(key).unwrap_or(&V::Null), found));
        }
        (V::Array(items), V::Array(masks)) if masks.len() >= items.len() => {
            items.iter().zip(masks).for_each(|(item, mask)| covered(item, mask, found));
        }
        (V::Object(entries), _) => entries.values().for_each(|item| covered(item, &V::Bool(true), found)),
        (V::Array(items), _) => items.iter().for_each(|item| covered(item, &V::Bool(true), found)),
        (V::String(text), _) => found.push(text.clone()),
        (V::Number(number), _) => found.push(number.to_string()),
    }
}

proptest! {
    #[test]
    fn nothing_that_a_mask_covers_is_shown(before in value(), after in value(), masks in (mask(), mask())) {
        let plan = serde_json::json!({ "format_version": "1.2", "resource_changes": [{
            "address": format!("t.n[{before}]"), "mode": "managed", "type": "t",
            "change": { "actions": ["update"], "before": { "v": before, "copy": after }, "after": { "v": after },
                        "before_sensitive": { "v": masks.0 }, "after_sensitive": { "v": masks.1 } },
        }] });
        let document = Document::of(&Json::parse(&plan.to_string()).unwrap(), &crate::guard::Guard::default()).unwrap();
        let shown = serde_json::to_string(&Review::of(&document)).unwrap();
        let mut secrets = Vec::new();
        covered(&before, &masks.0, &mut secrets);
        covered(&after, &masks.1, &mut secrets);
        for secret in secrets {
            prop_assert!(!shown.contains(&secret), "{} is in {}", secret, shown);
        }
    }

    #[test]
    fn sealing_shows_all_but_the_secret(text in "[a-z ]{0,30}") {
        prop_assert_eq!(reveal(&sealer("HUNTER2").text(&text)), text);
    }
}
