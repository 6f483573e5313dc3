//! Whether GitHub would start a workflow for an event on a branch
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore>).
//!
//! The runner does not look at filters. Those of paths and of activity types are not judged.

use regex::Regex;
use yaml_serde::Value;

use crate::config::Event;

/// What keeps a workflow from starting for `event` on `branch`, which is the target of a pull request; `None` when nothing does.
pub(crate) fn obstacle(workflow: &Value, event: Event, branch: &str) -> Option<String> {
    let name = event.name();
    let settings = match workflow.get("on") {
        None => return Some("it has no `on:`".to_owned()),
        Some(on) => match events(on).into_iter().find(|(found, _)| *found == name) {
            Some((_, settings)) => settings,
            None => return Some(format!("its `on:` does not name `{name}`")),
        },
    };
    let patterns = |key: &str| settings.and_then(|settings| settings.get(key)).map(texts);
    match (patterns("branches"), patterns("branches-ignore")) {
        (Some(_), Some(_)) => {
            Some(format!("`on.{name}` has both `branches` and `branches-ignore`, which GitHub refuses"))
        }
        (Some(taken), None) if !is_taken(&taken, branch) => {
            Some(format!("`on.{name}.branches` does not take it: {}", taken.join(", ")))
        }
        (None, Some(ignored)) if ignored.iter().any(|pattern| matches(pattern, branch)) => {
            Some(format!("`on.{name}.branches-ignore` takes it out: {}", ignored.join(", ")))
        }
        (None, None) if patterns("tags").or_else(|| patterns("tags-ignore")).is_some() => {
            Some(format!("`on.{name}` filters tags alone, and so starts for no branch"))
        }
        _ => None,
    }
}

/// The events of `on:`, which may be one, a list, or a table of settings.
fn events(on: &Value) -> Vec<(&str, Option<&Value>)> {
    match on {
        Value::String(name) => vec![(name.as_str(), None)],
        Value::Sequence(names) => names.iter().filter_map(Value::as_str).map(|name| (name, None)).collect(),
        Value::Mapping(table) => {
            table.iter().filter_map(|(name, settings)| Some((name.as_str()?, Some(settings)))).collect()
        }
        _ => Vec::new(),
    }
}

/// A text, or a list of texts.
fn texts(value: &Value) -> Vec<String> {
    let one = value.as_str().map(str::to_owned);
    let many = value.as_sequence().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    one.into_iter().chain(many).collect()
}

/// Whether the last pattern that matches takes the branch; `!` leaves out.
fn is_taken(patterns: &[String], branch: &str) -> bool {
    patterns.iter().fold(false, |taken, pattern| match pattern.strip_prefix('!') {
        Some(excluded) => taken && !matches(excluded, branch),
        None => taken || matches(pattern, branch),
    })
}

/// One pattern, by GitHub's rules
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet>). One that
/// GitHub would refuse matches nothing.
fn matches(pattern: &str, branch: &str) -> bool {
    Regex::new(&expression(pattern)).is_ok_and(|expression| expression.is_match(branch))
}

/// A pattern as a regular expression: `*` stops at a slash, `**` does not; `?`, `+` and brackets are about the sign in front and the signs
/// within, as in regular expressions.
fn expression(pattern: &str) -> String {
    let mut expression = String::from("^");
    let mut rest = pattern;
    while let Some(sign) = rest.chars().next() {
        let (piece, length) = match sign {
            '*' if rest.starts_with("**/") => ("(?:.*/)?".to_owned(), 3),
            '*' if rest.starts_with("**") => (".*".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), 1),
            '?' | '+' | '[' | ']' | '-' => (sign.to_string(), 1),
            '\\' => {
                let escaped = rest.chars().nth(1).unwrap_or('\\');
                (regex::escape(&escaped.to_string()), 1 + rest.chars().nth(1).map_or(0, char::len_utf8))
            }
            plain => (regex::escape(&plain.to_string()), plain.len_utf8()),
        };
        expression.push_str(&piece);
        rest = &rest[length..];
    }
    expression.push('$');
    expression
}

#[cfg(test)]
mod tests {
    use super::{is_taken, matches, obstacle};
    use crate::config::Event;

    #[track_caller]
    fn check(on: &str, event: Event, branch: &str, expect: Option<&str>) {
        let workflow = yaml_serde::from_str(&format!("on: {on}\njobs: {{}}\n")).unwrap();
        match (obstacle(&workflow, event, branch), expect) {
            (None, None) => {}
            (Some(why), Some(part)) => assert!(why.contains(part), "{why}"),
            (found, _) => panic!("{on}: {found:?}, not {expect:?}"),
        }
    }

    #[test]
    fn the_event_must_be_named_in_any_of_the_forms() {
        for on in ["push", "[pull_request, push]", "{push: }", "{push: {paths: [a]}}", "{push: {branches: main}}"] {
            check(on, Event::Push, "main", None);
        }
        for on in ["pull_request", "[workflow_call]", "{workflow_dispatch: }"] {
            check(on, Event::Push, "main", Some("does not name `push`"));
        }
        check("{pull_request: {branches: [develop]}}", Event::PullRequest, "develop", None);
        check("{pull_request: {branches: [develop]}}", Event::PullRequest, "main", Some("on.pull_request.branches"));
    }

    #[test]
    fn a_filter_takes_branches_or_leaves_them_out() {
        check("{push: {branches: [main, 'release/**']}}", Event::Push, "release/1/x", None);
        check("{push: {branches: [main, 'release/*']}}", Event::Push, "release/1/x", Some("main, release/*"));
        check("{push: {branches-ignore: ['feature/**']}}", Event::Push, "main", None);
        check("{push: {branches-ignore: ['feature/**']}}", Event::Push, "feature/a", Some("takes it out"));
        check("{push: {tags: ['v*']}}", Event::Push, "main", Some("tags alone"));
        check("{push: {tags: ['v*'], branches: [main]}}", Event::Push, "main", None);
        check("{push: {branches: [main], branches-ignore: [x]}}", Event::Push, "main", Some("which GitHub refuses"));
        check("{push: {branches: []}}", Event::Push, "main", Some("does not take it"));
    }

    #[test]
    fn the_order_of_patterns_decides() {
        let taken = |patterns: &[&str], branch| {
            let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
            is_taken(&patterns, branch)
        };
        assert!(taken(&["releases/**", "!releases/**-alpha"], "releases/10"));
        assert!(!taken(&["releases/**", "!releases/**-alpha"], "releases/beta/3-alpha"));
        assert!(taken(&["!main", "main"], "main") && !taken(&["main", "!main"], "main"));
        assert!(!taken(&["!develop"], "main"), "nothing but exclusions takes nothing");
    }

    #[test]
    fn patterns_are_github_s() {
        for (pattern, branch, expect) in [
            ("*", "main", true),
            ("*", "a/b", false),
            ("**", "a/b", true),
            ("**/x", "x", true),
            ("feature/*", "feature/a", true),
            ("feature/*", "feature/a/b", false),
            ("v[12].[0-9]+.[0-9]+", "v1.10.1", true),
            ("v[12].[0-9]+.[0-9]+", "v3.1.1", false),
            ("v[12].[0-9]+.[0-9]+", "v1x10.1", false),
            ("colou?r", "color", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("main", "mainline", false),
            ("[", "[", false),
        ] {
            assert_eq!(matches(pattern, branch), expect, "{pattern} {branch}");
        }
    }
}
