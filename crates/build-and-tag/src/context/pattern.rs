//! The wildcards of `.dockerignore` and `COPY`, as Docker reads them
//! (<https://github.com/moby/patternmatcher>, <https://pkg.go.dev/path/filepath#Match>).
//!
//! All places in the pattern where a path may have got to are followed at once, so no pattern takes longer than its length
//! times the path's. That adds up where many patterns meet many files: [`Steps`] is an end to it.

use crate::limits;

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
pub(crate) struct Pattern(Vec<Token>);

/// One place of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`: one character of a name.
    One,
    /// `*`: any number of characters of a name.
    Star,
    /// `**` at the end: any number of characters.
    Everything,
    /// `**/`: no folder, or what [`Token::Folders`] takes.
    MayHaveFolders,
    /// The folders that a `**/` stands for, with their slashes.
    Folders,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    /// Compiles `text`; the error says what is wrong with it.
    pub(crate) fn new(text: &str, globstar: Globstar) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '*' if globstar == Globstar::Crosses && rest.starts_with('*') => {
                    rest = &rest[1..];
                    rest = rest.strip_prefix('/').unwrap_or(rest);
                    if rest.is_empty() {
                        tokens.push(Token::Everything);
                    } else {
                        tokens.extend([Token::MayHaveFolders, Token::Folders]);
                    }
                }
                '*' => tokens.push(Token::Star),
                '?' => tokens.push(Token::One),
                '[' => {
                    let (class, behind) = class(rest, text)?;
                    tokens.push(class);
                    rest = behind;
                }
                '\\' => {
                    let next = rest.chars().next().ok_or_else(|| format!("`{text}` ends in a backslash"))?;
                    rest = &rest[next.len_utf8()..];
                    tokens.push(Token::Literal(next));
                }
                c => tokens.push(Token::Literal(c)),
            }
        }
        Ok(Self(tokens))
    }

    /// Whether the whole of `path` matches.
    #[cfg(test)]
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.seek(path, Reach::Whole, &mut Steps::new(u64::MAX)).unwrap_or(false)
    }

    /// Whether `path`, or with [`Reach::Above`] also a folder above it, matches.
    pub(crate) fn seek(&self, path: &str, reach: Reach, work: &mut Steps) -> Result<bool, TooMuchWork> {
        let tokens = &self.0;
        let Steps { left, here, next, seen, turn } = work;
        seen.resize(seen.len().max(tokens.len() + 1), 0);
        here.clear();
        *turn += 1;
        reached(tokens, 0, here, seen, *turn);
        for c in path.chars() {
            *left = left.checked_sub(here.len() as u64 + 1).ok_or(TooMuchWork)?;
            if reach == Reach::Above && c == '/' && seen[tokens.len()] == *turn {
                return Ok(true);
            }
            next.clear();
            *turn += 1;
            for place in here.iter().copied().filter(|place| *place < tokens.len()) {
                let (stays, goes_on) = tokens[place].takes(c);
                if stays {
                    reached(tokens, place, next, seen, *turn);
                }
                if goes_on {
                    reached(tokens, place + 1, next, seen, *turn);
                }
            }
            if next.is_empty() {
                return Ok(false);
            }
            std::mem::swap(here, next);
        }
        Ok(seen[tokens.len()] == *turn)
    }
}

/// What a pattern must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The path.
    Whole,
    /// The path or a folder above it.
    Above,
}

/// What comparing patterns with paths may still cost, and the memory that all comparisons share.
#[derive(Debug)]
pub(crate) struct Steps {
    left: u64,
    /// The places in the pattern that the path has got to, and those that it gets to with the next character.
    here: Vec<usize>,
    next: Vec<usize>,
    /// For each place of the pattern the turn in which it was reached last.
    seen: Vec<u64>,
    turn: u64,
}

/// The patterns and paths are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMuchWork;

impl Steps {
    /// Steps of `steps`, each a place of a pattern that meets a character.
    pub(crate) fn new(steps: u64) -> Self {
        Self { left: steps, here: Vec::new(), next: Vec::new(), seen: Vec::new(), turn: 0 }
    }

    /// Takes `steps`.
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), TooMuchWork> {
        self.left = self.left.checked_sub(steps).ok_or(TooMuchWork)?;
        Ok(())
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::new(limits::STEPS)
    }
}

impl std::fmt::Display for TooMuchWork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "comparing patterns with files takes more than {} million steps", limits::STEPS / 1_000_000)
    }
}

impl Token {
    /// Whether the path stays at this token once it took `c`, and whether it goes on to the next.
    fn takes(&self, c: char) -> (bool, bool) {
        match self {
            Self::Literal(own) => (false, *own == c),
            Self::One => (false, c != '/'),
            Self::Star => (c != '/', false),
            Self::Everything => (true, false),
            Self::MayHaveFolders => (false, false),
            Self::Folders => (true, c == '/'),
            Self::Class { negated: true, ranges } => (false, c != '/' && !within(c, ranges)),
            Self::Class { negated: false, ranges } => (false, within(c, ranges)),
        }
    }
}

/// Notes `place` and those that are reached from it without taking a character.
fn reached(tokens: &[Token], mut place: usize, places: &mut Vec<usize>, seen: &mut [u64], turn: u64) {
    let mut note = |place: usize| {
        let is_new = seen[place] != turn;
        if is_new {
            seen[place] = turn;
            places.push(place);
        }
        is_new
    };
    while note(place) {
        match tokens.get(place) {
            Some(Token::Star | Token::Everything) => place += 1,
            Some(Token::MayHaveFolders) => {
                note(place + 1);
                place += 2;
            }
            Some(Token::Literal(_) | Token::One | Token::Folders | Token::Class { .. }) | None => return,
        }
    }
}

fn within(c: char, ranges: &[(char, char)]) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Whether `text` holds a wildcard.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The class that `rest` starts with (behind its `[`), and what stands behind it.
fn class<'a>(rest: &'a str, text: &str) -> Result<(Token, &'a str), String> {
    let negated = rest.strip_prefix('^');
    let body = negated.unwrap_or(rest);
    let mut chars = body.char_indices().peekable();
    let mut ranges = Vec::new();
    let unclosed = || format!("`{text}` has a `[` without its `]`");
    loop {
        let (place, c) = chars.next().ok_or_else(unclosed)?;
        if c == ']' && place > 0 {
            return Ok((Token::Class { negated: negated.is_some(), ranges }, &body[place + 1..]));
        }
        let unescaped = |(_, c): (usize, char), chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>| match c {
            '\\' => chars.next().map(|(_, c)| c),
            c => Some(c),
        };
        let first = unescaped((place, c), &mut chars).ok_or_else(unclosed)?;
        let is_range = chars.peek().is_some_and(|(_, c)| *c == '-')
            && chars.clone().nth(1).is_some_and(|(_, behind)| behind != ']');
        if !is_range {
            ranges.push((first, first));
            continue;
        }
        chars.next();
        let end = chars.next().ok_or_else(unclosed)?;
        let last = unescaped(end, &mut chars).ok_or_else(unclosed)?;
        if last < first {
            return Err(format!("`{text}` is not a pattern: `{first}-{last}` runs backward"));
        }
        ranges.push((first, last));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        check(r"[\]a-]", Globstar::Stays, "]", true);
        check(r"[\]a-]", Globstar::Stays, "-", true);
        check("[a-c-e]", Globstar::Stays, "d", false);
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
        assert!(Pattern::new("[z-a]", Globstar::Stays).unwrap_err().contains("backward"));
    }

    #[test]
    fn many_stars_on_a_long_path_take_no_time() {
        let pattern = Pattern::new(&"*a".repeat(1_000), Globstar::Crosses).unwrap();
        assert!(!pattern.matches(&"a".repeat(999)), "one star has no `a` behind it");
        assert!(pattern.matches(&"a".repeat(1_500)));
    }

    #[test]
    fn what_many_patterns_cost_has_an_end() {
        let pattern = Pattern::new("**/*a*a*b", Globstar::Crosses).unwrap();
        let mut work = Steps::new(200);
        assert_eq!(pattern.seek("a/a/c", Reach::Above, &mut work), Ok(false));
        let all = (0..100).try_for_each(|_| pattern.seek("aaaa/aaaa", Reach::Above, &mut work).map(drop));
        assert_eq!(all, Err(TooMuchWork));
        assert_eq!(work.spend(1_000), Err(TooMuchWork));
    }

    /// The same pattern as a regular expression.
    fn expression(pattern: &str) -> regex::Regex {
        let mut text = String::from("(?s)^");
        let mut rest = pattern;
        while !rest.is_empty() {
            let words =
                [("**/", "(.*/)?"), ("**", ""), ("*", "[^/]*"), ("?", "[^/]"), ("[ab]", "[ab]"), ("[^a]", "[^/a]")];
            let word = words.iter().find(|(own, _)| rest.starts_with(own));
            let (own, meaning) = word.copied().unwrap_or((&rest[..1], &rest[..1]));
            rest = &rest[own.len()..];
            text.push_str(match (own, rest) {
                ("**/" | "**", "") => ".*",
                ("**", _) => "(.*/)?",
                _ => meaning,
            });
        }
        regex::Regex::new(&format!("{text}$")).unwrap()
    }

    proptest! {
        #[test]
        fn agrees_with_a_regular_expression(
            pattern in r"([ab/]|\*|\*\*/|\*\*|\?|\[ab\]|\[\^a\]){0,7}",
            path in "[abc/]{0,9}",
        ) {
            let matches = Pattern::new(&pattern, Globstar::Crosses).unwrap().matches(&path);
            prop_assert_eq!(matches, expression(&pattern).is_match(&path));
            let pattern = Pattern::new(&pattern, Globstar::Crosses).unwrap();
            let above = crate::context::parents(&path).any(|parent| pattern.matches(parent));
            prop_assert_eq!(pattern.seek(&path, Reach::Above, &mut Steps::default()), Ok(matches || above));
        }
    }
}
