use proptest::prelude::*;

use super::super::path::End;
use super::*;

/// Whether one of `covers` is `path` or a wildcard over it.
pub(crate) fn is_covered(path: &str, covers: &[String]) -> bool {
    covers.iter().any(|cover| cover == path || cover.strip_suffix('*').is_some_and(|start| path.starts_with(start)))
}

/// Items from texts; a `*` at the end is one that must be there, and `?*` one behind a query.
fn items(paths: &[&str]) -> BTreeSet<Item> {
    let item = |path: &&str| {
        let (text, end) = match (path.strip_suffix("?*"), path.strip_suffix('*')) {
            (Some(text), _) => (text, End::Query),
            (None, Some(text)) => (text, End::Anything),
            (None, None) => (*path, End::Exact),
        };
        Item { text: text.to_owned(), end }
    };
    paths.iter().map(item).collect()
}

fn sorted(paths: &[&str]) -> Vec<String> {
    let paths: BTreeSet<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    paths.into_iter().collect()
}

#[track_caller]
fn check(due: &[&str], innocents: &[&str], paths: usize, expect: &[&str], taken: usize) {
    let found = cover(&items(due), &sorted(innocents), Limits { paths, wildcards: 3 });
    let expect =
        Cover { paths: expect.iter().map(|path| (*path).to_owned()).collect(), innocents: taken, is_optimal: true };
    assert_eq!(found, expect);
}

#[test]
fn few_paths_stay_as_they_are() {
    check(&["/a/1", "/a/2", "/a/3", "/b"], &[], 9, &["/a/1", "/a/2", "/a/3", "/b"], 0);
}

#[test]
fn a_wildcard_is_written_where_it_saves_four_paths_or_there_are_too_many() {
    check(&["/a/1", "/a/2", "/a/3", "/a/4", "/a/5", "/b"], &["/x"], 9, &["/a/*", "/b"], 0);
    check(&["/a/1", "/a/2", "/a/3", "/a/4", "/b"], &["/x"], 2, &["/a/*", "/b"], 0);
}

#[test]
fn the_fewest_others_are_taken() {
    check(
        &["/a/1", "/a/2", "/b/1", "/b/2"],
        &["/a/3", "/a/4", "/a/5", "/a/6", "/b/3"],
        3,
        &["/a/1", "/a/2", "/b/*"],
        1,
    );
    check(&["/a/1", "/b/1"], &["/c/1"], 1, &["/*"], 1);
    check(&["/site/1", "/site/2", "/site/a/3"], &["/site2/x"], 1, &["/site/*"], 0);
}

#[test]
fn what_must_be_a_wildcard_swallows_what_it_covers() {
    check(&["/a*", "/a!", "/ab", "/b"], &["/ac"], 9, &["/a*", "/b"], 1);
}

#[test]
fn more_queries_than_wildcards_become_one() {
    let due = ["/a/1", "/a/1?*", "/a/2", "/a/2?*", "/b", "/b?*"];
    check(&due, &["/a/3", "/c"], 9, &["/a/1", "/a/1?*", "/a/2", "/a/2?*", "/b", "/b?*"], 0);
    let found = cover(&items(&due), &sorted(&["/a/3", "/c"]), Limits { paths: 9, wildcards: 2 });
    assert_eq!((found.paths, found.innocents), (vec!["/a/*".to_owned(), "/b*".to_owned()], 1));
}

#[test]
fn a_wildcard_ends_behind_a_whole_character() {
    // The two letters share their first byte.
    check(&["/caf\u{e9}/1", "/caf\u{e8}/1"], &["/b"], 1, &["/caf*"], 0);
    check(&["/\u{e9} 1", "/\u{e9}!1"], &["/b"], 1, &["/%C3%A9*"], 0);
}

#[test]
fn folders_that_changed_as_a_whole_are_a_path_each() {
    let due: BTreeSet<Item> = (0..200).map(|page| Item::new(&format!("part{}/page{page}.html", page % 5))).collect();
    let innocents: Vec<String> = (100..400).map(|asset| format!("/assets/{asset}.js")).collect();
    let found = cover(&due, &innocents, Limits { paths: 100, wildcards: 10 });
    assert!(found.paths.len() <= 5 && found.innocents == 0, "{found:?}");
}

#[test]
fn a_budget_that_binds_is_used_up() {
    // Every other file of ten folders of a hundred: no price leads to anything between four folders and five.
    let name = |file: usize| format!("d{}/f{file:03}.html", file / 100);
    let due: BTreeSet<Item> = (0..1000).step_by(2).map(|file| Item::new(&name(file))).collect();
    let innocents: Vec<String> = (0..1000).skip(1).step_by(2).map(|file| format!("/{}", name(file))).collect();
    let found = cover(&due, &innocents, Limits { paths: 300, wildcards: 10 });
    // Four folders save 49 each, the fifth wildcard of ten files the last four.
    assert_eq!((found.innocents, found.paths.len(), found.is_optimal), (205, 300, true), "{:?}", found.paths);
}

#[test]
fn a_broad_wildcard_gives_way_to_narrow_ones() {
    let due = ["/", "/?*", "/a/", "/a/?*", "/aa/", "/b/", "/\u{e9}/", "/\u{e9}a?*"];
    let others = ["/a", "/a/a", "/a/a/", "/a/\u{e9}", "/\u{e9}", "/\u{e9}/\u{e9}"];
    check(&due, &others, 6, &["/", "/%C3%A9/", "/%C3%A9a?*", "/?*", "/a*", "/b/"], 4);
}

/// All ways that there are: the fewest paths for each number of innocents.
fn brute_force(due: &BTreeSet<Item>, innocents: &[String], limits: Limits, least: usize) -> Vec<(usize, usize)> {
    let texts: Vec<&str> = due.iter().map(|item| item.text.as_str()).collect();
    let common = |one: &str, other: &str| -> String {
        one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    };
    let forced = |text: &str| due.contains(&Item { text: text.to_owned(), end: End::Anything });
    let below = |text: &str| texts.iter().filter(|path| path.starts_with(text)).count();
    let mut places: BTreeSet<String> = texts
        .iter()
        .enumerate()
        .flat_map(|(at, one)| texts[at + 1..].iter().map(move |two| common(one, two)))
        .collect();
    places.retain(|place| below(place) >= least);
    places.extend(texts.iter().filter(|text| forced(text)).map(|text| (*text).to_owned()));
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    let way = |chosen: u32| {
        let chosen: Vec<&str> =
            places.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, place)| *place).collect();
        let covered = |text: &str| chosen.iter().any(|place| text.starts_with(place));
        let open: Vec<&Item> = due.iter().filter(|item| !covered(&item.text)).collect();
        let wildcards = chosen.len() + open.iter().filter(|item| item.end == End::Query).count();
        let fits = wildcards <= limits.wildcards && open.iter().all(|item| item.end != End::Anything);
        fits.then(|| (innocents.iter().filter(|path| covered(path)).count(), chosen.len() + open.len()))
    };
    (0..1_u32 << places.len()).filter_map(way).collect()
}

fn text() -> impl Strategy<Value = String> {
    "/([ab\u{e9}\u{e8}]{1,2}/){0,2}[ab\u{e9}]{0,2}"
}

fn due() -> impl Strategy<Value = BTreeSet<Item>> {
    let end = prop_oneof![8 => Just(End::Exact), 1 => Just(End::Query), 1 => Just(End::Anything)];
    proptest::collection::btree_set((text(), end).prop_map(|(text, end)| Item { text, end }), 1..=12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_other_way_is_better(
        due in due(), innocents in proptest::collection::btree_set(text(), 0..16), paths in 1_usize..8, wildcards in 1_usize..4,
    ) {
        let innocents: Vec<String> =
            innocents.into_iter().filter(|path| due.iter().all(|item| item.text != *path)).collect();
        let limits = Limits { paths, wildcards };
        let found = cover(&due, &innocents, limits);
        let (taken, written) = (found.innocents, found.paths.len());
        prop_assert!(written <= paths && found.paths.iter().filter(|path| path.ends_with('*')).count() <= wildcards);
        for item in &due {
            prop_assert!(is_covered(&item.written(), &found.paths), "{item:?} in {:?}", found.paths);
        }
        let best = |least: usize| {
            brute_force(&due, &innocents, limits, least).into_iter().filter(|(_, count)| *count <= paths).min()
        };
        let (modest, any) = (best(WORTH + 1), best(2));
        let least = modest.filter(|modest| any.is_none_or(|any| modest.0 <= any.0)).or(any);
        prop_assert_eq!(Some((taken, written)), least);
        prop_assert!(found.is_optimal);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn too_much_to_look_through_is_covered_too(
        due in due(), innocents in proptest::collection::btree_set(text(), 0..16), paths in 1_usize..8, wildcards in 1_usize..4,
    ) {
        let innocents: Vec<String> = innocents.into_iter().collect();
        let found = with(&due, &innocents, Limits { paths, wildcards }, Work::of(0));
        prop_assert!(found.paths.len() <= paths && found.paths.iter().filter(|path| path.ends_with('*')).count() <= wildcards);
        for item in &due {
            prop_assert!(is_covered(&item.written(), &found.paths), "{item:?} in {:?}", found.paths);
        }
    }
}
