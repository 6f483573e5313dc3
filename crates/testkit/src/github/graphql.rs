//! What the stand-in knows of the GraphQL API: the mutation that hides a comment, and the questions for the pull requests of commits and the
//! targets of tags.
//!
//! Their types are those of GitHub's schema (<https://docs.github.com/en/graphql/reference/mutations#minimizecomment>,
//! <https://docs.github.com/en/graphql/reference/objects#commit>, <https://docs.github.com/en/graphql/reference/objects#tag>). As GitHub does, it answers
//! with 200 also where it refuses, and says so in `errors`.

use serde_json::{Value, json};

use super::state::{Pull, Repository, State};
use crate::http::{Reply, Request};

/// The values of `ReportedContentClassifiers`.
const CLASSIFIERS: [&str; 6] = ["ABUSE", "DUPLICATE", "OFF_TOPIC", "OUTDATED", "RESOLVED", "SPAM"];

/// The fields of `MinimizeCommentInput` that must be there, and the one that may.
const INPUT: [&str; 3] = ["subjectId", "classifier", "clientMutationId"];

/// How many commits a question may be for: GitHub refuses one that costs too much.
const MOST_COMMITS: usize = 100;

/// `POST /graphql`
pub(super) fn answer(state: &mut State, request: &Request) -> Reply {
    let body = request.json();
    let problems = problems(&body);
    if !problems.is_empty() {
        return refusal("undefinedField", &problems.join("; "));
    }
    if body["variables"]["input"].is_null() {
        return objects(state, &body);
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

/// Answers for each object `c0`, `c1`, ...: the pull requests a commit came in by, or the target of a tag; `null` for one that is not there.
fn objects(state: &State, body: &Value) -> Reply {
    let variables = &body["variables"];
    let is_about_tags = body["query"].as_str().is_some_and(|query| query.contains("...tagged"));
    let text = |name: &str| variables[name].as_str().unwrap_or_default();
    let name = format!("{}/{}", text("owner"), text("name"));
    let Some(repository) = state.repository(&name) else {
        return refusal("NOT_FOUND", &format!("Could not resolve to a Repository with the name '{name}'."));
    };
    let mut objects = serde_json::Map::new();
    for at in 0..commits(variables) {
        let sha = text(&format!("o{at}"));
        if is_about_tags {
            objects.insert(format!("c{at}"), target(repository, sha));
            continue;
        }
        let known = repository.commits.iter().any(|commit| commit.sha == sha);
        let came_in = |pull: &&Pull| pull.head_sha == sha || pull.merged.iter().any(|merged| merged == sha);
        let pulls: Vec<Value> = repository.pulls.values().filter(came_in).map(|pull| node(repository, pull)).collect();
        let object = json!({"associatedPullRequests": {"nodes": pulls}});
        objects.insert(format!("c{at}"), if known { object } else { Value::Null });
    }
    Reply::json(200, &json!({"data": {"repository": objects}}))
}

/// What a tag's object points at. Of a commit such a fragment has nothing.
fn target(repository: &Repository, id: &str) -> Value {
    let Some(tag) = repository.tag_objects.get(id) else {
        return if repository.has_object(id) { json!({}) } else { Value::Null };
    };
    let kind = if repository.tag_objects.contains_key(&tag.object) { "Tag" } else { "Commit" };
    json!({"target": {"__typename": kind, "oid": tag.object}})
}

fn node(repository: &Repository, pull: &Pull) -> Value {
    let labels = repository.labels.get(&pull.number).into_iter().flatten().map(|name| json!({"name": name}));
    let (login, is_app) = match pull.login.strip_suffix("[bot]") {
        Some(login) => (login, true),
        None => (pull.login.as_str(), false),
    };
    json!({
        "number": pull.number,
        "title": pull.title,
        "merged": !pull.merged.is_empty(),
        "baseRefName": pull.base_ref,
        "repository": {"nameWithOwner": pull.upstream.as_ref().unwrap_or(&repository.name)},
        "author": {"__typename": if is_app { "Bot" } else { "User" }, "login": login},
        "labels": {"nodes": labels.collect::<Vec<_>>()},
    })
}

/// How many commits a question is for.
fn commits(variables: &Value) -> usize {
    (0..MOST_COMMITS).take_while(|at| variables[format!("o{at}")].is_string()).count()
}

/// What is asked of commits, and of tags.
const QUESTIONS: [(&str, &str); 2] = [
    (
        "pulls",
        "on Commit { associatedPullRequests(first: 10) { nodes { number title merged baseRefName repository { nameWithOwner } \
         author { __typename login } labels(first: 50) { nodes { name } } } } }",
    ),
    ("tagged", "on Tag { target { __typename oid } }"),
];

/// A question about so many objects.
fn question(objects: usize, (name, wanted): (&str, &str)) -> String {
    let declared: Vec<String> = (0..objects).map(|at| format!(", $o{at}: GitObjectID!")).collect();
    let asked: Vec<String> = (0..objects).map(|at| format!(" c{at}: object(oid: $o{at}) {{ ...{name} }}")).collect();
    let (declared, asked) = (declared.concat(), asked.concat());
    format!(
        "query($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{{asked} }} }} fragment {name} {wanted}"
    )
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
    let count = commits(&body["variables"]);
    if count > 0 {
        let is_known = |wanted: &(&str, &str)| query == question(count, *wanted).split_whitespace().collect::<Vec<_>>();
        if !QUESTIONS.iter().any(is_known) {
            problems.push(format!("the stand-in does not know the document `{}`", query.join(" ")));
        }
        return problems;
    }
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
