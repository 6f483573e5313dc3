//! Deciding: builder, tags, labels, date, and the builder's steps or command lines. Pure.

use std::path::PathBuf;

use image_ref::Digest;
use serde::Serialize;

use crate::commands::Commands;
use crate::embedded::program::Program;
use crate::error::Error;
use crate::features::Builder;
use crate::inputs::Inputs;
use crate::observe::Snapshot;
use crate::published::{self, Wanted};

mod choice;
mod naming;

pub(crate) use naming::{DateSource, Naming, tags};

/// What will be done.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    #[serde(flatten)]
    pub(crate) naming: Naming,
    pub(crate) output: PathBuf,
    pub(crate) previous: Option<Digest>,
    pub(crate) build: Build,
    /// The files of the context that are not as in the commit that the image names.
    pub(crate) uncommitted: Vec<String>,
    /// Why `auto` took this builder; `None` where it was named.
    pub(crate) because: Option<String>,
}

impl Plan {
    /// The builder, with the reason why it is taken.
    pub(crate) fn builder(&self) -> String {
        let because = self.because.as_ref().map(|reason| format!(", because {reason}"));
        format!("{}{}", self.build.name(), because.unwrap_or_default())
    }
}

/// An image that was pushed before.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Existing {
    pub(crate) digest: Digest,
    /// `registry/repository@digest`.
    pub(crate) reference: String,
}

/// Who builds, and how.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Build {
    /// Nobody: the registry has the image.
    None(Existing),
    /// A program for each platform.
    Embedded(Vec<Program>),
    Buildx(Commands),
    Docker(Commands),
    Buildah(Commands),
}

impl Build {
    /// The builder's name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::None(_) => "none",
            Self::Embedded(_) => Builder::Embedded.name(),
            Self::Buildx(_) => Builder::Buildx.name(),
            Self::Docker(_) => Builder::Docker.name(),
            Self::Buildah(_) => Builder::Buildah.name(),
        }
    }
}

/// Decides everything.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    let naming = Naming::of(inputs, snapshot)?;
    let (build, because) = match existing(inputs, snapshot)? {
        Some(existing) => (Build::None(existing), None),
        None => choice::build(inputs, snapshot, &naming)?,
    };
    // An image that is said to be of another commit, or of none, says nothing of this one.
    let names_commit = snapshot.commit.as_ref().is_some_and(|commit| naming.revision() == Some(&commit.sha));
    let uncommitted = if names_commit { snapshot.uncommitted.clone() } else { Vec::new() };
    let (output, previous) = (inputs.output.clone(), snapshot.previous.clone());
    Ok(Plan { naming, output, previous, build, uncommitted, because })
}

/// The image of this commit that the registry has already.
pub(crate) fn existing(inputs: &Inputs, snapshot: &Snapshot) -> Result<Option<Existing>, Error> {
    let Some(destination) = &inputs.destination else { return Ok(None) };
    let tags = tags(inputs, snapshot)?;
    let (revision, version) = (naming::revision(inputs, snapshot), naming::version(inputs, snapshot, &tags));
    let wanted = Wanted { tags: &tags, revision: revision.as_deref(), version: version.as_deref() };
    let found = published::existing(destination, &snapshot.published, wanted)?;
    Ok(found.map(|digest| Existing { reference: format!("{}@{digest}", destination.repository), digest }))
}
