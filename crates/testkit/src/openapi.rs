//! Checks requests and answers against GitHub's own OpenAPI document.
//!
//! A request's query must be a documented one; its body must have the documented shape and no undocumented field at any depth. An
//! answer's body must have every required property. The document says nothing of headers: what GitHub demands of them in words
//! is checked where the requests arrive.

mod operation;
mod query;
mod schema;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::{Draft, Validator};
use operation::Operation;
use serde_json::Value;
pub use store::Store;

use crate::tools::{ToolsError, locate_openapi_document, openapi_pin};

/// GitHub's document, opened once.
static GITHUB: LazyLock<Result<Store, OpenApiError>> = LazyLock::new(|| {
    let path = locate_openapi_document()?;
    Store::open(&path, openapi_pin())
});

/// Why there is no document to check against.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum OpenApiError {
    /// npm could not provide it.
    #[error("GitHub's OpenAPI document is not there: {source}")]
    #[diagnostic(code(openapi::tools), help("install Node.js with npm and make its registry reachable"))]
    Tools {
        /// What went wrong.
        #[from]
        source: ToolsError,
    },
    /// It is no JSON.
    #[error("cannot read GitHub's OpenAPI document: {reason}")]
    #[diagnostic(code(openapi::read), help("remove it, so that it is fetched anew"))]
    Read {
        /// What was wrong with it.
        reason: String,
    },
}

/// An OpenAPI 3.0 document, or one operation of it.
#[derive(Debug)]
pub(crate) struct Document {
    root: Value,
    operations: Vec<Operation>,
    /// Compiled schemas by the JSON pointer they stand at.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

/// Returns GitHub's document, fetched through npm when it is not there yet, or why it cannot be had. A test that cannot have
/// it prints `SKIPPED` with the reason.
pub fn github() -> Result<&'static Store, &'static OpenApiError> {
    GITHUB.as_ref()
}

impl Document {
    fn new(root: Value) -> Self {
        let operations = operation::all(&root);
        Self { root, operations, validators: Mutex::default() }
    }

    /// Checks the body of a request; `Null` stands for no body.
    pub(crate) fn check_request(&self, method: &str, path: &str, body: &Value) -> Result<(), Vec<String>> {
        let operation = self.find(method, path)?;
        let pointer = format!("{}/requestBody", operation.pointer());
        let Some(description) = schema::resolve(&self.root, &pointer) else {
            return undocumented(body.is_null(), || format!("{method} {path} takes no body, but one was sent"));
        };
        if body.is_null() {
            let required = self.root.pointer(&description).is_some_and(|body| body["required"] == true);
            return undocumented(!required, || format!("{method} {path} needs a body"));
        }
        let pointer = format!("{description}/content/application~1json/schema");
        let mut problems = self.check(&pointer, body);
        problems.extend(schema::unknown_fields(&self.root, &pointer, body));
        finish(&format!("request {method} {path}"), problems)
    }

    /// Checks the query of a request.
    pub(crate) fn check_query(&self, method: &str, path: &str, query: &str) -> Result<(), Vec<String>> {
        let operation = self.find(method, path)?;
        finish(&format!("request {method} {path}"), query::problems(&self.root, &operation.pointer(), query))
    }

    /// Checks an answer; `Null` stands for no body. Errors the operation does not document must have GitHub's usual form.
    pub(crate) fn check_response(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: &Value,
    ) -> Result<(), Vec<String>> {
        let operation = self.find(method, path)?;
        let subject = format!("answer {status} to {method} {path}");
        let pointer = format!("{}/responses/{status}", operation.pointer());
        let content = match schema::resolve(&self.root, &pointer) {
            Some(description) => format!("{description}/content/application~1json/schema"),
            None if status >= 400 => "/components/schemas/basic-error".to_owned(),
            None => return Err(vec![format!("{subject}: the status is not documented")]),
        };
        if self.root.pointer(&content).is_none() {
            return undocumented(body.is_null(), || format!("{subject}: no body is documented"));
        }
        finish(&subject, self.check(&content, body))
    }

    fn find(&self, method: &str, path: &str) -> Result<&Operation, Vec<String>> {
        let path = path.strip_prefix("/api/v3").unwrap_or(path);
        operation::find(&self.operations, method, path)
            .ok_or_else(|| vec![format!("{method} {path} is not in the document")])
    }

    fn check(&self, pointer: &str, body: &Value) -> Vec<String> {
        match self.validator(pointer) {
            Ok(validator) => {
                validator.iter_errors(body).map(|error| format!("`{}`: {error}", error.instance_path())).collect()
            }
            Err(problem) => vec![problem],
        }
    }

    fn validator(&self, pointer: &str) -> Result<Arc<Validator>, String> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = validators.get(pointer) {
            return Ok(Arc::clone(known));
        }
        let schema = schema::extract(&self.root, pointer);
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .with_format("uri", is_uri)
            .build(&schema)
            .map_err(|error| format!("the document's schema at {pointer} is invalid: {error}"))?;
        let validator = Arc::new(validator);
        validators.insert(pointer.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }
}

/// GitHub documents `uri` for addresses it sends as an empty string when none was given.
fn is_uri(text: &str) -> bool {
    text.is_empty() || url::Url::parse(text).is_ok_and(|url| !url.cannot_be_a_base())
}

fn undocumented(is_fine: bool, problem: impl FnOnce() -> String) -> Result<(), Vec<String>> {
    if is_fine { Ok(()) } else { Err(vec![problem()]) }
}

fn finish(subject: &str, problems: Vec<String>) -> Result<(), Vec<String>> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(problems.into_iter().map(|problem| format!("{subject}: {problem}")).collect())
}

#[cfg(test)]
mod tests;
