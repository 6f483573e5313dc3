//! Deciding what happens to each image and each of its tags. Pure.

use std::collections::BTreeMap;

use ecr::{Mutability, Repository, Wildcard};
use image_ref::{Digest, ImageReference, ImageTag, RepositoryName};
use serde::Serialize;

use crate::error::{Conflict, Error, SourceError};
use crate::gate::Gate;
use crate::inputs::{ImageInputs, Inputs};
use crate::new_repository::NewRepository;
use crate::newest::{self, MovingTags};
use crate::origin::ReferrerRule;
use crate::source::Source;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Each image, in the order of the inputs.
    pub images: Vec<ImageSnapshot>,
    /// Region and account, for people.
    pub place: String,
}

/// What was seen of one image and of its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSnapshot {
    /// The image to push.
    pub facts: ImageFacts,
    /// The labels of its images, where they are asked for.
    pub labels: Vec<BTreeMap<String, String>>,
    /// Its name in the registry it comes from.
    pub origin: Option<ImageReference>,
    /// The repository; `None` when there is none.
    pub repository: Option<Repository>,
    /// Where there is none: repositories with a similar name.
    pub near: Vec<String>,
    /// What the tags that exist point at.
    pub tags: BTreeMap<ImageTag, Digest>,
    /// What the image says of itself that a tag which cannot move points at, for people; `None` where there is none, or it cannot be read.
    pub occupant: Option<String>,
    /// The versions that the repository has; none where they do not count ([`guarded`]).
    pub releases: Vec<ImageTag>,
    /// What refers to the image; `None` where it is not to be copied.
    pub referrers: Option<ReferrerFacts>,
    /// Whether the lifecycle policy, where one is given, is still to be written.
    pub lacks_policy: bool,
}

/// What is to know about what refers to an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReferrerFacts {
    /// How many manifests refer to it.
    pub count: usize,
    /// Those that the repository does not have.
    pub missing: Vec<Digest>,
}

/// What is to know about the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageFacts {
    /// The digest of the manifest or index.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// How many images it holds; more than one for an index.
    pub images: usize,
    /// How many blobs it has.
    pub blobs: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// What will be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What will be done with each image, in the order of the inputs.
    pub images: Vec<ImagePlan>,
    /// The registry's account, where it was named.
    pub registry_id: Option<String>,
    /// What repositories that are missing are created as.
    pub new_repository: Option<NewRepository>,
    /// The tags that may move, for repositories that are created.
    pub mutable_tags: Vec<Wildcard>,
    /// Repositories that layers may be taken from.
    pub mount_from: Vec<RepositoryName>,
    /// What an image has to show before it gets a tag.
    pub gate: Option<Gate>,
}

/// What will be done with one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImagePlan {
    /// The repository's name.
    pub repository: RepositoryName,
    /// The repository, where it exists; else it is created first.
    pub existing: Option<Repository>,
    /// The image.
    pub image: ImageFacts,
    /// The image's name in the registry that it comes from, by its digest.
    pub origin: Option<ImageReference>,
    /// Whether it is the repository's own: then only tags are written.
    pub is_there: bool,
    /// The lifecycle policy that its repository gets.
    pub lifecycle_policy: Option<String>,
    /// A repository of the same registry that has all of it.
    pub mount_from: Option<RepositoryName>,
    /// What refers to it, where that is to be copied.
    pub referrers: Option<ReferrerFacts>,
    /// Whether what refers to it has to be taken by the registry.
    pub needs_referrers: bool,
    /// The tag that was named first; the output `image` has it.
    pub first_tag: ImageTag,
    /// The tag of its own whose version tags follow; `None` where there is none, or tags may go back to a lower version.
    pub release: Option<ImageTag>,
    /// The tags in the order of writing: those that stay, then those that move.
    pub tags: Vec<PlannedTag>,
}

/// What will be done to one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedTag {
    /// The tag.
    pub tag: ImageTag,
    /// Whether it may be moved, now or later.
    pub may_move: bool,
    /// What will be done.
    #[serde(flatten)]
    pub action: TagAction,
}

/// What a tag needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum TagAction {
    /// It does not exist.
    Push,
    /// It points at another image and may move.
    Move {
        /// The digest it points at.
        from: Digest,
    },
    /// It points at this image.
    AlreadyDone,
    /// It stays where it is: the repository has a higher version.
    Leave {
        /// The highest one.
        higher: ImageTag,
    },
}

impl Plan {
    /// Whether there is anything to do.
    pub fn is_done(&self) -> bool {
        self.images.iter().all(ImagePlan::is_done)
    }
}

impl ImagePlan {
    /// Whether there is anything to do.
    pub fn is_done(&self) -> bool {
        let is_complete = self.referrers.as_ref().is_none_or(|referrers| referrers.missing.is_empty());
        is_complete && self.lifecycle_policy.is_none() && self.tags.iter().all(|tag| !tag.action.writes())
    }
}

impl TagAction {
    /// Whether the tag is written.
    pub const fn writes(&self) -> bool {
        match self {
            Self::Push | Self::Move { .. } => true,
            Self::AlreadyDone | Self::Leave { .. } => false,
        }
    }
}

/// The tags of an image that must not go back to it from a higher version; none where it is no version that tags follow.
pub(crate) fn guarded<'a>(inputs: &'a Inputs, wanted: &'a ImageInputs) -> impl Iterator<Item = &'a ImageTag> {
    let is_release = release(inputs, wanted).is_some();
    wanted.tags.iter().filter(move |tag| is_release && may_move(inputs, tag) && newest::follows(tag))
}

/// The version that the image is, where tags must not go back: among its tags, else by the tag that it is taken by.
fn release<'a>(inputs: &Inputs, wanted: &'a ImageInputs) -> Option<&'a ImageTag> {
    let source = match &wanted.source {
        Source::Registry(image) | Source::Daemon(image) => image.tag.as_slice(),
        Source::Layout(_) | Source::Archive(_) | Source::Path(_) => &[],
    };
    let moving: Vec<&ImageTag> = wanted.tags.iter().filter(|tag| may_move(inputs, tag)).collect();
    let release = newest::release(&wanted.tags, &moving).or_else(|| newest::release(source, &moving));
    release.filter(|_| inputs.moving_tags == MovingTags::Forward)
}

/// The first image that is in the way: a tag that cannot move points at it.
pub(crate) fn occupant<'a>(
    inputs: &Inputs,
    wanted: &ImageInputs,
    ours: &Digest,
    tags: &'a BTreeMap<ImageTag, Digest>,
) -> Option<&'a Digest> {
    let fixed = wanted.tags.iter().filter(|tag| !may_move(inputs, tag));
    fixed.filter_map(|tag| tags.get(tag)).find(|theirs| *theirs != ours)
}

fn may_move(inputs: &Inputs, tag: &ImageTag) -> bool {
    inputs.mutable_tags.iter().any(|pattern| pattern.covers(tag))
}

pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    let images = inputs.images.iter().zip(&snapshot.images);
    let images = images.map(|(wanted, seen)| image(inputs, wanted, seen, &snapshot.place)).collect::<Result<_, _>>()?;
    Ok(Plan {
        images,
        registry_id: inputs.registry_id.as_ref().map(|account| account.as_str().to_owned()),
        new_repository: inputs.new_repository.clone(),
        mutable_tags: inputs.mutable_tags.clone(),
        mount_from: inputs.mount_from.clone(),
        gate: inputs.gate.clone(),
    })
}

fn image(inputs: &Inputs, wanted: &ImageInputs, seen: &ImageSnapshot, place: &str) -> Result<ImagePlan, Error> {
    if seen.repository.is_none() && inputs.new_repository.is_none() {
        return Err(Error::RepositoryMissing {
            repository: wanted.repository.to_string(),
            place: place.to_owned(),
            near: seen.near.clone(),
            why: wanted.registry.missing(),
        });
    }
    check(inputs, seen)?;
    let (Some(first_tag), tags) = (wanted.tags.first().cloned(), planned_tags(inputs, wanted, seen)) else {
        return Err(Error::IncompleteAnswer { service: "ecr", operation: "PutImage", missing: "a tag" });
    };
    refuse_conflicts(wanted, seen, &tags)?;
    let (existing, origin) = (seen.repository.as_ref(), seen.origin.as_ref());
    let is_there = existing.zip(origin).is_some_and(|(existing, origin)| existing.is_place_of(origin));
    let mount_from = existing.zip(origin).filter(|(existing, origin)| existing.is_in_registry_of(origin));
    let lifecycle_policy = inputs.new_repository.as_ref().and_then(|new| new.lifecycle_policy.clone());
    let by_digest = |origin: &ImageReference| ImageReference {
        tag: None,
        digest: Some(seen.facts.digest.clone()),
        ..origin.clone()
    };
    Ok(ImagePlan {
        repository: wanted.repository.clone(),
        existing: seen.repository.clone(),
        image: seen.facts.clone(),
        origin: origin.map(by_digest),
        lifecycle_policy: lifecycle_policy.filter(|_| seen.lacks_policy),
        is_there,
        mount_from: mount_from.map(|(_, origin)| origin.repository.clone()).filter(|_| !is_there),
        referrers: seen.referrers.clone(),
        needs_referrers: inputs.origin.referrers == ReferrerRule::Require,
        first_tag,
        release: release(inputs, wanted).cloned(),
        tags,
    })
}

/// Refuses an image that is not the one that was meant.
fn check(inputs: &Inputs, seen: &ImageSnapshot) -> Result<(), Error> {
    let image = || seen.origin.as_ref().map_or_else(|| seen.facts.digest.to_string(), ToString::to_string);
    if let Some(expected) = inputs.checks.digest.as_ref().filter(|expected| **expected != seen.facts.digest) {
        let (expected, found) = (expected.clone(), seen.facts.digest.clone());
        return Err(SourceError::UnexpectedDigest { image: image(), expected, found }.into());
    }
    for (name, wanted) in &inputs.checks.labels {
        // What has no image has no label either.
        let labels: Vec<Option<&String>> = seen.labels.iter().map(|labels| labels.get(name)).collect();
        let differing =
            labels.iter().copied().find(|found| *found != Some(wanted)).or(labels.is_empty().then_some(None));
        if let Some(found) = differing {
            let found = found.cloned();
            return Err(SourceError::LabelMismatch {
                image: image(),
                name: name.clone(),
                wanted: wanted.clone(),
                found,
            }
            .into());
        }
    }
    let has_none = seen.referrers.as_ref().is_some_and(|referrers| referrers.count == 0);
    if inputs.origin.referrers == ReferrerRule::Require && has_none {
        return Err(SourceError::ReferrersMissing { image: image() }.into());
    }
    Ok(())
}

/// Every tag with what it needs, tags that stay before tags that move, each kind in the given order.
fn planned_tags(inputs: &Inputs, wanted: &ImageInputs, seen: &ImageSnapshot) -> Vec<PlannedTag> {
    let mut tags: Vec<PlannedTag> = wanted
        .tags
        .iter()
        .map(|tag| {
            let may_move = may_move(inputs, tag);
            let action = action(seen.tags.get(tag), &seen.facts.digest);
            let higher = release(inputs, wanted).and_then(|release| newest::higher(tag, release, &seen.releases));
            let action = match higher.filter(|_| may_move && action.writes()) {
                Some(higher) => TagAction::Leave { higher: higher.clone() },
                None => action,
            };
            PlannedTag { tag: tag.clone(), may_move, action }
        })
        .collect();
    tags.sort_by_key(|tag| tag.may_move);
    tags
}

fn action(theirs: Option<&Digest>, ours: &Digest) -> TagAction {
    match theirs {
        None => TagAction::Push,
        Some(digest) if digest == ours => TagAction::AlreadyDone,
        Some(digest) => TagAction::Move { from: digest.clone() },
    }
}

fn refuse_conflicts(wanted: &ImageInputs, seen: &ImageSnapshot, tags: &[PlannedTag]) -> Result<(), Error> {
    let moves = || {
        tags.iter().filter_map(|planned| match &planned.action {
            TagAction::Move { from } => Some((planned, from)),
            TagAction::Push | TagAction::AlreadyDone | TagAction::Leave { .. } => None,
        })
    };
    let mut conflicts = moves()
        .filter(|(planned, _)| !planned.may_move)
        .map(|(planned, from)| Conflict { tag: planned.tag.to_string(), theirs: from.clone() });
    let (repository, ours) = (wanted.repository.to_string(), seen.facts.digest.clone());
    if let Some(first) = conflicts.next() {
        let occupant = seen.occupant.clone();
        return Err(Error::TagConflict { repository, ours, first, others: conflicts.collect(), occupant });
    }
    let mutability = seen.repository.as_ref().map_or(&Mutability::Mutable, |found| &found.mutability);
    match moves().find(|(planned, _)| !mutability.allows_move(&planned.tag)) {
        Some((planned, from)) => Err(Error::RepositoryImmutable {
            repository,
            setting: mutability.name(),
            tag: planned.tag.to_string(),
            ours,
            theirs: from.clone(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
