//! OCI layout folders (<https://github.com/opencontainers/image-spec/blob/main/image-layout.md>).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use image_ref::Digest;
use serde::Deserialize;

use crate::MANIFEST_LIMIT;
use crate::blob::Blob;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::image::{Content, Image};
use crate::manifest::Index;
use crate::platform::Platform;

mod blocks;
pub(crate) mod layer;
mod staging;
mod writer;

pub use layer::{Compression, Layer, LayerWriter, zstd_reader};
pub use staging::{STAGING, Staging};
pub use writer::{BlobWriter, LayoutWriter};

/// The file that marks a layout.
pub(crate) const MARKER: &str = "oci-layout";
/// The file that lists what a layout holds.
pub(crate) const INDEX: &str = "index.json";

/// An OCI layout folder that was opened.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
    index: Index,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    image_layout_version: String,
}

impl Layout {
    /// Opens the layout in the folder `path`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let root = path.as_ref().to_path_buf();
        let marker = read_document(&root, MARKER)?;
        check_marker(&marker).map_err(|reason| Error::NotALayout { path: root.clone(), reason })?;
        let index = Index::parse(&read_document(&root, INDEX)?)?;
        Ok(Self { root, index })
    }

    /// Starts a new layout that takes the place `path` when it is committed.
    pub fn create(path: impl AsRef<Path>) -> Result<LayoutWriter, Error> {
        LayoutWriter::new(path.as_ref())
    }

    /// Refuses what [`Layout::create`] would refuse to replace: a folder with something else in it, and what is no folder.
    pub fn may_replace(path: impl AsRef<Path>) -> Result<(), Error> {
        writer::refuse_occupied(path.as_ref())
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the layout lists.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The tags, in the index's order.
    pub fn tags(&self) -> Vec<&str> {
        self.index.manifests.iter().filter_map(Descriptor::ref_name).collect()
    }

    /// What `tag` points at; without a tag the layout must hold one thing only.
    pub fn content(&self, tag: Option<&str>) -> Result<Content, Error> {
        self.content_of(self.select(tag)?)
    }

    /// The image that `tag` points at, for `platform`.
    pub fn image(&self, tag: Option<&str>, platform: Option<&Platform>) -> Result<Image, Error> {
        self.content(tag)?.into_image(platform)
    }

    /// The images that the layout lists and that refer to one of `subjects`: signatures, attestations, bills of materials.
    pub fn referrers(&self, subjects: &BTreeSet<Digest>) -> Result<Vec<Image>, Error> {
        self.index.referrers(subjects, |wanted| self.blob(wanted))
    }

    /// The blob of a descriptor: there, a regular file and of the right size. Its bytes are checked while they are read.
    pub fn blob(&self, descriptor: &Descriptor) -> Result<Blob, Error> {
        let path = blob_path(&self.root, descriptor);
        let missing = || Error::BlobMissing { digest: descriptor.digest.clone(), path: self.root.clone() };
        // No link is followed: a layout from elsewhere could make us publish any file of this machine.
        let metadata = fs::symlink_metadata(&path).map_err(|_| missing())?;
        if !metadata.is_file() {
            return Err(Error::NotALayout {
                path: self.root.clone(),
                reason: format!("blob `{}` is not a regular file", descriptor.digest),
            });
        }
        if metadata.len() != descriptor.size {
            return Err(Error::SizeMismatch {
                digest: descriptor.digest.clone(),
                expected: descriptor.size,
                actual: metadata.len(),
            });
        }
        Ok(Blob::new(descriptor.clone(), path, 0))
    }

    /// Reads everything the layout's images need and checks it.
    pub fn verify(&self) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for entry in &self.index.manifests {
            if !seen.insert(entry.digest.clone()) {
                continue;
            }
            for image in self.content_of(entry)?.images() {
                image.blobs().filter(|blob| seen.insert(blob.digest().clone())).try_for_each(Blob::verify)?;
            }
        }
        Ok(())
    }

    fn content_of(&self, descriptor: &Descriptor) -> Result<Content, Error> {
        Content::assemble(descriptor, &|wanted| self.blob(wanted))
    }

    fn select(&self, tag: Option<&str>) -> Result<&Descriptor, Error> {
        let known = || self.tags().into_iter().map(str::to_owned).collect();
        let path = || self.root.clone();
        if let Some(tag) = tag {
            let found = self.index.manifests.iter().find(|entry| entry.ref_name() == Some(tag));
            return found.ok_or_else(|| Error::NoSuchTag { tag: tag.to_owned(), path: path(), known: known() });
        }
        let distinct: BTreeSet<_> = self.index.manifests.iter().map(|entry| &entry.digest).collect();
        match self.index.manifests.first() {
            Some(first) if distinct.len() == 1 => Ok(first),
            Some(_) => Err(Error::Ambiguous { path: path(), count: distinct.len(), known: known() }),
            None => Err(Error::NotALayout { path: path(), reason: "its index is empty".to_owned() }),
        }
    }
}

/// Where a layout keeps a blob. A digest is an algorithm we know and hex digits, so the path stays inside.
fn blob_path(root: &Path, descriptor: &Descriptor) -> PathBuf {
    root.join("blobs").join(descriptor.digest.algorithm().name()).join(descriptor.digest.hex())
}

pub(crate) fn check_marker(bytes: &[u8]) -> Result<(), String> {
    let marker: Marker =
        serde_json::from_slice(bytes).map_err(|error| format!("`oci-layout` is malformed: {error}"))?;
    match marker.image_layout_version.as_str() {
        "1.0.0" => Ok(()),
        other => Err(format!("its version is `{other}`, not `1.0.0`")),
    }
}

fn read_document(root: &Path, name: &str) -> Result<Vec<u8>, Error> {
    let path = root.join(name);
    let not_a_layout = |reason: String| Error::NotALayout { path: root.to_path_buf(), reason };
    let metadata = fs::metadata(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => not_a_layout(format!("`{name}` is missing")),
        _ => not_a_layout(format!("`{name}` cannot be read: {error}")),
    })?;
    if !metadata.is_file() || metadata.len() > MANIFEST_LIMIT {
        return Err(not_a_layout(format!("`{name}` is not a file of a sensible size")));
    }
    fs::read(&path).map_err(|source| Error::Unreadable { path, source })
}

#[cfg(test)]
mod tests;
