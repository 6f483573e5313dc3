//! Pull requests and the files they change.

use serde_json::{Value, json};

use super::route::Call;
use super::shapes::{self, Links, TIME};
use super::state::{Pull, Repository};
use super::{labels, reply};
use crate::http::Reply;

pub(super) fn route(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match (call.request.method.as_str(), rest) {
        ("GET", []) => Ok(list(call, repository)),
        ("POST", []) => create(call, repository),
        ("GET", [number]) => {
            let pull = find(repository, number)?;
            Ok(Reply::json(200, &shape(call.links, repository, pull)))
        }
        ("PATCH", [number]) => update(call, repository, number),
        ("GET", [number, "reviews"]) => {
            let pull = find(repository, number)?;
            Ok(call.list(repository.reviews.get(&pull.number).map(Vec::as_slice).unwrap_or_default()))
        }
        ("GET", [number, "files"]) => {
            let pull = find(repository, number)?;
            let files: Vec<Value> = pull.files.iter().map(|path| file(call.links, repository, pull, path)).collect();
            Ok(call.list(&files))
        }
        _ => Err(reply::not_found()),
    }
}

fn find<'a>(repository: &'a Repository, number: &str) -> Result<&'a Pull, Reply> {
    let number = number.parse().map_err(|_| reply::not_found())?;
    repository.pulls.get(&number).ok_or_else(reply::not_found)
}

fn list(call: &Call<'_>, repository: &Repository) -> Reply {
    let state = call.request.query_value("state").unwrap_or_else(|| "open".to_owned());
    let pulls: Vec<Value> = repository
        .pulls
        .values()
        .rev()
        .filter(|pull| state == "all" || pull.state == state)
        .filter(|pull| {
            call.wants("head", &format!("{}:{}", owner(head_repository(repository, pull)), pull.head_ref).into())
        })
        .filter(|pull| call.wants("base", &pull.base_ref.as_str().into()))
        .map(|pull| simple(call.links, repository, pull))
        .collect();
    call.list(&pulls)
}

/// Answers the pull requests of a commit.
pub(super) fn of_commit(call: &Call<'_>, repository: &Repository, sha: &str) -> Reply {
    let pulls: Vec<Value> = repository
        .pulls
        .values()
        .filter(|pull| pull.head_sha == sha || pull.merged.iter().any(|merged| merged == sha))
        .map(|pull| simple(call.links, repository, pull))
        .collect();
    call.list(&pulls)
}

/// `POST /pulls` within the repository.
fn create(call: &Call<'_>, repository: &mut Repository) -> Result<Reply, Reply> {
    let (head, base) = (reply::required(&call.body, "head")?, reply::required(&call.body, "base")?);
    let tip = |name: &str, field: &str| {
        let found = repository.refs.get(&format!("refs/heads/{name}")).cloned();
        found.ok_or_else(|| reply::invalid("PullRequest", field, "invalid"))
    };
    let (head_sha, base_sha) = (tip(head, "head")?, tip(base, "base")?);
    let is_same = |pull: &Pull| pull.state == "open" && pull.head_ref == head && pull.base_ref == base;
    if repository.pulls.values().any(is_same) {
        let message = format!("A pull request already exists for {}:{head}.", owner(&repository.name));
        return Err(reply::refused("PullRequest", &message));
    }
    if repository.ancestors(&base_sha).contains(&head_sha) {
        return Err(reply::refused("PullRequest", &format!("No commits between {base} and {head}")));
    }
    let number = repository.pulls.keys().max().copied().unwrap_or_default() + 1;
    let text = |field: &str| call.body[field].as_str().unwrap_or_default().to_owned();
    let pull = Pull {
        number,
        title: text("title"),
        body: text("body"),
        head_ref: head.to_owned(),
        head_sha,
        base_ref: base.to_owned(),
        base_sha,
        ..Pull::default()
    };
    let whole = shape(call.links, repository, &pull);
    repository.pulls.insert(number, pull);
    Ok(Reply::json(201, &whole))
}

fn update(call: &Call<'_>, repository: &mut Repository, number: &str) -> Result<Reply, Reply> {
    let key: u64 = number.parse().map_err(|_| reply::not_found())?;
    let pull = repository.pulls.get_mut(&key).ok_or_else(reply::not_found)?;
    for (field, target) in
        [("title", &mut pull.title), ("body", &mut pull.body), ("state", &mut pull.state), ("base", &mut pull.base_ref)]
    {
        if let Some(value) = call.body[field].as_str() {
            value.clone_into(target);
        }
    }
    let pull = find(repository, number)?;
    Ok(Reply::json(200, &shape(call.links, repository, pull)))
}

/// The whole pull request, as `GET /pulls/{number}` answers it.
pub(super) fn shape(links: &Links, repository: &Repository, pull: &Pull) -> Value {
    let mut whole = simple(links, repository, pull);
    let counts = json!({
        "additions": 1,
        "changed_files": pull.files.len(),
        "comments": super::comments::of_issue(repository, pull.number).len(),
        "commits": 1,
        "deletions": 1,
        "review_comments": 0,
        "mergeable": true,
        "rebaseable": true,
        "mergeable_state": "clean",
        "merged": !pull.merged.is_empty(),
        "maintainer_can_modify": false,
        "merged_by": null,
    });
    if let Value::Object(whole) = &mut whole {
        shapes::extend(whole, counts);
    }
    whole
}

fn simple(links: &Links, repository: &Repository, pull: &Pull) -> Value {
    let base = links.repository(&repository.name);
    let number = pull.number;
    let html = format!("{}/pull/{number}", links.html(&repository.name));
    let addresses = addresses(&base, pull);
    let mut shape = json!({
        "id": number,
        "node_id": "PR_testkit",
        "number": number,
        "title": pull.title,
        "body": Some(&pull.body).filter(|body| !body.is_empty()),
        "state": pull.state,
        "locked": false,
        "draft": false,
        "html_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "user": shapes::user(links, &pull.login),
        "labels": labels::embedded(links, repository, number),
        "assignee": null,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "milestone": null,
        "auto_merge": null,
        "active_lock_reason": null,
        "author_association": "OWNER",
        "merge_commit_sha": null,
        "merged_at": null,
        "closed_at": null,
        "created_at": TIME,
        "updated_at": TIME,
        "head": branch(links, head_repository(repository, pull), &pull.head_ref, &pull.head_sha),
        "base": branch(links, &repository.name, &pull.base_ref, &pull.base_sha),
    });
    let mut short = serde_json::Map::new();
    for (property, link, address) in addresses {
        shape[property] = address.clone().into();
        short.insert(link.to_owned(), json!({"href": address}));
    }
    short.insert("html".to_owned(), json!({"href": html}));
    shape["_links"] = Value::Object(short);
    shape
}

/// Property, name in `_links`, and address.
fn addresses(base: &str, pull: &Pull) -> [(&'static str, &'static str, String); 7] {
    let number = pull.number;
    let (issue, own) = (format!("{base}/issues/{number}"), format!("{base}/pulls/{number}"));
    [
        ("comments_url", "comments", format!("{issue}/comments")),
        ("commits_url", "commits", format!("{own}/commits")),
        ("statuses_url", "statuses", format!("{base}/statuses/{}", pull.head_sha)),
        ("issue_url", "issue", issue),
        ("review_comments_url", "review_comments", format!("{own}/comments")),
        ("review_comment_url", "review_comment", format!("{base}/pulls/comments{{/number}}")),
        ("url", "self", own),
    ]
}

/// The repository that a pull request comes from.
fn head_repository<'a>(repository: &'a Repository, pull: &'a Pull) -> &'a str {
    pull.fork.as_deref().unwrap_or(&repository.name)
}

fn owner(repository: &str) -> &str {
    repository.split('/').next().unwrap_or_default()
}

fn branch(links: &Links, repository: &str, name: &str, sha: &str) -> Value {
    let owner = owner(repository);
    json!({
        "label": format!("{owner}:{name}"),
        "ref": name,
        "sha": sha,
        "user": shapes::user(links, owner),
        "repo": shapes::repository(links, repository),
    })
}

fn file(links: &Links, repository: &Repository, pull: &Pull, path: &str) -> Value {
    let base = links.repository(&repository.name);
    let html = links.html(&repository.name);
    let sha = &pull.head_sha;
    json!({
        "sha": sha,
        "filename": path,
        "status": "modified",
        "additions": 1,
        "deletions": 1,
        "changes": 2,
        "blob_url": format!("{html}/blob/{sha}/{path}"),
        "raw_url": format!("{html}/raw/{sha}/{path}"),
        "contents_url": format!("{base}/contents/{path}?ref={sha}"),
        "patch": "@@ -1 +1 @@",
    })
}
