use proptest::prelude::*;

use super::*;

const PAGE: &str = "https://github.com/acme/shop";

fn sha(number: usize) -> String {
    format!("{number:07x}{}", "0".repeat(33))
}

/// A history of one commit for each message; `pulls` are number, title and the indices of its commits.
fn history(messages: &[&str], pulls: &[(u64, &str, &[usize])]) -> History {
    let commit = |(number, message): (usize, &&str)| Commit {
        sha: sha(number),
        message: (*message).to_owned(),
        login: Some("mona".to_owned()),
        author: "Mona".to_owned(),
        date: String::new(),
        parents: if message.starts_with("Merge") { 2 } else { 1 },
    };
    let mut history = History {
        repository: PAGE.to_owned(),
        tag: "v1.1.0".to_owned(),
        previous: Some("v1.0.0".to_owned()),
        commits: messages.iter().enumerate().map(commit).collect(),
        ..History::default()
    };
    for (number, title, commits) in pulls {
        for at in *commits {
            let pull = MergedPull {
                number: *number,
                title: (*title).to_owned(),
                login: "hubot".to_owned(),
                labels: Vec::new(),
                base: "main".to_owned(),
            };
            history.pulls.entry(sha(*at)).or_default().push(pull);
        }
    }
    history
}

/// The lines that list changes, under the headings in short.
#[track_caller]
fn check(messages: &[&str], pulls: &[(u64, &str, &[usize])], expect: &[&str]) {
    let text = notes(&history(messages, pulls), &Config::default());
    assert_eq!(listed(&text), expect, "{text}");
}

fn listed(text: &str) -> Vec<&str> {
    let is_listed =
        |line: &&str| (line.starts_with("## ") && *line != "## Contributors") || line.trim_start().starts_with("- ");
    text.lines().filter(is_listed).collect()
}

#[test]
fn notes_have_sections_contributors_and_a_link() {
    let mut history = history(
        &[
            "feat(api)!: drop v1 (#3)\n\nBREAKING CHANGE: v1 is gone,\nuse v2\n\nRefs: #1",
            "fix: a leak",
            "perf: less",
            "docs: words",
        ],
        &[(3, "feat(api)!: drop v1", &[0])],
    );
    history.commits[1].login = Some("octocat".to_owned());
    insta::assert_snapshot!(notes(&history, &Config::default()), @r"
    ## Breaking changes

    - ⚠️ **api:** drop v1 ([#3](https://github.com/acme/shop/pull/3)) by @hubot
      - v1 is gone, use v2

    ## Fixes

    - a leak ([0000001](https://github.com/acme/shop/commit/0000001000000000000000000000000000000000)) by @octocat

    ## Performance

    - less ([0000002](https://github.com/acme/shop/commit/0000002000000000000000000000000000000000)) by @mona

    ## Other changes

    - words ([0000003](https://github.com/acme/shop/commit/0000003000000000000000000000000000000000)) by @mona

    ## Contributors

    @hubot, @octocat, @mona

    **Full changelog**: [v1.0.0...v1.1.0](https://github.com/acme/shop/compare/v1.0.0...v1.1.0)
    ");
}

#[test]
fn a_pull_request_is_listed_once_however_it_was_merged() {
    let squash = "- Add ([#12](https://github.com/acme/shop/pull/12)) by @mona";
    check(&["Add (#12)"], &[], &["## Other changes", squash]);
    let known = "- Add more ([#12](https://github.com/acme/shop/pull/12)) by @hubot";
    check(
        &["feat: a", "chore: b", "Merge pull request #12 from mona/x\n\nAdd more"],
        &[(12, "Add more", &[0, 1, 2])],
        &["## Features", known],
    );
    check(&["feat: a", "fix: b"], &[(12, "Add more", &[0, 1])], &["## Features", known]);
    check(
        &["Merge pull request #12 from mona/x\n\nfix(ui): Add more"],
        &[],
        &["## Fixes", "- **ui:** Add more ([#12](https://github.com/acme/shop/pull/12)) by @mona"],
    );
    check(&["Merge branch 'develop' into main"], &[], &[]);
}

#[test]
fn what_was_taken_back_is_not_listed() {
    let (first, second) = (sha(0), sha(1));
    let by_hash = format!("Revert \"x\"\n\nThis reverts commit {first}.");
    check(&["feat: x", &by_hash], &[], &[]);
    check(
        &["feat: x (#1)", "Revert \"feat: x (#1)\" (#2)"],
        &[(1, "feat: x", &[0]), (2, "Revert \"feat: x\"", &[1])],
        &[],
    );
    let again = format!("Reapply \"feat: x\"\n\nThis reverts commit {second}.");
    let kept = "- x ([0000000](https://github.com/acme/shop/commit/0000000000000000000000000000000000000000)) by @mona";
    check(&["feat: x", &by_hash, &again], &[], &["## Features", kept]);
    let elsewhere = "revert: something older\n\nThis reverts commit ffffffffff.";
    let line = "- something older ([0000000](https://github.com/acme/shop/commit/0000000000000000000000000000000000000000)) by @mona";
    check(&[elsewhere], &[], &["## Other changes", line]);
}

#[test]
fn only_conventional_titles_have_a_type() {
    for (line, kind, scope, text) in [
        ("feat: a", Some("feat"), None, "a"),
        ("Feat(api core)!: a", Some("feat"), Some("api core"), "a"),
        ("https://example.com: a", None, None, "https://example.com: a"),
        ("see http://a", None, None, "see http://a"),
        ("two words: a", None, None, "two words: a"),
        ("feat:a", None, None, "feat:a"),
        ("feat(: a", None, None, "feat(: a"),
        (": a", None, None, ": a"),
        ("fix():  a: b", Some("fix"), None, "a: b"),
    ] {
        let title = conventional::title(line);
        assert_eq!((title.kind.as_deref(), title.scope, title.text), (kind, scope, text), "{line}");
    }
    assert!(conventional::title("feat!: a").breaking);
    assert_eq!(conventional::breaking_footer("a\n\nBREAKING-CHANGE: x\n y\nRefs: 1").as_deref(), Some("x y"));
    assert_eq!(conventional::breaking_footer("BREAKING CHANGE: x"), None);
    assert_eq!(conventional::squashed("a (#x)"), ("a (#x)", None));
}

#[test]
fn hostile_titles_are_text() {
    let title = "@everyone <img src=x onerror=1> [a](javascript:1) ![b](http://e/i.png) `x` |\u{202e}gpj.exe #1 www.evil.example";
    let text = notes(&history(&[title], &[]), &Config::default());
    let line = listed(&text)[1];
    assert!(!line.contains("@everyone") && !line.contains("<img") && !line.contains("](javascript"), "{line}");
    assert!(!line.contains('\u{202e}') && !line.contains("](http://e") && !line.contains("www.evil"), "{line}");
    let mut history = history(&["feat: x"], &[]);
    history.commits[0].login = Some("a](http://evil)".to_owned());
    assert!(!notes(&history, &Config::default()).contains("](http://evil"));
    history.commits[0].login = Some("renovate[bot]".to_owned());
    let text = notes(&history, &Config::default());
    assert!(text.contains(" by renovate\\[bot\\]\n") && !text.contains("@renovate"), "{text}");
    history.tag = "v1](x) <b>".to_owned();
    assert!(!notes(&history, &Config::default()).contains("<b>"));
}

#[test]
fn the_file_of_the_repository_arranges_the_notes() {
    let config = Config::parse(
        "changelog:\n  exclude:\n    labels: [internal]\n    authors:\n      - dependabot\n  categories:\n    - title: \"New *things*\"\n      labels: [enhancement]\n      exclude:\n        labels: [small]\n    - title: The rest\n      labels:\n        - \"*\"\n",
    )
    .unwrap();
    let mut history = history(
        &["fix: a", "b", "c", "bump", "d"],
        &[(1, "fix: a", &[0]), (2, "b", &[1]), (3, "c", &[2]), (4, "bump", &[3]), (5, "d", &[4])],
    );
    let mut set = |at: usize, labels: &[&str], login: &str| {
        let pull = &mut history.pulls.get_mut(&sha(at)).unwrap()[0];
        pull.labels = labels.iter().map(|&label| label.to_owned()).collect();
        login.clone_into(&mut pull.login);
    };
    set(0, &["Enhancement"], "mona");
    set(1, &["enhancement", "small"], "mona");
    set(2, &["internal"], "mona");
    set(3, &[], "dependabot[bot]");
    set(4, &[], "octocat");
    let text = notes(&history, &config);
    let expect = [
        "## New \\*things\\*",
        "- a ([#1](https://github.com/acme/shop/pull/1)) by @mona",
        "## The rest",
        "- b ([#2](https://github.com/acme/shop/pull/2)) by @mona",
        "- d ([#5](https://github.com/acme/shop/pull/5)) by @octocat",
    ];
    assert_eq!(listed(&text), expect, "{text}");
    assert!(text.contains("@mona, @octocat\n"), "{text}");
}

#[test]
fn a_file_that_is_none_is_refused_with_its_line() {
    for (text, line) in [
        ("changelog:\n  categories: [", 2),
        ("a: 1\na: 2\n", 2),
        ("a: &x [*x]\n", 1),
        ("changelog:\n  categories:\n    - title: x\n", 3),
        ("changelog:\n  exclude:\n    labels: [[x]]\n", 3),
        ("- changelog\n", 1),
        ("changelog: []\n---\n", 2),
    ] {
        let flaw = Config::parse(text).unwrap_err();
        assert_eq!(flaw.line, line, "{text}: {flaw:?}");
    }
    let deep = format!("a: {}", "[".repeat(100_000));
    assert!(Config::parse(&deep).is_err());
    assert_eq!(Config::parse("").unwrap(), Config::default());
    assert_eq!(Config::parse("# nothing\nother: 1\n").unwrap(), Config::default());
}

#[test]
fn notes_are_never_longer_than_github_keeps() {
    let long = "feat: ".to_owned() + &"ü@".repeat(200);
    let messages: Vec<&str> = std::iter::repeat_n(long.as_str(), 2000).collect();
    let text = notes(&History { more: 7, ..history(&messages, &[]) }, &Config::default());
    assert!(text.len() <= github_client::LONGEST_RELEASE_BODY && text.len() > 100_000, "{}", text.len());
    assert!(text.contains("more changes are not listed here") && text.ends_with("/compare/v1.0.0...v1.1.0)\n"));
    let cut = notes(&History { is_cut: true, ..history(&["feat: x"], &[]) }, &Config::default());
    assert!(cut.contains("_Older commits are not listed here._"), "{cut}");
    let first = notes(&History { previous: None, ..history(&[], &[]) }, &Config::default());
    assert_eq!(first, format!("The first release.\n\n**Full changelog**: [v1.1.0]({PAGE}/commits/v1.1.0)\n"));
}

proptest! {
    #[test]
    fn any_history_has_notes_of_a_bounded_length(messages in prop::collection::vec("\\PC{0,60}(\n\n\\PC{0,60})?", 0..8), yaml in "[a-z:\\[\\]{}\\-*&! \n\"]{0,60}") {
        let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
        let text = notes(&history(&messages, &[]), &Config::parse(&yaml).unwrap_or_default());
        prop_assert!(text.len() <= github_client::LONGEST_RELEASE_BODY);
        let listed = text.lines().filter(|line| line.starts_with("- ")).count();
        prop_assert!(listed <= messages.len());
    }

    #[test]
    fn a_revert_and_its_revert_leave_what_was_there(count in 1_usize..6) {
        let mut messages = vec!["feat: x".to_owned()];
        for at in 0..count {
            messages.push(format!("Revert \"...\"\n\nThis reverts commit {}.", sha(at)));
        }
        let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
        let text = notes(&history(&messages, &[]), &Config::default());
        prop_assert_eq!(text.contains("## Features"), count % 2 == 0, "{}", text);
    }
}
