//! The clients, and what their errors mean here.

use std::sync::{Arc, Mutex, PoisonError};

use actions_core::Session;
use aws_client::direct::{Connections, Direct, HttpResponse, Opened, Refused, Request};
use aws_client::{ApiError, ApiErrorKind, Aws, api_error};
use loopback::Pace;

use crate::bucket::BucketName;
use crate::error::Error;
use crate::gate::Gate;
use crate::inputs::Inputs;
use crate::source::must_be_folder;

/// The clients of one run.
#[derive(Debug, Clone)]
pub struct Clients {
    /// For CloudFront, of which a few small calls are made.
    pub(crate) aws: Aws,
    pub(crate) pace: Pace,
    /// How many requests about objects run at the same time.
    pub(crate) gate: Arc<Gate>,
    /// To each bucket that was asked for: the site's, and that of the manifest.
    lines: Arc<Mutex<Vec<(BucketName, Line)>>>,
}

impl Clients {
    /// Connects. A source that is not there is told before AWS is asked anything.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        must_be_folder(&inputs.source)?;
        Ok(Self::new(Aws::connect(&inputs.aws, session).await?, inputs.concurrency))
    }

    /// Makes the clients of an AWS configuration, which send at most `concurrency` requests about objects at the same time.
    pub(crate) fn new(aws: Aws, concurrency: u32) -> Self {
        Self { pace: aws.pace(), aws, gate: Arc::new(Gate::new(concurrency)), lines: Arc::default() }
    }

    /// Connections to the objects of `bucket` that the gate is told of; the same ones each time, so that what was learned of the clock
    /// and of the credentials is known to all that follows.
    pub(crate) fn line(&self, bucket: &BucketName) -> Result<Line, Error> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, line)) = lines.iter().find(|(of, _)| of == bucket) {
            return Ok(line.clone());
        }
        let odd = |message: String| {
            Error::Aws(ApiError {
                service: "s3".to_owned(),
                operation: "ListObjectsV2".to_owned(),
                code: None,
                message,
                resource: Some(bucket.to_string()),
                kind: ApiErrorKind::Invalid,
                request_id: None,
            })
        };
        let direct = Direct::to_bucket(&self.aws, bucket.as_str()).map_err(odd)?;
        let line =
            Line { connections: Arc::new(direct.connections()), direct, gate: Arc::clone(&self.gate), pace: self.pace };
        lines.push((bucket.clone(), line.clone()));
        Ok(line)
    }

    /// The error of an S3 call on the whole bucket, or on one key.
    pub(crate) fn s3_error(&self, operation: &str, bucket: &BucketName, key: Option<&str>, error: &Refused) -> Error {
        let partition = self.aws.place().partition;
        let resource = match key {
            Some(key) => format!("arn:{partition}:s3:::{bucket}/{key}"),
            None => format!("arn:{partition}:s3:::{bucket}"),
        };
        let answer = api_error("s3", operation, resource, error);
        match answer.code.as_deref() {
            Some("NoSuchBucket") => Error::BucketNotFound { bucket: bucket.to_string() },
            Some("AccessControlListNotSupported") => Error::AclRefused { bucket: bucket.to_string() },
            // S3 passes on what KMS answered (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>).
            Some(code) if code.starts_with("KMS.") => Error::KmsKey { code: code.to_owned(), message: answer.message },
            Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException") => {
                self.wrong_region(bucket, error)
            }
            _ if error.raw_response().is_some_and(|raw| raw.status().as_u16() == 301) => {
                self.wrong_region(bucket, error)
            }
            _ => Error::Aws(answer),
        }
    }

    /// S3 names the bucket's region in a header, and for a wrong signature in the answer's body.
    fn wrong_region(&self, bucket: &BucketName, error: &Refused) -> Error {
        let raw = error.raw_response();
        let header = raw.and_then(|raw| raw.headers().get("x-amz-bucket-region")).map(str::to_owned);
        let body = || {
            let text = String::from_utf8_lossy(raw?.body().bytes()?).into_owned();
            let region = text.split_once("<Region>")?.1.split_once("</Region>")?.0.to_owned();
            Some(region)
        };
        let used = self.aws.place().region.clone();
        Error::WrongRegion { bucket: bucket.to_string(), used, right: header.or_else(body) }
    }
}

/// Connections whose requests count for the gate, in one runtime only.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// For connections of another runtime.
    pub(crate) direct: Direct,
    pub(crate) connections: Arc<Connections>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) pace: Pace,
}

impl Line {
    /// Sends a request until it is answered, or retries are used up.
    pub(crate) async fn send(&self, request: &Request) -> Result<HttpResponse, Refused> {
        self.connections.send(request, self.gate.as_ref()).await
    }

    /// Sends a request until its answer begins, or retries are used up.
    pub(crate) async fn open(&self, request: &Request) -> Result<Opened, Refused> {
        self.connections.open(request, self.gate.as_ref()).await
    }
}
