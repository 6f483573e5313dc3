//! What to do about a version, in the words of each ecosystem.

use std::path::Path;

use actions_core::Location;

use crate::manifest::{Ecosystem, Files};
use project_version::Form;

/// The most names that an advice has.
const MOST_NAMES: usize = 20;

/// How to release a version below others all the same.
pub(super) fn lower_release(form: Form) -> &'static str {
    match form {
        Form::Stable => "release it from a branch of its own, which `maintenance-branch` names",
        Form::Snapshot | Form::Prerelease => {
            "build it on a branch of its own, whose `[[branch]]` in `slipway.toml` has `line = true`"
        }
    }
}

/// How to release with snapshots all the same.
pub(super) fn allowing(name: &str, more: &[String]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in std::iter::once(name).chain(more.iter().map(String::as_str)) {
        if names.len() < MOST_NAMES && !names.contains(&name) {
            names.push(name);
        }
    }
    let one = if names.len() == 1 { "one that has to be a snapshot is" } else { "those that have to be snapshots are" };
    format!("{one} named in slipway.toml, below [version]: allow-snapshots = {names:?}")
}

/// How to write a version, in a file or by a command.
pub(super) fn written_version(location: &Location) -> &'static str {
    match location.line {
        Some(_) => "write a version of the form 1.0.0 or 1.1.0-SNAPSHOT (in Python 1.1.0.dev0)",
        None => {
            "make the command write a version such as 1.0.0 and nothing else; it is started without a shell, so `|`, `&&` and `$` are plain \
             arguments: `sh -c '...'` runs a command line"
        }
    }
}

/// The longest name that others are compared with, in bytes, and with how many: this is asked for each component.
const LONGEST_NAME: usize = 64;
const MOST_NEAR: usize = 100;

/// The question whether the entry of a folder is meant that is called most like the missing `path`, with a blank behind; empty where there
/// is none. Where folders of the path are missing, too, the first of them is looked for.
pub(crate) fn near(files: &dyn Files, path: &Path) -> String {
    // From the top: below what is missing nothing has to be looked at.
    let mut above: Vec<&Path> = path.ancestors().take_while(|above| *above != files.root()).collect();
    above.reverse();
    let missing = above.into_iter().find(|above| !files.is_folder(above));
    let parts = missing.and_then(|missing| Some((missing.parent()?, missing.file_name()?.to_str()?)));
    let Some((folder, name)) = parts.filter(|(_, name)| name.len() <= LONGEST_NAME) else { return String::new() };
    let names = files.names(folder).unwrap_or_default();
    let alike = names.iter().filter(|known| known.len().abs_diff(name.len()) <= 3).take(MOST_NEAR);
    let nearest = alike.map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    match nearest {
        Some((distance @ 1..=3, known)) if distance < known.len().min(name.len()) => {
            let meant = folder.join(known);
            let rest = path.strip_prefix(folder.join(name)).ok().map(|rest| meant.join(rest));
            let meant = rest.filter(|whole| files.is_folder(whole)).unwrap_or(meant);
            format!("did you mean `{}`? ", files.shown(&meant))
        }
        _ => String::new(),
    }
}

/// How to write a version where there is none.
pub(super) fn add_version(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Npm => "add a line such as \"version\": \"1.0.0\"",
        Ecosystem::Maven => "add <version>1.0.0</version> below <project>, or a <parent> that has a version",
        Ecosystem::Cargo => "add version = \"1.0.0\" below [package] (or below [workspace.package])",
        Ecosystem::Python => "add version = \"1.0.0\" below [project]",
        Ecosystem::Gradle => "add version = \"1.0.0\" to the build script, or version=1.0.0 to gradle.properties",
        Ecosystem::DotNet => "add <Version>1.0.0</Version> to a <PropertyGroup>",
        Ecosystem::Helm => "add a line such as version: 1.0.0",
        Ecosystem::Plain => "write the version into it, for example 1.0.0",
        Ecosystem::Command => "make the command write the version",
    }
}

/// The file that carries the version.
pub(super) fn manifest_of(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Npm => "package.json",
        Ecosystem::Maven => "pom.xml",
        Ecosystem::Cargo => "Cargo.toml",
        Ecosystem::Python => "pyproject.toml",
        Ecosystem::Gradle => "build script",
        Ecosystem::DotNet => "project file",
        Ecosystem::Helm => "Chart.yaml",
        Ecosystem::Plain => "file",
        Ecosystem::Command => "command",
    }
}

/// A command that tells the version where files do not. Of the tools of Python `hint` names the one that makes it.
pub(super) fn example_command(ecosystem: Ecosystem, hint: &str) -> &'static str {
    match ecosystem {
        Ecosystem::Python if hint.contains("hatch") => "hatch version",
        Ecosystem::Python if hint.contains("poetry") => "poetry version --short",
        Ecosystem::Python if hint.contains("pdm") => "pdm show --version",
        Ecosystem::Maven => "mvn -q help:evaluate -Dexpression=project.version -DforceStdout",
        Ecosystem::Python => "python -m setuptools_scm",
        Ecosystem::Gradle => "./gradlew -q properties --property version",
        Ecosystem::DotNet => "dotnet msbuild -getProperty:Version",
        Ecosystem::Npm | Ecosystem::Cargo | Ecosystem::Helm | Ecosystem::Plain | Ecosystem::Command => {
            "git describe --tags"
        }
    }
}
