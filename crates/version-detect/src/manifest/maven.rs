//! Maven: `pom.xml`, its parents in this repository, and `.mvn`.
//!
//! A project's version is its own `<version>`, else its parent's. What depends on the machine that builds (its environment,
//! its Java, profiles that ask for them) has no value here; it matters only where the version uses it.

pub(super) mod config;
mod extensions;
pub(super) mod interpolate;
mod ordering;
pub(super) mod pom;
pub(super) mod profiles;
pub(super) mod uses;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Options;
use interpolate::{Link, Scope};
use pom::{Parent, Pom};

use super::{Flaw, FlawKind, Reader, Resolved, Written, names_of, properties};
use crate::error::Error;

/// How many parents a pom may have.
const MOST_PARENTS: usize = 16;

/// The manifests in a folder with these files.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    names_of(names, &["pom.xml"])
}

/// The version of a pom, from its parents where it is inherited.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let own = reader.parse_xml_shared(manifest, pom::parse)?;
    let settings = settings_folder(reader, manifest);
    refuse_extensions(reader, settings.as_deref())?;
    let options = options(reader, settings.as_deref())?;
    let (files, chain) = chain(reader, manifest, own, &options);
    let found = version(&chain, &options).map_err(|(index, flaw)| reader.flawed(&files[index], flaw))?;
    Ok(found.map(|(index, written)| Resolved::written(&files[index], written)))
}

/// A pom with its parents as far as they are in this repository, and the options of every run.
pub(super) fn with_parents(reader: &Reader<'_>, manifest: &Path) -> Result<(Vec<PathBuf>, Vec<Link>, Options), Error> {
    let own = reader.parse_xml_shared(manifest, pom::parse)?;
    let options = options(reader, settings_folder(reader, manifest).as_deref())?;
    let (files, chain) = chain(reader, manifest, own, &options);
    Ok((files, chain, options))
}

/// The chain of the pom `own`, which is `manifest`, and its parents, with their files.
fn chain(reader: &Reader<'_>, manifest: &Path, own: Arc<Pom>, options: &Options) -> (Vec<PathBuf>, Vec<Link>) {
    let folder = manifest.parent().unwrap_or(manifest);
    // Maven looks for the files of all profiles, also of the parents', beside the project's pom.
    let exists = |path: &str| {
        let path = folder.join(path);
        reader.is_folder(&path) || reader.locate(&path).is_ok_and(|file| file.is_some())
    };
    let (mut files, mut chain) = (vec![manifest.to_path_buf()], vec![Link::new(own, options, &exists)]);
    while let Some((file, pom)) = next(reader, &files, &chain) {
        files.push(file);
        chain.push(Link::new(pom, options, &exists));
    }
    (files, chain)
}

/// The parent of the chain's last pom, where it lies in this repository.
fn next(reader: &Reader<'_>, files: &[PathBuf], chain: &[Link]) -> Option<(PathBuf, Arc<Pom>)> {
    let last = &chain.last()?.pom;
    let path = parent_file(reader, files.last()?, last).filter(|_| chain.len() <= MOST_PARENTS)?;
    // A parent that cannot be read matters only where something is missing, and that is said then.
    let candidate = reader.parse_xml_shared(&path, pom::parse).ok()?;
    (!files.contains(&path) && is_parent(last, &candidate)).then_some((path, candidate))
}

/// The file where a pom's parent is looked for.
fn parent_file(reader: &Reader<'_>, file: &Path, pom: &Pom) -> Option<PathBuf> {
    let relative = pom.parent.as_ref()?.relative_path.as_deref().unwrap_or("../pom.xml");
    if relative.is_empty() {
        return None;
    }
    let path = file.parent()?.join(relative);
    let path = if reader.is_folder(&path) { path.join("pom.xml") } else { path };
    reader.locate(&path).ok().flatten()
}

/// Whether `candidate` is the parent that a pom names. Maven ignores a pom with other coordinates, and compares the version
/// before expressions are resolved.
fn is_parent(pom: &Pom, candidate: &Pom) -> bool {
    let Some(parent) = &pom.parent else { return false };
    let is_same = |wanted: Option<&str>, there: Option<&str>| match wanted {
        Some(wanted) => Some(wanted) == there,
        None => pom.infers_parent(),
    };
    is_same(parent.group.as_deref(), candidate.group())
        && is_same(parent.artifact.as_deref(), candidate.artifact.as_deref())
        && match (&parent.version, candidate.raw_version()) {
            (None, _) => pom.infers_parent(),
            (Some(wanted), Some(there)) => {
                wanted.text == there.text
                    || (ordering::is_range(&wanted.text) && ordering::contains(&wanted.text, &there.text))
            }
            (Some(_), None) => false,
        }
}

/// The version of the first pom of `chain`, the project itself followed by its parents as far as they are known, with the
/// index of the pom it is written in; `None` where there is none.
pub(super) fn version(chain: &[Link], options: &Options) -> Result<Option<(usize, Written)>, (usize, Flaw)> {
    let Some(own) = chain.first().map(|link| &link.pom) else { return Ok(None) };
    let from_git = chain.iter().enumerate().find_map(|(index, link)| Some((index, link.pom.from_git.clone()?)));
    if let Some(refused) = from_git {
        return Err(refused);
    }
    if let Some(parent) = &own.parent {
        refuse_range(own, parent).map_err(|flaw| (0, flaw))?;
        if own.version.is_none() && parent.version.is_none() {
            return inferred(chain, options, own, parent);
        }
    }
    let Some(raw) = own.raw_version() else { return Ok(None) };
    let scope = Scope { chain, options };
    let text = scope.resolve(0, raw)?;
    let (index, place) = scope.home_of(&raw.text).unwrap_or((0, raw.place));
    Ok(Some((index, Written { text, place })))
}

/// The version of a parent whose version the pom leaves out, as the model of Maven 4 allows.
fn inferred(
    chain: &[Link],
    options: &Options,
    own: &Pom,
    parent: &Parent,
) -> Result<Option<(usize, Written)>, (usize, Flaw)> {
    if !own.infers_parent() {
        return Err((0, Flaw::malformed("the `<parent>` has no version", parent.place)));
    }
    if chain.len() < 2 {
        let why = "the pom of the parent is not in this repository".to_owned();
        let kind = FlawKind::Unresolved { expression: "parent.version".to_owned(), why };
        return Err((0, Flaw { kind, place: parent.place }));
    }
    let shift = |index| index + 1;
    match version(&chain[1..], options) {
        Ok(found) => Ok(found.map(|(index, written)| (shift(index), written))),
        Err((index, flaw)) => Err((shift(index), flaw)),
    }
}

/// Below a parent of a range of versions, a pom needs a version that does not depend on which of them it is.
fn refuse_range(own: &Pom, parent: &Parent) -> Result<(), Flaw> {
    let Some(range) = parent.version.as_ref().filter(|version| ordering::is_range(&version.text)) else {
        return Ok(());
    };
    let depends = ["${pom.version}", "${project.version}", "${pom.parent.version}", "${project.parent.version}"];
    match &own.version {
        Some(own) if !depends.contains(&own.text.as_str()) => Ok(()),
        _ => {
            let why = "the version of a parent can be a range only where the pom has a constant version of its own";
            let kind = FlawKind::Unresolved { expression: range.text.clone(), why: why.to_owned() };
            Err(Flaw { kind, place: range.place })
        }
    }
}

/// The nearest folder `.mvn`, from that of `manifest` upwards: Maven takes no other, also where it is empty.
fn settings_folder(reader: &Reader<'_>, manifest: &Path) -> Option<PathBuf> {
    let folder = manifest.parent().unwrap_or(manifest);
    reader.upwards(folder).map(|above| above.join(".mvn")).find(|settings| reader.is_folder(settings))
}

/// An extension of Maven's core may replace every version of the build by one that it makes from Git.
fn refuse_extensions(reader: &Reader<'_>, settings: Option<&Path>) -> Result<(), Error> {
    let Some(file) = file_in(reader, settings, "extensions.xml")? else { return Ok(()) };
    let flaw = reader.parse_xml_shared(&file, extensions::parse)?;
    flaw.as_ref().clone().map_or(Ok(()), |flaw| Err(reader.flawed(&file, flaw)))
}

fn options(reader: &Reader<'_>, settings: Option<&Path>) -> Result<Options, Error> {
    let mut options = match file_in(reader, settings, "maven.config")? {
        Some(file) => reader.parse(&file, |text| Ok(config::parse(text)))?,
        None => Options::default(),
    };
    // Whoever has this file builds with Maven 4; an option of the command line wins over it.
    if let Some(file) = file_in(reader, settings, "maven-user.properties")? {
        for (name, property) in reader.parse(&file, properties::parse)? {
            options.properties.entry(name).or_insert(property.value);
        }
    }
    Ok(options)
}

fn file_in(reader: &Reader<'_>, settings: Option<&Path>, name: &str) -> Result<Option<PathBuf>, Error> {
    settings.map_or(Ok(None), |folder| reader.locate(&folder.join(name)))
}

#[cfg(test)]
mod tests;
