//! Looking at the registry: the repository's rules, and the tags that cannot move.

use std::collections::{BTreeMap, BTreeSet};

use actions_core::Session;
use ecr::{Mutability, PrivateRegistry};
use image_ref::{Digest, EcrRegistry, Reference, is_stable, tag_version};
use oci_image::{Descriptor, ImageConfig, Manifest, Platform, media_type};
use oci_registry::Registry;
use semver::Version;

use super::{Destination, Published, PublishedTag, REVISION, VERSION};
use crate::clients::Clients;
use crate::error::Error;
use crate::index::{self, Unreadable};
use crate::inputs::Inputs;

/// The operations that ECR checks for what is read of its registry
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>).
const READ_MANIFEST: &str = "BatchGetImage";
const READ_BLOB: &str = "GetDownloadUrlForLayer";
const LIST_TAGS: &str = "ListImages";

/// Asks the registry about those of `tags` that cannot move.
pub(crate) async fn observe(
    inputs: &Inputs,
    tags: &[String],
    clients: &Clients,
    session: &Session,
) -> Result<Published, Error> {
    let Some(destination) = inputs.asked() else { return Ok(Published::default()) };
    let look = Look::new(destination, inputs, clients, session).await?;
    let mutability = look.mutability(clients, session).await?;
    let mut found = Vec::new();
    for tag in tags.iter().filter(|tag| destination.stays(tag, mutability.as_ref())) {
        found.extend(look.tag(tag).await?);
    }
    Ok(Published { mutability, tags: found })
}

/// The highest stable version among the registry's tags; `None` where there is none, or the registry is not asked.
pub(crate) async fn highest_stable(
    inputs: &Inputs,
    clients: &Clients,
    session: &Session,
) -> Result<Option<Version>, Error> {
    let Some(destination) = inputs.asked() else { return Ok(None) };
    let look = Look::new(destination, inputs, clients, session).await?;
    let tags = look.client.tags(&destination.repository.repository).await.map_err(|error| match error {
        oci_registry::Error::BadAnswer { .. } => {
            Error::VersionsUnknown { repository: destination.repository.to_string(), source: Box::new(error) }
        }
        error => look.failed(error, LIST_TAGS),
    })?;
    Ok(stable(&tags).max())
}

/// The stable versions among `tags`.
pub(super) fn stable(tags: &[String]) -> impl Iterator<Item = Version> {
    tags.iter().filter_map(|tag| tag_version(tag)).filter(is_stable)
}

struct Look<'a> {
    destination: &'a Destination,
    inputs: &'a Inputs,
    client: Registry,
    /// The registry, where it is a private one of ECR.
    ecr: Option<EcrRegistry>,
}

impl<'a> Look<'a> {
    async fn new(
        destination: &'a Destination,
        inputs: &'a Inputs,
        clients: &Clients,
        session: &Session,
    ) -> Result<Self, Error> {
        let failed = |source| registry_look(destination, source);
        let ecr = destination.ecr();
        // Whoever is asked for the repository's rules is asked for the password too: Docker may have an old one.
        let client = if let Some(registry) = &ecr {
            clients.ecr(registry, session, failed).await?
        } else {
            let host = destination.repository.registry.as_ref().map(ToString::to_string).unwrap_or_default();
            clients.registry(&host, session, failed).await?
        };
        Ok(Self { destination, inputs, client, ecr })
    }

    /// The repository's rules, where it is one of ECR.
    async fn mutability(&self, clients: &Clients, session: &Session) -> Result<Option<Mutability>, Error> {
        let Some(registry) = &self.ecr else { return Ok(None) };
        let name = &self.destination.repository.repository;
        let aws = clients.aws(registry, session).await?.in_region(registry.region());
        let found = PrivateRegistry::new(&aws, Some(registry.account())).describe(&[name]).await?;
        let found = found.into_iter().flatten().next().map(|repository| repository.mutability);
        if found.is_none() {
            session.log.warning(format!(
                "the repository `{}` does not exist: a push creates it only with `create-repository: true`",
                self.destination.repository
            ));
        }
        Ok(found)
    }

    /// What is under `tag`; `None` when nothing is.
    async fn tag(&self, tag: &str) -> Result<Option<PublishedTag>, Error> {
        let repository = &self.destination.repository.repository;
        let reference = Reference::parse(tag).map_err(|_| self.unreadable(tag))?;
        let manifest = match self.client.get_manifest(repository, &reference).await {
            Ok(manifest) => manifest,
            Err(oci_registry::Error::ManifestUnknown { .. } | oci_registry::Error::NameUnknown { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(self.failed(error, READ_MANIFEST)),
        };
        let digest = manifest.digest.clone();
        let platforms = &self.inputs.platforms;
        let (configs, fits) = if media_type::is_index(&manifest.media_type) {
            let (configs, has_all) = self.listed(tag, &manifest).await?;
            // AWS Lambda takes no index (<https://docs.aws.amazon.com/lambda/latest/dg/images-create.html>).
            (configs, has_all && !self.inputs.options.lambda)
        } else {
            let config = self.config(tag, &manifest.bytes).await?;
            let fits = matches!(platforms.as_slice(), [only] if config.platform().fits(only));
            (vec![config], fits)
        };
        let labels: Vec<_> = configs.into_iter().map(|config| config.config.unwrap_or_default().labels).collect();
        let named = |label: &str| common(labels.iter().map(|labels| labels.get(label).cloned()));
        Ok(Some(PublishedTag { tag: tag.to_owned(), digest, revision: named(REVISION), version: named(VERSION), fits }))
    }

    /// The configurations of the images that an index has for the platforms, and whether it has one for each. Where it has none, that of
    /// any of its images: of which commit it is says each.
    async fn listed(&self, tag: &str, manifest: &oci_registry::Manifest) -> Result<(Vec<ImageConfig>, bool), Error> {
        let repository = &self.destination.repository.repository;
        let walk = index::walk(&self.client, repository, manifest).await.map_err(|error| match error {
            Unreadable::Registry(error) => self.failed(error, READ_MANIFEST),
            Unreadable::Index(_) => self.unreadable(tag),
        })?;
        let chosen = self.inputs.platforms.iter().map(|platform| (platform, walk.image_for(platform).ok()));
        let chosen: Vec<(&Platform, Option<&Descriptor>)> = chosen.collect();
        let mut children: BTreeSet<&Digest> =
            chosen.iter().filter_map(|(_, image)| Some(&image.as_ref()?.digest)).collect();
        if children.is_empty() {
            let is_image = |entry: &&Descriptor| !entry.platform.as_ref().is_some_and(Platform::is_unknown);
            children.extend(walk.images().iter().find(is_image).map(|entry| &entry.digest));
        }
        let mut configs = BTreeMap::new();
        for child in children {
            let manifest = self.client.get_manifest(repository, &Reference::Digest(child.clone())).await;
            let manifest = manifest.map_err(|error| self.failed(error, READ_MANIFEST))?;
            configs.insert(child, self.config(tag, &manifest.bytes).await?);
        }
        let is_for = |platform: &Platform, image: &Descriptor| {
            configs.get(&image.digest).is_some_and(|config| config.platform().fits(platform))
        };
        let has_all = chosen.iter().all(|(platform, image)| image.is_some_and(|image| is_for(platform, image)));
        Ok((configs.into_values().collect(), has_all))
    }

    /// The configuration of the image whose manifest is `bytes`.
    async fn config(&self, tag: &str, bytes: &[u8]) -> Result<ImageConfig, Error> {
        let config = Manifest::parse(bytes).map_err(|_| self.unreadable(tag))?.config;
        if config.size > oci_image::DOCUMENT_LIMIT {
            return Err(self.unreadable(tag));
        }
        let mut bytes = Vec::new();
        let repository = &self.destination.repository.repository;
        let pull = self.client.pull_blob(repository, &config.digest, config.size, &mut bytes).await;
        pull.map_err(|error| self.failed(error, READ_BLOB))?;
        // What is no image (a chart, a signature) has no such label either.
        Ok(ImageConfig::parse(&bytes).unwrap_or_default())
    }

    /// The registry's error; what ECR denies names the action and the repository.
    fn failed(&self, error: oci_registry::Error, operation: &str) -> Error {
        let Some(registry) = &self.ecr else { return registry_look(self.destination, error) };
        let arn = ecr::arn(registry, &self.destination.repository.repository);
        ecr::denied(error, operation, &arn).map_or_else(|error| registry_look(self.destination, error), Error::Aws)
    }

    fn unreadable(&self, tag: &str) -> Error {
        let registry = self.destination.repository.registry.as_ref().map(ToString::to_string).unwrap_or_default();
        let problem = format!("what is under the tag `{tag}` cannot be read");
        registry_look(self.destination, oci_registry::Error::BadAnswer { registry, problem })
    }
}

fn registry_look(destination: &Destination, source: oci_registry::Error) -> Error {
    Error::RegistryLook { repository: destination.repository.to_string(), source: Box::new(source) }
}

/// What all have; `None` where one has nothing or another.
fn common(mut values: impl Iterator<Item = Option<String>>) -> Option<String> {
    let first = values.next()??;
    values.all(|value| value.as_ref() == Some(&first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_the_registry_s_tags_is_a_stable_version() {
        let tags = ["latest", "1.9.0", "1.10.0", "2.0.0-rc.1", "3.0.0-x-SNAPSHOT", "1.10.0_5", "sha-1", "v4.0.0"];
        let tags = tags.map(str::to_owned);
        assert_eq!(stable(&tags[..7]).max().unwrap().to_string(), "1.10.0+5");
        assert_eq!(stable(&tags).max().unwrap().to_string(), "4.0.0", "as ecr-push reads it");
        assert_eq!(stable(&tags[..1]).max(), None);
    }

    #[test]
    fn a_commit_is_that_of_all_images_or_of_none() {
        let common = |values: &[&str]| {
            common(values.iter().map(|value| Some((*value).to_owned()).filter(|value| !value.is_empty())))
        };
        assert_eq!(common(&["a", "a"]).as_deref(), Some("a"));
        for values in [&["a", "b"][..], &["a", ""], &["", "a"], &[]] {
            assert_eq!(common(values), None, "{values:?}");
        }
    }
}
