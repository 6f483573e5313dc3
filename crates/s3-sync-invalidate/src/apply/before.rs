//! Makes the copy of the manifest of the release before, where it is missing: the publication that made that release ended before it
//! wrote the copy. Without it there is no way back to that release.
//!
//! That costs a look for each new release. S3 makes the copy itself, of the manifest that is about to be replaced, while it is the one
//! that was read (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).

use crate::clients::Line;
use crate::error::Error;
use crate::plan::{Condition, Next};
use crate::s3;

use super::Run;
use super::manifest::own_lines;
use super::odd::{NO_ETAG, odd};

/// Makes the copy, before the manifest is written. Returns what the user should know.
pub(super) async fn keep(run: Run<'_>, next: &Next, line: &Line) -> Option<String> {
    let Condition::Unchanged(etag) = &next.condition else { return None };
    let before = next.before_uploads.history.first().filter(|_| next.is_release)?;
    let (bucket, key) = (&next.folder.bucket, next.folder.release(&before.id));
    let looked = s3::head(line, &key, None).await.err()?;
    let status = looked.raw_response().map(|answer| answer.status().as_u16());
    // 403 is said of what is not there to who may not list: the manifest itself could be read.
    if !matches!(status, Some(403 | 404)) {
        return None;
    }
    let mut headers = own_lines(run, next);
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    add("x-amz-copy-source", s3::copy_source(bucket, &next.folder.current(), None));
    add("x-amz-copy-source-if-match", etag.clone());
    // Tags are not taken along: that takes a right of its own.
    add("x-amz-tagging-directive", "REPLACE".to_owned());
    let error = match s3::copy(line, &key, headers).await {
        Ok(Some(_)) => return None,
        Ok(None) => odd("CopyObject", &key, NO_ETAG),
        Err(error) => run.clients.s3_error("CopyObject", bucket, Some(&key), &error),
    };
    match error {
        // Who published meanwhile is met by the write of the manifest.
        Error::Aws(error) if error.code.as_deref() == Some("PreconditionFailed") => None,
        error => Some(format!(
            "the copy of the manifest of release {}, `{key}`, is missing and could not be made, so there is no way back to it: {error}",
            before.id.as_str()
        )),
    }
}
