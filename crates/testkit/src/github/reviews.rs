//! Reviews of pull requests.

use serde_json::json;

use super::shapes::{self, Links, TIME};
use super::state::Repository;

/// Stores a review.
pub(super) fn store(links: &Links, repository: &mut Repository, pull: u64, login: &str, state: &str, commit: &str) {
    let base = links.repository(&repository.name);
    let html = format!("{}/pull/{pull}", links.html(&repository.name));
    let reviews = repository.reviews.entry(pull).or_default();
    let id = pull * 1000 + reviews.len() as u64 + 1;
    let (page, address) = (format!("{html}#pullrequestreview-{id}"), format!("{base}/pulls/{pull}"));
    reviews.push(json!({
        "id": id,
        "node_id": "PRR_testkit",
        "user": shapes::user(links, login),
        "body": "",
        "state": state,
        "html_url": page,
        "pull_request_url": address,
        "author_association": "MEMBER",
        "_links": { "html": { "href": page }, "pull_request": { "href": address } },
        "submitted_at": TIME,
        "commit_id": commit,
    }));
}
