//! The one mutation of the GraphQL API that the stand-in knows: hiding a comment.
//!
//! Its types are those of GitHub's schema (<https://docs.github.com/en/graphql/reference/mutations#minimizecomment>). As GitHub does, it answers
//! with 200 also where it refuses, and says so in `errors`.

use serde_json::{Value, json};

use super::state::State;
use crate::http::{Reply, Request};

/// The values of `ReportedContentClassifiers`.
const CLASSIFIERS: [&str; 6] = ["ABUSE", "DUPLICATE", "OFF_TOPIC", "OUTDATED", "RESOLVED", "SPAM"];

/// The fields of `MinimizeCommentInput` that must be there, and the one that may.
const INPUT: [&str; 3] = ["subjectId", "classifier", "clientMutationId"];

/// `POST /graphql`
pub(super) fn answer(state: &mut State, request: &Request) -> Reply {
    let body = request.json();
    let problems = problems(&body);
    if !problems.is_empty() {
        return refusal("undefinedField", &problems.join("; "));
    }
    let input = &body["variables"]["input"];
    let id = input["subjectId"].as_str().unwrap_or_default();
    let Some(comment) = state.comments().find(|comment| comment["node_id"] == id) else {
        return refusal("NOT_FOUND", &format!("Could not resolve to a node with the global id of '{id}'"));
    };
    let id = comment["id"].as_u64().unwrap_or_default();
    state.minimized.insert(id, input["classifier"].as_str().unwrap_or_default().to_owned());
    Reply::json(200, &json!({"data": {"minimizeComment": {"minimizedComment": {"isMinimized": true}}}}))
}

fn refusal(kind: &str, message: &str) -> Reply {
    Reply::json(
        200,
        &json!({"data": null, "errors": [{"type": kind, "path": ["minimizeComment"], "message": message}]}),
    )
}

/// What of a request is not as the schema has it.
pub(super) fn problems(body: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let query: Vec<&str> = body["query"].as_str().unwrap_or_default().split_whitespace().collect();
    let known = "mutation($input: MinimizeCommentInput!) { minimizeComment(input: $input) { minimizedComment { isMinimized } } }";
    if query != known.split_whitespace().collect::<Vec<_>>() {
        problems.push(format!("the stand-in does not know the document `{}`", query.join(" ")));
    }
    let input = body["variables"]["input"].as_object().cloned().unwrap_or_default();
    problems
        .extend(input.keys().filter(|key| !INPUT.contains(&key.as_str())).map(|key| format!("unknown field `{key}`")));
    if input.get("subjectId").and_then(Value::as_str).is_none_or(str::is_empty) {
        problems.push("`subjectId` is no ID".to_owned());
    }
    if !input.get("classifier").and_then(Value::as_str).is_some_and(|word| CLASSIFIERS.contains(&word)) {
        problems.push("`classifier` is none of the enumeration".to_owned());
    }
    problems
}
