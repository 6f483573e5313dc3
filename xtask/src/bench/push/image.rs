//! The images: layers of noise that no compression makes shorter, in one OCI layout.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::scenario::Scenario;

const MIB: u64 = 1 << 20;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A layout with the images of a scenario.
#[derive(Debug)]
pub(crate) struct Images {
    pub(crate) folder: PathBuf,
    /// The digest of each image; its tag is its number.
    pub(crate) digests: Vec<String>,
}

impl Images {
    /// Writes the layout.
    pub(crate) fn make(scenario: &Scenario, folder: &Path) -> Result<Self, String> {
        let folder = folder.join(scenario.name);
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(wrong)?;
        }
        fs::create_dir_all(folder.join("blobs/sha256")).map_err(wrong)?;
        write(scenario, &folder).map_err(wrong).map(|digests| Self { digests, folder: folder.clone() })
    }

    /// Removes it.
    pub(crate) fn remove(self) -> Result<(), String> {
        fs::remove_dir_all(&self.folder).map_err(|error| format!("{}: {error}", self.folder.display()))
    }
}

fn write(scenario: &Scenario, folder: &Path) -> std::io::Result<Vec<String>> {
    let Some((own, shared)) = scenario.layers.split_last() else { return Ok(Vec::new()) };
    let shared: Vec<Layer> =
        (0..).zip(shared).map(|(seed, mib)| Layer::write(folder, seed, *mib)).collect::<Result<_, _>>()?;
    let mut manifests = Vec::new();
    for number in 0..scenario.images {
        let own = Layer::write(folder, 1000 + number as u64, *own)?;
        let layers: Vec<&Layer> = shared.iter().chain([&own]).collect();
        let config = json!({
            "architecture": "amd64", "os": "linux", "config": {},
            "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| &layer.diff_id).collect::<Vec<_>>()},
        });
        let config = document(folder, "application/vnd.oci.image.config.v1+json", &config)?;
        let layers: Vec<&Value> = layers.iter().map(|layer| &layer.descriptor).collect();
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        let mut descriptor = document(folder, MANIFEST, &manifest)?;
        descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": number.to_string()});
        manifests.push(descriptor);
    }
    let index = json!({"schemaVersion": 2, "manifests": manifests});
    fs::write(folder.join("index.json"), index.to_string())?;
    fs::write(folder.join("oci-layout"), json!({"imageLayoutVersion": "1.0.0"}).to_string())?;
    let digest = |descriptor: &Value| descriptor["digest"].as_str().unwrap_or_default().to_owned();
    Ok(manifests.iter().map(digest).collect())
}

fn document(folder: &Path, media_type: &str, document: &Value) -> std::io::Result<Value> {
    let bytes = document.to_string();
    let digest = hex(Sha256::new_with_prefix(&bytes));
    fs::write(folder.join("blobs/sha256").join(&digest), &bytes)?;
    Ok(json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len()}))
}

/// A layer that was written.
struct Layer {
    descriptor: Value,
    diff_id: String,
}

impl Layer {
    /// A tar with one file of noise, in gzip's form without being made shorter.
    fn write(folder: &Path, seed: u64, mib: u64) -> std::io::Result<Self> {
        let blobs = folder.join("blobs/sha256");
        let partial = blobs.join("partial");
        let file = Hashed::new(BufWriter::with_capacity(1 << 20, File::create(&partial)?));
        let tar = Hashed::new(GzBuilder::new().write(file, Compression::none()));
        let mut archive = tar::Builder::new(tar);
        let mut header = tar::Header::new_gnu();
        header.set_size(mib * MIB);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("noise-{seed}"), Noise::new(seed).take(mib * MIB))?;
        let tar = archive.into_inner()?;
        let file = tar.inner.finish()?;
        let (digest, size) = (hex(file.hasher), file.bytes);
        let mut inner = file.inner;
        inner.flush()?;
        fs::rename(partial, blobs.join(&digest))?;
        let descriptor = json!({
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": format!("sha256:{digest}"), "size": size,
        });
        Ok(Self { descriptor, diff_id: format!("sha256:{}", hex(tar.hasher)) })
    }
}

fn hex(hasher: Sha256) -> String {
    hasher.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A writer that hashes and counts.
struct Hashed<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W> Hashed<W> {
    fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0 }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// The same bytes for the same seed, of which a block of a thousand words is drawn at a time.
struct Noise {
    state: u64,
    block: Vec<u8>,
    read: usize,
}

impl Noise {
    fn new(seed: u64) -> Self {
        Self { state: (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15), block: Vec::new(), read: 0 }
    }

    /// Xorshift (<https://www.jstatsoft.org/article/view/v008i14>).
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

impl Read for Noise {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.read == self.block.len() {
            self.block = (0..1024).flat_map(|_| self.next().to_le_bytes()).collect();
            self.read = 0;
        }
        let count = into.len().min(self.block.len() - self.read);
        into[..count].copy_from_slice(&self.block[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::push::scenario::Before;

    #[test]
    fn images_share_all_layers_but_the_last() {
        let work = tempfile::tempdir().unwrap();
        let scenario = Scenario { name: "small", title: "", layers: &[1, 1], images: 2, before: Before::Nothing };
        let images = Images::make(&scenario, work.path()).unwrap();
        assert_eq!(images.digests.len(), 2);
        // One shared layer, two of their own, two configurations, two manifests.
        assert_eq!(fs::read_dir(images.folder.join("blobs/sha256")).unwrap().count(), 7);
        for entry in fs::read_dir(images.folder.join("blobs/sha256")).unwrap() {
            let entry = entry.unwrap();
            let content = fs::read(entry.path()).unwrap();
            assert_eq!(entry.file_name().to_str().unwrap(), hex(Sha256::new_with_prefix(content)));
        }
        let again = Images::make(&scenario, work.path()).unwrap();
        assert_eq!(again.digests, images.digests);
        images.remove().unwrap();
        drop(again);
    }
}
