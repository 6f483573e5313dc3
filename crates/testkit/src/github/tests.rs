use std::time::Duration;

use serde_json::{Value, json};

use super::{FakeGitHub, Pull, REPOSITORY, TOKEN};
use crate::http::{Reply, send};
use crate::runner::SHA;

fn ask(github: &FakeGitHub, method: &str, path: &str, body: &Value) -> Reply {
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(method, &format!("{}{path}", github.api_url()), &headers, body.as_bytes()).expect("the server answers")
}

fn get(github: &FakeGitHub, path: &str) -> Reply {
    ask(github, "GET", path, &Value::Null)
}

fn start() -> FakeGitHub {
    FakeGitHub::start().expect("the server starts")
}

#[test]
fn a_tag_can_be_created_once() {
    let github = start();
    let create = || ask(&github, "POST", "/repos/acme/shop/git/refs", &json!({"ref": "refs/tags/v1.0.0", "sha": SHA}));
    assert_eq!(create().status, 201);
    let again = create();
    assert_eq!((again.status, again.to_json()["message"].as_str()), (422, Some("Reference already exists")));
    assert_eq!(github.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
    let found = get(&github, "/repos/acme/shop/git/ref/tags%2Fv1.0.0");
    assert_eq!((found.status, found.to_json()["object"]["sha"].as_str()), (200, Some(SHA)));
}

#[test]
fn a_ref_needs_an_object_that_exists() {
    let github = start();
    let body = json!({"ref": "refs/tags/v1", "sha": "0000000000000000000000000000000000000000"});
    let refused = ask(&github, "POST", "/repos/acme/shop/git/refs", &body);
    assert_eq!((refused.status, refused.to_json()["message"].as_str()), (422, Some("Object does not exist")));
}

#[test]
fn an_annotated_tag_leads_to_its_commit() {
    let github = start();
    let id = github.add_annotated_tag(REPOSITORY, "v2.0.0", SHA);
    assert_ne!(id, SHA);
    assert_eq!(github.tag(REPOSITORY, "v2.0.0").as_deref(), Some(SHA));
    let listed = get(&github, "/repos/acme/shop/tags").to_json();
    assert_eq!((listed[0]["name"].as_str(), listed[0]["commit"]["sha"].as_str()), (Some("v2.0.0"), Some(SHA)));
    let found = get(&github, "/repos/acme/shop/git/matching-refs/tags/v2").to_json();
    assert_eq!(
        (found[0]["object"]["type"].as_str(), found[0]["object"]["sha"].as_str()),
        (Some("tag"), Some(id.as_str()))
    );
    assert_eq!(get(&github, &format!("/repos/acme/shop/git/tags/{id}")).to_json()["object"]["sha"], SHA);
}

#[test]
fn lists_come_in_pages_with_links() {
    let github = start();
    for number in 0..5 {
        github.add_comment(REPOSITORY, 7, "octocat", &format!("comment {number}"));
    }
    let page = get(&github, "/repos/acme/shop/issues/7/comments?per_page=2&page=2");
    assert_eq!(page.to_json()[0]["body"], "comment 2");
    assert_eq!(page.to_json().as_array().map(Vec::len), Some(2));
    let link = page.header("link").expect("a page in the middle has links");
    for rel in ["prev", "next", "last", "first"] {
        assert!(link.contains(&format!("rel=\"{rel}\"")), "{link}");
    }
    assert!(link.contains("per_page=2&page=3>; rel=\"next\""), "{link}");
    assert_eq!(get(&github, "/repos/acme/shop/issues/8/comments").header("link"), None);
}

#[test]
fn a_comment_can_be_written_changed_and_deleted() {
    let github = start();
    let made = ask(&github, "POST", "/repos/acme/shop/issues/7/comments", &json!({"body": "plan"})).to_json();
    let path = format!("/repos/acme/shop/issues/comments/{}", made["id"]);
    assert_eq!(ask(&github, "PATCH", &path, &json!({"body": "new plan"})).status, 200);
    assert_eq!(github.comments(REPOSITORY, 7)[0]["body"], "new plan");
    let long = ask(&github, "PATCH", &path, &json!({"body": "x".repeat(65_537)}));
    assert_eq!(long.status, 422);
    assert_eq!(ask(&github, "DELETE", &path, &Value::Null).status, 204);
    assert_eq!(get(&github, &path).status, 404);
}

#[test]
fn the_text_of_a_pull_request_can_be_replaced() {
    let github = start();
    let pull = Pull { number: 7, body: "old".to_owned(), files: vec!["main.tf".to_owned()], ..Pull::default() };
    github.add_pull(REPOSITORY, pull);
    github.add_label(REPOSITORY, 7, "infra");
    let changed = ask(&github, "PATCH", "/repos/acme/shop/pulls/7", &json!({"body": "new"})).to_json();
    assert_eq!((changed["body"].as_str(), changed["labels"][0]["name"].as_str()), (Some("new"), Some("infra")));
    assert_eq!(github.pull(REPOSITORY, 7).expect("the pull request exists")["body"], "new");
    assert_eq!(get(&github, "/repos/acme/shop/pulls/7/files").to_json()[0]["filename"], "main.tf");
    assert_eq!(get(&github, "/repos/acme/shop/pulls?state=closed").to_json(), json!([]));
    assert_eq!(get(&github, "/repos/acme/shop/pulls?head=acme:feature").to_json()[0]["number"], 7);
}

#[test]
fn a_file_is_found_by_branch_and_by_commit() {
    let github = start();
    github.add_file(REPOSITORY, SHA, "VERSION", "1.0.0\n");
    let found = get(&github, "/repos/acme/shop/contents/VERSION?ref=main").to_json();
    assert_eq!(found["content"], "MS4wLjAK\n");
    assert_eq!(get(&github, "/repos/acme/shop/contents/OTHER").status, 404);
}

#[test]
fn deployments_checks_releases_and_labels_are_remembered() {
    let github = start();
    let deployment =
        ask(&github, "POST", "/repos/acme/shop/deployments", &json!({"ref": "main", "environment": "prod"})).to_json();
    let id = deployment["id"].as_u64().expect("a deployment has an id");
    let status =
        ask(&github, "POST", &format!("/repos/acme/shop/deployments/{id}/statuses"), &json!({"state": "success"}));
    assert_eq!(status.status, 201);
    assert_eq!(github.deployment_statuses(REPOSITORY, id)[0]["state"], "success");
    assert_eq!(github.deployments(REPOSITORY)[0]["sha"], SHA);

    let run = ask(&github, "POST", "/repos/acme/shop/check-runs", &json!({"name": "plan", "head_sha": SHA})).to_json();
    let body = json!({"conclusion": "success", "output": {"title": "t", "summary": "s"}});
    ask(&github, "PATCH", &format!("/repos/acme/shop/check-runs/{}", run["id"]), &body);
    assert_eq!(github.check_runs(REPOSITORY)[0]["status"], "completed");
    assert_eq!(get(&github, &format!("/repos/acme/shop/commits/{SHA}/check-runs")).to_json()["total_count"], 1);

    let release = json!({"tag_name": "v1.0.0"});
    assert_eq!(ask(&github, "POST", "/repos/acme/shop/releases", &release).status, 201);
    let again = ask(&github, "POST", "/repos/acme/shop/releases", &release);
    assert_eq!(again.to_json()["errors"][0]["code"], "already_exists");
    assert_eq!(get(&github, "/repos/acme/shop/releases/tags/v1.0.0").to_json()["tag_name"], "v1.0.0");
    assert_eq!(github.releases(REPOSITORY).len(), 1);

    ask(&github, "POST", "/repos/acme/shop/issues/7/labels", &json!({"labels": ["a", "b"]}));
    ask(&github, "DELETE", "/repos/acme/shop/issues/7/labels/a", &Value::Null);
    assert_eq!(github.labels(REPOSITORY, 7), ["b"]);
}

#[test]
fn says_who_may_not_do_what() {
    let github = start();
    github.allow_bad_requests();
    let anonymous = send("GET", &format!("{}/repos/acme/shop/tags", github.url()), &[], b"").expect("an answer");
    assert_eq!((anonymous.status, anonymous.to_json()["message"].as_str()), (401, Some("Requires authentication")));
    let other = [("authorization", "token other")];
    let wrong = send("GET", &format!("{}/repos/acme/shop", github.url()), &other, b"").expect("an answer");
    assert_eq!(wrong.to_json()["message"], "Bad credentials");
    let unknown = get(&github, "/repos/acme/unknown/tags");
    assert_eq!((unknown.status, unknown.to_json()["message"].as_str()), (404, Some("Not Found")));
    assert_eq!(unknown.header("x-ratelimit-remaining"), Some("4999"));
    github.deny("POST", "*/git/refs");
    let denied = ask(&github, "POST", "/repos/acme/shop/git/refs", &json!({}));
    assert_eq!(
        (denied.status, denied.to_json()["message"].as_str()),
        (403, Some("Resource not accessible by integration"))
    );
    github.faults().clear();
    github.rate_limit(Duration::from_mins(1));
    assert_eq!(get(&github, "/rate_limit").header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(get(&github, "/rate_limit").status, 200);
}

#[test]
fn enterprise_servers_have_a_prefix() {
    let github = FakeGitHub::builder().ghes().repository("acme/api").start().expect("the server starts");
    assert!(github.api_url().ends_with("/api/v3"));
    let found = get(&github, "/repos/acme/api").to_json();
    assert_eq!(found["full_name"], "acme/api");
    assert!(found["url"].as_str().is_some_and(|url| url.starts_with(&github.api_url())));
    let bearer = [("authorization", "Bearer ghs_testkit")];
    let bare = send("GET", &format!("{}/repos/acme/api", github.url()), &bearer, b"").expect("an answer");
    assert_eq!(bare.status, 404);
}
