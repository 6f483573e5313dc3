//! Secrets are taken out of everything act prints. It masks step output itself, but neither outputs, nor summaries, nor the
//! argument of `::add-mask::`.

use serde_json::Value;

/// The values to mask, longest first, so that no part of a longer one stays behind.
#[derive(Debug, Default)]
pub(super) struct Masks(Vec<String>);

impl Masks {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a String>) -> Self {
        let mut masks = Self::default();
        for secret in secrets {
            masks.add(secret);
        }
        masks
    }

    /// Adds a value line by line.
    fn add(&mut self, secret: &str) {
        for line in secret.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if !self.0.iter().any(|known| known == line) {
                self.0.push(line.to_owned());
            }
        }
        self.0.sort_by_key(|mask| std::cmp::Reverse(mask.len()));
    }

    pub(super) fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, mask| text.replace(mask, "***"))
    }

    /// Reads a line of act's JSON log and masks it; `None` for an empty line. Other text becomes a message.
    pub(super) fn clean(&mut self, line: &str) -> Option<Value> {
        let line = line.trim_end();
        if line.is_empty() {
            return None;
        }
        let parsed = serde_json::from_str(line).ok().filter(Value::is_object);
        let mut value = parsed.unwrap_or_else(|| serde_json::json!({"level": "info", "msg": line}));
        if value["command"] == "add-mask" {
            self.add(value["arg"].as_str().unwrap_or_default());
            value["arg"] = "***".into();
            value["raw"] = "***".into();
        }
        self.redact_all(&mut value);
        Some(value)
    }

    fn redact_all(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.redact(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_all(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.redact_all(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
