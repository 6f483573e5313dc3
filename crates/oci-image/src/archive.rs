//! Docker archives: what `docker save` writes, in its classic form and in the newer form that is an OCI layout in a tar.
//!
//! Nothing is unpacked. Layers are read where they lie in the tar; only what must be compressed is written to a work folder.

use std::collections::BTreeSet;
use std::path::Path;

use image_ref::Digest;

use crate::error::Error;
use crate::image::{Content, Image};
use crate::layout::{Compression, INDEX, MARKER};
use crate::manifest::Index;
use crate::platform::Platform;

mod classic;
mod compress;
mod members;
mod oci;

use members::Members;

/// The file that lists the images of a classic archive.
const MANIFEST: &str = "manifest.json";

/// How an archive is opened.
#[derive(Debug, Clone, Copy)]
pub struct ArchiveOptions<'a> {
    /// The folder for what must be written; it has to live as long as the image is used.
    pub work: &'a Path,
    /// What happens to plain layers.
    pub compression: Compression,
    /// The image's name and tag, where the archive holds several.
    pub reference: Option<&'a str>,
    /// The platform, where the archive holds several.
    pub platform: Option<&'a Platform>,
}

/// An archive's image.
#[derive(Debug, Clone)]
pub struct Archive {
    content: Content,
    repo_tags: Vec<String>,
    left_out: Option<LeftOut>,
    /// What a layout in a tar lists.
    listed: Option<(Members, Index)>,
}

/// An index of which the archive has one image alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The index, which is not what is opened.
    pub index: Digest,
    /// How many manifests it lists.
    pub listed: usize,
    /// How many of them are not in the archive, or not whole.
    pub missing: usize,
}

impl Archive {
    /// The image, or the index where the archive has all of its images.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The names it was saved under, `repository:tag`.
    pub fn repo_tags(&self) -> &[String] {
        &self.repo_tags
    }

    /// What `docker save` left out of the index that the image is from: its image has a digest of its own, and attestations
    /// of the index are not with it. `None` where the archive is whole.
    pub fn left_out(&self) -> Option<&LeftOut> {
        self.left_out.as_ref()
    }

    /// The images that the archive lists and that refer to one of `subjects`: signatures, attestations, bills of materials.
    pub fn referrers(&self, subjects: &BTreeSet<Digest>) -> Result<Vec<Image>, Error> {
        let Some((members, index)) = &self.listed else { return Ok(Vec::new()) };
        index.referrers(subjects, |wanted| oci::blob(members, wanted))
    }
}

/// Opens the docker archive `path`.
pub fn open_docker_archive(path: &Path, options: &ArchiveOptions<'_>) -> Result<Archive, Error> {
    let members = Members::scan(path)?;
    let is_saved = members.has(MANIFEST);
    let archive = if members.has(MARKER) && members.has(INDEX) {
        oci::read(members, options)?
    } else if is_saved {
        classic::read(&members, options)?
    } else {
        return Err(members.not_an_archive("it holds neither `manifest.json` nor `index.json`"));
    };
    match (options.compression, archive.content) {
        // An index names its images by their digests, so they stay as they are. So does an image that was not made by
        // `docker save`, which alone writes this list: its digest is the one that it was built and signed with.
        (Compression::Keep, content) | (_, content @ Content::Index(_)) => Ok(Archive { content, ..archive }),
        (_, content @ Content::Image(_)) if !is_saved => Ok(Archive { content, ..archive }),
        (packed, Content::Image(image)) => {
            Ok(Archive { content: Content::Image(compress::layers(image, packed, options.work)?), ..archive })
        }
    }
}

#[cfg(test)]
mod tests;
