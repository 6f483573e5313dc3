//! Creating the repository, on request.

use actions_core::Session;
use aws_client::api_error;
use aws_sdk_ecr::operation::create_repository::CreateRepositoryError;
use aws_sdk_ecr::types::{
    ImageScanningConfiguration, ImageTagMutability, ImageTagMutabilityExclusionFilter,
    ImageTagMutabilityExclusionFilterType,
};

use image_ref::RepositoryName;

use crate::clients::Clients;
use crate::error::Error;
use crate::plan::Plan;
use crate::repository::Repository;

/// Creates the repository: tags immutable except those that may move, scanned on push.
pub(crate) async fn create(
    plan: &Plan,
    name: &RepositoryName,
    clients: &Clients,
    session: &Session,
) -> Result<Repository, Error> {
    const OPERATION: &str = "CreateRepository";
    let incomplete = || Error::IncompleteAnswer { operation: OPERATION, missing: "the repository and its URI" };
    let filters: Result<Vec<_>, _> = plan.mutable_tags.iter().map(|pattern| filter(pattern.as_str())).collect();
    let filters = filters.map_err(|_| incomplete())?;
    let mutability =
        if filters.is_empty() { ImageTagMutability::Immutable } else { ImageTagMutability::ImmutableWithExclusion };
    let answer = clients
        .ecr
        .create_repository()
        .repository_name(name.as_str())
        .set_registry_id(plan.registry_id.clone())
        .image_tag_mutability(mutability)
        .set_image_tag_mutability_exclusion_filters((!filters.is_empty()).then_some(filters))
        .image_scanning_configuration(ImageScanningConfiguration::builder().scan_on_push(true).build())
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
    Repository::of(answer.repository().ok_or_else(incomplete)?).map_err(|_| incomplete())
}

fn filter(pattern: &str) -> Result<ImageTagMutabilityExclusionFilter, aws_sdk_ecr::error::BuildError> {
    ImageTagMutabilityExclusionFilter::builder()
        .filter_type(ImageTagMutabilityExclusionFilterType::Wildcard)
        .filter(pattern)
        .build()
}
