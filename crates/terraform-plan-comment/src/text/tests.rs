//! The text beside Terraform's own, line by line: of the plans in `tests/plans`, and of plans that Terraform makes while the
//! tests run. Then what none of these plans has, and laws.
#![allow(clippy::needless_pass_by_value, reason = "a value is written where it is used")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the tests say how much is equal, and what is skipped")]

mod aws;
mod builtin;
mod compare;
mod golden;
mod laws;
mod opentofu;
mod plans;
mod values;
mod workspace;

use serde_json::{Value, json};

use crate::document::Document;
use crate::guard::Guard;
use crate::likely::Detector;
use crate::review::Review;
use crate::schema::SchemaFile;
use crate::source::{self, Content};

/// The text of a plan's bytes.
fn text_of(plan: &[u8], schemas: &SchemaFile) -> String {
    let read = source::read(plan, &Detector::default());
    let Ok(Content::Plans(plans, _)) = read else { panic!("{}", String::from_utf8_lossy(plan)) };
    super::plan(&Document::with_schemas(&plans[0], &Guard::default(), schemas).unwrap())
}

/// The text of a plan, with a schema of the type `t` of the provider `p`.
fn text(plan: &Value, block: &Value) -> String {
    let schemas = json!({ "format_version": "1.0", "provider_schemas": { "p": {
        "resource_schemas": { "t": { "block": block } }, "action_schemas": { "t": { "block": block } } } } });
    let schemas = SchemaFile::new(schemas.to_string().as_bytes()).unwrap();
    text_of(plan.to_string().as_bytes(), &schemas)
}

/// The review of a plan, as JSON.
fn review(plan: &Value) -> String {
    serde_json::to_string(&Review::of(&Document::of(&plan.to_string(), &Guard::default()).unwrap())).unwrap()
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
