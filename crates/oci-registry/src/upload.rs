//! Uploading blobs: one `POST`, then the whole blob in one streamed `PUT`.
//!
//! Chunks would buy resumption and cost round trips; and ECR, which answers a chunk with 201 and a `Range` that stays at
//! the first one, makes resumption guesswork (<https://github.com/aws/containers-roadmap/issues/2831>). So a broken
//! upload starts again, after another look whether the blob did arrive; no `Range` is ever read.
//!
//! A registry's word that it has a blob counts where it is the answer to that question: 201 to the last request of an
//! upload, or to a look at the blob. 201 to the first request of an upload, and 202 to the last, have been seen and mean nothing.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _};
use image_ref::RepositoryName;
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use crate::answer::Subject;
use crate::blob::BlobPush;
use crate::call::{Call, Payload};
use crate::error::Error;
use crate::manifest::digest_header;
use crate::registry::Registry;
use crate::retry::retrying;
use crate::source::BlobFile;

/// How many blobs are under way at once. Inside one blob a registry takes one stream only.
pub const PARALLEL_BLOBS: usize = 8;

impl Registry {
    /// Pushes one blob, unless the repository has it.
    pub async fn push_blob(&self, repository: &RepositoryName, blob: &BlobFile) -> Result<BlobPush, Error> {
        retrying(&self.counters.retries, self.pace, async || {
            if self.blob_size_once(repository, &blob.digest).await?.is_some() {
                return Ok(BlobPush::Existed);
            }
            self.upload(repository, blob).await
        })
        .await
    }

    /// Pushes several blobs, the biggest first, [`PARALLEL_BLOBS`] at once, each digest once. `done` hears of each.
    ///
    /// The first blob that fails for good ends the others; nothing refers to what they left behind.
    pub async fn push_blobs(
        &self,
        repository: &RepositoryName,
        mut blobs: Vec<BlobFile>,
        done: impl Fn(&BlobFile, BlobPush),
    ) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        blobs.retain(|blob| seen.insert(blob.digest.clone()));
        blobs.sort_by_key(|blob| std::cmp::Reverse(blob.size));
        let (blobs, done) = (&blobs, &done);
        futures::stream::iter(blobs)
            .map(Ok)
            .try_for_each_concurrent(PARALLEL_BLOBS, async |blob| {
                let push = self.push_blob(repository, blob).await?;
                done(blob, push);
                Ok(())
            })
            .await
    }

    async fn upload(&self, repository: &RepositoryName, blob: &BlobFile) -> Result<BlobPush, Error> {
        let Some(mut location) = self.begin(repository, blob).await? else { return Ok(BlobPush::Existed) };
        location.query_pairs_mut().append_pair("digest", blob.digest.as_str());
        let octets = HeaderValue::from_static("application/octet-stream");
        let call = Call::new(Method::PUT, location, repository, Subject::Upload).pushing();
        let call = call.with_header(CONTENT_TYPE, octets).with_payload(Payload::File(blob));
        match self.send(&call).await {
            Ok(response) => self.stored(repository, blob, &response).await,
            Err(error) if error.is_wrong_content() => Err(self.altered(repository, blob, &error).await),
            Err(error) => Err(error),
        }
    }

    /// Whether the registry has the blob, by its answer to the last request of the upload.
    async fn stored(
        &self,
        repository: &RepositoryName,
        blob: &BlobFile,
        response: &Response,
    ) -> Result<BlobPush, Error> {
        match digest_header(response) {
            Some(stored) if stored.algorithm() == blob.digest.algorithm() && stored != blob.digest => {
                Err(self.mismatch(blob.digest.clone(), stored.to_string()))
            }
            _ if response.status() == StatusCode::CREATED => Ok(BlobPush::Uploaded),
            _ if self.blob_size_once(repository, &blob.digest).await?.is_some() => Ok(BlobPush::Uploaded),
            _ => Err(Error::UploadLost {
                registry: self.endpoint.to_string(),
                repository: repository.to_string(),
                problem: format!("it answered {} to the whole blob and does not have it", response.status()),
            }),
        }
    }

    /// Why the registry received something else than the blob: the file is another one by now, or the way altered it.
    async fn altered(&self, repository: &RepositoryName, blob: &BlobFile, refusal: &Error) -> Error {
        match blob.is_intact().await {
            Ok(true) => Error::UploadLost {
                registry: self.endpoint.to_string(),
                repository: repository.to_string(),
                problem: refusal.to_string(),
            },
            Ok(false) => Error::FileChanged { path: blob.path.display().to_string(), digest: blob.digest.clone() },
            Err(error) => error,
        }
    }

    /// Begins an upload and says where it goes; `None` when the registry has the blob, whatever it said before.
    async fn begin(&self, repository: &RepositoryName, blob: &BlobFile) -> Result<Option<Url>, Error> {
        let url = self.endpoint.url(&format!("{repository}/blobs/uploads/"));
        let call = Call::new(Method::POST, url.clone(), repository, Subject::Blob(&blob.digest)).pushing();
        let response = self.send(&call).await?;
        if response.status() == StatusCode::CREATED && self.blob_size_once(repository, &blob.digest).await?.is_some() {
            return Ok(None);
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.ok_or_else(|| Error::BadAnswer {
            registry: self.endpoint.to_string(),
            problem: "an upload was begun without a `Location`".to_owned(),
        })?;
        self.endpoint.location(&url, location).map(Some)
    }
}
