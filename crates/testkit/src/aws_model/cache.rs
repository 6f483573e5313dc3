//! Where models are kept: botocore's file, its digest in the tool folder, and what this process has read.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::document::Document;
use super::{Model, ModelError};
use crate::registry::digest;
use crate::tools::{Tools, write_whole};

/// Changes when the digest's form does.
const FORMAT: &str = "1";

static LOADED: LazyLock<Mutex<BTreeMap<String, Arc<Model>>>> = LazyLock::new(Mutex::default);

pub(super) fn load(service: &str) -> Result<Arc<Model>, ModelError> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(model) = loaded.get(service) {
        return Ok(Arc::clone(model));
    }
    let model = Arc::new(Model { service: service.to_owned(), document: read(&Tools::locate()?, service)? });
    loaded.insert(service.to_owned(), Arc::clone(&model));
    Ok(model)
}

fn read(tools: &Tools, service: &str) -> Result<Document, ModelError> {
    let key = digest(format!("{FORMAT}\n{}", tools.pins()).as_bytes()).replace(':', "-");
    let digested = tools.directory().join("aws-models").join(key).join(format!("{service}.json"));
    if let Ok(text) = fs::read(&digested)
        && let Ok(document) = serde_json::from_slice(&text)
    {
        return Ok(document);
    }
    let source = source(tools, service)?;
    let document = unpack(&source)?;
    let text = serde_json::to_vec(&document).map_err(|error| unreadable(&source, &error))?;
    write_whole(&digested, &text)?;
    Ok(document)
}

fn unpack(path: &Path) -> Result<Document, ModelError> {
    let packed = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut text).map_err(|error| unreadable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(path, &error))
}

/// The folder of a service whose name in signatures is another. The older load balancers have the same name, and are not called.
const FOLDERS: [(&str, &str); 1] = [("elasticloadbalancing", "elbv2")];

/// Finds the newest `service-2.json.gz` of a service below the virtual environment.
fn source(tools: &Tools, service: &str) -> Result<PathBuf, ModelError> {
    let unknown = || ModelError::Unknown { service: service.to_owned() };
    if service.is_empty() || !service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(unknown());
    }
    let service = FOLDERS.iter().find(|(name, _)| *name == service).map_or(service, |(_, folder)| folder);
    let lib = tools.directory().join("venv").join("lib");
    let pythons = folders(&lib);
    let versions = pythons.iter().flat_map(|python| folders(&python.join("site-packages/botocore/data").join(service)));
    let files = versions.map(|version| version.join("service-2.json.gz")).filter(|file| file.is_file());
    files.max().ok_or_else(unknown)
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect()
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> ModelError {
    ModelError::Read { path: path.to_owned(), reason: error.to_string() }
}
