//! Where images go: a private registry of ECR, or the public one. Pure.

use actions_core::InputErrors;
use ecr::PublicName;
use image_ref::{EcrRegistry, RepositoryName};
use serde::Serialize;

use crate::inputs::Inputs;

/// Which registry of ECR is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistryType {
    /// The one of an account in a region.
    #[default]
    Private,
    /// `public.ecr.aws`.
    Public,
}

impl RegistryType {
    /// What it means there that a repository is missing.
    pub(crate) const fn missing(self) -> &'static str {
        match self {
            Self::Private => "ecr:DescribeRepositories answered RepositoryNotFoundException",
            Self::Public => {
                "the account's registry in public.ecr.aws has no repository of this name and alias (ecr-public:DescribeRepositories)"
            }
        }
    }
}

/// A repository that is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The registry.
    pub registry: RegistryType,
    /// Its name there: `NAME`, and `ALIAS/NAME` in the public registry.
    pub repository: RepositoryName,
}

impl Destination {
    /// Parses `NAME`, or `public.ecr.aws/ALIAS/NAME`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(public) = PublicName::of_uri(text) {
            return Ok(Self { registry: RegistryType::Public, repository: public?.in_registry });
        }
        let repository = RepositoryName::parse(text).map_err(|problem| problem.to_string())?;
        match text.split_once('/') {
            Some((host, name)) if EcrRegistry::parse(host).is_ok() => Err(format!(
                "a registry is named; write `{name}`: `aws-region` and `registry-id` say which registry of ECR it is in"
            )),
            _ => Ok(Self { registry: RegistryType::Private, repository }),
        }
    }
}

/// Refuses what the public registry does not have, and images for both registries in one run.
pub(crate) fn check(inputs: &Inputs, bad: &mut InputErrors) {
    let is_public = |image: &crate::ImageInputs| image.registry == RegistryType::Public;
    let publics = inputs.images.iter().filter(|image| is_public(image)).count();
    if publics == 0 {
        return;
    }
    if publics < inputs.images.len() {
        let help = "push them in two steps".to_owned();
        bad.add("images", "has images for a private registry and for the public one", Some(help));
    }
    let new = inputs.new_repository.as_ref();
    let scan = inputs.gate.as_ref().and_then(|gate| gate.scan.as_ref());
    let settings = [
        (
            "wait-for-scan",
            scan.is_some(),
            "ECR scans no image there: scan it in a private repository and promote it from there",
        ),
        (
            "wait-for-signature",
            inputs.gate.as_ref().is_some_and(|gate| gate.signature),
            "ECR signs no image there: let it be signed in a private repository and promote it from there",
        ),
        ("repository-kms-key", new.is_some_and(|new| new.kms_key.is_some()), "everybody may read what is there"),
        (
            "repository-lifecycle-policy",
            new.is_some_and(|new| new.lifecycle_policy.is_some()),
            "images there go only when somebody deletes them",
        ),
        (
            "registry-id",
            new.is_some() && inputs.registry_id.is_some(),
            "a repository is created in the registry of the credentials: take a role of that account",
        ),
    ];
    for (name, _, why) in settings.into_iter().filter(|(_, is_set, _)| *is_set) {
        bad.add(name, "is not for the public registry", Some(format!("leave it away; {why}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(RegistryType, String), String> {
        Destination::parse(text).map(|to| (to.registry, to.repository.to_string()))
    }

    #[test]
    fn a_name_is_of_the_private_registry_and_a_uri_of_the_public_one() {
        assert_eq!(parsed("team/shop"), Ok((RegistryType::Private, "team/shop".to_owned())));
        assert_eq!(parsed("public.ecr.aws/acme/shop"), Ok((RegistryType::Public, "acme/shop".to_owned())));
    }

    #[test]
    fn what_is_neither_says_what_to_write() {
        assert!(parsed("public.ecr.aws/shop").unwrap_err().contains("public.ecr.aws/ALIAS/NAME"));
        let uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop";
        assert!(parsed(uri).unwrap_err().contains("write `team/shop`"));
        assert!(parsed("../Shop").is_err());
    }
}
