use proptest::prelude::*;

use super::*;

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, id) in files {
        for (at, _) in path.match_indices('/') {
            let below: String = files
                .iter()
                .filter(|(file, _)| file.starts_with(&path[..=at]))
                .flat_map(|(file, id)| [*file, *id, ";"])
                .collect();
            tree.insert(path[..at].to_owned(), Entry { mode: "040000".into(), id: below });
        }
        tree.insert((*path).to_owned(), Entry { mode: "100644".into(), id: (*id).to_owned() });
    }
    tree
}

/// What going into folders finds, with the folders of `base` at hand.
fn descended(base: &Tree, head: &Tree) -> Vec<String> {
    let mut changed = Vec::new();
    let mut open = vec![String::new()];
    while let Some(prefix) = open.pop() {
        let direct = |path: &str| path.strip_prefix(prefix.as_str()).is_some_and(|name| !name.contains('/'));
        let before: Tree =
            base.iter().filter(|(path, _)| direct(path)).map(|(path, entry)| (path.clone(), entry.clone())).collect();
        for (path, entry) in before.iter().filter(|(path, entry)| head.get(*path) != Some(entry)) {
            if entry.is_folder() { open.push(format!("{path}/")) } else { changed.push(path.clone()) }
        }
        changed.extend(added(&before, head, &prefix));
    }
    changed.sort_unstable();
    changed.dedup();
    changed
}

proptest! {
    #[test]
    fn going_into_folders_finds_what_a_whole_list_finds(
        base in prop::collection::btree_map("[ab](/[ab]){0,2}", "[xy]", 0..6),
        head in prop::collection::btree_map("[ab](/[ab]){0,2}", "[xy]", 0..6),
    ) {
        // A path is a file or a folder, not both.
        let whole = |files: &std::collections::BTreeMap<String, String>| {
            let kept: Vec<(&str, &str)> = files
                .iter()
                .filter(|(path, _)| !files.keys().any(|other| path.starts_with(&format!("{other}/"))))
                .map(|(path, id)| (path.as_str(), id.as_str()))
                .collect();
            tree(&kept)
        };
        let (base, head) = (whole(&base), whole(&head));
        prop_assert_eq!(descended(&base, &head), differences(&base, &head));
    }
}
