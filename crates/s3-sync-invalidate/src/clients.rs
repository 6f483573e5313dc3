//! The clients, and what their errors mean here.

use actions_core::Session;
use aws_client::{Aws, api_error};
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use loopback::Pace;

use crate::bucket::BucketName;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::source::must_be_folder;

/// The clients of one run.
#[derive(Debug, Clone)]
pub struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    /// For CloudFront, of which a few small calls are made.
    pub(crate) aws: Aws,
    pub(crate) pace: Pace,
}

impl Clients {
    /// Connects. A source that is not there is told before AWS is asked anything.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        must_be_folder(&inputs.source)?;
        Ok(Self::new(Aws::connect(&inputs.aws, session).await?))
    }

    /// Makes the clients of an AWS configuration.
    fn new(aws: Aws) -> Self {
        // Uploads carry a Content-MD5 that was computed for the comparison anyway; a second checksum would only cost.
        let s3 = aws_sdk_s3::config::Builder::from(aws.config())
            .force_path_style(aws.endpoint().is_some())
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self { s3: aws_sdk_s3::Client::from_conf(s3), pace: aws.pace(), aws }
    }

    /// The error of an S3 call on the whole bucket, or on one key.
    pub(crate) fn s3_error<E>(
        &self,
        operation: &str,
        bucket: &BucketName,
        key: Option<&str>,
        error: &SdkError<E, HttpResponse>,
    ) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let partition = self.aws.place().partition;
        let resource = match key {
            Some(key) => format!("arn:{partition}:s3:::{bucket}/{key}"),
            None => format!("arn:{partition}:s3:::{bucket}"),
        };
        let answer = api_error("s3", operation, resource, error);
        match answer.code.as_deref() {
            Some("NoSuchBucket") => Error::BucketNotFound { bucket: bucket.to_string() },
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
    fn wrong_region<E>(&self, bucket: &BucketName, error: &SdkError<E, HttpResponse>) -> Error {
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
