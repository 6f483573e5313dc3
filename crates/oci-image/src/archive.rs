//! Docker archives: what `docker save` writes, in its classic form and in the newer form that is an OCI layout in a tar.
//!
//! Nothing is unpacked. Layers are read where they lie in the tar; only what must be compressed is written to a work folder.

use std::path::Path;

use crate::error::Error;
use crate::image::Content;
use crate::layout::{Compression, INDEX, MARKER};
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
}

/// Opens the docker archive `path`.
pub fn open_docker_archive(path: &Path, options: &ArchiveOptions<'_>) -> Result<Archive, Error> {
    let members = Members::scan(path)?;
    let archive = if members.has(MARKER) && members.has(INDEX) {
        oci::read(&members, options)?
    } else if members.has(MANIFEST) {
        classic::read(&members, options)?
    } else {
        return Err(members.not_an_archive("it holds neither `manifest.json` nor `index.json`"));
    };
    match (options.compression, archive.content) {
        // An index names its images by their digests, so they stay as they are.
        (Compression::Keep, content) | (_, content @ Content::Index(_)) => Ok(Archive { content, ..archive }),
        (packed, Content::Image(image)) => {
            Ok(Archive { content: Content::Image(compress::layers(image, packed, options.work)?), ..archive })
        }
    }
}

#[cfg(test)]
mod tests;
