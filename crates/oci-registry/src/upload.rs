//! Uploading blobs: one `POST`, then the whole blob in one streamed `PUT`.
//!
//! Chunks would buy resumption and cost round trips; and ECR, which answers a chunk with 201 and a `Range` that stays at
//! the first one, makes resumption guesswork (<https://github.com/aws/containers-roadmap/issues/2831>). So a broken
//! upload starts again, after another look whether the blob did arrive.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _};
use image_ref::RepositoryName;
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode};
use url::Url;

use crate::answer::Subject;
use crate::blob::BlobPush;
use crate::call::{Call, Payload};
use crate::error::Error;
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
        let call = Call::new(Method::PUT, location, repository, Subject::Repository).pushing();
        self.send(&call.with_header(CONTENT_TYPE, octets).with_payload(Payload::File(blob))).await?;
        Ok(BlobPush::Uploaded)
    }

    /// Begins an upload and says where it goes; `None` when the registry says that it has the blob.
    async fn begin(&self, repository: &RepositoryName, blob: &BlobFile) -> Result<Option<Url>, Error> {
        let url = self.endpoint.url(&format!("{repository}/blobs/uploads/"));
        let call = Call::new(Method::POST, url.clone(), repository, Subject::Blob(&blob.digest)).pushing();
        let response = self.send(&call).await?;
        if response.status() == StatusCode::CREATED {
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
