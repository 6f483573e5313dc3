//! What the stand-in holds.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A repository.
#[derive(Debug, Default)]
pub(crate) struct Repository {
    /// The length of each blob.
    pub(crate) blobs: HashMap<String, u64>,
    pub(crate) manifests: HashMap<String, Manifest>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// A manifest.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// An upload under way.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    pub(crate) bytes: u64,
    /// Where blobs are hashed.
    pub(crate) hasher: Option<Sha256>,
}

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) repositories: BTreeMap<String, Repository>,
    pub(crate) uploads: HashMap<u64, Upload>,
    pub(crate) begun: u64,
    /// Whether blobs are hashed as they come.
    pub(crate) hashes: bool,
}

impl Store {
    pub(crate) fn begin(&mut self) -> u64 {
        self.begun += 1;
        let hasher = self.hashes.then(Sha256::new);
        self.uploads.insert(self.begun, Upload { bytes: 0, hasher });
        self.begun
    }

    pub(crate) fn has_blob(&self, repository: &str, digest: &str) -> Option<u64> {
        self.repositories.get(repository)?.blobs.get(digest).copied()
    }

    pub(crate) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }
}

impl Repository {
    pub(crate) fn manifest(&self, reference: &str) -> Option<(&str, &Manifest)> {
        let digest = self.tags.get(reference).map_or(reference, String::as_str);
        self.manifests.get_key_value(digest).map(|(digest, manifest)| (digest.as_str(), manifest))
    }

    /// Whether all that a manifest names is there, each as long as it says.
    pub(crate) fn is_complete(&self, manifest: &Value) -> bool {
        let list = |name: &str| manifest[name].as_array().cloned().unwrap_or_default();
        let size = |part: &Value| part["size"].as_u64();
        let digest = |part: &Value| part["digest"].as_str().unwrap_or_default().to_owned();
        let blobs = list("layers").into_iter().chain(manifest.get("config").cloned());
        let has_children = list("manifests").iter().all(|child| self.manifests.contains_key(&digest(child)));
        let mut blobs = blobs.map(|part| self.blobs.get(&digest(&part)).copied() == size(&part));
        has_children && blobs.all(|is_there| is_there)
    }
}

/// A SHA-256 as registries write it.
pub(crate) fn digest(hasher: Sha256) -> String {
    hasher.finalize().iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
