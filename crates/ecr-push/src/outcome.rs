//! What was done, as data.

use image_ref::{Digest, ImageTag, RepositoryName};
use oci_registry::BlobPush;
use serde::Serialize;

use crate::gate::Judgment;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The registry's host name.
    pub registry: String,
    /// What was done with each image, in the order of the inputs.
    pub images: Vec<ImageOutcome>,
    /// What was uploaded, and what was there already, of all images.
    pub transfer: Transfer,
    /// Requests to the registry, observing included.
    pub requests: u64,
    /// Operations that were tried again.
    pub retries: u64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// What was done with one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageOutcome {
    /// The repository.
    pub repository: RepositoryName,
    /// Whether the repository was created.
    pub created_repository: bool,
    /// Each tag with its result, in the order of writing.
    pub tags: Vec<TagOutcome>,
    /// What was uploaded, and what was there already.
    pub transfer: Transfer,
    /// What the gate said of it, where there is one.
    pub judgment: Option<Judgment>,
}

/// Blobs and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// Blobs that were uploaded.
    pub blobs_uploaded: usize,
    /// Their bytes.
    pub bytes_uploaded: u64,
    /// Blobs that were there, or in another repository of the registry.
    pub blobs_reused: usize,
    /// Their bytes.
    pub bytes_reused: u64,
}

/// One tag with its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagOutcome {
    /// The tag.
    pub tag: ImageTag,
    /// What happened to it.
    #[serde(flatten)]
    pub result: TagResult,
}

/// What happened to a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum TagResult {
    /// It is new.
    Pushed,
    /// It points here now.
    Moved {
        /// The digest it pointed at.
        from: Digest,
    },
    /// It was written, and another run has moved it to another image since.
    Overtaken {
        /// The digest it points at.
        by: Digest,
    },
    /// It was not written: the gate kept it back.
    Withheld,
    /// It was not written: the repository has a higher version.
    Left {
        /// The highest one.
        higher: ImageTag,
    },
    /// It pointed here.
    AlreadyDone,
}

impl Outcome {
    /// Whether any tag was written.
    pub fn pushed(&self) -> bool {
        self.images.iter().any(ImageOutcome::pushed)
    }
}

impl TagResult {
    /// Whether the tag was written.
    pub const fn is_written(&self) -> bool {
        match self {
            Self::Pushed | Self::Moved { .. } | Self::Overtaken { .. } => true,
            Self::Withheld | Self::Left { .. } | Self::AlreadyDone => false,
        }
    }

    /// Whether the tag points at the image.
    pub const fn points_here(&self) -> bool {
        match self {
            Self::Pushed | Self::Moved { .. } | Self::AlreadyDone => true,
            Self::Withheld | Self::Left { .. } | Self::Overtaken { .. } => false,
        }
    }
}

impl ImageOutcome {
    /// Whether a tag of it was written.
    pub fn pushed(&self) -> bool {
        self.tags.iter().any(|tag| tag.result.is_written())
    }
}

impl Transfer {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            blobs_uploaded: self.blobs_uploaded + other.blobs_uploaded,
            bytes_uploaded: self.bytes_uploaded + other.bytes_uploaded,
            blobs_reused: self.blobs_reused + other.blobs_reused,
            bytes_reused: self.bytes_reused + other.bytes_reused,
        }
    }

    /// The same with one more blob.
    pub(crate) fn with(mut self, bytes: u64, push: BlobPush) -> Self {
        match push {
            BlobPush::Existed | BlobPush::Mounted => {
                self.blobs_reused += 1;
                self.bytes_reused += bytes;
            }
            BlobPush::Uploaded => {
                self.blobs_uploaded += 1;
                self.bytes_uploaded += bytes;
            }
        }
        self
    }
}
