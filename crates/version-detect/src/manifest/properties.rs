//! Files of Java properties, such as `gradle.properties`
//! (<https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)>).

use std::collections::HashMap;

use super::{Flaw, Place};

/// The blanks of the format; a line ends with `\n` or `\r\n`.
const BLANKS: [char; 4] = [' ', '\t', '\u{c}', '\r'];

/// How many properties a file may have.
const MOST: usize = 20_000;

/// A property's value, and the offset where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) value: String,
    pub(super) start: usize,
}

/// The properties of a file; of those that are there twice the last.
pub(super) fn parse(text: &str) -> Result<HashMap<String, Property>, Flaw> {
    let mut properties = HashMap::new();
    let mut offset = 0;
    let mut lines = text.split_inclusive('\n').map(|line| {
        let start = offset;
        offset += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    });
    while let Some((start, line)) = lines.next() {
        let first = line.trim_start_matches(BLANKS);
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = Logical::default();
        logical.push(start + line.len() - first.len(), first);
        while logical.goes_on() {
            let Some((start, next)) = lines.next() else { break };
            let part = next.trim_start_matches(BLANKS);
            logical.push(start + next.len() - part.len(), part);
        }
        let (key, value) = split(&logical.text);
        let start = logical.source(logical.text.len() - value.len());
        // Java keeps the blanks behind a value, but no version ends in one.
        properties.insert(unescaped(key), Property { value: unescaped(value).trim_end().to_owned(), start });
        if properties.len() > MOST {
            return Err(Flaw::malformed(format!("it has more than {MOST} properties"), Place::of(text, start)));
        }
    }
    Ok(properties)
}

/// A line with those that go on after a backslash.
#[derive(Default)]
struct Logical {
    text: String,
    /// Where each part begins, here and in the file.
    parts: Vec<(usize, usize)>,
}

impl Logical {
    fn push(&mut self, start: usize, part: &str) {
        self.parts.push((self.text.len(), start));
        self.text.push_str(part);
    }

    /// Whether a backslash ends the line, which is dropped.
    fn goes_on(&mut self) -> bool {
        let is_open = is_open(&self.text);
        if is_open {
            self.text.pop();
        }
        is_open
    }

    /// Where in the file the byte `at` of the text is.
    fn source(&self, at: usize) -> usize {
        let part = self.parts.iter().rev().find(|(here, _)| *here <= at);
        part.map_or(0, |(here, source)| source + at - here)
    }
}

/// Whether an odd number of backslashes ends the line.
fn is_open(line: &str) -> bool {
    (line.len() - line.trim_end_matches('\\').len()) % 2 == 1
}

/// The key and the value, which `=`, `:` or a blank separates.
fn split(line: &str) -> (&str, &str) {
    let mut is_escaped = false;
    let end = line.find(|c: char| {
        let ends = !is_escaped && (c == '=' || c == ':' || BLANKS.contains(&c));
        is_escaped = !is_escaped && c == '\\';
        ends
    });
    let Some(end) = end else { return (line, "") };
    let rest = line[end..].trim_start_matches(BLANKS);
    let rest = rest.strip_prefix(['=', ':']).map_or(rest, |value| value.trim_start_matches(BLANKS));
    (&line[..end], rest)
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('u') => {
                let digits = chars.as_str().get(..4).unwrap_or_default();
                if let Some(character) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                    plain.push(character);
                    chars = chars.as_str()[4..].chars();
                }
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_what_java_reads() {
        for (text, expect) in [
            ("version=1.0", "1.0@1:9"),
            ("  version = 1.0 \r\n", "1.0@1:13"),
            ("version: 1.0", "1.0@1:10"),
            ("version 1.0", "1.0@1:9"),
            ("# version=2\n! version=3\nversion=1.0", "1.0@3:9"),
            ("# ends \\\nversion=1.0", "1.0@2:9"),
            ("version=1.\\\n   0\nx=2", "1.0@1:9"),
            ("version=\\\n1.0", "1.0@2:1"),
            ("version=1\nversion=2", "2@2:9"),
            ("vers\\u0069on=1.0\\u002D1", "1.0-1@1:14"),
            ("version=a\\\\", "a\\@1:9"),
            ("version=1.0 # c", "1.0 # c@1:9"),
            ("version", "@1:8"),
            ("ver\\=sion=1", "-"),
            ("version=\\u12", "12@1:9"),
            ("version=1\\", "1@1:9"),
            ("a=1\\\r\n  version=2", "-"),
            ("\n\nversion=é1", "é1@3:9"),
        ] {
            let shown = parse(text).unwrap().remove("version").map_or("-".to_owned(), |property| {
                let place = Place::of(text, property.start);
                format!("{}@{}:{}", property.value, place.line, place.column)
            });
            assert_eq!(shown, expect, "{text}");
        }
    }

    #[test]
    fn more_properties_than_any_file_has_are_refused() {
        let many: String = (0..=MOST).map(|n| format!("a{n}=1\n")).collect::<Vec<_>>().concat();
        let Flaw { kind, place } = parse(&many).unwrap_err();
        assert_eq!((format!("{kind:?}").contains("more than 20000"), place.line), (true, MOST + 1));
    }
}
