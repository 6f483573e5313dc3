//! `Cargo.toml` (<https://doc.rust-lang.org/cargo/reference/manifest.html#the-version-field>).

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::manifest::{Flaw, FlawKind, Place, Written};

/// What a `Cargo.toml` says about versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CargoManifest {
    /// The package's version; `None` for a manifest without a package.
    pub(crate) package: Option<PackageVersion>,
    /// `package.workspace`: the folder of the workspace's root.
    pub(crate) workspace_folder: Option<String>,
    /// The members, where the manifest is a workspace's root.
    pub(crate) workspace: Option<Workspace>,
    /// `workspace.package.version`
    pub(crate) workspace_version: Option<Written>,
}

/// Who belongs to a workspace, as paths relative to its root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Workspace {
    members: Vec<String>,
    exclude: Vec<String>,
}

impl Workspace {
    /// Whether the workspace in the folder `root` leaves the package in `folder` out. Cargo compares paths here, also where
    /// they are patterns, and a member that is listed is never left out.
    pub(crate) fn excludes(&self, root: &Path, folder: &Path) -> bool {
        let lists = |paths: &[String]| paths.iter().any(|path| folder.starts_with(root.join(path)));
        lists(&self.exclude) && !lists(&self.members)
    }
}

/// The version of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PackageVersion {
    /// `version = "1.0.0"`
    Own(Written),
    /// `version.workspace = true`, written at this place.
    Workspace(Place),
    /// None is written; the package begins at this place.
    Default(Place),
}

/// Parses a manifest.
pub(crate) fn parse(text: &str) -> Result<CargoManifest, Flaw> {
    Flaw::of_length(text)?;
    let document = DeTable::parse(text).map_err(|error| malformed(text, &error))?;
    let root = document.get_ref();
    let package = table(root, "package").or_else(|| table(root, "project"));
    let workspace = table(root, "workspace");
    let workspace_package = workspace.and_then(|workspace| table(workspace, "package"));
    Ok(CargoManifest {
        package: package.map(|package| package_version(text, root, package)).transpose()?,
        workspace_folder: package.and_then(|package| package.get("workspace")?.get_ref().as_str().map(str::to_owned)),
        workspace: workspace
            .map(|workspace| Workspace { members: texts(workspace, "members"), exclude: texts(workspace, "exclude") }),
        workspace_version: match workspace_package.and_then(|package| package.get("version")) {
            Some(version) => Some(written(text, version)?),
            None => None,
        },
    })
}

fn table<'a, 'i>(parent: &'a DeTable<'i>, name: &str) -> Option<&'a DeTable<'i>> {
    parent.get(name)?.get_ref().as_table()
}

fn texts(table: &DeTable<'_>, name: &str) -> Vec<String> {
    let list = table.get(name).and_then(|list| list.get_ref().as_array()).into_iter().flatten();
    list.filter_map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
}

fn package_version(text: &str, root: &DeTable<'_>, package: &DeTable<'_>) -> Result<PackageVersion, Flaw> {
    let Some(version) = package.get("version") else {
        let key = ["package", "project"].iter().find_map(|name| root.get_key_value(*name));
        return Ok(PackageVersion::Default(key.map_or(Place::START, |(_, table)| Place::of(text, table.span().start))));
    };
    let inherits = version.get_ref().get("workspace").and_then(|inherits| inherits.get_ref().as_bool());
    if inherits == Some(true) {
        return Ok(PackageVersion::Workspace(Place::of(text, version.span().start)));
    }
    written(text, version).map(PackageVersion::Own)
}

fn written(text: &str, value: &Spanned<DeValue<'_>>) -> Result<Written, Flaw> {
    let place = Place::of(text, value.span().start);
    match value.get_ref().as_str() {
        // Cargo takes no notice of white space around a version.
        Some(version) => Ok(Written { text: version.trim().to_owned(), place }),
        None => Err(Flaw { kind: FlawKind::NotText, place }),
    }
}

fn malformed(text: &str, error: &toml::de::Error) -> Flaw {
    let place = error.span().map_or(Place::START, |span| Place::of(text, span.start));
    Flaw::malformed(error.message(), place)
}
