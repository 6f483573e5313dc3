use std::path::Path;

use super::*;

fn write(folder: &Path, arguments: &[&str]) {
    let output = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false"])
        .args(arguments)
        .env("GIT_COMMITTER_DATE", "1700000000 +0000")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_branch_a_detached_head_and_no_repository_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!((head(folder).await, commit(folder).await), (Head::Unknown, None));
    write(folder, &["init", "-q", "-b", "feature/x"]);
    assert_eq!((head(folder).await, commit(folder).await), (Head::Branch("feature/x".to_owned()), None));
    write(folder, &["commit", "-q", "--allow-empty", "-m", "a"]);
    let seen = commit(folder).await.unwrap();
    assert_eq!((seen.sha.len(), seen.date), (40, 1_700_000_000));
    write(folder, &["checkout", "-q", "--detach"]);
    assert_eq!(head(folder).await, Head::Detached);
}

#[tokio::test]
async fn the_tags_of_a_shallow_clone_are_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, shallow) = (folder.path().join("whole"), folder.path().join("shallow"));
    std::fs::create_dir(&whole).unwrap();
    write(&whole, &["init", "-q", "-b", "main"]);
    for name in ["v1.0.0", "v1.1.0"] {
        write(&whole, &["commit", "-q", "--allow-empty", "-m", name]);
        write(&whole, &["tag", name]);
    }
    assert_eq!(tags(&whole).await.unwrap(), ["v1.0.0", "v1.1.0"]);
    write(&whole, &["tag", "-a", "-m", "x", "v1.2.0"]);
    let head = commit(&whole).await.unwrap().sha;
    let commits = tag_commits(&whole).await.unwrap();
    assert_eq!(commits[1..], [("v1.1.0".to_owned(), head.clone()), ("v1.2.0".to_owned(), head)]);
    assert_eq!(tag(&whole, "v1.1.0").await, commit(&whole).await.map(|commit| commit.sha));
    assert_eq!(tag(&whole, "v9.0.0").await, None);
    let url = format!("file://{}", whole.display());
    write(folder.path(), &["clone", "-q", "--depth", "1", &url, &shallow.display().to_string()]);
    assert!(tags(&shallow).await.unwrap_err().contains("shallow"));
    assert!(tags(folder.path()).await.unwrap_err().contains("no Git repository"));
    for (option, told) in
        [("--no-tags", Some("without tags")), ("--single-branch", Some("one branch alone")), ("-q", None)]
    {
        let clone = folder.path().join(option);
        write(folder.path(), &["clone", "-q", option, &url, &clone.display().to_string()]);
        assert_eq!(
            tags(&clone).await.err().map(|why| told.is_some_and(|told| why.contains(told))),
            told.map(|_| true),
            "{option}"
        );
    }
}

#[tokio::test]
async fn a_shallow_clone_has_its_commits_files_and_knows_its_parents() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, shallow) = (folder.path().join("whole"), folder.path().join("shallow"));
    std::fs::create_dir_all(whole.join("a b")).unwrap();
    write(&whole, &["init", "-q", "-b", "main"]);
    for (path, content) in [("kept", "1"), ("a b/old", "2"), ("ch\nanged", "3")] {
        std::fs::write(whole.join(path), content).unwrap();
    }
    write(&whole, &["add", "-A"]);
    write(&whole, &["commit", "-q", "-m", "first"]);
    let first = commit(&whole).await.unwrap().sha;
    std::fs::rename(whole.join("a b/old"), whole.join("a b/new")).unwrap();
    std::fs::write(whole.join("ch\nanged"), "4").unwrap();
    write(&whole, &["add", "-A"]);
    write(&whole, &["commit", "-q", "-m", "second"]);
    let second = commit(&whole).await.unwrap().sha;
    let url = format!("file://{}", whole.display());
    write(folder.path(), &["clone", "-q", "--depth", "1", &url, &shallow.display().to_string()]);

    assert_eq!(parents(&shallow, &second).await, Some(vec![first.clone()]));
    assert_eq!(parents(&shallow, &first).await, None);
    assert_eq!(tree(&shallow, &first).await, None);
    let (base, head) = (tree(&whole, &first).await.unwrap(), tree(&shallow, &second).await.unwrap());
    assert_eq!(head.keys().collect::<Vec<_>>(), ["a b", "a b/new", "ch\nanged", "kept"]);
    assert!(head["a b"].is_folder());
    assert_eq!(differences(&base, &head), ["a b/new", "a b/old", "ch\nanged"]);
    assert_eq!(differences(&head, &head), Vec::<String>::new());
    assert_eq!(blob(&shallow, &head["ch\nanged"].id).await.unwrap(), b"4");
    assert_eq!(blob(&shallow, &base["ch\nanged"].id).await, None);
    for odd in ["--help", "", "main", "HEAD~1", &"z".repeat(40)] {
        assert_eq!(tree(&whole, odd).await, None, "{odd}");
    }
}

#[tokio::test]
async fn what_two_commits_have_in_common_is_told_by_a_whole_clone_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, shallow) = (folder.path().join("whole"), folder.path().join("shallow"));
    std::fs::create_dir(&whole).unwrap();
    write(&whole, &["init", "-q", "-b", "main"]);
    let commit_one = async |message: &str| {
        write(&whole, &["commit", "-q", "--allow-empty", "-m", message]);
        commit(&whole).await.unwrap().sha
    };
    let first = commit_one("first").await;
    write(&whole, &["checkout", "-q", "-b", "x"]);
    let ours = commit_one("ours").await;
    write(&whole, &["checkout", "-q", "main"]);
    let theirs = commit_one("theirs").await;
    assert_eq!(merge_base(&whole, &theirs, &ours).await, Some(first.clone()));
    assert_eq!(merge_base(&whole, &theirs, &"d".repeat(40)).await, None);
    assert_eq!(merge_base(&whole, "main", "--help").await, None);
    let url = format!("file://{}", whole.display());
    write(folder.path(), &["clone", "-q", "--depth", "1", &url, &shallow.display().to_string()]);
    assert_eq!(merge_base(&shallow, &theirs, &theirs).await, None);
}

#[tokio::test]
async fn what_is_not_as_committed_is_told_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let put = |path: &str, text: &str| {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), text).unwrap();
    };
    assert_eq!(uncommitted(root).await, None);
    write(root, &["init", "-q", "-b", "main"]);
    for path in ["app/a", "app/b c", "app/gone", "other"] {
        put(path, "x");
    }
    write(root, &["add", "."]);
    write(root, &["commit", "-q", "-m", "a"]);
    assert_eq!(uncommitted(root).await.unwrap(), Vec::<String>::new());
    put("app/a", "y");
    put("app/b c", "y");
    put("app/new", "y");
    put("other", "y");
    std::fs::remove_file(root.join("app/gone")).unwrap();
    write(root, &["add", "app/a"]);
    assert_eq!(uncommitted(&root.join("app")).await.unwrap(), ["a", "b c", "gone"]);
    assert_eq!(uncommitted(root).await.unwrap(), ["app/a", "app/b c", "app/gone", "other"]);
    // Git would start the program.
    write(root, &["config", "filter.x.clean", &format!("touch {}", root.join("pwned").display())]);
    put(".gitattributes", "* filter=x\n");
    assert_eq!(uncommitted(root).await, None);
    assert!(!root.join("pwned").exists());
}
