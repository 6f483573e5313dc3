//! What comes from npm: only GitHub's OpenAPI document, and only when a test asks for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ToolsError;
use super::install::{Step, folder, is_stamped, lock, run, write_stamp};

const PACKAGE: &str = include_str!("../../../../tools/package.json");
pub(super) const LOCK: &str = include_str!("../../../../tools/package-lock.json");

/// The package holds 385 MB of documents; this one of them is kept.
const DOCUMENT: &str = "node_modules/@octokit/openapi/generated/api.github.com.json";

pub(super) fn openapi_document(directory: &Path) -> Result<PathBuf, ToolsError> {
    let document = directory.join("api.github.com.json");
    let stamp = directory.join("package-lock.sha256");
    let is_current = || document.exists() && is_stamped(&stamp, LOCK);
    if is_current() {
        return Ok(document);
    }
    let _lock = lock(directory)?;
    if is_current() {
        return Ok(document);
    }
    let scratch = directory.join("npm");
    fs::create_dir_all(&scratch).map_err(|source| folder(&scratch, source))?;
    for (name, content) in [("package.json", PACKAGE), ("package-lock.json", LOCK)] {
        let path = scratch.join(name);
        fs::write(&path, content).map_err(|source| folder(&path, source))?;
    }
    run(
        Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&scratch),
        &Step {
            name: "npm ci",
            missing: "install Node.js with npm",
            failed: "check that npm reaches its registry (`npm ping`)",
            log: directory.join("npm.log"),
        },
    )?;
    let installed = scratch.join(DOCUMENT);
    fs::rename(&installed, &document).map_err(|source| folder(&installed, source))?;
    fs::remove_dir_all(&scratch).map_err(|source| folder(&scratch, source))?;
    write_stamp(&stamp, LOCK)?;
    Ok(document)
}
