//! What the registry already has under the tags: looked at before anything is built.

use actions_core::Session;
use image_ref::{Digest, ImageReference, Reference};
use oci_image::{Descriptor, ImageConfig, Index, Manifest, Platform, media_type};
use oci_registry::Registry;
use semver::Version;
use serde::Serialize;

use crate::context::pattern::Pattern;
use crate::embedded::base;
use crate::error::Error;
use crate::inputs::Inputs;

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
    pub(crate) mutable: Vec<Pattern>,
}

/// A tag that cannot move, as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PublishedTag {
    pub(crate) tag: String,
    pub(crate) digest: Digest,
    /// The commit that its label names.
    pub(crate) revision: Option<String>,
    /// Whether it has an image for each platform.
    pub(crate) fits: bool,
}

impl Destination {
    /// Whether `tag` is written once and never again.
    pub(crate) fn is_fixed(&self, tag: &str) -> bool {
        !self.mutable.iter().any(|pattern| pattern.matches(tag))
    }
}

/// Asks the registry about those of `tags` that cannot move.
pub(crate) async fn observe(inputs: &Inputs, tags: &[String], session: &Session) -> Result<Vec<PublishedTag>, Error> {
    let Some(destination) = inputs.destination.as_ref().filter(|own| own.if_exists != IfExists::Build) else {
        return Ok(Vec::new());
    };
    let look = Look { destination, inputs, client: client(destination, inputs, session)? };
    let mut found = Vec::new();
    for tag in tags.iter().filter(|tag| destination.is_fixed(tag)) {
        found.extend(look.tag(tag).await?);
    }
    Ok(found)
}

/// The highest stable version among the registry's tags; `None` where there is none, or the registry is not asked.
pub(crate) async fn highest_stable(inputs: &Inputs, session: &Session) -> Result<Option<Version>, Error> {
    let Some(destination) = inputs.destination.as_ref().filter(|own| own.if_exists != IfExists::Build) else {
        return Ok(None);
    };
    let client = client(destination, inputs, session)?;
    let tags = client.tags(&destination.repository.repository).await.map_err(|source| failed(destination, source))?;
    Ok(stable(&tags).max())
}

/// The stable versions among `tags`.
fn stable(tags: &[String]) -> impl Iterator<Item = Version> {
    let version = |tag: &String| Version::parse(&tag.replace('_', "+")).ok();
    tags.iter().filter_map(version).filter(image_ref::is_stable)
}

fn client(destination: &Destination, inputs: &Inputs, session: &Session) -> Result<Registry, Error> {
    let host = destination.repository.registry.as_ref().map(ToString::to_string).unwrap_or_default();
    base::client(&host, inputs, session).map_err(|source| failed(destination, source))
}

fn failed(destination: &Destination, source: oci_registry::Error) -> Error {
    Error::RegistryLook { repository: destination.repository.to_string(), source: Box::new(source) }
}

struct Look<'a> {
    destination: &'a Destination,
    inputs: &'a Inputs,
    client: Registry,
}

impl Look<'_> {
    /// What is under `tag`; `None` when nothing is.
    async fn tag(&self, tag: &str) -> Result<Option<PublishedTag>, Error> {
        let failed = |source| failed(self.destination, source);
        let repository = &self.destination.repository.repository;
        let reference = Reference::parse(tag).map_err(|_| self.unreadable(tag))?;
        let mut manifest = match self.client.get_manifest(repository, &reference).await {
            Ok(manifest) => manifest,
            Err(oci_registry::Error::ManifestUnknown { .. } | oci_registry::Error::NameUnknown { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(failed(error)),
        };
        let digest = manifest.digest.clone();
        let published = |revision, fits| PublishedTag { tag: tag.to_owned(), digest: digest.clone(), revision, fits };
        let is_index = media_type::is_index(&manifest.media_type);
        if is_index {
            let index = Index::parse(&manifest.bytes).map_err(|_| self.unreadable(tag))?;
            let platforms = &self.inputs.platforms;
            let children: Vec<_> = platforms.iter().filter_map(|platform| child(&index.manifests, platform)).collect();
            let (Some(first), true) = (children.first(), children.len() == platforms.len()) else {
                return Ok(Some(published(None, false)));
            };
            let child = Reference::Digest(first.digest.clone());
            manifest = self.client.get_manifest(repository, &child).await.map_err(failed)?;
        }
        let config = Manifest::parse(&manifest.bytes).map_err(|_| self.unreadable(tag))?.config;
        if config.size > oci_image::DOCUMENT_LIMIT {
            return Err(self.unreadable(tag));
        }
        let mut bytes = Vec::new();
        self.client.pull_blob(repository, &config.digest, config.size, &mut bytes).await.map_err(failed)?;
        // What is no image (a chart, a signature) has no such label either.
        let config = ImageConfig::parse(&bytes).unwrap_or_default();
        let labels = config.config.unwrap_or_default().labels;
        let is_for = |platform: &Platform| config.os == platform.os && config.architecture == platform.architecture;
        let fits = is_index || matches!(self.inputs.platforms.as_slice(), [only] if is_for(only));
        Ok(Some(published(labels.get(REVISION).cloned(), fits)))
    }

    fn unreadable(&self, tag: &str) -> Error {
        failed(
            self.destination,
            oci_registry::Error::BadAnswer {
                registry: self.destination.repository.registry.as_ref().map(ToString::to_string).unwrap_or_default(),
                problem: format!("what is under the tag `{tag}` cannot be read"),
            },
        )
    }
}

fn child<'a>(manifests: &'a [Descriptor], platform: &Platform) -> Option<&'a Descriptor> {
    manifests.iter().find(|entry| entry.platform.as_ref().is_some_and(|own| own.fits(platform)))
}

/// The image that need not be built again: the one of this commit under the first of the tags that cannot move.
pub(crate) fn existing(
    destination: &Destination,
    published: &[PublishedTag],
    tags: &[String],
    revision: Option<&str>,
) -> Result<Option<Digest>, Error> {
    let taken = |published: &PublishedTag, why: String| Error::TagTaken {
        image: format!("{}:{}", destination.repository, published.tag),
        why,
    };
    for own in published {
        let why = match (destination.if_exists, own.revision.as_deref(), revision) {
            (IfExists::Build, ..) => return Ok(None),
            (IfExists::Fail, ..) => "`if-exists` is `fail`".to_owned(),
            (IfExists::Skip, Some(theirs), Some(ours)) if theirs == ours && own.fits => continue,
            (IfExists::Skip, Some(theirs), Some(ours)) if theirs == ours => {
                "it is of this commit, and has no image for each of the platforms".to_owned()
            }
            (IfExists::Skip, Some(theirs), Some(ours)) => format!("it is of commit {theirs}, and this is {ours}"),
            (IfExists::Skip, Some(theirs), None) => format!("it is of commit {theirs}, and this commit is not known"),
            (IfExists::Skip, None, _) => format!("it has no label `{REVISION}` that says of which commit it is"),
        };
        return Err(taken(own, why));
    }
    let first = tags.iter().find(|tag| destination.is_fixed(tag));
    Ok(published.iter().find(|own| Some(&own.tag) == first).map(|own| own.digest.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::pattern::Globstar;

    fn destination(if_exists: IfExists) -> Destination {
        let mutable = vec![
            Pattern::new("*-SNAPSHOT", Globstar::Stays).unwrap(),
            Pattern::new("latest", Globstar::Stays).unwrap(),
        ];
        Destination { repository: ImageReference::parse("localhost:5000/shop").unwrap(), if_exists, mutable }
    }

    fn tag(name: &str, revision: Option<&str>, fits: bool) -> PublishedTag {
        let digest = Digest::of(name.as_bytes());
        PublishedTag { tag: name.to_owned(), digest, revision: revision.map(str::to_owned), fits }
    }

    /// Whether the build is skipped, or what the error says.
    #[track_caller]
    fn check(if_exists: IfExists, published: &[PublishedTag], ours: Option<&str>, expect: Result<bool, &str>) {
        let tags = ["1.0.0", "1.0", "latest"].map(str::to_owned);
        match (existing(&destination(if_exists), published, &tags, ours), expect) {
            (Ok(found), Ok(skipped)) => assert_eq!(found.is_some(), skipped),
            (Err(error), Err(words)) => {
                let why = actions_core::ActionError::why(&error).unwrap();
                assert!(why.contains(words), "{why}");
                assert_eq!(miette::Diagnostic::code(&error).unwrap().to_string(), "build-and-tag/tag-taken");
            }
            (found, expect) => panic!("{found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn nothing_is_built_that_is_there_from_this_commit() {
        let own = || tag("1.0.0", Some("c0ffee"), true);
        check(IfExists::Skip, &[], Some("c0ffee"), Ok(false));
        check(IfExists::Skip, &[own()], Some("c0ffee"), Ok(true));
        check(IfExists::Build, &[own()], Some("other"), Ok(false));
        check(IfExists::Fail, &[own()], Some("c0ffee"), Err("`if-exists`"));
        check(IfExists::Skip, &[tag("1.0", Some("c0ffee"), true)], Some("c0ffee"), Ok(false));
    }

    #[test]
    fn an_image_of_another_or_an_unknown_commit_is_never_taken_for_this_one() {
        let theirs = || tag("1.0.0", Some("beef"), true);
        check(IfExists::Skip, &[theirs()], Some("c0ffee"), Err("of commit beef, and this is c0ffee"));
        check(IfExists::Skip, &[theirs()], None, Err("not known"));
        check(IfExists::Skip, &[tag("1.0.0", None, true)], Some("c0ffee"), Err("has no label"));
        check(IfExists::Skip, &[tag("1.0.0", Some("c0ffee"), false)], Some("c0ffee"), Err("no image for each"));
        check(
            IfExists::Skip,
            &[tag("1.0.0", Some("c0ffee"), true), tag("1.0", Some("beef"), true)],
            Some("c0ffee"),
            Err("beef"),
        );
    }

    #[test]
    fn the_highest_of_the_registry_s_tags_is_a_stable_version() {
        let tags = ["latest", "1.9.0", "1.10.0", "2.0.0-rc.1", "3.0.0-x-SNAPSHOT", "v4.0.0", "1.10.0_5", "sha-1"];
        let tags = tags.map(str::to_owned);
        assert_eq!(stable(&tags).max().unwrap().to_string(), "1.10.0+5");
        assert_eq!(stable(&tags[..1]).max(), None);
    }

    #[test]
    fn tags_that_may_move_are_not_looked_at() {
        let destination = destination(IfExists::Skip);
        assert!(
            !destination.is_fixed("1.1.0-SNAPSHOT") && !destination.is_fixed("latest") && destination.is_fixed("1.0.0")
        );
    }
}
