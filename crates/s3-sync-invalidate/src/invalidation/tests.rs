use proptest::prelude::*;

use std::collections::BTreeMap;

use super::*;

fn distribution(origin_path: &str, root_object: Option<&str>) -> Distribution {
    Distribution {
        id: DistributionId::parse("E2QWRUHAPOMQZL").unwrap(),
        origin_paths: BTreeSet::from([origin_path.to_owned()]),
        root_object: root_object.map(str::to_owned),
        folders: Folders::Index,
        behaviors: Vec::new(),
        neighbors: BTreeSet::new(),
        forgets_absence: true,
        error_pages: BTreeMap::new(),
        tag_header: None,
        configuration: Configuration::Known,
    }
}

impl Distribution {
    /// The paths that show `key`, as they are written.
    pub(crate) fn paths(&self, key: &str) -> Vec<String> {
        self.forms(key).iter().map(Item::written).collect()
    }
}

fn behavior(pattern: &str, rewrites: bool, query: Query) -> Behavior {
    Behavior { pattern: pattern.to_owned(), rewrites, query }
}

#[test]
fn a_folder_is_asked_for_only_where_something_answers() {
    let exact = Distribution { folders: Folders::Nothing, ..distribution("", None) };
    assert_eq!(exact.paths("docs/index.html"), ["/docs/index.html"]);
    assert_eq!(exact.paths("index.html"), ["/index.html", "/"]);
    let with = |rewrites| Distribution {
        behaviors: vec![behavior("/app/*", rewrites, Query::Ignored), behavior("*", false, Query::Ignored)],
        ..exact.clone()
    };
    assert_eq!(with(true).paths("app/a/index.html"), ["/app/a/index.html", "/app/a/", "/app/a"]);
    assert_eq!(with(true).paths("docs/index.html"), ["/docs/index.html"]);
    assert_eq!(with(false).paths("app/a/index.html"), ["/app/a/index.html"]);
    // A page that is stored as its folder.
    assert_eq!(with(true).paths("app/a/"), ["/app/a/", "/app/a"]);
    assert_eq!(with(false).paths("app/a/"), ["/app/a/"]);
}

#[test]
fn a_query_that_is_kept_is_taken_along() {
    let some = Distribution {
        behaviors: vec![behavior("search/*", false, Query::Kept), behavior("*", false, Query::Unknown)],
        ..distribution("", None)
    };
    assert_eq!(some.paths("search/a b.html"), ["/search/a%20b.html", "/search/a%20b.html?*"]);
    assert_eq!(some.paths("search/a~b"), ["/search/a*"]);
    assert_eq!(some.paths("x.html"), ["/x.html"]);
}

#[test]
fn a_path_costs_half_a_cent() {
    assert_eq!([0, 1, 5, 3000].map(cost), ["0.000", "0.005", "0.025", "15.000"]);
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

fn due<'a>(keys: impl IntoIterator<Item = &'a str>) -> Due {
    Due { keys: keys.into_iter().map(str::to_owned).collect(), ..Due::default() }
}

#[test]
fn everything_below_a_prefix_is_one_wildcard() {
    let everything = |origin_path: &str, prefix: &str| {
        let due = Due { everything: Some(Prefix::parse(prefix).unwrap()), ..Due::default() };
        Invalidation::of(&distribution(origin_path, None), &due, std::iter::empty(), 9, &[])
            .map(|invalidation| invalidation.paths)
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
    let reference =
        |debt: &str| Invalidation::of(&id, &due, std::iter::empty(), 9, &[debt.to_owned()]).unwrap().caller_reference;
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
        keys in proptest::collection::btree_set(key(), 1..60), others in proptest::collection::btree_set(key(), 0..60),
        most in 1_usize..40, query in prop_oneof![Just(Query::Ignored), Just(Query::Kept)], rewrites: bool,
    ) {
        let distribution = Distribution {
            behaviors: vec![behavior("a*", rewrites, query), behavior("*", rewrites, Query::Ignored)],
            ..distribution("", Some("index.html"))
        };
        let known = || keys.iter().chain(&others).map(String::as_str);
        let of = || Invalidation::of(&distribution, &due(keys.iter().map(String::as_str)), known(), most, &[]).unwrap();
        let invalidation = of();
        prop_assert_eq!(&invalidation, &of());
        prop_assert!(invalidation.paths.len() <= most);
        prop_assert!(invalidation.paths.iter().filter(|path| path.ends_with('*')).count() <= MOST_WILDCARDS);
        for key in &keys {
            for path in distribution.paths(key) {
                prop_assert!(is_covered(&path, &invalidation.paths), "{path} in {:?}", invalidation.paths);
            }
        }
        for path in &invalidation.paths {
            prop_assert!(path.starts_with('/') && path.is_ascii() && !path.contains([' ', '~']));
            let start = path.strip_suffix('*').unwrap_or(path);
            let start = start.strip_suffix('?').unwrap_or(start);
            prop_assert!(!start.contains(['*', '?']));
            // An escape that was cut would not be text.
            let decoded = percent_encoding::percent_decode_str(start).decode_utf8();
            prop_assert!(decoded.is_ok_and(|text| !text.contains('\u{fffd}')), "{path}");
            prop_assert!(is_whole(start), "{path}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn tags_and_paths_together_cover_every_changed_key(
        keys in proptest::collection::btree_map(key(), 0..3_usize, 1..60), most in 1_usize..12,
        pages in 0_usize..9, assets in 0_usize..9,
    ) {
        let distribution = distribution("", Some("index.html"));
        let of_kind = |kind: usize| -> BTreeSet<String> {
            keys.iter().filter(|(_, known)| **known == kind).map(|(key, _)| key.clone()).collect()
        };
        let mut tagged = Tagged::from([("s:pages".to_owned(), of_kind(1)), ("s:assets".to_owned(), of_kind(2))]);
        tagged.retain(|_, keys| !keys.is_empty());
        let tagged_innocents = BTreeMap::from([("s:pages".to_owned(), pages), ("s:assets".to_owned(), assets)]);
        let plain = due(keys.keys().map(String::as_str));
        let with_tags = Due { tagged: tagged.clone(), tagged_innocents, ..plain.clone() };
        let of = |due: &Due| Invalidation::of(&distribution, due, keys.keys().map(String::as_str), most, &[]).unwrap();
        let (found, without) = (of(&with_tags), of(&plain));
        prop_assert!(found.paths.len() <= most);
        prop_assert!((found.innocents, found.paths.len()) <= (without.innocents, without.paths.len()));
        for key in keys.keys() {
            let has_tag = |(tag, keys): (&String, &BTreeSet<String>)| {
                keys.contains(key) && found.paths.contains(&format!("#{tag}"))
            };
            for path in distribution.paths(key) {
                let is_told = is_covered(&path, &found.paths) || tagged.iter().any(has_tag);
                prop_assert!(is_told, "{path} in {:?}", found.paths);
            }
        }
    }
}

/// Whether each `%` has its two digits.
fn is_whole(path: &str) -> bool {
    let digits = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    path.split('%').skip(1).all(digits)
}
