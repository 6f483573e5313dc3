//! Cargo: `Cargo.toml`, and the root of its workspace.

pub(super) mod document;

use std::path::Path;

use document::{CargoManifest, PackageVersion};

use super::{Flaw, FlawKind, Place, Reader, Resolved, Written, names_of};
use crate::error::Error;

/// What Cargo takes for a package that names no version.
const DEFAULT: &str = "0.0.0";

/// The manifests in a folder with these files.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    names_of(names, &["Cargo.toml"])
}

/// The version of a `Cargo.toml`, from the workspace's root where it is inherited.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let own = reader.parse(manifest, document::parse)?;
    match own.package {
        Some(PackageVersion::Own(version)) => Ok(Some(Resolved::written(manifest, version))),
        Some(PackageVersion::Workspace(place)) => inherited(reader, manifest, place, own).map(Some),
        Some(PackageVersion::Default(place)) => Ok(Some(Resolved::default(manifest, DEFAULT, place))),
        None => Ok(own.workspace_version.map(|version| Resolved::written(manifest, version))),
    }
}

/// The version that `manifest`, whose document is `own`, inherits; `place` is where it says so.
fn inherited(reader: &Reader<'_>, manifest: &Path, place: Place, own: CargoManifest) -> Result<Resolved, Error> {
    if own.workspace.is_some() {
        return workspace_version(reader, manifest, place, own.workspace_version, manifest);
    }
    let folder = manifest.parent().unwrap_or(manifest);
    if let Some(named) = &own.workspace_folder {
        return pointed_at(reader, manifest, place, &folder.join(named));
    }
    for above in reader.upwards(folder).skip(1) {
        let Some(root) = reader.locate(&above.join("Cargo.toml"))? else { continue };
        let candidate = reader.parse_shared(&root, document::parse)?;
        if candidate.workspace.as_ref().is_some_and(|workspace| !workspace.excludes(above, folder)) {
            return workspace_version(reader, manifest, place, candidate.workspace_version.clone(), &root);
        }
        // A package above that names its workspace names it for those below it too.
        if let Some(named) = &candidate.workspace_folder {
            return pointed_at(reader, manifest, place, &above.join(named));
        }
    }
    Err(no_workspace(reader, manifest, place))
}

/// The version of the workspace whose root is in `folder`.
fn pointed_at(reader: &Reader<'_>, manifest: &Path, place: Place, folder: &Path) -> Result<Resolved, Error> {
    let root = reader.locate(&folder.join("Cargo.toml"))?.ok_or_else(|| no_workspace(reader, manifest, place))?;
    let version = reader.parse_shared(&root, document::parse)?.workspace_version.clone();
    workspace_version(reader, manifest, place, version, &root)
}

fn workspace_version(
    reader: &Reader<'_>,
    manifest: &Path,
    place: Place,
    version: Option<Written>,
    root: &Path,
) -> Result<Resolved, Error> {
    let Some(version) = version else {
        let why = format!("{} has no `workspace.package.version`", reader.shown(root));
        return Err(unresolved(reader, manifest, place, why));
    };
    Ok(Resolved::written(root, version))
}

fn no_workspace(reader: &Reader<'_>, manifest: &Path, place: Place) -> Error {
    unresolved(
        reader,
        manifest,
        place,
        "no folder above has a Cargo.toml whose `[workspace]` takes this package in".to_owned(),
    )
}

fn unresolved(reader: &Reader<'_>, manifest: &Path, place: Place, why: String) -> Error {
    let kind = FlawKind::Unresolved { expression: "version.workspace".to_owned(), why };
    reader.flawed(manifest, Flaw { kind, place })
}

#[cfg(test)]
mod tests;
