//! Where the blobs to push are: in files, or in another registry.

use std::io::SeekFrom;
use std::path::PathBuf;

use bytes::Bytes;
use futures::TryStreamExt as _;
use image_ref::{Digest, Hasher};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, Take};
use tokio_util::io::ReaderStream;

use crate::error::Error;
use crate::remote::{Reason, RemoteBlob};
use crate::statistics::Counter;

/// How much of a file is read at once.
const PIECE: usize = 256 * 1024;

/// A blob to push.
#[derive(Debug, Clone)]
pub enum BlobSource {
    /// It lies in a file.
    File(BlobFile),
    /// Another registry has it.
    Remote(RemoteBlob),
}

impl From<BlobFile> for BlobSource {
    fn from(blob: BlobFile) -> Self {
        Self::File(blob)
    }
}

impl BlobSource {
    /// The blob's digest.
    pub fn digest(&self) -> &Digest {
        match self {
            Self::File(blob) => &blob.digest,
            Self::Remote(blob) => &blob.digest,
        }
    }

    /// The blob's length.
    pub fn size(&self) -> u64 {
        match self {
            Self::File(blob) => blob.size,
            Self::Remote(blob) => blob.size,
        }
    }

    /// The blob as the body of a request. Every piece that is handed over is counted in `sent`; where the source fails, the body ends
    /// early and `reason` tells why.
    ///
    /// A file that became shorter ends the body early, which the connection reports; the registry checks the digest.
    pub(crate) async fn body(&self, sent: Vec<Counter>, reason: Reason) -> Result<reqwest::Body, Error> {
        let count = move |piece: &Bytes| {
            for counter in &sent {
                counter.add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            }
        };
        Ok(match self {
            Self::File(blob) => reqwest::Body::wrap_stream(blob.pieces().await?.inspect_ok(count)),
            Self::Remote(blob) => reqwest::Body::wrap_stream(blob.pieces(reason).await?.inspect_ok(count)),
        })
    }
}

/// A blob that lies in a file, whole or as a section (a member of an archive).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobFile {
    /// The file.
    pub path: PathBuf,
    /// Where the blob begins in the file.
    pub offset: u64,
    /// The blob's length.
    pub size: u64,
    /// The blob's digest.
    pub digest: Digest,
}

impl BlobFile {
    /// Whether the file still holds the blob.
    pub(crate) async fn is_intact(&self) -> Result<bool, Error> {
        let pieces = self.pieces().await?;
        tokio::pin!(pieces);
        let mut hasher = Hasher::for_digest(&self.digest);
        while let Some(piece) = pieces.try_next().await.map_err(|source| self.unusable(source))? {
            hasher.update(&piece);
        }
        Ok(hasher.finish() == self.digest)
    }

    async fn pieces(&self) -> Result<ReaderStream<Take<File>>, Error> {
        let mut file = File::open(&self.path).await.map_err(|source| self.unusable(source))?;
        let length = file.metadata().await.map_err(|source| self.unusable(source))?.len();
        let end = self.offset.saturating_add(self.size);
        if length < end {
            let problem = format!("it has {length} bytes, and the blob ends at {end}");
            return Err(self.unusable(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, problem)));
        }
        file.seek(SeekFrom::Start(self.offset)).await.map_err(|source| self.unusable(source))?;
        Ok(ReaderStream::with_capacity(file.take(self.size), PIECE))
    }

    fn unusable(&self, source: std::io::Error) -> Error {
        Error::File { path: self.path.display().to_string(), source }
    }
}
