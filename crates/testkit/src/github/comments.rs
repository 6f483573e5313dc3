//! Comments of issues and pull requests.

use serde_json::{Value, json};

use super::reply;
use super::route::Call;
use super::shapes::{self, Links, TIME};
use super::state::Repository;
use crate::http::Reply;

/// GitHub's limit, in characters.
const LONGEST: usize = 65_536;

/// `GET` and `POST /issues/{number}/comments`.
pub(super) fn of(call: &Call<'_>, repository: &mut Repository, number: &str) -> Result<Reply, Reply> {
    let issue: u64 = number.parse().map_err(|_| reply::not_found())?;
    match call.request.method.as_str() {
        "GET" => Ok(call.list(&of_issue(repository, issue))),
        "POST" => {
            let body = text(&call.body)?;
            let id = store(call.links, repository, issue, "github-actions[bot]", body);
            let comment = find(repository, id).ok_or_else(reply::not_found)?;
            Ok(Reply::json(201, comment))
        }
        _ => Err(reply::not_found()),
    }
}

/// `GET`, `PATCH` and `DELETE /issues/comments/{id}`.
pub(super) fn one(call: &Call<'_>, repository: &mut Repository, id: &str) -> Result<Reply, Reply> {
    let id: u64 = id.parse().map_err(|_| reply::not_found())?;
    let comment = find(repository, id).ok_or_else(reply::not_found)?;
    match call.request.method.as_str() {
        "GET" => Ok(Reply::json(200, comment)),
        "PATCH" => {
            comment["body"] = text(&call.body)?.into();
            Ok(Reply::json(200, comment))
        }
        "DELETE" => {
            repository.comments.retain(|comment| comment["id"] != id);
            Ok(Reply::new(204))
        }
        _ => Err(reply::not_found()),
    }
}

fn text(body: &Value) -> Result<&str, Reply> {
    let text = reply::required(body, "body")?;
    if text.chars().count() > LONGEST {
        return Err(reply::error(422, "Validation Failed: body is too long (maximum is 65536 characters)"));
    }
    Ok(text)
}

fn find(repository: &mut Repository, id: u64) -> Option<&mut Value> {
    repository.comments.iter_mut().find(|comment| comment["id"] == id)
}

/// Returns the comments of one issue, oldest first.
pub(super) fn of_issue(repository: &Repository, issue: u64) -> Vec<Value> {
    let suffix = format!("/issues/{issue}");
    let belongs = |comment: &&Value| comment["issue_url"].as_str().is_some_and(|url| url.ends_with(&suffix));
    repository.comments.iter().filter(belongs).cloned().collect()
}

pub(super) fn store(links: &Links, repository: &mut Repository, issue: u64, login: &str, body: &str) -> u64 {
    let id = repository.next_id();
    let base = links.repository(&repository.name);
    let html = links.html(&repository.name);
    repository.comments.push(json!({
        "id": id,
        "node_id": format!("IC_testkit{id}"),
        "url": format!("{base}/issues/comments/{id}"),
        "html_url": format!("{html}/issues/{issue}#issuecomment-{id}"),
        "issue_url": format!("{base}/issues/{issue}"),
        "body": body,
        "user": shapes::user(links, login),
        "created_at": TIME,
        "updated_at": TIME,
        "author_association": "NONE",
        "performed_via_github_app": null,
    }));
    id
}
