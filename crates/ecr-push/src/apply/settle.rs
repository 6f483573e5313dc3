//! Two releases at once: a tag such as `latest` stays with the higher version, whoever writes it last.
//!
//! Each run writes its version before the tags that follow versions, and lists the versions once more after it wrote them. So of two runs
//! the one that wrote such a tag last finds the other's version in the list, and the tag goes to the highest one, whoever wrote it. A tag
//! that anything else wrote in that moment goes there too: which of the two writes came first cannot be told.

use image_ref::{ImageTag, Reference};
use oci_registry::Manifest;

use super::Push;
use crate::error::Error;
use crate::newest;
use crate::observe::releases_of;
use crate::outcome::{TagOutcome, TagResult};

/// How often a tag is looked at anew before this run gives up.
const ROUNDS: usize = 4;

impl Push<'_> {
    /// The stable version that keeps `tag` from going back, where it follows versions and is ours to move.
    fn guarding(&self, outcome: &TagOutcome) -> Option<&ImageTag> {
        let may_move = self.image.tags.iter().any(|planned| planned.tag == outcome.tag && planned.may_move);
        let is_free = outcome.result.is_written() && !self.is_protected(&outcome.tag);
        self.image.release.as_ref().filter(|_| may_move && is_free && newest::follows(&outcome.tag))
    }

    /// The versions that are there after tags were written; nothing where none of them follows versions.
    pub(super) async fn releases_after(&self, done: &[TagOutcome]) -> Result<Vec<ImageTag>, Error> {
        if done.iter().any(|outcome| self.guarding(outcome).is_some()) {
            releases_of(self.repository, self.registry).await
        } else {
            Ok(Vec::new())
        }
    }

    /// What became of a tag that follows versions, put right where two runs crossed; `None` where it follows none. `releases` are those that
    /// were there after it was written.
    pub(super) async fn settle(&self, outcome: &TagOutcome, releases: &[ImageTag]) -> Result<Option<TagResult>, Error> {
        let Some(release) = self.guarding(outcome) else { return Ok(None) };
        let tag = &outcome.tag;
        let mut seen = self.head(tag).await?;
        // A higher version that is not in the list writes the tag after us.
        if seen.as_ref() == Some(&self.image.image.digest) && newest::higher(tag, release, releases).is_none() {
            return Ok(Some(outcome.result.clone()));
        }
        for _ in 0..ROUNDS {
            let releases = releases_of(self.repository, self.registry).await?;
            let highest = newest::higher(tag, release, &releases);
            let (media_type, bytes, digest) = match highest {
                None => {
                    let root = &self.bundle.root;
                    (root.media_type.clone(), root.bytes.clone(), root.digest.clone())
                }
                Some(higher) => {
                    let Manifest { digest, media_type, bytes } = self.image_of(higher).await?;
                    (media_type, bytes, digest)
                }
            };
            if seen.as_ref() == Some(&digest) {
                let result =
                    highest.map_or_else(|| outcome.result.clone(), |higher| TagResult::Left { higher: higher.clone() });
                return Ok(Some(result));
            }
            self.session.log.line(format!("tag `{tag}` of another run is put to `{}`", digest.short()));
            let put = self.registry.put_manifest(self.name(), &Reference::Tag(tag.clone()), &media_type, bytes).await;
            put.map_err(|error| self.error(error, "PutImage"))?;
            self.session.log.warning(format!(
                "another run wrote to repository `{}` at the same time: `{tag}` is at `{}` now ({}), whose version is the highest; give the \
                 jobs one `concurrency` group",
                self.image.repository,
                highest.unwrap_or(release),
                digest.short()
            ));
            seen = self.head(tag).await?;
        }
        Err(Error::ChangedMeanwhile { what: format!("tag `{tag}` of `{}`", self.image.repository) })
    }

    async fn image_of(&self, version: &ImageTag) -> Result<Manifest, Error> {
        let manifest = self.registry.get_manifest(self.name(), &Reference::Tag(version.clone())).await;
        manifest.map_err(|error| self.error(error, "BatchGetImage"))
    }
}
