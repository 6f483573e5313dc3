//! Writes the manifest while it is the one that was read, and finds out who else publishes.

use std::collections::BTreeMap;

use aws_client::direct::Refused;
use aws_client::{ApiError, ApiErrorKind};
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use bytes::Bytes;

use crate::clients::Line;
use crate::error::Error;
use crate::manifest::{Folder, Found, ReleaseId, write};
use crate::observe::manifest::{denied, look};
use crate::plan::{Condition, Next};
use crate::prefixed::{Switch, settle};
use crate::s3;
use crate::source::SourceError;

use super::{Run, before, delete};

const UNCONDITIONAL: &str =
    "this endpoint knows no conditional writes, so two publications at the same time are not noticed";

/// How often a write that met another one is tried again.
const TRIES: usize = 3;

/// What lies where the manifest does.
enum Now {
    /// The one that is known.
    Same,
    /// Another one.
    Other,
    /// None.
    Gone,
}

/// Looks whether the manifest in `folder` is still the one with the `ETag` `known`; nothing of it is read.
async fn now(run: Run<'_>, folder: &Folder, known: Option<&str>) -> Result<Now, Error> {
    let (bucket, key) = (&folder.bucket, folder.current());
    let Err(error) = s3::get(&run.clients.line(bucket)?, &key, known).await else { return Ok(Now::Other) };
    let is_same = error.raw_response().is_some_and(|answer| answer.status().as_u16() == 304);
    match run.clients.s3_error("GetObject", bucket, Some(&key), &error) {
        _ if is_same => Ok(Now::Same),
        Error::Aws(ApiError { kind: ApiErrorKind::NotFound, .. }) => Ok(Now::Gone),
        other => Err(other),
    }
}

/// Makes sure that nobody published since the bucket was looked at. What a visitor can see has not changed by then.
pub(super) async fn check(run: Run<'_>) -> Result<(), Error> {
    let Some(next) = &run.plan.manifest else { return Ok(()) };
    let known = match &next.condition {
        Condition::Absent => None,
        Condition::AbsentPerhaps => return Ok(()),
        Condition::Unchanged(etag) => Some(etag.as_str()),
    };
    match now(run, &next.folder, known).await? {
        Now::Same => Ok(()),
        Now::Gone if known.is_none() => Ok(()),
        Now::Other | Now::Gone => Err(moved(run, &next.folder).await),
    }
}

/// Whether the manifest is still the one with this `ETag`.
pub(super) async fn is_still(run: Run<'_>, etag: &str) -> Result<bool, Error> {
    let Some(next) = &run.plan.manifest else { return Ok(true) };
    match now(run, &next.folder, Some(etag)).await {
        Ok(now) => Ok(matches!(now, Now::Same)),
        // It could not be read before either.
        Err(Error::Aws(ApiError { kind: ApiErrorKind::AccessDenied, .. }))
            if next.condition == Condition::AbsentPerhaps =>
        {
            Ok(true)
        }
        Err(other) => Err(other),
    }
}

/// Makes sure that the manifest is still the one that this run wrote, or that it read where it writes none. An endpoint that told
/// no `ETag` cannot be asked.
pub(super) async fn must_be_ours(run: Run<'_>, switch: &Switch, written: Option<&str>) -> Result<(), Error> {
    let (folder, etag) = match (&run.plan.manifest, &switch.read) {
        (Some(next), _) => (&next.folder, written),
        (None, Some((folder, etag))) => (folder, Some(etag.as_str())),
        (None, None) => return Ok(()),
    };
    let Some(etag) = etag else { return Ok(()) };
    match now(run, folder, Some(etag)).await? {
        Now::Same => Ok(()),
        Now::Other | Now::Gone => Err(moved(run, folder).await),
    }
}

/// How the write went.
#[derive(Default)]
pub(super) struct Written {
    /// The release that the bucket's manifest tells of.
    pub(super) release: Option<ReleaseId>,
    /// The `ETag` of what was written.
    pub(super) etag: Option<String>,
    /// What the user should know.
    pub(super) warnings: Vec<String>,
    /// Why a run that needs the manifest goes on without it: nothing is deleted, and in the end the run fails.
    pub(super) refused: Option<Error>,
    /// What was written, for the release's own copy.
    pub(super) bytes: Bytes,
}

/// Makes the copy of the release before where it is missing. It needs the manifest that is about to be replaced. Returns what the user
/// should know.
pub(super) async fn keep_before(run: Run<'_>) -> Option<String> {
    let next = run.plan.manifest.as_ref()?;
    // Who has no line to S3 is told so where it is needed.
    before::keep(run, next, &run.clients.line(&next.folder.bucket).ok()?).await
}

/// Writes the present manifest. From then on this is the publication that counts; one that loses deletes nothing, and leaves no copy
/// of a release that never was.
pub(super) async fn write_present(run: Run<'_>, etags: &BTreeMap<String, String>) -> Result<Written, Error> {
    let release = run.plan.release.clone();
    let Some(next) = &run.plan.manifest else { return Ok(Written { release, ..Written::default() }) };
    let mut content = next.content(&run.plan.uploads, &run.plan.copies, etags);
    settle(&mut content, &run.plan.moves, etags);
    let bytes = write(&content).map_err(|source| SourceError::Unreadable { path: next.folder.to_string(), source })?;
    let (bytes, line) = (Bytes::from(bytes), &run.clients.line(&next.folder.bucket)?);
    let written = write_current(run, next, line, &content.write, &bytes).await?;
    Ok(Written { bytes, ..written })
}

/// Writes the release's own copy of the manifest that was written, and removes that of the oldest one. The release is there: nothing
/// waits for a way back to it. Returns what the user should know.
pub(super) async fn copy(run: Run<'_>, release: Option<&ReleaseId>, bytes: Bytes) -> Vec<String> {
    let (Some(next), Some(release)) = (&run.plan.manifest, release) else { return Vec::new() };
    let Ok(line) = run.clients.line(&next.folder.bucket) else { return Vec::new() };
    let mut warnings = Vec::new();
    let key = next.folder.release(release);
    if next.is_release
        && let Err(error) = s3::put(&line, &key, headers(run, next, None), bytes).await
    {
        let error = run.clients.s3_error("PutObject", &next.folder.bucket, Some(&key), &error);
        warnings.push(format!(
            "the copy of the manifest of this release, `{key}`, could not be written, so there is no way back to it: {error}"
        ));
    }
    warnings.extend(forget(run, next).await);
    warnings
}

/// Writes the present manifest; `write` tells it from any other.
async fn write_current(run: Run<'_>, next: &Next, line: &Line, write: &str, bytes: &Bytes) -> Result<Written, Error> {
    let release = run.plan.release.clone();
    let key = next.folder.current();
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match s3::put(line, &key, headers(run, next, Some(&next.condition)), bytes.clone()).await {
            Ok(etag) => return Ok(Written { release, etag, ..Written::default() }),
            Err(error) => error,
        };
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        match (error.code(), status) {
            // An answer that was lost makes the next try fail: then it is ours that lies there.
            (Some("PreconditionFailed" | "NoSuchKey" | "ConditionalRequestConflict"), _) | (_, Some(412)) => {
                match look(run.clients, next.folder.clone()).await? {
                    Found::Read(_, manifest) if manifest.content.write == write => {
                        return Ok(Written { release, etag: Some(manifest.etag), ..Written::default() });
                    }
                    Found::Denied(_) if next.condition == Condition::AbsentPerhaps => return unread(run, next),
                    _ if error.code() == Some("ConditionalRequestConflict") && tries < TRIES => {}
                    // What lies in a folder of its own lies over nothing.
                    _ if run.plan.switch.is_some() => return Err(moved(run, &next.folder).await),
                    _ => return Err(mixed(moved(run, &next.folder).await)),
                }
            }
            (Some("NotImplemented"), _) | (_, Some(501)) => {
                let answer = s3::put(line, &key, headers(run, next, None), bytes.clone()).await;
                answer.map_err(|error| run.clients.s3_error("PutObject", &next.folder.bucket, Some(&key), &error))?;
                let warnings = vec![UNCONDITIONAL.to_owned()];
                return Ok(Written { release, warnings, ..Written::default() });
            }
            _ => return unwritten(run, next, &key, &error),
        }
    }
}

/// A role that may not write manifests publishes without one, but deletes nothing while another publication may be under way.
fn unwritten(run: Run<'_>, next: &Next, key: &str, error: &Refused) -> Result<Written, Error> {
    match run.clients.s3_error("PutObject", &next.folder.bucket, Some(key), error) {
        Error::Aws(error) if error.kind == ApiErrorKind::AccessDenied => match next.condition {
            _ if needs_it(run) => refused(run, Error::Aws(error)),
            // The plan said so already.
            Condition::AbsentPerhaps => Ok(Written::default()),
            Condition::Absent | Condition::Unchanged(_) => {
                let warning = format!("the manifest could not be written, so the next run knows less: {error}");
                Ok(Written { warnings: vec![warning], ..Written::default() })
            }
        },
        other => Err(other),
    }
}

/// A manifest is there that may not be read: which objects are used, and by which publication, is not known.
fn unread(run: Run<'_>, next: &Next) -> Result<Written, Error> {
    let error = denied(run.clients, &next.folder);
    if needs_it(run) {
        return refused(run, error);
    }
    let warning =
        format!("the manifest that is there may not be read, so it stays as it is and fits less and less: {error}");
    Ok(Written { warnings: vec![warning], ..Written::default() })
}

/// What is in place is seen by visitors already, so that caches must be told; what is in a folder of its own is seen by nobody.
fn refused(run: Run<'_>, error: Error) -> Result<Written, Error> {
    match run.plan.switch {
        Some(_) => Err(error),
        None => Ok(Written { refused: Some(error), ..Written::default() }),
    }
}

/// Whether the run does what only the publication may do that wrote the manifest.
fn needs_it(run: Run<'_>) -> bool {
    !run.plan.deletes.is_empty() || !run.plan.copies.is_empty() || run.plan.switch.is_some()
}

/// The headers of a manifest that is written under a condition.
fn headers(run: Run<'_>, next: &Next, condition: Option<&Condition>) -> Vec<(String, String)> {
    let condition = condition.map(|condition| match condition {
        Condition::Unchanged(etag) => ("if-match", etag.as_str()),
        Condition::Absent | Condition::AbsentPerhaps => ("if-none-match", "*"),
    });
    let own = [("content-type", "application/gzip"), ("cache-control", "no-store")];
    let headers = condition.into_iter().chain(own).map(|(name, value)| (name.to_owned(), value.to_owned()));
    headers.chain(own_lines(run, next)).collect()
}

/// The headers of what is ours. Another bucket has settings, and perhaps keys, of its own.
pub(super) fn own_lines(run: Run<'_>, next: &Next) -> Vec<(String, String)> {
    let is_same = next.folder.bucket == run.inputs.bucket;
    if is_same { run.inputs.rules.own_lines() } else { Vec::new() }
}

/// Who published meanwhile.
async fn moved(run: Run<'_>, folder: &Folder) -> Error {
    let by = match look(run.clients, folder.clone()).await {
        Ok(Found::Read(_, manifest)) => Some(manifest.content.release),
        _ => None,
    };
    match by {
        Some(by) if by.by.supersedes(&run.inputs.publisher) => Error::Superseded { by: Box::new(by), mixed: false },
        by => Error::DeployedMeanwhile { by: by.map(Box::new) },
    }
}

/// The other one published after this one's last look: what visitors see is of both.
fn mixed(error: Error) -> Error {
    match error {
        Error::Superseded { by, .. } => Error::Superseded { by, mixed: true },
        other => other,
    }
}

/// Removes the copy of the release that is not remembered any more.
async fn forget(run: Run<'_>, next: &Next) -> Option<String> {
    let key = next.folder.release(next.forgotten.as_ref()?);
    let bucket = &next.folder.bucket;
    let error = delete::own(run, bucket, &key).await.err()?;
    Some(format!("the manifest of an old release, `{key}`, could not be deleted: {error}"))
}
