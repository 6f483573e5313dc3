//! One value on one line, readable and without invisible characters.

use sha2::{Digest as _, Sha256};

use crate::sealed::{SENSITIVE, Sealed, is_token, reveal};

/// Texts longer than this are shown by their beginning.
const LONGEST_TEXT: usize = 400;

/// How much of a longer text is shown.
const BEGINNING: usize = 100;

/// `value` on one line; a long text by its beginning.
pub(crate) fn show(value: &Sealed) -> String {
    match value {
        Sealed::Text(text) => quote(text),
        other => whole(other),
    }
}

/// `value` on one line, a text from its first character to its last.
pub(super) fn whole(value: &Sealed) -> String {
    match value {
        Sealed::Null => "null".to_owned(),
        Sealed::Bool(value) => value.to_string(),
        Sealed::Number(number) => number.clone(),
        Sealed::Text(text) => quote_whole(text),
        Sealed::List(items) if items.is_empty() => "[]".to_owned(),
        Sealed::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Sealed::List(items) => format!("[{} {}]", items.len(), plural(items.len(), "element")),
        Sealed::Map(entries) => format!("{{{} {}}}", entries.len(), plural(entries.len(), "attribute")),
        Sealed::Secret(_) => SENSITIVE.to_owned(),
        Sealed::Unknown { sensitive: false } => "(known after apply)".to_owned(),
        Sealed::Unknown { sensitive: true } => "(sensitive value, known after apply)".to_owned(),
    }
}

/// `text` in quotes, with escapes; a long one by its beginning, length and hash.
pub(crate) fn quote(text: &str) -> String {
    let characters = text.chars().count();
    if characters <= LONGEST_TEXT {
        return quote_whole(text);
    }
    let beginning: String = text.chars().take(BEGINNING).collect();
    let hash = if text.contains(is_token) { String::new() } else { format!(", SHA-256 {}", short_hash(text)) };
    format!("\"{}…\" ({characters} characters{hash})", escaped(&beginning))
}

/// `text` in quotes, with escapes.
pub(super) fn quote_whole(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// The first twelve digits of a text's hash.
pub(super) fn short_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"))
}

fn escaped(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            other => line.push(other),
        }
    }
    reveal(&escape_invisible(&line))
}

/// A sealed text as a reader sees it: without invisible characters, with words in place of its secrets.
pub(crate) fn shown(sealed: &str) -> String {
    if sealed.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n')) {
        return sealed.to_owned();
    }
    reveal(&escape_invisible(sealed))
}

/// The same on one line.
pub(crate) fn on_one_line(sealed: &str) -> String {
    let shown = shown(sealed);
    if shown.contains('\n') { shown.replace('\n', "\\n") } else { shown }
}

/// `text` with every character a reader would not see written as `\u{…}`; tabs and line feeds stay.
fn escape_invisible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) {
            shown.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control, format, bidirectional and blank characters that are no plain space.
pub(crate) fn is_invisible(character: char) -> bool {
    (character.is_control() && character != '\t' && character != '\n')
        || matches!(character, '\u{A0}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{2000}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{205F}'..='\u{206F}'
            | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// `word`, with an `s` unless there is one.
pub(crate) fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}
