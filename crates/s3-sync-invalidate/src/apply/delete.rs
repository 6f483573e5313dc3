//! Deletes objects, each only while it is the one that was listed
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>).
//!
//! The condition keeps what somebody else wrote meanwhile, unless it has the same content: then it has the same `ETag`.

use std::collections::BTreeMap;

use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

use crate::bucket::BucketName;
use crate::error::Error;
use crate::plan::Deletion;
use crate::s3::{self, BATCH, Undeleted};

use super::{Run, manifest};

/// How the deletes went.
#[derive(Default)]
pub(super) struct DeleteResult {
    /// How many keys are settled, those of `changed` too.
    pub(super) done: usize,
    /// The keys that have another object by now, and keep it.
    pub(super) changed: Vec<String>,
    pub(super) failure: Option<Error>,
    /// The keys that are left to a publication that came meanwhile; they count as done.
    pub(super) left: Vec<String>,
}

/// Why one key was not deleted.
enum Kept {
    /// Nothing is there any more, as after an answer that was lost.
    Gone,
    /// Another object is there.
    Changed,
    /// Another reason, which S3 tells by its code.
    Refused(String),
}

impl Kept {
    fn of(code: Option<&str>) -> Self {
        match code {
            Some("NoSuchKey") => Self::Gone,
            Some("PreconditionFailed") => Self::Changed,
            other => Self::Refused(other.unwrap_or("no code").to_owned()),
        }
    }
}

/// Deletes what the plan says in batches; stops at the first batch that fails, and between batches when cancelled.
///
/// `manifest` is the `ETag` of what this run wrote; it is looked at before each batch.
pub(super) async fn all(run: Run<'_>, manifest: Option<&str>) -> DeleteResult {
    // What XML cannot carry goes one by one, in the URL.
    let (odd, plain): (Vec<&Deletion>, Vec<&Deletion>) =
        run.plan.deletes.iter().partition(|deletion| is_odd(&deletion.key));
    let mut result = DeleteResult::default();
    for some in plain.chunks(BATCH).chain(odd.chunks(1)) {
        // A publication that came since may use what is left here.
        let is_still = match manifest {
            Some(etag) => manifest::is_still(run, etag).await,
            None => Ok(true),
        };
        match is_still {
            Ok(true) => {}
            Ok(false) => {
                let left = plain.iter().chain(&odd).skip(result.done);
                result.left = left.map(|deletion| deletion.key.clone()).collect();
                result.done = run.plan.deletes.len();
                return result;
            }
            Err(error) => {
                result.failure = Some(error);
                return result;
            }
        }
        if run.session.cancel.is_cancelled() {
            return result;
        }
        let kept = if some.iter().any(|deletion| is_odd(&deletion.key)) {
            one(run, some[0]).await
        } else {
            batch(run, some).await
        };
        match kept {
            Ok(kept) => result.take(some.len(), kept),
            Err(error) => result.failure = Some(error),
        }
        if result.failure.is_some() {
            return result;
        }
    }
    result
}

/// Whether XML 1.0 cannot carry `key` (<https://www.w3.org/TR/xml/#charsets>).
fn is_odd(key: &str) -> bool {
    key.chars().any(|letter| letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}'))
}

impl DeleteResult {
    fn take(&mut self, asked: usize, kept: BTreeMap<String, Kept>) {
        let mut refused = Vec::new();
        for (key, why) in kept {
            match why {
                Kept::Gone => {}
                Kept::Changed => self.changed.push(key),
                Kept::Refused(code) => refused.push(format!("{key} ({code})")),
            }
        }
        self.done += asked - refused.len();
        if !refused.is_empty() {
            self.failure = Some(Error::NotDeleted { names: refused });
        }
    }
}

/// Deletes `some` as they are; at most a batch of them.
pub(super) async fn unconditionally(run: Run<'_>, some: &[Deletion]) -> Result<(), Error> {
    let (odd, plain): (Vec<&Deletion>, Vec<&Deletion>) = some.iter().partition(|deletion| is_odd(&deletion.key));
    let mut result = DeleteResult::default();
    if !plain.is_empty() {
        result.take(plain.len(), batch(run, &plain).await?);
    }
    for deletion in odd {
        result.take(1, one(run, deletion).await?);
    }
    result.failure.map_or(Ok(()), Err)
}

/// One request. S3 answers 200 also when it deleted nothing: each key has its own result.
async fn batch(run: Run<'_>, some: &[&Deletion]) -> Result<BTreeMap<String, Kept>, Error> {
    let bucket = &run.inputs.bucket;
    let below = format!("{}*", run.inputs.prefix.as_str());
    let objects = some.iter().map(|deletion| (deletion.key.as_str(), deletion.tag()));
    let kept = s3::delete_batch(&run.clients.line(bucket)?, objects).await;
    let kept = kept.map_err(|error| run.clients.s3_error("DeleteObjects", bucket, Some(&below), &error))?;
    let why = |Undeleted { key, code }| (key.unwrap_or_else(|| "?".to_owned()), Kept::of(code.as_deref()));
    Ok(kept.into_iter().map(why).collect())
}

async fn one(run: Run<'_>, deletion: &Deletion) -> Result<BTreeMap<String, Kept>, Error> {
    let (bucket, key) = (&run.inputs.bucket, deletion.key.as_str());
    let deleted = s3::delete(&run.clients.line(bucket)?, key, deletion.tag().as_deref()).await;
    let Err(error) = deleted else { return Ok(BTreeMap::new()) };
    match Kept::of(error.code()) {
        Kept::Refused(_) => Err(run.clients.s3_error("DeleteObject", bucket, Some(key), &error)),
        settled => Ok(BTreeMap::from([(key.to_owned(), settled)])),
    }
}

/// Deletes an object of ours that is none of the site's, whatever it is by now.
pub(super) async fn own(run: Run<'_>, bucket: &BucketName, key: &str) -> Result<(), Error> {
    let deleted = s3::delete(&run.clients.line(bucket)?, key, None).await;
    deleted.map_err(|error| run.clients.s3_error("DeleteObject", bucket, Some(key), &error))
}
