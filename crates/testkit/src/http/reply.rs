//! An answer: status, headers and body.

use bytes::Bytes;
use serde_json::Value;

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// Creates an answer without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// Creates a JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status).with_header("content-type", "application/json; charset=utf-8").with_body(body.to_string())
    }

    /// Creates a plain text answer.
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status).with_header("content-type", "text/plain; charset=utf-8").with_body(body)
    }

    /// Creates an XML answer.
    pub fn xml(status: u16, body: impl Into<Bytes>) -> Self {
        Self::new(status).with_header("content-type", "text/xml").with_body(body)
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the body as text, with replacement characters where it is no UTF-8.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON; `Null` when it is empty or no JSON.
    pub fn to_json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Tells whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
