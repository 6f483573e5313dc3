//! Compressing an archive's plain layers: `docker save` writes them plain, and pushing them so wastes the uplink.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use bytes::Bytes;
use image_ref::Digest;
use serde_json::json;

use super::classic::find;
use crate::blob::Blob;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::image::Image;
use crate::layout::{BlobWriter, Compression, LayerWriter};
use crate::media_type;

/// The image with each plain layer compressed into `work`. The same layer always gives the same bytes.
pub(super) fn layers(image: Image, compression: Compression, work: &Path) -> Result<Image, Error> {
    if !image.layers().iter().any(is_plain) {
        return Ok(image);
    }
    let mut done: BTreeMap<Digest, Blob> = BTreeMap::new();
    for layer in image.layers().iter().filter(|layer| is_plain(layer)) {
        if !done.contains_key(layer.digest()) {
            done.insert(layer.digest().clone(), packed_layer(layer, compression, work)?);
        }
    }
    let mut manifest = image.manifest().clone();
    for layer in &mut manifest.layers {
        if let Some(blob) = done.get(&layer.digest) {
            let small = blob.descriptor();
            *layer = Descriptor { annotations: std::mem::take(&mut layer.annotations), ..small.clone() };
        }
    }
    let bytes = Bytes::from(json!(manifest).to_string());
    let mut descriptor = Descriptor::of(image.media_type(), &bytes);
    descriptor.platform.clone_from(&image.descriptor().platform);
    let known: Vec<&Blob> = image.blobs().chain(done.values()).collect();
    Image::assemble(descriptor, bytes, |wanted| find(&known, wanted))
}

fn is_plain(layer: &Blob) -> bool {
    media_type::is_plain_layer(&layer.descriptor().media_type)
}

fn packed_layer(layer: &Blob, compression: Compression, work: &Path) -> Result<Blob, Error> {
    let mut writer = LayerWriter::new(BlobWriter::new(work)?, compression);
    io::copy(&mut layer.open()?, &mut writer).map_err(|source| layer.read_error(source))?;
    let mut descriptor = writer.finish()?.descriptor;
    if layer.descriptor().media_type == media_type::DOCKER_LAYER {
        let docker = match compression {
            Compression::Keep => media_type::DOCKER_LAYER,
            Compression::Gzip => media_type::DOCKER_LAYER_GZIP,
            Compression::Zstd => media_type::DOCKER_LAYER_ZSTD,
        };
        docker.clone_into(&mut descriptor.media_type);
    }
    let path = work.join("blobs/sha256").join(descriptor.digest.hex());
    Ok(Blob::new(descriptor, path, 0))
}
