//! How texts, names and keys are written.

use std::borrow::Cow;

use crate::diff::{is_invisible, shown};
use crate::sealed::{is_token, reveal};

/// `text` in quotes, escaped as Go's `%q` does; characters that Go shows and no reader sees are escaped too.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    push_quoted(&mut quoted, text);
    quoted
}

/// Adds `text` as [`quote`] gives it.
pub(super) fn push_quoted(out: &mut String, text: &str) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
        out.extend(["\"", text, "\""]);
        return;
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            other if is_token(other) || is_printable(other) => quoted.push(other),
            other => quoted.push_str(&escape(u32::from(other))),
        }
    }
    quoted.push('"');
    out.push_str(&reveal(&quoted));
}

/// `text` as Go's JSON encoder writes it, which escapes HTML too; characters that no reader sees are escaped like everywhere.
pub(super) fn json_quote(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    let pairs =
        [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];
    shown(&pairs.into_iter().fold(json, |json, (character, escape)| json.replace(character, escape)))
}

fn escape(code: u32) -> String {
    match code {
        0..=0x1f | 0x7f => format!("\\x{code:02x}"),
        0x80..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

fn is_printable(character: char) -> bool {
    if matches!(character, ' '..='~') {
        return true;
    }
    // Behind another character the standard library escapes what Go's `unicode.IsPrint` says no to, and nothing else.
    let pair = ['.', character].iter().collect::<String>();
    let is_shown = matches!(character, '\'' | '"' | '\\') || pair.escape_debug().eq(pair.chars());
    is_shown && !is_invisible(character)
}

/// The name of an attribute or a block: as it is where HCL takes it, else in quotes.
pub(super) fn name(text: &str) -> Cow<'_, str> {
    let mut characters = text.chars();
    let starts = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    let is_identifier = starts && characters.all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if is_identifier { Cow::Borrowed(text) } else { Cow::Owned(quote(text)) }
}

/// Adds `text` with spaces behind it, as Go's `%-*s` does: `width` counts bytes, and what is added counts characters.
pub(super) fn push_padded(out: &mut String, text: &str, width: usize) {
    out.push_str(text);
    let length = if text.is_ascii() { text.len() } else { text.chars().count() };
    (length..width).for_each(|_| out.push(' '));
}

/// `text` with its lines broken at 77 characters: without a terminal Terraform takes it to be 78 wide. Lines that start with
/// a space stay whole.
pub(super) fn wrap(text: &str) -> String {
    let lines = text.split('\n').map(|line| if line.starts_with(' ') { line.to_owned() } else { wrap_line(line) });
    lines.collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str) -> String {
    const WIDTH: usize = 77;
    let mut wrapped = String::new();
    let mut length = 0;
    for word in line.split(' ') {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > WIDTH {
            wrapped.push('\n');
            length = 0;
        } else if length > 0 {
            wrapped.push(' ');
            length += 1;
        }
        wrapped.push_str(word);
        length += word_length;
    }
    wrapped
}

#[cfg(test)]
mod tests;
