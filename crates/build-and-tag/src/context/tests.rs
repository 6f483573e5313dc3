use super::*;

fn tree(entries: &[(&str, ContextEntry)]) -> ContextTree {
    let mut tree = ContextTree::default();
    for (path, entry) in entries {
        tree.entries.insert((*path).to_owned(), entry.clone());
    }
    tree.add_parents();
    tree
}

fn link(target: &str) -> ContextEntry {
    ContextEntry::Link { target: target.to_owned() }
}

const FILE: ContextEntry = ContextEntry::File { executable: false, size: 0 };

#[test]
fn links_are_followed_inside_the_context_only() {
    let tree = tree(&[
        ("a/x", FILE),
        ("to-a", link("a")),
        ("out", link("../x")),
        ("abs", link("/etc")),
        ("loop", link("loop")),
    ]);
    assert_eq!(tree.resolve("to-a/x").as_deref(), Ok("a/x"));
    assert_eq!(tree.resolve("a/../a/./x").as_deref(), Ok("a/x"));
    for outside in ["out", "abs/passwd", "..", "a/../../x", "loop"] {
        assert_eq!(tree.resolve(outside), Err(Unresolved::Outside), "{outside}");
    }
    assert_eq!(tree.resolve("a/y"), Err(Unresolved::Missing));
}

#[test]
fn a_misspelt_path_finds_its_neighbors() {
    let tree = tree(&[("dist/backend", FILE), ("src/main.rs", FILE)]);
    assert_eq!(tree.similar_to("dist/bakcend"), ["dist/backend"]);
    assert!(tree.similar_to("zzz").is_empty());
}

#[test]
fn a_walk_prunes_what_is_left_out_but_finds_what_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["keep/deep/x", "drop/y"] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let rules = IgnoreRules::parse("*\n!keep/deep/x").unwrap();
    let tree = ContextTree::read(folder.path(), &rules, &[]).unwrap();
    assert_eq!(tree.entries.keys().collect::<Vec<_>>(), ["keep", "keep/deep", "keep/deep/x"]);
    assert!(tree.is_ignored("drop/y") && !tree.ignored.contains("drop/y"), "the folder was not entered");
}

#[test]
fn the_output_and_what_a_killed_run_left_of_it_are_no_context() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["out/index.json", ".slipway-Ab12/blobs/x", "src/.slipway-x", ".slipway.toml"] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let tree = ContextTree::read(folder.path(), &IgnoreRules::default(), &[folder.path().join("out")]).unwrap();
    assert_eq!(tree.entries.keys().collect::<Vec<_>>(), [".slipway.toml", "src", "src/.slipway-x"]);
}

#[test]
fn rules_that_take_too_long_for_so_many_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..10 {
        std::fs::write(folder.path().join(format!("aaaaaaaa{number}")), "x").unwrap();
    }
    let rules = IgnoreRules::parse(&"**/*a*a*a*b\n".repeat(10)).unwrap();
    let read = |steps| ContextTree::read_within(Steps::new(steps), folder.path(), &rules, &[]);
    assert_eq!(read(20_000).unwrap().entries.len(), 10);
    let error = read(2_000).unwrap_err();
    assert!(actions_core::ActionError::why(&error).unwrap().contains("fewer and simpler rules"), "{error:?}");
}
