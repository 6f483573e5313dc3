//! Releases.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::shapes::{self, TIME};
use super::state::Repository;
use crate::http::Reply;

/// The most characters of a release's text.
const LONGEST_BODY: usize = 125_000;

pub(super) fn route(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("POST", []) => create(call, repository),
        ("GET", []) => {
            let newest: Vec<Value> = repository.releases.iter().rev().cloned().collect();
            Ok(call.list(&newest))
        }
        ("GET", ["latest"]) => match repository.latest {
            Some(id) => one(repository, |release| release["id"] == id),
            None => one(repository, |release| release["draft"] == false && release["prerelease"] == false),
        },
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

fn is_short(call: &Call<'_>) -> Result<(), Reply> {
    if call.body["body"].as_str().is_some_and(|body| body.chars().count() > LONGEST_BODY) {
        return Err(reply::refused("Release", "body is too long (maximum is 125000 characters)"));
    }
    Ok(())
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
    let is_draft = call.body["draft"] == true;
    // Of drafts there may be any number for one tag.
    if !is_draft && repository.releases.iter().any(|release| release["tag_name"] == tag && release["draft"] == false) {
        return Err(reply::invalid("Release", "tag_name", "already_exists"));
    }
    is_short(call)?;
    if !is_draft {
        tag_it(repository, tag, call.body["target_commitish"].as_str().unwrap_or("main"))?;
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
        "draft": is_draft,
        "prerelease": call.body["prerelease"] == true,
        "author": shapes::user(call.links, "github-actions[bot]"),
        "assets": [],
        "created_at": TIME,
        "published_at": if is_draft { Value::Null } else { TIME.into() },
    });
    repository.releases.push(release.clone());
    note_latest(call, repository, &release);
    Ok(Reply::json(201, &release))
}

fn update(call: &Call<'_>, repository: &mut Repository, id: &str) -> Result<Reply, Reply> {
    is_short(call)?;
    let known = repository.releases.iter().find(|release| is(release, id)).ok_or_else(reply::not_found)?;
    let is_published_now = known["draft"] == true && call.body["draft"] == false;
    if is_published_now {
        let text =
            |field: &str| call.body[field].as_str().or_else(|| known[field].as_str()).unwrap_or("main").to_owned();
        let (tag, target) = (text("tag_name"), text("target_commitish"));
        tag_it(repository, &tag, &target)?;
    }
    let release = repository.releases.iter_mut().find(|release| is(release, id)).ok_or_else(reply::not_found)?;
    for field in ["tag_name", "target_commitish", "name", "body", "draft", "prerelease"] {
        if !call.body[field].is_null() {
            release[field] = call.body[field].clone();
        }
    }
    if release["draft"] == false {
        release["published_at"] = TIME.into();
    }
    let release = release.clone();
    if is_published_now || call.body["make_latest"].is_string() {
        note_latest(call, repository, &release);
    }
    Ok(Reply::json(200, &release))
}

/// A release that is published makes its tag where there is none.
fn tag_it(repository: &mut Repository, tag: &str, target: &str) -> Result<(), Reply> {
    let name = format!("refs/tags/{tag}");
    if !repository.refs.contains_key(&name) {
        let commit = repository.commit(target).map(|commit| commit.sha.clone());
        let commit = commit.ok_or_else(|| reply::invalid("Release", "target_commitish", "invalid"))?;
        repository.refs.insert(name, commit);
    }
    Ok(())
}

/// Drafts and prereleases cannot be the latest; of others the one that is published last is, unless it shall not.
fn note_latest(call: &Call<'_>, repository: &mut Repository, release: &Value) {
    let may = release["draft"] == false && release["prerelease"] == false;
    if may && call.body["make_latest"].as_str().unwrap_or("true") == "true" {
        repository.latest = release["id"].as_u64();
    }
}
