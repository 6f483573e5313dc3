//! `slipway.toml` together with the inputs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::components::{discover, names};
use crate::config::{self, Config, Declared, Preset};
use crate::error::{Error, location, near};
use crate::files::Tree;
use crate::inputs::{Inputs, SNAPSHOT_BRANCH, STABLE_BRANCH};
use crate::manifest::{Files, Place};
use crate::pattern::Pattern;
use crate::rules::{Rules, Takes};

use super::prefix_of;

/// What the file says, and where it is.
pub(super) struct Settings {
    config: Config,
    /// The file as it is shown; empty where there is none.
    file: String,
    /// The file's folder, or the project's.
    folder: PathBuf,
    /// The folders of the components, as soon as somebody asked for them.
    component_folders: OnceLock<HashSet<PathBuf>>,
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
        let component_folders = OnceLock::new();
        let path = match &inputs.config {
            Some(name) => {
                let path = tree.folder().join(name);
                let missing = || Error::ConfigMissing { file: tree.shown(&path), near: near(tree, &path) };
                Some(tree.locate(&path)?.ok_or_else(missing)?)
            }
            None => nearest_file(tree)?,
        };
        let Some(path) = path else {
            let folder = tree.folder().to_path_buf();
            return Ok(Self { config: Config::default(), file: String::new(), folder, component_folders });
        };
        let file = tree.shown(&path);
        let config = config::read(tree, &path)?;
        let folder = path.parent().map_or_else(|| tree.folder().to_path_buf(), Path::to_path_buf);
        Ok(Self { config, file, folder, component_folders })
    }

    /// The file's folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What snapshots end in; empty for what their ecosystem writes.
    pub(super) fn endings(&self) -> &[String] {
        &self.config.snapshot
    }

    /// The names of the snapshots that every release may be built with.
    pub(super) fn allowed(&self) -> &[String] {
        &self.config.allow_snapshots
    }

    /// The folders of the components, absolute; also of those that were found and turn out to have no version.
    pub(super) fn component_folders(&self, tree: &Tree) -> Result<&HashSet<PathBuf>, Error> {
        if let Some(known) = self.component_folders.get() {
            return Ok(known);
        }
        let folders = self.components(tree)?.iter().map(|own| self.folder.join(&own.folder)).collect();
        Ok(self.component_folders.get_or_init(|| folders))
    }

    /// Whether the manifests say which component is built with which.
    pub(super) fn reads_dependencies(&self) -> bool {
        self.config.dependencies == config::Dependencies::Manifests
    }

    /// What all components depend on.
    pub(super) fn shared(&self) -> &[Pattern] {
        &self.config.shared
    }

    /// The file as it is shown.
    pub(super) fn file(&self) -> &str {
        &self.file
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
        let rules = match (&self.config.rules, self.config.preset) {
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
        };
        inputs.maintenance_branch.iter().cloned().fold(rules, Rules::with_lines)
    }

    /// Which projects the run is about. The folder of a component stands for it, wherever its version is read from.
    pub(super) fn select(&self, inputs: &Inputs, tree: &Tree) -> Result<Selection, Error> {
        let has_components = !self.config.components.is_empty() || self.config.discover.is_some();
        let all = if has_components { self.components(tree)? } else { Vec::new() };
        let selection = match &inputs.component {
            Some(name) => Selection::One(names::called(name, &all, (tree, &self.folder), |place| self.at(place))?),
            None if all.is_empty() => Selection::Project,
            None if tree.folder() == self.folder => Selection::All(all),
            None => match self.in_folder(&all, inputs, tree)? {
                Some(own) => Selection::One(own),
                None => Selection::Project,
            },
        };
        let unused = |input: &'static str, about: String, advice: &str| {
            Err(Error::InputUnused { input, about, advice: advice.to_owned() })
        };
        match &selection {
            Selection::All(_) => {
                let given = [
                    ("manifest", inputs.manifest.is_some()),
                    ("version-command", inputs.version_command.is_some()),
                    ("tag-prefix", inputs.tag_prefix.is_some()),
                ];
                if let Some((input, _)) = given.into_iter().find(|(_, is_given)| *is_given) {
                    let advice = "name one of them with `component`, or say it in `slipway.toml`; a project beside them at the root is a component with `path = \".\"`";
                    return unused(input, "all components at once".to_owned(), advice);
                }
            }
            Selection::One(own) => {
                names::fits(own)?;
                if inputs.tag_prefix.as_ref().is_some_and(|prefix| *prefix != prefix_of(own)) {
                    let about = format!("component `{}`, whose tags begin with `{}`", own.name, prefix_of(own));
                    return unused(
                        "tag-prefix",
                        about,
                        "leave it out, or write it as the component's `tag-prefix` in `slipway.toml`",
                    );
                }
            }
            Selection::Project => {}
        }
        Ok(selection)
    }

    /// The component of the project's folder. Of several that share it, the manifest tells which.
    fn in_folder(&self, all: &[Declared], inputs: &Inputs, tree: &Tree) -> Result<Option<Declared>, Error> {
        let is_here = |declared: &&Declared| self.folder.join(&declared.folder) == tree.folder();
        let here: Vec<&Declared> = all.iter().filter(is_here).collect();
        let with_manifest = |declared: &&&Declared| declared.manifest.is_some() && declared.manifest == inputs.manifest;
        match here.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some((*one).clone())),
            several => match several.iter().find(with_manifest) {
                Some(one) => Ok(Some((**one).clone())),
                None => Err(Error::ComponentOverlap {
                    what: "folder",
                    text: several[1].folder.clone(),
                    first: several[0].folder.clone(),
                    location: self.at(several[1].place),
                }),
            },
        }
    }

    fn components(&self, tree: &Tree) -> Result<Vec<Declared>, Error> {
        let patterns = self.config.discover.as_deref();
        let found = patterns.map(|patterns| discover::folders(tree, &self.folder, patterns)).transpose()?;
        Ok(names::all(&self.config, found.unwrap_or_default()))
    }
}

/// The folder of a component, which `file` in `root` declares.
pub(super) fn existing(tree: &Tree, (root, file): (&Path, &str), declared: &Declared) -> Result<PathBuf, Error> {
    let folder = root.join(&declared.folder);
    if tree.is_folder(&folder) {
        return Ok(folder);
    }
    let advice = format!("{}correct the component's `path` in `{file}`, or remove the component", near(tree, &folder));
    let location = Some(location(file, declared.folder_place));
    Err(Error::FolderMissing { folder: tree.shown(&folder), advice, location })
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
