//! Looking at the images, the repositories with their rules, and what their tags point at. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use actions_core::Session;
use ecr::{PublicName, PublicRegistry, Repository};
use futures::{StreamExt as _, TryStreamExt as _};
use image_ref::{Digest, ImageTag, Reference, RepositoryName};
use oci_registry::Registry;

use crate::bundle::Labels;
use crate::clients::Clients;
use crate::create::lacks_lifecycle_policy;
use crate::error::Error;
use crate::inputs::{ImageInputs, Inputs};
use crate::nearest::nearest;
use crate::newest::releases;
use crate::origin::{ReferrerRule, RemoteImage};
use crate::plan::{ImageFacts, ImageSnapshot, ReferrerFacts, Snapshot, guarded, occupant};
use crate::report::blobs;
use crate::source::OpenImage;

/// How many repositories one call takes
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html>).
const MOST_DESCRIBED: usize = 100;

/// How many tags are looked up at once.
const PARALLEL_TAGS: usize = 32;

/// How long an image that is in the way is asked what it is.
const OCCUPANT_PATIENCE: Duration = Duration::from_secs(5);

/// So much is shown of a label.
const LONGEST_LABEL: usize = 64;

/// How many images are looked at at once.
const PARALLEL_IMAGES: usize = 8;

pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    let read = read(inputs, clients, session);
    // None needs the others. What is wrong with the repositories is told first, then what is wrong with the images.
    let (repositories, facts, auth) =
        futures::future::join3(repositories(inputs, clients), read, clients.auth(session)).await;
    let (repositories, facts) = (repositories?, facts?);
    // Without a password there is nothing to create a repository for.
    if inputs.new_repository.is_some() || !repositories.is_empty() {
        auth?;
    }
    let images = inputs.images.iter().zip(&clients.images).zip(facts);
    let looks = images.map(async |((wanted, open), facts)| {
        let repository = repositories.get(&wanted.repository);
        Box::pin(image(inputs, wanted, open, facts, repository, clients, session)).await
    });
    let images = futures::stream::iter(looks).buffered(PARALLEL_IMAGES).try_collect().await?;
    Ok(Snapshot { images, place: place(inputs, clients) })
}

/// Reads the images themselves.
async fn read(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Vec<(ImageFacts, Vec<Labels>)>, Error> {
    let with_labels = !inputs.checks.labels.is_empty();
    let reads = inputs.images.iter().zip(&clients.images).map(async |(wanted, open)| {
        let bundle = open.bundle(with_labels).await?;
        let facts = bundle.facts();
        session.log.line(format!(
            "image for `{}`: {}, {}",
            wanted.repository,
            facts.digest,
            blobs(facts.blobs, facts.bytes)
        ));
        Ok((facts, bundle.labels.clone()))
    });
    futures::stream::iter(reads).buffered(PARALLEL_IMAGES).try_collect().await
}

/// One image with what its repository has.
async fn image(
    inputs: &Inputs,
    wanted: &ImageInputs,
    open: &OpenImage,
    (facts, labels): (ImageFacts, Vec<Labels>),
    repository: Option<&Repository>,
    clients: &Clients,
    session: &Session,
) -> Result<ImageSnapshot, Error> {
    let origin = open.reference().cloned();
    let Some(repository) = repository else {
        let near = if inputs.new_repository.is_some() {
            if let Some(public) = &clients.public {
                own_alias(&wanted.repository, public).await?;
            }
            Vec::new()
        } else {
            similar(inputs, &wanted.repository, clients).await
        };
        let referrers =
            if inputs.new_repository.is_some() { referrers(inputs, open, None, clients, session).await? } else { None };
        let (tags, occupant, releases, lacks_policy) = (BTreeMap::new(), None, Vec::new(), true);
        return Ok(ImageSnapshot {
            facts,
            labels,
            origin,
            repository: None,
            near,
            tags,
            occupant,
            releases,
            referrers,
            lacks_policy,
        });
    };
    let (tags, referrers, lacks_policy) = futures::future::try_join3(
        tags(wanted, repository, clients, session),
        referrers(inputs, open, Some(repository), clients, session),
        lacks_policy(inputs, repository, clients),
    )
    .await?;
    let occupant = match occupant(inputs, wanted, &facts.digest, &tags) {
        Some(theirs) => said_of(theirs, repository, clients.registry(&repository.uri, session).await?).await,
        None => None,
    };
    let could_go_back = guarded(inputs, wanted).any(|tag| tags.get(tag) != Some(&facts.digest));
    let releases = if could_go_back {
        releases_of(repository, clients.registry(&repository.uri, session).await?).await?
    } else {
        Vec::new()
    };
    let (repository, near) = (Some(repository.clone()), Vec::new());
    Ok(ImageSnapshot { facts, labels, origin, repository, near, tags, occupant, releases, referrers, lacks_policy })
}

/// What an image says of itself by its labels: `version 1.0.0, commit c0ffee1, of 2026-01-01T00:00:00Z`. It is for an error that is told
/// anyway: what cannot be read, or only after a long time, is left out.
async fn said_of(theirs: &Digest, repository: &Repository, registry: &Registry) -> Option<String> {
    let image = RemoteImage::at(registry.clone(), &repository.uri, theirs);
    let bundle = tokio::time::timeout(OCCUPANT_PATIENCE, image.read(true)).await.ok()?.ok()?;
    let labels = bundle.labels.first()?;
    let parts = [("version", "version "), ("revision", "commit "), ("created", "of ")].map(|(label, word)| {
        let value = labels.get(&format!("org.opencontainers.image.{label}"))?;
        let visible = value.chars().filter(|c| !c.is_control()).take(LONGEST_LABEL);
        Some(format!("{word}{}", visible.collect::<String>()))
    });
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The tags of a repository that name versions. ECR checks `ecr:ListImages` for its list of tags.
pub(crate) async fn releases_of(repository: &Repository, registry: &Registry) -> Result<Vec<ImageTag>, Error> {
    match registry.tags(&repository.uri.repository).await {
        Ok(tags) => Ok(releases(tags)),
        Err(source @ oci_registry::Error::BadAnswer { .. }) => {
            Err(Error::VersionsUnknown { repository: repository.uri.repository.to_string(), source })
        }
        Err(error) => Err(Error::registry(error, "ListImages", &repository.arn)),
    }
}

/// What refers to the image and which of it the repository lacks; `None` where it is not to be copied: it is there with its image, or
/// nobody wants it.
async fn referrers(
    inputs: &Inputs,
    open: &OpenImage,
    repository: Option<&Repository>,
    clients: &Clients,
    session: &Session,
) -> Result<Option<ReferrerFacts>, Error> {
    let same = repository.zip(open.reference()).is_some_and(|(repository, origin)| repository.is_place_of(origin));
    if same || inputs.origin.referrers == ReferrerRule::None {
        return Ok(None);
    }
    let documents = &open.referrers().await?.documents;
    let Some(repository) = repository.filter(|_| !documents.is_empty()) else {
        let missing = documents.iter().map(|document| document.digest.clone()).collect();
        return Ok(Some(ReferrerFacts { count: documents.len(), missing }));
    };
    let registry = clients.registry(&repository.uri, session).await?;
    let looks = documents.iter().map(async |document| {
        let reference = Reference::Digest(document.digest.clone());
        let head = registry.head_manifest(&repository.uri.repository, &reference).await;
        let head = head.map_err(|error| Error::registry(error, "BatchGetImage", &repository.arn))?;
        Ok(head.is_none().then(|| document.digest.clone()))
    });
    let missing = futures::stream::iter(looks).buffered(PARALLEL_TAGS);
    let missing = missing.try_filter_map(async |digest| Ok::<_, Error>(digest)).try_collect().await?;
    Ok(Some(ReferrerFacts { count: documents.len(), missing }))
}

/// Whether the repository was created for a lifecycle policy that it never got.
async fn lacks_policy(inputs: &Inputs, repository: &Repository, clients: &Clients) -> Result<bool, Error> {
    match inputs.new_repository.as_ref().and_then(|new| new.lifecycle_policy.as_ref()) {
        Some(policy) => lacks_lifecycle_policy(inputs.registry_id(), repository, policy, clients).await,
        None => Ok(false),
    }
}

fn place(inputs: &Inputs, clients: &Clients) -> String {
    match &inputs.registry_id {
        _ if clients.public.is_some() => ecr::PUBLIC_HOST.to_owned(),
        Some(account) => format!("{} of account {}", clients.region(), account.as_str()),
        None => clients.region().to_owned(),
    }
}

/// The repositories that exist.
async fn repositories(inputs: &Inputs, clients: &Clients) -> Result<BTreeMap<RepositoryName, Repository>, Error> {
    let names: BTreeSet<&RepositoryName> = inputs.images.iter().map(|image| &image.repository).collect();
    let names: Vec<&RepositoryName> = names.into_iter().collect();
    let mut found = BTreeMap::new();
    for names in names.chunks(MOST_DESCRIBED) {
        // ECR does not tell which of several is missing.
        let together = described(inputs, names, clients).await?;
        let described = match together {
            Some(described) => described,
            None if names.len() > 1 => {
                let alone = names.iter().map(async |name| described(inputs, &[name], clients).await);
                let alone: Vec<_> = futures::stream::iter(alone).buffered(PARALLEL_IMAGES).try_collect().await?;
                alone.into_iter().flatten().flatten().collect()
            }
            None => Vec::new(),
        };
        found.extend(described.into_iter().map(|repository| (repository.uri.repository.clone(), repository)));
    }
    Ok(found)
}

/// What ECR says of repositories; `None` when one of them is missing.
async fn described(
    inputs: &Inputs,
    names: &[&RepositoryName],
    clients: &Clients,
) -> Result<Option<Vec<Repository>>, Error> {
    if let Some(public) = &clients.public {
        return described_publicly(names, public).await;
    }
    Ok(clients.private(inputs.registry_id()).describe(names).await?)
}

/// What the public registry says of repositories; `None` when one of them is missing. One with another alias is another one.
async fn described_publicly(
    names: &[&RepositoryName],
    public: &PublicRegistry,
) -> Result<Option<Vec<Repository>>, Error> {
    let names: Vec<PublicName> = names.iter().filter_map(|name| PublicName::parse(name.as_str())).collect();
    let found = public.describe(&names.iter().collect::<Vec<_>>()).await?;
    if let [name] = names.as_slice()
        && let Some(other) = found.iter().flatten().find(|found| found.uri.repository != name.in_registry)
    {
        return Err(Error::other_alias(name, &other.uri.repository));
    }
    Ok(found)
}

/// Nothing is created under an alias that is not the one of the caller's registry: the repository would be somewhere else.
async fn own_alias(wanted: &RepositoryName, public: &PublicRegistry) -> Result<(), Error> {
    let Some(name) = PublicName::parse(wanted.as_str()) else { return Ok(()) };
    match public.alias().await? {
        Some(own) if own != name.alias => Err(Error::other_alias(&name, &format!("{own}/{}", name.in_api))),
        _ => Ok(()),
    }
}

/// Repositories with a similar name. Not being allowed to list them is no reason to fail.
async fn similar(inputs: &Inputs, wanted: &RepositoryName, clients: &Clients) -> Vec<String> {
    if let Some(public) = &clients.public {
        return nearest(wanted.as_str(), &public.names().await);
    }
    let names = clients.private(inputs.registry_id()).names().await.unwrap_or_default();
    nearest(wanted.as_str(), &names)
}

/// What each tag points at; a tag that does not exist is left out.
async fn tags(
    wanted: &ImageInputs,
    repository: &Repository,
    clients: &Clients,
    session: &Session,
) -> Result<BTreeMap<ImageTag, Digest>, Error> {
    let registry = clients.registry(&repository.uri, session).await?;
    futures::stream::iter(wanted.tags.clone())
        .map(async |tag| {
            let reference = Reference::Tag(tag.clone());
            let head = registry
                .head_manifest(&repository.uri.repository, &reference)
                .await
                .map_err(|error| Error::registry(error, "BatchGetImage", &repository.arn))?;
            Ok(head.map(|head| (tag, head.digest)))
        })
        .buffer_unordered(PARALLEL_TAGS)
        .try_filter_map(async |found| Ok(found))
        .try_collect()
        .await
}
