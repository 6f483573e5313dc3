//! Writing what tags need beside blobs: the images of an index, and what refers to an image.

use futures::future::try_join_all;
use image_ref::Reference;

use super::Push;
use crate::bundle::Document;
use crate::error::Error;
use crate::plan::TagAction;

/// How many manifests are looked for and written at once, of all images of a run. ECR takes ten writes a second
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html>, `PutImage`).
pub(super) const AT_ONCE: usize = 8;

impl Push<'_> {
    /// Puts everything but tags, by digest: a child never takes a tag, and what refers to an image comes after it.
    ///
    /// Where the image is judged before it gets a tag, it is put by its digest too.
    pub(super) async fn manifests(&self, is_judged: bool) -> Result<(), Error> {
        let (root, children) = (&self.bundle.root, [&self.bundle.images, &self.bundle.indexes]);
        let needs_root = is_judged || !self.referrers.is_empty();
        if self.image.is_there || (!needs_root && children.iter().all(|children| children.is_empty())) {
            return Ok(());
        }
        let is_tagged = self.image.tags.iter().any(|tag| tag.action == TagAction::AlreadyDone);
        // A registry takes an index only when everything below it is there, and keeps it.
        if !is_tagged && !self.has(root).await? {
            try_join_all(self.bundle.images.iter().map(async |image| self.put_if_missing(image).await)).await?;
            for index in &self.bundle.indexes {
                self.put_if_missing(index).await?;
            }
            if needs_root {
                self.put_by_digest(root).await?;
            }
        }
        for referrer in &self.referrers {
            self.referrer(referrer).await?;
        }
        Ok(())
    }

    /// Whether the repository has the manifest.
    async fn has(&self, document: &Document) -> Result<bool, Error> {
        let _turn = self.turn().await;
        let head = self.registry.head_manifest(self.name(), &Reference::Digest(document.digest.clone())).await;
        head.map(|head| head.is_some()).map_err(|error| self.error(error, "BatchGetImage"))
    }

    async fn put_if_missing(&self, document: &Document) -> Result<(), Error> {
        if self.has(document).await? { Ok(()) } else { self.put_by_digest(document).await }
    }

    async fn put_by_digest(&self, document: &Document) -> Result<(), Error> {
        match self.put(document).await? {
            Ok(()) => Ok(()),
            Err(refusal) => Err(self.error(refusal, "PutImage")),
        }
    }

    /// Puts a manifest; the inner error is the registry's. One that it refuses because it is there by now is no error.
    async fn put(&self, document: &Document) -> Result<Result<(), oci_registry::Error>, Error> {
        self.stop_if_cancelled(&[])?;
        let (reference, bytes) = (Reference::Digest(document.digest.clone()), document.bytes.clone());
        let put = {
            let _turn = self.turn().await;
            self.registry.put_manifest(self.name(), &reference, &document.media_type, bytes).await
        };
        match put {
            Err(refusal) if is_refusal(&refusal) && self.has(document).await? => Ok(Ok(())),
            other => Ok(other.map(drop)),
        }
    }

    /// Puts what refers to the image. ECR refuses some of it (<https://github.com/aws/containers-roadmap/issues/2783>).
    async fn referrer(&self, document: &Document) -> Result<(), Error> {
        match self.put(document).await? {
            Ok(()) => Ok(()),
            Err(source) if self.image.needs_referrers && is_refusal(&source) => Err(Error::ReferrerRefused {
                repository: self.image.repository.to_string(),
                digest: document.digest.clone(),
                source,
            }),
            Err(source) if is_refusal(&source) => {
                self.session.log.warning(format!(
                    "repository `{}` does not take {}, which refers to the image: {source}",
                    self.image.repository, document.digest
                ));
                Ok(())
            }
            Err(error) => Err(self.error(error, "PutImage")),
        }
    }
}

/// Whether the registry does not take this very manifest; not being allowed to write at all is something else.
fn is_refusal(error: &oci_registry::Error) -> bool {
    match error {
        oci_registry::Error::Service { status: 400..=499, .. } => !error.is_transient(),
        oci_registry::Error::TagImmutable { .. } | oci_registry::Error::TagInvalid { .. } => true,
        _ => false,
    }
}
