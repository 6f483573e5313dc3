//! Texts of scripts: their escapes, what `$` begins in them, and several as one.

use super::value::{At, GROWS, TOOL, Unknown, Value, ValueKind};

/// The longest text that an expression may make.
pub(super) const LONGEST: usize = 4096;

/// The next `$` that is not escaped.
pub(super) fn dollar(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.find(|c: char| {
        let is_found = c == '$' && !is_escaped;
        is_escaped = !is_escaped && c == '\\';
        is_found
    })
}

/// Where the brace closes that stands before `text`.
pub(super) fn matching(text: &str) -> usize {
    let mut depth = 1_usize;
    let end = text.find(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.unwrap_or(text.len())
}

/// The values as one text, or the first that is none.
pub(super) fn joined(values: Vec<Value>, separator: &str, at: At) -> Value {
    let mut text = String::new();
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        match value.kind {
            ValueKind::Text(part) => text.push_str(&part),
            ValueKind::Flag(flag) => text.push_str(&flag.to_string()),
            ValueKind::File(path) => text.push_str(&path.display().to_string()),
            ValueKind::Unknown(_) => return value,
            ValueKind::Null | ValueKind::List(_) => {
                return Value { kind: Unknown::of("", TOOL), at };
            }
        }
        if text.len() > LONGEST {
            break;
        }
    }
    Value { kind: bounded(text), at }
}

pub(super) fn bounded(text: String) -> ValueKind {
    if text.len() > LONGEST { Unknown::of("", GROWS) } else { ValueKind::Text(text) }
}

pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => plain.push('\r'),
                Some(other) => plain.push(other),
                None => {}
            },
            _ => plain.push(c),
        }
    }
    plain
}
