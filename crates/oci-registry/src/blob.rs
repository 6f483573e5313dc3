//! Blobs that are there already.

use image_ref::{Digest, RepositoryName};
use reqwest::Method;

use crate::answer::Subject;
use crate::call::Call;
use crate::error::Error;
use crate::manifest::content_length;
use crate::registry::Registry;
use crate::retry::retrying;

/// How a blob came to be in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobPush {
    /// It was there.
    Existed,
    /// It was in another repository of the registry, which let this one have it too.
    Mounted,
    /// It was uploaded.
    Uploaded,
}

impl Registry {
    /// The length of a blob; `None` when the repository has no such blob, or there is no such repository.
    pub async fn blob_size(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<u64>, Error> {
        retrying(&self.counters.retries, self.pace, async || self.blob_size_once(repository, digest).await).await
    }

    pub(crate) async fn blob_size_once(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Option<u64>, Error> {
        let url = self.endpoint.url(&format!("{repository}/blobs/{digest}"));
        // The token of the upload that may follow covers this request too.
        let call = Call::new(Method::HEAD, url, repository, Subject::Blob(digest)).pushing();
        Ok(self.send_for_existing(&call).await?.as_ref().map(content_length))
    }
}
