//! A call as an AWS protocol means it.

use std::fmt;

use serde_json::{Map, Value};

use crate::http::Request;

/// A received call.
#[derive(Clone)]
pub struct Call {
    /// The whole `X-Amz-Target`, the `Action` of a query protocol, or `METHOD /path`.
    pub operation: String,
    /// The JSON body, or the form of a query protocol as an object of strings; `Null` for anything else.
    pub body: Value,
    /// The request itself.
    pub request: Request,
}

/// How errors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Json,
    Query,
    Rest,
}

impl Call {
    pub(super) fn read(request: &Request) -> Self {
        let (operation, body) = if let Some(target) = request.header("x-amz-target") {
            (target.to_owned(), request.json())
        } else if let Some((action, form)) = query_form(request) {
            (action, form)
        } else {
            (format!("{} {}", request.method, request.path), request.json())
        };
        Self { operation, body, request: request.clone() }
    }

    /// Returns the operation without its service prefix.
    pub fn name(&self) -> &str {
        match self.protocol() {
            Protocol::Json => self.operation.rsplit('.').next().unwrap_or(&self.operation),
            Protocol::Query | Protocol::Rest => &self.operation,
        }
    }

    /// Tells whether this is the operation, named in full or by the part after the dot.
    pub fn is(&self, operation: &str) -> bool {
        self.operation == operation || self.name() == operation
    }

    pub(super) fn protocol(&self) -> Protocol {
        if self.request.headers.contains_key("x-amz-target") {
            Protocol::Json
        } else if self.operation.contains(' ') {
            Protocol::Rest
        } else {
            Protocol::Query
        }
    }
}

impl fmt::Debug for Call {
    /// Leaves the headers out: they hold the signature.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation, self.body)
    }
}

fn query_form(request: &Request) -> Option<(String, Value)> {
    let kind = request.header("content-type")?;
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return None;
    }
    let form: Map<String, Value> = url::form_urlencoded::parse(&request.body)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    let action = form.get("Action")?.as_str()?.to_owned();
    Some((action, Value::Object(form)))
}
