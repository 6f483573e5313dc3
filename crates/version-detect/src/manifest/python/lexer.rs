//! Python source text as logical lines of tokens (<https://docs.python.org/3/reference/lexical_analysis.html>).
//!
//! One pass, without recursion; a line that is longer than any statement about a version is cut and says so.

/// How many tokens of a logical line are kept.
const MOST_TOKENS: usize = 2_000;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    /// A string with its prefix and quotes.
    Text,
    /// A character of punctuation, or one of `==`, `!=`, `<=`, `>=`, `:=`, `->`, and the augmented assignments.
    Operator,
}

/// A token and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Token<'_> {
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Name | Kind::Operator) && self.text == text
    }

    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// A logical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    /// Whether it is part of a block.
    pub(super) is_indented: bool,
    /// Whether it was read to its end: every string and bracket closed, no more tokens than are kept.
    pub(super) is_whole: bool,
}

/// The logical lines of a source.
pub(super) struct Lines<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        Self { source, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// Skips blanks, comments and joined lines; whether a logical line ends there.
    fn skip(&mut self, is_nested: bool) -> bool {
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else { return true };
            match next {
                '\n' if !is_nested => {
                    self.at += 1;
                    return true;
                }
                '\\' if rest.starts_with("\\\n") => self.at += 2,
                '\\' if rest.starts_with("\\\r\n") => self.at += 3,
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                _ if next.is_whitespace() => self.at += next.len_utf8(),
                _ => return false,
            }
        }
    }

    /// The next token and whether it is a string that never ends.
    fn token(&mut self) -> (Token<'a>, bool) {
        let (rest, start) = (self.rest(), self.at);
        let (kind, length, is_open) = if let Some((length, is_open)) = string(rest) {
            (Kind::Text, length, is_open)
        } else {
            let (kind, length) = word(rest);
            (kind, length, false)
        };
        self.at += length;
        (Token { kind, text: &rest[..length], start }, is_open)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        loop {
            let first = self.at;
            let mut line = Line { tokens: Vec::new(), is_indented: false, is_whole: true };
            let mut depth = 0_usize;
            while !self.skip(depth > 0) {
                let (token, is_open) = self.token();
                match token.text {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if line.tokens.is_empty() {
                    let line_start = self.source[..token.start].rfind('\n').map_or(0, |newline| newline + 1);
                    line.is_indented = line_start.max(first) < token.start;
                }
                line.is_whole &= !is_open && line.tokens.len() < MOST_TOKENS;
                if line.tokens.len() < MOST_TOKENS {
                    line.tokens.push(token);
                }
            }
            line.is_whole &= depth == 0;
            if !line.tokens.is_empty() {
                return Some(line);
            }
            if self.rest().is_empty() {
                return None;
            }
        }
    }
}

/// The length of the string that `text` begins with, and whether its end is missing.
fn string(text: &str) -> Option<(usize, bool)> {
    let prefix = text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let is_prefix = prefix <= 2 && text[..prefix].chars().all(|c| "rRbBuUfFtT".contains(c));
    let quoted = &text[prefix..];
    let quote = quoted.chars().next().filter(|quote| is_prefix && matches!(quote, '"' | '\''))?;
    let triple = quote.to_string().repeat(3);
    let is_triple = quoted.starts_with(&triple);
    let open = prefix + if is_triple { 3 } else { 1 };
    let mut chars = text[open..].char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '\n' if !is_triple => return Some((open + index, true)),
            _ if c == quote && !is_triple => return Some((open + index + 1, false)),
            _ if c == quote && text[open + index..].starts_with(&triple) => return Some((open + index + 3, false)),
            _ => {}
        }
    }
    Some((text.len(), true))
}

/// The kind and the length of a token that is no string.
fn word(text: &str) -> (Kind, usize) {
    const PAIRS: [&str; 17] =
        ["**=", "//=", ">>=", "<<=", "==", "!=", "<=", ">=", ":=", "->", "+=", "-=", "*=", "/=", "%=", "|=", "**"];
    let next = text.chars().next().unwrap_or_default();
    let run = |allowed: fn(char) -> bool| text.find(|c| !allowed(c)).unwrap_or(text.len());
    if next.is_ascii_digit() {
        return (Kind::Number, run(|c| c.is_alphanumeric() || c == '_' || c == '.'));
    }
    if next.is_alphabetic() || next == '_' {
        return (Kind::Name, run(|c| c.is_alphanumeric() || c == '_'));
    }
    let pair = PAIRS.iter().find(|pair| text.starts_with(**pair));
    (Kind::Operator, pair.map_or(next.len_utf8(), |pair| pair.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(source: &str) -> Vec<String> {
        let shown = |line: Line<'_>| {
            let tokens: Vec<_> = line.tokens.iter().map(|token| token.text).collect();
            let mark = |is: bool, mark: &'static str| if is { mark } else { "" };
            format!("{}{}{}", mark(line.is_indented, ">"), tokens.join(" "), mark(!line.is_whole, " ..."))
        };
        Lines::of(source).map(shown).collect()
    }

    #[test]
    fn lines_are_logical() {
        assert_eq!(lines("a = 1 # b\n\n# c\nb=(1,\n  2)\n"), ["a = 1", "b = ( 1 , 2 )"]);
        assert_eq!(lines("a = \\\n 1\r\nb"), ["a = 1", "b"]);
        assert_eq!(lines("if a:\n  b += 1\nc"), ["if a :", ">b += 1", "c"]);
        assert_eq!(lines("x = rb'\\'' \"\"\"a\n'b\"\"\"; y"), ["x = rb'\\'' \"\"\"a\n'b\"\"\" ; y"]);
        assert_eq!(lines("\u{feff}a"), ["\u{feff} a"]);
    }

    #[test]
    fn what_does_not_end_is_not_whole() {
        assert_eq!(lines("a = 'b\nc"), ["a = 'b ...", "c"]);
        assert_eq!(lines("a = (b\nc"), ["a = ( b c ..."]);
        assert_eq!(lines("'''a"), ["'''a ..."]);
        assert_eq!(Lines::of(&"(".repeat(1_000_000)).next().map(|line| line.tokens.len()), Some(MOST_TOKENS));
    }
}
