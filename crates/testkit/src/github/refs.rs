//! Git references.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::state::Repository;
use crate::http::Reply;

pub(super) fn route(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("POST", ["refs"]) => create(call, repository),
        ("GET", ["ref", name @ ..]) => {
            let name = full(name);
            let object = repository.refs.get(&name).ok_or_else(reply::not_found)?;
            Ok(Reply::json(200, &shape(call, repository, &name, object)))
        }
        ("GET", ["matching-refs", prefix @ ..]) => Ok(matching(call, repository, &full(prefix))),
        ("PATCH", ["refs", name @ ..]) => update(call, repository, &full(name)),
        ("DELETE", ["refs", name @ ..]) => match repository.refs.remove(&full(name)) {
            Some(_) => Ok(Reply::new(204)),
            None => Err(reply::error(422, "Reference does not exist")),
        },
        _ => Err(reply::not_found()),
    }
}

fn full(parts: &[&str]) -> String {
    format!("refs/{}", parts.join("/"))
}

fn create(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    let name = reply::required(&call.body, "ref")?;
    let sha = reply::required(&call.body, "sha")?;
    if !name.starts_with("refs/") || name.matches('/').count() < 2 {
        return Err(reply::error(422, "Reference name must start with 'refs/' and have at least two slashes"));
    }
    if repository.refs.contains_key(name) {
        return Err(reply::error(422, "Reference already exists"));
    }
    if !repository.has_object(sha) {
        return Err(reply::error(422, "Object does not exist"));
    }
    repository.refs.insert(name.to_owned(), sha.to_owned());
    Ok(Reply::json(201, &shape(call, repository, name, sha)))
}

fn update(call: &Call<'_>, repository: &mut Repository, name: &str) -> Result<Reply, Reply> {
    let sha = reply::required(&call.body, "sha")?;
    if !repository.refs.contains_key(name) {
        return Err(reply::error(422, "Reference does not exist"));
    }
    if !repository.has_object(sha) {
        return Err(reply::error(422, "Object does not exist"));
    }
    let is_behind = |old: String| repository.ancestors(sha).contains(&old);
    if call.body["force"] != true && name.starts_with("refs/heads/") && !repository.peel(name).is_some_and(is_behind) {
        return Err(reply::error(422, "Update is not a fast forward"));
    }
    repository.refs.insert(name.to_owned(), sha.to_owned());
    Ok(Reply::json(200, &shape(call, repository, name, sha)))
}

/// Lists all refs of a prefix. GitHub knows no pages here.
fn matching(call: &Call<'_>, repository: &Repository, prefix: &str) -> Reply {
    let found: Vec<Value> = repository
        .refs
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, object)| shape(call, repository, name, object))
        .collect();
    Reply::json(200, &Value::Array(found))
}

fn shape(call: &Call<'_>, repository: &Repository, name: &str, object: &str) -> Value {
    let base = call.links.repository(&repository.name);
    let kind = if repository.tag_objects.contains_key(object) { "tag" } else { "commit" };
    json!({
        "ref": name,
        "node_id": "REF_testkit",
        "url": format!("{base}/git/{name}"),
        "object": {"type": kind, "sha": object, "url": format!("{base}/git/{kind}s/{object}")},
    })
}
