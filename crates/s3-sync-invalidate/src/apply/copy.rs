//! Makes older versions the present ones again, by copies inside the bucket
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html>).
//!
//! A copy takes content, metadata, headers and tags along. The redirect, the storage class and the encryption it does not
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>), so they are named again.

use std::time::Duration;

use aws_client::direct::{Connections, Request};
use aws_client::{ApiError, ApiErrorKind};
use bytes::Bytes;
use futures::StreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::bucket::BucketName;
use crate::error::Error;
use crate::headers::RemoteHeaders;
use crate::plan::Copied;

use super::Run;
use super::upload::{PhaseResult, parts, path};

/// How many copies run at the same time.
const AT_ONCE: usize = 32;

/// How long a copy may take: S3 moves 5 GiB in a minute or two.
const PATIENCE: Duration = Duration::from_mins(5);

/// What stays as it is in the path of a source.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Copies `copies`. After a failure or a cancellation no other copy begins; those under way end.
pub(super) async fn all(run: Run<'_>, copies: &[&Copied]) -> PhaseResult {
    let mut result = PhaseResult { etags: Vec::new(), failures: Vec::new() };
    let connections = match run.clients.direct(&run.inputs.bucket).await {
        Ok(direct) => direct.connections(),
        Err(error) => {
            result.failures.push(error);
            return result;
        }
    };
    let mut left = copies.iter();
    let mut flying = futures::stream::FuturesUnordered::new();
    loop {
        while flying.len() < run.inputs.at_once(AT_ONCE)
            && result.failures.is_empty()
            && !run.session.cancel.is_cancelled()
        {
            let Some(copy) = left.next() else { break };
            flying.push(one(run, copy, &connections));
        }
        match flying.next().await {
            None => return result,
            Some(Ok(stored)) => result.etags.push(stored),
            Some(Err(error)) => result.failures.push(error),
        }
    }
}

/// Returns the key and the new object's `ETag`, which is not always that of the version.
async fn one(run: Run<'_>, copy: &Copied, connections: &Connections) -> Result<(String, String), Error> {
    let bucket = &run.inputs.bucket;
    let request = Request {
        method: "PUT",
        path: path(&copy.key),
        headers: headers(bucket, copy),
        body: Bytes::new(),
        patience: PATIENCE,
    };
    let answer = connections.send(&request, &()).await;
    let answer = answer.map_err(|error| run.clients.s3_error("CopyObject", bucket, Some(&copy.key), &error))?;
    match parts::etag_of(answer.body().bytes().unwrap_or_default()).filter(|etag| !etag.is_empty()) {
        Some(etag) => Ok((copy.key.clone(), etag)),
        None => Err(Error::Aws(ApiError {
            service: "s3".to_owned(),
            operation: "CopyObject".to_owned(),
            code: None,
            message: "the answer names no ETag".to_owned(),
            resource: Some(copy.key.clone()),
            kind: ApiErrorKind::Service,
            request_id: None,
        })),
    }
}

fn headers(bucket: &BucketName, copy: &Copied) -> Vec<(String, String)> {
    let source = format!(
        "{bucket}/{}?versionId={}",
        utf8_percent_encode(&copy.key, PATH),
        utf8_percent_encode(&copy.version, NON_ALPHANUMERIC)
    );
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
