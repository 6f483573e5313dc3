//! Keeping secrets out of everything that is written.

use std::sync::{Arc, Mutex, PoisonError};

use crate::markdown;

/// The values that must never be written, shared by the log, the outputs and the summary.
///
/// The runner masks what `::add-mask::` names in its log only; files and comments are ours to keep clean.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Arc<Mutex<Vec<String>>>);

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
    pub fn redact(&self, text: &str) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), "***") } else { text }
        })
    }
}

/// A secret as it stands in plain text, Markdown, HTML, JSON and workflow commands: a text is escaped before it is redacted.
fn forms(secret: &str) -> Vec<String> {
    // A letter in front, because the first character of a Markdown text is escaped more often than those inside.
    let markdown = markdown::escape(&format!("x{secret}")).split_off(1);
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let mut forms = vec![secret.to_owned(), markdown, markdown::html(secret), json, secret.replace('%', "%25")];
    forms.sort();
    forms.dedup();
    forms
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
