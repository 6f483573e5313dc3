//! The output `diagnosis-json`: one document, always valid, never longer than an output should be.

use serde::Serialize;
use serde_json::{Value, json};

use super::Diagnosis;

/// The most the document may hold, in bytes.
pub(crate) const LIMIT: usize = 64 * 1024;
/// The longest text that stays whole when the document is too long, in characters.
const SHORT_TEXT: usize = 200;
/// How many elements of each list stay then.
const SHORT_LIST: usize = 5;

/// One service that did not end well.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Entry<'a> {
    pub(crate) service: &'a str,
    pub(crate) verdict: &'a str,
    pub(crate) reason: &'a str,
    /// The first cause, in one line.
    pub(crate) cause: String,
    /// What to do about it; empty when nothing is known.
    pub(crate) advice: &'a str,
    #[serde(flatten)]
    pub(crate) diagnosis: &'a Diagnosis,
}

/// The document; empty when there is nothing to tell.
///
/// What is too long loses log lines first, oldest first, then the ends of its lists and texts. `truncated` says so.
pub(crate) fn document(entries: &[Entry<'_>]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let whole = json!({"version": 1, "truncated": false, "services": entries});
    let mut steps = std::iter::successors(Some(super::logs::LINES), |lines| (*lines > 0).then_some(lines / 2)).skip(1);
    if fits(&whole) {
        return whole.to_string();
    }
    let mut shorter = whole;
    shorter["truncated"] = Value::Bool(true);
    let by_logs = steps.find_map(|lines| {
        keep_log_lines(&mut shorter, lines);
        fits(&shorter).then(|| shorter.to_string())
    });
    by_logs.unwrap_or_else(|| {
        shorten(&mut shorter);
        if fits(&shorter) {
            shorter.to_string()
        } else {
            json!({"version": 1, "truncated": true, "services": []}).to_string()
        }
    })
}

fn fits(document: &Value) -> bool {
    document.to_string().len() <= LIMIT
}

fn keep_log_lines(document: &mut Value, lines: usize) {
    let services = document["services"].as_array_mut().into_iter().flatten();
    for log in services.filter_map(|service| service["logs"].as_array_mut()).flatten() {
        if let Some(list) = log["lines"].as_array_mut() {
            let surplus = list.len().saturating_sub(lines);
            list.drain(..surplus);
        }
    }
}

/// The last resort: short lists of short texts, all the way down.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(SHORT_TEXT) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(items) => {
            items.truncate(SHORT_LIST);
            items.iter_mut().for_each(shorten);
        }
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests;
