//! Every request conforms to GitHub's own OpenAPI document.

use testkit::FakeGitHub;
use testkit::github::Pull;

use crate::{OTHER, REPOSITORY, SHA, client, create, lightweight};

#[tokio::test]
async fn every_request_is_one_that_github_documents() {
    let document = match testkit::openapi::github() {
        Ok(document) => document,
        Err(reason) => {
            eprintln!("SKIPPED every_request_is_one_that_github_documents: {reason}");
            return;
        }
    };
    let server = FakeGitHub::start().unwrap();
    server.add_annotated_tag(REPOSITORY, "v0.9.0", OTHER);
    server.add_pull(REPOSITORY, Pull { number: 7, ..Pull::default() });
    let github = client(&server);
    github.tag_refs("v").await.unwrap();
    github.tag("v0.9.0").await.unwrap();
    github.tag("v1.0.0").await.unwrap();
    create(&github, lightweight("v1.0.0", SHA)).await.unwrap();
    create(&github, lightweight("v1.0.0", SHA)).await.unwrap();
    let comment = github.create_comment(7, "<!-- m -->").await.unwrap();
    github.find_sticky_comment(7, "<!-- m -->").await.unwrap();
    github.update_comment(comment.id, "new").await.unwrap();
    assert_eq!(github.comment(comment.id).await.unwrap().unwrap().body, "new");
    github.delete_comment(comment.id).await.unwrap();
    github.delete_comment(comment.id).await.unwrap();
    assert_eq!(github.comment(comment.id).await.unwrap(), None);
    server.add_run(REPOSITORY, 5, 2, 9, SHA);
    let run = github.workflow_run(5).await.unwrap().unwrap();
    assert_eq!((run.workflow, run.commit.as_str(), run.attempt), (9, SHA, 2));
    assert_eq!(github.workflow_run(6).await.unwrap(), None);
    github.update_pull_body(7, "new").await.unwrap();
    github.pull_body(7).await.unwrap();
    let checked = document.check_exchanges(&server.exchanges()).unwrap();
    assert_eq!(checked, server.requests().len());
}
