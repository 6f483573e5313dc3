//! Patterns and timestamps.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;

/// Compiled patterns; `None` where one needs what no linear-time matcher offers, such as looking ahead.
static PATTERNS: LazyLock<Mutex<HashMap<String, Option<Regex>>>> = LazyLock::new(Mutex::default);

/// Tells whether the whole text matches a pattern of the model. A pattern that cannot be compiled matches everything.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut patterns = PATTERNS.lock().unwrap_or_else(PoisonError::into_inner);
    if !patterns.contains_key(pattern) {
        patterns.insert(pattern.to_owned(), compile(pattern));
    }
    patterns.get(pattern).and_then(Option::as_ref).is_none_or(|pattern| pattern.is_match(text))
}

/// Translates Java's `\u0020` to `\x{0020}`; the models' astral ranges are written `\u10000`. Surrogates are no characters of
/// a text, so ranges up to them end before. After a class a dash is no range.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    let mut translated = String::from("^(?:");
    let pattern = pattern.replace("\\w-", "\\w\\-");
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once("\\u") {
        let long = usize::from(after.starts_with("10")) * if after.starts_with("10FFFF") { 2 } else { 1 };
        let digits = after.get(..4 + long)?;
        translated.push_str(before);
        translated.push_str("\\x{");
        translated.push_str(digits);
        translated.push('}');
        rest = &after[digits.len()..];
    }
    translated.push_str(rest);
    translated.push_str(")$");
    Regex::new(&translated).ok()
}

/// Tells whether a text is a time as XML bodies (`2026-01-02T03:04:05Z`) or headers (`Fri, 02 Jan 2026 03:04:05 GMT`) have it.
pub(super) fn is_timestamp(text: &str) -> bool {
    matches(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", text)
        || matches(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT", text)
}
