//! Comments and descriptions of pull requests.

use github_client::GitHubError;
use testkit::github::Pull;
use testkit::{FakeGitHub, Fault};

use crate::{REPOSITORY, client, client_with};

const MARKER: &str = "<!-- slipway:plan -->";

fn server() -> FakeGitHub {
    let server = FakeGitHub::start().unwrap();
    server.add_pull(REPOSITORY, Pull { number: 7, title: "Change".into(), body: "Please".into(), ..Pull::default() });
    server
}

#[tokio::test]
async fn our_comment_is_found_behind_a_hundred_others() {
    let server = server();
    for number in 0..130 {
        server.add_comment(REPOSITORY, 7, "octocat", &format!("comment {number}"));
    }
    let github = client(&server);
    assert_eq!(github.find_sticky_comment(7, MARKER).await.unwrap(), None);
    let written = github.create_comment(7, &format!("{MARKER}\nplan")).await.unwrap();
    let found = github.find_sticky_comment(7, MARKER).await.unwrap().unwrap();
    assert_eq!(found, written);
    assert_eq!(github.update_comment(found.id, "new").await.unwrap().body, "new");
    assert_eq!(server.comments(REPOSITORY, 7).len(), 131);
}

#[tokio::test]
async fn a_person_who_copies_our_marker_is_not_overwritten() {
    let server = server();
    server.add_comment(REPOSITORY, 7, "mallory", MARKER);
    assert_eq!(client(&server).find_sticky_comment(7, MARKER).await.unwrap(), None);
}

#[tokio::test]
async fn a_users_token_finds_the_users_comment() {
    let server = FakeGitHub::builder().token("ghp_person").start().unwrap();
    server.add_pull(REPOSITORY, Pull { number: 7, ..Pull::default() });
    server.add_comment(REPOSITORY, 7, "github-actions[bot]", MARKER);
    let own = server.add_comment(REPOSITORY, 7, "octocat", MARKER);
    let user = testkit::http::Reply::json(200, &serde_json::json!({ "login": "octocat", "type": "User" }));
    server.faults().add(Fault::reply(user).on("GET", "/user"));
    let found = client_with(&server, "ghp_person").find_sticky_comment(7, MARKER).await.unwrap().unwrap();
    assert_eq!(found.id, own);
}

#[tokio::test]
async fn a_comment_is_never_written_twice() {
    let server = server();
    server.faults().add(Fault::status(502).on("POST", "*/comments"));
    let error = client(&server).create_comment(7, "x").await.unwrap_err();
    assert!(matches!(error, GitHubError::Server { status: 502, .. }), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_description_is_read_and_replaced() {
    let server = server();
    let github = client(&server);
    assert_eq!(github.pull_body(7).await.unwrap(), "Please");
    assert_eq!(github.update_pull_body(7, "Thanks").await.unwrap().body, "Thanks");
    assert_eq!(server.pull(REPOSITORY, 7).unwrap()["body"], "Thanks");
    let _ = github.tag_refs("v").await.unwrap();
    let error = github.pull_request(8).await.unwrap_err();
    assert!(matches!(error, GitHubError::NotFound { .. }), "{error:?}");
}
