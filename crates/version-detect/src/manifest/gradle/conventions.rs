//! Convention plugins: scripts of the repository that are applied by their name
//! (<https://docs.gradle.org/current/userguide/implementing_gradle_plugins_precompiled.html>). Plugins that are classes
//! cannot be read.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::lexer::{Dialect, Kind, Tokens};
use super::text::unescaped;
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
    sources: OnceCell<Vec<PathBuf>>,
    known: HashMap<String, Option<PathBuf>>,
}

impl Conventions {
    /// Those of the build in `root`.
    pub(super) fn new(root: &Path) -> Self {
        Self {
            builds: vec![root.join("buildSrc"), root.join("build-logic")],
            sources: OnceCell::new(),
            known: HashMap::new(),
        }
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

    /// The source of a class, which is named after it.
    pub(super) fn class(&self, reader: &Reader<'_>, name: &str) -> Option<PathBuf> {
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let mut folders = self.sources(reader).ok()?.iter().filter(|_| is_name);
        folders.find_map(|folder| {
            let languages = [("kotlin", "kt"), ("java", "kt"), ("java", "java"), ("groovy", "groovy")];
            let files =
                languages.map(|(language, extension)| folder.join(language).join(format!("{name}.{extension}")));
            files.iter().find_map(|file| reader.locate(file).ok().flatten())
        })
    }

    fn sources(&self, reader: &Reader<'_>) -> Result<&[PathBuf], Error> {
        if let Some(known) = self.sources.get() {
            return Ok(known);
        }
        let mut sources = Vec::new();
        for build in self.builds.iter().filter(|build| reader.is_folder(build)) {
            let names = reader.names(build)?;
            let projects = names.iter().take(MOST_PROJECTS).map(|name| build.join(name));
            let folders = std::iter::once(build.clone()).chain(projects).map(|folder| folder.join("src/main"));
            sources.extend(folders.filter(|folder| reader.is_folder(folder)));
        }
        Ok(self.sources.get_or_init(|| sources))
    }
}

/// The text of a constant of a class, and where it stands; none where its name is bound twice, or to something else.
pub(super) fn constant(source: &str, name: &str) -> Option<(String, usize)> {
    let tokens: Vec<_> = Tokens::of(source, Dialect::Kotlin).collect();
    let bound = |at: usize| {
        let typed = if tokens.get(at + 1)?.is(":") { at + 3 } else { at + 1 };
        tokens.get(typed).filter(|sign| sign.is("="))?;
        Some((tokens.get(typed + 1)?, tokens.get(typed + 2)))
    };
    let mut found = (0..tokens.len()).filter(|at| tokens[*at].is(name)).filter_map(bound);
    let (text, next) = found.next()?;
    let ends = next.is_none_or(|next| next.kind == Kind::End || next.is(";") || next.is("}"));
    let is_plain = text.is_text() && !text.text.contains('$') && ends && found.next().is_none();
    is_plain.then(|| (unescaped(text.text), text.start))
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
