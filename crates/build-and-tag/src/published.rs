//! What the registry already has under the tags, and what that means for a build.

use ecr::{Mutability, Wildcard};
use image_ref::{Digest, EcrRegistry, ImageReference, ImageTag};
use serde::Serialize;

use crate::error::Error;

mod look;

pub(crate) use look::{highest_stable, observe};

/// The label of the commit an image was made from.
pub(crate) const REVISION: &str = "org.opencontainers.image.revision";

/// The label of the version that an image is.
pub(crate) const VERSION: &str = "org.opencontainers.image.version";

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
    /// The version that its label names, in the same way.
    pub(crate) version: Option<String>,
    /// Whether it is an image, or has one, for each platform.
    pub(crate) fits: bool,
}

/// What the image of this run would be called and labeled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) tags: &'a [String],
    /// The commit; `None` where it is not known.
    pub(crate) revision: Option<&'a str>,
    /// The version that its label would name; `None` where only a build can tell.
    pub(crate) version: Option<&'a str>,
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

/// The image that need not be built again: the one of this commit that every tag which cannot move is at, or can still be written to.
///
/// Where such a tag is missing, building would not help: the others cannot move to what is built. A push writes the first of them first, so
/// where that is there, a push was cut short, and `ecr-push` gives the missing one to the image that is there, unless that says of itself to
/// be another version. Where the first is missing the others may be another image's of the same commit: of another Dockerfile, or target.
pub(crate) fn existing(
    destination: &Destination,
    published: &Published,
    wanted: Wanted<'_>,
) -> Result<Option<Digest>, Error> {
    let mutability = published.mutability.as_ref();
    let refused = |own: &PublishedTag, why: String| {
        let image = format!("{}:{}", destination.repository, own.tag);
        match mutability.filter(|_| destination.is_held(&own.tag, mutability)) {
            Some(rules) => Error::RepositoryImmutable { image, setting: rules.name(), why },
            None => Error::TagTaken { image, why },
        }
    };
    for own in &published.tags {
        let why = match destination.if_exists {
            IfExists::Build => return Ok(None),
            IfExists::Fail => Some("`if-exists` is `fail`".to_owned()),
            IfExists::Skip => foreign(own, wanted.revision),
        };
        if let Some(why) = why {
            return Err(refused(own, why));
        }
    }
    let Some(first) = published.tags.first() else { return Ok(None) };
    if let Some(other) = published.tags.iter().find(|own| own.digest != first.digest) {
        return Err(refused(other, format!("it is of this commit, and another image than `{}`", first.tag)));
    }
    let in_order = pushed_in_order(destination, wanted.tags, mutability);
    let is_there = |tag: &str| published.tags.iter().any(|own| own.tag == *tag);
    let Some(at) = in_order.iter().position(|tag| !is_there(tag)) else { return Ok(Some(first.digest.clone())) };
    let missing = in_order[at];
    let why = match (first.version.as_deref(), wanted.version) {
        (Some(theirs), Some(ours)) if theirs != ours => {
            format!("it is of version `{theirs}`, and `{missing}` would be version `{ours}`")
        }
        _ if at == 0 => format!(
            "`{missing}`, which is pushed first, is not there: no push of it was cut short, and several images can be made of one commit"
        ),
        _ => return Ok(Some(first.digest.clone())),
    };
    let image = format!("{}:{}", destination.repository, first.tag);
    Err(Error::OtherImage { image, missing: missing.to_owned(), why })
}

/// The tags that cannot move, in the order in which `ecr-push` writes them: those that only the repository holds come after the others.
fn pushed_in_order<'a>(destination: &Destination, tags: &'a [String], mutability: Option<&Mutability>) -> Vec<&'a str> {
    let (fixed, moving): (Vec<&str>, Vec<&str>) =
        tags.iter().map(String::as_str).partition(|tag| destination.is_fixed(tag));
    fixed.into_iter().chain(moving.into_iter().filter(|tag| destination.is_held(tag, mutability))).collect()
}

/// Why `own` is not the image of this commit; `None` where it is.
fn foreign(own: &PublishedTag, revision: Option<&str>) -> Option<String> {
    match (own.revision.as_deref(), revision) {
        (Some(theirs), Some(ours)) if theirs == ours => {
            (!own.fits).then(|| "it is of this commit, and not an image for each of the platforms".to_owned())
        }
        (Some(theirs), Some(ours)) => Some(format!("it is of commit {theirs}, and this is {ours}")),
        (Some(theirs), None) => Some(format!("it is of commit {theirs}, and this commit is not known")),
        (None, _) => Some(format!("it has no label `{REVISION}` that says of which commit it is")),
    }
}

#[cfg(test)]
mod tests;
