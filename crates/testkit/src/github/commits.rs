//! Commits and the contents of files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::route::Call;
use super::shapes::{self, TIME};
use super::state::{Commit, Repository};
use super::{checks, pulls, reply};
use crate::http::Reply;

/// The id of the tree of every commit: the stand-in keeps no trees.
const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

pub(super) fn route(call: &Call<'_>, repository: &Repository, rest: &[&str]) -> Result<Reply, Reply> {
    if !call.is("GET") {
        return Err(reply::not_found());
    }
    let find = |reference: &[&str]| {
        let reference = reference.join("/");
        let unknown = || reply::error(422, &format!("No commit found for SHA: {reference}"));
        repository.commit(&reference).ok_or_else(unknown)
    };
    match rest {
        [] => {
            let commits: Vec<Value> =
                repository.commits.iter().rev().map(|commit| shape(call, repository, commit)).collect();
            Ok(call.list(&commits))
        }
        [reference @ .., "check-runs"] => Ok(checks::of_commit(call, repository, &find(reference)?.sha)),
        [reference @ .., "pulls"] => Ok(pulls::of_commit(call, repository, &find(reference)?.sha)),
        reference => Ok(Reply::json(200, &shape(call, repository, find(reference)?))),
    }
}

fn shape(call: &Call<'_>, repository: &Repository, commit: &Commit) -> Value {
    let base = call.links.repository(&repository.name);
    let html = call.links.html(&repository.name);
    let sha = &commit.sha;
    let person = json!({"name": "Octo Cat", "email": "octocat@example.com", "date": TIME});
    let user = shapes::user(call.links, "octocat");
    json!({
        "sha": sha,
        "node_id": "C_testkit",
        "url": format!("{base}/commits/{sha}"),
        "html_url": format!("{html}/commit/{sha}"),
        "comments_url": format!("{base}/commits/{sha}/comments"),
        "commit": {
            "message": commit.message,
            "author": person,
            "committer": person,
            "tree": {"sha": TREE, "url": format!("{base}/git/trees/{TREE}")},
            "url": format!("{base}/git/commits/{sha}"),
            "comment_count": 0,
        },
        "author": user,
        "committer": user,
        "parents": [],
    })
}

/// `GET /git/commits/{sha}`.
pub(super) fn git_commit(call: &Call<'_>, repository: &Repository, sha: &str) -> Result<Reply, Reply> {
    let commit = repository.commits.iter().find(|commit| commit.sha == sha).ok_or_else(reply::not_found)?;
    let base = call.links.repository(&repository.name);
    let person = json!({"name": "Octo Cat", "email": "octocat@example.com", "date": TIME});
    let body = json!({
        "sha": sha,
        "node_id": "C_testkit",
        "url": format!("{base}/git/commits/{sha}"),
        "html_url": format!("{}/commit/{sha}", call.links.html(&repository.name)),
        "author": person,
        "committer": person,
        "tree": {"sha": TREE, "url": format!("{base}/git/trees/{TREE}")},
        "message": commit.message,
        "parents": super::objects::parents(call, repository, sha),
        "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null},
    });
    Ok(Reply::json(200, &body))
}

/// `GET /compare/{base}...{head}`: the commit they have in common, and none between.
pub(super) fn compare(call: &Call<'_>, repository: &Repository, range: &str) -> Result<Reply, Reply> {
    let (base, head) = range.split_once("...").ok_or_else(reply::not_found)?;
    let common = super::objects::merge_base(repository, base, head)?;
    let find = |reference: &str| repository.commit(reference).ok_or_else(reply::not_found);
    let html = format!("{}/compare/{range}", call.links.html(&repository.name));
    let body = json!({
        "url": format!("{}/compare/{range}", call.links.repository(&repository.name)),
        "html_url": html,
        "permalink_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "base_commit": shape(call, repository, find(base)?),
        "merge_base_commit": shape(call, repository, find(&common)?),
        "status": "ahead",
        "ahead_by": 0,
        "behind_by": 0,
        "total_commits": 0,
        "commits": [],
        "files": [],
    });
    Ok(Reply::json(200, &body))
}

/// `GET /contents/{path}`: a file at a commit, branch or tag, the default branch without `ref`.
pub(super) fn contents(call: &Call<'_>, repository: &Repository, path: &str) -> Result<Reply, Reply> {
    let reference = call.request.query_value("ref").unwrap_or_else(|| "main".to_owned());
    let by_commit = repository.commit(&reference).map(|commit| commit.sha.clone());
    let content = [Some(reference.clone()), by_commit]
        .into_iter()
        .flatten()
        .find_map(|reference| repository.files.get(&(reference, path.to_owned())))
        .ok_or_else(reply::not_found)?;
    if call.request.header("accept").is_some_and(|accept| accept.contains("raw")) {
        return Ok(Reply::text(200, content.clone()));
    }
    let base = format!("{}/contents/{path}?ref={reference}", call.links.repository(&repository.name));
    let html = format!("{}/blob/{reference}/{path}", call.links.html(&repository.name));
    let blob = format!("{}/git/blobs/{TREE}", call.links.repository(&repository.name));
    let body = json!({
        "type": "file",
        "encoding": "base64",
        "size": content.len(),
        "name": path.rsplit('/').next(),
        "path": path,
        "content": lines(&STANDARD.encode(content)),
        "sha": TREE,
        "url": base,
        "git_url": blob,
        "html_url": html,
        "download_url": format!("{html}?raw=true"),
        "_links": {"git": blob, "self": base, "html": html},
    });
    Ok(Reply::json(200, &body))
}

/// GitHub breaks base64 after 60 characters.
pub(super) fn lines(text: &str) -> String {
    let mut broken = String::new();
    for (at, character) in text.chars().enumerate() {
        if at > 0 && at % 60 == 0 {
            broken.push('\n');
        }
        broken.push(character);
    }
    broken + "\n"
}
