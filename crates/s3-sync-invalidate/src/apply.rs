//! Publishes in the plan's order. Each step is a barrier: when one fails, no later one begins.

mod before;
mod copy;
mod delete;
mod invalidate;
mod manifest;
mod note;
mod odd;
mod phases;
mod prune;
mod relocate;
mod switch;
mod tally;
mod upload;

use std::collections::BTreeMap;
use std::pin::pin;

use actions_core::amount::count;
use actions_core::{ActionError as _, Session};
use futures::future::{Either, select};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::bucket::DistributionId;
use crate::clients::Clients;
use crate::error::{Error, shown};
use crate::inputs::Inputs;
use crate::manifest::ReleaseId;
use crate::plan::Plan;
use crate::prefixed::Switch;

use delete::DeleteResult;
use manifest::Written;
use tally::{Step, Tally};

/// How many names a list in the log has.
const LINES: usize = 200;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// How many objects were written.
    pub uploaded: usize,
    /// Their bytes.
    pub uploaded_bytes: u64,
    /// How many objects got the content of an older version.
    #[serde(skip_serializing_if = "is_zero")]
    pub restored: usize,
    /// What S3 answered for each of them: the `ETag`, without quotes, by key.
    pub etags: BTreeMap<String, String>,
    /// The release that the bucket's manifest tells of; `None` where none is kept.
    pub release: Option<ReleaseId>,
    /// How many objects were deleted.
    pub deleted: usize,
    /// How many old releases were deleted as a whole.
    #[serde(skip_serializing_if = "is_zero")]
    pub pruned: usize,
    /// The keys that were to be deleted and stayed, because somebody else wrote them or published the site meanwhile.
    pub kept: Vec<String>,
    /// The invalidations CloudFront took.
    pub invalidations: Vec<Sent>,
    /// How long the steps took, in their order.
    pub took: Vec<Took>,
    /// What did not go as it should, without keeping the site from being published.
    pub warnings: Vec<String>,
}

/// How long a step took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Took {
    /// The step, as the summary names it.
    pub step: String,
    /// Its time.
    pub milliseconds: u64,
}

/// An invalidation that CloudFront took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The distribution.
    pub distribution: DistributionId,
    /// The invalidation's id.
    pub id: String,
    /// Whether it was seen completed.
    pub completed: bool,
}

/// One run's surroundings, shared by the steps.
#[derive(Clone, Copy)]
struct Run<'a> {
    inputs: &'a Inputs,
    plan: &'a Plan,
    clients: &'a Clients,
    session: &'a Session,
}

impl Run<'_> {
    /// Logs a title and the first [`LINES`] names.
    fn list<'a>(&self, title: &str, names: impl ExactSizeIterator<Item = &'a str>) {
        let more = names.len().saturating_sub(LINES);
        let mut lines: Vec<String> = names.take(LINES).map(str::to_owned).collect();
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        self.session.log.group(title, &lines);
    }
}

/// Does what the plan says.
pub(crate) async fn apply(
    inputs: &Inputs,
    plan: &Plan,
    clients: &Clients,
    session: &Session,
) -> Result<Outcome, Error> {
    let run = Run { inputs, plan, clients, session };
    let mut tally = Tally::of(plan);
    let mut outcome = Outcome::default();
    if let Some(journal) = &plan.journal {
        note::leave(run, journal)
            .await
            .map_err(|error| tally.stopped("the note of what will be invalidated", error))?;
    }
    let keeping = manifest::keep_before(run);
    let (written, kept) = beside(write(run, &mut tally), keeping, &session.cancel).await;
    (outcome.etags, outcome.warnings) = (written?, kept.flatten().into_iter().collect());
    let written = manifest::write_present(run, &outcome.etags).await;
    let mut written = written.map_err(|error| stopped_at(&tally, "the manifest", error))?;
    outcome.warnings.append(&mut written.warnings);
    outcome.release = written.release.take();
    let bytes = std::mem::take(&mut written.bytes);
    outcome.warnings.extend(manifest::copy(run, outcome.release.as_ref(), bytes).await);
    finish(run, written, &mut outcome, &mut tally).await?;
    outcome.uploaded = plan.uploads.len();
    outcome.uploaded_bytes = plan.uploads.iter().map(|upload| upload.size).sum();
    outcome.restored = plan.copies.len();
    if let Some(limit) = inputs.wait {
        let warning = invalidate::wait(run, limit, &mut outcome.invalidations).await;
        if session.cancel.is_cancelled() {
            return Err(tally.cancelled("the wait for the invalidations"));
        }
        outcome.warnings.extend(warning);
    }
    Ok(outcome)
}

/// Does two things at a time. Nobody waits for the second where the first fails, or for it alone where the run is cancelled: the next
/// publication does it then.
async fn beside<A, B>(
    first: impl Future<Output = Result<A, Error>>,
    second: impl Future<Output = B>,
    cancel: &CancellationToken,
) -> (Result<A, Error>, Option<B>) {
    match select(pin!(first), pin!(second)).await {
        Either::Left((Ok(first), second)) => (Ok(first), cancel.run_until_cancelled(second).await),
        Either::Left((Err(error), _)) => (Err(error), None),
        Either::Right((second, first)) => (first.await, Some(second)),
    }
}

/// Writes the objects. Returns the `ETag` of each key.
async fn write(run: Run<'_>, tally: &mut Tally) -> Result<BTreeMap<String, String>, Error> {
    if run.plan.writes_objects() {
        return phases::write_all(run, tally).await;
    }
    if !run.plan.deletes.is_empty() {
        check(run, tally).await?;
    }
    Ok(BTreeMap::new())
}

/// What comes after the manifest was written: what was deleted meanwhile comes back, then deletes, the switch, the invalidations, and
/// old releases go.
async fn finish(run: Run<'_>, written: Written, outcome: &mut Outcome, tally: &mut Tally) -> Result<(), Error> {
    phases::bring_back(run, tally).await?;
    let Written { etag, refused, .. } = written;
    if !run.plan.deletes.is_empty() && refused.is_none() {
        let DeleteResult { changed, left, .. } = delete_all(run, etag.as_deref(), tally).await?;
        outcome.deleted = run.plan.deletes.len() - changed.len() - left.len();
        outcome.warnings.extend(stayed(&changed));
        outcome.warnings.extend((!left.is_empty()).then(|| {
            format!(
                "{} less deleted, because another publication came meanwhile; the next one deletes them",
                count(left.len(), "object")
            )
        }));
        outcome.kept = [changed, left].concat();
    }
    let mut is_spread = false;
    if let Some(switch) = &run.plan.switch {
        // Who may not look says so where it deletes nothing.
        is_spread = !switch.prune.is_empty()
            && !switch.changes.is_empty()
            && switch::are_deployed(run).await.unwrap_or_default();
        let ahead = relocate::ahead(run, &switch.ahead, &outcome.etags).await;
        ahead.map_err(|error| tally.stopped("assets for edges that show the old release", error))?;
        outcome.warnings.extend(switch_all(run, switch, etag.as_deref(), tally).await?);
    }
    outcome.invalidations = invalidate_all(run, tally).await?;
    outcome.took = tally.took();
    outcome.warnings.extend(note::settle(run).await);
    if let Some(error) = refused {
        return Err(tally.stopped("the manifest", error));
    }
    if let Some(switch) = &run.plan.switch {
        let (pruned, warning) = prune::all(run, switch, is_spread, etag.as_deref()).await;
        outcome.pruned = pruned;
        outcome.warnings.extend(warning);
    }
    Ok(())
}

/// Makes sure that nobody else published, before anything changes that a visitor can see.
async fn check(run: Run<'_>, tally: &Tally) -> Result<(), Error> {
    manifest::check(run).await.map_err(|error| stopped_at(tally, "the look at the manifest", error))
}

/// Who looks again wants to know why.
fn stopped_at(tally: &Tally, at: &str, error: Error) -> Error {
    let at = if error.is_stale() { format!("{at}, because {error}") } else { at.to_owned() };
    tally.stopped(&at, error)
}

/// Switches the distributions one after the other. Returns what the user should know.
async fn switch_all(
    run: Run<'_>,
    switch: &Switch,
    written: Option<&str>,
    tally: &mut Tally,
) -> Result<Option<String>, Error> {
    switch::must_show(run, switch).await.map_err(|error| stopped_at(tally, "the look at what is shown", error))?;
    for change in &switch.changes {
        let at = format!("the switch of {}", change.distribution);
        if run.session.cancel.is_cancelled() {
            return Err(tally.cancelled(&at));
        }
        switch::one(run, switch, change, written).await.map_err(|error| stopped_at(tally, &at, error))?;
        run.session.log.line(format!("{}: {} instead of {}", change.distribution, switch.origin_path, change.from));
        tally.advance(Step::Switches, 1);
        let still = manifest::must_be_ours(run, switch, written).await;
        let at = format!("the look at the manifest after the switch of {}", change.distribution);
        still.map_err(|error| stopped_at(tally, &at, error))?;
    }
    match run.inputs.wait {
        Some(limit) if !switch.changes.is_empty() && !run.plan.invalidations.is_empty() => {
            let warning = switch::wait(run, limit, switch).await;
            // The note says what is due.
            if run.session.cancel.is_cancelled() { Err(tally.cancelled("the wait for the edges")) } else { Ok(warning) }
        }
        _ => Ok(None),
    }
}

/// Tells all distributions at once; one that fails does not keep the others from being told.
async fn invalidate_all(run: Run<'_>, tally: &mut Tally) -> Result<Vec<Sent>, Error> {
    let tell = |invalidation| async move { (invalidation, invalidate::send(run, invalidation).await) };
    let (mut sent, mut failures) = (Vec::new(), Vec::new());
    for (invalidation, answer) in futures::future::join_all(run.plan.invalidations.iter().map(tell)).await {
        match answer {
            Ok(taken) => sent.push(taken),
            Err(error) => failures.push((&invalidation.distribution, error)),
        }
    }
    tally.advance(Step::Invalidations, sent.len());
    let mut failures = failures.into_iter();
    let Some((distribution, first)) = failures.next() else { return Ok(sent) };
    let at = format!("the invalidation of {distribution}");
    Err(if run.session.cancel.is_cancelled() {
        tally.cancelled(&at)
    } else {
        tally.stopped_with(&at, first, failures.len())
    })
}

/// Deletes.
async fn delete_all(run: Run<'_>, manifest: Option<&str>, tally: &mut Tally) -> Result<DeleteResult, Error> {
    if run.session.cancel.is_cancelled() {
        return Err(tally.cancelled("deletes"));
    }
    run.list(
        &format!("deleting {}", count(run.plan.deletes.len(), "object")),
        run.plan.deletes.iter().map(|deletion| deletion.key.as_str()),
    );
    let result = delete::all(run, manifest).await;
    tally.advance(Step::Deletes, result.done);
    match result.failure {
        Some(error) => Err(tally.stopped("deletes", error)),
        None if result.done < run.plan.deletes.len() => Err(tally.cancelled("deletes")),
        None => Ok(result),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn stayed(changed: &[String]) -> Option<String> {
    (!changed.is_empty()).then(|| {
        format!(
            "these were written by somebody else after they were listed, so they were not deleted: {}",
            shown(changed)
        )
    })
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;
    use crate::source::SourceError;

    fn failed() -> Result<(), Error> {
        Err(SourceError::Changed { path: String::new() }.into())
    }

    #[tokio::test]
    async fn nobody_waits_for_the_second_where_the_first_fails() {
        let cancel = CancellationToken::new();
        let (first, second) = beside(ready(failed()), pending::<()>(), &cancel).await;
        assert!(first.is_err() && second.is_none());
    }

    #[tokio::test]
    async fn what_the_second_tells_is_kept_whoever_ends_first() {
        let cancel = CancellationToken::new();
        let late = || tokio::time::sleep(std::time::Duration::from_millis(5));
        let first = async {
            late().await;
            Ok(())
        };
        assert_eq!(beside(first, ready(7), &cancel).await.1, Some(7));
        let second = async {
            late().await;
            7
        };
        assert_eq!(beside(ready(Ok(())), second, &cancel).await.1, Some(7));
    }

    #[tokio::test]
    async fn a_cancelled_run_does_not_wait_for_the_second_alone() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let (first, second) = beside(ready(Ok(())), pending::<()>(), &cancel).await;
        assert!(first.is_ok() && second.is_none());
    }
}
