//! The projects of a workspace by name: packages of npm (see [`npm_workspace`]) and of uv
//! (<https://docs.astral.sh/uv/concepts/projects/workspaces/>).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{folder_of, npm_workspace, of};
use crate::manifest::{Ecosystem, Files, Flaw, Reader};

/// The most packages of a workspace.
const MOST_PACKAGES: usize = 2_000;

/// The workspaces, each read once.
pub(super) struct Siblings<'a> {
    files: &'a dyn Files,
    /// The packages by name, by the root of their workspace.
    packages: HashMap<PathBuf, HashMap<String, PathBuf>>,
}

impl<'a> Siblings<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self { files, packages: HashMap::new() }
    }

    /// The manifest of the package `name` of the workspace that `manifest` belongs to.
    pub(super) fn named(&mut self, manifest: &Path, ecosystem: Ecosystem, name: &str) -> Option<PathBuf> {
        let reader = Reader::new(self.files, ecosystem);
        let patterns = |folder: &Path| match ecosystem {
            Ecosystem::Npm => npm_workspace::patterns(&reader, folder),
            Ecosystem::Python => uv_patterns(&reader, folder),
            _ => None,
        };
        let (root, patterns) =
            reader.upwards(folder_of(manifest)).find_map(|folder| Some((folder.to_path_buf(), patterns(folder)?)))?;
        let packages = self.packages.entry(root.clone()).or_insert_with(|| {
            let file = if ecosystem == Ecosystem::Npm { "package.json" } else { "pyproject.toml" };
            let own = reader.locate(&root.join(file)).ok().flatten();
            let members = npm_workspace::below(&reader, &root, &patterns, file);
            let named = |manifest: PathBuf| Some((of(&reader, &manifest, ecosystem).ok()?.name?, manifest));
            own.into_iter().chain(members).take(MOST_PACKAGES).filter_map(named).collect()
        });
        packages.get(name).cloned()
    }
}

/// The patterns of the members of the uv workspace whose root is `folder`, with `!` before those that are left out.
fn uv_patterns(reader: &Reader<'_>, folder: &Path) -> Option<Vec<String>> {
    let file = reader.locate(&folder.join("pyproject.toml")).ok()??;
    let patterns = reader.parse(&file, |text| {
        Flaw::of_length(text)?;
        let Ok(document) = DeTable::parse(text) else { return Ok(None) };
        let table = ["tool", "uv", "workspace"]
            .iter()
            .try_fold(document.get_ref(), |table, name| table.get(*name).and_then(|value| value.get_ref().as_table()));
        let Some(table) = table else { return Ok(None) };
        let list = |key: &str| {
            let items = table.get(key).and_then(|value| value.get_ref().as_array()).into_iter().flatten();
            items.filter_map(|item| DeValue::as_str(item.get_ref()).map(str::to_owned)).collect::<Vec<_>>()
        };
        Ok(Some(list("members").into_iter().chain(list("exclude").iter().map(|text| format!("!{text}"))).collect()))
    });
    patterns.ok()?
}
