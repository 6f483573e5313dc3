//! The lockfile of a workspace, and what its packages ask of each other.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Places;
use crate::bump::remote::Remote;
use crate::error::Error;

/// The tables of dependencies.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Adds the places of the packages whose version is written in `manifest`: their own in the lockfile, and in each manifest the versions that
/// are asked of them by path. A lockfile lies in the same folder or above.
pub(super) fn add(files: &Remote, manifest: &Path, old: &str, places: &mut Places) -> Result<(), Error> {
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
    let own = |file: &Path, text: &str| raised(text, file == manifest);
    let names: BTreeSet<String> = texts.iter().filter_map(|(file, text)| own(file, text)).collect();
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

/// The name of the package whose version is raised: the manifest's own, or one that inherits from the workspace.
fn raised(text: &str, is_manifest: bool) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let package = table(document.get_ref(), "package")?;
    let inherits = package.get("version").and_then(|version| version.get_ref().get("workspace")?.get_ref().as_bool());
    let is_raised = inherits == Some(true) || (is_manifest && package.get("version")?.get_ref().as_str().is_some());
    let name = package.get("name")?.get_ref().as_str()?;
    is_raised.then(|| name.to_owned())
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
