//! Container images on disk: OCI layout folders, docker archives, manifests kept byte for byte, blobs checked while they
//! are read.
//!
//! It deliberately knows no network, no registry and no Dockerfile. What it opens may come from anyone: names that leave
//! the archive, sizes that lie and digests that do not match are refused, and nothing is ever unpacked to a path that an
//! archive chose.
//!
//! The types are this crate's own because a manifest or a configuration may hold fields of the future: a manifest is kept
//! byte for byte, and a configuration with all of its fields, so pushing an image or building on it loses none.

mod archive;
mod blob;
mod config;
mod descriptor;
mod error;
#[cfg(test)]
mod fuzz;
mod hash;
mod image;
mod layout;
mod limits;
mod manifest;
pub mod media_type;
mod platform;
mod tar_headers;
mod walk;

pub use archive::{Archive, ArchiveOptions, LeftOut, open_docker_archive};
pub use blob::{Blob, BlobReader, VerifyingReader};
pub use config::{ContainerConfig, Healthcheck, History, ImageConfig, RootFs};
pub use descriptor::{Descriptor, REF_NAME};
pub use error::{Error, ParsePlatformError};
pub use image::{Content, Image, ImageIndex};
pub use image_ref::Digest;
pub use layout::{BlobWriter, Compression, Layer, LayerWriter, Layout, LayoutWriter, STAGING, Staging, zstd_reader};
pub use limits::{LAYER_LIMIT, unpacked_limit};
pub use manifest::{Index, Manifest};
pub use platform::Platform;
pub use tar_headers::{HeaderBudget, HeaderReader};
pub use walk::{IndexWalk, ManifestBudget};

/// The largest configuration that is read into memory.
pub const DOCUMENT_LIMIT: u64 = 8 * 1024 * 1024;

/// The largest manifest and the largest index, as registries take them
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html>).
pub const MANIFEST_LIMIT: u64 = 4 * 1024 * 1024;
