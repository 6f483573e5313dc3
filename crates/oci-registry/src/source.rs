//! Blobs as sections of files.

use std::io::SeekFrom;
use std::path::PathBuf;

use futures::TryStreamExt as _;
use image_ref::Digest;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
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
    /// The blob as the body of a request. Every piece that is handed over is counted in `sent`.
    ///
    /// A file that became shorter ends the body early, which the connection reports; the registry checks the digest.
    pub(crate) async fn body(&self, sent: Vec<Counter>) -> Result<reqwest::Body, Error> {
        let file_error = |source| Error::File { path: self.path.display().to_string(), source };
        let mut file = File::open(&self.path).await.map_err(file_error)?;
        let length = file.metadata().await.map_err(file_error)?.len();
        if length < self.offset.saturating_add(self.size) {
            return Err(file_error(std::io::Error::new(
                std::io::ErrorKind::UnexpectedEof,
                format!("it has {length} bytes, and the blob ends at {}", self.offset.saturating_add(self.size)),
            )));
        }
        file.seek(SeekFrom::Start(self.offset)).await.map_err(file_error)?;
        let pieces = ReaderStream::with_capacity(file.take(self.size), PIECE);
        let counted = pieces.inspect_ok(move |piece| {
            for counter in &sent {
                counter.add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            }
        });
        Ok(reqwest::Body::wrap_stream(counted))
    }
}
