//! A commit and a pull request without a clone.

use github_client::{CreatePull, Depth, GitHubError, NewFile, NewPull, PLAIN_FILE, SetBranch};
use testkit::github::REPOSITORY;
use testkit::{FakeGitHub, Fault};

use crate::{SHA, client};

fn file(path: &str, content: &str) -> NewFile {
    NewFile { path: path.into(), mode: PLAIN_FILE.into(), content: content.into() }
}

fn pull() -> NewPull {
    NewPull { head: "next".into(), base: "main".into(), title: "Next".into(), body: "text".into() }
}

#[tokio::test]
async fn a_file_is_changed_and_proposed() {
    let server = FakeGitHub::start().unwrap();
    server.set_files(REPOSITORY, SHA, &[("VERSION", "1.0.0\n"), ("a/b", "x")]);
    let github = client(&server);
    let base = github.branch("main").await.unwrap().unwrap();
    assert_eq!((base.as_str(), github.branch("none").await.unwrap()), (SHA, None));
    let commit = github.git_commit(&base).await.unwrap().unwrap();
    let tree = github.tree(&commit.tree, Depth::All).await.unwrap().unwrap();
    let paths: Vec<&str> = tree.entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!((paths, tree.truncated), (vec!["VERSION", "a/b", "a"], false));
    assert_eq!(github.blob(&tree.entries[0].sha).await.unwrap(), b"1.0.0\n");

    let tree = github.create_tree(&commit.tree, &[file("VERSION", "1.1.0-SNAPSHOT\n")]).await.unwrap();
    let new = github.create_commit("chore: next", &tree, &base).await.unwrap();
    assert_eq!(github.git_commit(&new).await.unwrap().unwrap().parents, [SHA]);
    assert_eq!(github.create_branch("next", &new).await.unwrap(), SetBranch::Done);
    assert_eq!(github.create_branch("next", &new).await.unwrap(), SetBranch::AlreadyThere);
    assert_eq!(server.files(REPOSITORY, "next")["VERSION"], "1.1.0-SNAPSHOT\n");
    assert_eq!(server.files(REPOSITORY, "main")["VERSION"], "1.0.0\n");
    assert_eq!(server.files(REPOSITORY, "next")["a/b"], "x");

    let CreatePull::Created(first) = github.create_pull(&pull()).await.unwrap() else { panic!() };
    let CreatePull::AlreadyThere(second) = github.create_pull(&pull()).await.unwrap() else { panic!() };
    assert_eq!((first.number, first.base_ref.as_str()), (second.number, "main"));
}

#[tokio::test]
async fn a_branch_goes_forward_and_is_never_forced() {
    let server = FakeGitHub::start().unwrap();
    server.set_files(REPOSITORY, SHA, &[("VERSION", "1")]);
    let github = client(&server);
    let tree = github.git_commit(SHA).await.unwrap().unwrap().tree;
    let first = github.create_commit("a", &tree, SHA).await.unwrap();
    let second = github.create_commit("b", &tree, SHA).await.unwrap();
    assert_eq!(github.create_branch("next", &first).await.unwrap(), SetBranch::Done);
    assert_eq!(github.create_branch("next", &second).await.unwrap(), SetBranch::Conflict { sha: first.clone() });
    assert_eq!(github.advance_branch("next", &second).await.unwrap(), SetBranch::Conflict { sha: first.clone() });
    let third = github.create_commit("c", &tree, &first).await.unwrap();
    server.faults().add(Fault::status(502).on("PATCH", "*/git/refs/*"));
    assert_eq!(github.advance_branch("next", &third).await.unwrap(), SetBranch::Done);
    assert_eq!(server.refs(REPOSITORY)["refs/heads/next"], third);
}

#[tokio::test]
async fn a_pull_request_without_commits_and_a_job_that_may_open_none_are_told() {
    let server = FakeGitHub::start().unwrap();
    server.add_ref(REPOSITORY, "refs/heads/next", SHA);
    let error = client(&server).create_pull(&pull()).await.unwrap_err();
    assert!(matches!(&error, GitHubError::Invalid { message, .. } if message.contains("No commits")), "{error:?}");
    let words = serde_json::json!({"message": "GitHub Actions is not permitted to create or approve pull requests."});
    server.faults().add(Fault::reply(testkit::http::Reply::json(403, &words)).on("POST", "*/pulls"));
    let error = client(&server).create_pull(&pull()).await.unwrap_err();
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert!(help.contains("Allow GitHub Actions to create and approve pull requests"), "{help}");
}
