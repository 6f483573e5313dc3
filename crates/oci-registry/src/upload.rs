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
use crate::limiter::Limiter;
use crate::manifest::digest_header;
use crate::registry::Registry;
use crate::retry::retrying;
use crate::source::{BlobFile, BlobSource};

/// A blob to push, and what is known about it.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The blob.
    pub blob: BlobSource,
    /// Whether the repository has it.
    pub presence: Presence,
    /// Another repository of the registry that may have it.
    pub mount_from: Option<RepositoryName>,
    /// Whether that one is known to have it. It is for the caller's own use.
    pub is_in_source: bool,
}

/// Whether a repository has a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has.
    There,
    /// It has not.
    Missing,
    /// It has to be asked.
    Unknown,
}

impl From<BlobSource> for Upload {
    fn from(blob: BlobSource) -> Self {
        Self { blob, presence: Presence::Unknown, mount_from: None, is_in_source: false }
    }
}

impl From<BlobFile> for Upload {
    fn from(blob: BlobFile) -> Self {
        Self::from(BlobSource::from(blob))
    }
}

/// Where an upload goes on.
enum Begun {
    /// The registry has the blob already.
    Done(BlobPush),
    /// The blob is to be sent there.
    At(Url),
}

impl Registry {
    /// Pushes one blob, unless the repository has it.
    pub async fn push_blob(&self, repository: &RepositoryName, blob: &BlobFile) -> Result<BlobPush, Error> {
        self.push_in(repository, &Upload::from(blob.clone()), &Limiter::new(self.pace)).await
    }

    /// Pushes several blobs, the biggest first, several at once as long as the registry keeps up, each digest once. `done`
    /// hears of each.
    ///
    /// The first blob that fails for good ends the others; nothing refers to what they left behind.
    pub async fn push_blobs(
        &self,
        repository: &RepositoryName,
        uploads: Vec<Upload>,
        done: impl Fn(&BlobSource, BlobPush),
    ) -> Result<(), Error> {
        let uploads = uploads.into_iter().map(|upload| ((), repository, upload)).collect();
        self.push_all(uploads, |(), blob, push| done(blob, push)).await
    }

    /// The same into several repositories of the registry, each digest once in each. What stands first comes back to `done`.
    pub async fn push_all<T>(
        &self,
        mut uploads: Vec<(T, &RepositoryName, Upload)>,
        done: impl Fn(&T, &BlobSource, BlobPush),
    ) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        uploads.retain(|(_, repository, upload)| seen.insert((*repository, upload.blob.digest().clone())));
        uploads.sort_by_key(|(_, _, upload)| std::cmp::Reverse(upload.blob.size()));
        let limiter = Limiter::new(self.pace);
        let (uploads, done, limiter) = (&uploads, &done, &limiter);
        futures::stream::iter(uploads)
            .map(Ok)
            .try_for_each_concurrent(None, async |(place, repository, upload)| {
                let push = self.push_in(repository, upload, limiter).await?;
                done(place, &upload.blob, push);
                Ok(())
            })
            .await
    }

    /// Pushes one of several blobs. What is known about it counts for the first try: after a failure the registry is asked.
    async fn push_in(
        &self,
        repository: &RepositoryName,
        upload: &Upload,
        limiter: &Limiter,
    ) -> Result<BlobPush, Error> {
        if upload.presence == Presence::There {
            return Ok(BlobPush::Existed);
        }
        let _place = limiter.enter().await;
        let mut is_missing = upload.presence == Presence::Missing;
        retrying(&self.counters.retries, self.pace, async || {
            limiter.pause().await;
            let is_missing = std::mem::take(&mut is_missing);
            let result = self.push_once(repository, upload, is_missing).await;
            limiter.hear(&result);
            result
        })
        .await
    }

    async fn push_once(
        &self,
        repository: &RepositoryName,
        upload: &Upload,
        is_missing: bool,
    ) -> Result<BlobPush, Error> {
        let Upload { blob, mount_from, .. } = upload;
        if !is_missing && self.blob_size_once(repository, blob.digest()).await?.is_some() {
            return Ok(BlobPush::Existed);
        }
        match self.begin_or_mount(repository, blob, mount_from.as_ref()).await? {
            Begun::Done(push) => Ok(push),
            Begun::At(location) => self.upload(repository, blob, location).await,
        }
    }

    async fn upload(
        &self,
        repository: &RepositoryName,
        blob: &BlobSource,
        mut location: Url,
    ) -> Result<BlobPush, Error> {
        location.query_pairs_mut().append_pair("digest", blob.digest().as_str());
        let octets = HeaderValue::from_static("application/octet-stream");
        let call = Call::new(Method::PUT, location, repository, Subject::Upload).pushing();
        let call = call.with_header(CONTENT_TYPE, octets).with_payload(Payload::Blob(blob));
        match self.send_streamed(call).await {
            Ok(response) => self.stored(repository, blob, &response).await,
            Err(error) if error.is_wrong_content() => Err(self.altered(repository, blob, &error).await),
            Err(error) => Err(error),
        }
    }

    /// Whether the registry has the blob, by its answer to the last request of the upload.
    async fn stored(
        &self,
        repository: &RepositoryName,
        blob: &BlobSource,
        response: &Response,
    ) -> Result<BlobPush, Error> {
        match digest_header(response) {
            Some(stored) if stored.algorithm() == blob.digest().algorithm() && stored != *blob.digest() => {
                Err(self.mismatch(blob.digest().clone(), stored.to_string()))
            }
            _ if response.status() == StatusCode::CREATED => Ok(BlobPush::Uploaded),
            _ if self.blob_size_once(repository, blob.digest()).await?.is_some() => Ok(BlobPush::Uploaded),
            _ => Err(Error::UploadLost {
                registry: self.endpoint.to_string(),
                repository: repository.to_string(),
                problem: format!("it answered {} to the whole blob and does not have it", response.status()),
            }),
        }
    }

    /// Why the registry received something else than the blob: the file is another one by now, or the way altered it.
    async fn altered(&self, repository: &RepositoryName, blob: &BlobSource, refusal: &Error) -> Error {
        let lost = || Error::UploadLost {
            registry: self.endpoint.to_string(),
            repository: repository.to_string(),
            problem: refusal.to_string(),
        };
        match blob {
            // It was checked on its way.
            BlobSource::Remote(_) => lost(),
            BlobSource::File(file) => match file.is_intact().await {
                Ok(true) => lost(),
                Ok(false) => Error::FileChanged { path: file.path.display().to_string(), digest: file.digest.clone() },
                Err(error) => error,
            },
        }
    }

    /// Mounts the blob where there is a repository to mount it from, and begins an upload where that one does not have it, or
    /// the registry does not let us take it from there.
    async fn begin_or_mount(
        &self,
        repository: &RepositoryName,
        blob: &BlobSource,
        from: Option<&RepositoryName>,
    ) -> Result<Begun, Error> {
        match self.begin(repository, blob, from).await {
            Err(error) if from.is_some() && !error.is_transient() => self.begin(repository, blob, None).await,
            begun => begun,
        }
    }

    /// Begins an upload. A registry that cannot mount the blob answers as if it had not been asked to
    /// (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md#mounting-a-blob-from-another-repository>).
    async fn begin(
        &self,
        repository: &RepositoryName,
        blob: &BlobSource,
        from: Option<&RepositoryName>,
    ) -> Result<Begun, Error> {
        let mut url = self.endpoint.url(&format!("{repository}/blobs/uploads/"));
        let mut call = Call::new(Method::POST, url.clone(), repository, Subject::Blob(blob.digest())).pushing();
        if let Some(from) = from {
            url.query_pairs_mut().append_pair("mount", blob.digest().as_str()).append_pair("from", from.as_str());
            call = Call { url: url.clone(), ..call }.reading(from);
        }
        let response = self.send(&call).await?;
        if from.is_some() && response.status() == StatusCode::CREATED {
            return Ok(Begun::Done(BlobPush::Mounted));
        }
        if response.status() == StatusCode::CREATED && self.blob_size_once(repository, blob.digest()).await?.is_some() {
            return Ok(Begun::Done(BlobPush::Existed));
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.ok_or_else(|| Error::BadAnswer {
            registry: self.endpoint.to_string(),
            problem: "an upload was begun without a `Location`".to_owned(),
        })?;
        self.endpoint.location(&url, location).map(Begun::At)
    }
}
