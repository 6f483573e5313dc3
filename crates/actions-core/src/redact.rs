//! Keeping secrets out of everything that is written.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::markdown;

/// The values that must never be written, shared by the log, the outputs and the summary.
///
/// The runner masks what `::add-mask::` names in its log only; files and comments are ours to keep clean.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Mutex<Vec<String>>>);

/// Shows nothing of the secrets.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// Registers `secret`, line by line, and returns the lines that were new.
    ///
    /// Lines of fewer than four characters are left alone: hiding them would destroy every text around them and hide nothing.
    pub fn add(&self, secret: &str) -> Vec<String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = Vec::new();
        for line in secret.lines().map(str::trim).filter(|line| line.len() >= 4) {
            if !known.iter().any(|old| old == line) {
                new.push(line.to_owned());
                known.extend(forms(line));
            }
        }
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        known.dedup();
        new
    }

    /// `text` with every registered secret as `***`.
    pub fn redact(&self, text: impl Into<String>) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().fold(text.into(), |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), "***") } else { text }
        })
    }
}

/// The shortest secret that is also looked for in base64; a shorter one has parts there that stand in any text.
const SHORTEST_IN_BASE64: usize = 8;

/// What a URL may hold as it is (<https://www.rfc-editor.org/rfc/rfc3986#section-2.3>).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A secret as it stands in plain text, Markdown, HTML, JSON, workflow commands, URLs and base64: a text is escaped before it is
/// redacted.
fn forms(secret: &str) -> Vec<String> {
    // A letter in front, because the first character of a Markdown text is escaped more often than those inside.
    let markdown = markdown::escape(&format!("x{secret}")).split_off(1);
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let mut forms = vec![secret.to_owned(), markdown, markdown::html(secret), json, secret.replace('%', "%25")];
    let url = utf8_percent_encode(secret, UNRESERVED).to_string();
    forms.extend([url.replace('%', "%25"), url.replace("%20", "+"), url]);
    if secret.len() >= SHORTEST_IN_BASE64 {
        forms.extend((0..3).flat_map(|shift| in_base64(secret.as_bytes(), shift)));
    }
    forms.sort();
    forms.dedup();
    forms
}

/// The characters that stand for `secret`, whatever surrounds it, in the base64 of a text in which it begins at a place whose
/// rest by three is `shift`: those that depend on its bytes alone. In a Basic login, for example, a user's name stands in front.
fn in_base64(secret: &[u8], shift: usize) -> [String; 2] {
    let inner = &secret[(3 - shift) % 3..];
    let whole = &inner[..inner.len() / 3 * 3];
    [STANDARD.encode(whole), URL_SAFE.encode(whole)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_each_line_of_a_secret_longest_first() {
        let redactor = Redactor::default();
        assert_eq!(redactor.add("key\nlong-secret\nlong-secret-2"), ["long-secret", "long-secret-2"]);
        assert_eq!(redactor.redact("a long-secret-2 b long-secret key"), "a *** b *** key");
        assert!(redactor.add("long-secret").is_empty());
    }

    #[test]
    fn hides_a_secret_in_a_url_and_in_base64() {
        let redactor = Redactor::default();
        let secret = "pa ss/wörd+?>=1234";
        redactor.add(secret);
        assert_eq!(redactor.redact("https://u:pa%20ss%2Fw%C3%B6rd%2B%3F%3E%3D1234@h/"), "https://u:***@h/");
        for before in ["", "u", "us", "AWS:", "user:"] {
            let login = format!("{before}{secret}");
            for text in [STANDARD.encode(&login), URL_SAFE.encode(&login), STANDARD.encode(format!("{login}\nmore"))] {
                let shown = redactor.redact(&text);
                assert!(shown.contains("***") && shown.len() <= 3 + 4 * 4 + 4, "{before}: {text}: {shown}");
            }
        }
        assert_eq!(format!("{redactor:?}"), "Redactor");
    }

    #[test]
    fn hides_a_secret_that_was_escaped_before() {
        let redactor = Redactor::default();
        let secret = "ghs_a+b/c\"d<e%f";
        assert_eq!(redactor.add(secret), [secret]);
        let json = serde_json::json!({ "token": secret }).to_string();
        assert_eq!(redactor.redact(&json), r#"{"token":"***"}"#);
        for text in [markdown::escape(secret), markdown::html(secret), markdown::prose(secret), markdown::code(secret)]
        {
            let shown = redactor.redact(&text);
            assert!(!shown.contains("ghs") && shown.contains("***"), "{text}: {shown}");
        }
        let annotation = crate::Annotation::notice(secret).title(secret).command();
        assert!(!redactor.redact(&annotation).contains("ghs"), "{annotation}");
    }
}
