//! CloudFront's operations that a publication needs, as requests and what is taken from their answers
//! (<https://docs.aws.amazon.com/cloudfront/latest/APIReference/Welcome.html>).

pub(crate) mod origin_path;

use std::collections::BTreeMap;

use aws_client::call::xml::{Element, Odd, escape};
use aws_client::call::{CLOUDFRONT, Rest};
use aws_client::{ApiError, ApiErrorKind};

use crate::bucket::DistributionId;
use crate::clients::Clients;
use crate::error::Error;
use crate::invalidation::{Behavior, Invalidation, Query};
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
    /// How long an answer that an object is not there is kept at most, in seconds.
    pub(crate) errors_kept: u64,
    /// The pages that answer for what is not there, without a slash at the start, each with how long that answer is kept at least, in
    /// seconds.
    pub(crate) error_pages: BTreeMap<String, u64>,
    /// The header that names an answer's cache tags; empty text is none.
    pub(crate) tag_header: String,
    /// How paths are answered, in the order in which they are tried; the last is for all others.
    pub(crate) behaviors: Vec<CacheBehavior>,
}

/// How some paths are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CacheBehavior {
    /// The id of the origin, or of a group of them.
    pub(crate) target: String,
    /// What is read of it besides.
    pub(crate) behavior: Behavior,
}

/// One place where a distribution's content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Its id.
    pub(crate) id: String,
    /// The host.
    pub(crate) domain: String,
    /// What stands before each path there; empty text is nothing.
    pub(crate) path: String,
}

/// A configuration as it was answered. It may hold secrets, such as headers for an origin, so it is nothing to print.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// What is read of it.
    pub(crate) config: Config,
    /// All of it.
    pub(crate) text: String,
    /// What an update has to know.
    pub(crate) etag: String,
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

    /// Reads a distribution's configuration as it is written, with its `ETag`.
    pub(crate) async fn distribution_text(&self, id: &DistributionId) -> Result<Written, ApiError> {
        let path = [VERSION, "distribution", id.as_str(), "config"];
        let rest = Rest { operation: "GetDistributionConfig", method: "GET", path: &path, query: &[] };
        let answer = CLOUDFRONT.call_text(&self.aws, &rest, None, String::new()).await;
        let answer = answer.map_err(|error| self.about(id, error))?;
        let config =
            Element::parse(answer.body.as_bytes()).and_then(|root| config(&root).map_err(|odd| odd.to_string()));
        let config = config.map_err(|message| self.odd(&rest, id, message))?;
        Ok(Written { config, text: answer.body, etag: answer.etag })
    }

    /// Replaces a distribution's configuration, while it is the one with this `ETag`.
    pub(crate) async fn update_distribution(
        &self,
        id: &DistributionId,
        etag: &str,
        config: String,
    ) -> Result<(), ApiError> {
        let path = [VERSION, "distribution", id.as_str(), "config"];
        let rest = Rest { operation: "UpdateDistribution", method: "PUT", path: &path, query: &[] };
        let answer = CLOUDFRONT.call_text(&self.aws, &rest, Some(etag), config).await;
        answer.map(|_| ()).map_err(|error| self.about(id, error))
    }

    /// Whether all edges have the present configuration.
    pub(crate) async fn is_deployed(&self, id: &DistributionId) -> Result<bool, ApiError> {
        let status = |root: &Element| {
            let status = root.named("Distribution")?.child("Status")?.text()?;
            Ok(status.eq_ignore_ascii_case("deployed"))
        };
        self.cloudfront("GetDistribution", "GET", id, &[], String::new(), status).await
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
        answer.map_err(|error| self.about(id, error))
    }

    fn about(&self, id: &DistributionId, error: ApiError) -> ApiError {
        ApiError { resource: distribution_arn(self.aws.place(), id), ..error }
    }

    /// A configuration that is not as the service documents it.
    pub(crate) fn odd(&self, rest: &Rest<'_>, id: &DistributionId, message: String) -> ApiError {
        let error = ApiError {
            service: "cloudfront".to_owned(),
            operation: rest.operation.to_owned(),
            code: None,
            message,
            resource: None,
            kind: ApiErrorKind::Service,
            request_id: None,
        };
        self.about(id, error)
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
    let origin = |origin: &Element| {
        let (id, domain) = (text(origin.child("Id")?)?, text(origin.child("DomainName")?)?);
        Ok(Origin { id, domain, path: optional_text(origin, "OriginPath")? })
    };
    let origins = root.child("Origins")?.child("Items")?.list("Origin")?.iter().map(origin);
    let mut behaviors = Vec::new();
    for behavior in items(root.optional("CacheBehaviors")?, "CacheBehavior")? {
        behaviors.push(cache_behavior(behavior, text(behavior.child("PathPattern")?)?)?);
    }
    behaviors.push(cache_behavior(root.child("DefaultCacheBehavior")?, "*".to_owned())?);
    Ok(Config {
        root_object: optional_text(root, "DefaultRootObject")?,
        errors_kept: errors_kept(root)?,
        error_pages: error_pages(root)?,
        tag_header: match root.optional("CacheTagConfig")? {
            Some(tags) => optional_text(tags, "HeaderName")?,
            None => String::new(),
        },
        origins: origins.collect::<Result<_, _>>()?,
        behaviors,
    })
}

/// How long CloudFront keeps an answer that an object is not there, where nothing else is said, in seconds
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html>).
const ERRORS_KEPT: u64 = 10;

/// S3 says 403 or 404 of what is not there.
fn errors_kept(root: &Element) -> Result<u64, Odd> {
    let mut longest = ERRORS_KEPT;
    for error in items(root.optional("CustomErrorResponses")?, "CustomErrorResponse")? {
        let Some(kept) = error.optional("ErrorCachingMinTTL")? else { continue };
        if ["403", "404"].contains(&error.child("ErrorCode")?.text()?) {
            longest = longest.max(kept.value()?);
        }
    }
    Ok(longest)
}

/// S3 says 403 or 404 of what is not there; a page may answer for it
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html>).
fn error_pages(root: &Element) -> Result<BTreeMap<String, u64>, Odd> {
    let mut pages = BTreeMap::new();
    for error in items(root.optional("CustomErrorResponses")?, "CustomErrorResponse")? {
        let page = optional_text(error, "ResponsePagePath")?;
        if page.is_empty() || !["403", "404"].contains(&error.child("ErrorCode")?.text()?) {
            continue;
        }
        let kept = error.optional("ErrorCachingMinTTL")?.map_or(Ok(ERRORS_KEPT), Element::value)?;
        let longest = pages.entry(page.trim_start_matches('/').to_owned()).or_insert(0);
        *longest = kept.max(*longest);
    }
    Ok(pages)
}

fn text(element: &Element) -> Result<String, Odd> {
    element.text().map(str::to_owned)
}

fn optional_text(parent: &Element, name: &str) -> Result<String, Odd> {
    parent.optional(name)?.map_or(Ok(String::new()), text)
}

/// The elements of a list with a count, which leaves out `Items` when it is empty.
fn items<'a>(list: Option<&'a Element>, item: &str) -> Result<&'a [Element], Odd> {
    let items = list.map(|list| list.optional("Items")).transpose()?.flatten();
    items.map_or(Ok(&[]), |items| items.list(item))
}

fn cache_behavior(element: &Element, pattern: String) -> Result<CacheBehavior, Odd> {
    let functions = items(element.optional("FunctionAssociations")?, "FunctionAssociation")?;
    let lambdas = items(element.optional("LambdaFunctionAssociations")?, "LambdaFunctionAssociation")?;
    let mut rewrites = false;
    for function in functions.iter().chain(lambdas) {
        rewrites |= function.child("EventType")?.text()?.ends_with("-request");
    }
    let behavior = Behavior { pattern, rewrites, query: query(element)? };
    Ok(CacheBehavior { target: text(element.child("TargetOriginId")?)?, behavior })
}

/// The policies of CloudFront itself that keep answers without the query: `CachingOptimized`,
/// `CachingOptimizedForUncompressedObjects`, `CachingDisabled`, `UseOriginCacheControlHeaders`
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>).
const WITHOUT_QUERY: [&str; 4] = [
    "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
];

/// Those that keep them with all of it: `UseOriginCacheControlHeaders-QueryStrings`, `Amplify`.
const WITH_QUERY: [&str; 2] = ["4cc15a8a-d715-48a4-82b8-cc0b614638fe", "2e54312d-136d-493c-8eb9-b001f22f67d2"];

fn query(behavior: &Element) -> Result<Query, Odd> {
    if let Some(policy) = behavior.optional("CachePolicyId")? {
        return Ok(match policy.text()? {
            policy if WITHOUT_QUERY.contains(&policy) => Query::Ignored,
            policy if WITH_QUERY.contains(&policy) => Query::Kept,
            _ => Query::Unknown,
        });
    }
    let Some(values) = behavior.optional("ForwardedValues")? else { return Ok(Query::Ignored) };
    Ok(if values.child("QueryString")?.value()? { Query::Kept } else { Query::Ignored })
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

#[cfg(test)]
pub(crate) mod tests;
