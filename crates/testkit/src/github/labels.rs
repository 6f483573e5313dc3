//! Labels of issues and pull requests.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::shapes;
use super::state::Repository;
use crate::http::Reply;

pub(super) fn route(call: &Call<'_>, repository: &mut Repository, number: &str, rest: &[&str]) -> Result<Reply, Reply> {
    let issue: u64 = number.parse().map_err(|_| reply::not_found())?;
    let labels = repository.labels.entry(issue).or_default();
    match (call.request.method.as_str(), rest) {
        ("GET", []) => {}
        ("POST", []) => {
            for name in names(&call.body) {
                if !labels.contains(&name) {
                    labels.push(name);
                }
            }
        }
        ("PUT", []) => *labels = names(&call.body),
        ("DELETE", []) => {
            labels.clear();
            return Ok(Reply::new(204));
        }
        ("DELETE", [name]) if labels.iter().any(|label| label == name) => labels.retain(|label| label != name),
        ("DELETE", [_]) => return Err(reply::error(404, "Label does not exist")),
        _ => return Err(reply::not_found()),
    }
    let shapes: Vec<Value> = labels.iter().map(|name| shapes::label(call.links, &repository.name, name)).collect();
    Ok(call.list(&shapes))
}

/// Reads `{"labels": ["a", {"name": "b"}]}` and the bare list GitHub accepts as well.
fn names(body: &Value) -> Vec<String> {
    let list = body["labels"].as_array().or_else(|| body.as_array()).cloned().unwrap_or_default();
    list.iter().filter_map(|label| label.as_str().or_else(|| label["name"].as_str())).map(str::to_owned).collect()
}

/// Returns the labels of a pull request in the short form it embeds.
pub(super) fn embedded(links: &shapes::Links, repository: &Repository, issue: u64) -> Value {
    let names = repository.labels.get(&issue).cloned().unwrap_or_default();
    json!(names.iter().map(|name| shapes::label(links, &repository.name, name)).collect::<Vec<_>>())
}
