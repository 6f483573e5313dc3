//! The steps of an embedded build, as data.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use oci_image::{ContainerConfig, History, Platform};
use serde::Serialize;

use super::base::BaseImage;
use super::evaluate;
use super::mode::Mode;
use super::ownership::Ownership;
use super::stages::{Origin, Stages};
use crate::context::pattern::Steps;
use crate::context::{ContextEntry, ContextTree};
use crate::dockerfile::Dockerfile;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::limits::{self, TextBudget};

/// Everything an embedded build does for one platform, in order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Program {
    pub(crate) platform: Platform,
    /// The images from outside, by the names that [`Origin::Image`] has.
    pub(crate) images: BTreeMap<String, BaseImage>,
    /// The stages the target needs; the target is the last.
    pub(crate) stages: Vec<StageProgram>,
    /// Build arguments that no stage declares.
    pub(crate) unused_args: Vec<String>,
}

/// What one stage does.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StageProgram {
    /// The stage's place in the Dockerfile.
    pub(crate) index: usize,
    pub(crate) name: Option<String>,
    pub(crate) base: Origin,
    pub(crate) steps: Vec<Step>,
    /// The configuration after the last step.
    pub(crate) config: ContainerConfig,
    pub(crate) author: Option<String>,
}

/// An instruction, evaluated.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) action: Action,
}

/// What a step does to the file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// Nothing.
    Configure,
    /// Makes a folder unless it is there.
    MakeFolder(String),
    /// Copies.
    Copy(CopyStep),
}

/// A `COPY` or `ADD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CopyStep {
    pub(crate) from: CopyFrom,
    /// Texts from the Dockerfile, copied after the others.
    pub(crate) inline: Vec<Inline>,
    /// The destination, absolute, without a slash at the end.
    pub(crate) dest: String,
    /// Whether the destination is a folder, whatever is there.
    pub(crate) into_folder: bool,
    pub(crate) owner: Ownership,
    pub(crate) mode: Option<Mode>,
    /// Whether archives are unpacked (`ADD`).
    pub(crate) unpack: bool,
}

/// What is copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CopyFrom {
    /// Files of the context, found already.
    Context(Vec<ContextSource>),
    /// Patterns of paths in a stage or an image.
    Tree { origin: Origin, patterns: Vec<String> },
}

/// A text from the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Inline {
    /// The name it gets in a folder: what ends it in the Dockerfile.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A source in the context with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ContextSource {
    /// The name a file gets in a folder.
    pub(crate) name: String,
    /// Whether it is a folder, whose content is copied.
    pub(crate) is_folder: bool,
    pub(crate) items: Vec<ContextItem>,
}

/// A file, folder or link to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ContextItem {
    /// The path in the context.
    pub(crate) path: String,
    /// The path below the source; empty for the source itself.
    pub(crate) below: String,
    pub(crate) kind: ItemKind,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ItemKind {
    File { executable: bool, size: u64 },
    Folder,
    Link(String),
}

impl ItemKind {
    /// The kind of a context's entry; sockets, pipes and devices are not copied.
    pub(crate) fn of(entry: &ContextEntry) -> Option<Self> {
        match entry {
            ContextEntry::File { executable, size } => Some(Self::File { executable: *executable, size: *size }),
            ContextEntry::Folder => Some(Self::Folder),
            ContextEntry::Link { target } => Some(Self::Link(target.clone())),
            ContextEntry::Other => None,
        }
    }
}

/// What the evaluation may look at.
pub(crate) struct Surroundings<'a> {
    pub(crate) dockerfile: &'a Dockerfile,
    pub(crate) inputs: &'a Inputs,
    pub(crate) platform: &'a Platform,
    pub(crate) stages: &'a Stages,
    pub(crate) tree: &'a ContextTree,
    pub(crate) images: &'a BTreeMap<String, BaseImage>,
    /// The labels that say what the image is, in place of what a base image says of itself.
    pub(crate) default_labels: &'a BTreeMap<String, String>,
}

/// Turns a Dockerfile into steps.
pub(crate) fn compile(surroundings: &Surroundings<'_>) -> Result<Program, Error> {
    let mut stages: Vec<StageProgram> = Vec::new();
    // Each platform has its part of what a build may cost.
    let work = Steps::new(limits::STEPS / surroundings.inputs.platforms.len().max(1) as u64);
    let (declared, text) = (evaluate::declared_globals(surroundings), TextBudget::new());
    let mut shared = evaluate::Shared { declared, text, work: RefCell::new(work) };
    for index in 0..=surroundings.stages.target {
        if surroundings.stages.needed[index] {
            let stage = evaluate::stage(surroundings, index, &stages, &mut shared)?;
            stages.push(stage);
        }
    }
    let given = surroundings.inputs.build_args.keys();
    let unused_args = given.filter(|name| !shared.declared.contains(*name)).cloned().collect();
    Ok(Program { platform: surroundings.platform.clone(), images: surroundings.images.clone(), stages, unused_args })
}

impl StageProgram {
    /// Whether a step copies from the stage `index`.
    pub(crate) fn copies_from(&self, index: usize) -> bool {
        self.copied_stages().any(|copied| copied == index)
    }

    fn copied_stages(&self) -> impl Iterator<Item = usize> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::Copy(CopyStep { from: CopyFrom::Tree { origin: Origin::Stage(index), .. }, .. }) => Some(*index),
            Action::Copy(_) | Action::Configure | Action::MakeFolder(_) => None,
        })
    }
}

impl Step {
    /// What it copies of the context.
    fn context(&self) -> &[ContextSource] {
        match &self.action {
            Action::Copy(CopyStep { from: CopyFrom::Context(sources), .. }) => sources,
            Action::Copy(_) | Action::Configure | Action::MakeFolder(_) => &[],
        }
    }
}

impl Program {
    /// For each stage that another needs, the place in `stages` of the last one that does; for the target the end.
    pub(crate) fn last_uses(&self) -> BTreeMap<usize, usize> {
        let mut last = BTreeMap::new();
        for (place, stage) in self.stages.iter().enumerate() {
            if let Origin::Stage(base) = stage.base {
                last.insert(base, place);
            }
            last.extend(stage.copied_stages().map(|copied| (copied, place)));
        }
        last.extend(self.target().map(|target| (target.index, self.stages.len())));
        last
    }

    /// The stage to build.
    pub(crate) fn target(&self) -> Option<&StageProgram> {
        self.stages.last()
    }

    /// Whether the target copies `path` of the context, or something below it.
    pub(crate) fn copies(&self, path: &str) -> bool {
        let is_below = |item: &ContextItem| {
            item.path == path || item.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
        };
        self.copied().any(is_below)
    }

    /// The folders of the context that are copied and hold an OCI layout.
    pub(crate) fn copied_layouts(&self) -> BTreeSet<&str> {
        let blobs = self.copied().filter_map(|item| Some(item.path.rsplit_once("/blobs/sha256/")?.0));
        let stores: HashSet<&str> = blobs.collect();
        let folders = self.copied().filter_map(|item| item.path.strip_suffix("/oci-layout"));
        folders.filter(|folder| stores.contains(folder)).collect()
    }

    /// What is copied of the context.
    fn copied(&self) -> impl Iterator<Item = &ContextItem> {
        let steps = self.stages.iter().flat_map(|stage| &stage.steps);
        steps.flat_map(Step::context).flat_map(|source| &source.items)
    }

    /// The history an image made of the steps has behind its base's.
    pub(crate) fn history_of(step: &Step, created: &str, empty_layer: bool) -> History {
        History {
            created: Some(created.to_owned()),
            created_by: Some(step.text.clone()),
            empty_layer,
            other: serde_json::Map::new(),
        }
    }
}
