//! `CloudWatch` Logs: `GetLogEvents` of the stream `PREFIX/CONTAINER/TASK`.

use serde_json::{Value, json};

use super::super::definition::LOGS;
use super::super::state::State;
use super::{Answer, tasks};

pub(super) fn get(state: &mut State, body: &Value) -> Answer {
    let nothing = |what: &str| Err(("ResourceNotFoundException", format!("The specified log {what} does not exist.")));
    let group = body["logGroupName"].as_str().or_else(|| body["logGroupIdentifier"].as_str()?.rsplit(':').next());
    if group != Some(LOGS.0) {
        return nothing("group");
    }
    let parts: Vec<&str> = body["logStreamName"].as_str().unwrap_or_default().split('/').collect();
    let [prefix, container, task] = parts[..] else { return nothing("stream") };
    let lines = (prefix == LOGS.1).then(|| tasks::log(state, task, container)).flatten();
    let Some(lines) = lines else { return nothing("stream") };
    let limit = usize::try_from(body["limit"].as_u64().unwrap_or(10_000)).unwrap_or(usize::MAX);
    let (from, to) = page(body, lines.len(), limit);
    let events: Vec<Value> = lines[from..to]
        .iter()
        .map(|(second, line)| {
            let time = (state.epoch + second) * 1000;
            json!({"timestamp": time, "ingestionTime": time, "message": line})
        })
        .collect();
    Ok(json!({"events": events, "nextForwardToken": format!("f/{to}"), "nextBackwardToken": format!("b/{from}")}))
}

/// The lines that were asked for: behind a forward token, before a backward one, from the head, or the newest.
fn page(body: &Value, all: usize, limit: usize) -> (usize, usize) {
    let token = body["nextToken"].as_str().and_then(|token| token.split_once('/'));
    match token.and_then(|(direction, at)| Some((direction, at.parse::<usize>().ok()?.min(all)))) {
        Some(("f", at)) => (at, all.min(at.saturating_add(limit))),
        Some((_, at)) => (at.saturating_sub(limit), at),
        None if body["startFromHead"] == true => (0, all.min(limit)),
        None => (all.saturating_sub(limit), all),
    }
}
