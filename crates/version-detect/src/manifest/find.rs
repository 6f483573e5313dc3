//! Finding the manifest of a folder, and reading its version with whatever it inherits from.

use std::path::{Path, PathBuf};

use super::maven::Pom;
use super::{Ecosystem, Flaw, FlawKind, Found, KNOWN, Place, Written, cargo, maven, maven_config, npm, plain};
use crate::error::Error;
use crate::files::{Tree, decode, decode_xml};

/// How many parents a pom may have.
const MOST_PARENTS: usize = 16;

/// The version of the folder's project: of the manifest that was named, else of the known manifests there are. Several must
/// agree; one without a version does not count where another has one.
pub(crate) fn find(tree: &Tree, named: Option<&str>) -> Result<Found, Error> {
    if let Some(name) = named {
        let path = tree.folder().join(name);
        let real = tree.locate(&path)?.ok_or_else(|| no_file(tree, &path))?;
        let ecosystem = Ecosystem::of(&path);
        return read(tree, &real, ecosystem)?.ok_or_else(|| no_version(tree, &real, ecosystem));
    }
    let mut without = None;
    let mut found: Option<Found> = None;
    for (name, ecosystem) in KNOWN {
        let Some(real) = tree.locate(&tree.folder().join(name))? else { continue };
        match (read(tree, &real, ecosystem)?, &found) {
            (None, _) => without = without.or_else(|| Some(no_version(tree, &real, ecosystem))),
            (Some(other), Some(first)) if other.version != first.version => {
                return Err(Error::ambiguous(first, &other));
            }
            (Some(_), Some(_)) => {}
            (Some(first), None) => found = Some(first),
        }
    }
    found.ok_or_else(|| without.unwrap_or_else(|| Error::NoManifest { folder: tree.shown(tree.folder()) }))
}

/// Why the manifest that was named is none: what is no file is there all the same.
fn no_file(tree: &Tree, path: &Path) -> Error {
    let file = tree.shown(path);
    if path.is_dir() {
        return Error::Unreadable { file, source: std::io::ErrorKind::IsADirectory.into() };
    }
    Error::ManifestMissing { file }
}

fn no_version(tree: &Tree, manifest: &Path, ecosystem: Ecosystem) -> Error {
    Error::NoVersion { file: tree.shown(manifest), ecosystem }
}

fn read(tree: &Tree, manifest: &Path, ecosystem: Ecosystem) -> Result<Option<Found>, Error> {
    let (file, written) = match ecosystem {
        Ecosystem::Npm => (manifest.to_path_buf(), parse(tree, manifest, npm::parse)?),
        Ecosystem::Plain => (manifest.to_path_buf(), parse(tree, manifest, plain::parse)?),
        Ecosystem::Cargo => read_cargo(tree, manifest)?,
        Ecosystem::Maven => read_maven(tree, manifest)?,
    };
    Ok(written.map(|Written { text, place }| Found {
        version: text,
        manifest: tree.shown(manifest),
        file: tree.shown(&file),
        place,
        ecosystem,
    }))
}

fn parse<T>(tree: &Tree, file: &Path, parser: impl FnOnce(&str) -> Result<T, Flaw>) -> Result<T, Error> {
    let text = decode(tree.read(file)?).map_err(|line| not_text(tree, file, line))?;
    parser(&text).map_err(|flaw| flawed(tree, file, flaw))
}

fn not_text(tree: &Tree, file: &Path, line: usize) -> Error {
    flawed(tree, file, Flaw::malformed("it is not UTF-8 text", Place { line, column: 1 }))
}

fn flawed(tree: &Tree, file: &Path, flaw: Flaw) -> Error {
    let (file, place) = (tree.shown(file), flaw.place);
    match flaw.kind {
        FlawKind::Malformed(reason) => Error::Malformed { file, place, reason },
        FlawKind::NotText => Error::VersionNotText { file, place },
        FlawKind::Unresolved { expression, why } => Error::Unresolved { file, place, expression, why },
    }
}

/// The version of a `Cargo.toml`, from the workspace's root where it is inherited.
fn read_cargo(tree: &Tree, manifest: &Path) -> Result<(PathBuf, Option<Written>), Error> {
    let own = parse(tree, manifest, cargo::parse)?;
    let place = match own.package {
        Some(cargo::PackageVersion::Own(version)) => return Ok((manifest.to_path_buf(), Some(version))),
        Some(cargo::PackageVersion::Workspace(place)) => place,
        // Cargo takes 0.0.0 for a package that names no version, which is no version to release.
        None if own.has_package => return Ok((manifest.to_path_buf(), None)),
        None => return Ok((manifest.to_path_buf(), own.workspace_version)),
    };
    if own.is_workspace {
        return inherited(tree, manifest, place, own.workspace_version, manifest);
    }
    let folder = manifest.parent().unwrap_or(manifest);
    if let Some(named) = &own.workspace_folder {
        let path = folder.join(named).join("Cargo.toml");
        let root = tree.locate(&path)?.ok_or_else(|| no_workspace(tree, manifest, place))?;
        let version = parse(tree, &root, cargo::parse)?.workspace_version;
        return inherited(tree, manifest, place, version, &root);
    }
    for above in tree.upwards(folder).skip(1) {
        let Some(root) = tree.locate(&above.join("Cargo.toml"))? else { continue };
        let candidate = parse(tree, &root, cargo::parse)?;
        if candidate.is_workspace {
            return inherited(tree, manifest, place, candidate.workspace_version, &root);
        }
    }
    Err(no_workspace(tree, manifest, place))
}

fn inherited(
    tree: &Tree,
    manifest: &Path,
    place: Place,
    version: Option<Written>,
    root: &Path,
) -> Result<(PathBuf, Option<Written>), Error> {
    let Some(version) = version else {
        let why = format!("{} has no `workspace.package.version`", tree.shown(root));
        return Err(unresolved_workspace(tree, manifest, place, why));
    };
    Ok((root.to_path_buf(), Some(version)))
}

fn no_workspace(tree: &Tree, manifest: &Path, place: Place) -> Error {
    unresolved_workspace(tree, manifest, place, "no folder above has a Cargo.toml with `[workspace]`".to_owned())
}

fn unresolved_workspace(tree: &Tree, manifest: &Path, place: Place, why: String) -> Error {
    Error::Unresolved { file: tree.shown(manifest), place, expression: "version.workspace".to_owned(), why }
}

/// The version of a pom, from its parents where it is inherited.
fn read_maven(tree: &Tree, manifest: &Path) -> Result<(PathBuf, Option<Written>), Error> {
    let mut files = vec![manifest.to_path_buf()];
    let mut poms = vec![read_pom(tree, manifest)?];
    while poms.len() <= MOST_PARENTS {
        let (Some(file), Some(pom)) = (files.last(), poms.last()) else { break };
        let Some(parent) = parent_file(tree, file, pom) else { break };
        // A parent that cannot be read matters only where something is missing, and that is said then.
        let Ok(candidate) = read_pom(tree, &parent) else { break };
        if !pom.has_parent(&candidate) || files.contains(&parent) {
            break;
        }
        files.push(parent);
        poms.push(candidate);
    }
    let options = maven_options(tree, manifest)?;
    let found = maven::version(&poms, &options).map_err(|(index, flaw)| flawed(tree, &files[index], flaw))?;
    Ok(match found {
        Some((index, version)) => (files.swap_remove(index), Some(version)),
        None => (manifest.to_path_buf(), None),
    })
}

fn read_pom(tree: &Tree, file: &Path) -> Result<Pom, Error> {
    let text = decode_xml(tree.read(file)?).map_err(|line| not_text(tree, file, line))?;
    maven::parse(&text).map_err(|flaw| flawed(tree, file, flaw))
}

/// The file of a pom's parent, where it lies in this repository.
fn parent_file(tree: &Tree, file: &Path, pom: &Pom) -> Option<PathBuf> {
    let relative = pom.parent.as_ref()?.relative_path.as_deref().unwrap_or("../pom.xml");
    if relative.is_empty() {
        return None;
    }
    let path = file.parent()?.join(relative);
    let path = if path.is_dir() { path.join("pom.xml") } else { path };
    tree.locate(&path).ok().flatten()
}

fn maven_options(tree: &Tree, manifest: &Path) -> Result<std::collections::BTreeMap<String, String>, Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    for above in tree.upwards(folder) {
        if let Some(file) = tree.locate(&above.join(".mvn/maven.config"))? {
            return parse(tree, &file, |text| Ok(maven_config::parse(text)));
        }
    }
    Ok(std::collections::BTreeMap::new())
}
