//! The list of tags, and annotated tag objects.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::shapes::TIME;
use super::state::{Repository, TagObject};
use crate::http::Reply;

/// `GET /tags`: names in descending order, as GitHub lists them.
pub(super) fn list(call: &Call<'_>, repository: &Repository) -> Result<Reply, Reply> {
    if !call.is("GET") {
        return Err(reply::not_found());
    }
    let base = call.links.repository(&repository.name);
    let tags: Vec<Value> = repository
        .refs
        .keys()
        .rev()
        .filter_map(|name| Some((name.strip_prefix("refs/tags/")?, repository.peel(name)?)))
        .map(|(name, sha)| {
            json!({
                "name": name,
                "node_id": "REF_testkit",
                "commit": {"sha": sha, "url": format!("{base}/commits/{sha}")},
                "zipball_url": format!("{base}/zipball/refs/tags/{name}"),
                "tarball_url": format!("{base}/tarball/refs/tags/{name}"),
            })
        })
        .collect();
    Ok(call.list(&tags))
}

/// `POST /git/tags` and `GET /git/tags/{sha}`.
pub(super) fn objects(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("POST", []) => create(call, repository),
        ("GET", [id]) => {
            let tag = repository.tag_objects.get(*id).ok_or_else(reply::not_found)?;
            Ok(Reply::json(200, &shape(call, repository, id, tag)))
        }
        _ => Err(reply::not_found()),
    }
}

fn create(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    let tag = TagObject {
        tag: reply::required(&call.body, "tag")?.to_owned(),
        message: reply::required(&call.body, "message")?.to_owned(),
        object: reply::required(&call.body, "object")?.to_owned(),
    };
    reply::required(&call.body, "type")?;
    if !repository.has_object(&tag.object) {
        return Err(reply::error(422, "Object does not exist"));
    }
    let id = store(repository, tag.clone());
    Ok(Reply::json(201, &shape(call, repository, &id, &tag)))
}

/// Stores a tag object and returns its id, which depends on its content as git's does.
pub(super) fn store(repository: &mut Repository, tag: TagObject) -> String {
    let content = format!("object {}\ntag {}\n\n{}", tag.object, tag.tag, tag.message);
    let id: String = crate::registry::digest(content.as_bytes()).chars().skip(7).take(40).collect();
    repository.tag_objects.insert(id.clone(), tag);
    id
}

fn shape(call: &Call<'_>, repository: &Repository, id: &str, tag: &TagObject) -> Value {
    let base = call.links.repository(&repository.name);
    let kind = if repository.tag_objects.contains_key(&tag.object) { "tag" } else { "commit" };
    json!({
        "node_id": "TAG_testkit",
        "sha": id,
        "url": format!("{base}/git/tags/{id}"),
        "tagger": {"name": "Octo Cat", "email": "octocat@example.com", "date": TIME},
        "object": {"sha": tag.object, "type": kind, "url": format!("{base}/git/{kind}s/{}", tag.object)},
        "tag": tag.tag,
        "message": tag.message,
        "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null},
    })
}
