//! `.dockerignore` (<https://docs.docker.com/build/concepts/context/#dockerignore-files>): the last rule that speaks of a
//! path or of a folder above it decides.

use super::pattern::{Globstar, Pattern, Reach, Steps, TooMuchWork, has_wildcard};
use crate::limits;

/// The rules of a `.dockerignore`, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct IgnoreRules(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    pattern: Pattern,
    /// The rule takes back what others left out (`!`).
    keeps: bool,
    /// The folders in front of the first wildcard.
    fixed: String,
}

/// A line that is no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadRule {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl IgnoreRules {
    /// Parses the file's text.
    pub(crate) fn parse(text: &str) -> Result<Self, BadRule> {
        let mut rules = Vec::new();
        for (index, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
            if line.starts_with('#') {
                continue;
            }
            let line = line.trim();
            let (keeps, path) = line.strip_prefix('!').map_or((false, line), |path| (true, path.trim()));
            let path = clean(path);
            if path.is_empty() {
                if keeps {
                    return Err(BadRule { line: index + 1, reason: "`!` has no pattern".to_owned() });
                }
                continue;
            }
            let bad = |reason: String| BadRule { line: index + 1, reason };
            if rules.len() >= limits::IGNORE_RULES {
                return Err(bad(format!("there are more than {} rules", limits::IGNORE_RULES)));
            }
            if path.len() > limits::PATH {
                return Err(bad(format!("it is longer than {} bytes", limits::PATH)));
            }
            let pattern = Pattern::new(&path, Globstar::Crosses).map_err(bad)?;
            rules.push(Rule { pattern, keeps, fixed: fixed_part(&path) });
        }
        Ok(Self(rules))
    }

    /// Whether `path` is left out.
    pub(crate) fn ignores(&self, path: &str, work: &mut Steps) -> Result<bool, TooMuchWork> {
        work.spend(self.0.len() as u64)?;
        let mut ignored = false;
        for rule in &self.0 {
            // A rule that would change nothing need not be looked at.
            if rule.keeps == ignored && inside(&rule.fixed, path) && rule.pattern.seek(path, Reach::Above, work)? {
                ignored = !rule.keeps;
            }
        }
        Ok(ignored)
    }

    /// Whether something below the folder `path`, itself left out, may be kept.
    pub(crate) fn may_keep_below(&self, path: &str) -> bool {
        self.0.iter().any(|rule| rule.keeps && (inside(path, &rule.fixed) || inside(&rule.fixed, path)))
    }
}

/// Whether `inner` is the folder `outer` or below it.
fn inside(outer: &str, inner: &str) -> bool {
    outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A pattern as Go's `filepath.Clean` leaves it, without a slash in front.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if path.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn fixed_part(path: &str) -> String {
    let fixed: Vec<&str> = path.split('/').take_while(|part| !has_wildcard(part) && !part.contains('\\')).collect();
    fixed.join("/")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::context::parents;

    fn ignores(rules: &IgnoreRules, path: &str) -> bool {
        rules.ignores(path, &mut Steps::default()).unwrap()
    }

    #[track_caller]
    fn check(rules: &str, path: &str, expect: bool) {
        assert_eq!(ignores(&IgnoreRules::parse(rules).unwrap(), path), expect, "{rules:?} {path}");
    }

    #[test]
    fn a_rule_for_a_folder_speaks_of_what_is_below() {
        check("target", "target/debug/x", true);
        check("/target/", "target/x", true);
        check("target", "a/target", false);
        check("**/target", "a/target/x", true);
    }

    #[test]
    fn the_last_rule_decides() {
        check("*\n!dist/backend", "dist/backend", false);
        check("*\n!dist/backend", "dist/other", true);
        check("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true);
        check("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false);
        check("**\n!src", "src/deep/x.rs", false);
    }

    #[test]
    fn comments_and_empty_lines_are_no_rules() {
        check("# *\n\n  \n", "a", false);
        assert_eq!(IgnoreRules::parse("a\n!\n").unwrap_err().line, 2);
        assert!(IgnoreRules::parse("a[").is_err());
    }

    #[test]
    fn more_or_longer_rules_than_anybody_has_are_refused_with_their_line() {
        let many = "a\n".repeat(limits::IGNORE_RULES);
        assert_eq!(IgnoreRules::parse(&many).unwrap().0.len(), limits::IGNORE_RULES);
        assert_eq!(IgnoreRules::parse(&format!("{many}a\n")).unwrap_err().line, limits::IGNORE_RULES + 1);
        assert_eq!(IgnoreRules::parse(&format!("a\n{}", "b".repeat(limits::PATH + 1))).unwrap_err().line, 2);
    }

    #[test]
    fn goes_into_an_ignored_folder_only_where_a_rule_keeps_something() {
        let rules = IgnoreRules::parse("*\n!dist/backend\n!lib").unwrap();
        assert!(rules.may_keep_below("dist") && rules.may_keep_below("lib/deep"));
        assert!(!rules.may_keep_below("target") && !rules.may_keep_below("distant"));
        assert!(IgnoreRules::parse("*\n!**/x").unwrap().may_keep_below("any"));
    }

    proptest! {
        #[test]
        fn a_kept_path_is_always_found_by_the_walk(
            rules in proptest::collection::vec("!?[ab*]{1,2}(/[ab*]{1,2}){0,2}", 0..5),
            path in "[ab](/[ab]){0,3}",
        ) {
            let rules = IgnoreRules::parse(&rules.join("\n")).unwrap();
            if !ignores(&rules, &path) {
                for parent in parents(&path) {
                    prop_assert!(!ignores(&rules, parent) || rules.may_keep_below(parent), "{}", parent);
                }
            }
        }

        #[test]
        fn naming_a_path_ignores_it_and_taking_it_back_keeps_it(path in "[a-z]{1,4}(/[a-z]{1,4}){0,3}") {
            prop_assert!(ignores(&IgnoreRules::parse(&path).unwrap(), &path));
            let taken_back = IgnoreRules::parse(&format!("**\n!{path}")).unwrap();
            prop_assert!(!ignores(&taken_back, &path));
            prop_assert!(!ignores(&IgnoreRules::default(), &path));
        }
    }
}
