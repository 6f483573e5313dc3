//! Publishes in the plan's order. Each step is a barrier: when one fails, no later one begins.

mod before;
mod copy;
mod delete;
mod invalidate;
mod manifest;
mod note;
mod odd;
mod prune;
mod relocate;
mod switch;
mod tally;
mod upload;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

use actions_core::{ActionError as _, Session};
use serde::Serialize;

use crate::bucket::DistributionId;
use crate::clients::Clients;
use crate::error::{Error, shown};
use crate::inputs::Inputs;
use crate::manifest::ReleaseId;
use crate::phase::Phase;
use crate::plan::{Plan, Upload};
use crate::prefixed::{Moved, Switch};
use crate::s3;
use actions_core::amount::{bytes, count};

use delete::DeleteResult;
use relocate::Relocated;
use tally::{Step, Tally};
pub(crate) use upload::parts;
use upload::{PhaseResult, Uploader};

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
    #[serde(skip)]
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
    if plan.writes_objects() {
        outcome.etags = upload_all(run, &mut tally).await?;
    } else if !plan.deletes.is_empty() {
        check(run, &tally).await?;
    }
    let written = manifest::write_all(run, &outcome.etags).await;
    let written = written.map_err(|error| stopped_at(&tally, "the manifest", error))?;
    outcome.release = written.release;
    outcome.warnings.extend(written.warnings);
    bring_back(run, &tally).await?;
    if !plan.deletes.is_empty() && written.refused.is_none() {
        let DeleteResult { changed, left, .. } = delete_all(run, written.etag.as_deref(), &mut tally).await?;
        outcome.deleted = plan.deletes.len() - changed.len() - left.len();
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
    if let Some(switch) = &plan.switch {
        // Who may not look says so where it deletes nothing.
        is_spread = !switch.prune.is_empty()
            && !switch.changes.is_empty()
            && switch::are_deployed(run).await.unwrap_or_default();
        let ahead = relocate::ahead(run, &switch.ahead, &outcome.etags).await;
        ahead.map_err(|error| tally.stopped("assets for edges that show the old release", error))?;
        outcome.warnings.extend(switch_all(run, switch, written.etag.as_deref(), &mut tally).await?);
    }
    outcome.invalidations = invalidate_all(run, &mut tally).await?;
    outcome.took = tally.took();
    outcome.warnings.extend(note::settle(run).await);
    if let Some(error) = written.refused {
        return Err(tally.stopped("the manifest", error));
    }
    if let Some(switch) = &plan.switch {
        let (pruned, warning) = prune::all(run, switch, is_spread, written.etag.as_deref()).await;
        outcome.pruned = pruned;
        outcome.warnings.extend(warning);
    }
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

/// Returns the `ETag` of each key.
async fn upload_all(run: Run<'_>, tally: &mut Tally) -> Result<BTreeMap<String, String>, Error> {
    let mut uploader = match run.plan.uploads.first() {
        Some(_) => Some(Uploader::new(run).map_err(|error| tally.stopped("uploads", error))?),
        None => None,
    };
    let (mut etags, mut noted) = (BTreeMap::new(), Instant::now());
    for phase in Phase::ALL {
        // Hashed assets are seen by nobody before the pages that name them.
        if phase == Phase::OtherAssets {
            check(run, tally).await?;
        }
        if phase != Phase::HashedAssets {
            noted = note::renew(run, noted)
                .await
                .map_err(|error| tally.stopped("the note of what will be invalidated", error))?;
        }
        if let Some(uploader) = &mut uploader {
            etags.extend(upload_phase(run, uploader, phase, tally).await?);
        }
        etags.extend(copy_phase(run, phase, tally).await?);
        etags.extend(move_phase(run, &mut uploader, phase, tally).await?);
    }
    Ok(etags)
}

/// Uploads again what the publication before this one deleted after it was uploaded: it had left it behind, and did not know that it
/// is used again. From the manifest on it knows.
async fn bring_back(run: Run<'_>, tally: &Tally) -> Result<(), Error> {
    let mut returning = run.plan.uploads.iter().filter(|upload| upload.returns).peekable();
    if returning.peek().is_none() {
        return Ok(());
    }
    let line = &run.clients.line(&run.inputs.bucket)?;
    let looks = returning.map(|upload| async move {
        // What may not be looked at is not known to be gone.
        let answer = s3::head(line, &upload.key, None).await.err()?;
        answer.raw_response().is_some_and(|answer| answer.status().as_u16() == 404).then_some(upload)
    });
    let mut gone: Vec<&Upload> = Vec::new();
    let noted = |upload| {
        gone.extend(upload);
        ControlFlow::Continue(())
    };
    line.gate.each(looks, noted).await;
    if gone.is_empty() {
        return Ok(());
    }
    let mut uploader = Uploader::new(run).map_err(|error| tally.stopped("uploads", error))?;
    for phase in Phase::ALL {
        let some: Vec<_> = gone.iter().copied().filter(|upload| upload.phase == phase).collect();
        if let Some(error) = uploader.all(run, phase, &some).await.failures.into_iter().next() {
            return Err(tally.stopped("what was deleted meanwhile", error));
        }
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

async fn upload_phase(
    run: Run<'_>,
    uploader: &mut Uploader,
    phase: Phase,
    tally: &mut Tally,
) -> Result<Vec<(String, String)>, Error> {
    let uploads: Vec<_> = run.plan.phase(phase).collect();
    if uploads.is_empty() {
        return Ok(Vec::new());
    }
    let size = uploads.iter().map(|upload| upload.size).sum();
    let title = format!("uploading {phase}: {}, {}", count(uploads.len(), "file"), bytes(size));
    run.list(&title, uploads.iter().map(|upload| upload.path.as_str()));
    let result = uploader.all(run, phase, &uploads).await;
    ended(result, phase, uploads.len(), tally)
}

async fn copy_phase(run: Run<'_>, phase: Phase, tally: &mut Tally) -> Result<Vec<(String, String)>, Error> {
    let copies: Vec<_> = run.plan.copies(phase).collect();
    if copies.is_empty() {
        return Ok(Vec::new());
    }
    let size = copies.iter().map(|copy| copy.size).sum();
    let title = format!("restoring {phase}: {}, {}", count(copies.len(), "object"), bytes(size));
    run.list(&title, copies.iter().map(|copy| copy.path.as_str()));
    ended(copy::all(run, &copies).await, phase, copies.len(), tally)
}

/// Copies what the last release has too, and uploads what it does not have any more.
async fn move_phase(
    run: Run<'_>,
    uploader: &mut Option<Uploader>,
    phase: Phase,
    tally: &mut Tally,
) -> Result<Vec<(String, String)>, Error> {
    let moves: Vec<_> = run.plan.moves(phase).collect();
    if moves.is_empty() {
        return Ok(Vec::new());
    }
    let size = moves.iter().map(|moved| moved.to.size).sum();
    let title = format!("copying {phase} of the last release: {}, {}", count(moves.len(), "object"), bytes(size));
    run.list(&title, moves.iter().map(|moved| moved.to.path.as_str()));
    let Relocated { mut etags, lost, failures } = relocate::all(run, &moves).await;
    let (left, again): (Vec<&Moved>, Vec<&Moved>) = lost.into_iter().partition(|moved| moved.is_left);
    if !again.is_empty() && failures.is_empty() {
        if uploader.is_none() {
            *uploader = Some(Uploader::new(run).map_err(|error| tally.stopped("uploads", error))?);
        }
        if let Some(uploader) = uploader {
            let again: Vec<&Upload> = again.iter().map(|moved| &moved.to).collect();
            let result = uploader.all(run, phase, &again).await;
            etags.extend(result.etags);
            let both = PhaseResult { etags, failures: result.failures };
            return ended(both, phase, moves.len() - left.len(), tally);
        }
    }
    ended(PhaseResult { etags, failures }, phase, moves.len() - left.len(), tally)
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

/// How a phase of so many objects went: the `ETag` of each key, or why not all of them have one.
fn ended(result: PhaseResult, phase: Phase, objects: usize, tally: &mut Tally) -> Result<Vec<(String, String)>, Error> {
    let done = result.etags.len();
    tally.advance(Step::Uploads(phase), done);
    let mut failures = result.failures.into_iter();
    match failures.next() {
        Some(first) => Err(tally.stopped_with(&phase.to_string(), first, failures.len())),
        None if done < objects => Err(tally.cancelled(&phase.to_string())),
        None => Ok(result.etags),
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
