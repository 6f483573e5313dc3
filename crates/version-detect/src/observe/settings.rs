//! `slipway.toml` together with the inputs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::config::{self, Config, Declared, Preset};
use crate::error::{Error, location, nearest};
use crate::files::Tree;
use crate::inputs::{Inputs, SNAPSHOT_BRANCH, STABLE_BRANCH};
use crate::manifest::{Files, Place};
use crate::pattern::Pattern;
use crate::rules::{Rules, Takes};

/// What the file says, and where it is.
pub(super) struct Settings {
    config: Config,
    /// The file as it is shown; empty where there is none.
    file: String,
    /// The file's folder, or the project's.
    folder: PathBuf,
}

/// What the run is about.
pub(super) enum Selection {
    /// The project in the folder.
    Project,
    /// One component.
    One(Declared),
    /// All of them.
    All(Vec<Declared>),
}

impl Settings {
    /// Reads the file that is named, else the nearest one above the project.
    pub(super) fn of(inputs: &Inputs, tree: &Tree) -> Result<Self, Error> {
        let none = || Self { config: Config::default(), file: String::new(), folder: tree.folder().to_path_buf() };
        let path = match &inputs.config {
            Some(name) => {
                let path = tree.folder().join(name);
                Some(tree.locate(&path)?.ok_or_else(|| Error::ManifestMissing { file: tree.shown(&path) })?)
            }
            None => nearest_file(tree)?,
        };
        let Some(path) = path else { return Ok(none()) };
        let file = tree.shown(&path);
        let config = config::read(tree, &path)?;
        let folder = path.parent().map_or_else(|| tree.folder().to_path_buf(), Path::to_path_buf);
        Ok(Self { config, file, folder })
    }

    /// The file's folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What snapshots end in; empty for what their ecosystem writes.
    pub(super) fn endings(&self) -> &[String] {
        &self.config.snapshot
    }

    /// Whether the manifests say which component is built with which.
    pub(super) fn reads_dependencies(&self) -> bool {
        self.config.dependencies == config::Dependencies::Manifests
    }

    /// What all components depend on.
    pub(super) fn shared(&self) -> &[Pattern] {
        &self.config.shared
    }

    /// Where something stands in the file.
    pub(super) fn at(&self, place: Place) -> actions_core::Location {
        location(&self.file, place)
    }

    /// What stands before the version in the tags of a project that is no component.
    pub(super) fn tag_prefix(&self, inputs: &Inputs) -> String {
        inputs.tag_prefix.as_ref().or(self.config.tag_prefix.as_ref()).cloned().unwrap_or_else(|| "v".to_owned())
    }

    /// The rules of branches: those of the file, in front of which the inputs' branches are; else a preset.
    pub(super) fn rules(&self, inputs: &Inputs) -> Rules {
        let stable = inputs.stable_branch.as_deref();
        let snapshot = inputs.snapshot_branch.as_deref();
        match (&self.config.rules, self.config.preset) {
            (Some(rules), _) => {
                let rules = snapshot.map_or_else(|| rules.clone(), |name| rules.clone().before(name, Takes::Snapshot));
                stable.map_or_else(|| rules.clone(), |name| rules.clone().before(name, Takes::Stable))
            }
            (None, Preset::Trunk) => {
                let rules = Rules::trunk(stable.unwrap_or(STABLE_BRANCH));
                snapshot.map_or_else(|| rules.clone(), |name| rules.clone().before(name, Takes::Snapshot))
            }
            (None, Preset::Branches) => {
                Rules::convention(stable.unwrap_or(STABLE_BRANCH), snapshot.unwrap_or(SNAPSHOT_BRANCH))
            }
        }
    }

    /// Which projects the run is about.
    pub(super) fn select(&self, inputs: &Inputs, tree: &Tree) -> Result<Selection, Error> {
        let has_components = !self.config.components.is_empty() || self.config.discover.is_some();
        if let Some(name) = &inputs.component {
            let all = if has_components { self.components(tree)? } else { Vec::new() };
            let known: Vec<&str> = all.iter().map(|declared| declared.name.as_str()).collect();
            let near = nearest(name, &known);
            return all
                .iter()
                .find(|declared| declared.name == *name)
                .cloned()
                .map(Selection::One)
                .ok_or_else(|| Error::ComponentUnknown { name: name.clone(), advice: near, location: None });
        }
        if !has_components || inputs.manifest.is_some() || inputs.version_command.is_some() {
            return Ok(Selection::Project);
        }
        let all = self.components(tree)?;
        if tree.folder() == self.folder {
            return Ok(Selection::All(all));
        }
        // The folder of a component stands for it.
        let own = all.into_iter().find(|declared| self.folder.join(&declared.folder) == tree.folder());
        Ok(own.map_or(Selection::Project, Selection::One))
    }

    /// The components that are written, and those that are found in other folders.
    fn components(&self, tree: &Tree) -> Result<Vec<Declared>, Error> {
        let mut all = self.config.components.clone();
        if let Some(patterns) = &self.config.discover {
            let found = crate::components::discover::folders(tree, &self.folder, patterns)?;
            let found: Vec<String> =
                found.into_iter().filter(|folder| !all.iter().any(|declared| declared.folder == *folder)).collect();
            let mut taken: HashMap<String, usize> = HashMap::new();
            let short = found.iter().map(|folder| name_of(folder.rsplit('/').next().unwrap_or_default()));
            for name in all.iter().map(|declared| declared.name.clone()).chain(short) {
                *taken.entry(name).or_default() += 1;
            }
            all.extend(found.into_iter().map(|folder| {
                let short = name_of(folder.rsplit('/').next().unwrap_or_default());
                let name = if taken.get(&short) == Some(&1) { short } else { name_of(&folder) };
                discovered(name, folder)
            }));
        }
        Ok(all)
    }
}

/// A name made of a path: `services-api` of `services/api`. One that cannot be is refused later, by its path.
fn name_of(path: &str) -> String {
    let is_part = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    path.chars().map(is_part).collect()
}

fn discovered(name: String, folder: String) -> Declared {
    let (manifest, paths, tag_prefix, depends_on) = (None, None, None, Vec::new());
    Declared { name, place: Place::START, folder, manifest, paths, tag_prefix, depends_on, is_discovered: true }
}

/// The nearest `slipway.toml` from the project's folder up to the repository's root.
fn nearest_file(tree: &Tree) -> Result<Option<PathBuf>, Error> {
    for folder in tree.folder().ancestors().take_while(|above| above.starts_with(tree.root())) {
        if let Some(path) = tree.locate(&folder.join(config::FILE))? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}
