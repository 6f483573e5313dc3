//! The public registry: what its repositories are called, and what its API does with them.
//!
//! A repository has the URI `public.ecr.aws/ALIAS/NAME`. The registry itself knows it as `ALIAS/NAME`; the API, which answers for one
//! account, as `NAME`. Anybody may read it, every tag may move, and ECR neither scans nor signs what is in it, replicates nothing and has
//! no lifecycle policies: its API has no operation and no setting for any of these
//! (<https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_Operations.html>).

use std::collections::{BTreeMap, BTreeSet};

use aws_client::call::ECR_PUBLIC;
use aws_client::{ApiError, Aws};
use image_ref::{Digest, ImageReference, RepositoryName};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::host::{PUBLIC_HOST, PUBLIC_REGION};
use crate::layer::Layers;
use crate::{Error, Mutability, Repository};

/// Its name in IAM.
pub(crate) const SERVICE: &str = ECR_PUBLIC.service.name;

/// What IAM checks in a private registry and knows nothing of here: everybody may read.
pub(crate) const READS: [&str; 3] = ["BatchGetImage", "GetDownloadUrlForLayer", "ListImages"];

/// How many repositories are listed.
const MOST_NAMES: u32 = 1000;

/// The shortest and the longest alias, and name
/// (<https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_RegistryAlias.html>,
/// <https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_CreateRepository.html>).
const ALIAS_LENGTH: std::ops::RangeInclusive<usize> = 2..=50;
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=205;

/// A repository of the public registry by both its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicName {
    /// As the registry knows it: `ALIAS/NAME`.
    pub in_registry: RepositoryName,
    /// The alias of the account's registry.
    pub alias: String,
    /// As the API knows it: `NAME`.
    pub in_api: RepositoryName,
}

impl PublicName {
    /// The repository that a URI `public.ecr.aws/ALIAS/NAME` names; `None` where it is none of the public registry.
    pub fn of_uri(uri: &str) -> Option<Result<Self, String>> {
        let name = uri.strip_prefix(PUBLIC_HOST)?.strip_prefix('/')?;
        Some(Self::parse(name).ok_or_else(|| {
            format!("not a repository of the public registry; write {PUBLIC_HOST}/ALIAS/NAME, as its page in the console shows it")
        }))
    }

    /// Parses `ALIAS/NAME`.
    pub fn parse(name: &str) -> Option<Self> {
        let in_registry = RepositoryName::parse(name).ok()?;
        let (alias, rest) = name.split_once('/')?;
        let is_alias =
            ALIAS_LENGTH.contains(&alias.len()) && alias.starts_with(|first: char| first.is_ascii_lowercase());
        let fits = is_alias && NAME_LENGTH.contains(&rest.len());
        let in_api = RepositoryName::parse(rest).ok().filter(|_| fits)?;
        Some(Self { in_registry, alias: alias.to_owned(), in_api })
    }

    /// Its ARN in `account`; `*` stands for one that is not known.
    pub fn arn(&self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:{SERVICE}::{account}:repository/{}", self.in_api)
    }
}

/// The API of the public registry, in its own region whatever the configuration's is.
#[derive(Debug, Clone)]
pub struct PublicRegistry {
    aws: Aws,
    account: Option<String>,
}

#[derive(Deserialize)]
struct Described {
    repositories: Vec<Found>,
}

#[derive(Deserialize)]
struct Created {
    repository: Found,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    repository_arn: String,
    repository_uri: String,
}

#[derive(Deserialize)]
struct Registries {
    registries: Vec<Registry>,
}

#[derive(Deserialize)]
struct Registry {
    aliases: Vec<Alias>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alias {
    name: String,
    primary_registry_alias: bool,
}

impl PublicRegistry {
    /// The registry of `account`; `None` is the one of the credentials.
    pub fn new(aws: &Aws, account: Option<&str>) -> Self {
        let aws = if aws.region() == PUBLIC_REGION { aws.clone() } else { aws.in_region(PUBLIC_REGION) };
        Self { aws, account: account.map(str::to_owned) }
    }

    /// The repositories of these names; `None` where one of them does not exist.
    pub async fn describe(&self, names: &[&PublicName]) -> Result<Option<Vec<Repository>>, Error> {
        const OPERATION: &str = "DescribeRepositories";
        let list: Vec<&str> = names.iter().map(|name| name.in_api.as_str()).collect();
        let body = self.about(json!({ "repositoryNames": list }));
        let described: Described = match self.call(OPERATION, &body, names.first().copied(), "the repository").await {
            Ok(described) => described,
            Err(Error::Api(error)) if error.code.as_deref() == Some("RepositoryNotFoundException") => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = described.repositories.into_iter().map(|found| repository(OPERATION, found));
        let found: Vec<Repository> = found.collect::<Result<_, _>>()?;
        if found.len() < names.len() {
            return Err(incomplete(OPERATION, "the repository"));
        }
        Ok(Some(found))
    }

    /// The account's repositories as `ALIAS/NAME`; none where it does not let them be listed.
    pub async fn names(&self) -> Vec<String> {
        let body = self.about(json!({ "maxResults": MOST_NAMES }));
        let found: Result<Described, Error> = self.call("DescribeRepositories", &body, None, "the repositories").await;
        let found = found.map(|found| found.repositories).unwrap_or_default().into_iter();
        let name = |found: Found| found.repository_uri.strip_prefix(PUBLIC_HOST)?.strip_prefix('/').map(str::to_owned);
        found.filter_map(name).collect()
    }

    /// The alias that the URIs of the caller's repositories have; `None` where the account has no public registry yet.
    pub async fn alias(&self) -> Result<Option<String>, Error> {
        let found: Registries = self.call("DescribeRegistries", &json!({}), None, "the registry").await?;
        let mut aliases = found.registries.into_iter().flat_map(|registry| registry.aliases);
        Ok(aliases.find(|alias| alias.primary_registry_alias).map(|alias| alias.name))
    }

    /// Creates a repository in the registry of the credentials; `None` where it exists. Tags are the only setting it has here.
    pub async fn create(
        &self,
        name: &PublicName,
        tags: &BTreeMap<String, String>,
    ) -> Result<Option<Repository>, Error> {
        const OPERATION: &str = "CreateRepository";
        let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        let mut body = json!({ "repositoryName": name.in_api.as_str() });
        if !tags.is_empty() {
            body["tags"] = Value::Array(tags);
        }
        match self.call::<Created>(OPERATION, &body, Some(name), "the repository and its URI").await {
            Ok(created) => repository(OPERATION, created.repository).map(Some),
            Err(Error::Api(error)) if error.code.as_deref() == Some("RepositoryAlreadyExistsException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Which of these layers a repository has; at most a hundred.
    pub async fn layers(&self, name: &PublicName, digests: &[Digest]) -> Result<BTreeSet<Digest>, Error> {
        let digests: Vec<&str> = digests.iter().map(Digest::as_str).collect();
        let body = self.about(json!({ "repositoryName": name.in_api.as_str(), "layerDigests": digests }));
        let found: Layers = self.call("BatchCheckLayerAvailability", &body, Some(name), "the layers").await?;
        Ok(found.available())
    }

    /// The ARN of a repository of this registry, as far as the account is known.
    pub fn arn(&self, name: &PublicName) -> String {
        let place = self.aws.place();
        let account = self.account.as_deref().or(place.account.as_deref()).unwrap_or("*");
        name.arn(place.partition, account)
    }

    /// The same body with the account that it is about.
    fn about(&self, mut body: Value) -> Value {
        if let Some(account) = &self.account {
            body["registryId"] = Value::String(account.clone());
        }
        body
    }

    async fn call<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        body: &Value,
        about: Option<&PublicName>,
        missing: &'static str,
    ) -> Result<T, Error> {
        let arn = about.map(|name| self.arn(name));
        let named = |error: ApiError| ApiError { resource: arn.or(Some("*".to_owned())), ..error };
        let answer = Box::pin(ECR_PUBLIC.call(&self.aws, operation, body)).await.map_err(named)?;
        serde_json::from_value(answer).map_err(|_| incomplete(operation, missing))
    }
}

fn incomplete(operation: &'static str, missing: &'static str) -> Error {
    Error::Incomplete { service: SERVICE, operation, missing }
}

/// A repository as the API tells it. Its API has no setting that keeps tags from moving.
fn repository(operation: &'static str, found: Found) -> Result<Repository, Error> {
    let is_public = PublicName::of_uri(&found.repository_uri).is_some_and(|name| name.is_ok());
    let uri = ImageReference::parse(&found.repository_uri).ok().filter(|_| is_public);
    let uri = uri.ok_or_else(|| incomplete(operation, "the repository's URI"))?;
    Ok(Repository { arn: found.repository_arn, uri, mutability: Mutability::Mutable })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_alias_and_repository() {
        let name = PublicName::of_uri("public.ecr.aws/acme/team/shop").unwrap().unwrap();
        assert_eq!((name.alias.as_str(), name.in_api.as_str()), ("acme", "team/shop"));
        assert_eq!(name.in_registry.as_str(), "acme/team/shop");
        assert_eq!(name.arn("aws", "123456789012"), "arn:aws:ecr-public::123456789012:repository/team/shop");
    }

    #[test]
    fn what_is_no_repository_there_is_told_from_what_is_elsewhere() {
        for elsewhere in ["shop", "team/shop", "public.ecr.aws", "public.ecr.aws.example/a/b"] {
            assert_eq!(PublicName::of_uri(elsewhere), None, "{elsewhere}");
        }
        let long = format!("public.ecr.aws/acme/{}", "x".repeat(206));
        for bad in ["public.ecr.aws/shop", "public.ecr.aws/", "public.ecr.aws/a/shop", "public.ecr.aws/1a/shop", &long]
        {
            assert!(PublicName::of_uri(bad).unwrap().is_err(), "{bad}");
        }
        for bad in
            ["public.ecr.aws/acme/shop:1", "public.ecr.aws/acme/s", "public.ecr.aws/Acme/shop", "public.ecr.aws/a--"]
        {
            assert!(PublicName::of_uri(bad).unwrap().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_may_be_read_by_everybody_is_no_permission() {
        let denied = || oci_registry::Error::Denied {
            registry: PUBLIC_HOST.to_owned(),
            repository: "acme/shop".to_owned(),
            message: String::new(),
        };
        let arn = "arn:aws:ecr-public::123456789012:repository/shop";
        assert!(crate::denied(denied(), "BatchGetImage", arn).is_err());
        let told = crate::denied(denied(), "PutImage", arn).unwrap();
        assert_eq!((told.service.as_str(), told.operation.as_str()), ("ecr-public", "PutImage"));
        assert_eq!(crate::denied(denied(), "BatchGetImage", "arn:aws:ecr:r:1:repository/x").unwrap().service, "ecr");
    }
}
