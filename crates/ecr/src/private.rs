//! What the API of a private registry tells: its repositories, and which layers they have.

use std::collections::BTreeSet;

use aws_client::call::ECR;
use aws_client::{ApiError, Aws};
use image_ref::{Digest, RepositoryName};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::layer::Layers;
use crate::{Error, Mutability, Repository};

const DESCRIBE: &str = "DescribeRepositories";

/// How many repositories are listed at most
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html>).
const MOST_NAMES: u32 = 1000;

/// The API of a private registry, in the region of the configuration.
///
/// The SDK's client of ECR parses the partitions of all of AWS before its first call: a quarter of what an unchanged push has to do.
#[derive(Debug, Clone)]
pub struct PrivateRegistry {
    aws: Aws,
    account: Option<String>,
}

#[derive(Deserialize)]
struct Described {
    repositories: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    repository_arn: String,
    repository_uri: String,
    image_tag_mutability: Option<String>,
    image_tag_mutability_exclusion_filters: Option<Vec<Filter>>,
}

#[derive(Deserialize)]
struct Filter {
    filter: String,
}

#[derive(Deserialize)]
struct Named {
    repositories: Vec<Name>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    repository_name: String,
}

impl PrivateRegistry {
    /// The registry of `account`; `None` is the one of the credentials.
    pub fn new(aws: &Aws, account: Option<&str>) -> Self {
        Self { aws: aws.clone(), account: account.map(str::to_owned) }
    }

    /// The repositories of these names, at most a hundred; `None` where one of them does not exist: ECR does not tell which.
    pub async fn describe(&self, names: &[&RepositoryName]) -> Result<Option<Vec<Repository>>, Error> {
        const MISSING: &str = "the repository and its URI";
        let list: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        let body = json!({ "repositoryNames": list });
        let described: Described = match self.call(DESCRIBE, body, names.first().copied(), MISSING).await {
            Ok(described) => described,
            Err(Error::Api(error)) if error.code.as_deref() == Some("RepositoryNotFoundException") => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = described.repositories.iter().map(repository).collect::<Option<Vec<_>>>();
        found.filter(|found| found.len() >= names.len()).map(Some).ok_or_else(|| incomplete(DESCRIBE, MISSING))
    }

    /// The names of the registry's first thousand repositories.
    pub async fn names(&self) -> Result<Vec<String>, Error> {
        let body = json!({ "maxResults": MOST_NAMES });
        let found: Named = self.call(DESCRIBE, body, None, "the repositories").await?;
        Ok(found.repositories.into_iter().map(|found| found.repository_name).collect())
    }

    /// Which of these layers a repository has, of at most [`MOST_LAYERS`](crate::MOST_LAYERS). An archived one has to come again, and is not among them.
    pub async fn layers(&self, name: &RepositoryName, digests: &[Digest]) -> Result<BTreeSet<Digest>, Error> {
        let digests: Vec<&str> = digests.iter().map(Digest::as_str).collect();
        let body = json!({ "repositoryName": name.as_str(), "layerDigests": digests });
        let found: Layers = self.call("BatchCheckLayerAvailability", body, Some(name), "the layers").await?;
        Ok(found.available())
    }

    /// The ARN of a repository of this registry, of any account (`*`) where that is not known.
    pub fn arn(&self, name: &RepositoryName) -> Option<String> {
        let place = self.aws.place();
        let account = self.account.clone().or_else(|| place.account.clone()).unwrap_or_else(|| "*".to_owned());
        aws_client::policy::Place { account: Some(account), ..place.clone() }.arn("ecr", &format!("repository/{name}"))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        mut body: Value,
        about: Option<&RepositoryName>,
        missing: &'static str,
    ) -> Result<T, Error> {
        if let Some(account) = &self.account {
            body["registryId"] = Value::String(account.clone());
        }
        let named = |error: ApiError| ApiError { resource: about.and_then(|name| self.arn(name)), ..error };
        let answer = Box::pin(ECR.call(&self.aws, operation, &body)).await.map_err(named)?;
        serde_json::from_value(answer).map_err(|_| incomplete(operation, missing))
    }
}

fn incomplete(operation: &'static str, missing: &'static str) -> Error {
    Error::Incomplete { service: ECR.service.name, operation, missing }
}

fn repository(found: &Found) -> Option<Repository> {
    let filters = found.image_tag_mutability_exclusion_filters.iter().flatten().map(|filter| filter.filter.as_str());
    let mutability = Mutability::new(found.image_tag_mutability.as_deref(), filters);
    Repository::new(&found.repository_arn, &found.repository_uri, mutability).ok()
}

#[cfg(test)]
mod tests {
    use crate::Wildcard;

    use super::*;

    fn told(found: Value) -> Mutability {
        repository(&serde_json::from_value(found).unwrap()).unwrap().mutability
    }

    #[test]
    fn the_rules_are_read_from_what_ecr_tells() {
        let uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop";
        let with = |setting: &str| {
            let filter = json!({"filterType": "WILDCARD", "filter": "*-SNAPSHOT"});
            told(json!({
                "repositoryArn": "arn", "repositoryUri": uri,
                "imageTagMutability": setting, "imageTagMutabilityExclusionFilters": [filter],
            }))
        };
        let filters = || vec![Wildcard::of_ecr("*-SNAPSHOT")];
        assert_eq!(with("IMMUTABLE"), Mutability::Immutable);
        assert_eq!(with("MUTABLE"), Mutability::Mutable);
        assert_eq!(with("IMMUTABLE_WITH_EXCLUSION"), Mutability::ImmutableExcept(filters()));
        assert_eq!(with("MUTABLE_WITH_EXCLUSION"), Mutability::MutableExcept(filters()));
        assert_eq!(told(json!({"repositoryArn": "arn", "repositoryUri": uri})), Mutability::Mutable);
        let nulls = json!({
            "repositoryArn": "arn", "repositoryUri": uri,
            "imageTagMutability": null, "imageTagMutabilityExclusionFilters": null,
        });
        assert_eq!(told(nulls), Mutability::Mutable, "what emulators write for what is not there");
        for setting in ["IMMUTABLE", "MUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"] {
            assert_eq!(with(setting).name(), setting);
        }
    }
}
