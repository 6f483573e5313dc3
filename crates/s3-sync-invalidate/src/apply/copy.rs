//! Makes older versions the present ones again, by copies inside the bucket
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html>).
//!
//! A copy takes content, metadata, headers and tags along. The redirect, the storage class and the encryption it does not
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>), so they are named again.

use std::ops::ControlFlow;

use crate::bucket::BucketName;
use crate::clients::Line;
use crate::error::Error;
use crate::headers::RemoteHeaders;
use crate::plan::Copied;
use crate::s3;

use super::Run;
use super::odd::{NO_ETAG, odd};
use super::upload::PhaseResult;

/// Copies `copies`. After a failure or a cancellation no other copy begins; those under way end.
pub(super) async fn all(run: Run<'_>, copies: &[&Copied]) -> PhaseResult {
    let mut result = PhaseResult { etags: Vec::new(), failures: Vec::new() };
    let line = match run.clients.line(&run.inputs.bucket) {
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

/// Returns the key and the new object's `ETag`, which is not always that of the version.
async fn one(run: Run<'_>, copy: &Copied, line: &Line) -> Result<(String, String), Error> {
    let bucket = &run.inputs.bucket;
    let etag = s3::copy(line, &copy.key, headers(bucket, copy)).await;
    let etag = etag.map_err(|error| run.clients.s3_error("CopyObject", bucket, Some(&copy.key), &error))?;
    Ok((copy.key.clone(), etag.ok_or_else(|| odd("CopyObject", &copy.key, NO_ETAG))?))
}

fn headers(bucket: &BucketName, copy: &Copied) -> Vec<(String, String)> {
    let source = s3::copy_source(bucket, &copy.key, Some(&copy.version));
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
