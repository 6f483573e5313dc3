//! Finding the manifest of a folder.

use std::path::Path;

use super::{Ecosystem, Files, Found, Origin, resolve};
use crate::error::{Error, near};

/// The version of the project in `folder`: of the manifest that was named, else of the known manifests there are. Several
/// must agree; one without a version does not count where another has one.
pub(crate) fn find(files: &dyn Files, folder: &Path, named: Option<&str>) -> Result<Found, Error> {
    if let Some(name) = named {
        let path = folder.join(name);
        let real = files.locate(&path)?.ok_or_else(|| no_file(files, &path))?;
        let ecosystem = Ecosystem::of(&path);
        let found = resolve(files, &real, ecosystem)?.ok_or_else(|| no_version(files, &real, ecosystem))?;
        // What holds a version and nothing else says nothing of the project, which the others do.
        let others = if ecosystem == Ecosystem::Plain { manifests(files, folder) } else { Vec::new() };
        return Ok(Found { without: others, ..found });
    }
    let (mut found, mut default, mut without) = (None, None, None);
    let mut others = Vec::new();
    let present = files.names(folder)?;
    for ecosystem in Ecosystem::ALL {
        for name in ecosystem.candidates(&present) {
            let Some(manifest) = files.locate(&folder.join(name))? else { continue };
            match resolve(files, &manifest, ecosystem)? {
                None => {
                    others.push((files.shown(&manifest), ecosystem));
                    without = without.or_else(|| Some(no_version(files, &manifest, ecosystem)));
                }
                Some(other) if other.origin == Origin::Default => {
                    others.push((other.manifest.clone(), ecosystem));
                    default = default.or(Some(other));
                }
                Some(other) => agree(&mut found, other)?,
            }
        }
    }
    let nothing = || without.unwrap_or_else(|| Error::NoManifest { folder: named_folder(files, folder) });
    let found: Found = found.or(default).ok_or_else(nothing)?;
    others.retain(|(manifest, _)| *manifest != found.manifest);
    Ok(Found { without: others, ..found })
}

/// The manifests of a folder, but for those that hold a version and nothing else.
pub(crate) fn manifests(files: &dyn Files, folder: &Path) -> Vec<(String, Ecosystem)> {
    let (present, mut all) = (files.names(folder).unwrap_or_default(), Vec::new());
    for ecosystem in Ecosystem::ALL.into_iter().filter(|ecosystem| *ecosystem != Ecosystem::Plain) {
        for name in ecosystem.candidates(&present) {
            let manifest = files.locate(&folder.join(name)).ok().flatten();
            all.extend(manifest.map(|manifest| (files.shown(&manifest), ecosystem)));
        }
    }
    all
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
    Error::ManifestMissing { file, near: near(files, path) }
}

/// The folder as it is told: the root, which is `.` among paths, by its own path.
fn named_folder(files: &dyn Files, folder: &Path) -> String {
    match files.shown(folder) {
        shown if shown == "." => folder.display().to_string(),
        shown => shown,
    }
}

fn no_version(files: &dyn Files, manifest: &Path, ecosystem: Ecosystem) -> Error {
    Error::NoVersion { file: files.shown(manifest), ecosystem }
}
