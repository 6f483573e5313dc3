use proptest::prelude::*;

use super::cover::is_covered;
use super::*;

fn distribution(origin_path: &str, root_object: Option<&str>) -> Distribution {
    Distribution {
        id: DistributionId::parse("E2QWRUHAPOMQZL").unwrap(),
        origin_paths: BTreeSet::from([origin_path.to_owned()]),
        root_object: root_object.map(str::to_owned),
        configuration: Configuration::Known,
    }
}

#[track_caller]
fn check(key: &str, expect: &[&str]) {
    assert_eq!(distribution("", Some("index.html")).paths(key), expect, "{key}");
}

#[test]
fn a_page_is_shown_under_its_folder_too() {
    check("app.js", &["/app.js"]);
    check("index.html", &["/index.html", "/"]);
    check("docs/index.html", &["/docs/index.html", "/docs/"]);
    check("docs/old-index.html", &["/docs/old-index.html"]);
}

#[test]
fn the_default_root_object_is_shown_under_the_root() {
    assert_eq!(distribution("", Some("home.html")).paths("home.html"), ["/home.html", "/"]);
    assert_eq!(distribution("", None).paths("index.html"), ["/index.html", "/"]);
}

#[test]
fn an_origin_path_is_not_part_of_the_path() {
    let site = distribution("sites/a", Some("index.html"));
    assert_eq!(site.paths("sites/a/index.html"), ["/index.html", "/"]);
    assert_eq!(site.paths("sites/a/x.css"), ["/x.css"]);
    assert!(site.paths("sites/ab/x.css").is_empty());
    assert!(site.paths("other/x.css").is_empty());
}

#[test]
fn only_what_cloudfront_wants_encoded_is_encoded() {
    check("a b.html", &["/a%20b.html"]);
    check("a+b=c&d@e,f!(g)$h'.html", &["/a+b=c&d@e,f!(g)$h'.html"]);
    check("100%.html", &["/100%25.html"]);
    check("what?.html", &["/what%3F.html"]);
    check("käse/日本.html", &["/k%C3%A4se/%E6%97%A5%E6%9C%AC.html"]);
    check("[id]/{x}|^#`.js", &["/%5Bid%5D/%7Bx%7D%7C%5E%23%60.js"]);
}

#[test]
fn a_path_that_cannot_be_written_is_cut_to_a_wildcard() {
    check("static/run~time.js", &["/static/run*"]);
    check("a*b.js", &["/a*"]);
}

#[track_caller]
fn check_collapse(paths: &[&str], most: usize, expect: &[&str]) {
    assert_eq!(collapse(paths.iter().map(|path| (*path).to_owned()).collect(), most), expect);
}

#[test]
fn paths_that_fit_stay_exact() {
    check_collapse(&["/a/1", "/a/2", "/b"], 3, &["/a/1", "/a/2", "/b"]);
}

#[test]
fn the_fullest_of_the_deepest_folders_goes_first() {
    check_collapse(&["/a/1", "/a/2", "/b/1", "/b/2", "/b/3", "/c"], 4, &["/a/1", "/a/2", "/b/*", "/c"]);
    check_collapse(&["/a/x/1", "/a/x/2", "/a/3", "/b"], 3, &["/a/3", "/a/x/*", "/b"]);
    check_collapse(&["/a/x/1", "/a/y/2", "/b"], 2, &["/a/*", "/b"]);
    check_collapse(&["/1", "/2", "/3"], 1, &["/*"]);
}

#[test]
fn a_site_in_a_folder_never_takes_its_neighbors() {
    check_collapse(&["/site/1", "/site/2", "/site/a/3"], 1, &["/site/*"]);
}

#[test]
fn a_wildcard_swallows_what_it_covers() {
    check_collapse(&["/a*", "/a!", "/ab", "/b"], 9, &["/a*", "/b"]);
}

#[test]
fn wildcards_stay_below_their_own_quota() {
    let paths: BTreeSet<String> =
        (0..40).flat_map(|folder| (0..3).map(move |file| format!("/s/{folder}/{file}"))).collect();
    assert_eq!(collapse(paths, 50), ["/s/*"]);
}

fn due<'a>(keys: impl IntoIterator<Item = &'a str>) -> Due {
    Due { keys: keys.into_iter().map(str::to_owned).collect(), everything: None }
}

#[test]
fn everything_below_a_prefix_is_one_wildcard() {
    let everything = |origin_path: &str, prefix: &str| {
        let due = Due { keys: BTreeSet::new(), everything: Some(Prefix::parse(prefix).unwrap()) };
        Invalidation::of(&distribution(origin_path, None), &due, 9, &[]).map(|invalidation| invalidation.paths)
    };
    assert_eq!(everything("", ""), Some(vec!["/*".to_owned()]));
    assert_eq!(everything("", "my site"), Some(vec!["/my%20site/*".to_owned()]));
    assert_eq!(everything("a", "a"), Some(vec!["/*".to_owned()]));
    assert_eq!(everything("a", "a/b"), Some(vec!["/b/*".to_owned()]));
    assert_eq!(everything("a/b", "a"), Some(vec!["/*".to_owned()]));
    assert_eq!(everything("a", "ab"), None);
}

#[test]
fn a_reference_names_the_change_and_not_only_the_paths() {
    let id = distribution("", None);
    let due = due(["index.html"]);
    let reference = |debt: &str| Invalidation::of(&id, &due, 9, &[debt.to_owned()]).unwrap().caller_reference;
    assert_eq!(reference("one"), reference("one"));
    assert_ne!(reference("one"), reference("two"));
}

fn key() -> impl Strategy<Value = String> {
    "([a-c ~*+%é]{1,3}/){0,3}([a-d~ ]{1,3}|index)(\\.html|\\.js)"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_small_invalidation_still_covers_every_changed_key(
        keys in proptest::collection::btree_set(key(), 1..60), most in 1_usize..40,
    ) {
        let distribution = distribution("", Some("index.html"));
        let invalidation = Invalidation::of(&distribution, &due(keys.iter().map(String::as_str)), most, &[]).unwrap();
        prop_assert!(invalidation.paths.len() <= most);
        prop_assert!(invalidation.paths.iter().filter(|path| path.ends_with('*')).count() <= 15);
        for key in &keys {
            for path in distribution.paths(key) {
                prop_assert!(is_covered(&path, &invalidation.paths), "{path} in {:?}", invalidation.paths);
            }
        }
        for path in &invalidation.paths {
            prop_assert!(path.starts_with('/') && path.is_ascii() && !path.contains([' ', '~']));
            prop_assert!(!path[..path.len() - 1].contains('*'));
        }
    }
}
