//! Images and indexes of images: manifests byte for byte, blobs as sections of files.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use image_ref::Digest;

use crate::blob::Blob;
use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::manifest::{Index, Manifest};
use crate::platform::Platform;
use crate::walk::{IndexWalk, ManifestBudget};
use crate::{MANIFEST_LIMIT, media_type};

/// One image: its manifest as it came, its configuration and its layers.
#[derive(Debug, Clone)]
pub struct Image {
    descriptor: Descriptor,
    bytes: Bytes,
    manifest: Manifest,
    config: Blob,
    layers: Vec<Blob>,
}

/// Reads manifests and indexes, so many of them that memory bears it.
pub(crate) struct Manifests<F> {
    find: F,
    budget: ManifestBudget,
}

impl<F: Fn(&Descriptor) -> Result<Blob, Error>> Manifests<F> {
    /// A reader of what `find` gives for a descriptor.
    pub(crate) fn new(find: F) -> Self {
        Self { find, budget: ManifestBudget::default() }
    }

    fn bytes(&self, descriptor: &Descriptor) -> Result<Bytes, Error> {
        let blob = (self.find)(descriptor)?;
        self.budget.spend(blob.size().min(MANIFEST_LIMIT))?;
        blob.read_up_to(MANIFEST_LIMIT)
    }
}

impl Image {
    /// Reads the image that `descriptor` names.
    pub(crate) fn read<F: Fn(&Descriptor) -> Result<Blob, Error>>(
        descriptor: &Descriptor,
        manifests: &Manifests<F>,
    ) -> Result<Self, Error> {
        if !media_type::is_manifest(&descriptor.media_type) {
            return Err(Error::NotAnImage {
                digest: descriptor.digest.clone(),
                media_type: descriptor.media_type.clone(),
            });
        }
        let bytes = manifests.bytes(descriptor)?;
        Self::assemble(descriptor.clone(), bytes, &manifests.find)
    }

    /// Puts an image together; `find` gives the blob of a descriptor.
    pub(crate) fn assemble(
        descriptor: Descriptor,
        bytes: Bytes,
        find: impl Fn(&Descriptor) -> Result<Blob, Error>,
    ) -> Result<Self, Error> {
        let manifest = Manifest::parse(&bytes)?;
        let config = find(&manifest.config)?;
        let stored = manifest.layers.iter().filter(|layer| !media_type::is_foreign_layer(&layer.media_type));
        let layers = stored.map(find).collect::<Result<_, _>>()?;
        Ok(Self { descriptor, bytes, manifest, config, layers })
    }

    /// The manifest's descriptor.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The manifest's digest: the image's name for registries.
    pub fn digest(&self) -> &Digest {
        &self.descriptor.digest
    }

    /// The manifest, byte for byte.
    pub fn manifest_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The manifest, parsed.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The manifest's media type.
    pub fn media_type(&self) -> &str {
        self.manifest.kind()
    }

    /// The configuration's blob. Its digest is what Docker calls the image's id.
    pub fn config_blob(&self) -> &Blob {
        &self.config
    }

    /// See [`Manifest::is_attestation`].
    pub fn is_attestation(&self) -> bool {
        self.manifest.is_attestation()
    }

    /// The configuration, read and checked.
    pub fn config(&self) -> Result<ImageConfig, Error> {
        ImageConfig::parse(&self.config.read()?)
    }

    /// The layers that are stored with the image, the lowest first; foreign layers are not.
    pub fn layers(&self) -> &[Blob] {
        &self.layers
    }

    /// Configuration and layers, each digest once.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        let mut seen = BTreeSet::new();
        std::iter::once(&self.config).chain(&self.layers).filter(move |blob| seen.insert(blob.digest().clone()))
    }

    /// The manifest's annotations.
    pub fn annotations(&self) -> &BTreeMap<String, String> {
        &self.manifest.annotations
    }

    /// Bytes of manifest, configuration and layers together.
    pub fn size(&self) -> u64 {
        self.blobs().map(Blob::size).sum::<u64>() + self.bytes.len() as u64
    }

    /// The platform: the descriptor's, else the configuration's.
    pub fn platform(&self) -> Result<Platform, Error> {
        if let Some(platform) = &self.descriptor.platform {
            return Ok(platform.clone());
        }
        Ok(self.config()?.platform())
    }
}

/// An index and the images it lists (attestations included: they are pushed like images).
#[derive(Debug, Clone)]
pub struct ImageIndex {
    descriptor: Descriptor,
    bytes: Bytes,
    index: Index,
    images: Vec<Image>,
    below: Vec<(Descriptor, Bytes)>,
}

impl ImageIndex {
    /// Reads the index that `descriptor` names, with all indexes and images below it.
    pub(crate) fn read<F: Fn(&Descriptor) -> Result<Blob, Error>>(
        descriptor: &Descriptor,
        manifests: &Manifests<F>,
    ) -> Result<Self, Error> {
        let bytes = manifests.bytes(descriptor)?;
        let index = Index::parse(&bytes)?;
        let mut walk = IndexWalk::new(&descriptor.digest, index.clone())?;
        let mut below = Vec::new();
        while let Some(level) = walk.next_level() {
            for child in level {
                let bytes = manifests.bytes(&child)?;
                walk.add(Index::parse(&bytes)?)?;
                below.push((child, bytes));
            }
        }
        let images = walk.images().iter().map(|image| Image::read(image, manifests)).collect::<Result<_, _>>()?;
        below.reverse();
        Ok(Self { descriptor: descriptor.clone(), bytes, index, images, below })
    }

    /// The index's descriptor.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The index, byte for byte.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The index, parsed.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The images, those of the index itself first, in its order; each once.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The indexes below this one, byte for byte, the lowest first.
    pub fn below(&self) -> &[(Descriptor, Bytes)] {
        &self.below
    }
}

/// What a tag points at.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a run holds one or two of them")]
pub enum Content {
    /// One image.
    Image(Image),
    /// Several images under one name.
    Index(ImageIndex),
}

impl Content {
    /// Reads what `descriptor` names; `find` gives the blob of a descriptor.
    pub(crate) fn assemble(
        descriptor: &Descriptor,
        find: &impl Fn(&Descriptor) -> Result<Blob, Error>,
    ) -> Result<Self, Error> {
        Self::read(descriptor, &Manifests::new(find))
    }

    /// Reads what `descriptor` names.
    pub(crate) fn read<F: Fn(&Descriptor) -> Result<Blob, Error>>(
        descriptor: &Descriptor,
        manifests: &Manifests<F>,
    ) -> Result<Self, Error> {
        if media_type::is_index(&descriptor.media_type) {
            return ImageIndex::read(descriptor, manifests).map(Self::Index);
        }
        Image::read(descriptor, manifests).map(Self::Image)
    }

    /// The descriptor of the manifest or index.
    pub fn descriptor(&self) -> &Descriptor {
        match self {
            Self::Image(image) => image.descriptor(),
            Self::Index(index) => index.descriptor(),
        }
    }

    /// The manifest or index, byte for byte.
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Image(image) => image.manifest_bytes(),
            Self::Index(index) => index.bytes(),
        }
    }

    /// The media type of the manifest or index.
    pub fn media_type(&self) -> &str {
        match self {
            Self::Image(image) => image.media_type(),
            Self::Index(index) => &index.descriptor.media_type,
        }
    }

    /// The images: one, or the index's.
    pub fn images(&self) -> &[Image] {
        match self {
            Self::Image(image) => std::slice::from_ref(image),
            Self::Index(index) => index.images(),
        }
    }

    /// The one image, or the index's image for `wanted`. Without `wanted` an index must hold a single image.
    pub fn into_image(self, wanted: Option<&Platform>) -> Result<Image, Error> {
        match self {
            Self::Image(image) => Ok(image),
            Self::Index(index) => choose(index.images, wanted),
        }
    }
}

fn choose(images: Vec<Image>, wanted: Option<&Platform>) -> Result<Image, Error> {
    let candidates = images.into_iter().map(|image| Ok((Some(image.platform()?), image)));
    one_for(candidates.collect::<Result<Vec<_>, Error>>()?, wanted)
}

/// The one of `candidates` that is for `wanted`, the first where there are several; without `wanted` there must be one only.
/// What is marked as no image (`unknown/unknown`) is left out, and what names no platform is for any that no other is for.
pub(crate) fn one_for<T>(
    candidates: impl IntoIterator<Item = (Option<Platform>, T)>,
    wanted: Option<&Platform>,
) -> Result<T, Error> {
    let is_image = |platform: &Option<Platform>| !platform.as_ref().is_some_and(Platform::is_unknown);
    let images: Vec<_> = candidates.into_iter().filter(|(platform, _)| is_image(platform)).collect();
    let known = images.iter().filter_map(|(platform, _)| platform.as_ref()).map(ToString::to_string).collect();
    let fits = |platform: Option<&Platform>| match (platform, wanted) {
        (Some(own), Some(wanted)) => own.fits(wanted),
        (_, None) | (None, _) => true,
    };
    let mut fitting: Vec<_> = images.into_iter().filter(|(platform, _)| fits(platform.as_ref())).collect();
    fitting.sort_by_key(|(platform, _)| platform.is_none());
    let mut fitting = fitting.into_iter().map(|(_, own)| own);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        (Some(first), Some(_)) if wanted.is_some() => Ok(first),
        _ => Err(Error::NoSuchPlatform { wanted: wanted.map(ToString::to_string), known }),
    }
}
