//! A file that goes up, and how it is published.

use std::path::PathBuf;

use serde::Serialize;

use crate::compress::{Coding, Plain};
use crate::digest::Md5Sum;
use crate::etag::ETag;
use crate::headers::Headers;
use crate::inputs::Inputs;
use crate::manifest::{Entry, Rare};
use crate::phase::Phase;
use crate::remote::Reason;
use crate::s3::parts;
use crate::source::LocalFile;

use super::{Seen, Snapshot};

/// A file to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// The path below the prefix that it is stored under.
    pub path: String,
    /// Its key.
    pub key: String,
    /// When it goes.
    pub phase: Phase,
    /// Why it goes.
    pub reason: Reason,
    /// Its size in bytes.
    pub size: u64,
    /// The size of the object it replaces; `None` for a new one.
    pub before: Option<u64>,
    /// The sum of its content.
    pub md5: Md5Sum,
    /// The headers it gets.
    #[serde(flatten)]
    pub headers: Headers,
    /// Set when its name carries a hash and its content changed all the same, now or before.
    #[serde(skip)]
    pub unsteady: bool,
    /// Set when an earlier release left its object behind, which another publication may be about to delete.
    #[serde(skip)]
    pub returns: bool,
    /// The file itself where its compression was tried; what is sent is the compressed file when that has another sum than the content.
    #[serde(skip)]
    pub packed: Option<Plain>,
    /// Where it is on disk; a redirect, which has no content, is nowhere.
    #[serde(skip)]
    pub file: PathBuf,
}

/// How a file is published.
pub(crate) struct Published {
    pub(crate) phase: Phase,
    pub(crate) headers: Headers,
    /// Its name carries a hash, and its content changed all the same, now or before.
    pub(crate) unsteady: bool,
}

impl Published {
    /// How the file `path` is published, `entry` being what the manifest remembers of it.
    ///
    /// A hash in a name is believed until the content changes under it: from then on the file is one like any other.
    pub(crate) fn of(inputs: &Inputs, path: &str, file: &LocalFile, entry: Option<&Entry>) -> Self {
        let (phase, mut headers) = inputs.headers(path, file);
        let changed = |entry: &Entry| entry.plain() != file.plain() && entry.is_comparable(file.size);
        let unsteady = phase == Phase::HashedAssets && entry.is_some_and(|entry| entry.unsteady() || changed(entry));
        if !unsteady {
            return Self { phase, headers, unsteady };
        }
        if headers.cache_control == phase.cache_control() {
            Phase::OtherAssets.cache_control().clone_into(&mut headers.cache_control);
        }
        Self { phase: Phase::OtherAssets, headers, unsteady }
    }
}

impl Upload {
    /// How the file `path` goes up.
    pub(crate) fn of(inputs: &Inputs, snapshot: &Snapshot, path: &str, file: &LocalFile, reason: Reason) -> Self {
        let key = inputs.prefix.key(path);
        let Seen { entry, object, .. } = snapshot.seen(path);
        let Published { phase, headers, unsteady } = Published::of(inputs, path, file, entry);
        Self {
            path: path.to_owned(),
            phase,
            reason,
            size: file.size,
            before: object.as_ref().map(|object| object.size),
            md5: file.md5,
            headers,
            unsteady,
            returns: object.is_none() && snapshot.objects.contains_key(path),
            packed: file.packed,
            file: inputs.source.join(file.below(path)),
            key,
        }
    }

    /// What the manifest says of its object.
    pub(crate) fn entry(&self, etag: ETag) -> Entry {
        let Self { size, md5, unsteady, packed, .. } = *self;
        let headers = Some(self.headers.fingerprint());
        let page = self.phase == Phase::EntryPoints;
        let rare = Rare { unsteady, packed, last_used: None };
        Entry { size, md5, etag, headers, page, rare: rare.boxed() }
    }

    /// How the file is compressed on its way, if it is; size and sum are those of what is sent.
    pub fn packing(&self) -> Option<Coding> {
        self.packed?.packing(self.md5)
    }

    /// Whether it is too large for one request.
    pub fn goes_in_parts(&self) -> bool {
        self.size >= parts::FROM && self.packing().is_none()
    }

    /// Whether a cache may hold something else under this key.
    ///
    /// A new object with a hashed name is in no cache: nobody asked for it before the pages that name it.
    pub fn makes_old(&self) -> bool {
        self.reason != Reason::New || self.phase != Phase::HashedAssets
    }
}
