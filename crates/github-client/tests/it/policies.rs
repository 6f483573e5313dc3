//! Retries, rate limits, addresses, refusals.

use std::time::Duration;

use actions_core::{ActionError as _, Context};
use github_client::{GitHub, GitHubError};
use testkit::{FakeGitHub, Fault};

use crate::{REPOSITORY, SHA, client, client_with, create, lightweight, lines};

fn code(error: &GitHubError) -> String {
    miette::Diagnostic::code(error).unwrap().to_string()
}

#[tokio::test]
async fn who_we_are_and_what_we_speak_is_sent_once() {
    let server = FakeGitHub::start().unwrap();
    client(&server).tag_refs("v").await.unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.header("user-agent"), Some(concat!("slipway/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.headers.get_all("user-agent").iter().count(), 1);
    assert_eq!(request.header("accept"), Some("application/vnd.github+json"));
    assert!(request.header("x-github-api-version").is_some());
}

#[tokio::test]
async fn an_enterprise_server_has_its_prefix() {
    let server = FakeGitHub::builder().ghes().start().unwrap();
    for number in 0..120 {
        server.add_tag("acme/shop", &format!("v1.0.{number}"), SHA);
    }
    assert_eq!(client(&server).tag_refs("v").await.unwrap().len(), 120);
    assert!(lines(&server).iter().all(|line| line.starts_with("GET /api/v3/repos/acme/shop/")), "{:?}", lines(&server));
}

#[tokio::test]
async fn a_server_error_is_asked_again() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::status(503));
    client(&server).tag_refs("v").await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_broken_connection_is_tried_again() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::reset());
    client(&server).tag_refs("v").await.unwrap();
}

#[tokio::test]
async fn a_throttled_call_waits_as_long_as_it_is_told() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::throttle(1));
    let start = std::time::Instant::now();
    client(&server).tag_refs("v").await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_limit_that_ends_in_an_hour_is_an_error_at_once() {
    let server = FakeGitHub::start().unwrap();
    server.rate_limit(Duration::from_hours(1));
    let error = client(&server).tag_refs("v").await.unwrap_err();
    assert!(matches!(error, GitHubError::RateLimited { .. }), "{error:?}");
    assert!(error.why().unwrap().contains("it ends in 36"), "{:?}", error.why());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_refusal_names_the_permission() {
    let server = FakeGitHub::start().unwrap();
    server.deny("POST", "*/git/refs");
    let error = create(&client(&server), lightweight("v1.0.0", SHA)).await.unwrap_err();
    let GitHubError::Forbidden { permission, .. } = &error else { panic!("{error:?}") };
    assert_eq!(permission, "contents: write");
}

#[tokio::test]
async fn a_wrong_token_is_told_and_not_shown() {
    let server = FakeGitHub::start().unwrap();
    let github = client_with(&server, "ghs_wrong");
    let error = github.tag_refs("v").await.unwrap_err();
    assert_eq!(code(&error), "github/unauthorized", "{error:?}");
    assert!(!format!("{error:?} {github:?}").contains("ghs_wrong"));
}

#[tokio::test]
async fn a_list_without_an_end_ends() {
    let server = FakeGitHub::start().unwrap();
    let page = testkit::http::Reply::json(200, &serde_json::json!([]))
        .with_header("link", "<https://api.github.com/repos/acme/shop/releases?page=2>; rel=\"next\"");
    server.faults().add(Fault::reply(page).always());
    let error = client(&server).draft_releases("v1").await.unwrap_err();
    assert_eq!(code(&error), "github/unexpected-answer", "{error:?}");
}

#[tokio::test]
async fn the_token_follows_no_page_to_another_server() {
    let server = FakeGitHub::start().unwrap();
    let other = FakeGitHub::start().unwrap();
    let link =
        format!("<{}//{}/releases?page=2>; rel=\"next\"", server.api_url(), other.api_url().replace("http://", ""));
    let page = testkit::http::Reply::json(200, &serde_json::json!([])).with_header("link", &link);
    server.faults().add(Fault::reply(page));
    let error = client(&server).draft_releases("v1").await.unwrap_err();
    assert_eq!(code(&error), "github/unexpected-answer", "{error:?}");
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_an_error() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::reply(testkit::http::Reply::text(200, "<html>")));
    let error = client(&server).tag_refs("v").await.unwrap_err();
    assert_eq!(code(&error), "github/unexpected-answer", "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let server = FakeGitHub::start().unwrap();
    let github = client(&server);
    drop(server);
    let error = github.tag_refs("v").await.unwrap_err();
    assert_eq!(code(&error), "github/unreachable", "{error:?}");
}

#[tokio::test]
async fn what_is_unreachable_is_named_also_where_it_is_graphql_alone() {
    let server = FakeGitHub::start().unwrap();
    let gone = FakeGitHub::start().unwrap().graphql_url().replace("127.0.0.1", "localhost");
    let variables = [
        ("GITHUB_REPOSITORY", REPOSITORY.to_owned()),
        ("GITHUB_API_URL", server.api_url()),
        ("GITHUB_GRAPHQL_URL", gone),
    ];
    let github = GitHub::new(&Context::new(&variables.into_iter().collect()), &server.token().into()).unwrap();
    let error = github.hide_comment(1, "MDEyOklzc3VlQ29tbWVudDE=").await.unwrap_err();
    assert_eq!(code(&error), "github/unreachable", "{error:?}");
    assert!(error.to_string().contains("`localhost`"), "{error}");
}
