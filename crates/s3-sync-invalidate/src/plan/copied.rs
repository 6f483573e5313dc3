//! An object that gets the content and the headers of an older version.

use serde::Serialize;

use crate::digest::Md5Sum;
use crate::headers::RemoteHeaders;
use crate::phase::Phase;
use crate::remote::Reason;

/// An older version that becomes the present one, by a copy inside the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copied {
    /// The path below the prefix.
    pub path: String,
    /// The key.
    pub key: String,
    /// The version's id.
    pub version: String,
    /// When it goes.
    pub phase: Phase,
    /// How it differs from what is there.
    pub reason: Reason,
    /// Its size in bytes.
    pub size: u64,
    /// The size of the object it replaces; `None` where none is there.
    pub before: Option<u64>,
    /// The sum of its content.
    pub md5: Md5Sum,
    /// The storage class it gets; `None` for S3's own.
    pub storage_class: Option<String>,
    /// The headers of the version; a copy takes most of them along by itself.
    #[serde(skip)]
    pub(crate) headers: RemoteHeaders,
}

impl Copied {
    /// Whether a cache may hold something else under this key; see [`super::Upload::makes_old`].
    pub fn makes_old(&self) -> bool {
        self.reason != Reason::New || self.phase != Phase::HashedAssets
    }
}
