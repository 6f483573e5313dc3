//! What comes from npm, each only when a test asks for it: GitHub's OpenAPI document, and the proxy `prism`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ToolsError;
use super::install::{Step, folder, is_stamped, lock, run, write_stamp};

const PACKAGE: &str = include_str!("../../../../tools/package.json");
pub(super) const LOCK: &str = include_str!("../../../../tools/package-lock.json");

#[cfg(feature = "openapi")]
const PRISM_PACKAGE: &str = include_str!("../../../../tools/prism/package.json");
#[cfg(feature = "openapi")]
const PRISM_LOCK: &str = include_str!("../../../../tools/prism/package-lock.json");

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
    install(&scratch, PACKAGE, LOCK, directory.join("npm.log"))?;
    let installed = scratch.join(DOCUMENT);
    fs::rename(&installed, &document).map_err(|source| folder(&installed, source))?;
    fs::remove_dir_all(&scratch).map_err(|source| folder(&scratch, source))?;
    write_stamp(&stamp, LOCK)?;
    Ok(document)
}

#[cfg(feature = "openapi")]
/// Returns the program of `prism`, for Node.js to run.
pub(super) fn prism(directory: &Path) -> Result<PathBuf, ToolsError> {
    let prism = directory.join("prism");
    let program = prism.join("node_modules/@stoplight/prism-cli/dist/index.js");
    let stamp = directory.join("prism.sha256");
    let is_current = || program.exists() && is_stamped(&stamp, PRISM_LOCK);
    if is_current() {
        return Ok(program);
    }
    let _lock = lock(directory)?;
    if !is_current() {
        install(&prism, PRISM_PACKAGE, PRISM_LOCK, directory.join("prism.log"))?;
        write_stamp(&stamp, PRISM_LOCK)?;
    }
    Ok(program)
}

/// Installs exactly what a lock file lists; no package may run a script.
fn install(into: &Path, package: &str, package_lock: &str, log: PathBuf) -> Result<(), ToolsError> {
    fs::create_dir_all(into).map_err(|source| folder(into, source))?;
    for (name, content) in [("package.json", package), ("package-lock.json", package_lock)] {
        let path = into.join(name);
        fs::write(&path, content).map_err(|source| folder(&path, source))?;
    }
    run(
        Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(into),
        &Step {
            name: "npm ci",
            missing: "install Node.js with npm",
            failed: "check that npm reaches its registry (`npm ping`)",
            log,
        },
    )
}
