//! CloudFront's operations that a publication needs, as requests and what is taken from their answers
//! (<https://docs.aws.amazon.com/cloudfront/latest/APIReference/Welcome.html>).

use aws_client::ApiError;
use aws_client::call::xml::{Element, Odd, escape};
use aws_client::call::{CLOUDFRONT, Rest};

use crate::bucket::DistributionId;
use crate::clients::Clients;
use crate::error::Error;
use crate::invalidation::Invalidation;
use crate::policy::distribution_arn;

/// The version of the API, and the first part of each path.
const VERSION: &str = "2020-05-31";

/// What is read of a distribution's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// The object that `/` shows; empty text is none.
    pub(crate) root_object: String,
    /// Where its content comes from.
    pub(crate) origins: Vec<Origin>,
}

/// One place where a distribution's content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The host.
    pub(crate) domain: String,
    /// What stands before each path there; empty text is nothing.
    pub(crate) path: String,
}

/// An invalidation that CloudFront took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Its id.
    pub(crate) id: String,
    /// Whether every edge has it.
    pub(crate) completed: bool,
}

impl Clients {
    /// Reads a distribution's configuration.
    pub(crate) async fn distribution_config(&self, id: &DistributionId) -> Result<Config, ApiError> {
        self.cloudfront("GetDistributionConfig", "GET", id, &["config"], String::new(), config).await
    }

    /// Asks for an invalidation. The same one asked for again, with the same reference, is the one that is there.
    pub(crate) async fn create_invalidation(&self, invalidation: &Invalidation) -> Result<Taken, ApiError> {
        let id = &invalidation.distribution;
        self.cloudfront("CreateInvalidation", "POST", id, &["invalidation"], batch(invalidation), taken).await
    }

    /// Looks at an invalidation.
    pub(crate) async fn invalidation(&self, id: &DistributionId, invalidation: &str) -> Result<Taken, ApiError> {
        self.cloudfront("GetInvalidation", "GET", id, &["invalidation", invalidation], String::new(), taken).await
    }

    async fn cloudfront<T>(
        &self,
        operation: &str,
        method: &str,
        id: &DistributionId,
        below: &[&str],
        body: String,
        read: impl FnOnce(&Element) -> Result<T, Odd>,
    ) -> Result<T, ApiError> {
        let path: Vec<&str> = [VERSION, "distribution", id.as_str()].iter().chain(below).copied().collect();
        let rest = Rest { operation, method, path: &path, query: &[] };
        let answer = CLOUDFRONT.call(&self.aws, &rest, body, read).await;
        answer.map_err(|error| ApiError { resource: distribution_arn(self.aws.place(), id), ..error })
    }
}

/// What a refusal of CloudFront means here.
pub(crate) fn refused(id: &DistributionId, error: ApiError) -> Error {
    match error.code.as_deref() {
        Some("NoSuchDistribution") => Error::DistributionNotFound { id: id.to_string() },
        _ => Error::Aws(error),
    }
}

fn config(root: &Element) -> Result<Config, Odd> {
    let root = root.named("DistributionConfig")?;
    let text = |found: Option<&Element>| found.map_or(Ok(String::new()), |found| found.text().map(str::to_owned));
    let origin = |origin: &Element| {
        let domain = origin.child("DomainName")?.text()?.to_owned();
        Ok(Origin { domain, path: text(origin.optional("OriginPath")?)? })
    };
    let origins = root.child("Origins")?.child("Items")?.list("Origin")?.iter().map(origin);
    Ok(Config { root_object: text(root.optional("DefaultRootObject")?)?, origins: origins.collect::<Result<_, _>>()? })
}

fn taken(root: &Element) -> Result<Taken, Odd> {
    let root = root.named("Invalidation")?;
    let completed = root.child("Status")?.text()?.eq_ignore_ascii_case("completed");
    Ok(Taken { id: root.child("Id")?.text()?.to_owned(), completed })
}

fn batch(invalidation: &Invalidation) -> String {
    let paths: Vec<String> = invalidation.paths.iter().map(|path| format!("<Path>{}</Path>", escape(path))).collect();
    format!(
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/{VERSION}/\"><Paths><Quantity>{}</Quantity>\
         <Items>{}</Items></Paths><CallerReference>{}</CallerReference></InvalidationBatch>",
        paths.len(),
        paths.concat(),
        escape(&invalidation.caller_reference)
    )
}
