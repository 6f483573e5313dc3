//! Copies what a new release has in common with the last one, inside the bucket, each object only while it is the one that was seen
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

use crate::clients::Line;
use crate::error::Error;
use crate::headers::{MD5_METADATA, SUM_METADATA};
use crate::prefixed::Moved;
use crate::s3;

use super::Run;
use super::odd::{NO_ETAG, odd};

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
    let line = match run.clients.line(&run.inputs.bucket) {
        Ok(line) => line,
        Err(error) => {
            result.failures.push(error);
            return result;
        }
    };
    let line = &line;
    let begins = moves.iter().take_while(|_| !run.session.cancel.is_cancelled());
    let work = begins.map(|moved| async move { (*moved, one(run, moved, line).await) });
    let ended = |(moved, copied): (&'a Moved, _)| {
        match copied {
            Ok(Some(etag)) => result.etags.push((moved.to.key.clone(), etag)),
            Ok(None) => result.lost.push(moved),
            Err(error) => {
                result.failures.push(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    };
    line.gate.each(work, ended).await;
    result
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
async fn one(run: Run<'_>, moved: &Moved, line: &Line) -> Result<Option<String>, Error> {
    let (bucket, key) = (&run.inputs.bucket, moved.to.key.as_str());
    match s3::copy(line, key, headers(run, moved)).await {
        Ok(etag) => etag.ok_or_else(|| odd("CopyObject", key, NO_ETAG)).map(Some),
        Err(error) if matches!(error.code(), Some("PreconditionFailed" | "NoSuchKey")) => Ok(None),
        Err(error) => Err(run.clients.s3_error("CopyObject", bucket, Some(key), &error)),
    }
}

/// The headers of the request; those that no copy takes along are named in any case.
fn headers(run: Run<'_>, moved: &Moved) -> Vec<(String, String)> {
    let never = |name: &str| {
        matches!(name, "x-amz-storage-class" | "x-amz-acl" | "x-amz-tagging")
            || name.starts_with("x-amz-server-side-encryption")
    };
    let lines = moved.to.headers.lines().into_iter();
    let mut lines: Vec<(String, String)> = lines.filter(|(name, _)| !moved.keeps_headers || never(name)).collect();
    let mut add = |name: &str, value: String| lines.push((name.to_owned(), value));
    add("x-amz-copy-source", s3::copy_source(&run.inputs.bucket, &moved.from, None));
    add("x-amz-copy-source-if-match", format!("\"{}\"", moved.etag));
    // Tags are named again, too: to copy those that are there takes a right of its own, and they may be of other inputs.
    add("x-amz-tagging-directive", "REPLACE".to_owned());
    if !moved.keeps_headers {
        // What is not named again is not there again: everything is.
        add("x-amz-metadata-directive", "REPLACE".to_owned());
        let name = if moved.to.goes_in_parts() { SUM_METADATA } else { MD5_METADATA };
        add(&format!("x-amz-meta-{name}"), moved.to.md5.to_string());
    }
    lines
}
