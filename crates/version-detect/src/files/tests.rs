use std::os::unix::fs::symlink;

use super::*;

#[test]
fn a_path_is_where_the_system_says_whatever_was_looked_at_before() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    std::fs::create_dir_all(root.join("a/b/c")).unwrap();
    for file in ["a/pom.xml", "a/b/pom.xml", "pom.xml", "a/b/c/pom.xml"] {
        std::fs::write(root.join(file), file).unwrap();
    }
    symlink("a/b", root.join("link")).unwrap();
    symlink("../pom.xml", root.join("a/linked.xml")).unwrap();
    symlink("nowhere", root.join("a/broken")).unwrap();
    let paths = [
        "pom.xml",
        "a/pom.xml",
        "a/b/../pom.xml",
        "link/../pom.xml",
        "link/pom.xml",
        "link/c/../../pom.xml",
        "a/linked.xml",
        "a/broken",
        "a/b/c",
        "a/pom.xml/../pom.xml",
        "a/missing/../pom.xml",
        "a/missing",
        "./a/./pom.xml",
        "link/c/../pom.xml",
    ];
    let system = |path: &str| {
        let real = root.join(path).canonicalize().ok()?;
        real.is_file().then_some(real)
    };
    for listed in [&[][..], &["", "a", "a/b", "link"][..]] {
        let tree = Tree::new(root.clone(), root.clone());
        for folder in listed {
            tree.names(&root.join(folder)).unwrap();
        }
        // What is remembered of the first time tells the same the second time.
        for path in paths.iter().chain(&paths) {
            assert_eq!(tree.locate(&root.join(path)).unwrap(), system(path), "{path} {listed:?}");
            assert_eq!(tree.is_folder(&root.join(path)), root.join(path).is_dir(), "{path} {listed:?}");
        }
    }
}

#[test]
fn what_leads_out_of_the_repository_is_refused_however_it_is_spelled() {
    let folder = tempfile::tempdir().unwrap();
    let outer = folder.path().canonicalize().unwrap();
    let root = outer.join("repository");
    std::fs::create_dir_all(root.join("a")).unwrap();
    std::fs::write(outer.join("secret"), "x").unwrap();
    symlink("../../secret", root.join("a/linked")).unwrap();
    symlink("..", root.join("up")).unwrap();
    let tree = Tree::new(root.clone(), root.clone());
    tree.names(&root.join("a")).unwrap();
    tree.names(&root).unwrap();
    for path in ["../secret", "a/linked", "a/../../secret", "up/secret"] {
        assert!(matches!(tree.locate(&root.join(path)), Err(Error::OutsideRepository { .. })), "{path}");
    }
    assert!(!tree.is_folder(&root.join("..")) && !tree.is_folder(&root.join("up")));
}
