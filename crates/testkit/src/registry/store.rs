//! What the registry holds.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::Value;

use super::digest;

/// A stored manifest or index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its digest.
    pub digest: String,
    /// The content type it was pushed with.
    pub media_type: String,
    /// Its exact bytes.
    pub body: Bytes,
}

impl Manifest {
    pub(super) fn new(media_type: &str, body: Bytes) -> Self {
        Self { digest: digest(&body), media_type: media_type.to_owned(), body }
    }

    /// Returns the manifest as JSON; `Null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

#[derive(Debug, Default)]
pub(super) struct Store {
    repositories: BTreeMap<String, Repository>,
    uploads: BTreeMap<String, Upload>,
    next_upload: u64,
    seen: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(super) struct Repository {
    pub(super) blobs: BTreeMap<String, Bytes>,
    pub(super) manifests: BTreeMap<String, Manifest>,
    pub(super) tags: BTreeMap<String, String>,
}

/// An upload that was begun.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) repository: String,
    pub(super) content: Vec<u8>,
    /// Length after the first chunk; ECR answers every chunk with it.
    pub(super) first_chunk: usize,
}

impl Store {
    /// Whether this is the first time that `what` happens.
    pub(super) fn is_first(&mut self, what: &str) -> bool {
        self.seen.insert(what.to_owned())
    }

    pub(super) fn find(&self, name: &str) -> Option<&Repository> {
        self.repositories.get(name)
    }

    pub(super) fn create(&mut self, name: &str) -> &mut Repository {
        self.repositories.entry(name.to_owned()).or_default()
    }

    /// Begins an upload and returns its id, which has the form of a UUID.
    pub(super) fn begin(&mut self, repository: &str) -> String {
        self.next_upload += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", self.next_upload);
        let upload = Upload { repository: repository.to_owned(), ..Upload::default() };
        self.uploads.insert(id.clone(), upload);
        id
    }

    pub(super) fn upload(&mut self, repository: &str, id: &str) -> Option<&mut Upload> {
        self.uploads.get_mut(id).filter(|upload| upload.repository == repository)
    }

    pub(super) fn end(&mut self, id: &str) -> Option<Upload> {
        self.uploads.remove(id)
    }
}

impl Repository {
    pub(super) fn manifest(&self, reference: &str) -> Option<&Manifest> {
        let digest = self.tags.get(reference).map_or(reference, String::as_str);
        self.manifests.get(digest)
    }
}
