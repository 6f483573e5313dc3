//! Blobs as sections of files.

use std::io::SeekFrom;
use std::path::PathBuf;

use futures::TryStreamExt as _;
use image_ref::{Digest, Hasher};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, Take};
use tokio_util::io::ReaderStream;

use crate::error::Error;
use crate::statistics::Counter;

/// How much of a file is read at once.
const PIECE: usize = 256 * 1024;

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

    /// The blob as the body of a request. Every piece that is handed over is counted in `sent`.
    ///
    /// A file that became shorter ends the body early, which the connection reports; the registry checks the digest.
    pub(crate) async fn body(&self, sent: Vec<Counter>) -> Result<reqwest::Body, Error> {
        let counted = self.pieces().await?.inspect_ok(move |piece| {
            for counter in &sent {
                counter.add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            }
        });
        Ok(reqwest::Body::wrap_stream(counted))
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
