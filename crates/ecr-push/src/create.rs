//! Creating repositories, on request, and giving them their lifecycle policy.

use actions_core::Session;
use aws_client::api_error;
use aws_sdk_ecr::operation::create_repository::CreateRepositoryError;
use aws_sdk_ecr::operation::get_lifecycle_policy::GetLifecyclePolicyError;
use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
    ImageTagMutabilityExclusionFilter, ImageTagMutabilityExclusionFilterType, Tag,
};
use ecr::{PublicName, PublicRegistry, Repository};
use image_ref::{Digest, RepositoryName};

use crate::clients::Clients;
use crate::error::Error;
use crate::new_repository::NewRepository;
use crate::plan::Plan;
use crate::repository::repository;

/// The tag of a repository whose lifecycle policy is still to come, or came from us: a run that stops between both is continued by
/// the next one, and the policy of anybody else's repository is left alone.
const LIFECYCLE_TAG: &str = "slipway:lifecycle-policy";

/// Creates the repository: tags immutable except those that may move.
pub(crate) async fn create(
    plan: &Plan,
    new: &NewRepository,
    name: &RepositoryName,
    clients: &Clients,
    session: &Session,
) -> Result<Repository, Error> {
    const OPERATION: &str = "CreateRepository";
    if let Some(public) = clients.public.as_ref().zip(PublicName::parse(name.as_str())) {
        return create_public(public, new, session).await;
    }
    let incomplete =
        || Error::IncompleteAnswer { service: "ecr", operation: OPERATION, missing: "the repository and its URI" };
    let filters: Result<Vec<_>, _> = plan.mutable_tags.iter().map(|pattern| filter(pattern.as_str())).collect();
    let filters = filters.map_err(|_| incomplete())?;
    let mutability =
        if filters.is_empty() { ImageTagMutability::Immutable } else { ImageTagMutability::ImmutableWithExclusion };
    let tags = tags(new).map_err(|_| incomplete())?;
    let scanning = ImageScanningConfiguration::builder().scan_on_push(new.scan_on_push).build();
    let answer = clients
        .ecr()
        .create_repository()
        .repository_name(name.as_str())
        .set_registry_id(plan.registry_id.clone())
        .image_tag_mutability(mutability)
        .set_image_tag_mutability_exclusion_filters((!filters.is_empty()).then_some(filters))
        .image_scanning_configuration(scanning)
        .set_encryption_configuration(encryption(new).map_err(|_| incomplete())?)
        .set_tags((!tags.is_empty()).then_some(tags))
        .send()
        .await;
    let answer = answer.map_err(|error| {
        if error.as_service_error().is_some_and(CreateRepositoryError::is_repository_already_exists_exception) {
            Error::ChangedMeanwhile { what: format!("repository `{name}`") }
        } else {
            let arn = clients.arn(plan.registry_id.as_deref(), name);
            api_error("ecr", OPERATION, arn, &error).into()
        }
    })?;
    session.log.line(format!("created repository `{name}`"));
    repository(answer.repository().ok_or_else(incomplete)?).map_err(|_| incomplete())
}

/// Creates a repository of the public registry, which keeps no tag from moving.
async fn create_public(
    (registry, name): (&PublicRegistry, PublicName),
    new: &NewRepository,
    session: &Session,
) -> Result<Repository, Error> {
    let changed = || Error::ChangedMeanwhile { what: format!("repository `{}`", name.in_registry) };
    let created = registry.create(&name, &new.tags).await?.ok_or_else(changed)?;
    session.log.line(format!("created repository `{}`", created.uri));
    // The first repository of an account gives its registry an alias that nobody knew before.
    if created.uri.repository == name.in_registry {
        Ok(created)
    } else {
        Err(Error::other_alias(&name, &created.uri.repository))
    }
}

fn encryption(new: &NewRepository) -> Result<Option<EncryptionConfiguration>, aws_sdk_ecr::error::BuildError> {
    let Some(key) = &new.kms_key else { return Ok(None) };
    let builder = EncryptionConfiguration::builder().encryption_type(EncryptionType::Kms);
    builder.set_kms_key(key.arn().map(str::to_owned)).build().map(Some)
}

fn tags(new: &NewRepository) -> Result<Vec<Tag>, aws_sdk_ecr::error::BuildError> {
    let own = new.lifecycle_policy.as_ref().map(|policy| (LIFECYCLE_TAG.to_owned(), mark(policy)));
    let all = new.tags.clone().into_iter().chain(own);
    all.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// What stands for a policy in a tag.
fn mark(policy: &str) -> String {
    Digest::of(policy.as_bytes()).short().to_owned()
}

fn filter(pattern: &str) -> Result<ImageTagMutabilityExclusionFilter, aws_sdk_ecr::error::BuildError> {
    ImageTagMutabilityExclusionFilter::builder()
        .filter_type(ImageTagMutabilityExclusionFilterType::Wildcard)
        .filter(pattern)
        .build()
}

/// Gives the repository its lifecycle policy.
pub(crate) async fn put_lifecycle_policy(
    plan: &Plan,
    repository: &Repository,
    policy: &str,
    clients: &Clients,
    session: &Session,
) -> Result<(), Error> {
    const OPERATION: &str = "PutLifecyclePolicy";
    let name = &repository.uri.repository;
    let call = clients.ecr().put_lifecycle_policy().repository_name(name.as_str());
    let answer = call.set_registry_id(plan.registry_id.clone()).lifecycle_policy_text(policy).send().await;
    answer.map_err(|error| api_error("ecr", OPERATION, repository.arn.clone(), &error))?;
    session.log.line(format!("repository `{name}` has its lifecycle policy"));
    Ok(())
}

/// Whether a repository that was created for this policy never got it: the run was stopped in between.
pub(crate) async fn lacks_lifecycle_policy(
    registry_id: Option<&str>,
    repository: &Repository,
    policy: &str,
    clients: &Clients,
) -> Result<bool, Error> {
    let call = clients.ecr().get_lifecycle_policy().repository_name(repository.uri.repository.as_str());
    match call.set_registry_id(registry_id.map(str::to_owned)).send().await {
        Ok(_) => return Ok(false),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetLifecyclePolicyError::is_lifecycle_policy_not_found_exception) => {}
        Err(error) => {
            return Err(api_error("ecr", "GetLifecyclePolicy", repository.arn.clone(), &error).into());
        }
    }
    let answer = clients.ecr().list_tags_for_resource().resource_arn(&repository.arn).send().await;
    let answer = answer.map_err(|error| api_error("ecr", "ListTagsForResource", repository.arn.clone(), &error))?;
    let is_ours = |tag: &Tag| tag.key() == LIFECYCLE_TAG && tag.value() == mark(policy);
    Ok(answer.tags().iter().any(is_ours))
}
