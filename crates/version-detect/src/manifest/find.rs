//! Finding the manifest of a folder.

use std::path::Path;

use super::{Ecosystem, Files, Found, Origin, resolve};
use crate::error::Error;

/// The version of the project in `folder`: of the manifest that was named, else of the known manifests there are. Several
/// must agree; one without a version does not count where another has one.
pub(crate) fn find(files: &dyn Files, folder: &Path, named: Option<&str>) -> Result<Found, Error> {
    if let Some(name) = named {
        let path = folder.join(name);
        let real = files.locate(&path)?.ok_or_else(|| no_file(files, &path))?;
        let ecosystem = Ecosystem::of(&path);
        return resolve(files, &real, ecosystem)?.ok_or_else(|| no_version(files, &real, ecosystem));
    }
    let (mut found, mut default, mut without) = (None, None, None);
    let present = files.names(folder)?;
    for ecosystem in Ecosystem::ALL {
        for name in ecosystem.candidates(&present) {
            let Some(manifest) = files.locate(&folder.join(name))? else { continue };
            match resolve(files, &manifest, ecosystem)? {
                None => without = without.or_else(|| Some(no_version(files, &manifest, ecosystem))),
                Some(other) if other.origin == Origin::Default => default = default.or(Some(other)),
                Some(other) => agree(&mut found, other)?,
            }
        }
    }
    let nothing = || without.unwrap_or_else(|| Error::NoManifest { folder: files.shown(folder) });
    found.or(default).ok_or_else(nothing)
}

/// Keeps the first version that is found; another one must be the same.
fn agree(found: &mut Option<Found>, other: Found) -> Result<(), Error> {
    match found {
        Some(first) if first.version != other.version => return Err(Error::ambiguous(first, &other)),
        Some(first) => first.beside.push((other.manifest, other.ecosystem)),
        None => *found = Some(other),
    }
    Ok(())
}

/// Why the manifest that was named is none: what is no file is there all the same.
fn no_file(files: &dyn Files, path: &Path) -> Error {
    let file = files.shown(path);
    if files.is_folder(path) {
        return Error::Unreadable { file, source: std::io::ErrorKind::IsADirectory.into() };
    }
    Error::ManifestMissing { file }
}

fn no_version(files: &dyn Files, manifest: &Path, ecosystem: Ecosystem) -> Error {
    Error::NoVersion { file: files.shown(manifest), ecosystem }
}
