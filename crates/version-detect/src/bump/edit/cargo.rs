//! The lockfile of a workspace, and what its packages ask of each other.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Places;
use crate::bump::remote::Remote;
use crate::error::Error;

/// The tables of dependencies.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Adds the places of the packages whose version is written at a place of `manifest`: their own in the lockfile, and in each manifest the
/// versions that are asked of them by path. A lockfile lies in the same folder or above.
pub(super) fn add(
    files: &Remote,
    (manifest, at): (&Path, &Range<usize>),
    old: &str,
    places: &mut Places,
) -> Result<(), Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    let mut lock = None;
    for above in folder.ancestors() {
        lock = files.text(&above.join("Cargo.lock"))?.map(|text| (above, text));
        if lock.is_some() {
            break;
        }
    }
    let root = lock.as_ref().map_or(folder, |(root, _)| root);
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    for file in files.called("Cargo.toml", root) {
        texts.extend(files.text(file)?.map(|text| (file.to_path_buf(), text)));
    }
    let packages: Vec<Package> = texts.iter().filter_map(|(file, text)| Package::parse(file, text)).collect();
    let own = files.text(manifest)?.unwrap_or_default();
    let of_workspace = writes_workspace(&own, at);
    let is_raised = |package: &&Package| {
        let is_own = package.file == manifest;
        if of_workspace { package.inherits && package.workspace(&packages) == Some(manifest) } else { is_own }
    };
    let names: BTreeSet<String> =
        packages.iter().filter(is_raised).filter_map(|package| package.name.clone()).collect();
    for (file, text) in &texts {
        for range in required(text, &names, old) {
            places.add(file, range);
        }
    }
    if let Some((root, text)) = &lock {
        for range in locked(text, &names, old) {
            places.add(&root.join("Cargo.lock"), range);
        }
    }
    Ok(())
}

/// What a manifest says of itself.
struct Package {
    file: PathBuf,
    /// The package's name; `None` for a workspace without one of its own.
    name: Option<String>,
    /// Whether its version is its workspace's.
    inherits: bool,
    /// Whether it is a workspace's root.
    is_root: bool,
    /// The folder of its workspace's root, where it names one.
    pointer: Option<String>,
}

impl Package {
    fn parse(file: &Path, text: &str) -> Option<Self> {
        let document = DeTable::parse(text).ok()?;
        let root = document.get_ref();
        let package = table(root, "package");
        let text_of = |name: &str| package?.get(name)?.get_ref().as_str().map(str::to_owned);
        let inherits =
            package.and_then(|package| package.get("version")?.get_ref().get("workspace")?.get_ref().as_bool());
        Some(Self {
            file: file.to_path_buf(),
            name: text_of("name"),
            inherits: inherits == Some(true),
            is_root: root.contains_key("workspace"),
            pointer: text_of("workspace"),
        })
    }

    /// The manifest of its workspace: the one that it names, else the nearest one above that is a root, which it may be itself
    /// (<https://doc.rust-lang.org/cargo/reference/workspaces.html#the-members-and-exclude-fields>).
    fn workspace<'a>(&self, packages: &'a [Self]) -> Option<&'a Path> {
        let root = |folder: &Path| {
            let file = folder.join("Cargo.toml");
            packages.iter().find(|other| other.is_root && other.file == file).map(|other| other.file.as_path())
        };
        let folder = self.file.parent()?;
        match &self.pointer {
            Some(pointer) => root(&joined(folder, pointer)),
            None => folder.ancestors().find_map(root),
        }
    }
}

/// The folder that `relative` leads to from `folder`.
fn joined(folder: &Path, relative: &str) -> PathBuf {
    let mut path = folder.to_path_buf();
    for part in Path::new(relative).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    path
}

/// Whether the version at a place of a manifest is the one that the members of its workspace inherit.
fn writes_workspace(text: &str, at: &Range<usize>) -> bool {
    let Ok(document) = DeTable::parse(text) else { return false };
    let package = table(document.get_ref(), "workspace").and_then(|workspace| table(workspace, "package"));
    package.and_then(|package| package.get("version")).is_some_and(|version| version.span().contains(&at.start))
}

fn table<'a, 'i>(parent: &'a DeTable<'i>, name: &str) -> Option<&'a DeTable<'i>> {
    parent.get(name)?.get_ref().as_table()
}

/// Where a manifest asks for `old` of one of `names` by path. A requirement may begin with an operator.
fn required(text: &str, names: &BTreeSet<String>, old: &str) -> Vec<Range<usize>> {
    let Ok(document) = DeTable::parse(text) else { return Vec::new() };
    let root = document.get_ref();
    let targets = table(root, "target").into_iter().flat_map(|targets| targets.values());
    let workspace = table(root, "workspace");
    let owners = std::iter::once(root).chain(workspace).chain(targets.filter_map(|target| target.get_ref().as_table()));
    let tables = owners.flat_map(|owner| DEPENDENCIES.iter().filter_map(|name| table(owner, name)));
    let ranges = tables.flat_map(|dependencies| dependencies.iter()).filter_map(|(key, dependency)| {
        let dependency = dependency.get_ref().as_table()?;
        let name = dependency.get("package").and_then(|name| name.get_ref().as_str()).unwrap_or(key.get_ref());
        dependency.get("path")?;
        let version = dependency.get("version")?;
        let written = version.get_ref().as_str()?;
        let is_old = written.trim_start_matches(['=', '^', '~', ' ']) == old;
        (is_old && names.contains(name)).then(|| within(text, version, old)).flatten()
    });
    ranges.collect()
}

/// Where a lockfile has `old` as the version of one of `names` that comes from no registry.
fn locked(text: &str, names: &BTreeSet<String>, old: &str) -> Vec<Range<usize>> {
    let Ok(document) = DeTable::parse(text) else { return Vec::new() };
    let packages = document.get_ref().get("package").and_then(|packages| packages.get_ref().as_array());
    let mut ranges = Vec::new();
    for package in packages.into_iter().flatten().filter_map(|package| package.get_ref().as_table()) {
        let text_of = |name: &str| package.get(name).and_then(|value| value.get_ref().as_str());
        let is_ours = text_of("name").is_some_and(|name| names.contains(name)) && package.get("source").is_none();
        if is_ours && text_of("version") == Some(old) {
            ranges.extend(package.get("version").and_then(|version| within(text, version, old)));
        }
        // Where two packages have one name, what depends on them says the version too.
        let dependencies = package.get("dependencies").and_then(|list| list.get_ref().as_array());
        for dependency in dependencies.into_iter().flatten() {
            let words = dependency.get_ref().as_str().and_then(|text| text.split_once(' '));
            if words.is_some_and(|(name, version)| names.contains(name) && version == old) {
                ranges.extend(within(text, dependency, old));
            }
        }
    }
    ranges
}

/// Where `old` ends a quoted text.
fn within(text: &str, value: &Spanned<DeValue<'_>>, old: &str) -> Option<Range<usize>> {
    let quoted = text.get(value.span())?;
    let end = value.span().end - 1;
    quoted[..quoted.len() - 1].ends_with(old).then(|| end - old.len()..end)
}
