//! Commits and the contents of files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::route::Call;
use super::shapes::{self, TIME};
use super::state::{Commit, Repository};
use super::{checks, pulls, reply};
use crate::http::Reply;

/// The id of the empty tree, which a commit has that was given no files.
pub(super) const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

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
            let (head, path) = (call.request.query_value("sha"), call.request.query_value("path"));
            let reached = match &head {
                Some(head) => Some(repository.ancestors(&repository.commit(head).ok_or_else(reply::not_found)?.sha)),
                None => None,
            };
            let is_below = |changed: &String, path: &str| {
                changed.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let wanted = |commit: &&Commit| {
                reached.as_ref().is_none_or(|reached| reached.contains(&commit.sha))
                    && path.as_ref().is_none_or(|path| commit.paths.iter().any(|changed| is_below(changed, path)))
            };
            let commits: Vec<Value> =
                repository.commits.iter().rev().filter(wanted).map(|commit| shape(call, repository, commit)).collect();
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
    let person =
        json!({"name": commit.login.as_deref().unwrap_or("Octo Cat"), "email": "octocat@example.com", "date": TIME});
    let user = commit.login.as_ref().map(|login| shapes::user(call.links, login));
    let tree = tree(commit);
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
            "tree": {"sha": tree, "url": format!("{base}/git/trees/{tree}")},
            "url": format!("{base}/git/commits/{sha}"),
            "comment_count": 0,
        },
        "author": user,
        "committer": user,
        "parents": parents(call, repository, commit),
    })
}

/// The hash of a commit's tree.
pub(super) fn tree(commit: &Commit) -> &str {
    if commit.tree.is_empty() { TREE } else { &commit.tree }
}

/// The parents of a commit as answers have them.
pub(super) fn parents(call: &Call<'_>, repository: &Repository, commit: &Commit) -> Vec<Value> {
    let (base, html) = (call.links.repository(&repository.name), call.links.html(&repository.name));
    let parent = |sha: &String| json!({"sha": sha, "url": format!("{base}/commits/{sha}"), "html_url": format!("{html}/commit/{sha}")});
    commit.parents.iter().map(parent).collect()
}

/// `GET /compare/{base}...{head}`: what the second has and the first has not, oldest first.
pub(super) fn compare(call: &Call<'_>, repository: &Repository, basehead: &str) -> Result<Reply, Reply> {
    let (base, head) = basehead.split_once("...").ok_or_else(reply::not_found)?;
    let find = |name: &str| repository.commit(name).filter(|_| call.is("GET")).ok_or_else(reply::not_found);
    let (base, head) = (find(base)?, find(head)?);
    let (behind, ahead) = (repository.ancestors(&base.sha), repository.ancestors(&head.sha));
    // Parents are added before their children, so the last one is the nearest.
    let is_common = |commit: &&Commit| ahead.contains(&commit.sha) && behind.contains(&commit.sha);
    let common = repository.commits.iter().rev().find(is_common).ok_or_else(reply::not_found)?;
    let new = repository.commits.iter().filter(|commit| ahead.contains(&commit.sha) && !behind.contains(&commit.sha));
    let commits: Vec<Value> = new.map(|commit| shape(call, repository, commit)).collect();
    let missing = behind.difference(&ahead).count();
    let status = match (commits.len(), missing) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let (own, html) = (call.links.repository(&repository.name), call.links.html(&repository.name));
    let shown = format!("{html}/compare/{basehead}");
    let total = commits.len();
    let mut body = json!({
        "url": format!("{own}/compare/{basehead}"),
        "html_url": shown,
        "permalink_url": shown,
        "diff_url": format!("{shown}.diff"),
        "patch_url": format!("{shown}.patch"),
        "base_commit": shape(call, repository, base),
        "merge_base_commit": shape(call, repository, common),
        "status": status,
        "ahead_by": total,
        "behind_by": missing,
        "total_commits": total,
        "files": [],
    });
    let page = call.list(&commits);
    body["commits"] = page.to_json();
    Ok(Reply { body: body.to_string().into(), ..page })
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
