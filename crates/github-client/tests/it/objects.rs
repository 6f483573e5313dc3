//! Commits, trees and files, of a real repository.

use std::path::Path;
use std::process::Command;

use github_client::Depth;
use testkit::FakeGitHub;

use crate::{REPOSITORY, client};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn what_a_commit_holds_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "-q", "-b", "main"]);
    std::fs::create_dir(folder.join("a b")).unwrap();
    std::fs::write(folder.join("a b/c"), "content\n".repeat(40)).unwrap();
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "first"]);
    let first = git(folder, &["rev-parse", "HEAD"]);
    git(folder, &["checkout", "-q", "-b", "feature/x"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", "second"]);
    let second = git(folder, &["rev-parse", "HEAD"]);
    git(folder, &["checkout", "-q", "main"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", "third"]);
    let server = FakeGitHub::start().unwrap();
    server.show_git(REPOSITORY, folder);
    let github = client(&server);

    let tree = github.tree(&first, Depth::All).await.unwrap().unwrap();
    let entries: Vec<_> = tree.entries.iter().map(|entry| (entry.path.as_str(), entry.mode.as_str())).collect();
    assert_eq!((entries, tree.truncated), (vec![("a b", "040000"), ("a b/c", "100644")], false));
    assert_eq!(github.blob(&tree.entries[1].sha).await.unwrap(), "content\n".repeat(40).as_bytes());
    let below = github.tree(&tree.entries[0].sha, Depth::One).await.unwrap().unwrap();
    assert_eq!(below.entries[0].path, "c");
    assert_eq!(github.git_commit(&second).await.unwrap().unwrap().parents, std::slice::from_ref(&first));
    assert_eq!(github.merge_base("feature/x", "main").await.unwrap(), Some(first));
    let unknown = "0".repeat(40);
    assert_eq!(github.tree(&unknown, Depth::All).await.unwrap(), None);
    assert_eq!(github.git_commit(&unknown).await.unwrap(), None);
    assert_eq!(github.merge_base("main", &unknown).await.unwrap(), None);
    server.truncate_trees(REPOSITORY, 1);
    assert!(github.tree("main", Depth::All).await.unwrap().unwrap().truncated);
}
