//! npm: `package.json`, and `lerna.json` above the packages of a monorepo.

mod lerna;
mod lock;
mod package;

use std::path::Path;

use package::Package;

use super::{Reader, Resolved, Written, names_of};
use crate::error::{Error, location};

#[cfg(test)]
pub(super) use package::parse;

/// The manifests in a folder with these files: where there is a `lerna.json`, it is asked first.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    let lerna = names_of(names, &[lerna::NAME]);
    if lerna.is_empty() { names_of(names, &[package::NAME]) } else { lerna }
}

/// The version of a `package.json` or a `lerna.json`.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    if manifest.file_name().is_some_and(|name| name == lerna::NAME) {
        return resolve_lerna(reader, manifest);
    }
    if let Some(version) = reader.parse(manifest, package::parse)?.version {
        let remarks = locked(reader, manifest, &version)?;
        return Ok(Some(Resolved::written(manifest, version).with_remarks(remarks)));
    }
    let Some(beside) = reader.locate(&manifest.with_file_name(lerna::NAME))? else { return Ok(None) };
    let version = reader.parse(&beside, lerna::parse)?;
    Ok(version.map(|version| Resolved::written(&beside, version)))
}

/// That the lock beside a `package.json` has another version.
fn locked(reader: &Reader<'_>, manifest: &Path, version: &Written) -> Result<Option<String>, Error> {
    for name in lock::NAMES {
        let Some(lock) = reader.locate(&manifest.with_file_name(name))? else { continue };
        let head = reader.head(&lock, lock::HEAD)?;
        let other = lock::other_version(&head, &version.text);
        return Ok(other.map(|(other, place)| {
            let (lock, version) = (reader.shown(&lock), &version.text);
            format!(
                "the version in {lock}, line {}, is {other}, and in {} it is {version}; run npm install --package-lock-only",
                place.line,
                package::NAME
            )
        }));
    }
    Ok(None)
}

/// The version of all packages below a `lerna.json`, else that of the package beside it.
fn resolve_lerna(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let fixed = reader.parse(manifest, lerna::parse)?;
    let Some(beside) = reader.locate(&manifest.with_file_name(package::NAME))? else {
        return Ok(fixed.map(|version| Resolved::written(manifest, version)));
    };
    let package = reader.parse(&beside, package::parse)?;
    match (fixed, package) {
        // The root of a monorepo is published by nobody, and its version is kept by nobody.
        (Some(fixed), Package { is_root: true, .. } | Package { version: None, .. }) => {
            Ok(Some(Resolved::written(manifest, fixed)))
        }
        (Some(fixed), Package { version: Some(own), .. }) if own.text == fixed.text => {
            Ok(Some(Resolved::written(manifest, fixed)))
        }
        (Some(fixed), Package { version: Some(own), .. }) => Err(disagree(reader, (manifest, &fixed), (&beside, &own))),
        (None, Package { is_root: true, .. } | Package { version: None, .. }) => Ok(None),
        (None, Package { version: Some(own), .. }) => Ok(Some(Resolved::written(&beside, own))),
    }
}

fn disagree(reader: &Reader<'_>, lerna: (&Path, &Written), package: (&Path, &Written)) -> Error {
    let place = |(file, version): (&Path, &Written)| format!("{}:{}", reader.shown(file), version.place.line);
    Error::Ambiguous {
        first: place(lerna),
        first_name: lerna::NAME.to_owned(),
        first_version: lerna.1.text.clone(),
        second: place(package),
        second_name: package::NAME.to_owned(),
        second_version: package.1.text.clone(),
        location: location(&reader.shown(package.0), package.1.place),
    }
}

#[cfg(test)]
mod tests;
