//! Deciding what happens to each tag. Pure.

use std::collections::BTreeMap;

use image_ref::{Digest, ImageTag, RepositoryName};
use serde::Serialize;

use crate::error::{Conflict, Error};
use crate::inputs::Inputs;
use crate::repository::{Mutability, Repository};
use crate::wildcard::Wildcard;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The image to push.
    pub image: ImageFacts,
    /// Region and account, for people.
    pub place: String,
    /// The repository; `None` when there is none.
    pub repository: Option<Repository>,
    /// Where there is none: repositories with a similar name.
    pub near: Vec<String>,
    /// What the tags that exist point at.
    pub tags: BTreeMap<ImageTag, Digest>,
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
    /// The repository's name.
    pub repository: RepositoryName,
    /// The repository, where it exists; else it is created first.
    pub existing: Option<Repository>,
    /// The registry's account, where it was named.
    pub registry_id: Option<String>,
    /// The tags that may move, for the repository that is created.
    pub mutable_tags: Vec<Wildcard>,
    /// Repositories that layers may be taken from.
    pub mount_from: Vec<RepositoryName>,
    /// The image.
    pub image: ImageFacts,
    /// The tag that was named first; the output `image` has it.
    pub first_tag: ImageTag,
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
}

impl Plan {
    /// Whether there is anything to do.
    pub fn is_done(&self) -> bool {
        self.tags.iter().all(|tag| tag.action == TagAction::AlreadyDone)
    }
}

pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    if snapshot.repository.is_none() && !inputs.create_repository {
        return Err(Error::RepositoryMissing {
            repository: inputs.repository.to_string(),
            place: snapshot.place.clone(),
            near: snapshot.near.clone(),
        });
    }
    let (Some(first_tag), tags) = (inputs.tags.first().cloned(), planned_tags(inputs, snapshot)) else {
        return Err(Error::IncompleteAnswer { operation: "PutImage", missing: "a tag" });
    };
    refuse_conflicts(inputs, snapshot, &tags)?;
    Ok(Plan {
        repository: inputs.repository.clone(),
        existing: snapshot.repository.clone(),
        registry_id: inputs.registry_id.as_ref().map(|account| account.as_str().to_owned()),
        mutable_tags: inputs.mutable_tags.clone(),
        mount_from: inputs.mount_from.clone(),
        image: snapshot.image.clone(),
        first_tag,
        tags,
    })
}

/// Every tag with what it needs, tags that stay before tags that move, each kind in the given order.
fn planned_tags(inputs: &Inputs, snapshot: &Snapshot) -> Vec<PlannedTag> {
    let mut tags: Vec<PlannedTag> = inputs
        .tags
        .iter()
        .map(|tag| PlannedTag {
            tag: tag.clone(),
            may_move: inputs.mutable_tags.iter().any(|pattern| pattern.covers(tag)),
            action: action(snapshot.tags.get(tag), &snapshot.image.digest),
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

fn refuse_conflicts(inputs: &Inputs, snapshot: &Snapshot, tags: &[PlannedTag]) -> Result<(), Error> {
    let moves = || {
        tags.iter().filter_map(|planned| match &planned.action {
            TagAction::Move { from } => Some((planned, from)),
            TagAction::Push | TagAction::AlreadyDone => None,
        })
    };
    let mut conflicts = moves()
        .filter(|(planned, _)| !planned.may_move)
        .map(|(planned, from)| Conflict { tag: planned.tag.to_string(), theirs: from.clone() });
    let (repository, ours) = (inputs.repository.to_string(), snapshot.image.digest.clone());
    if let Some(first) = conflicts.next() {
        return Err(Error::TagConflict { repository, ours, first, others: conflicts.collect() });
    }
    let mutability = snapshot.repository.as_ref().map_or(&Mutability::Mutable, |found| &found.mutability);
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
