//! The host names of private ECR registries.

use std::fmt;

use crate::text::checked_text;
use crate::{ImageReference, ParseError, RegistryHost, RepositoryName};

/// The host suffixes of ECR: what stands between account and region, the suffix, the partition
/// (<https://docs.aws.amazon.com/general/latest/gr/ecr.html>, <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html>).
const SUFFIXES: &[(&str, &str, &str)] = &[
    ("dkr.ecr", "amazonaws.com", "aws"),
    ("dkr.ecr", "amazonaws.com.cn", "aws-cn"),
    ("dkr.ecr", "amazonaws.eu", "aws-eusc"),
    ("dkr.ecr", "c2s.ic.gov", "aws-iso"),
    ("dkr.ecr", "sc2s.sgov.gov", "aws-iso-b"),
    ("dkr.ecr", "cloud.adc-e.uk", "aws-iso-e"),
    ("dkr.ecr", "csp.hci.ic.gov", "aws-iso-f"),
    ("dkr-ecr", "on.aws", "aws"),
    ("dkr-ecr", "on.amazonwebservices.com.cn", "aws-cn"),
    ("dkr-ecr", "on.amazonwebservices.eu", "aws-eusc"),
];

/// A private ECR registry: `<account>.dkr.ecr.<region>.amazonaws.com`, its FIPS and its dual-stack form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcrRegistry {
    host: String,
    account: String,
    region: String,
    partition: &'static str,
}

impl EcrRegistry {
    /// Parses the registry's host name.
    pub fn parse(host: &str) -> Result<Self, ParseError> {
        SUFFIXES.iter().find_map(|suffix| Self::with_suffix(host, suffix)).ok_or(ParseError::Ecr)
    }

    fn with_suffix(host: &str, (service, suffix, partition): &(&str, &str, &'static str)) -> Option<Self> {
        let rest = host.strip_suffix(suffix)?.strip_suffix('.')?;
        let (account, rest) = rest.split_once('.')?;
        let rest = rest.strip_prefix(service)?;
        let region = rest.strip_prefix("-fips").unwrap_or(rest).strip_prefix('.')?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        (is_account && is_region(region)).then(|| Self {
            host: host.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            partition: if *partition == "aws" && region.starts_with("us-gov-") { "aws-us-gov" } else { partition },
        })
    }

    /// The host under which the same registry answers with FIPS, over IPv6, or both; the usual one where a partition has no such name.
    #[must_use]
    pub fn variant(&self, fips: bool, dual_stack: bool) -> Self {
        let service = if dual_stack { "dkr-ecr" } else { "dkr.ecr" };
        let partition = if self.partition == "aws-us-gov" { "aws" } else { self.partition };
        let is_its = |(own, _, of): &&(&str, &str, &str)| *own == service && *of == partition;
        let Some((_, suffix, _)) = SUFFIXES.iter().find(is_its) else { return self.clone() };
        let fips = if fips { "-fips" } else { "" };
        let host = format!("{}.{service}{fips}.{}.{suffix}", self.account, self.region);
        Self { host, ..self.clone() }
    }

    /// The host name as it was written.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The twelve digits of the account, which is the registry's id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The partition: `aws`, `aws-cn`, `aws-us-gov`, ...
    pub const fn partition(&self) -> &'static str {
        self.partition
    }
}

/// `eu-west-1`, `us-gov-east-1`, `eusc-de-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number = !number.is_empty() && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    (2..=3).contains(&words.len()) && words.iter().all(is_word) && is_number
}

impl fmt::Display for EcrRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.host)
    }
}

checked_text!(EcrRegistry);

/// A repository in a private ECR registry, the `repositoryUri` of ECR's API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcrUri {
    /// The registry.
    pub registry: EcrRegistry,
    /// The repository.
    pub repository: RepositoryName,
}

impl EcrUri {
    /// Parses `<registry>/<repository>`, without tag and digest.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (host, repository) = text.split_once('/').ok_or(ParseError::Ecr)?;
        Ok(Self { registry: EcrRegistry::parse(host)?, repository: RepositoryName::parse(repository)? })
    }

    /// The reference of the repository, to which a tag or a digest can be added.
    pub fn reference(&self) -> ImageReference {
        ImageReference {
            registry: Some(RegistryHost::known(self.registry.host())),
            repository: self.repository.clone(),
            tag: None,
            digest: None,
        }
    }
}

impl fmt::Display for EcrUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)
    }
}

checked_text!(EcrUri);

#[cfg(test)]
mod tests;
