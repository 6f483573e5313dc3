//! Copies what a new release has in common with the last one, inside the bucket, each object only while it is the one that was seen
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).

use std::collections::BTreeMap;
use std::time::Duration;

use aws_client::{ApiError, ApiErrorKind};
use aws_sdk_s3::Config;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::types::{MetadataDirective, TaggingDirective};
use futures::StreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;
use crate::headers::{MD5_METADATA, SUM_METADATA};
use crate::prefixed::Moved;

use super::{Run, with};

/// How many copies run at the same time.
const AT_ONCE: usize = 64;

/// How long a copy may take: S3 moves 5 GiB in a minute or two.
const PATIENCE: Duration = Duration::from_mins(5);

/// What stays as it is in the path of a source.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// How the copies went.
#[derive(Default)]
pub(super) struct Relocated<'a> {
    /// The key and the `ETag` of each object that is there.
    pub(super) etags: Vec<(String, String)>,
    /// What is not there any more as it was.
    pub(super) lost: Vec<&'a Moved>,
    pub(super) failures: Vec<Error>,
}

/// Copies `moves`. After a failure or a cancellation no other copy begins; those under way end.
pub(super) async fn all<'a>(run: Run<'_>, moves: &[&'a Moved]) -> Relocated<'a> {
    let mut result = Relocated::default();
    let mut left = moves.iter();
    let mut flying = futures::stream::FuturesUnordered::new();
    loop {
        while flying.len() < run.inputs.at_once(AT_ONCE)
            && result.failures.is_empty()
            && !run.session.cancel.is_cancelled()
        {
            let Some(next) = left.next() else { break };
            flying.push(async { (*next, one(run, next).await) });
        }
        match flying.next().await {
            None => return result,
            Some((copied, Ok(Some(etag)))) => result.etags.push((copied.to.key.clone(), etag)),
            Some((gone, Ok(None))) => result.lost.push(gone),
            Some((_, Err(error))) => result.failures.push(error),
        }
    }
}

/// Copies the assets of the new release to where the old one is read, `etags` being those that this run got for the new ones. What
/// is not there any more is missed by nobody who is told of the new release.
pub(super) async fn ahead(run: Run<'_>, moves: &[Moved], etags: &BTreeMap<String, String>) -> Result<(), Error> {
    let fresh = |moved: &Moved| Moved { etag: etags.get(&moved.from).unwrap_or(&moved.etag).clone(), ..moved.clone() };
    let moves: Vec<Moved> = moves.iter().map(fresh).collect();
    let Relocated { failures, .. } = all(run, &moves.iter().collect::<Vec<_>>()).await;
    failures.into_iter().next().map_or(Ok(()), Err)
}

/// Returns the new object's `ETag`; nothing where the source is another one by now, or gone.
async fn one(run: Run<'_>, moved: &Moved) -> Result<Option<String>, Error> {
    let (bucket, key) = (&run.inputs.bucket, moved.to.key.as_str());
    let request = run
        .clients
        .s3
        .copy_object()
        .bucket(bucket.as_str())
        .key(key)
        .copy_source(format!("{bucket}/{}", utf8_percent_encode(&moved.from, PATH)))
        .copy_source_if_match(format!("\"{}\"", moved.etag));
    // Tags are named again, too: to copy those that are there takes a right of its own, and they may be of other inputs.
    let request = request.tagging_directive(TaggingDirective::Replace);
    let request = if moved.keeps_headers {
        request
    } else {
        // What is not named again is not there again: everything is.
        request.metadata_directive(MetadataDirective::Replace)
    };
    // The SDK waits without end for an answer that began.
    let time = TimeoutConfig::builder().operation_attempt_timeout(run.clients.pace.of(PATIENCE)).build();
    let request = request.customize().config_override(Config::builder().timeout_config(time));
    let answer = match request.mutate_request(with(lines(moved))).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let code = aws_sdk_s3::error::ProvideErrorMetadata::code(&error).map(str::to_owned);
            return match (code.as_deref(), run.clients.s3_error("CopyObject", bucket, Some(key), &error)) {
                (Some("PreconditionFailed" | "NoSuchKey"), _) => Ok(None),
                (_, other) => Err(other),
            };
        }
    };
    let etag = answer.copy_object_result().and_then(|result| result.e_tag()).map(|etag| etag.trim_matches('"'));
    match etag.filter(|etag| !etag.is_empty()) {
        Some(etag) => Ok(Some(etag.to_owned())),
        None => Err(Error::Aws(ApiError {
            service: "s3".to_owned(),
            operation: "CopyObject".to_owned(),
            code: None,
            message: "the answer names no ETag".to_owned(),
            resource: Some(key.to_owned()),
            kind: ApiErrorKind::Service,
            request_id: None,
        })),
    }
}

/// The headers of the request; those that no copy takes along are named in any case.
fn lines(moved: &Moved) -> Vec<(String, String)> {
    let never = |name: &str| {
        matches!(name, "x-amz-storage-class" | "x-amz-acl" | "x-amz-tagging")
            || name.starts_with("x-amz-server-side-encryption")
    };
    let lines = moved.to.headers.lines().into_iter();
    let mut lines: Vec<(String, String)> = lines.filter(|(name, _)| !moved.keeps_headers || never(name)).collect();
    if !moved.keeps_headers {
        let name = if moved.to.goes_in_parts() { SUM_METADATA } else { MD5_METADATA };
        lines.push((format!("x-amz-meta-{name}"), moved.to.md5.to_string()));
    }
    lines
}
