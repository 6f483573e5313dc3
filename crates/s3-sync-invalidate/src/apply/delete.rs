//! Deletes the objects that are not in the source.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::error::Error;

use super::Run;

/// The most keys of one `DeleteObjects` request.
const BATCH: usize = 1000;

/// How the deletes went.
pub(super) struct DeleteResult {
    pub(super) done: usize,
    pub(super) failure: Option<Error>,
}

/// Deletes the plan's keys in batches; stops at the first batch that fails, and between batches when cancelled.
pub(super) async fn all(run: Run<'_>) -> DeleteResult {
    // XML cannot carry control characters, so such keys go one by one, in the URL.
    let (odd, plain): (Vec<&String>, Vec<&String>) =
        run.plan.deletes.iter().partition(|key| key.chars().any(char::is_control));
    let mut done = 0;
    for keys in plain.chunks(BATCH) {
        if run.session.cancel.is_cancelled() {
            return DeleteResult { done, failure: None };
        }
        match batch(run, keys).await {
            Ok(deleted) if deleted.failed.is_empty() => done += keys.len(),
            Ok(deleted) => {
                done += keys.len() - deleted.failed.len();
                return DeleteResult { done, failure: Some(Error::NotDeleted { names: deleted.failed }) };
            }
            Err(error) => return DeleteResult { done, failure: Some(error) },
        }
    }
    for key in odd {
        match run.clients.s3.delete_object().bucket(run.inputs.bucket.as_str()).key(key).send().await {
            Ok(_) => done += 1,
            Err(error) => {
                let error = run.clients.s3_error("DeleteObject", &run.inputs.bucket, Some(key), &error);
                return DeleteResult { done, failure: Some(error) };
            }
        }
    }
    DeleteResult { done, failure: None }
}

struct Deleted {
    failed: Vec<String>,
}

/// One request. S3 answers 200 also when it deleted nothing: each key has its own result.
async fn batch(run: Run<'_>, keys: &[&String]) -> Result<Deleted, Error> {
    let bucket = &run.inputs.bucket;
    let invalid = |error: aws_sdk_s3::error::BuildError| Error::NotDeleted { names: vec![error.to_string()] };
    let objects = keys
        .iter()
        .map(|key| ObjectIdentifier::builder().key(key.as_str()).build())
        .collect::<Result<Vec<_>, _>>()
        .map_err(invalid)?;
    let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(invalid)?;
    let below = format!("{}*", run.inputs.prefix.as_str());
    let answer = run
        .clients
        .s3
        .delete_objects()
        .bucket(bucket.as_str())
        .delete(delete)
        .send()
        .await
        .map_err(|error| run.clients.s3_error("DeleteObjects", bucket, Some(&below), &error))?;
    let failed = answer
        .errors()
        .iter()
        .map(|error| format!("{} ({})", error.key().unwrap_or("?"), error.code().unwrap_or("no code")))
        .collect();
    Ok(Deleted { failed })
}
