//! Task definitions.

use serde_json::{Value, json};

use super::super::normal::normal;
use super::super::role::{FAMILY, last, revision_arn};
use super::super::state::State;
use super::Answer;

pub(super) fn register(state: &mut State, body: &Value) -> Answer {
    if body["family"] != FAMILY {
        return Err(("ClientException", format!("this stand-in knows the family {FAMILY} only")));
    }
    let number = state.register(body.clone());
    Ok(answer(state, number))
}

pub(super) fn describe(state: &mut State, body: &Value) -> Answer {
    let number = found(state, body)?;
    let mut answer = answer(state, number);
    let with_tags = super::texts(body, "include").any(|part| part == "TAGS");
    if !with_tags && let Some(fields) = answer.as_object_mut() {
        fields.remove("tags");
    }
    Ok(answer)
}

pub(super) fn deregister(state: &mut State, body: &Value) -> Answer {
    let number = found(state, body)?;
    if let Some(revision) = state.revisions.get_mut(&number) {
        revision.is_active = false;
    }
    let mut answer = answer(state, number);
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("tags");
    }
    Ok(answer)
}

pub(super) fn list(state: &mut State, body: &Value) -> Answer {
    let active = body["status"].as_str().is_none_or(|status| status == "ACTIVE");
    let listed = state.revisions.iter().filter(|(_, revision)| revision.is_active == active);
    let mut arns: Vec<String> = listed.map(|(number, _)| revision_arn(*number)).collect();
    if body["sort"] == "DESC" {
        arns.reverse();
    }
    Ok(json!({"taskDefinitionArns": arns}))
}

fn found(state: &State, body: &Value) -> Result<u64, (&'static str, String)> {
    let name = body["taskDefinition"].as_str().unwrap_or_default();
    state.number(name).ok_or_else(|| ("ClientException", format!("Unable to describe task definition {}.", last(name))))
}

/// A revision as ECS tells it: with the fields that only an answer has.
fn answer(state: &State, number: u64) -> Value {
    let Some(revision) = state.revisions.get(&number) else { return Value::Null };
    let mut definition = normal(revision.definition.clone());
    for (name, value) in [
        ("taskDefinitionArn", json!(revision_arn(number))),
        ("revision", json!(number)),
        ("status", json!(if revision.is_active { "ACTIVE" } else { "INACTIVE" })),
        ("requiresAttributes", json!([{"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"}])),
        ("compatibilities", json!(["EC2", "FARGATE"])),
        ("registeredAt", state.time(0)),
        ("registeredBy", json!("arn:aws:sts::123456789012:assumed-role/deploy/run")),
    ] {
        definition[name] = value;
    }
    json!({"taskDefinition": definition, "tags": revision.tags})
}
