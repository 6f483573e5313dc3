//! Looking at the repository, its rules, and what its tags point at. Changes nothing.

use std::collections::BTreeMap;

use actions_core::Session;
use aws_client::api_error;
use aws_sdk_ecr::operation::describe_repositories::{DescribeRepositoriesError, DescribeRepositoriesOutput};
use futures::{StreamExt as _, TryStreamExt as _};
use image_ref::{Digest, ImageTag, Reference};

use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::nearest::nearest;
use crate::plan::{ImageFacts, Snapshot};
use crate::report::blobs;
use crate::repository::Repository;

/// The operation that lists repositories.
const DESCRIBE: &str = "DescribeRepositories";

/// How many repositories are looked through for a similar name.
const MOST_NAMES: i32 = 1000;

/// How many tags are looked up at once.
const PARALLEL_TAGS: usize = 32;

pub(crate) async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
    let image = facts(clients);
    let content = blobs(image.blobs, image.bytes);
    session.log.line(format!("image {}: {content}", image.digest));
    let place = place(inputs, clients);
    // Neither needs the other. What is wrong with the repository is told first.
    let (repository, auth) = futures::future::join(repository(inputs, clients), clients.auth(session)).await;
    let Some(repository) = repository? else {
        // Without a password there is nothing to create a repository for.
        if inputs.create_repository {
            auth?;
        }
        let near = if inputs.create_repository { Vec::new() } else { similar(inputs, clients).await };
        return Ok(Snapshot { image, place, repository: None, near, tags: BTreeMap::new() });
    };
    auth?;
    let tags = tags(inputs, &repository, clients, session).await?;
    Ok(Snapshot { image, place, repository: Some(repository), near: Vec::new(), tags })
}

fn facts(clients: &Clients) -> ImageFacts {
    let content = clients.image.content();
    let blobs = clients.image.blobs();
    ImageFacts {
        digest: content.descriptor().digest.clone(),
        media_type: content.media_type().to_owned(),
        images: content.images().len(),
        blobs: blobs.len(),
        bytes: blobs.iter().map(|blob| blob.size).sum(),
    }
}

fn place(inputs: &Inputs, clients: &Clients) -> String {
    match &inputs.registry_id {
        Some(account) => format!("{} of account {}", clients.region(), account.as_str()),
        None => clients.region().to_owned(),
    }
}

/// The repository; `None` when there is none.
async fn repository(inputs: &Inputs, clients: &Clients) -> Result<Option<Repository>, Error> {
    let answer = clients
        .ecr
        .describe_repositories()
        .repository_names(inputs.repository.as_str())
        .set_registry_id(inputs.registry_id().map(str::to_owned))
        .send()
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error)
            if error.as_service_error().is_some_and(DescribeRepositoriesError::is_repository_not_found_exception) =>
        {
            return Ok(None);
        }
        Err(error) => {
            return Err(
                api_error("ecr", DESCRIBE, clients.arn(inputs.registry_id(), &inputs.repository), &error).into()
            );
        }
    };
    let missing = || Error::IncompleteAnswer { operation: DESCRIBE, missing: "the repository and its URI" };
    let found = answer.repositories().first().ok_or_else(missing)?;
    Repository::of(found).map(Some).map_err(|_| missing())
}

/// Repositories with a similar name. Not being allowed to list them is no reason to fail.
async fn similar(inputs: &Inputs, clients: &Clients) -> Vec<String> {
    let answer = clients
        .ecr
        .describe_repositories()
        .set_registry_id(inputs.registry_id().map(str::to_owned))
        .max_results(MOST_NAMES)
        .send()
        .await;
    let names: Vec<String> = answer
        .iter()
        .flat_map(DescribeRepositoriesOutput::repositories)
        .filter_map(|repository| repository.repository_name().map(str::to_owned))
        .collect();
    nearest(inputs.repository.as_str(), &names)
}

/// What each tag points at; a tag that does not exist is left out.
async fn tags(
    inputs: &Inputs,
    repository: &Repository,
    clients: &Clients,
    session: &Session,
) -> Result<BTreeMap<ImageTag, Digest>, Error> {
    let registry = clients.registry(&repository.uri, session).await?;
    futures::stream::iter(inputs.tags.clone())
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
