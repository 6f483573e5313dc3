//! Which release is gone back to. Pure.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::manifest::{Content, Publisher, Release, ReleaseId};

use super::error::{RollbackError, listed};

/// Where to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// The release before the present one.
    Previous,
    /// This release.
    Release(ReleaseId),
    /// The release of that moment, in seconds since 1970; as it was written.
    Moment(i64, String),
}

impl To {
    /// Parses `previous`, a release's id, or a moment in RFC 3339.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text == "previous" {
            return Ok(Self::Previous);
        }
        if let Ok(id) = ReleaseId::parse(text) {
            return Ok(Self::Release(id));
        }
        let moment = DateTime::from_str(text, Format::DateTimeWithOffset);
        moment.map(|moment| Self::Moment(moment.secs(), text.to_owned())).map_err(|_| {
            "not `previous`, a release's id such as 20261121T161748Z-3f2a1b4c, or a moment such as 2026-11-21T16:00:00Z"
                .to_owned()
        })
    }
}

/// Who goes back, and whether an earlier run did not get to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) publisher: &'a Publisher,
    /// Whether invalidations are due.
    pub(super) is_owed: bool,
}

/// The release to go back to, of those that the manifest remembers.
pub(super) fn choose(to: &To, known: &Content, caller: Caller<'_>) -> Result<Release, RollbackError> {
    let releases: Vec<&Release> = std::iter::once(&known.release).chain(&known.history).collect();
    let found = match to {
        To::Previous => return previous(&known.release, &releases, caller),
        To::Release(id) => releases.iter().find(|release| release.id == *id),
        To::Moment(moment, _) => releases.iter().find(|release| seconds(release).is_some_and(|at| at <= *moment)),
    };
    match (found, to) {
        (Some(release), _) => Ok((*release).clone()),
        (None, To::Release(id)) => {
            Err(RollbackError::ReleaseNotFound { id: id.as_str().to_owned(), known: listed(&releases) })
        }
        (None, To::Moment(_, text)) => {
            Err(RollbackError::NothingBefore { what: text.clone(), known: listed(&releases) })
        }
        (None, To::Previous) => Err(nothing_before(&known.release, &releases)),
    }
}

/// The release before the one whose content the present one has, so that going back twice goes back two releases. A rollback
/// that did not get to its end is not another one.
fn previous(present: &Release, releases: &[&Release], caller: Caller<'_>) -> Result<Release, RollbackError> {
    let place = |id: &ReleaseId| releases.iter().position(|release| release.id == *id);
    let mut shown = 0;
    while let Some(back_to) = &releases[shown].rolled_back_to {
        let Some(older) = place(back_to).filter(|older| *older > shown) else {
            return Err(nothing_before(present, releases));
        };
        // The first step of the way leads to what the present run may have done already.
        if shown == 0 && (caller.is_owed || is_same_run(&present.by, caller.publisher)) {
            return Ok(releases[older].clone());
        }
        shown = older;
    }
    releases.get(shown + 1).map_or_else(|| Err(nothing_before(present, releases)), |before| Ok((*before).clone()))
}

/// By how many seconds this machine's clock may differ from S3's.
const SKEW: i64 = 60;

/// Whether a note that was written at `written`, in seconds since 1970, can be of the publication that made `release`: what an earlier one
/// owes says nothing of it.
pub(super) fn is_since(written: i64, release: &Release) -> bool {
    seconds(release).is_none_or(|at| written >= at - SKEW)
}

/// Whether both are runs of one id: a re-run of a workflow's run keeps it.
fn is_same_run(one: &Publisher, other: &Publisher) -> bool {
    one.run_id.is_some() && one.run_id == other.run_id && one.repository == other.repository
}

fn nothing_before(present: &Release, releases: &[&Release]) -> RollbackError {
    RollbackError::NothingBefore { what: format!("the present one, {}", present.id.as_str()), known: listed(releases) }
}

fn seconds(release: &Release) -> Option<i64> {
    DateTime::from_str(&release.at, Format::DateTimeWithOffset).ok().map(|at| at.secs())
}

#[cfg(test)]
mod tests;
