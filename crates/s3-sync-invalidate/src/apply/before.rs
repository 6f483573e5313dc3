//! Makes the copy of the manifest of the release before, where it is missing: the publication that made that release ended before it
//! wrote the copy. Without it there is no way back to that release.
//!
//! That costs a look for each new release. S3 makes the copy itself, of the manifest that is about to be replaced, while it is the one
//! that was read (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).

use aws_sdk_s3::types::TaggingDirective;

use crate::error::Error;
use crate::plan::{Condition, Next};

use super::manifest::own_lines;
use super::{Run, path, with};

/// Makes the copy, before the manifest is written. Returns what the user should know.
pub(super) async fn keep(run: Run<'_>, next: &Next) -> Option<String> {
    let Condition::Unchanged(etag) = &next.condition else { return None };
    let before = next.before_uploads.history.first().filter(|_| next.is_release)?;
    let (bucket, key) = (next.folder.bucket.as_str(), next.folder.release(&before.id));
    let looked = run.clients.s3.head_object().bucket(bucket).key(&key).send().await.err()?;
    let status = looked.raw_response().map(|answer| answer.status().as_u16());
    // 403 is said of what is not there to who may not list: the manifest itself could be read.
    if !matches!(status, Some(403 | 404)) {
        return None;
    }
    let copy = run.clients.s3.copy_object().bucket(bucket).key(&key);
    let copy = copy.copy_source(format!("{bucket}{}", path(&next.folder.current()))).copy_source_if_match(etag);
    // Tags are not taken along: that takes a right of its own.
    let copy = copy.tagging_directive(TaggingDirective::Replace).customize().mutate_request(with(own_lines(run, next)));
    let error = copy.send().await.err()?;
    match run.clients.s3_error("CopyObject", &next.folder.bucket, Some(&key), &error) {
        // Who published meanwhile is met by the write of the manifest.
        Error::Aws(error) if error.code.as_deref() == Some("PreconditionFailed") => None,
        error => Some(format!(
            "the copy of the manifest of release {}, `{key}`, is missing and could not be made, so there is no way back to it: {error}",
            before.id.as_str()
        )),
    }
}
