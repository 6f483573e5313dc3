//! Writing tags, each looked at again right before it is written and, where another run could have written it too, after.

use std::cell::RefCell;

use image_ref::{Digest, ImageTag, Reference};

use super::Push;
use crate::error::Error;
use crate::newest;
use crate::observe::releases_of;
use crate::outcome::{TagOutcome, TagResult};
use crate::plan::{PlannedTag, TagAction};

impl Push<'_> {
    /// Writes the tags that may move, or those that may not, in the plan's order; `written` hears of each.
    pub(super) async fn tags(&self, moving: bool, written: &RefCell<Vec<String>>) -> Result<Vec<TagOutcome>, Error> {
        let planned: Vec<&PlannedTag> = self.image.tags.iter().filter(|planned| planned.may_move == moving).collect();
        let releases = self.releases(&planned).await?;
        let mut done: Vec<TagOutcome> = Vec::new();
        for planned in planned {
            let result = match self.higher(planned, &releases) {
                Some(higher) => TagResult::Left { higher },
                None => self.tag(planned, written).await?,
            };
            if result.is_written() {
                written.borrow_mut().push(format!("`{}`", planned.tag));
            }
            done.push(TagOutcome { tag: planned.tag.clone(), result });
        }
        Ok(done)
    }

    /// The stable versions that are there by now, where one of these tags must not go back behind them.
    async fn releases(&self, planned: &[&PlannedTag]) -> Result<Vec<ImageTag>, Error> {
        let could =
            |planned: &&PlannedTag| planned.may_move && planned.action.writes() && newest::follows(&planned.tag);
        if self.image.release.is_some() && planned.iter().any(could) {
            releases_of(self.repository, self.registry).await
        } else {
            Ok(Vec::new())
        }
    }

    /// The version that another run has written since the plan was made, and that keeps the tag where it is.
    fn higher(&self, planned: &PlannedTag, releases: &[ImageTag]) -> Option<ImageTag> {
        let release = self.image.release.as_ref().filter(|_| planned.may_move && planned.action.writes())?;
        newest::higher(&planned.tag, release, releases).cloned()
    }

    /// Looks again at what was written where the registry would have let another run write too, and puts tags that follow versions right.
    pub(super) async fn confirm(&self, done: Vec<TagOutcome>) -> Result<Vec<TagOutcome>, Error> {
        let releases = self.releases_after(&done).await?;
        let confirmed = done.into_iter().map(async |outcome| {
            if let Some(result) = self.settle(&outcome, &releases).await? {
                return Ok((TagOutcome { result, ..outcome }, None));
            }
            let is_ours_to_keep = !outcome.result.is_written() || self.is_protected(&outcome.tag);
            let theirs = if is_ours_to_keep { None } else { self.other_image(&outcome.tag).await? };
            Ok::<_, Error>((outcome, theirs))
        });
        // A write that is dropped on its way would leave its tag at either image.
        let confirmed = futures::future::join_all(confirmed).await.into_iter();
        let confirmed: Vec<(TagOutcome, Option<Digest>)> = confirmed.collect::<Result<_, Error>>()?;
        let may_move = |tag: &ImageTag| self.image.tags.iter().any(|planned| planned.tag == *tag && planned.may_move);
        let settled = confirmed.into_iter().map(|(outcome, theirs)| match theirs {
            None => Ok(outcome),
            Some(by) if may_move(&outcome.tag) => Ok(TagOutcome { result: TagResult::Overtaken { by }, ..outcome }),
            Some(theirs) => Err(Error::TagRaced {
                repository: self.image.repository.to_string(),
                tag: outcome.tag.to_string(),
                ours: self.image.image.digest.clone(),
                theirs,
            }),
        });
        settled.collect()
    }

    /// Whether the repository itself lets nobody move the tag.
    pub(super) fn is_protected(&self, tag: &ImageTag) -> bool {
        !self.repository.mutability.allows_move(tag)
    }

    async fn tag(&self, planned: &PlannedTag, written: &RefCell<Vec<String>>) -> Result<TagResult, Error> {
        let (result, from) = match &planned.action {
            TagAction::AlreadyDone => return Ok(TagResult::AlreadyDone),
            TagAction::Leave { higher } => return Ok(TagResult::Left { higher: higher.clone() }),
            TagAction::Move { from } => (TagResult::Moved { from: from.clone() }, Some(from)),
            TagAction::Push => (TagResult::Pushed, None),
        };
        // A repository that lets the tag move would let us overwrite what another run has just written.
        if !self.is_protected(&planned.tag) && self.is_there(&planned.tag, from).await? {
            return Ok(TagResult::AlreadyDone);
        }
        self.stop_if_cancelled(&written.borrow())?;
        let reference = Reference::Tag(planned.tag.clone());
        let root = &self.bundle.root;
        match self.registry.put_manifest(self.name(), &reference, &root.media_type, root.bytes.clone()).await {
            Ok(_) => {
                self.session
                    .log
                    .line(format!("tag `{}:{}` -> {}", self.image.repository, planned.tag, self.image.image.digest));
                Ok(result)
            }
            // ECR refuses an immutable tag for the same digest as well.
            Err(oci_registry::Error::TagImmutable { .. } | oci_registry::Error::TagInvalid { .. })
                if self.is_there(&planned.tag, from).await? =>
            {
                Ok(TagResult::AlreadyDone)
            }
            Err(error) => Err(self.error(error, "PutImage")),
        }
    }

    pub(super) async fn head(&self, tag: &ImageTag) -> Result<Option<Digest>, Error> {
        let head = self.registry.head_manifest(self.name(), &Reference::Tag(tag.clone())).await;
        Ok(head.map_err(|error| self.error(error, "BatchGetImage"))?.map(|head| head.digest))
    }

    /// The image that the tag points at, when it is another one.
    async fn other_image(&self, tag: &ImageTag) -> Result<Option<Digest>, Error> {
        Ok(self.head(tag).await?.filter(|digest| *digest != self.image.image.digest))
    }

    /// Whether the tag points at this image by now; an error when it points at one that is neither this nor `from`, which the plan saw.
    async fn is_there(&self, tag: &ImageTag, from: Option<&Digest>) -> Result<bool, Error> {
        match self.head(tag).await? {
            None => Ok(false),
            Some(digest) if digest == self.image.image.digest => Ok(true),
            Some(digest) if Some(&digest) == from => Ok(false),
            Some(_) => Err(Error::ChangedMeanwhile { what: format!("tag `{tag}` of `{}`", self.image.repository) }),
        }
    }
}
