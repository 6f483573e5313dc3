//! Maven: `pom.xml`, its parents in this repository, and `.mvn`.

pub(super) mod config;
mod extensions;
pub(super) mod pom;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pom::Pom;

use super::{Reader, Resolved, names_of};
use crate::error::Error;

/// How many parents a pom may have.
const MOST_PARENTS: usize = 16;

/// The manifests in a folder with these files.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    names_of(names, &["pom.xml"])
}

/// The version of a pom, from its parents where it is inherited.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let mut files = vec![manifest.to_path_buf()];
    let mut poms = vec![reader.parse_xml(manifest, pom::parse)?];
    refuse_extensions(reader, manifest)?;
    while poms.len() <= MOST_PARENTS {
        let (Some(file), Some(pom)) = (files.last(), poms.last()) else { break };
        let Some(parent) = parent_file(reader, file, pom) else { break };
        // A parent that cannot be read matters only where something is missing, and that is said then.
        let Ok(candidate) = reader.parse_xml(&parent, pom::parse) else { break };
        if !pom.has_parent(&candidate) || files.contains(&parent) {
            break;
        }
        files.push(parent);
        poms.push(candidate);
    }
    let options = options(reader, manifest)?;
    let found = pom::version(&poms, &options).map_err(|(index, flaw)| reader.flawed(&files[index], flaw))?;
    Ok(found.map(|(index, written)| Resolved::written(&files[index], written)))
}

/// The file of a pom's parent, where it lies in this repository.
fn parent_file(reader: &Reader<'_>, file: &Path, pom: &Pom) -> Option<PathBuf> {
    let relative = pom.parent.as_ref()?.relative_path.as_deref().unwrap_or("../pom.xml");
    if relative.is_empty() {
        return None;
    }
    let path = file.parent()?.join(relative);
    let path = if reader.is_folder(&path) { path.join("pom.xml") } else { path };
    reader.locate(&path).ok().flatten()
}

/// An extension of Maven's core may replace every version of the build by one that it makes from Git.
fn refuse_extensions(reader: &Reader<'_>, manifest: &Path) -> Result<(), Error> {
    let Some(file) = nearest(reader, manifest, ".mvn/extensions.xml")? else { return Ok(()) };
    let flaw = reader.parse_xml(&file, extensions::parse)?;
    flaw.map_or(Ok(()), |flaw| Err(reader.flawed(&file, flaw)))
}

fn options(reader: &Reader<'_>, manifest: &Path) -> Result<BTreeMap<String, String>, Error> {
    match nearest(reader, manifest, ".mvn/maven.config")? {
        Some(file) => reader.parse(&file, |text| Ok(config::parse(text))),
        None => Ok(BTreeMap::new()),
    }
}

/// The file `name` in the nearest folder that has it, from that of `manifest` upwards.
fn nearest(reader: &Reader<'_>, manifest: &Path, name: &str) -> Result<Option<PathBuf>, Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    for above in reader.upwards(folder) {
        if let Some(file) = reader.locate(&above.join(name))? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
