//! Git's objects: blobs, trees, commits.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::commits::{TREE, parents, tree};
use super::reply;
use super::route::Call;
use super::shapes::TIME;
use super::state::{Commit, Repository, TreeFile};
use crate::http::Reply;

/// A hash of forty digits that depends on the content, as Git's does.
fn hash(content: &[u8]) -> String {
    crate::registry::digest(content).chars().skip(7).take(40).collect()
}

/// Stores a content and returns its hash.
pub(super) fn store_blob(repository: &mut Repository, content: Bytes) -> String {
    let sha = hash(&[b"blob ", content.as_ref()].concat());
    repository.blobs.insert(sha.clone(), content);
    sha
}

/// Stores a tree and returns its hash.
pub(super) fn store_tree(repository: &mut Repository, files: BTreeMap<String, TreeFile>) -> String {
    let sha = hash(format!("tree {files:?}").as_bytes());
    repository.trees.insert(sha.clone(), files);
    sha
}

/// The files of a commit as text.
pub(super) fn files(repository: &Repository, reference: &str) -> BTreeMap<String, String> {
    let Some(found) = repository.commit(reference).and_then(|commit| repository.trees.get(&commit.tree)) else {
        return BTreeMap::new();
    };
    let text = |blob: &str| repository.blobs.get(blob).map(|content| String::from_utf8_lossy(content).into_owned());
    found.iter().filter_map(|(path, file)| Some((path.clone(), text(&file.blob)?))).collect()
}

/// `GET /git/blobs/{sha}`.
pub(super) fn blob(call: &Call<'_>, repository: &Repository, sha: &str) -> Result<Reply, Reply> {
    let content = repository.blobs.get(sha).filter(|_| call.is("GET")).ok_or_else(reply::not_found)?;
    let body = json!({
        "sha": sha,
        "node_id": "B_testkit",
        "size": content.len(),
        "url": format!("{}/git/blobs/{sha}", call.links.repository(&repository.name)),
        "content": super::commits::lines(&STANDARD.encode(content)),
        "encoding": "base64",
    });
    Ok(Reply::json(200, &body))
}

/// `GET /git/trees/{sha}`, of a tree or of the commit that has it, always with all its folders; and `POST /git/trees`.
pub(super) fn trees(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("GET", [sha]) => {
            let found = repository.commit(sha).map_or_else(|| (*sha).to_owned(), |commit| tree(commit).to_owned());
            Ok(Reply::json(200, &tree_shape(call, repository, &found)?))
        }
        ("POST", []) => create_tree(call, repository),
        _ => Err(reply::not_found()),
    }
}

fn create_tree(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    let mut files = match call.body["base_tree"].as_str() {
        Some(TREE) | None => BTreeMap::new(),
        Some(base) => {
            repository.trees.get(base).cloned().ok_or_else(|| reply::error(422, "base_tree is not a valid tree oid"))?
        }
    };
    for entry in call.body["tree"].as_array().into_iter().flatten() {
        let (path, mode) = (reply::required(entry, "path")?, reply::required(entry, "mode")?);
        let content = reply::required(entry, "content")?.to_owned();
        let blob = store_blob(repository, content.into());
        files.insert(path.to_owned(), TreeFile { mode: mode.to_owned(), blob });
    }
    let sha = store_tree(repository, files);
    Ok(Reply::json(201, &tree_shape(call, repository, &sha)?))
}

fn tree_shape(call: &Call<'_>, repository: &Repository, sha: &str) -> Result<Value, Reply> {
    let none = BTreeMap::new();
    let files = match sha {
        TREE => &none,
        sha => repository.trees.get(sha).ok_or_else(reply::not_found)?,
    };
    let base = call.links.repository(&repository.name);
    let entry = |(path, file): (&String, &TreeFile)| {
        let size = repository.blobs.get(&file.blob).map_or(0, Bytes::len);
        let url = format!("{base}/git/blobs/{}", file.blob);
        json!({"path": path, "mode": file.mode, "type": "blob", "sha": file.blob, "size": size, "url": url})
    };
    let mut entries: Vec<Value> = files.iter().map(entry).collect();
    let mut folders: Vec<&str> = files.keys().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    folders.dedup();
    entries.extend(
        folders.iter().map(|path| json!({"path": path, "mode": "040000", "type": "tree", "sha": TREE, "url": base})),
    );
    Ok(json!({"sha": sha, "url": format!("{base}/git/trees/{sha}"), "tree": entries, "truncated": false}))
}

/// `GET /git/commits/{sha}` and `POST /git/commits`.
pub(super) fn commits(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("GET", [sha]) => {
            let found = repository.commits.iter().find(|commit| commit.sha == *sha).ok_or_else(reply::not_found)?;
            Ok(Reply::json(200, &commit_shape(call, repository, found)))
        }
        ("POST", []) => create_commit(call, repository),
        _ => Err(reply::not_found()),
    }
}

/// Two commits of the same content differ, because they are made at different times.
fn create_commit(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    let (message, tree) = (reply::required(&call.body, "message")?, reply::required(&call.body, "tree")?);
    if tree != TREE && !repository.trees.contains_key(tree) {
        return Err(reply::error(422, "Tree SHA does not exist"));
    }
    let parents: Vec<String> = call.body["parents"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|sha| sha.as_str().map(str::to_owned))
        .collect();
    if !parents.iter().all(|parent| repository.has_object(parent)) {
        return Err(reply::error(422, "Parent SHA does not exist or is not a commit object"));
    }
    let id = repository.next_id();
    let commit = Commit {
        sha: hash(format!("commit {tree} {parents:?} {message} {id}").as_bytes()),
        message: message.to_owned(),
        login: Some("github-actions[bot]".to_owned()),
        parents,
        paths: Vec::new(),
        tree: tree.to_owned(),
    };
    let shape = commit_shape(call, repository, &commit);
    repository.commits.push(commit);
    Ok(Reply::json(201, &shape))
}

fn commit_shape(call: &Call<'_>, repository: &Repository, commit: &Commit) -> Value {
    let base = call.links.repository(&repository.name);
    let person = json!({"name": "Octo Cat", "email": "octocat@example.com", "date": TIME});
    let (sha, tree) = (&commit.sha, tree(commit));
    json!({
        "sha": sha,
        "node_id": "C_testkit",
        "url": format!("{base}/git/commits/{sha}"),
        "html_url": format!("{}/commit/{sha}", call.links.html(&repository.name)),
        "author": person,
        "committer": person,
        "tree": {"sha": tree, "url": format!("{base}/git/trees/{tree}")},
        "message": commit.message,
        "parents": parents(call, repository, commit),
        "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null},
    })
}
