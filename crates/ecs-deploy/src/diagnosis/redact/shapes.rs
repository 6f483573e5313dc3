//! Secrets by their surroundings: passwords of addresses, logins in headers, values behind the name of a secret.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use super::{HIDDEN, is_plain, is_secret_name};
use crate::secret_shapes;

/// Passwords of addresses: the group stays.
const IN_ADDRESS: &str = r#"(?i)\b([a-z][a-z0-9+.-]*://[^\s/:@"'<>?#]*):[^\s@"'<>]+@"#;

/// Logins in headers: the group stays.
const IN_HEADER: &str = r"(?i)\b(bearer|basic|digest)\s+[A-Za-z0-9+/=._~-]{12,}";

/// `name=value`, `"name": "value"`, where the name may be that of a secret: name, separator with quotes, value.
const ASSIGNED: &str = concat!(
    r"(?i)([a-z0-9_.-]*(?:pass|secret|token|key|credential|signature|auth|dsn|salt|pwd)[a-z0-9_.-]*)",
    r#"(\\?["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|\\"[^"\\\n]*\\"|[^\s,;&"'}\])]+)"#
);

static FORMS: LazyLock<Forms> = LazyLock::new(|| Forms {
    kept: [IN_ADDRESS, IN_HEADER].iter().filter_map(|form| Regex::new(form).ok()).collect(),
    assigned: Regex::new(ASSIGNED).ok(),
});

struct Forms {
    kept: Vec<Regex>,
    assigned: Option<Regex>,
}

/// `text` without tokens, passwords in addresses, and values that are named as secrets.
pub(super) fn hide(text: &str) -> String {
    let text = secret_shapes::hide(text, HIDDEN);
    let text = match FORMS.kept.as_slice() {
        [address, header] => replaced(header, &replaced(address, &text, "${1}:***@"), "${1} ***"),
        _ => text,
    };
    match &FORMS.assigned {
        Some(assigned) => assigned.replace_all(&text, assignment).into_owned(),
        None => text,
    }
}

/// Whether a value is secret by its form alone.
pub(crate) fn looks_like_a_token(value: &str) -> bool {
    secret_shapes::telling(value).is_some() || FORMS.kept.first().is_some_and(|address| address.is_match(value))
}

fn replaced(form: &Regex, text: &str, by: &str) -> String {
    if form.is_match(text) { form.replace_all(text, by).into_owned() } else { text.to_owned() }
}

fn assignment(found: &Captures<'_>) -> String {
    let part = |index: usize| found.get(index).map_or("", |part| part.as_str());
    let (name, separator, value) = (part(1), part(2), part(3));
    let quoted = value.starts_with(['"', '\'', '\\']);
    // `token: expired` is a sentence; `token=abc` and `token: a1b2c3` are not.
    let is_value = quoted || separator.contains('=') || value.len() >= 6 && value.chars().any(|c| c.is_ascii_digit());
    if !is_secret_name(name) || !is_value || is_plain(value) {
        return found.get(0).map_or_else(String::new, |all| all.as_str().to_owned());
    }
    let quote = match value.as_bytes() {
        [b'"', ..] => "\"",
        [b'\'', ..] => "'",
        [b'\\', ..] => "\\\"",
        _ => "",
    };
    format!("{name}{separator}{quote}{HIDDEN}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles() {
        assert_eq!((FORMS.kept.len(), FORMS.assigned.is_some()), (2, true));
    }
}
