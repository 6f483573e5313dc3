//! The repository in ECR, and its rules for tags.

use image_ref::{EcrRegistry, ImageReference, ImageTag, ParseError, RegistryHost, RepositoryName};
use serde::Serialize;

use crate::{Host, Wildcard};

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
    /// The rules that a setting's name and the exclusion filters' texts make
    /// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html>).
    pub fn new<'a>(setting: Option<&str>, filters: impl IntoIterator<Item = &'a str>) -> Self {
        let filters = || filters.into_iter().map(Wildcard::of_ecr).collect();
        match setting {
            Some("IMMUTABLE") => Self::Immutable,
            Some("IMMUTABLE_WITH_EXCLUSION") => Self::ImmutableExcept(filters()),
            Some("MUTABLE_WITH_EXCLUSION") => Self::MutableExcept(filters()),
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
    /// A repository as ECR's API tells it; an error where its URI is none.
    pub fn new(arn: &str, uri: &str, mutability: Mutability) -> Result<Self, ParseError> {
        Ok(Self { arn: arn.to_owned(), uri: ImageReference::parse(uri)?, mutability })
    }

    /// Whether an image of that name is in this very repository.
    pub fn is_place_of(&self, image: &ImageReference) -> bool {
        self.is_in_registry_of(image) && image.repository == self.uri.repository
    }

    /// Whether an image of that name is in this repository's registry, by whichever of its host names.
    pub fn is_in_registry_of(&self, image: &ImageReference) -> bool {
        let ecr = |host: Option<&RegistryHost>| EcrRegistry::parse(host?.as_str()).ok();
        match (ecr(self.uri.registry.as_ref()), ecr(image.registry.as_ref())) {
            (Some(own), Some(other)) => own.account() == other.account() && own.region() == other.region(),
            _ => self.uri.registry == image.registry && (!self.is_public() || alias(&self.uri) == alias(image)),
        }
    }

    /// Whether it is in the public registry.
    fn is_public(&self) -> bool {
        self.uri.registry.as_ref().and_then(|host| Host::of(host.as_str())) == Some(Host::Public)
    }

    /// The registry's host name.
    pub fn registry(&self) -> &str {
        self.uri.registry.as_ref().map_or("", |host| host.as_str())
    }
}

/// In the public registry each account has a part of its own.
fn alias(image: &ImageReference) -> &str {
    image.repository.as_str().split('/').next().unwrap_or_default()
}

/// The ARN of a repository in a registry.
pub fn arn(registry: &EcrRegistry, repository: &RepositoryName) -> String {
    format!("arn:{}:ecr:{}:{}:repository/{repository}", registry.partition(), registry.region(), registry.account())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_of_the_registry_s_partition_region_and_account() {
        let registry = EcrRegistry::parse("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn").unwrap();
        let name = RepositoryName::parse("team/shop").unwrap();
        assert_eq!(arn(&registry, &name), "arn:aws-cn:ecr:cn-north-1:123456789012:repository/team/shop");
    }

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
    fn each_alias_of_the_public_registry_is_a_registry_of_its_own() {
        let image = |text: &str| ImageReference::parse(text).unwrap();
        let shop = Repository::new("arn", "public.ecr.aws/acme/shop", Mutability::Mutable).unwrap();
        assert!(shop.is_place_of(&image("public.ecr.aws/acme/shop:1")));
        assert!(shop.is_in_registry_of(&image("public.ecr.aws/acme/base:1")));
        assert!(!shop.is_in_registry_of(&image("public.ecr.aws/other/shop:1")));
        assert!(!shop.is_in_registry_of(&image("docker.io/acme/shop:1")));
    }

    #[test]
    fn filters_that_were_not_named_leave_the_decision_to_the_registry() {
        assert!(allows(&Mutability::ImmutableExcept(Vec::new()), "develop"));
    }
}
