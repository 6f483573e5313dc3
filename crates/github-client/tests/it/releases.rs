//! Releases and what they start.

use github_client::{CreateRelease, GitHubError, NewRelease};
use serde_json::{Map, Value, json};
use testkit::github::REPOSITORY;
use testkit::{FakeGitHub, Fault};

use crate::{OTHER, SHA, client, lines};

fn release(tag: &str) -> NewRelease {
    NewRelease {
        tag: tag.into(),
        commit: SHA.into(),
        name: tag.into(),
        body: "notes".into(),
        draft: false,
        prerelease: false,
        latest: true,
    }
}

fn payload() -> Map<String, Value> {
    json!({"version": "1.0.0"}).as_object().unwrap().clone()
}

#[tokio::test]
async fn a_release_is_created_once_and_makes_its_tag() {
    let server = FakeGitHub::start().unwrap();
    let github = client(&server);
    assert_eq!(github.release_by_tag("v1.0.0").await.unwrap(), None);
    let CreateRelease::Created(first) = github.create_release(&release("v1.0.0")).await.unwrap() else { panic!() };
    assert_eq!((first.tag.as_str(), first.draft, first.target.as_str()), ("v1.0.0", false, SHA));
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
    assert_eq!(server.latest_release(REPOSITORY), Some(first.id));
    let second = github.create_release(&NewRelease { body: "other".into(), ..release("v1.0.0") }).await.unwrap();
    assert_eq!(second, CreateRelease::AlreadyThere(first.clone()));
    assert_eq!(server.releases(REPOSITORY)[0]["body"], "notes");
    let older = NewRelease { latest: false, ..release("v0.9.1") };
    assert!(matches!(github.create_release(&older).await.unwrap(), CreateRelease::Created(_)));
    assert_eq!(server.latest_release(REPOSITORY), Some(first.id));
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_release() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::status(502).on("POST", "/repos/*/releases"));
    assert!(matches!(client(&server).create_release(&release("v1.0.0")).await.unwrap(), CreateRelease::Created(_)));
    // A draft might be there twice then, so it is not sent again.
    server.faults().add(Fault::status(502).on("POST", "/repos/*/releases"));
    let draft = NewRelease { draft: true, latest: false, ..release("v2.0.0") };
    let error = client(&server).create_release(&draft).await.unwrap_err();
    assert!(matches!(error, GitHubError::Server { .. }), "{error:?}");
}

#[tokio::test]
async fn a_draft_is_found_in_the_list_and_published_with_its_own_text() {
    let server = FakeGitHub::start().unwrap();
    let github = client(&server);
    let draft = NewRelease { draft: true, latest: false, ..release("v1.0.0") };
    assert!(matches!(github.create_release(&draft).await.unwrap(), CreateRelease::Created(_)));
    assert_eq!((server.tag(REPOSITORY, "v1.0.0"), server.latest_release(REPOSITORY)), (None, None));
    assert_eq!(github.release_by_tag("v1.0.0").await.unwrap(), None);
    assert!(github.draft_releases("v1.0.1").await.unwrap().is_empty());
    let found = github.draft_releases("v1.0.0").await.unwrap();
    let published =
        github.publish_release(&found[0], &NewRelease { body: "x".into(), ..release("v1.0.0") }).await.unwrap();
    assert!(!published.draft);
    assert_eq!(server.releases(REPOSITORY)[0]["body"], "notes");
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
}

#[tokio::test]
async fn what_github_refuses_is_told() {
    let server = FakeGitHub::start().unwrap();
    let long = NewRelease { body: "x".repeat(github_client::LONGEST_RELEASE_BODY + 1), ..release("v1.0.0") };
    let error = client(&server).create_release(&long).await.unwrap_err();
    assert!(matches!(&error, GitHubError::Invalid { message, .. } if message.contains("too long")), "{error:?}");
    let nowhere = NewRelease { commit: OTHER.into(), ..release("v1.0.0") };
    let error = client(&server).create_release(&nowhere).await.unwrap_err();
    assert!(matches!(error, GitHubError::Invalid { .. }), "{error:?}");
}

#[tokio::test]
async fn workflows_are_started_here_and_elsewhere() {
    let server = FakeGitHub::builder().repository("acme/deploy").start().unwrap();
    server.add_workflow(REPOSITORY, "deploy.yml", &["version"]);
    let github = client(&server);
    github.dispatch_workflow("deploy.yml", "main", &payload()).await.unwrap();
    github.of_repository("acme/deploy").unwrap().repository_dispatch("released", &payload()).await.unwrap();
    assert_eq!(server.dispatches(REPOSITORY)[0]["inputs"]["version"], "1.0.0");
    assert_eq!(server.dispatches("acme/deploy")[0]["event_type"], "released");
    assert!(github.of_repository("acme/../x").is_err());

    let error = github.dispatch_workflow("other.yml", "main", &payload()).await.unwrap_err();
    assert!(
        matches!(error, GitHubError::NotFound { ref permission, .. } if permission == "actions: write"),
        "{error:?}"
    );
    let undeclared = json!({"sha": SHA}).as_object().unwrap().clone();
    let error = github.dispatch_workflow("deploy.yml", "main", &undeclared).await.unwrap_err();
    assert!(matches!(&error, GitHubError::Invalid { message, .. } if message.contains("sha")), "{error:?}");
}

#[tokio::test]
async fn a_dispatch_whose_answer_is_lost_is_not_sent_again() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::status(502).on("POST", "*/dispatches"));
    let error = client(&server).repository_dispatch("released", &payload()).await.unwrap_err();
    assert!(matches!(error, GitHubError::Server { .. }), "{error:?}");
    assert_eq!(lines(&server).len(), 1);
}
