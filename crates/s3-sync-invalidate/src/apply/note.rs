//! Leaves and settles the note of invalidations that are due.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::error::Error;
use crate::journal::{self, Journal, YOUNG};
use crate::s3;

use super::{Run, delete};

/// Writes the note, before anything changes.
pub(super) async fn leave(run: Run<'_>, journal: &Journal) -> Result<(), Error> {
    let key = journal.key(&run.inputs.prefix);
    put(run, &key, journal.to_json()).await
}

/// Writes the note again where it is so old that it would soon be taken for that of a run that ended. Returns since when it is there.
pub(super) async fn renew(run: Run<'_>, since: Instant) -> Result<Instant, Error> {
    match &run.plan.journal {
        Some(journal) if is_worn(run.clients.pace.passed(since.elapsed())) => {
            leave(run, journal).await?;
            Ok(Instant::now())
        }
        _ => Ok(since),
    }
}

/// Whether a note of this age leaves too little time for what follows.
fn is_worn(age: Duration) -> bool {
    age >= YOUNG / 3
}

/// Removes the notes that this run settled. Returns what the user should know.
///
/// A role without `s3:DeleteObject` empties them instead: an empty note is one that was settled.
pub(super) async fn settle(run: Run<'_>) -> Option<String> {
    let own = run.plan.journal.iter().map(|journal| journal.id.as_str());
    let mut problem = None;
    for id in own.chain(run.plan.debts.iter().map(String::as_str)) {
        let key = journal::key(&run.inputs.prefix, id);
        let Err(refused) = delete::own(run, &run.inputs.bucket, &key).await else { continue };
        problem = Some(match put(run, &key, String::new()).await {
            Ok(()) => format!("the note `{key}` could be emptied, not deleted: {refused}"),
            Err(error) => {
                format!("the note `{key}` could not be removed, so the next run invalidates once more: {error}")
            }
        });
    }
    problem
}

async fn put(run: Run<'_>, key: &str, text: String) -> Result<(), Error> {
    let bucket = &run.inputs.bucket;
    let own = [("content-type", "application/json"), ("cache-control", "no-store")];
    let headers = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let headers = headers.into_iter().chain(run.inputs.rules.own_lines()).collect();
    let put = s3::put(&run.clients.line(bucket)?, key, headers, Bytes::from(text)).await;
    put.map(|_| ()).map_err(|error| run.clients.s3_error("PutObject", bucket, Some(key), &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_written_again_long_before_others_take_it() {
        assert!(!is_worn(Duration::from_mins(19)) && is_worn(Duration::from_mins(20)));
    }
}
