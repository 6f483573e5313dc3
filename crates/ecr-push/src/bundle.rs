//! What is pushed of an image: its manifests byte for byte, and the blobs that they need, on disk or in another registry.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use image_ref::Digest;
use oci_image::{Archive, Content, Image, ImageConfig, Index, Layout, Manifest, media_type};
use oci_registry::{BlobFile, BlobSource};

use crate::plan::ImageFacts;

/// A manifest or an index, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) digest: Digest,
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
}

/// The labels of one image.
pub(crate) type Labels = BTreeMap<String, String>;

/// An image or an index with everything below it.
#[derive(Debug, Clone)]
pub(crate) struct Bundle {
    /// What tags point at.
    pub(crate) root: Document,
    /// The images below an index, attestations included.
    pub(crate) images: Vec<Document>,
    /// The indexes below an index, the lowest first.
    pub(crate) indexes: Vec<Document>,
    /// What the manifests need, each digest once.
    pub(crate) blobs: Vec<BlobSource>,
    /// The images that have a platform: what a scanner can read.
    pub(crate) scannable: Vec<Digest>,
    /// The labels of each image that has a platform; empty where nobody asked for them.
    pub(crate) labels: Vec<Labels>,
}

/// What refers to an image: signatures, attestations, bills of materials.
#[derive(Debug, Clone, Default)]
pub(crate) struct Referrers {
    /// The manifests; what one of them refers to comes before it.
    pub(crate) documents: Vec<Document>,
    /// What they need.
    pub(crate) blobs: Vec<BlobSource>,
}

impl Bundle {
    /// What an image on disk has; its labels where they are asked for.
    pub(crate) fn of(content: &Content, with_labels: bool) -> Result<Self, oci_image::Error> {
        let root = Document {
            digest: content.descriptor().digest.clone(),
            media_type: content.media_type().to_owned(),
            bytes: content.bytes().clone(),
        };
        let (images, indexes) = match content {
            Content::Image(_) => (Vec::new(), Vec::new()),
            Content::Index(index) => {
                let below = index.below().iter().map(|(descriptor, bytes)| Document {
                    digest: descriptor.digest.clone(),
                    media_type: descriptor.media_type.clone(),
                    bytes: bytes.clone(),
                });
                (index.images().iter().map(document).collect(), below.collect())
            }
        };
        let scannable = content.images().iter().filter(|image| !image.is_attestation());
        let scannable = scannable.map(|image| image.digest().clone()).collect();
        let wanted = content.images().iter().filter(|image| with_labels && !image.is_attestation());
        let labels = wanted.map(|image| image.config().map(labels)).collect::<Result<_, _>>()?;
        Ok(Self { root, images, indexes, blobs: blobs(content.images()), scannable, labels })
    }

    /// What there is to know about it.
    pub(crate) fn facts(&self) -> ImageFacts {
        ImageFacts {
            digest: self.root.digest.clone(),
            media_type: self.root.media_type.clone(),
            images: self.images.len().max(1),
            blobs: self.blobs.len(),
            bytes: self.blobs.iter().map(BlobSource::size).sum(),
        }
    }

    /// The digests that something may refer to.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = &Digest> {
        std::iter::once(&self.root).chain(&self.images).map(|document| &document.digest)
    }
}

impl Referrers {
    /// What refers to an image of a layout: what its index lists beside the image.
    pub(crate) fn in_layout(layout: &Layout, bundle: &Bundle) -> Result<Self, oci_image::Error> {
        layout.referrers(&bundle.subjects().cloned().collect()).map(|images| Self::of(&images))
    }

    /// What refers to an image of an archive: what its index lists beside the image.
    pub(crate) fn in_archive(archive: &Archive, bundle: &Bundle) -> Result<Self, oci_image::Error> {
        archive.referrers(&bundle.subjects().cloned().collect()).map(|images| Self::of(&images))
    }

    fn of(images: &[Image]) -> Self {
        Self { documents: images.iter().map(document).collect(), blobs: blobs(images) }
    }
}

/// The labels of a configuration.
pub(crate) fn labels(config: ImageConfig) -> Labels {
    config.config.map(|config| config.labels).unwrap_or_default()
}

fn document(image: &Image) -> Document {
    Document {
        digest: image.digest().clone(),
        media_type: image.media_type().to_owned(),
        bytes: image.manifest_bytes().clone(),
    }
}

fn blobs(images: &[Image]) -> Vec<BlobSource> {
    let mut seen = BTreeSet::new();
    let blobs = images.iter().flat_map(Image::blobs).filter(|blob| seen.insert(blob.digest().clone()));
    let file = |blob: &oci_image::Blob| BlobFile {
        path: blob.path().to_owned(),
        offset: blob.offset(),
        size: blob.size(),
        digest: blob.digest().clone(),
    };
    blobs.map(|blob| BlobSource::File(file(blob))).collect()
}

/// What a manifest that came over the wire is.
pub(crate) enum Parsed {
    Image(Manifest),
    Index(Index),
}

impl Parsed {
    /// Parses a document by its own media type, else by the one that it came with.
    pub(crate) fn of(document: &Document) -> Result<Self, oci_image::Error> {
        if media_type::is_index(&document.media_type) {
            return Index::parse(&document.bytes).map(Self::Index);
        }
        if media_type::is_manifest(&document.media_type) {
            return Manifest::parse(&document.bytes).map(Self::Image);
        }
        Err(oci_image::Error::NotAnImage { digest: document.digest.clone(), media_type: document.media_type.clone() })
    }
}
