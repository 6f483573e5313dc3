//! Tags: listed, peeled, created, never moved.

use actions_core::CancellationToken;
use github_client::{CreateTag, GitHubError, NewTag, TagKind, TagRef};
use serde_json::json;
use testkit::http::Reply;
use testkit::{FakeGitHub, Fault};

use crate::{OTHER, REPOSITORY, SHA, client, create, lightweight, lines};

#[tokio::test]
async fn more_tags_than_a_page_are_listed() {
    let server = FakeGitHub::start().unwrap();
    for number in 0..230 {
        server.add_tag(REPOSITORY, &format!("v1.0.{number}"), SHA);
    }
    server.add_tag(REPOSITORY, "backend-v1.0.0", SHA);
    let names = client(&server).tag_refs("v").await.unwrap();
    assert_eq!(names.len(), 230);
}

#[tokio::test]
async fn an_annotated_tag_is_followed_to_its_commit() {
    let server = FakeGitHub::start().unwrap();
    let object = server.add_annotated_tag(REPOSITORY, "v1.0.0", OTHER);
    let tag = client(&server).tag("v1.0.0").await.unwrap().unwrap();
    assert_ne!(object, tag.sha);
    assert_eq!(tag.sha, OTHER);
}

#[tokio::test]
async fn a_tag_is_found_by_its_whole_name_only() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v1.0.0-rc.1", SHA);
    server.add_tag(REPOSITORY, "team/v1", SHA);
    assert_eq!(client(&server).tag("v1.0.0").await.unwrap(), None);
    assert!(client(&server).tag("team/v1").await.unwrap().is_some());
}

#[tokio::test]
async fn a_repository_that_cannot_be_seen_has_no_missing_tag() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::status(404).on("GET", "/repos/*").always());
    let error = client(&server).tag("v1.0.0").await.unwrap_err();
    assert!(matches!(error, GitHubError::RepositoryNotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn a_tag_is_created_once() {
    let server = FakeGitHub::start().unwrap();
    let github = client(&server);
    assert_eq!(create(&github, lightweight("v1.0.0", SHA)).await.unwrap(), CreateTag::Created);
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
    assert_eq!(create(&github, lightweight("v1.0.0", SHA)).await.unwrap(), CreateTag::AlreadyThere);
    server.add_commit(REPOSITORY, OTHER, "another");
    assert_eq!(create(&github, lightweight("v1.0.0", OTHER)).await.unwrap(), CreateTag::Conflict { sha: SHA.into() });
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
}

#[tokio::test]
async fn an_annotated_tag_at_the_same_commit_is_as_good() {
    let server = FakeGitHub::start().unwrap();
    server.add_annotated_tag(REPOSITORY, "v1.0.0", SHA);
    assert_eq!(create(&client(&server), lightweight("v1.0.0", SHA)).await.unwrap(), CreateTag::AlreadyThere);
}

#[tokio::test]
async fn an_unknown_commit_cannot_be_tagged() {
    let server = FakeGitHub::start().unwrap();
    let error = create(&client(&server), lightweight("v1.0.0", OTHER)).await.unwrap_err();
    assert!(matches!(error, GitHubError::Invalid { status: 422, .. }), "{error:?}");
}

#[tokio::test]
async fn a_lost_answer_does_not_make_a_conflict() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::status(502).on("POST", "/repos/*/git/refs"));
    assert_eq!(create(&client(&server), lightweight("v1.0.0", SHA)).await.unwrap(), CreateTag::Created);
    assert_eq!(lines(&server).len(), 2);
}

#[tokio::test]
async fn a_list_tells_which_tags_need_a_second_look() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v1.0.0", SHA);
    server.add_annotated_tag(REPOSITORY, "v1.1.0", OTHER);
    let github = client(&server);
    let tags = github.tag_refs("v").await.unwrap();
    let kinds: Vec<_> = tags.iter().map(|tag| (tag.name.as_str(), tag.kind)).collect();
    assert_eq!(kinds, [("v1.0.0", TagKind::Lightweight), ("v1.1.0", TagKind::Annotated)]);
    assert_eq!(github.commit_of(&tags[0]).await.unwrap(), SHA);
    assert_eq!(lines(&server).len(), 1);
    assert_eq!(github.commit_of(&tags[1]).await.unwrap(), OTHER);
    assert_eq!(lines(&server).len(), 2);
}

#[tokio::test]
async fn an_annotated_tag_is_an_object_and_a_reference() {
    let server = FakeGitHub::start().unwrap();
    let github = client(&server);
    let tag = NewTag { name: "v1.0.0", sha: SHA, message: Some("Release 1.0.0") };
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    assert_eq!(github.create_tag(tag, &cancelled).await.unwrap(), CreateTag::Cancelled);
    assert_eq!((server.tag(REPOSITORY, "v1.0.0"), lines(&server).len()), (None, 1));
    assert_eq!(create(&github, tag).await.unwrap(), CreateTag::Created);
    assert_eq!(server.tag(REPOSITORY, "v1.0.0").as_deref(), Some(SHA));
    assert_eq!(server.tag_message(REPOSITORY, "v1.0.0").as_deref(), Some("Release 1.0.0"));
    assert_eq!(lines(&server).len(), 3);
    // Another run's tag at the same commit is as good, whatever its message; so is a lightweight one.
    let again = NewTag { message: Some("Once more"), ..tag };
    assert_eq!(create(&github, again).await.unwrap(), CreateTag::AlreadyThere);
    assert_eq!(server.tag_message(REPOSITORY, "v1.0.0").as_deref(), Some("Release 1.0.0"));
    server.add_tag(REPOSITORY, "v2.0.0", OTHER);
    let late = NewTag { name: "v2.0.0", ..tag };
    assert_eq!(create(&github, late).await.unwrap(), CreateTag::Conflict { sha: OTHER.into() });
}

#[tokio::test]
async fn many_annotated_tags_are_followed_at_once() {
    let server = FakeGitHub::start().unwrap();
    for number in 0..150 {
        server.add_annotated_tag(REPOSITORY, &format!("v1.{number}.0"), if number % 2 == 0 { SHA } else { OTHER });
    }
    server.add_tag(REPOSITORY, "v2.0.0", OTHER);
    let github = client(&server);
    let tags = github.tag_refs("v").await.unwrap();
    let wanted: Vec<&TagRef> = tags.iter().collect();
    let commits = github.commits_of(&wanted).await.unwrap();
    assert_eq!(lines(&server)[1..], ["POST /graphql", "POST /graphql"]);
    let commit_of = |name: &str| commits[&tags.iter().find(|tag| tag.name == name).unwrap().object].as_str();
    assert_eq!((commit_of("v1.0.0"), commit_of("v1.149.0"), commit_of("v2.0.0")), (SHA, OTHER, OTHER));
    // One alone is read, and nothing is asked for none.
    let one = tags.iter().find(|tag| tag.kind == TagKind::Annotated).unwrap();
    assert_eq!(github.commits_of(&[one]).await.unwrap().len(), 1);
    assert!(github.commits_of(&[]).await.unwrap().is_empty());
    assert_eq!(lines(&server)[3..], [format!("GET /repos/{REPOSITORY}/git/tags/{}", one.object)]);
}

#[tokio::test]
async fn a_tag_of_a_tag_is_followed_to_its_commit_and_a_refusal_is_told() {
    let server = FakeGitHub::start().unwrap();
    let inner = server.add_annotated_tag(REPOSITORY, "inner", SHA);
    server.add_annotated_tag(REPOSITORY, "v1.0.0", &inner);
    server.add_annotated_tag(REPOSITORY, "v1.1.0", OTHER);
    let github = client(&server);
    let tags = github.tag_refs("v").await.unwrap();
    let commits = github.commits_of(&[&tags[0], &tags[1]]).await.unwrap();
    assert_eq!((commits[&tags[0].object].as_str(), commits[&tags[1].object].as_str()), (SHA, OTHER));
    let refusal =
        json!({"data": null, "errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]});
    server.faults().add(Fault::reply(Reply::json(200, &refusal)).on("POST", "/graphql"));
    let error = github.commits_of(&[&tags[0], &tags[1]]).await.unwrap_err();
    assert!(matches!(&error, GitHubError::Forbidden { permission, .. } if permission == "contents: read"), "{error:?}");
}
