//! Publishes in the plan's order. Each step is a barrier: when one fails, no later one begins.

mod delete;
mod invalidate;
mod note;
mod tally;
mod upload;

use actions_core::Session;
use serde::Serialize;

use crate::bucket::DistributionId;
use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::phase::Phase;
use crate::plan::Plan;
use actions_core::amount::{bytes, count};

use tally::{Step, Tally};

/// How many uploads run at the same time.
const UPLOADS_AT_ONCE: usize = 32;

/// How many names a list in the log has.
const LINES: usize = 200;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// How many objects were written.
    pub uploaded: usize,
    /// Their bytes.
    pub uploaded_bytes: u64,
    /// How many objects were deleted.
    pub deleted: usize,
    /// The invalidations CloudFront took.
    pub invalidations: Vec<Sent>,
    /// What did not go as it should, without keeping the site from being published.
    pub warnings: Vec<String>,
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
    for phase in Phase::ALL {
        upload_phase(run, phase, &mut tally).await?;
    }
    if !plan.deletes.is_empty() {
        delete_all(run, &mut tally).await?;
    }
    outcome.invalidations = invalidate_all(run, &mut tally).await?;
    outcome.warnings.extend(note::settle(run).await);
    outcome.uploaded = plan.uploads.len();
    outcome.uploaded_bytes = plan.uploads.iter().map(|upload| upload.size).sum();
    outcome.deleted = plan.deletes.len();
    if let Some(limit) = inputs.wait {
        let warning = invalidate::wait(run, limit, &mut outcome.invalidations).await;
        if session.cancel.is_cancelled() {
            return Err(tally.cancelled("the wait for the invalidations"));
        }
        outcome.warnings.extend(warning);
    }
    Ok(outcome)
}

async fn upload_phase(run: Run<'_>, phase: Phase, tally: &mut Tally) -> Result<(), Error> {
    let uploads: Vec<_> = run.plan.phase(phase).collect();
    if uploads.is_empty() {
        return Ok(());
    }
    let size = uploads.iter().map(|upload| upload.size).sum();
    let title = format!("uploading {phase}: {}, {}", count(uploads.len(), "file"), bytes(size));
    run.list(&title, uploads.iter().map(|upload| upload.path.as_str()));
    let result = upload::all(run, phase, &uploads, UPLOADS_AT_ONCE).await;
    tally.advance(Step::Uploads(phase), result.done);
    let mut failures = result.failures.into_iter();
    match failures.next() {
        Some(first) => Err(tally.stopped_with(&phase.to_string(), first, failures.len())),
        None if result.done < uploads.len() => Err(tally.cancelled(&phase.to_string())),
        None => Ok(()),
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

async fn delete_all(run: Run<'_>, tally: &mut Tally) -> Result<(), Error> {
    if run.session.cancel.is_cancelled() {
        return Err(tally.cancelled("deletes"));
    }
    run.list(
        &format!("deleting {}", count(run.plan.deletes.len(), "object")),
        run.plan.deletes.iter().map(String::as_str),
    );
    let result = delete::all(run).await;
    tally.advance(Step::Deletes, result.done);
    match result.failure {
        Some(error) => Err(tally.stopped("deletes", error)),
        None if result.done < run.plan.deletes.len() => Err(tally.cancelled("deletes")),
        None => Ok(()),
    }
}
