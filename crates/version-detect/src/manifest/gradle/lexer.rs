//! The tokens of a build script, in Groovy or in Kotlin. One pass, without recursion.

/// The language of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::manifest) enum Dialect {
    Groovy,
    Kotlin,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::manifest) enum Kind {
    Name,
    Number,
    /// A text in quotes that stands for itself.
    Literal,
    /// A text in quotes in which `$` begins an expression.
    Template,
    /// A character of punctuation, or one of [`SIGNS`].
    Sign,
    /// The end of a line.
    End,
}

/// The signs of more than one character; of two with the same beginning the longer comes first.
const SIGNS: [&str; 17] =
    ["==~", "===", "!==", "?:", "?.", "==", "!=", "!!", "->", "+=", "-=", "&&", "||", "=~", "<=", ">=", "::"];

/// A token and where it is; of a text, what stands between the quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::manifest) struct Token<'a> {
    pub(in crate::manifest) kind: Kind,
    pub(in crate::manifest) text: &'a str,
    pub(in crate::manifest) start: usize,
    pub(in crate::manifest) end: usize,
}

impl Token<'_> {
    /// Whether it is this name or this sign.
    pub(in crate::manifest) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Name | Kind::Sign) && self.text == text
    }

    /// Whether it is a text in quotes.
    pub(in crate::manifest) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Literal | Kind::Template)
    }
}

/// The tokens of a script; comments are none.
pub(in crate::manifest) struct Tokens<'a> {
    source: &'a str,
    dialect: Dialect,
    at: usize,
    /// Whether an expression may begin here, so that `/` opens a text in Groovy.
    may_begin: bool,
}

impl<'a> Tokens<'a> {
    pub(in crate::manifest) fn of(source: &'a str, dialect: Dialect) -> Self {
        Self { source, dialect, at: 0, may_begin: true }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = &self.source[self.at..];
            let next = rest.chars().next()?;
            if rest.starts_with("//") || (self.at == 0 && rest.starts_with("#!")) {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += comment(rest, self.dialect);
            } else if (next != '\n' && next.is_whitespace()) || next == '\u{feff}' {
                self.at += next.len_utf8();
            } else {
                let start = self.at;
                let is_slashy = self.dialect == Dialect::Groovy && self.may_begin && next == '/';
                let (kind, text, length) =
                    is_slashy.then(|| slashy(rest)).flatten().unwrap_or_else(|| token(rest, next, self.dialect));
                self.at += length;
                let closes = matches!(text, ")" | "]" | "}" | "!!");
                self.may_begin = matches!(kind, Kind::Sign | Kind::End) && !closes;
                return Some(Token { kind, text, start, end: self.at });
            }
        }
    }
}

/// How long the comment is that `rest` begins with. Those of Kotlin nest.
fn comment(rest: &str, dialect: Dialect) -> usize {
    if dialect == Dialect::Groovy {
        return rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
    }
    let (mut depth, mut at) = (1_usize, 2);
    while depth > 0 {
        let Some(found) = rest[at..].find(['*', '/']) else { return rest.len() };
        let here = &rest[at + found..];
        let (step, length) = match here.get(..2) {
            Some("/*") => (1, 2),
            Some("*/") => (-1, 2),
            _ => (0, 1),
        };
        depth = depth.saturating_add_signed(step);
        at += found + length;
    }
    at
}

/// The token that `rest` begins with, and how long it is with its quotes.
fn token(rest: &str, next: char, dialect: Dialect) -> (Kind, &str, usize) {
    let run = |allowed: fn(char) -> bool| rest.find(|c| !allowed(c)).unwrap_or(rest.len());
    match next {
        '\n' => (Kind::End, "\n", 1),
        '"' | '\'' => quoted(rest, next, dialect),
        '`' => match rest[1..].find(['`', '\n']) {
            Some(end) if rest[1 + end..].starts_with('`') => (Kind::Name, &rest[1..=end], end + 2),
            _ => (Kind::Sign, &rest[..1], 1),
        },
        _ if next.is_ascii_digit() => {
            let length = run(|c| c.is_alphanumeric() || c == '.' || c == '_');
            (Kind::Number, &rest[..length], length)
        }
        _ if next.is_alphabetic() || next == '_' || next == '$' => {
            let length = run(|c| c.is_alphanumeric() || c == '_' || c == '$');
            (Kind::Name, &rest[..length], length)
        }
        _ => {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let length = sign.map_or(next.len_utf8(), |sign| sign.len());
            (Kind::Sign, &rest[..length], length)
        }
    }
}

/// A text of Groovy between slashes, on one line.
fn slashy(rest: &str) -> Option<(Kind, &str, usize)> {
    let mut is_escaped = false;
    let end = rest[1..].find(|c: char| {
        let ends = c == '\n' || (c == '/' && !is_escaped);
        is_escaped = !is_escaped && c == '\\';
        ends
    })?;
    let is_closed = rest[1 + end..].starts_with('/');
    is_closed.then(|| (Kind::Template, &rest[1..=end], end + 2))
}

/// Where `end` is that has no backslash before it.
fn unescaped(text: &str, end: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let next = at + text[at..].find(['\\', '"', '\''])?;
        if text[next..].starts_with(end) {
            return Some(next);
        }
        at = next + 1;
        if text[next..].starts_with('\\') {
            at += text[at..].chars().next()?.len_utf8();
        }
    }
}

fn quoted(rest: &str, quote: char, dialect: Dialect) -> (Kind, &str, usize) {
    let kind = if quote == '"' { Kind::Template } else { Kind::Literal };
    let triple = if quote == '"' { "\"\"\"" } else { "'''" };
    if let Some(inner) = rest.strip_prefix(triple) {
        let end = match dialect {
            // Of more than three quotes the last ones end it.
            Dialect::Kotlin => {
                inner.find(triple).map(|end| end + inner[end + 3..].bytes().take_while(|byte| *byte == b'"').count())
            }
            Dialect::Groovy => unescaped(inner, triple),
        };
        let end = end.unwrap_or(inner.len());
        return (kind, &inner[..end], (end + 6).min(rest.len()));
    }
    let (mut is_escaped, mut braces, mut previous) = (false, 0_usize, ' ');
    let inner = &rest[1..];
    for (index, c) in inner.char_indices() {
        match c {
            '\n' => return (kind, &inner[..index], index + 1),
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '{' if (previous == '$' && kind == Kind::Template) || braces > 0 => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ if c == quote && braces == 0 => return (kind, &inner[..index], index + 2),
            _ => {}
        }
        previous = c;
    }
    (kind, inner, rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str, dialect: Dialect) -> Vec<&str> {
        Tokens::of(source, dialect).map(|token| token.text).collect()
    }

    #[test]
    fn tokens_are_names_texts_and_signs() {
        let source = "#!/x\nversion = \"1.${a[\"b\"]}\" // c\nval `x y`: Int /* d\n */ = 1.0 ?: 'it\\'s' '''a\nb'''";
        assert_eq!(
            texts(source, Dialect::Kotlin),
            ["\n", "version", "=", "1.${a[\"b\"]}", "\n", "val", "x y", ":", "Int", "=", "1.0", "?:", "it\\'s", "a\nb"]
        );
    }

    #[test]
    fn each_language_has_its_own_comments_and_texts() {
        assert_eq!(texts("\"\"\"a \"(.+)\"\"\"\" b", Dialect::Kotlin), ["a \"(.+)\"", "b"]);
        assert_eq!(texts("\"\"\"a \\\"\"\" b\"\"\" c", Dialect::Groovy), ["a \\\"\"\" b", "c"]);
        assert_eq!(texts("a /* /* */ b */ c", Dialect::Kotlin), ["a", "c"]);
        assert_eq!(texts("a /* /* */ b */ c", Dialect::Groovy), ["a", "b", "*", "/", "c"]);
        assert_eq!(
            texts("a =~ /['\"{]/ + b / c / d", Dialect::Groovy),
            ["a", "=~", "['\"{]", "+", "b", "/", "c", "/", "d"]
        );
        assert_eq!(texts("(/a\\/b/)", Dialect::Groovy), ["(", "a\\/b", ")"]);
        assert_eq!(texts("= /a\n/", Dialect::Groovy), ["=", "/", "a", "\n", "/"]);
    }

    #[test]
    fn what_does_not_end_ends_with_the_line_or_the_file() {
        let texts = |source| texts(source, Dialect::Kotlin);
        assert_eq!(texts("'a\nb"), ["a", "\n", "b"]);
        assert_eq!(texts("\"\"\"a\nb"), ["a\nb"]);
        assert_eq!(texts("/* a"), [""; 0]);
        assert_eq!(texts("`a"), ["`", "a"]);
        assert_eq!(texts("`a\n`b`"), ["`", "a", "\n", "b"]);
        assert_eq!(texts("'ä"), ["ä"]);
        assert_eq!(texts(&"\"${".repeat(300_000)).len(), 1);
    }
}
