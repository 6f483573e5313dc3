//! Gradle: `build.gradle`, `build.gradle.kts`, `gradle.properties`.
//!
//! Build scripts are programs, and Gradle is not run. What is read are the properties, and the statements of scripts that
//! set a version to something that the files tell: a text, a property, a name that was bound to one. Everything else is
//! unresolved, at its line.

mod build;
mod catalog;
mod conventions;
mod evaluate;
mod expression;
pub(super) mod lexer;
mod plugins;
mod script;
mod statement;
mod text;
mod value;

use std::path::{Path, PathBuf};

use self::build::Build;
use super::{Flaw, Place, Reader, Resolved, Written, names_of, properties};
use crate::error::Error;

/// The names of a project's script, and of the settings of a build, in the order in which Gradle looks for them.
pub(super) const SCRIPTS: [&str; 2] = ["build.gradle", "build.gradle.kts"];
pub(super) const SETTINGS: [&str; 2] = ["settings.gradle", "settings.gradle.kts"];

/// The file of properties.
const PROPERTIES: &str = "gradle.properties";

/// The properties that carry a version where a project has only those.
const VERSION_PROPERTIES: [&str; 3] = ["version", "VERSION_NAME", "projectVersion"];

/// The manifests in a folder with these files: its script, else its properties.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    let known = [&SCRIPTS[..], &[PROPERTIES]].concat();
    let found = known.iter().find_map(|name| names_of(names, &[name]).pop());
    found.into_iter().collect()
}

/// The version of the project that the manifest belongs to. Of properties that are named, the version is what they say;
/// where they say none, that of their project.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    let name = manifest.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_script = manifest.extension().is_some_and(|extension| extension == "gradle" || extension == "kts");
    if !is_script && let Some(written) = reader.parse(manifest, property)? {
        return Ok(Some(Resolved::written(manifest, written)));
    }
    let is_own = is_script && !SETTINGS.contains(&name);
    let own = if is_own { Some(manifest.to_path_buf()) } else { first(reader, folder, &SCRIPTS)? };
    project(reader, folder, own)
}

/// The version that properties have.
fn property(text: &str) -> Result<Option<Written>, Flaw> {
    let found = properties::parse(text)?;
    let mut named = VERSION_PROPERTIES.iter().filter_map(|name| found.get(*name));
    let property = named.find(|property| !property.value.is_empty());
    Ok(property.map(|property| Written { text: property.value.clone(), place: Place::of(text, property.start) }))
}

/// Runs what Gradle runs for the project in `folder`, whose script is `own`.
fn project(reader: &Reader<'_>, folder: &Path, own: Option<PathBuf>) -> Result<Option<Resolved>, Error> {
    let mut settings = None;
    for above in reader.upwards(folder) {
        settings = first(reader, above, &SETTINGS)?;
        if settings.is_some() {
            break;
        }
    }
    let root = settings.as_deref().and_then(Path::parent).unwrap_or(folder);
    let mut build = Build::new(reader, root, folder);
    if let Some(catalog) = reader.locate(&root.join("gradle/libs.versions.toml"))? {
        build.catalog(&catalog)?;
    }
    let folders = if root == folder { vec![root] } else { vec![root, folder] };
    for folder in folders {
        if let Some(properties) = reader.locate(&folder.join(PROPERTIES))? {
            build.properties(&properties)?;
        }
    }
    build.begin();
    if let Some(settings) = &settings {
        build.settings(settings)?;
    }
    let root_script = if root == folder { own.clone() } else { first(reader, root, &SCRIPTS)? };
    if let Some(script) = root_script {
        build.root_script(&script)?;
    }
    if let Some(script) = own.filter(|_| root != folder) {
        build.own_script(&script)?;
    }
    build.version()
}

/// The first of these files that is in the folder.
pub(super) fn first(reader: &Reader<'_>, folder: &Path, names: &[&str]) -> Result<Option<PathBuf>, Error> {
    for name in names {
        if let Some(file) = reader.locate(&folder.join(name))? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
