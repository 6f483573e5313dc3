//! Convention plugins: scripts of the repository that are applied by their name
//! (<https://docs.gradle.org/current/userguide/implementing_gradle_plugins_precompiled.html>). Plugins that are classes
//! cannot be read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::manifest::Reader;

/// How many builds are looked into for plugins.
const MOST_BUILDS: usize = 20;

/// How many projects of each.
const MOST_PROJECTS: usize = 50;

/// How many plugins are looked for.
const MOST_PLUGINS: usize = 500;

/// Where convention plugins are.
pub(super) struct Conventions {
    builds: Vec<PathBuf>,
    /// The folders with their sources, as soon as they are needed.
    sources: Option<Vec<PathBuf>>,
    known: HashMap<String, Option<PathBuf>>,
}

impl Conventions {
    /// Those of the build in `root`.
    pub(super) fn new(root: &Path) -> Self {
        Self { builds: vec![root.join("buildSrc"), root.join("build-logic")], sources: None, known: HashMap::new() }
    }

    /// Those of a build that is included, too.
    pub(super) fn include(&mut self, build: PathBuf) {
        if self.builds.len() < MOST_BUILDS {
            self.builds.push(build);
        }
    }

    /// The script of the plugin `id`.
    pub(super) fn script(&mut self, reader: &Reader<'_>, id: &str) -> Result<Option<PathBuf>, Error> {
        if let Some(known) = self.known.get(id) {
            return Ok(known.clone());
        }
        let is_id = id.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
        if !is_id || self.known.len() >= MOST_PLUGINS {
            return Ok(None);
        }
        let found = find(reader, self.sources(reader)?, id)?;
        self.known.insert(id.to_owned(), found.clone());
        Ok(found)
    }

    fn sources(&mut self, reader: &Reader<'_>) -> Result<&[PathBuf], Error> {
        if self.sources.is_none() {
            let mut sources = Vec::new();
            for build in self.builds.iter().filter(|build| reader.is_folder(build)) {
                let names = reader.names(build)?;
                let projects = names.iter().take(MOST_PROJECTS).map(|name| build.join(name));
                let folders = std::iter::once(build.clone()).chain(projects).map(|folder| folder.join("src/main"));
                sources.extend(folders.filter(|folder| reader.is_folder(folder)));
            }
            self.sources = Some(sources);
        }
        Ok(self.sources.as_deref().unwrap_or_default())
    }
}

/// The script of a plugin: named after its id, or after the last part of it in the folder of a package.
fn find(reader: &Reader<'_>, sources: &[PathBuf], id: &str) -> Result<Option<PathBuf>, Error> {
    let (package, name) = id.rsplit_once('.').unwrap_or(("", id));
    for folder in sources {
        for (language, extension) in [("kotlin", "gradle.kts"), ("groovy", "gradle")] {
            let folder = folder.join(language);
            let flat = folder.join(format!("{id}.{extension}"));
            let packaged = folder.join(package.replace('.', "/")).join(format!("{name}.{extension}"));
            for script in [flat, packaged] {
                if let Some(script) = reader.locate(&script)? {
                    return Ok(Some(script));
                }
            }
        }
    }
    Ok(None)
}
