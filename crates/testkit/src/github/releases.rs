//! Releases.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::shapes::{self, TIME};
use super::state::Repository;
use crate::http::Reply;

pub(super) fn route(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("POST", []) => create(call, repository),
        ("GET", []) => {
            let newest: Vec<Value> = repository.releases.iter().rev().cloned().collect();
            Ok(call.list(&newest))
        }
        ("GET", ["latest"]) => one(repository, |release| release["draft"] == false && release["prerelease"] == false),
        ("GET", ["tags", tag @ ..]) => {
            let tag = tag.join("/");
            one(repository, |release| release["tag_name"] == tag.as_str() && release["draft"] == false)
        }
        ("GET", [id]) => one(repository, |release| is(release, id)),
        ("PATCH", [id]) => update(call, repository, id),
        ("DELETE", [id]) => {
            let before = repository.releases.len();
            repository.releases.retain(|release| !is(release, id));
            if repository.releases.len() == before { Err(reply::not_found()) } else { Ok(Reply::new(204)) }
        }
        _ => Err(reply::not_found()),
    }
}

fn is(release: &Value, id: &str) -> bool {
    id.parse::<u64>().is_ok_and(|id| release["id"] == id)
}

fn one(repository: &Repository, wanted: impl Fn(&Value) -> bool) -> Result<Reply, Reply> {
    let release = repository.releases.iter().rev().find(|release| wanted(release)).ok_or_else(reply::not_found)?;
    Ok(Reply::json(200, release))
}

fn create(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    let tag = reply::required(&call.body, "tag_name")?;
    if repository.releases.iter().any(|release| release["tag_name"] == tag) {
        return Err(reply::invalid("Release", "tag_name", "already_exists"));
    }
    let id = repository.next_id();
    let base = format!("{}/releases/{id}", call.links.repository(&repository.name));
    let archive = |kind: &str| format!("{}/{kind}/{tag}", call.links.repository(&repository.name));
    let release = json!({
        "id": id,
        "node_id": "RE_testkit",
        "url": base,
        "assets_url": format!("{base}/assets"),
        "upload_url": format!("{base}/assets{{?name,label}}"),
        "html_url": format!("{}/releases/tag/{tag}", call.links.html(&repository.name)),
        "tarball_url": archive("tarball"),
        "zipball_url": archive("zipball"),
        "tag_name": tag,
        "target_commitish": call.body["target_commitish"].as_str().unwrap_or("main"),
        "name": call.body["name"].as_str().unwrap_or(tag),
        "body": call.body["body"].as_str().unwrap_or_default(),
        "draft": call.body["draft"] == true,
        "prerelease": call.body["prerelease"] == true,
        "author": shapes::user(call.links, "github-actions[bot]"),
        "assets": [],
        "created_at": TIME,
        "published_at": TIME,
    });
    repository.releases.push(release.clone());
    Ok(Reply::json(201, &release))
}

fn update(call: &Call<'_>, repository: &mut Repository, id: &str) -> Result<Reply, Reply> {
    let release = repository.releases.iter_mut().find(|release| is(release, id)).ok_or_else(reply::not_found)?;
    for field in ["tag_name", "target_commitish", "name", "body", "draft", "prerelease"] {
        if !call.body[field].is_null() {
            release[field] = call.body[field].clone();
        }
    }
    Ok(Reply::json(200, release))
}
