//! A server that means harm: answers that never end, or that grow when they are read.

use actions_core::{ActionError as _, Context};
use github_client::{GitHub, GitHubError};
use testkit::bomb::Bomb;
use testkit::http::Reply;
use testkit::{FakeGitHub, Fault};

use crate::{REPOSITORY, client};

const ENDLESS: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";

/// What the system's buffers may hold besides what the client read.
const BUFFERS: u64 = 8 * 1024 * 1024;

const LONGEST: u64 = 64 * 1024 * 1024;

fn towards(bomb: &Bomb) -> GitHub {
    let variables = [("GITHUB_REPOSITORY", REPOSITORY.to_owned()), ("GITHUB_API_URL", bomb.url())];
    GitHub::new(&Context::new(&variables.into_iter().collect()), &"ghs_x".into()).unwrap()
}

/// The error's code, and its reason.
fn told(error: &GitHubError) -> (String, String) {
    (miette::Diagnostic::code(error).unwrap().to_string(), error.why().unwrap_or_default())
}

#[track_caller]
fn assert_defused(bomb: &Bomb, limit: u64) {
    assert!(bomb.sent() <= limit + BUFFERS, "{} bytes", bomb.sent());
}

#[tokio::test]
async fn an_answer_without_an_end_is_left_at_the_limit() {
    for status in ["200 OK", "404 Not Found"] {
        let head = ENDLESS.replace("200 OK", status);
        let bomb = Bomb::start(head, vec![b' '; 1 << 20]).unwrap();
        let (code, why) = told(&towards(&bomb).draft_releases("v1").await.unwrap_err());
        assert_eq!((code.as_str(), why.as_str()), ("github/unexpected-answer", "it has more than 67108864 bytes"));
        assert_eq!(bomb.requests(), 1);
        assert_defused(&bomb, LONGEST);
    }
}

#[tokio::test]
async fn headers_without_an_end_are_a_broken_answer() {
    let bomb = Bomb::start("HTTP/1.1 200 OK\r\n", "x-a: b\r\n".repeat(1000)).unwrap();
    let (code, why) = told(&towards(&bomb).draft_releases("v1").await.unwrap_err());
    assert_eq!(code, "github/unreachable", "{why}");
    assert_defused(&bomb, 4 * BUFFERS); // Five connections, each with buffers of its own.
}

#[tokio::test]
async fn json_nested_without_measure_is_refused() {
    for deep in [format!("[{{\"name\":{}", "[".repeat(1_000_000)), "{\"a\":".repeat(1_000_000)] {
        let server = FakeGitHub::start().unwrap();
        server.faults().add(Fault::reply(Reply::text(200, deep.clone())));
        assert_eq!(told(&client(&server).draft_releases("v1").await.unwrap_err()).0, "github/unexpected-answer");
        server.faults().add(Fault::reply(Reply::text(422, deep)));
        let (code, why) = told(&client(&server).draft_releases("v1").await.unwrap_err());
        assert_eq!((code.as_str(), why.len() < 1000), ("github/invalid", true), "{why:.1000}");
    }
}

#[tokio::test]
async fn a_compressed_answer_is_not_unpacked() {
    let server = FakeGitHub::start().unwrap();
    let packed = Reply::new(200).with_header("content-encoding", "gzip").with_body(&b"\x1f\x8b\x08\0\0\0"[..]);
    server.faults().add(Fault::reply(packed));
    let (code, why) = told(&client(&server).draft_releases("v1").await.unwrap_err());
    assert_eq!((code.as_str(), why.as_str()), ("github/unexpected-answer", "it is compressed (gzip)"));
    assert!(server.requests()[0].header("accept-encoding").is_none());
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_are_left() {
    let server = FakeGitHub::start().unwrap();
    let page = |number: u32| {
        let link = format!("</repos/acme/shop/releases?page={number}>; rel=\"next\"");
        Fault::reply(Reply::json(200, &serde_json::json!([])).with_header("link", link)).always()
    };
    server
        .faults()
        .add(page(2).on("GET", "*/releases").matching(|request| request.query_value("page").as_deref() != Some("2")));
    server
        .faults()
        .add(page(3).on("GET", "*/releases").matching(|request| request.query_value("page").as_deref() == Some("2")));
    let (code, why) = told(&client(&server).draft_releases("v1").await.unwrap_err());
    assert_eq!((code.as_str(), why.as_str()), ("github/unexpected-answer", "its pages lead in a circle"));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_list_with_ever_new_pages_is_left() {
    let server = FakeGitHub::start().unwrap();
    let next = Fault::rewrite(|request, _| {
        let page: u32 = request.query_value("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let link = format!("</repos/acme/shop/releases?page={}>; rel=\"next\"", page + 1);
        Reply::json(200, &serde_json::json!([])).with_header("link", link)
    });
    server.faults().add(next.always());
    let (code, why) = told(&client(&server).draft_releases("v1").await.unwrap_err());
    assert_eq!((code.as_str(), why.as_str()), ("github/unexpected-answer", "the list has no end"));
    assert_eq!(server.requests().len(), 1000);
}
