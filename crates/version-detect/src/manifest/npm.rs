//! npm: `package.json`.

mod package;

use std::path::Path;

use super::{Reader, Resolved, names_of};
use crate::error::Error;

#[cfg(test)]
pub(super) use package::parse;

/// The manifests in a folder with these files.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    names_of(names, &["package.json"])
}

/// The version of a `package.json`.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let version = reader.parse(manifest, package::parse)?;
    Ok(version.map(|written| Resolved::written(manifest, written)))
}
