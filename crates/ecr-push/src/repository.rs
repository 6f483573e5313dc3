//! The repository in ECR, and its rules for tags.

use aws_sdk_ecr::types::{ImageTagMutability, ImageTagMutabilityExclusionFilter};
use image_ref::{EcrRegistry, ImageReference, ImageTag, ParseError, RegistryHost};
use serde::Serialize;

use crate::wildcard::Wildcard;

/// What a repository says about moving tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mutability {
    /// Every tag may move.
    Mutable,
    /// No tag may move.
    Immutable,
    /// Only tags that a filter covers may move.
    ImmutableExcept(Vec<Wildcard>),
    /// Only tags that no filter covers may move.
    MutableExcept(Vec<Wildcard>),
}

impl Mutability {
    pub(crate) fn new(setting: Option<&ImageTagMutability>, filters: &[ImageTagMutabilityExclusionFilter]) -> Self {
        let filters = || filters.iter().map(|filter| Wildcard::of_ecr(filter.filter())).collect();
        match setting {
            Some(ImageTagMutability::Immutable) => Self::Immutable,
            Some(ImageTagMutability::ImmutableWithExclusion) => Self::ImmutableExcept(filters()),
            Some(ImageTagMutability::MutableWithExclusion) => Self::MutableExcept(filters()),
            // A setting of the future is the registry's to enforce; ours is the stricter rule anyway.
            _ => Self::Mutable,
        }
    }

    /// Whether the repository lets `tag` move. Where it has filters and did not name them, the registry decides.
    pub fn allows_move(&self, tag: &ImageTag) -> bool {
        let covered = |filters: &[Wildcard]| filters.iter().any(|filter| filter.covers(tag));
        match self {
            Self::Mutable => true,
            Self::Immutable => false,
            Self::ImmutableExcept(filters) => filters.is_empty() || covered(filters),
            Self::MutableExcept(filters) => !covered(filters),
        }
    }

    /// The setting's name in ECR.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Mutable => "MUTABLE",
            Self::Immutable => "IMMUTABLE",
            Self::ImmutableExcept(_) => "IMMUTABLE_WITH_EXCLUSION",
            Self::MutableExcept(_) => "MUTABLE_WITH_EXCLUSION",
        }
    }
}

/// A repository that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repository {
    /// Its ARN.
    pub arn: String,
    /// Its URI, `registry/repository`.
    pub uri: ImageReference,
    /// Its rules for tags.
    pub mutability: Mutability,
}

impl Repository {
    /// Takes over what ECR said.
    pub(crate) fn of(answer: &aws_sdk_ecr::types::Repository) -> Result<Self, ParseError> {
        let mutability =
            Mutability::new(answer.image_tag_mutability(), answer.image_tag_mutability_exclusion_filters());
        let uri = ImageReference::parse(answer.repository_uri().unwrap_or_default())?;
        Ok(Self { arn: answer.repository_arn().unwrap_or_default().to_owned(), uri, mutability })
    }

    /// Whether an image of that name is in this very repository.
    pub(crate) fn is_place_of(&self, image: &ImageReference) -> bool {
        self.is_in_registry_of(image) && image.repository == self.uri.repository
    }

    /// Whether an image of that name is in this repository's registry, by whichever of its host names.
    pub(crate) fn is_in_registry_of(&self, image: &ImageReference) -> bool {
        let ecr = |host: Option<&RegistryHost>| EcrRegistry::parse(host?.as_str()).ok();
        match (ecr(self.uri.registry.as_ref()), ecr(image.registry.as_ref())) {
            (Some(own), Some(other)) => own.account() == other.account() && own.region() == other.region(),
            _ => self.uri.registry == image.registry,
        }
    }

    /// The registry's host name.
    pub fn registry(&self) -> &str {
        self.uri.registry.as_ref().map_or("", |host| host.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(mutability: &Mutability, tag: &str) -> bool {
        mutability.allows_move(&ImageTag::parse(tag).unwrap())
    }

    #[test]
    fn filters_turn_the_rule_around() {
        let filters = vec![Wildcard::of_ecr("*-SNAPSHOT"), Wildcard::of_ecr("latest")];
        let immutable = Mutability::ImmutableExcept(filters.clone());
        assert!(allows(&immutable, "1.1.0-SNAPSHOT") && allows(&immutable, "latest") && !allows(&immutable, "1.1.0"));
        let mutable = Mutability::MutableExcept(filters);
        assert!(!allows(&mutable, "1.1.0-SNAPSHOT") && allows(&mutable, "1.1.0"));
        assert!(allows(&Mutability::Mutable, "1.0.0") && !allows(&Mutability::Immutable, "latest"));
    }

    #[test]
    fn filters_that_were_not_named_leave_the_decision_to_the_registry() {
        assert!(allows(&Mutability::ImmutableExcept(Vec::new()), "develop"));
    }
}
