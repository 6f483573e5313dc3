//! Globs over the site's paths, and rules that give a header to the first glob that matches.
//!
//! Paths are relative to the source, with forward slashes. `*` stops at a slash, `**` does not. A glob without a slash
//! matches the last part of a path in any folder; a slash at the start anchors it, a slash at the end takes a folder's content.

use globset::{GlobBuilder, GlobMatcher};

/// One glob.
#[derive(Debug, Clone)]
pub(crate) struct PathGlob(GlobMatcher);

impl PathGlob {
    /// Parses a glob.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let anchored = trimmed.strip_prefix('/');
        let body = anchored.unwrap_or(trimmed);
        if body.is_empty() {
            return Err("an empty glob matches nothing".to_owned());
        }
        let body = body.strip_suffix('/').map_or_else(|| body.to_owned(), |folder| format!("{folder}/**"));
        let pattern = if anchored.is_some() || body.contains('/') { body } else { format!("**/{body}") };
        let glob =
            GlobBuilder::new(&pattern).literal_separator(true).build().map_err(|error| error.kind().to_string())?;
        Ok(Self(glob.compile_matcher()))
    }

    /// Whether the path itself matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// A set of globs.
#[derive(Debug, Clone, Default)]
pub(crate) struct PathGlobs(Vec<PathGlob>);

impl PathGlobs {
    /// A set of `globs`.
    pub(crate) fn new(globs: Vec<PathGlob>) -> Self {
        Self(globs)
    }

    /// Whether a glob matches the path or a folder it lies in.
    pub(crate) fn contains(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(end, _)| &path[..end]);
        folders.chain(std::iter::once(path)).any(|part| self.0.iter().any(|glob| glob.matches(part)))
    }
}

/// One rule: a header's value for the paths a glob matches.
#[derive(Debug, Clone)]
pub(crate) struct HeaderRule {
    glob: PathGlob,
    value: String,
}

impl HeaderRule {
    /// Parses `glob: value`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (glob, value) = text
            .split_once(": ")
            .or_else(|| text.split_once(':'))
            .ok_or("not a rule; write `glob: value`, for example `*.pdf: public, max-age=86400`")?;
        let value = value.trim();
        if value.is_empty() {
            return Err("the value is missing".to_owned());
        }
        if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err("the value of a header is printable ASCII".to_owned());
        }
        Ok(Self { glob: PathGlob::parse(glob)?, value: value.to_owned() })
    }
}

/// Rules in the order they were written.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeaderRules(Vec<HeaderRule>);

impl HeaderRules {
    /// The rules in their order.
    pub(crate) fn new(rules: Vec<HeaderRule>) -> Self {
        Self(rules)
    }

    /// The value of the first rule that matches `path`.
    pub(crate) fn value(&self, path: &str) -> Option<&str> {
        self.0.iter().find(|rule| rule.glob.matches(path)).map(|rule| rule.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(glob: &str, path: &str, expect: bool) {
        assert_eq!(PathGlob::parse(glob).unwrap().matches(path), expect, "{glob} on {path}");
    }

    #[test]
    fn a_glob_without_a_slash_matches_in_any_folder() {
        check("*.html", "index.html", true);
        check("*.html", "docs/a/index.html", true);
        check("/*.html", "docs/index.html", false);
        check("docs/*.html", "docs/index.html", true);
        check("docs/*.html", "docs/a/index.html", false);
        check("docs/**", "docs/a/index.html", true);
        check("docs/", "docs/a/index.html", true);
        check("*.{png,jpg}", "a/b.jpg", true);
    }

    #[test]
    fn excluding_a_folder_takes_what_is_in_it() {
        let globs = PathGlobs::new(vec![PathGlob::parse("drafts").unwrap()]);
        assert!(globs.contains("a/drafts/b/c.html"));
        assert!(!globs.contains("a/drafts2/c.html"));
    }

    #[test]
    fn the_first_matching_rule_wins() {
        let rules = ["sw.js: no-store", "*.js: public, max-age=60", "**:private"];
        let rules = HeaderRules::new(rules.iter().map(|rule| HeaderRule::parse(rule).unwrap()).collect());
        assert_eq!(rules.value("sw.js"), Some("no-store"));
        assert_eq!(rules.value("a/b.js"), Some("public, max-age=60"));
        assert_eq!(rules.value("a/b.css"), Some("private"));
    }

    #[test]
    fn a_rule_that_cannot_be_a_header_is_refused() {
        for text in ["no rule", "*.js:", "*.js: a\u{1}b", "*.js: é", ": x", "[: x"] {
            assert!(HeaderRule::parse(text).is_err(), "{text}");
        }
    }
}
