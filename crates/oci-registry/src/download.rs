//! Downloading blobs, checked against their digest, continued where a connection broke.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use image_ref::{Digest, Hasher, RepositoryName};
use reqwest::header::{HeaderValue, RANGE};
use reqwest::{Method, Response, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

use crate::answer::{REST, Subject, next_piece};
use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::registry::Registry;
use crate::retry::retrying;

/// The least that a blob moves in the time of [`REST`]: a server that drips would hold a job up for days.
const TRICKLE: usize = 64 * 1024;

/// What has arrived of a blob.
struct Arrived<'a, W> {
    into: &'a mut W,
    hasher: Hasher,
    bytes: u64,
    size: u64,
}

impl Registry {
    /// Pulls a blob of `size` bytes into `into`. After an error `into` holds something incomplete or wrong.
    pub async fn pull_blob(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        size: u64,
        into: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), Error> {
        let mut arrived = Arrived { into, hasher: Hasher::for_digest(digest), bytes: 0, size };
        retrying(&self.counters.retries, self.pace, async || {
            self.continue_pull(repository, digest, &mut arrived).await
        })
        .await?;
        arrived.into.flush().await.map_err(|source| Error::File { path: digest.to_string(), source })?;
        let (bytes, found) = (arrived.bytes, arrived.hasher.finish());
        if bytes != size {
            return Err(self.mismatch(digest.clone(), format!("{bytes} bytes instead of {size}")));
        }
        if found != *digest {
            return Err(self.mismatch(digest.clone(), found.to_string()));
        }
        Ok(())
    }

    /// Pulls a blob of `size` bytes into the file `path`, which appears whole and checked, or not at all.
    pub async fn pull_blob_to(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        size: u64,
        path: &Path,
    ) -> Result<(), Error> {
        let partial = Partial(path.with_extension(format!("partial-{}", std::process::id())));
        let file_error = |source| Error::File { path: path.display().to_string(), source };
        let mut file = tokio::fs::File::create(&partial.0).await.map_err(file_error)?;
        self.pull_blob(repository, digest, size, &mut file).await?;
        file.sync_all().await.map_err(file_error)?;
        drop(file);
        tokio::fs::rename(&partial.0, path).await.map_err(file_error)
    }

    async fn continue_pull<W: AsyncWrite + Unpin>(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        arrived: &mut Arrived<'_, W>,
    ) -> Result<(), Error> {
        let url = self.endpoint.url(&format!("{repository}/blobs/{digest}"));
        let mut call = Call::new(Method::GET, url, repository, Subject::Blob(digest));
        if arrived.bytes > 0 {
            let range = HeaderValue::from_str(&format!("bytes={}-", arrived.bytes));
            call = range.map_or(call.clone(), |range| call.with_header(RANGE, range));
        }
        let response = self.send(&call).await?;
        self.copy(digest, response, arrived).await
    }

    async fn copy<W: AsyncWrite + Unpin>(
        &self,
        digest: &Digest,
        response: Response,
        arrived: &mut Arrived<'_, W>,
    ) -> Result<(), Error> {
        // A server that does not know ranges sends everything again: what is there already is skipped.
        let mut skip = if response.status() == StatusCode::PARTIAL_CONTENT { 0 } else { arrived.bytes };
        let mut pieces = Pieces::new(self, response);
        while let Some(mut piece) = pieces.next().await? {
            let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(piece.len());
            skip -= u64::try_from(skipped).unwrap_or(skip);
            let piece = piece.split_off(skipped);
            if !arrived.take(&piece).await.map_err(|source| Error::File { path: digest.to_string(), source })? {
                let found = format!("more than {} bytes", arrived.size);
                return Err(self.mismatch(digest.clone(), found));
            }
        }
        Ok(())
    }
}

/// The pieces of a blob as they come; an error where they come too slowly.
pub(crate) struct Pieces {
    endpoint: Endpoint,
    response: Response,
    moved: usize,
    since: Instant,
}

impl Pieces {
    pub(crate) fn new(registry: &Registry, response: Response) -> Self {
        Self { endpoint: registry.endpoint.clone(), response, moved: 0, since: Instant::now() }
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let Some(piece) = next_piece(&self.endpoint, &mut self.response).await? else { return Ok(None) };
        self.moved += piece.len();
        if self.since.elapsed() >= self.endpoint.pace().of(REST) {
            if self.moved < TRICKLE {
                return Err(Error::Stalled { registry: self.endpoint.to_string(), after: REST, writes: false });
            }
            (self.moved, self.since) = (0, Instant::now());
        }
        Ok(Some(piece))
    }
}

impl<W: AsyncWrite + Unpin> Arrived<'_, W> {
    /// Adds a piece; false when it is more than there should be.
    async fn take(&mut self, piece: &Bytes) -> std::io::Result<bool> {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if self.bytes.saturating_add(length) > self.size {
            return Ok(false);
        }
        self.hasher.update(piece);
        self.into.write_all(piece).await?;
        self.bytes += length;
        Ok(true)
    }
}

/// A file that is removed when it was not renamed.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // After the rename there is nothing left to remove.
        let _ = std::fs::remove_file(&self.0);
    }
}
