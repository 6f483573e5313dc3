use proptest::prelude::*;

use super::*;

fn tree(files: &[(String, String)]) -> Tree {
    let mut tree = Tree::default();
    for (path, text) in files {
        let kind = NodeKind::File(Content::Text(text.clone()));
        tree.insert(path.clone(), Node { kind, mode: 0o644, user: 0, group: 0, modified: 1, attributes: None });
    }
    tree
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_change_the_bytes(
        files in proptest::collection::btree_map("[a-z]{1,150}", "[a-z]{0,9}", 0..8),
        seed in any::<u64>(),
    ) {
        let files: Vec<(String, String)> = files.into_iter().collect();
        let mut shuffled = files.clone();
        shuffled.sort_by_key(|(path, _)| path.bytes().fold(seed, |sum, byte| sum.rotate_left(5) ^ u64::from(byte)));
        let (first, second) = (write(&tree(&files), Vec::new()).unwrap(), write(&tree(&shuffled), Vec::new()).unwrap());
        prop_assert_eq!(&first, &second);
        let mut archive = tar::Archive::new(first.as_slice());
        let names: Vec<String> = archive.entries().unwrap()
            .map(|entry| String::from_utf8(entry.unwrap().path_bytes().into_owned()).unwrap()).collect();
        prop_assert_eq!(names, files.into_iter().map(|(path, _)| path).collect::<Vec<_>>());
    }
}

#[test]
fn a_file_that_shrank_is_an_error_and_no_damaged_layer() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "short").unwrap();
    let content = Content::Section { path: file.path().to_path_buf(), offset: 0, size: 10 };
    let mut tree = Tree::default();
    tree.insert("a".to_owned(), Node { kind: NodeKind::File(content), ..Node::folder(0) });
    let error = write(&tree, Vec::new()).unwrap_err();
    assert_eq!(miette::Diagnostic::code(&error).unwrap().to_string(), "build-and-tag/changed");
}
