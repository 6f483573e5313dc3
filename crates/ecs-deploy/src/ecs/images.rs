//! Images in ECR: whether one is there, and for which processors.

use aws_client::{ApiError, ApiErrorKind, call};
use image_ref::{EcrRegistry, Reference, RepositoryName};
use serde_json::{Value, json};

use crate::ecs::{Ecs, with_arn};
use crate::service::{list, owned};
use crate::task_definition::text;

/// The forms of manifest there are; without them ECR makes an old one of a new one, whose digest is another.
const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// The largest configuration of an image that is read.
const LARGEST_CONFIGURATION: usize = 1024 * 1024;

/// A private repository of ECR, which may be another account's and another region's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    pub(crate) registry: EcrRegistry,
    pub(crate) name: RepositoryName,
}

/// What ECR has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// The image: its digest, and its manifest or index.
    Image {
        /// The digest.
        digest: String,
        /// The manifest, or the index of several.
        manifest: Value,
    },
    /// There is no such image, or no such repository: the words say which.
    Nothing(String),
}

impl Repository {
    /// The ARN, for the permission.
    pub(crate) fn arn(&self) -> String {
        let Self { registry, name } = self;
        format!("arn:{}:ecr:{}:{}:repository/{name}", registry.partition(), registry.region(), registry.account())
    }
}

impl Ecs {
    /// `BatchGetImage` of one image. Only what ECR says for certain is [`Found::Nothing`].
    pub(crate) async fn image(&self, repository: &Repository, reference: &Reference) -> Result<Found, ApiError> {
        let id = match reference {
            Reference::Tag(tag) => json!({"imageTag": tag.as_str()}),
            Reference::Digest(digest) => json!({"imageDigest": digest.as_str()}),
        };
        let body = json!({
            "registryId": repository.registry.account(), "repositoryName": repository.name.as_str(), "imageIds": [id],
            "acceptedMediaTypes": MEDIA_TYPES
        });
        match self.ecr(repository, "BatchGetImage", &body).await {
            Ok(answer) => found(&answer, repository, reference),
            Err(error) if error.code.as_deref() == Some("RepositoryNotFoundException") => {
                let place = format!("{} in {}", repository.registry.account(), repository.registry.region());
                Ok(Found::Nothing(format!("ECR has no repository {} (account {place})", repository.name)))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the repository gets images from elsewhere when they are asked for the first time (`DescribePullThroughCacheRules`).
    pub(crate) async fn is_cache(&self, repository: &Repository) -> Result<bool, ApiError> {
        let body = json!({"registryId": repository.registry.account()});
        let answer = self.ecr(repository, "DescribePullThroughCacheRules", &body).await?;
        let holds = |rule: &Value| match text(rule, "ecrRepositoryPrefix") {
            "ROOT" => true,
            prefix => repository.name.as_str().strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')),
        };
        Ok(list(&answer, "pullThroughCacheRules").any(holds))
    }

    /// The configuration of an image that is for one processor: `GetDownloadUrlForLayer`, and what is at that address.
    pub(crate) async fn image_configuration(&self, repository: &Repository, digest: &str) -> Result<Value, ApiError> {
        const OPERATION: &str = "GetDownloadUrlForLayer";
        let body = json!({
            "registryId": repository.registry.account(), "repositoryName": repository.name.as_str(), "layerDigest": digest
        });
        let answer = self.ecr(repository, OPERATION, &body).await?;
        let downloaded = self.aws.download(text(&answer, "downloadUrl"), LARGEST_CONFIGURATION).await;
        let parsed = downloaded.and_then(|bytes| {
            serde_json::from_slice(&bytes).map_err(|error| format!("the image's configuration is not JSON: {error}"))
        });
        parsed.map_err(|why| unusable(OPERATION, why))
    }

    async fn ecr(&self, repository: &Repository, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let there = self.aws.in_region(repository.registry.region());
        let answer = call::ECR.call(&there, operation, body).await;
        answer.map_err(|error| with_arn(error, Some(repository.arn())))
    }
}

fn found(answer: &Value, repository: &Repository, reference: &Reference) -> Result<Found, ApiError> {
    if let Some(image) = list(answer, "images").next() {
        let digest = owned(&image["imageId"], "imageDigest");
        let manifest = serde_json::from_str(text(image, "imageManifest"));
        let manifest =
            manifest.map_err(|error| unusable("BatchGetImage", format!("its manifest is not JSON: {error}")))?;
        return Ok(Found::Image { digest, manifest });
    }
    let failure = list(answer, "failures").next().unwrap_or(&Value::Null);
    let what = match reference {
        Reference::Tag(tag) => format!("tag {tag}"),
        Reference::Digest(digest) => format!("digest {digest}"),
    };
    match text(failure, "failureCode") {
        "ImageNotFound" | "ImageTagDoesNotMatchDigest" => {
            Ok(Found::Nothing(format!("the repository {} has no {what}", repository.name)))
        }
        code => Err(unusable("BatchGetImage", format!("{code}: {}", text(failure, "failureReason")))),
    }
}

fn unusable(operation: &str, message: String) -> ApiError {
    ApiError {
        service: "ecr".to_owned(),
        operation: operation.to_owned(),
        code: None,
        message,
        resource: None,
        kind: ApiErrorKind::Service,
        request_id: None,
    }
}
