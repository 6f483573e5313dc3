//! Writes the objects: one phase after the other, what a page needs before the page.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

use actions_core::amount::{bytes, count};

use crate::error::Error;
use crate::phase::Phase;
use crate::plan::Upload;
use crate::prefixed::Moved;
use crate::s3;

use super::relocate::{self, Relocated};
use super::tally::{Step, Tally};
use super::upload::{PhaseResult, Uploader};
use super::{Run, check, copy, note};

/// Writes all objects. Returns the `ETag` of each key.
pub(super) async fn write_all(run: Run<'_>, tally: &mut Tally) -> Result<BTreeMap<String, String>, Error> {
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
pub(super) async fn bring_back(run: Run<'_>, tally: &Tally) -> Result<(), Error> {
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
