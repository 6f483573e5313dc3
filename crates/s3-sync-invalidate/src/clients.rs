//! The clients, and what their errors mean here.

use std::sync::Arc;

use actions_core::Session;
use aws_client::direct::{Connections, Direct, Refused, Request};
use aws_client::{ApiError, ApiErrorKind, Aws, api_error};
use aws_sdk_s3::config::endpoint::{DefaultResolver, Params, ParamsBuilder, ResolveEndpoint};
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use loopback::Pace;
use tokio::sync::Mutex;

use crate::bucket::BucketName;
use crate::error::Error;
use crate::gate::Gate;
use crate::inputs::Inputs;
use crate::source::must_be_folder;

/// The clients of one run.
#[derive(Debug, Clone)]
pub struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    /// For CloudFront, of which a few small calls are made.
    pub(crate) aws: Aws,
    pub(crate) pace: Pace,
    /// How many requests about objects run at the same time.
    pub(crate) gate: Arc<Gate>,
    /// For a bucket's objects: what was learned of the clock and of the credentials is known to all that follows.
    objects: Arc<Mutex<Option<(BucketName, Direct)>>>,
}

impl Clients {
    /// Connects. A source that is not there is told before AWS is asked anything.
    pub(crate) async fn connect(inputs: &Inputs, session: &Session) -> Result<Self, Error> {
        must_be_folder(&inputs.source)?;
        Ok(Self::new(Aws::connect(&inputs.aws, session).await?, inputs.concurrency))
    }

    /// Makes the clients of an AWS configuration, which send at most `concurrency` requests about objects at the same time.
    pub(crate) fn new(aws: Aws, concurrency: u32) -> Self {
        // Uploads carry a Content-MD5 that was computed for the comparison anyway; a second checksum would only cost.
        let s3 = aws_sdk_s3::config::Builder::from(aws.config())
            .force_path_style(aws.endpoint().is_some())
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        let (s3, pace) = (aws_sdk_s3::Client::from_conf(s3), aws.pace());
        Self { s3, pace, aws, gate: Arc::new(Gate::new(concurrency)), objects: Arc::default() }
    }

    /// For the objects of `bucket`, of which many are written; the same one each time. Where they are is what the SDK's own rules say: for names with dots,
    /// for endpoints of FIPS and of both kinds of addresses, and for one that replaces AWS's.
    pub(crate) async fn direct(&self, bucket: &BucketName) -> Result<Direct, Error> {
        let mut objects = self.objects.lock().await;
        if let Some((_, direct)) = objects.as_ref().filter(|(of, _)| of == bucket) {
            return Ok(direct.clone());
        }
        let odd = |error: String| {
            Error::Aws(ApiError {
                service: "s3".to_owned(),
                operation: "PutObject".to_owned(),
                code: None,
                message: error,
                resource: Some(bucket.to_string()),
                kind: ApiErrorKind::Invalid,
                request_id: None,
            })
        };
        let config = self.aws.config();
        let asked = Params::builder()
            .region(self.aws.region())
            .use_fips(config.use_fips().unwrap_or_default())
            .use_dual_stack(config.use_dual_stack().unwrap_or_default())
            .set_endpoint(self.aws.endpoint_of("S3"))
            .force_path_style(self.aws.endpoint().is_some());
        let endpoint = endpoint(asked, bucket).await.map_err(odd)?;
        let direct = Direct::new(&self.aws, "s3", &endpoint);
        *objects = Some((bucket.clone(), direct.clone()));
        Ok(direct)
    }

    /// Connections to the objects of `bucket` that the gate is told of.
    pub(crate) async fn line(&self, bucket: &BucketName) -> Result<Line, Error> {
        Ok(Line { connections: self.direct(bucket).await?.connections(), gate: Arc::clone(&self.gate) })
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

/// Connections whose requests count for the gate, in one runtime only.
#[derive(Debug)]
pub(crate) struct Line {
    connections: Connections,
    pub(crate) gate: Arc<Gate>,
}

impl Line {
    /// Sends a request until it is answered, or retries are used up.
    pub(crate) async fn send(&self, request: &Request) -> Result<HttpResponse, Refused> {
        self.connections.send(request, self.gate.as_ref()).await
    }
}

/// Where the objects of `bucket` are, by the rules of the SDK's own client.
async fn endpoint(asked: ParamsBuilder, bucket: &BucketName) -> Result<String, String> {
    let asked = asked.bucket(bucket.as_str()).build().map_err(|error| error.to_string())?;
    // The resolver has a method of its own that is called so.
    let found = ResolveEndpoint::resolve_endpoint(&DefaultResolver::new(), &asked).await;
    found.map(|endpoint| endpoint.url().to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn objects_are_where_the_sdk_looks_for_them() {
        let in_ireland = || Params::builder().region("eu-west-1");
        let replaced = in_ireland().endpoint("http://127.0.0.1:9000").force_path_style(true);
        for (bucket, asked, expect) in [
            ("shop", in_ireland(), "https://shop.s3.eu-west-1.amazonaws.com"),
            // The certificate is for one label before `s3`.
            ("www.example.com", in_ireland(), "https://s3.eu-west-1.amazonaws.com/www.example.com"),
            ("shop", in_ireland().use_dual_stack(true), "https://shop.s3.dualstack.eu-west-1.amazonaws.com"),
            (
                "shop",
                Params::builder().region("us-east-1").use_fips(true),
                "https://shop.s3-fips.us-east-1.amazonaws.com",
            ),
            ("shop", Params::builder().region("cn-north-1"), "https://shop.s3.cn-north-1.amazonaws.com.cn"),
            ("shop", replaced, "http://127.0.0.1:9000/shop"),
        ] {
            let found = endpoint(asked, &BucketName::parse(bucket).unwrap()).await;
            assert_eq!(found.as_deref(), Ok(expect));
        }
    }
}
