//! The wildcards of `.dockerignore` and `COPY`, as Docker reads them
//! (<https://github.com/moby/patternmatcher>, <https://pkg.go.dev/path/filepath#Match>).

use regex::Regex;

/// Whether `**` crosses folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Globstar {
    /// `**` stands for any number of folders (`.dockerignore`).
    Crosses,
    /// `**` is two `*` (`COPY`).
    Stays,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// Compiles `text`; the error says what is wrong with it.
    pub(crate) fn new(text: &str, globstar: Globstar) -> Result<Self, String> {
        let expression = translate(text, globstar)?;
        Regex::new(&expression).map(Self).map_err(|_| format!("`{text}` is not a pattern"))
    }

    /// Whether the whole of `path` matches.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// Whether `text` holds a wildcard.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn translate(text: &str, globstar: Globstar) -> Result<String, String> {
    let mut expression = String::from("(?s)^");
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '*' if globstar == Globstar::Crosses && rest.starts_with('*') => {
                rest = &rest[1..];
                rest = rest.strip_prefix('/').unwrap_or(rest);
                expression.push_str(if rest.is_empty() { ".*" } else { "(.*/)?" });
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' => rest = class(rest, &mut expression).ok_or_else(|| format!("`{text}` has a `[` without its `]`"))?,
            '\\' => {
                let next = rest.chars().next().ok_or_else(|| format!("`{text}` ends in a backslash"))?;
                rest = &rest[next.len_utf8()..];
                expression.push_str(&regex::escape(next.encode_utf8(&mut [0; 4])));
            }
            c => expression.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push('$');
    Ok(expression)
}

/// Translates the class that `rest` starts with (behind its `[`) and gives what stands behind it.
fn class<'a>(rest: &'a str, expression: &mut String) -> Option<&'a str> {
    let negated = rest.strip_prefix('^');
    let body = negated.unwrap_or(rest);
    let mut end = None;
    let mut escaped = false;
    for (position, c) in body.char_indices() {
        if c == ']' && !escaped && position > 0 {
            end = Some(position);
            break;
        }
        escaped = c == '\\' && !escaped;
    }
    let end = end?;
    expression.push_str(if negated.is_some() { "[^/" } else { "[" });
    for c in body[..end].chars() {
        match c {
            '-' | '\\' => expression.push(c),
            c if c.is_alphanumeric() => expression.push(c),
            c => {
                expression.push('\\');
                expression.push(c);
            }
        }
    }
    expression.push(']');
    Some(&body[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, globstar: Globstar, path: &str, expect: bool) {
        assert_eq!(Pattern::new(pattern, globstar).unwrap().matches(path), expect, "{pattern} {path}");
    }

    #[test]
    fn one_star_stays_in_its_folder() {
        check("*.txt", Globstar::Crosses, "a.txt", true);
        check("*.txt", Globstar::Crosses, "d/a.txt", false);
        check("**", Globstar::Stays, "d/a", false);
        check("d?/[a-c].x", Globstar::Stays, "d1/b.x", true);
        check("[^a]", Globstar::Stays, "b", true);
        check("[^a]", Globstar::Stays, "/", false);
        check("a[[]b", Globstar::Stays, "a[b", true);
        check(r"a\*b", Globstar::Stays, "axb", false);
    }

    #[test]
    fn two_stars_cross_folders() {
        for path in ["x", "a/x", "a/b/x"] {
            check("**/x", Globstar::Crosses, path, true);
        }
        check("a/**", Globstar::Crosses, "a/b/c", true);
        check("a/**/z", Globstar::Crosses, "a/z", true);
        check("**/*.go", Globstar::Crosses, "a/b.go", true);
        check("**/x", Globstar::Crosses, "ax", false);
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(Pattern::new("a[b", Globstar::Stays).unwrap_err().contains('['));
        assert!(Pattern::new("a\\", Globstar::Stays).unwrap_err().contains("backslash"));
    }
}
