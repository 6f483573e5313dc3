//! The versions that a bucket keeps.

use std::collections::BTreeMap;

use crate::clients::{Clients, Line};
use crate::error::Error;
use crate::etag::ETag;
use crate::inputs::Inputs;
use crate::journal::{self, Note};
use crate::remote::{Objects, RemoteObject};
use crate::s3::{self, ObjectVersion};

/// The id of a version that was written while the bucket kept none. The next write or delete while it keeps none takes its place.
const NULL: &str = "null";

/// Storage classes whose objects have to be restored from an archive before they can be copied
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html>).
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// Whether what is overwritten or deleted stays as a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Versioning {
    Enabled,
    /// Off or suspended.
    #[default]
    Off,
}

/// A version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) id: String,
    /// Its `ETag` without quotes.
    pub(super) etag: ETag,
    /// Its size in bytes.
    pub(super) size: u64,
    /// When it was written, in seconds since 1970.
    pub(super) last_modified: i64,
    /// Whether it is the present object.
    pub(super) is_latest: bool,
    pub(super) storage_class: Option<String>,
}

impl Version {
    /// Whether it cannot be copied as it is.
    pub(super) fn is_archived(&self) -> bool {
        self.storage_class.as_deref().is_some_and(|class| ARCHIVES.contains(&class))
    }

    fn object(&self) -> RemoteObject {
        RemoteObject { size: self.size, etag: self.etag.clone(), last_modified: self.last_modified, head: None }
    }
}

/// What a bucket keeps below the prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// The versions of each key, the newest first.
    pub(super) versions: BTreeMap<String, Vec<Version>>,
    pub(super) versioning: Versioning,
    /// The notes that hold something.
    pub(super) notes: Vec<Note>,
}

impl Kept {
    /// Whether a write or delete of `key` loses nothing.
    pub(super) fn loses_nothing(&self, key: &str) -> bool {
        let versions = self.versions.get(key).map_or(&[][..], Vec::as_slice);
        self.versioning == Versioning::Enabled || versions.iter().all(|version| version.id != NULL)
    }

    /// The present object of `key`.
    pub(super) fn present(&self, key: &str) -> Option<&Version> {
        self.versions.get(key)?.iter().find(|version| version.is_latest)
    }

    /// The present objects.
    pub(super) fn objects(&self, inputs: &Inputs) -> Objects {
        let keys = self.versions.keys();
        keys.filter_map(|key| Some((inputs.prefix.relative(key)?, self.present(key)?.object()))).collect()
    }

    fn take(&mut self, inputs: &Inputs, key: String, version: Version) {
        if journal::is_own(&inputs.prefix, &key) {
            let is_due = version.is_latest && version.size > 0;
            let id = journal::id_of(&inputs.prefix, &key).filter(|_| is_due);
            self.notes.extend(id.map(|id| Note { id: id.to_owned(), written: version.last_modified }));
            return;
        }
        self.versions.entry(key).or_default().push(version);
    }
}

/// Lists all versions below the prefix, and asks whether the bucket keeps them.
pub(super) async fn read(inputs: &Inputs, clients: &Clients) -> Result<Kept, Error> {
    let line = &clients.line(&inputs.bucket)?;
    let (versioning, kept) = tokio::try_join!(versioning(inputs, clients, line), list(inputs, clients, line))?;
    Ok(Kept { versioning, ..kept })
}

async fn versioning(inputs: &Inputs, clients: &Clients, line: &Line) -> Result<Versioning, Error> {
    match s3::is_versioned(line).await {
        Ok(true) => Ok(Versioning::Enabled),
        Ok(false) => Ok(Versioning::Off),
        Err(error) => Err(clients.s3_error("GetBucketVersioning", &inputs.bucket, None, &error)),
    }
}

async fn list(inputs: &Inputs, clients: &Clients, line: &Line) -> Result<Kept, Error> {
    let (mut kept, mut from) = (Kept::default(), None);
    loop {
        let page = s3::list_versions(line, inputs.prefix.as_str(), from.as_ref()).await;
        let page = page.map_err(|error| clients.s3_error("ListObjectVersions", &inputs.bucket, None, &error));
        let (versions, next) = page?;
        for version in versions {
            let (key, version) = split(version);
            kept.take(inputs, key, version);
        }
        // One that names itself would never end.
        if next.is_none() || next == from {
            return Ok(kept);
        }
        from = next;
    }
}

/// The key of a version, and what is kept below it.
fn split(version: ObjectVersion) -> (String, Version) {
    let ObjectVersion { key, id, etag, size, last_modified, is_latest, storage_class } = version;
    let id = id.unwrap_or_else(|| NULL.to_owned());
    (key, Version { id, etag, size, last_modified, is_latest, storage_class })
}
