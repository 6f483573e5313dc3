//! What to do about a version, in the words of each ecosystem.

use crate::manifest::Ecosystem;
use project_version::Form;

/// How to release a version below others all the same.
pub(super) fn lower_release(form: Form) -> &'static str {
    match form {
        Form::Stable => "release it from a branch of its own, which `maintenance-branch` names",
        Form::Snapshot | Form::Prerelease => {
            "build it on a branch of its own, whose `[[branch]]` in `slipway.toml` has `line = true`"
        }
    }
}

/// How to release with a snapshot all the same.
pub(super) fn allowing(name: &str) -> String {
    format!("one that has to be a snapshot is named in slipway.toml, below [version]: allow-snapshots = [{name:?}]")
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

/// A command that tells the version where files do not.
pub(super) fn example_command(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Maven => "mvn -q help:evaluate -Dexpression=project.version -DforceStdout",
        Ecosystem::Python => "python -m setuptools_scm",
        Ecosystem::Gradle => "./gradlew -q properties --property version",
        Ecosystem::DotNet => "dotnet msbuild -getProperty:Version",
        Ecosystem::Npm | Ecosystem::Cargo | Ecosystem::Helm | Ecosystem::Plain | Ecosystem::Command => {
            "git describe --tags"
        }
    }
}
