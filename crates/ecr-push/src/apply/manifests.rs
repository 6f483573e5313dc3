//! Writing what tags need beside blobs: the images of an index, and what refers to an image.

use futures::{StreamExt as _, TryStreamExt as _};
use image_ref::Reference;

use super::Push;
use crate::bundle::Document;
use crate::error::Error;
use crate::plan::TagAction;

/// How many images of an index are put at once.
const PARALLEL_CHILDREN: usize = 8;

impl Push<'_> {
    /// Puts everything but tags, by digest: a child never takes a tag, and what refers to an image comes after it.
    ///
    /// Where the image is judged before it gets a tag, it is put by its digest too.
    pub(super) async fn manifests(&self, is_judged: bool) -> Result<(), Error> {
        if self.image.is_there {
            return Ok(());
        }
        futures::stream::iter(&self.bundle.images)
            .map(Ok)
            .try_for_each_concurrent(PARALLEL_CHILDREN, async |image| self.put_by_digest(image).await)
            .await?;
        for index in &self.bundle.indexes {
            self.put_by_digest(index).await?;
        }
        let is_tagged = self.image.tags.iter().any(|tag| tag.action == TagAction::AlreadyDone);
        if (is_judged || !self.referrers.is_empty()) && !is_tagged {
            self.put_by_digest(&self.bundle.root).await?;
        }
        for referrer in &self.referrers {
            self.referrer(referrer).await?;
        }
        Ok(())
    }

    async fn put_by_digest(&self, document: &Document) -> Result<(), Error> {
        self.stop_if_cancelled(&[])?;
        self.put(document).await.map_err(|error| self.error(error, "PutImage"))
    }

    async fn put(&self, document: &Document) -> Result<(), oci_registry::Error> {
        let reference = Reference::Digest(document.digest.clone());
        let bytes = document.bytes.clone();
        self.registry.put_manifest(self.name(), &reference, &document.media_type, bytes).await.map(drop)
    }

    /// Puts what refers to the image. ECR refuses some of it (<https://github.com/aws/containers-roadmap/issues/2783>).
    async fn referrer(&self, document: &Document) -> Result<(), Error> {
        self.stop_if_cancelled(&[])?;
        match self.put(document).await {
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
    matches!(error, oci_registry::Error::Service { status: 400..=499, .. }) && !error.is_transient()
}
