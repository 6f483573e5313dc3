//! What no plan of the golden files has, and laws.
#![allow(clippy::needless_pass_by_value, reason = "a value is written where it is used")]

mod laws;
mod plans;
mod values;

use serde_json::{Value, json};

use crate::document::Document;
use crate::guard::Guard;
use crate::json::Json;
use crate::schema::SchemaFile;

/// The text of a plan, with a schema of the type `t` of the provider `p`.
fn text(plan: &Value, block: &Value) -> String {
    let schemas = json!({ "format_version": "1.0", "provider_schemas": { "p": {
        "resource_schemas": { "t": { "block": block } }, "action_schemas": { "t": { "block": block } } } } });
    let schemas = SchemaFile::new(schemas.to_string().as_bytes()).unwrap();
    let plan = Json::parse(&plan.to_string()).unwrap();
    super::plan(&Document::with_schemas(&plan, &Guard::default(), &schemas).unwrap())
}

/// A resource of the type `t`.
fn resource(change: Value) -> Value {
    json!({ "address": "t.n", "mode": "managed", "type": "t", "name": "n", "provider_name": "p", "change": change })
}

/// A plan that changes this and nothing else.
fn plan_of(changes: &[Value]) -> Value {
    json!({ "format_version": "1.2", "resource_changes": changes, "applyable": true, "complete": true, "errored": false })
}

fn update(before: Value, after: Value) -> Value {
    json!({ "actions": ["update"], "before": before, "after": after, "after_unknown": {},
            "before_sensitive": {}, "after_sensitive": {} })
}

/// The block of the only resource of a plan, without its first and last line.
fn body(change: Value, block: &Value) -> String {
    let text = text(&plan_of(&[resource(change)]), block);
    let start = text.find("resource \"t\" \"n\" {").unwrap();
    let lines: Vec<&str> = text[start..].lines().skip(1).take_while(|line| *line != "    }").collect();
    lines.join("\n")
}
