#![allow(clippy::needless_pass_by_value, reason = "a value is written where it is used")]

use super::*;

fn read(resource: serde_json::Value) -> Option<Block> {
    let file = serde_json::json!({ "format_version": "1.0", "provider_schemas": { "p": { "resource_schemas": {
        "t": { "version": 0, "block": resource } } } } });
    let file = SchemaFile::new(file.to_string().as_bytes()).unwrap();
    let subject = Subject::new("p", "managed", "t");
    let (mut schemas, undescribed) = file.of(std::slice::from_ref(&subject), &mut str::to_owned);
    assert_eq!(undescribed.contains("t"), schemas.is_empty());
    schemas.remove(&subject)
}

fn attribute(kind: serde_json::Value) -> serde_json::Value {
    serde_json::json!({ "attributes": { "a": { "type": kind, "optional": true } } })
}

#[track_caller]
fn check_type(kind: serde_json::Value, expected: Type, is_modern: bool) {
    let block = read(attribute(kind)).unwrap();
    assert_eq!(block.attributes["a"], Attribute { shape: Shape::Value(expected), write_only: false });
    assert_eq!(block.is_modern(), is_modern);
}

#[test]
fn types_are_those_of_cty() {
    let text = || Box::new(Type::Text);
    check_type("string".into(), Type::Text, false);
    check_type("dynamic".into(), Type::Dynamic, true);
    check_type(serde_json::json!(["set", "string"]), Type::Set(text()), false);
    check_type(serde_json::json!(["map", ["list", "string"]]), Type::Map(Box::new(Type::List(text()))), false);
    check_type(
        serde_json::json!(["list", ["map", ["set", "number"]]]),
        Type::List(Box::new(Type::Map(Box::new(Type::Set(Box::new(Type::Number)))))),
        true,
    );
    check_type(serde_json::json!(["tuple", ["bool", "string"]]), Type::Tuple(vec![Type::Bool, Type::Text]), true);
    let object = [("x".to_owned(), Type::Text)].into_iter().collect();
    check_type(serde_json::json!(["object", { "x": "string" }]), Type::Object(object), true);
}

#[test]
fn what_is_not_understood_is_left_out() {
    assert_eq!(read(attribute("capsule".into())), None);
    assert_eq!(read(serde_json::json!({ "attributes": { "a": {} } })), None);
}

#[test]
fn a_file_that_holds_something_else_is_not_quoted() {
    let reason = |text: &str| SchemaFile::new(text.as_bytes()).map(|_| ()).unwrap_err().0;
    assert_eq!(reason("{}"), "it is JSON of another shape, at line 1 column 2");
    assert_eq!(reason("password=hunter2"), "it is not JSON, at line 1 column 1");
    assert_eq!(reason(r#"{"format_version":"hunter2"}"#), "its format version is not known");
    let text = reason(r#"{"format_version":"1.0","provider_schemas":"hunter2"}"#);
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn without_schemas_nothing_is_missing() {
    let (schemas, undescribed) = SchemaFile::default().of(&[Subject::new("p", "managed", "t")], &mut str::to_owned);
    assert!(schemas.is_empty() && undescribed.is_empty());
}

#[test]
fn nested_blocks_and_attributes_are_read() {
    let block = read(serde_json::json!({
        "attributes": { "n": { "nested_type": { "nesting_mode": "set", "attributes": { "w": { "type": "string", "write_only": true } } } } },
        "block_types": { "b": { "nesting_mode": "group", "block": {} } },
    }))
    .unwrap();
    let Shape::Nested(Nesting::Set, attributes) = &block.attributes["n"].shape else { panic!("{block:?}") };
    assert!(attributes["w"].write_only && block.is_modern());
    assert_eq!(block.blocks["b"], NestedBlock { nesting: Nesting::Group, block: Block::default() });
}

#[test]
fn types_are_told_from_values() {
    let value = |text: &str| crate::sealed::Sealed::from_json(text).unwrap();
    let tags = value(r#"{"a":"x","b":null}"#);
    assert_eq!(infer(&[&tags]), Type::Map(Box::new(Type::Text)));
    let blocks = value(r#"[{"a":"x"},{"a":"y","n":1}]"#);
    let object = [("a".to_owned(), Type::Text), ("n".to_owned(), Type::Number)].into_iter().collect();
    assert_eq!(infer(&[&blocks]), Type::List(Box::new(Type::Object(object))));
    assert_eq!(infer(&[&value("1"), &value("\"x\"")]), Type::Dynamic);
}
