//! GitHub's document, cut into one small document for each operation that is used.
//!
//! The whole is 12 MB. The list of its operations and each operation with the schemas it refers to are written into the tool folder
//! when first needed, whole files at a time, so that processes may do so side by side; from then on a process
//! reads a few kilobytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value, json};

use super::operation::{self, Operation};
use super::{Document, OpenApiError, schema};
use crate::http::{Exchange, Request};
use crate::registry::digest;
use crate::tools::write_whole;

/// Changes when the form of the parts does.
const FORMAT: &str = "1";

/// GitHub's document by its operations.
#[derive(Debug)]
pub struct Store {
    whole: PathBuf,
    folder: PathBuf,
    read: OnceLock<Value>,
    operations: Vec<Operation>,
    parts: Mutex<BTreeMap<String, Arc<Document>>>,
}

impl Store {
    /// Opens the parts of a document; `pin` names its version.
    pub(super) fn open(whole: &Path, pin: &str) -> Result<Self, OpenApiError> {
        let key = digest(format!("{FORMAT}\n{pin}").as_bytes()).replace(':', "-");
        let folder = whole.with_file_name("openapi").join(key);
        let list = folder.join("operations.json");
        let read = OnceLock::new();
        let known = fs::read(&list).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        let names = if let Some(names) = known {
            names
        } else {
            let names = json!({"paths": names(whole_of(&read, whole)?)});
            write_whole(&list, names.to_string().as_bytes())?;
            names
        };
        let operations = operation::all(&names);
        Ok(Self { whole: whole.to_owned(), folder, read, operations, parts: Mutex::default() })
    }

    /// Checks the body of a request; `Null` stands for no body.
    pub fn check_request(&self, method: &str, path: &str, body: &Value) -> Result<(), Vec<String>> {
        self.part(method, path)?.check_request(method, path, body)
    }

    /// Checks an answer; `Null` stands for no body. Errors the operation does not document must have GitHub's usual form.
    pub fn check_response(&self, method: &str, path: &str, status: u16, body: &Value) -> Result<(), Vec<String>> {
        self.part(method, path)?.check_response(method, path, status, body)
    }

    /// Checks one exchange: query and body of the request, and the answer where there was one.
    pub fn check_exchange(&self, Exchange { request, reply }: &Exchange) -> Result<(), Vec<String>> {
        let mut problems = self.check_sent(request).err().unwrap_or_default();
        if let Some(reply) = reply {
            let checked = self.check_response(&request.method, &request.path, reply.status, &reply.to_json());
            problems.extend(checked.err().unwrap_or_default());
        }
        problems.dedup();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Checks query and body of a request.
    pub(crate) fn check_sent(&self, request: &Request) -> Result<(), Vec<String>> {
        let (method, path) = (request.method.as_str(), request.path.as_str());
        let part = self.part(method, path)?;
        let mut problems = Vec::new();
        if !request.body.is_empty() && request.json().is_null() {
            problems.push(format!("request {method} {path}: the body is no JSON"));
        }
        let query = part.check_query(method, path, request.query.as_deref().unwrap_or_default());
        for checked in [query, part.check_request(method, path, &request.json())] {
            problems.extend(checked.err().unwrap_or_default());
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// Checks what a stand-in recorded and returns how many exchanges that were.
    pub fn check_exchanges(&self, exchanges: &[Exchange]) -> Result<usize, Vec<String>> {
        let problems: Vec<String> =
            exchanges.iter().filter_map(|exchange| self.check_exchange(exchange).err()).flatten().collect();
        if problems.is_empty() { Ok(exchanges.len()) } else { Err(problems) }
    }

    fn part(&self, method: &str, path: &str) -> Result<Arc<Document>, Vec<String>> {
        let path = path.strip_prefix("/api/v3").unwrap_or(path);
        let Some(operation) = operation::find(&self.operations, method, path) else {
            return Err(vec![format!("{method} {path} is not in the document")]);
        };
        let pointer = operation.pointer();
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = parts.get(&pointer) {
            return Ok(Arc::clone(part));
        }
        let root = self.read_part(operation).map_err(|error| vec![error.to_string()])?;
        let part = Arc::new(Document::new(root));
        parts.insert(pointer, Arc::clone(&part));
        Ok(part)
    }

    fn read_part(&self, operation: &Operation) -> Result<Value, OpenApiError> {
        let name = digest(operation.pointer().as_bytes()).replace(':', "-");
        let file = self.folder.join(format!("{name}.json"));
        if let Some(part) = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()) {
            return Ok(part);
        }
        let part = cut(whole_of(&self.read, &self.whole)?, operation);
        write_whole(&file, part.to_string().as_bytes())?;
        Ok(part)
    }
}

fn whole_of<'a>(read: &'a OnceLock<Value>, path: &Path) -> Result<&'a Value, OpenApiError> {
    if let Some(root) = read.get() {
        return Ok(root);
    }
    let reason = |error: &dyn std::fmt::Display| OpenApiError::Read { reason: error.to_string() };
    let text = fs::read(path).map_err(|error| reason(&error))?;
    let root = serde_json::from_slice(&text).map_err(|error| reason(&error))?;
    Ok(read.get_or_init(|| root))
}

/// Lists paths and methods alone.
fn names(root: &Value) -> Value {
    let paths = root["paths"].as_object().into_iter().flatten();
    let paths = paths.map(|(template, methods)| {
        let methods = methods.as_object().into_iter().flatten().map(|(method, _)| (method.clone(), json!({})));
        (template.clone(), Value::Object(methods.collect()))
    });
    Value::Object(paths.collect())
}

/// Copies one operation with every component it refers to, and the usual error.
fn cut(root: &Value, operation: &Operation) -> Value {
    let described = root.pointer(&operation.pointer()).cloned().unwrap_or_default();
    let mut wanted = schema::references(&described);
    wanted.insert("/components/schemas/basic-error".to_owned());
    let mut components: Map<String, Value> = Map::new();
    let mut seen = wanted.clone();
    while let Some(pointer) = wanted.pop_first() {
        let Some(found) = root.pointer(&pointer) else {
            continue;
        };
        for reference in schema::references(found) {
            if seen.insert(reference.clone()) {
                wanted.insert(reference);
            }
        }
        if let Some((kind, name)) = pointer.strip_prefix("/components/").and_then(|rest| rest.split_once('/')) {
            components.entry(kind.to_owned()).or_insert_with(|| json!({}))[name] = found.clone();
        }
    }
    let (template, method) = operation.names();
    json!({"paths": {template: {method: described}}, "components": components})
}
