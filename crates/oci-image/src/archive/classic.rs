//! The classic form: `manifest.json` names a configuration and layers (<https://github.com/moby/docker-image-spec>).

use std::cell::Cell;
use std::io::{self, BufReader, Read as _, Write as _};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use image_ref::Digest;
use serde::Deserialize;
use serde_json::json;

use super::members::{Members, Section};
use super::{Archive, ArchiveOptions, MANIFEST};
use crate::blob::Blob;
use crate::config::ImageConfig;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::hash::{Hasher, HashingWriter};
use crate::image::{Content, Image};
use crate::limits::{archive_limit, unpacked_limit};
use crate::manifest::{Manifest, Present, document};
use crate::media_type;

/// How a gzip stream starts.
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

/// The names of the image that lies at `config` in the archive, for the form that has both lists.
pub(super) fn repo_tags(members: &Members, config: &str) -> Vec<String> {
    let entries: Vec<Entry> =
        members.document(MANIFEST).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    entries.into_iter().find(|entry| entry.config == config).and_then(|entry| entry.repo_tags).unwrap_or_default()
}

/// Reads the archive's image as a Docker image, version 2, schema 2.
pub(super) fn read(members: &Members, options: &ArchiveOptions<'_>) -> Result<Archive, Error> {
    let entries: Vec<Entry> = document("docker archive's manifest.json", &members.document(MANIFEST)?)?;
    let entry = select(entries, members, options.reference)?;
    let config_bytes = members.document(&entry.config)?;
    let config = config_blob(members, &entry.config, &config_bytes)?;
    let diff_ids = ImageConfig::parse(&config_bytes)?.rootfs.diff_ids;
    if diff_ids.len() != entry.layers.len() {
        let reason = format!("its configuration has {} layers, its list {}", diff_ids.len(), entry.layers.len());
        return Err(members.not_an_archive(reason));
    }
    let left = Cell::new(archive_limit(members.length()));
    let layer = |(name, id): (&String, &Digest)| layer_blob(members, name, id, &left);
    let layers: Vec<Blob> = entry.layers.iter().zip(&diff_ids).map(layer).collect::<Result<_, _>>()?;
    let image = assemble(&config, &layers)?;
    let repo_tags = entry.repo_tags.unwrap_or_default();
    Ok(Archive { content: Content::Image(image), repo_tags, left_out: None, listed: None })
}

fn select(entries: Vec<Entry>, members: &Members, reference: Option<&str>) -> Result<Entry, Error> {
    let known: Vec<String> = entries.iter().flat_map(|entry| entry.repo_tags.iter().flatten()).cloned().collect();
    let path = || members.path().to_path_buf();
    let count = entries.len();
    if let Some(wanted) = reference {
        let named = |entry: &Entry| entry.repo_tags.iter().flatten().any(|tag| super::oci::same_name(tag, wanted));
        let found = entries.into_iter().find(named);
        return found.ok_or_else(|| Error::NoSuchTag { tag: wanted.to_owned(), path: path(), known });
    }
    let mut entries = entries.into_iter();
    match (entries.next(), entries.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(members.not_an_archive("its list of images is empty")),
        (Some(_), Some(_)) => Err(Error::Ambiguous { path: path(), count, known }),
    }
}

/// The configuration's blob. A name that is a digest must be the content's digest.
fn config_blob(members: &Members, name: &str, bytes: &Bytes) -> Result<Blob, Error> {
    let actual = Digest::of(bytes);
    let stem = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".json");
    if let Ok(expected) = Digest::parse(&format!("sha256:{stem}"))
        && expected != actual
    {
        return Err(Error::DigestMismatch { name: name.to_owned(), expected, actual });
    }
    Ok(members.blob(members.section(name)?, media_type::DOCKER_CONFIG, actual))
}

/// A layer's blob. A plain layer is named by the configuration, and its bytes are checked when they are read; a gzip'd one
/// is read now, because only its uncompressed digest is known, and takes from the bytes `left` that may be unpacked.
fn layer_blob(members: &Members, name: &str, diff_id: &Digest, left: &Cell<u64>) -> Result<Blob, Error> {
    let section = members.section(name)?;
    if !is_gzip(members, section)? {
        return Ok(members.blob(section, media_type::DOCKER_LAYER, diff_id.clone()));
    }
    let unreadable = |source| Error::Unreadable { path: members.path().to_path_buf(), source };
    let mut stored = HashingWriter::new(io::sink());
    let mut reader = members.reader(section)?;
    io::copy(&mut reader, &mut stored).map_err(unreadable)?;
    let mut plain = Hasher::new();
    let most = unpacked_limit(section.size).min(left.get());
    let mut decoder = MultiGzDecoder::new(BufReader::new(members.reader(section)?)).take(most.saturating_add(1));
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => plain.update(&buffer[..read]),
            Err(error) => return Err(members.not_an_archive(format!("layer `{name}` is damaged: {error}"))),
        }
    }
    if plain.length() > most {
        let problem = format!("layer `{name}` unpacks to more than {} MiB", most / 1024 / 1024);
        return Err(members.not_an_archive(problem));
    }
    left.set(left.get() - plain.length());
    stored.flush().map_err(unreadable)?;
    let actual = plain.finish();
    if actual != *diff_id {
        return Err(Error::DigestMismatch { name: name.to_owned(), expected: diff_id.clone(), actual });
    }
    Ok(members.blob(section, media_type::DOCKER_LAYER_GZIP, stored.hasher.finish()))
}

fn is_gzip(members: &Members, section: Section) -> Result<bool, Error> {
    let mut start = Vec::new();
    let mut reader = members.reader(section)?.take(2);
    reader
        .read_to_end(&mut start)
        .map_err(|source| Error::Unreadable { path: members.path().to_path_buf(), source })?;
    Ok(start == GZIP_MAGIC)
}

/// A Docker manifest over the given blobs.
fn assemble(config: &Blob, layers: &[Blob]) -> Result<Image, Error> {
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(media_type::DOCKER_MANIFEST.to_owned()),
        config: config.descriptor().clone(),
        layers: layers.iter().map(|layer| layer.descriptor().clone()).collect(),
        annotations: std::collections::BTreeMap::new(),
        subject: None,
        manifests: Present::default(),
    };
    let bytes = Bytes::from(json!(manifest).to_string());
    let descriptor = Descriptor::of(media_type::DOCKER_MANIFEST, &bytes);
    let known: Vec<&Blob> = std::iter::once(config).chain(layers).collect();
    Image::assemble(descriptor, bytes, |wanted| find(&known, wanted))
}

/// The blob of `wanted` among `known`.
pub(super) fn find(known: &[&Blob], wanted: &Descriptor) -> Result<Blob, Error> {
    let found = known.iter().find(|blob| blob.digest() == &wanted.digest).map(|blob| (*blob).clone());
    found.ok_or_else(|| Error::BlobMissing { digest: wanted.digest.clone(), path: std::path::PathBuf::new() })
}
