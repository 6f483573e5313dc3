//! Commits, trees and files of a real Git repository, as the API shows them.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::commits;
use super::reply;
use super::route::Call;
use super::state::Repository;
use crate::http::Reply;

/// The output of Git in the repository that is shown; a 404 where it has nothing to say.
fn git(repository: &Repository, arguments: &[&str]) -> Result<Vec<u8>, Reply> {
    let folder = repository.objects.as_deref().ok_or_else(reply::not_found)?;
    run(folder, arguments).ok_or_else(reply::not_found)
}

pub(super) fn run(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// `GET /git/trees/{id}`
pub(super) fn tree(call: &Call<'_>, repository: &Repository, id: &str) -> Result<Reply, Reply> {
    // GitHub goes into folders whatever the value is.
    let deep = call.request.query_value("recursive").is_some();
    let mut arguments = vec!["ls-tree", "-z", "--full-tree"];
    arguments.extend(if deep { &["-r", "-t"][..] } else { &[] });
    arguments.push(id);
    let list = git(repository, &arguments)?;
    let base = call.links.repository(&repository.name);
    let mut entries: Vec<Value> = String::from_utf8_lossy(&list)
        .split_terminator('\0')
        .filter_map(|line| {
            let (about, path) = line.split_once('\t')?;
            let mut words = about.split(' ');
            let (mode, kind, sha) = (words.next()?, words.next()?, words.next()?);
            let url = format!("{base}/git/{kind}s/{sha}");
            Some(json!({"path": path, "mode": mode, "type": kind, "sha": sha, "size": 0, "url": url}))
        })
        .collect();
    let truncated = deep && entries.len() > repository.longest_tree;
    entries.truncate(if deep { repository.longest_tree } else { usize::MAX });
    let url = format!("{base}/git/trees/{id}");
    Ok(Reply::json(200, &json!({"sha": id, "url": url, "tree": entries, "truncated": truncated})))
}

/// `GET /git/blobs/{id}`
pub(super) fn blob(call: &Call<'_>, repository: &Repository, id: &str) -> Result<Reply, Reply> {
    let content = git(repository, &["cat-file", "blob", id])?;
    let url = format!("{}/git/blobs/{id}", call.links.repository(&repository.name));
    let body = json!({
        "sha": id,
        "node_id": "B_testkit",
        "size": content.len(),
        "url": url,
        "content": commits::lines(&STANDARD.encode(content)),
        "encoding": "base64",
    });
    Ok(Reply::json(200, &body))
}
