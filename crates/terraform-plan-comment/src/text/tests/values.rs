use serde_json::{Value, json};

use super::{body, update};

#[track_caller]
fn check(change: Value, block: Value, expected: &[&str]) {
    assert_eq!(body(change, &block), expected.join("\n"));
}

fn attribute(kind: Value) -> Value {
    json!({ "attributes": { "a": { "type": kind } } })
}

#[test]
fn an_empty_text_is_null_in_the_legacy_sdk_alone() {
    let change = || update(json!({ "a": "", "b": 1 }), json!({ "a": null, "b": 2 }));
    let legacy = json!({ "attributes": { "a": { "type": "string" }, "b": { "type": "number" } } });
    // Terraform counts it as unchanged all the same.
    check(change(), legacy, &["      ~ b = 1 -> 2", "        # (1 unchanged attribute hidden)"]);
    let modern = json!({ "attributes": { "a": { "type": "string" }, "b": { "type": "dynamic" } } });
    check(change(), modern, &["      - a = \"\" -> null", "      ~ b = 1 -> 2"]);
}

#[test]
fn what_forces_a_replacement_is_marked_at_its_place() {
    let mut change = update(json!({ "a": { "k": "1", "l": "1" } }), json!({ "a": { "k": "2", "l": "1" } }));
    change["replace_paths"] = json!([["a", "k"]]);
    let expected = [
        "      ~ a = {",
        "          ~ \"k\" = \"1\" -> \"2\" # forces replacement",
        "            # (1 unchanged element hidden)",
        "        }",
    ];
    check(change, attribute(json!(["map", "string"])), &expected);
    let mut change = update(json!({ "a": ["x", "y"] }), json!({ "a": ["x", "z"] }));
    change["replace_paths"] = json!([["a", "1"]]);
    let expected =
        ["      ~ a = [", "            \"x\",", "          ~ \"y\" -> \"z\" # forces replacement,", "        ]"];
    check(change, attribute(json!(["list", "string"])), &expected);
}

#[test]
fn sets_have_no_order() {
    let change = update(json!({ "a": ["c", "a", "b"] }), json!({ "a": ["b", "d", "c"] }));
    let expected = [
        "      ~ a = [",
        "          - \"a\",",
        "          + \"d\",",
        "            # (2 unchanged elements hidden)",
        "        ]",
    ];
    check(change, attribute(json!(["set", "string"])), &expected);
}

#[test]
fn write_only_attributes_follow_their_block() {
    let block = json!({ "attributes": { "a": { "type": "string", "write_only": true }, "b": { "type": "string" } } });
    check(
        update(json!({ "a": null, "b": "x" }), json!({ "a": null, "b": "y" })),
        block.clone(),
        &["      ~ b = \"x\" -> \"y\"", "        # (1 unchanged attribute hidden)"],
    );
    let create = json!({ "actions": ["create"], "before": null, "after": { "a": null, "b": "y" },
        "before_sensitive": false, "after_sensitive": {} });
    check(create, block, &["      + a = (write-only attribute)", "      + b = \"y\""]);
}

#[test]
fn nested_attributes_are_objects_in_lists_sets_and_maps() {
    let nested = |mode: &str| {
        json!({ "attributes": { "a": { "nested_type": { "nesting_mode": mode,
            "attributes": { "x": { "type": "string" }, "w": { "type": "string", "write_only": true } } } } } })
    };
    check(
        update(json!({ "a": { "x": "1" } }), json!({ "a": { "x": "2" } })),
        nested("single"),
        &[
            "      ~ a = {",
            "          ~ x = \"1\" -> \"2\"",
            "            # (1 unchanged attribute hidden)",
            "        }",
        ],
    );
    let mut change =
        update(json!({ "a": { "k": { "x": "1" } } }), json!({ "a": { "k": { "x": "1" }, "long": { "x": "2" } } }));
    change["replace_paths"] = json!([["a"]]);
    let expected = [
        "      ~ a = {",
        "          + \"long\" = { # forces replacement",
        "              + w = (write-only attribute)",
        "              + x = \"2\"",
        "            },",
        "            # (1 unchanged element hidden)",
        "        }",
    ];
    check(change, nested("map"), &expected);
    let expected = [
        "      ~ a = [",
        "          ~ {",
        "              ~ x = \"1\" -> \"2\"",
        "                # (1 unchanged attribute hidden)",
        "            },",
        "            # (1 unchanged element hidden)",
        "        ]",
    ];
    check(
        update(json!({ "a": [{ "x": "1" }, { "x": "3" }] }), json!({ "a": [{ "x": "2" }, { "x": "3" }] })),
        nested("list"),
        &expected,
    );
    let expected = [
        "      ~ a = [",
        "          - {",
        "              - w = (write-only attribute) -> null",
        "              - x = \"1\" -> null",
        "            },",
        "          + {",
        "              + w = (write-only attribute)",
        "              + x = \"2\"",
        "            },",
        "            # (1 unchanged element hidden)",
        "        ]",
    ];
    check(
        update(json!({ "a": [{ "x": "1" }, { "x": "3" }] }), json!({ "a": [{ "x": "2" }, { "x": "3" }] })),
        nested("set"),
        &expected,
    );
}

fn blocks(mode: &str) -> Value {
    json!({ "attributes": { "id": { "type": "string" } }, "block_types": { "b": { "nesting_mode": mode,
        "block": { "attributes": { "x": { "type": "string" }, "y": { "type": "number" } } } } } })
}

#[test]
fn nested_blocks_are_blocks() {
    let before = json!({ "id": "i", "b": [{ "x": "1", "y": 1 }, { "x": "2", "y": 1 }] });
    let after = json!({ "id": "i", "b": [{ "x": "1", "y": 1 }, { "x": "3", "y": 1 }] });
    let expected = [
        "        id = \"i\"",
        "",
        "      ~ b {",
        "          ~ x = \"2\" -> \"3\"",
        "            # (1 unchanged attribute hidden)",
        "        }",
        "",
        "        # (1 unchanged block hidden)",
    ];
    check(update(before.clone(), after.clone()), blocks("list"), &expected);
    let expected = [
        "        id = \"i\"",
        "",
        "      - b {",
        "          - x = \"2\" -> null",
        "          - y = 1 -> null",
        "        }",
        "      + b {",
        "          + x = \"3\"",
        "          + y = 1",
        "        }",
        "",
        "        # (1 unchanged block hidden)",
    ];
    check(update(before, after), blocks("set"), &expected);
    let expected = ["        id = \"i\"", "", "      + b \"k\" {", "          + x = \"1\"", "        }"];
    check(
        update(json!({ "id": "i", "b": {} }), json!({ "id": "i", "b": { "k": { "x": "1" } } })),
        blocks("map"),
        &expected,
    );
    let expected = ["        id = \"i\"", "", "      ~ b {", "          ~ x = \"1\" -> \"2\"", "        }"];
    check(
        update(json!({ "id": "i", "b": { "x": "1" } }), json!({ "id": "i", "b": { "x": "2" } })),
        blocks("single"),
        &expected,
    );
}

#[test]
fn blocks_whose_number_is_not_known_are_said_to_be_known_after_apply() {
    let mut change = update(json!({ "id": "i", "b": [{ "x": "1" }] }), json!({ "id": "i" }));
    change["after_unknown"] = json!({ "b": true });
    let expected = [
        "        id = \"i\"",
        "",
        "      ~ b (known after apply)",
        "      - b {",
        "          - x = \"1\" -> null",
        "        }",
    ];
    check(change, blocks("list"), &expected);
}

#[test]
fn blocks_that_are_sensitive_as_a_whole_are_counted_only() {
    let mut change = update(
        json!({ "id": "i", "b": [{ "x": "stays-secret" }, { "x": "goes-secret" }] }),
        json!({ "id": "i", "b": [{ "x": "stays-secret" }, { "x": "comes-secret" }] }),
    );
    change["before_sensitive"] = json!({ "b": true });
    change["after_sensitive"] = json!({ "b": true });
    let expected = [
        "        id = \"i\"",
        "",
        "      - b {",
        "          # At least one attribute in this block is (or was) sensitive,",
        "          # so its contents will not be displayed.",
        "        }",
        "      + b {",
        "          # At least one attribute in this block is (or was) sensitive,",
        "          # so its contents will not be displayed.",
        "        }",
        "",
        "        # (1 unchanged block hidden)",
    ];
    check(change, blocks("set"), &expected);
}

#[test]
fn blocks_by_key_that_are_sensitive_as_a_whole_are_one_block_without_a_key() {
    let mut change =
        update(json!({ "id": "i", "b": { "k": { "x": "1" } } }), json!({ "id": "i", "b": { "l": { "x": "2" } } }));
    change["before_sensitive"] = json!({ "b": true });
    change["after_sensitive"] = json!({ "b": true });
    let expected = [
        "        id = \"i\"",
        "",
        "      ~ b {",
        "          # At least one attribute in this block is (or was) sensitive,",
        "          # so its contents will not be displayed.",
        "        }",
    ];
    check(change.clone(), blocks("map"), &expected);
    change["after"] = json!({ "id": "i", "b": {} });
    change["after_sensitive"] = json!({});
    check(change, blocks("map"), &[&expected[..2], &[WARNING[0], WARNING[1]], &expected[2..]].concat());
}

/// What is said above a block that gets its mark taken.
const WARNING: [&str; 2] =
    ["      # Warning: this block will no longer be marked as sensitive", "      # after applying this change."];

#[test]
fn blocks_beside_hidden_ones_are_hidden_too() {
    let mut change =
        update(json!({ "id": "i", "b": [{ "x": "1" }] }), json!({ "id": "i", "b": [{ "x": "1" }, { "x": "2" }] }));
    change["before_sensitive"] = json!({ "b": true });
    let hidden = [
        "          # At least one attribute in this block is (or was) sensitive,",
        "          # so its contents will not be displayed.",
        "        }",
    ];
    let first = ["        id = \"i\"", "", WARNING[0], WARNING[1], "      ~ b {"];
    check(change, blocks("list"), &[&first[..], &hidden, &["      + b {"], &hidden].concat());
}

#[test]
fn a_hidden_number_tells_its_type() {
    let mut change = update(json!({ "m": { "k": 1, "l": "x" } }), json!({ "m": { "k": 2, "l": "y" } }));
    change["before_sensitive"] = json!({ "m": { "k": true } });
    change["after_sensitive"] = json!({ "m": { "k": true } });
    let expected =
        ["      ~ m = {", "          ~ k = (sensitive value)", "          ~ l = \"x\" -> \"y\"", "        }"];
    check(change, json!({}), &expected);
}

#[test]
fn a_hidden_number_that_becomes_a_text_is_of_another_type() {
    let mut change = update(json!({ "a": 471_100, "marked": "471100" }), json!({ "a": "x\ny", "marked": "471100" }));
    change["before_sensitive"] = json!({ "marked": true });
    change["after_sensitive"] = json!({ "marked": true });
    let expected = [
        "      ~ a      = (sensitive value) -> <<-EOT",
        "            x",
        "            y",
        "        EOT",
        "        # (1 unchanged attribute hidden)",
    ];
    check(change, json!({ "attributes": { "a": { "type": "dynamic" }, "marked": { "type": "string" } } }), &expected);
}

#[test]
fn what_becomes_sensitive_and_what_ceases_to_be_has_a_warning() {
    let mut change = update(json!({ "a": "s", "b": "one", "c": "x" }), json!({ "a": "s", "b": "two", "c": "x" }));
    change["before_sensitive"] = json!({ "a": true });
    change["after_sensitive"] = json!({ "b": true });
    let block =
        json!({ "attributes": { "a": { "type": "string" }, "b": { "type": "string" }, "c": { "type": "string" } } });
    let expected = [
        "      # Warning: this attribute value will no longer be marked as sensitive",
        "      # after applying this change. The value is unchanged.",
        "      ~ a = (sensitive value)",
        "      # Warning: this attribute value will be marked as sensitive and will not",
        "      # display in UI output after applying this change.",
        "      ~ b = (sensitive value)",
        "        # (1 unchanged attribute hidden)",
    ];
    check(change, block, &expected);
}

#[test]
fn attributes_that_the_schema_does_not_know_are_shown_all_the_same() {
    let change = update(json!({ "a": "1", "new": { "x": "1" } }), json!({ "a": ["1"], "new": { "x": "2" } }));
    let expected = [
        "      ~ a   = \"1\" -> [",
        "          + \"1\",",
        "        ]",
        "      ~ new = {",
        "          ~ \"x\" = \"1\" -> \"2\"",
        "        }",
    ];
    check(change, attribute("string".into()), &expected);
}
