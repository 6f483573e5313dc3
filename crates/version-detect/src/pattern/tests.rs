use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(pattern: &str, text: &str, expect: bool) {
    let parsed = Pattern::parse(pattern).unwrap();
    assert_eq!(parsed.matches(text), expect, "{pattern} {text}");
}

/// The rows of GitHub's cheat sheet for paths, and its examples of branches and tags.
#[test]
fn the_cheat_sheet_holds() {
    for (pattern, matching) in [
        ("*", &["README.md", "server.rb"][..]),
        ("*.jsx?", &["page.js", "page.jsx"]),
        ("**", &["all/the/files.md"]),
        ("*.js", &["app.js", "index.js"]),
        ("**.js", &["index.js", "js/index.js", "src/js/app.js"]),
        ("docs/*", &["docs/README.md", "docs/file.txt"]),
        ("docs/**", &["docs/README.md", "docs/mona/octocat.txt"]),
        ("docs/**/*.md", &["docs/README.md", "docs/mona/hello-world.md", "docs/a/markdown/file.md"]),
        ("**/docs/**", &["docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"]),
        ("**/README.md", &["README.md", "js/README.md"]),
        ("**/*src/**", &["a/src/app.js", "my-src/code/js/app.js"]),
        ("**/*-post.md", &["my-post.md", "path/their-post.md"]),
        ("**/migrate-*.sql", &["migrate-10909.sql", "db/migrate-v1.0.sql", "db/sept/migrate-v1.sql"]),
        ("feature/*", &["feature/my-branch", "feature/your-branch"]),
        ("feature/**", &["feature/beta-a/my-branch", "feature/your-branch", "feature/mona/the/octocat"]),
        ("'main'", &["'main'"]),
        ("**feature", &["mona-feature", "feature", "ver-10-feature"]),
        ("v2*", &["v2", "v2.0", "v2.9"]),
        ("v[12].[0-9]+.[0-9]+", &["v1.10.1", "v2.0.0"]),
    ] {
        for text in matching {
            check(pattern, text, true);
        }
    }
    for (pattern, text) in [
        ("*", "docs/file"),
        ("*.jsx?", "page.j"),
        ("*.jsx?", "page.jsxx"),
        ("*.js", "src/app.js"),
        ("docs/*", "docs/a/b"),
        ("docs/**", "docs"),
        ("docs/**/*.md", "docs.md"),
        ("**/README.md", "xREADME.md"),
        ("v[12].[0-9]+.[0-9]+", "v3.0.0"),
        ("v[12].[0-9]+.[0-9]+", "v1.0."),
    ] {
        check(pattern, text, false);
    }
}

#[test]
fn the_last_pattern_that_matches_decides() {
    for (patterns, text, taken) in [
        (&["docs/**"][..], "docs/a/b", true),
        (&["docs/**", "!docs/a/**"], "docs/a/b", false),
        (&["docs/**", "!docs/a/**"], "docs/b", true),
        (&["!docs/a/**", "docs/**"], "docs/a/b", true),
        (&["docs/**", "!docs/a/**", "docs/a/b"], "docs/a/b", true),
        (&["*.md", "!README.md", "README*"], "README.md", true),
        (&["!docs/**"], "src/a", false),
        (&[], "anything", false),
    ] {
        let patterns: Vec<Pattern> = patterns.iter().map(|pattern| Pattern::parse(pattern).unwrap()).collect();
        assert_eq!(selects(&patterns, text).is_some(), taken, "{text}");
    }
}

#[test]
fn repeats_escapes_and_ranges() {
    check("ab?c", "ac", true);
    check("ab?c", "abbc", false);
    check("ab+c", "abbc", true);
    check("ab+c", "ac", false);
    check("ab+?c", "ac", true);
    check("ab+?c", "abbbc", true);
    check("ab?+c", "abbc", true);
    check("?a", "?a", true);
    check("+a", "+a", true);
    check("a*?", "abc", true);
    check("a*?", "ab/c", false);
    check("[ab]?x", "x", true);
    check("[a-cX]+", "abXc", true);
    check("[0-9A-Fa-f]", "g", false);
    check("a\\*b", "a*b", true);
    check("a\\*b", "axb", false);
    check("\\!a", "!a", true);
    check("a/\\[x\\]", "a/[x]", true);
    check("a.b", "axb", false);
    check("(a|b)$^", "(a|b)$^", true);
    check("ü*", "übung", true);
    check("ü?b", "b", true);
    check("a/**/", "a/", true);
    check("a/**/", "a/b/c/", true);
    check("a**b", "a/x/b", true);
    check("A", "a", false);
    check("**/x", "/x", false);
}

#[test]
fn what_is_no_pattern_is_refused() {
    for text in ["", "!", "a[", "a[]", "[b-a]", "[a-]", "[-a]", "[a-Z]", "[.]", "[!a]", "[a", "a\\", "[a-c-e]"] {
        assert!(Pattern::parse(text).is_err(), "{text}");
    }
    assert!(Pattern::parse(&"a".repeat(LONGEST)).is_ok() && Pattern::parse(&"a".repeat(LONGEST + 1)).is_err());
}

#[test]
fn a_pattern_that_tempts_to_go_back_is_fast() {
    let work = testkit::budget::Work::start();
    let tempting = Pattern::parse(&format!("{}b", "*a".repeat(300))).unwrap();
    assert!(!tempting.matches(&"a".repeat(4000)));
    let optional = Pattern::parse(&format!("{}{}", "a?".repeat(300), "a".repeat(300))).unwrap();
    assert!(optional.matches(&"a".repeat(400)));
    let patterns: Vec<Pattern> =
        (0..1000).map(|number| Pattern::parse(&format!("services/s{number}/**")).unwrap()).collect();
    let taken = (0..10_000).filter(|number| selects(&patterns, &format!("services/s{number}/src/a.rs")).is_some());
    assert_eq!(taken.count(), 1000);
    work.assert_below(3);
}

/// The same by a search that goes back, which is right and may take for ever.
fn search(pieces: &[Piece], text: &[char]) -> bool {
    let holds = |class: &Class, character: char| match class {
        Class::Character(own) => *own == character,
        Class::Ranges(ranges) => ranges.iter().any(|(first, last)| *first <= character && character <= *last),
        Class::Name => character != '/',
        Class::Any => true,
    };
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() };
    let most = |class: &Class| text.iter().take_while(|character| holds(class, **character)).count();
    match first {
        Piece::One(class) => most(class) > 0 && search(rest, &text[1..]),
        Piece::Maybe(class) => search(rest, text) || (most(class) > 0 && search(rest, &text[1..])),
        Piece::Many(class) => (0..=most(class)).any(|count| search(rest, &text[count..])),
        Piece::Some(class) => (1..=most(class)).any(|count| search(rest, &text[count..])),
        Piece::Folders => {
            let ends = (1..text.len()).filter(|end| text[*end] == '/').map(|end| end + 1);
            search(rest, text) || ends.into_iter().any(|end| search(rest, &text[end..]))
        }
    }
}

proptest! {
    #[test]
    fn one_pass_finds_what_a_search_finds(pattern in "([ab/*?+]|\\[ab\\]|\\*\\*/){1,8}", text in "[ab/]{0,8}") {
        let expected = search(&pieces(&pattern).unwrap(), &text.chars().collect::<Vec<_>>());
        prop_assert_eq!(Pattern::parse(&pattern).unwrap().matches(&text), expected);
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error(pattern in "\\PC{0,40}", text in "\\PC{0,40}") {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            pattern.matches(&text);
        }
    }
}
