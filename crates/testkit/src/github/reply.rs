//! The error bodies of GitHub.

use serde_json::{Value, json};

use crate::http::Reply;

const DOCUMENTATION: &str = "https://docs.github.com/rest";

pub(super) fn error(status: u16, message: &str) -> Reply {
    let body = json!({"message": message, "documentation_url": DOCUMENTATION, "status": status.to_string()});
    Reply::json(status, &body)
}

pub(super) fn not_found() -> Reply {
    error(404, "Not Found")
}

/// A validation error that names the field, as `POST /releases` for an existing tag gives it.
pub(super) fn invalid(resource: &str, field: &str, code: &str) -> Reply {
    let body = json!({
        "message": "Validation Failed",
        "documentation_url": DOCUMENTATION,
        "status": "422",
        "errors": [{"resource": resource, "field": field, "code": code}],
    });
    Reply::json(422, &body)
}

/// A validation error in words.
pub(super) fn refused(resource: &str, message: &str) -> Reply {
    let body = json!({
        "message": "Validation Failed",
        "documentation_url": DOCUMENTATION,
        "status": "422",
        "errors": [{"resource": resource, "code": "custom", "message": message}],
    });
    Reply::json(422, &body)
}

/// Reads a required text field of a request.
pub(super) fn required<'a>(body: &'a Value, field: &str) -> Result<&'a str, Reply> {
    body[field].as_str().ok_or_else(|| error(422, &format!("Invalid request.\n\n\"{field}\" wasn't supplied.")))
}
