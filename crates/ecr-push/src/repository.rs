//! The repository as the SDK's answers have it.

use aws_sdk_ecr::types::{ImageTagMutability, ImageTagMutabilityExclusionFilter, Repository as Answer};
use ecr::{Mutability, Repository};
use image_ref::ParseError;

/// Takes over what ECR said.
pub(crate) fn repository(answer: &Answer) -> Result<Repository, ParseError> {
    let setting = answer.image_tag_mutability().map(ImageTagMutability::as_str);
    let filters = answer.image_tag_mutability_exclusion_filters().iter().map(ImageTagMutabilityExclusionFilter::filter);
    let (arn, uri) = (answer.repository_arn().unwrap_or_default(), answer.repository_uri().unwrap_or_default());
    Repository::new(arn, uri, Mutability::new(setting, filters))
}
