//! .NET: `*.csproj`, `*.fsproj`, `*.vbproj`, `Directory.Build.props`.
//!
//! The version is the property `Version` as MSBuild evaluates it, with the defaults of the SDK: `VersionPrefix`, else
//! `1.0.0`, and `VersionSuffix` behind it (<https://learn.microsoft.com/dotnet/core/project-sdk/msbuild-props>).

mod condition;
pub(super) mod evaluation;
mod functions;

use std::path::{Path, PathBuf};

use self::evaluation::{Evaluation, Property};
use super::{Flaw, FlawKind, Place, Reader, Resolved, Written};
use crate::error::Error;

/// The version that the SDK takes where none is written.
const DEFAULT: &str = "1.0.0";

/// The file that MSBuild imports before every project below its folder.
const PROPS: &str = "Directory.Build.props";

/// The packages that make the version from Git when a project refers to them.
const FROM_GIT: [&str; 8] = [
    "minver",
    "nerdbank.gitversioning",
    "gitversion.msbuild",
    "gitversiontask",
    "verlite.msbuild",
    "ubiquity.net.versioning.build.tasks",
    "rzc.gitversioning",
    "gitversioning",
];

/// The manifests in a folder with these files: its projects, else what is meant for the projects below it.
pub(super) fn candidates(names: &[String]) -> Vec<&str> {
    let projects: Vec<&str> = names.iter().map(String::as_str).filter(|name| is_project(Path::new(name))).collect();
    if projects.is_empty() { super::names_of(names, &[PROPS]) } else { projects }
}

fn is_project(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["csproj", "fsproj", "vbproj"].iter().any(|known| extension == *known))
}

/// A project as MSBuild evaluates it, but for what targets do.
pub(super) fn evaluated<'a, 'r>(reader: &'a Reader<'r>, manifest: &Path) -> Result<Evaluation<'a, 'r>, Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    let mut evaluation = Evaluation::new(reader, manifest);
    let around = |evaluation: &mut Evaluation<'_, '_>, name| match evaluation.above(folder, name)? {
        Some(found) if is_project(manifest) => evaluation.file(&found),
        _ => Ok(()),
    };
    around(&mut evaluation, PROPS)?;
    around(&mut evaluation, "Directory.Packages.props")?;
    evaluation.file(manifest)?;
    around(&mut evaluation, "Directory.Build.targets")?;
    Ok(evaluation)
}

/// The version of a project, or of a file of properties.
pub(super) fn resolve(reader: &Reader<'_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    let mut evaluation = Evaluation::new(reader, manifest);
    let is_project = is_project(manifest);
    let shared = |evaluation: &mut Evaluation<'_, '_>, name| match evaluation.above(folder, name)? {
        Some(found) if is_project => evaluation.file(&found),
        _ => Ok(()),
    };
    shared(&mut evaluation, PROPS)?;
    shared(&mut evaluation, "Directory.Packages.props")?;
    evaluation.file(manifest)?;
    refuse_tools(reader, &evaluation)?;
    let made = made(&evaluation, manifest);
    if let Some((property, _)) = &made {
        evaluation.set_version(property.clone());
    }
    shared(&mut evaluation, "Directory.Build.targets")?;
    refuse_tools(reader, &evaluation)?;
    let default = made.filter(|(_, is_written)| !is_written).map(|(version, _)| version);
    match evaluation.property("Version").filter(|version| default.as_ref() != Some(version)) {
        Some(version) => written(reader, version).map(Some),
        None => without(reader, &evaluation, manifest),
    }
}

/// The version as far as the SDK makes it from its parts, and whether a part is written.
fn made(evaluation: &Evaluation<'_, '_>, manifest: &Path) -> Option<(Property, bool)> {
    if evaluation.is_set("Version") {
        return None;
    }
    let part = |name| evaluation.property(name).filter(|_| evaluation.is_set(name));
    let (prefix, suffix) = (part("VersionPrefix"), part("VersionSuffix"));
    let value = match (prefix.map(|prefix| prefix.value.clone()), suffix.map(|suffix| suffix.value.clone())) {
        (Some(Err(unknown)), _) | (_, Some(Err(unknown))) => Err(unknown),
        (prefix, suffix) => {
            let prefix = prefix.and_then(Result::ok).unwrap_or_else(|| DEFAULT.to_owned());
            let suffix = suffix.and_then(Result::ok);
            Ok(suffix.map_or(prefix.clone(), |suffix| format!("{prefix}-{suffix}")))
        }
    };
    let unknown = [prefix, suffix].into_iter().flatten().find(|part| part.value.is_err());
    let home = unknown.or(prefix).or(suffix);
    let (file, place) = home.map_or((manifest.to_path_buf(), Place::START), |home| (home.file.clone(), home.place));
    Some((Property { value, file, place }, home.is_some()))
}

fn written(reader: &Reader<'_>, version: &Property) -> Result<Resolved, Error> {
    let Property { value, file, place } = version;
    match value {
        Ok(text) => Ok(Resolved::written(file, Written { text: text.trim().to_owned(), place: *place })),
        Err(unknown) => Err(unresolved(reader, (file, *place), &unknown.expression, &unknown.why)),
    }
}

fn unresolved(reader: &Reader<'_>, at: (&Path, Place), expression: &str, why: &str) -> Error {
    let kind = FlawKind::Unresolved { expression: expression.to_owned(), why: why.to_owned() };
    reader.flawed(at.0, Flaw { kind, place: at.1 })
}

/// Refuses a project whose version a package makes while it builds.
fn refuse_tools(reader: &Reader<'_>, evaluation: &Evaluation<'_, '_>) -> Result<(), Error> {
    if let Some(tool) = FROM_GIT.iter().find_map(|name| evaluation.tools.get(*name)) {
        return Err(
            reader.flawed(&tool.file, Flaw { kind: FlawKind::NeedsGit { by: tool.name.clone() }, place: tool.place })
        );
    }
    match evaluation.tools.get("microsoft.dotnet.arcade.sdk") {
        Some(tool) => {
            let why = "this SDK makes the version from the number of the build";
            Err(unresolved(reader, (&tool.file, tool.place), &tool.name, why))
        }
        None => Ok(()),
    }
}

/// What a project without a version has.
fn without(reader: &Reader<'_>, evaluation: &Evaluation<'_, '_>, manifest: &Path) -> Result<Option<Resolved>, Error> {
    if let Some(import) = &evaluation.missing_import {
        let why = "the file that it imports is not in the repository, and nothing else has a version";
        return Err(unresolved(reader, (&import.file, import.place), &import.name, why));
    }
    if evaluation.has_sdk && is_project(manifest) {
        return Ok(Some(Resolved::default(manifest, DEFAULT, Place::START)));
    }
    match assembly_info(reader, manifest)? {
        Some((file, place)) => {
            let why = "a project without an SDK has its version in code";
            Err(unresolved(reader, (&file, place), "AssemblyVersion", why))
        }
        None => Ok(None),
    }
}

/// Where the code of a project without an SDK says the version.
fn assembly_info(reader: &Reader<'_>, manifest: &Path) -> Result<Option<(PathBuf, Place)>, Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    for name in ["Properties/AssemblyInfo.cs", "My Project/AssemblyInfo.vb", "AssemblyInfo.fs"] {
        let Some(file) = reader.locate(&folder.join(name))? else { continue };
        let found = reader.parse(&file, |text| Ok(text.find("AssemblyVersion(").map(|at| Place::of(text, at))))?;
        return Ok(found.map(|place| (file, place)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
