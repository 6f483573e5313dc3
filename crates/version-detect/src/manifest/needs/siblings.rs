//! The projects of a workspace by name: packages of npm and of uv.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{folder_of, of, workspace};
use crate::manifest::{Ecosystem, Files, Reader};

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
        if !matches!(ecosystem, Ecosystem::Npm | Ecosystem::Python) {
            return None;
        }
        let patterns = |folder: &Path| patterns(&reader, folder, ecosystem);
        let (root, patterns) =
            reader.upwards(folder_of(manifest)).find_map(|folder| Some((folder.to_path_buf(), patterns(folder)?)))?;
        let packages = self.packages.entry(root.clone()).or_insert_with(|| {
            let file = manifest_name(ecosystem);
            let own = reader.locate(&root.join(file)).ok().flatten();
            let members = workspace::members(&reader, &root, &patterns, file).unwrap_or_default();
            let named = |manifest: PathBuf| Some((of(&reader, &manifest, ecosystem).ok()?.name?, manifest));
            own.into_iter().chain(members).take(MOST_PACKAGES).filter_map(named).collect()
        });
        packages.get(name).cloned()
    }
}

fn manifest_name(ecosystem: Ecosystem) -> &'static str {
    if ecosystem == Ecosystem::Npm { "package.json" } else { "pyproject.toml" }
}

/// The patterns of the workspace whose root is `folder`; `None` where it is the root of none.
fn patterns(reader: &Reader<'_>, folder: &Path, ecosystem: Ecosystem) -> Option<Vec<String>> {
    if ecosystem == Ecosystem::Npm
        && let Some(patterns) = workspace::of_pnpm(reader, folder).ok()?
    {
        return Some(patterns);
    }
    let manifest = reader.locate(&folder.join(manifest_name(ecosystem))).ok()??;
    of(reader, &manifest, ecosystem).ok()?.workspace
}
