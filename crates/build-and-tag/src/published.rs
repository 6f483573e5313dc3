//! What the registry already has under the tags, and what that means for a build.

use ecr::{Mutability, Wildcard};
use image_ref::{Digest, EcrRegistry, ImageReference, ImageTag};
use serde::Serialize;

use crate::error::Error;

mod look;

pub(crate) use look::{highest_stable, observe};

/// The label of the commit an image was made from.
pub(crate) const REVISION: &str = "org.opencontainers.image.revision";

/// What becomes of a run whose image is in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum IfExists {
    /// Nothing is built when the image is of this commit; else the run fails.
    Skip,
    /// The run fails.
    Fail,
    /// The image is built all the same.
    Build,
}

/// Where the image will be pushed, and what is to be made of what is there.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    /// The repository, with its registry.
    pub(crate) repository: ImageReference,
    pub(crate) if_exists: IfExists,
    /// The tags that may move to another image.
    pub(crate) mutable: Vec<Wildcard>,
}

/// What was found in the registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Published {
    /// What the repository lets its tags do; `None` where nobody tells: it is none of ECR's, or it does not exist.
    pub(crate) mutability: Option<Mutability>,
    /// The tags that cannot move and are there.
    pub(crate) tags: Vec<PublishedTag>,
}

/// A tag that cannot move, as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PublishedTag {
    pub(crate) tag: String,
    pub(crate) digest: Digest,
    /// The commit that its label names; of several platforms the one that all name.
    pub(crate) revision: Option<String>,
    /// Whether it is an image, or has one, for each platform.
    pub(crate) fits: bool,
}

impl Destination {
    /// The registry, where it is a private one of ECR.
    pub(crate) fn ecr(&self) -> Option<EcrRegistry> {
        EcrRegistry::parse(self.repository.registry.as_ref()?.as_str()).ok()
    }

    /// Whether `tag` is written once and never again, as far as `mutable-tags` goes.
    fn is_fixed(&self, tag: &str) -> bool {
        !ImageTag::parse(tag).is_ok_and(|tag| self.mutable.iter().any(|pattern| pattern.covers(&tag)))
    }

    /// Whether the repository alone keeps `tag` from moving.
    fn is_held(&self, tag: &str, mutability: Option<&Mutability>) -> bool {
        let allows = |rules: &Mutability| ImageTag::parse(tag).is_ok_and(|tag| rules.allows_move(&tag));
        !self.is_fixed(tag) && mutability.is_some_and(|rules| !allows(rules))
    }

    /// Whether `tag` cannot move to another image, by `mutable-tags` or by the repository's own rules.
    pub(crate) fn stays(&self, tag: &str, mutability: Option<&Mutability>) -> bool {
        self.is_fixed(tag) || self.is_held(tag, mutability)
    }
}

/// The image that need not be built again: the one of this commit under the first of the tags that cannot move.
pub(crate) fn existing(
    destination: &Destination,
    published: &Published,
    tags: &[String],
    revision: Option<&str>,
) -> Result<Option<Digest>, Error> {
    let mutability = published.mutability.as_ref();
    for own in &published.tags {
        let why = match (destination.if_exists, own.revision.as_deref(), revision) {
            (IfExists::Build, ..) => return Ok(None),
            (IfExists::Fail, ..) => "`if-exists` is `fail`".to_owned(),
            (IfExists::Skip, Some(theirs), Some(ours)) if theirs == ours && own.fits => continue,
            (IfExists::Skip, Some(theirs), Some(ours)) if theirs == ours => {
                "it is of this commit, and not an image for each of the platforms".to_owned()
            }
            (IfExists::Skip, Some(theirs), Some(ours)) => format!("it is of commit {theirs}, and this is {ours}"),
            (IfExists::Skip, Some(theirs), None) => format!("it is of commit {theirs}, and this commit is not known"),
            (IfExists::Skip, None, _) => format!("it has no label `{REVISION}` that says of which commit it is"),
        };
        let image = format!("{}:{}", destination.repository, own.tag);
        return Err(match mutability.filter(|_| destination.is_held(&own.tag, mutability)) {
            Some(rules) => Error::RepositoryImmutable { image, setting: rules.name(), why },
            None => Error::TagTaken { image, why },
        });
    }
    let first = tags.iter().find(|tag| destination.stays(tag, mutability));
    Ok(published.tags.iter().find(|own| Some(&own.tag) == first).map(|own| own.digest.clone()))
}

#[cfg(test)]
mod tests;
