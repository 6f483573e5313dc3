//! Globs over the site's paths, and rules that give a header to the first glob that matches.
//!
//! Paths are relative to the source, with forward slashes. `*` stops at a slash, `**` does not; `?` and `[a-c]` stand for one
//! character of ASCII. A glob without a slash
//! matches the last part of a path in any folder; a slash at the start anchors it, a slash at the end takes a folder's content.

use fast_glob::{ErrorKind, glob_match, validate};

/// One glob, as `fast_glob` writes them.
#[derive(Debug, Clone)]
pub(crate) struct PathGlob(String);

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
        // At the start it would mean all that does not match.
        let pattern = if pattern.starts_with('!') { format!("\\{pattern}") } else { pattern };
        validate(&pattern).map_err(|error| problem(error.kind).to_owned())?;
        Ok(Self(pattern))
    }

    /// Whether the path itself matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        glob_match(&self.0, path)
    }
}

fn problem(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UnclosedBrace => "a `{` is not closed",
        ErrorKind::UnclosedBracket => "a `[` is not closed",
        ErrorKind::TrailingBackslash => "there is nothing behind the last `\\`",
        _ => "there are more than ten braces in it",
    }
}

/// The globs of a list, apart by lines or by commas; a comma in braces is part of a glob.
pub(crate) fn lines_or_commas(values: &[String]) -> Vec<String> {
    let mut globs = vec![String::new()];
    for value in values {
        let mut depth = 0_usize;
        for character in value.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            match globs.last_mut() {
                Some(glob) if character != '\n' && (character != ',' || depth > 0) => glob.push(character),
                _ => globs.push(String::new()),
            }
        }
        globs.push(String::new());
    }
    globs.iter().map(|glob| glob.trim().to_owned()).filter(|glob| !glob.is_empty()).collect()
}

/// A set of globs.
#[derive(Debug, Clone, Default)]
pub(crate) struct PathGlobs(Vec<PathGlob>);

impl PathGlobs {
    /// A set of `globs`.
    pub(crate) fn new(globs: Vec<PathGlob>) -> Self {
        Self(globs)
    }

    /// Whether there is no glob.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
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

    /// Parses `glob: value`, or a value alone for every file; `choose` judges the value.
    pub(crate) fn choice(text: &str, choose: fn(&str) -> Result<String, String>) -> Result<Self, String> {
        let (glob, value) = text.split_once(':').unwrap_or(("**", text));
        Ok(Self { glob: PathGlob::parse(glob)?, value: choose(value.trim())? })
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

    /// Whether there is no rule.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the first rule that matches one of a file's `names`.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&str> {
        let matches = |rule: &&HeaderRule| names.iter().any(|name| rule.glob.matches(name));
        self.0.iter().find(matches).map(|rule| rule.value.as_str())
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
        check("docs/**", "docs2/index.html", false);
        check("docs/**/*.css", "docs/a.css", true);
        check("docs/**/*.css", "docs/a/b/c.css", true);
        check("docs/?.css", "docs/a.css", true);
        check("docs?a.css", "docs/a.css", false);
        check("docs[/]a.css", "docs/a.css", false);
        check("caf*.css", "café.css", true);
        check("[a-c].css", "x/b.css", true);
        check("[!a-c].css", "b.css", false);
        check("!x.css", "!x.css", true);
        check("/!x.css", "!x.css", true);
        check("/!x.css", "y.css", false);
        check("\\*.css", "*.css", true);
        check("\\*.css", "a.css", false);
        check(".*", ".well-known", true);
        check("*", "a/.hidden", true);
    }

    #[test]
    fn excluding_a_folder_takes_what_is_in_it() {
        let globs = PathGlobs::new(vec![PathGlob::parse("drafts").unwrap()]);
        assert!(globs.contains("a/drafts/b/c.html"));
        assert!(!globs.contains("a/drafts2/c.html"));
    }

    #[test]
    fn commas_in_braces_do_not_part_globs() {
        let globs = lines_or_commas(&[".*/*,*/*,**".to_owned(), "*.{html,css}\n docs/ ,,".to_owned()]);
        assert_eq!(globs, [".*/*", "*/*", "**", "*.{html,css}", "docs/"]);
    }

    #[test]
    fn the_first_matching_rule_wins() {
        let rules = ["sw.js: no-store", "*.js: public, max-age=60", "**:private"];
        let rules = HeaderRules::new(rules.iter().map(|rule| HeaderRule::parse(rule).unwrap()).collect());
        assert_eq!(rules.value(&["sw.js"]), Some("no-store"));
        assert_eq!(rules.value(&["a/b.js"]), Some("public, max-age=60"));
        assert_eq!(rules.value(&["a/b.css"]), Some("private"));
    }

    #[test]
    fn a_choice_is_for_every_file_or_for_some() {
        let choose = |text: &str| if text == "yes" { Ok("Yes".to_owned()) } else { Err("no".to_owned()) };
        let rules = |lines: &[&str]| {
            let rules: Result<Vec<_>, _> = lines.iter().map(|line| HeaderRule::choice(line, choose)).collect();
            rules.map(HeaderRules::new)
        };
        assert_eq!(rules(&["yes"]).unwrap().value(&["a/b.js"]), Some("Yes"));
        assert_eq!(rules(&["*.js: yes"]).unwrap().value(&["a/b.css"]), None);
        assert!(rules(&["*.js: no"]).is_err() && rules(&["[: yes"]).is_err());
    }

    #[test]
    fn a_rule_that_cannot_be_a_header_is_refused() {
        for text in ["no rule", "*.js:", "*.js: a\u{1}b", "*.js: é", ": x", "[: x", "{a: x", "a\\: x"] {
            assert!(HeaderRule::parse(text).is_err(), "{text}");
        }
    }
}
