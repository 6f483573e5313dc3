use super::*;
use crate::json::Json;
use crate::markdown::diff_lines;
use crate::sealed::Sealer;
use crate::secrets::Secrets;

/// Compares two JSON objects as a resource's attributes.
#[track_caller]
fn check(before: &str, after: &str, expected: &[&str]) {
    let mut sealer = Sealer::new(&Secrets::default()).unwrap();
    let mut read = |text: &str| sealer.value(Some(&Json::parse(text).unwrap()), None, None);
    let (before, after) = (read(before), read(after));
    assert_eq!(diff_lines(&attributes(before.as_ref(), after.as_ref(), &Scope::resource(&[]))), expected);
}

#[test]
fn null_is_absent_in_a_resource() {
    check(r#"{"a":null,"b":1}"#, r#"{"b":1,"c":null}"#, &["  # (1 unchanged attribute hidden)"]);
    check(r#"{"a":null}"#, r#"{"a":"x"}"#, &["+ a = \"x\""]);
}

#[test]
fn null_in_json_is_a_value() {
    check(r#"{"a":"{\"x\":null}"}"#, r#"{"a":"{\"x\":1}"}"#, &["  a = jsonencode({", "!   x = null -> 1", "  })"]);
}

#[test]
fn the_same_json_written_otherwise_is_said_to_be_the_same() {
    check(
        r#"{"a":"{\"x\":1,\"y\":2}"}"#,
        r#"{"a":"{ \"y\": 2, \"x\": 1 }"}"#,
        &[
            r#"! a = "{\"x\":1,\"y\":2}" -> "{ \"y\": 2, \"x\": 1 }"  # the JSON is the same; only its white space or order changes"#,
        ],
    );
}

#[test]
fn a_value_of_another_type_is_shown_whole() {
    check(r#"{"a":"1"}"#, r#"{"a":{"x":1}}"#, &["- a = \"1\"", "+ a = {", "+   x = 1", "+ }"]);
    check(r#"{"a":{"x":1}}"#, r#"{"a":[1]}"#, &["- a = {", "-   x = 1", "- }", "+ a = [", "+   1,", "+ ]"]);
}

#[test]
fn long_changes_take_two_lines() {
    let (old, new) = ("x".repeat(60), "y".repeat(60));
    let lines = [format!("- a = \"{old}\""), format!("+ a = \"{new}\"")];
    let json = |text: &str| format!(r#"{{"a":"{text}"}}"#);
    check(&json(&old), &json(&new), &[lines[0].as_str(), lines[1].as_str()]);
}

#[test]
fn strange_keys_are_quoted() {
    check(r"{}", r#"{"a\nb":{"":1}}"#, &["+ \"a\\nb\" = {", "+   \"\" = 1", "+ }"]);
}

#[test]
fn invisible_characters_are_written_out() {
    assert_eq!(escape_invisible("a\u{202e}b\u{200b}c\td\u{1b}"), "a\\u{202e}b\\u{200b}c\td\\u{1b}");
}

#[test]
fn an_element_in_the_middle_keeps_its_neighbors() {
    check(
        r#"{"l":["a","b","c","d","e","f"]}"#,
        r#"{"l":["a","b","c","D","e","f"]}"#,
        &[
            "  l = [",
            "    # (2 unchanged elements hidden)",
            "    \"c\",",
            "!   \"d\" -> \"D\",",
            "    \"e\",",
            "    # (1 unchanged element hidden)",
            "  ]",
        ],
    );
}
