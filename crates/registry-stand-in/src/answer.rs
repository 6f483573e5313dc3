//! Answers.

use serde_json::{Value, json};

/// An answer, to be written at once.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
    /// The length that an answer without a body announces.
    length: Option<u64>,
}

impl Answer {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: String::new(), body: Vec::new(), length: None }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { body: body.to_string().into_bytes(), ..Self::new(status) }.with("content-type", "application/json")
    }

    /// A refusal in the specification's form.
    pub(crate) fn refusal(status: u16, code: &str) -> Self {
        Self::json(status, &json!({"errors": [{"code": code, "message": code}]}))
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn with_body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    pub(crate) fn with_length(mut self, length: u64) -> Self {
        self.length = Some(length);
        self
    }

    /// Writes it, without its body where only the head was asked for.
    pub(crate) fn write(&self, wire: &mut Vec<u8>, is_head_only: bool) {
        let length = self.length.unwrap_or(self.body.len() as u64);
        let Self { status, headers, .. } = self;
        wire.extend(format!("HTTP/1.1 {status} \r\ncontent-length: {length}\r\n{headers}\r\n").bytes());
        if !is_head_only {
            wire.extend(&self.body);
        }
    }
}
