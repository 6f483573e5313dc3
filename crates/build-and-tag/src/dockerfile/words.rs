//! Quotes, escapes and variables in the arguments of instructions, as BuildKit's shell lexer reads them
//! (<https://docs.docker.com/reference/dockerfile/#environment-replacement>).

use std::iter::Peekable;
use std::str::Chars;

/// Reads arguments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lexer {
    /// The escape character.
    pub(crate) escape: char,
}

/// How deep `${a:-${b:-...}}` may nest.
const DEEPEST: usize = 64;

/// The longest text that variables may make: each `ENV a=$a$a` doubles one.
const LONGEST: usize = 1024 * 1024;

/// The value of a variable; `None` when it is not set.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether quotes and escapes are taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Remove,
    Keep,
}

impl Lexer {
    /// `text` with quotes and escapes taken away and variables substituted.
    pub(crate) fn substitute(self, text: &str, lookup: Lookup<'_>) -> Result<String, String> {
        self.run(text, lookup, Quotes::Remove)
    }

    /// `text` with variables substituted and everything else as it is (here-documents).
    pub(crate) fn expand(self, text: &str, lookup: Lookup<'_>) -> Result<String, String> {
        self.run(text, lookup, Quotes::Keep)
    }

    fn run(self, text: &str, lookup: Lookup<'_>, quotes: Quotes) -> Result<String, String> {
        let mut scanner = Scanner { rest: text.chars().peekable(), escape: self.escape, lookup, quotes, depth: 0 };
        scanner.until(None)
    }

    /// The words of `text`, split at white space outside quotes; quotes and escapes stay.
    pub(crate) fn split(self, text: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut word = String::new();
        let mut quote = None;
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c == self.escape && quote != Some('\'') {
                word.push(c);
                word.extend(chars.next());
                continue;
            }
            match quote {
                None if c.is_whitespace() => {
                    if !word.is_empty() {
                        words.push(std::mem::take(&mut word));
                    }
                    continue;
                }
                None if c == '"' || c == '\'' => quote = Some(c),
                Some(open) if c == open => quote = None,
                _ => {}
            }
            word.push(c);
        }
        if !word.is_empty() {
            words.push(word);
        }
        words
    }

    /// The pairs of `name=value name=value`, or the one pair of the older `name value`. Values keep their quotes.
    pub(crate) fn pairs(self, text: &str) -> Result<Vec<(String, String)>, String> {
        let words = self.split(text);
        let Some(first) = words.first() else { return Err("has no name".to_owned()) };
        if !first.contains('=') {
            let value = text.trim_start()[first.len()..].trim_start();
            return if value.is_empty() {
                Err(format!("gives `{first}` no value"))
            } else {
                Ok(vec![(first.clone(), value.to_owned())])
            };
        }
        words
            .into_iter()
            .map(|word| match word.split_once('=') {
                Some(("", _)) | None => Err(format!("has `{word}`, which is not `name=value`")),
                Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            })
            .collect()
    }
}

struct Scanner<'a> {
    rest: Peekable<Chars<'a>>,
    escape: char,
    lookup: Lookup<'a>,
    quotes: Quotes,
    /// How many `${` are open.
    depth: usize,
}

impl Scanner<'_> {
    /// Everything up to `stop` (which is consumed) or, without one, up to the end.
    fn until(&mut self, stop: Option<char>) -> Result<String, String> {
        let mut text = String::new();
        while let Some(c) = self.rest.next() {
            if Some(c) == stop {
                return Ok(text);
            }
            match c {
                '\'' if self.quotes == Quotes::Remove => self.single(&mut text)?,
                '"' if self.quotes == Quotes::Remove => self.double(&mut text)?,
                '$' => self.variable(&mut text)?,
                c if c == self.escape => self.escaped(&mut text),
                c => text.push(c),
            }
        }
        match stop {
            None => Ok(text),
            Some(stop) => Err(format!("lacks a closing `{stop}`")),
        }
    }

    fn escaped(&mut self, text: &mut String) {
        if self.quotes == Quotes::Keep && self.rest.peek() != Some(&'$') {
            text.push(self.escape);
        }
        text.extend(self.rest.next());
    }

    fn single(&mut self, text: &mut String) -> Result<(), String> {
        loop {
            match self.rest.next() {
                Some('\'') => return Ok(()),
                Some(c) => text.push(c),
                None => return Err("lacks a closing single quote".to_owned()),
            }
        }
    }

    fn double(&mut self, text: &mut String) -> Result<(), String> {
        loop {
            match self.rest.next() {
                Some('"') => return Ok(()),
                Some('$') => self.variable(text)?,
                Some(c) if c == self.escape => match self.rest.next() {
                    Some(next) if next == '"' || next == '$' || next == self.escape => text.push(next),
                    Some(next) => text.extend([c, next]),
                    None => return Err("ends in an escape".to_owned()),
                },
                Some(c) => text.push(c),
                None => return Err("lacks a closing double quote".to_owned()),
            }
        }
    }

    /// What stands behind a `$`.
    fn variable(&mut self, text: &mut String) -> Result<(), String> {
        match self.rest.peek() {
            Some('{') => {
                self.rest.next();
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(format!("nests `${{` more than {DEEPEST} deep"));
                }
                add(text, &self.braced()?)?;
                self.depth -= 1;
            }
            Some(c) if c.is_ascii_alphabetic() || *c == '_' => {
                let name = self.name();
                add(text, &(self.lookup)(&name).unwrap_or_default())?;
            }
            _ => text.push('$'),
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
        }
        name
    }

    /// `${name}`, `${name:-default}`, `${name:+instead}`, `${name:?message}` and the same without the colon, which counts
    /// an empty variable as set.
    fn braced(&mut self) -> Result<String, String> {
        let name = self.name();
        if name.is_empty() {
            return Err("has `${` without a name".to_owned());
        }
        let value = (self.lookup)(&name);
        let colon = self.rest.next_if_eq(&':').is_some();
        let present = value.clone().filter(|value| !(colon && value.is_empty()));
        let operator = self.rest.next();
        if operator == Some('}') && !colon {
            return Ok(value.unwrap_or_default());
        }
        let Some(operator) = operator.filter(|c| "-+?".contains(*c)) else {
            return Err(format!("uses `${{{name}}}` with a modifier that is not `:-`, `:+` or `:?`"));
        };
        let word = self.until(Some('}'))?;
        match (operator, present) {
            ('-', None) | ('+', Some(_)) => Ok(word),
            ('+', None) => Ok(String::new()),
            (_, Some(value)) => Ok(value),
            (_, None) if word.is_empty() => Err(format!("needs `{name}`, which is not set")),
            (_, None) => Err(format!("needs `{name}`: {word}")),
        }
    }
}

/// Adds `value` to `text`, unless that grows without end.
fn add(text: &mut String, value: &str) -> Result<(), String> {
    if text.len() + value.len() > LONGEST {
        return Err(format!("makes a text of more than {} KiB", LONGEST / 1024));
    }
    text.push_str(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let lookup = |name: &str| match name {
            "set" => Some("value".to_owned()),
            "empty" => Some(String::new()),
            _ => None,
        };
        let result = Lexer { escape: '\\' }.substitute(text, &lookup);
        assert_eq!(result.as_deref().map_err(String::as_str), Ok(expect), "{text}");
    }

    #[test]
    fn substitutes_variables() {
        check("a$set/b", "avalue/b");
        check("${set}x", "valuex");
        check("$unset|${unset}", "|");
        check("5$ and $5", "5$ and $5");
    }

    #[test]
    fn knows_the_modifiers() {
        check("${unset:-d}${unset-d}${set:-d}", "ddvalue");
        check("${empty:-d}|${empty-d}", "d|");
        check("${set:+i}${unset:+i}${empty:+i}${empty+i}", "ii");
        check("${unset:-${set:+in}ner}", "inner");
    }

    #[test]
    fn takes_quotes_and_escapes_away() {
        check(r#""a $set" 'b $set' c\ d \$set"#, "a value b $set c d $set");
        check(r#""q\"q" "\n""#, r#"q"q \n"#);
    }

    #[test]
    fn endless_nesting_is_an_error_and_no_crash() {
        let deep = format!("{}{}", "${a:-".repeat(200_000), "}".repeat(200_000));
        assert!(Lexer { escape: '\\' }.substitute(&deep, &|_| None).unwrap_err().contains("64 deep"));
        let beside = "${a:-x}".repeat(1000);
        assert_eq!(Lexer { escape: '\\' }.substitute(&beside, &|_| None).unwrap().len(), 1000);
    }

    #[test]
    fn a_variable_that_doubles_itself_ends() {
        let mut value = "x".to_owned();
        let problem = loop {
            match (Lexer { escape: '\\' }).substitute("$a$a", &|_| Some(value.clone())) {
                Ok(longer) => value = longer,
                Err(problem) => break problem,
            }
        };
        assert!(problem.contains("1024 KiB") && value.len() <= LONGEST, "{problem}");
    }

    #[test]
    fn says_what_is_wrong() {
        let fails = |text: &str| Lexer { escape: '\\' }.substitute(text, &|_| None).unwrap_err();
        assert!(fails("'a").contains("single quote"));
        assert!(fails("${x:?give it}").contains("give it"));
        assert!(fails("${x#y}").contains("modifier"));
        assert!(fails("${x").contains("modifier"));
    }

    #[test]
    fn reads_pairs_in_both_forms() {
        let pairs = |text: &str| Lexer { escape: '\\' }.pairs(text);
        assert_eq!(pairs(r#"a=1 b="x y" c=p\ q"#).unwrap().len(), 3);
        assert_eq!(pairs("PATH /bin:/usr/bin x").unwrap(), [("PATH".into(), "/bin:/usr/bin x".into())]);
        assert!(pairs("a=1 b").is_err());
        assert!(pairs("alone").is_err());
    }
}
