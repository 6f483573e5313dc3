//! Makes older versions the present ones again, by copies inside the bucket
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html>).
//!
//! A copy takes content, metadata, headers and tags along. The redirect, the storage class and the encryption it does not
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>), so they are named again.

use std::ops::ControlFlow;
use std::time::Duration;

use aws_client::direct::{Refused, Request};
use aws_sdk_s3::config::http::HttpResponse;
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::bucket::BucketName;
use crate::clients::Line;
use crate::error::Error;
use crate::headers::RemoteHeaders;
use crate::plan::Copied;

use super::Run;
use super::odd::{NO_ETAG, odd};
use super::upload::{PhaseResult, parts, path};

/// How long a copy may take: S3 moves 5 GiB in a minute or two.
const PATIENCE: Duration = Duration::from_mins(5);

/// Copies `copies`. After a failure or a cancellation no other copy begins; those under way end.
pub(super) async fn all(run: Run<'_>, copies: &[&Copied]) -> PhaseResult {
    let mut result = PhaseResult { etags: Vec::new(), failures: Vec::new() };
    let line = match run.clients.line(&run.inputs.bucket).await {
        Ok(line) => line,
        Err(error) => {
            result.failures.push(error);
            return result;
        }
    };
    let begins = copies.iter().take_while(|_| !run.session.cancel.is_cancelled());
    let ended = |copied| match copied {
        Ok(stored) => {
            result.etags.push(stored);
            ControlFlow::Continue(())
        }
        Err(error) => {
            result.failures.push(error);
            ControlFlow::Break(())
        }
    };
    line.gate.each(begins.map(|copy| one(run, copy, &line)), ended).await;
    result
}

/// Has S3 make the copy at `key` that `headers` ask for.
pub(super) async fn send(line: &Line, key: &str, headers: Vec<(String, String)>) -> Result<HttpResponse, Refused> {
    let request = Request { method: "PUT", path: path(key), headers, body: Bytes::new(), patience: PATIENCE };
    line.send(&request).await
}

/// What a copy names as its source.
pub(super) fn source(bucket: &BucketName, key: &str) -> String {
    format!("{bucket}{}", path(key))
}

/// The `ETag` of the new object at `key`, without quotes.
pub(super) fn etag(answer: &HttpResponse, key: &str) -> Result<String, Error> {
    parts::etag_of(answer.body().bytes().unwrap_or_default()).ok_or_else(|| odd("CopyObject", key, NO_ETAG))
}

/// Returns the key and the new object's `ETag`, which is not always that of the version.
async fn one(run: Run<'_>, copy: &Copied, line: &Line) -> Result<(String, String), Error> {
    let bucket = &run.inputs.bucket;
    let answer = send(line, &copy.key, headers(bucket, copy)).await;
    let answer = answer.map_err(|error| run.clients.s3_error("CopyObject", bucket, Some(&copy.key), &error))?;
    Ok((copy.key.clone(), etag(&answer, &copy.key)?))
}

fn headers(bucket: &BucketName, copy: &Copied) -> Vec<(String, String)> {
    let version = utf8_percent_encode(&copy.version, NON_ALPHANUMERIC);
    let source = format!("{}?versionId={version}", source(bucket, &copy.key));
    let RemoteHeaders { redirect, encryption, kms_key, .. } = &copy.headers;
    // A bucket's own encryption applies by itself; a key that was named is named again.
    let kms = encryption.as_deref().filter(|method| method.starts_with("aws:kms"));
    let bucket_key = kms.map(|method| (method == "aws:kms").to_string());
    let lines = [
        ("x-amz-copy-source", Some(source.as_str())),
        ("x-amz-website-redirect-location", redirect.as_deref()),
        ("x-amz-storage-class", copy.storage_class.as_deref()),
        ("x-amz-server-side-encryption", kms),
        ("x-amz-server-side-encryption-aws-kms-key-id", kms.and(kms_key.as_deref())),
        ("x-amz-server-side-encryption-bucket-key-enabled", bucket_key.as_deref()),
    ];
    lines.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
}
