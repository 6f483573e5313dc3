//! Blobs of another registry, passed on piece by piece without touching the disk.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::Stream;
use image_ref::{Digest, Hasher, RepositoryName};
use reqwest::Method;

use crate::answer::Subject;
use crate::call::Call;
use crate::download::Pieces;
use crate::error::Error;
use crate::registry::Registry;

/// A blob that another registry has.
#[derive(Debug, Clone)]
pub struct RemoteBlob {
    /// The client of the registry that has it.
    pub registry: Registry,
    /// The repository that has it.
    pub repository: RepositoryName,
    /// The blob's digest.
    pub digest: Digest,
    /// The blob's length.
    pub size: u64,
}

/// Where a body that ends early leaves its reason: the connection itself tells only that it ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reason(Arc<Mutex<Option<Error>>>);

impl Reason {
    pub(crate) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn leave(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

impl RemoteBlob {
    /// The blob's pieces as they arrive. The last one is handed over only when length and digest of the whole are right: whoever
    /// takes the pieces never has a wrong blob in full.
    pub(crate) async fn pieces(
        &self,
        reason: Reason,
    ) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<>, Error> {
        let url = self.registry.endpoint.url(&format!("{}/blobs/{}", self.repository, self.digest));
        let call = Call::new(Method::GET, url, &self.repository, Subject::Blob(&self.digest));
        // A body that is fetched belongs to a request that is sent: the one waits inside of the other.
        let response = Box::pin(self.registry.send(&call)).await?;
        let passing = Passing {
            pieces: Pieces::new(&self.registry, response),
            hasher: Hasher::for_digest(&self.digest),
            blob: self.clone(),
            bytes: 0,
            held: Bytes::new(),
        };
        Ok(futures::stream::try_unfold(Some(passing), move |state| {
            let reason = reason.clone();
            async move {
                let Some(mut passing) = state else { return Ok(None) };
                match passing.next().await {
                    Ok((piece, true)) => Ok(Some((piece, Some(passing)))),
                    Ok((last, false)) => Ok(Some((last, None))),
                    Err(error) => {
                        let told = std::io::Error::other(error.to_string());
                        reason.leave(error);
                        Err(told)
                    }
                }
            }
        }))
    }
}

/// A blob on its way from one registry to another.
struct Passing {
    pieces: Pieces,
    hasher: Hasher,
    blob: RemoteBlob,
    bytes: u64,
    held: Bytes,
}

impl Passing {
    /// The next piece, and whether another one follows.
    async fn next(&mut self) -> Result<(Bytes, bool), Error> {
        while let Some(piece) = self.pieces.next().await? {
            self.bytes = self.bytes.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            if self.bytes > self.blob.size {
                return Err(self.wrong(format!("more than {} bytes", self.blob.size)));
            }
            self.hasher.update(&piece);
            let ready = std::mem::replace(&mut self.held, piece);
            if !ready.is_empty() {
                return Ok((ready, true));
            }
        }
        if self.bytes != self.blob.size {
            return Err(self.wrong(format!("{} bytes instead of {}", self.bytes, self.blob.size)));
        }
        let found = self.hasher.clone().finish();
        if found != self.blob.digest {
            return Err(self.wrong(found.to_string()));
        }
        Ok((std::mem::take(&mut self.held), false))
    }

    fn wrong(&self, found: String) -> Error {
        self.blob.registry.mismatch(self.blob.digest.clone(), found)
    }
}
