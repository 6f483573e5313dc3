//! What becomes of the releases before: which are remembered, and which folders go.

use std::collections::BTreeSet;

use crate::bucket::DistributionId;
use crate::inputs::Inputs;
use crate::manifest::{Content, HISTORY, LONGEST_HISTORY, Release, ReleaseId};
use crate::prefixed::{Releases, Shown};

use super::Known;

/// What becomes of the releases that are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Older {
    /// They go.
    Go,
    /// They stay: what is gone back to may be bad too.
    Stay,
}

/// What the manifest will say of the releases before.
pub(super) struct Remembered {
    pub(super) history: Vec<Release>,
    /// The distributions that may show one of them.
    pub(super) distributions: BTreeSet<DistributionId>,
    /// The folders that go.
    pub(super) prune: Vec<ReleaseId>,
    /// The distributions on whose account none goes: what they show is not known, because this run does not look at them.
    pub(super) unseen: Vec<DistributionId>,
    /// The release that is not remembered any more.
    pub(super) forgotten: Option<ReleaseId>,
}

/// What becomes of the releases before `release`.
pub(super) fn remembered(
    inputs: &Inputs,
    releases: &Releases,
    known: Option<&Content>,
    release: &Release,
    fronts: &[Known],
    older: Older,
) -> Remembered {
    let mut history: Vec<Release> = known.map(|known| known.history.clone()).unwrap_or_default();
    let is_release = known.is_none_or(|known| known.release.id != release.id);
    history.splice(0..0, known.filter(|_| is_release).map(|known| known.release.clone()));
    let mut distributions = known.map(|known| known.distributions.clone()).unwrap_or_default();
    let unseen: Vec<DistributionId> =
        distributions.iter().filter(|id| !inputs.distributions.contains(id)).cloned().collect();
    distributions.extend(inputs.distributions.iter().cloned());
    // What the distributions show until now stays.
    let shown: BTreeSet<&ReleaseId> = fronts
        .iter()
        .filter_map(|front| match &front.shown {
            Shown::Release(id) => Some(id),
            Shown::Site => None,
        })
        .collect();
    let stay = stay(inputs, releases, &history, release.place.as_ref(), &shown);
    let goes = |place: &ReleaseId| older == Older::Go && !stay.contains(place);
    // What is shown meanwhile goes with a later release: a run that makes none finishes only what an earlier one began.
    for release in history.iter_mut().filter(|_| is_release && unseen.is_empty()) {
        release.gone |= release.place.as_ref().is_some_and(goes);
    }
    let some = history.iter().filter(|release| release.gone || !unseen.is_empty());
    let some: BTreeSet<ReleaseId> = some.filter_map(|release| release.place.clone()).collect();
    let prune: Vec<ReleaseId> =
        some.into_iter().filter(|place| releases.present.contains(place) && goes(place)).collect();
    let (prune, unseen) = match (unseen.is_empty(), prune.is_empty()) {
        (true, _) => (prune, unseen),
        (false, false) => (Vec::new(), unseen),
        (false, true) => (Vec::new(), Vec::new()),
    };
    let forgotten = if is_release { forget(&mut history, releases, release, &shown) } else { None };
    Remembered { history, distributions, prune, unseen, forgotten }
}

/// Forgets the oldest release where they are too many, but none whose folder would be nobody's then.
fn forget(
    history: &mut Vec<Release>,
    releases: &Releases,
    present: &Release,
    shown: &BTreeSet<&ReleaseId>,
) -> Option<ReleaseId> {
    if history.len() <= HISTORY {
        return None;
    }
    let is_needed = |release: &Release| {
        let is_there = |place: &&ReleaseId| releases.present.contains(*place) || shown.contains(*place);
        let Some(place) = release.place.as_ref().filter(is_there) else { return false };
        let others = history.iter().chain([present]).filter(|other| other.id != release.id);
        !others.into_iter().any(|other| other.place.as_ref() == Some(place))
    };
    let last = history.iter().rposition(|release| !is_needed(release));
    let last = last.or_else(|| history.len().checked_sub(1).filter(|last| *last >= LONGEST_HISTORY))?;
    Some(history.remove(last).id)
}

/// The folders that stay: what is shown now and then, and so many releases before; one at least, to go back to.
fn stay(
    inputs: &Inputs,
    releases: &Releases,
    history: &[Release],
    current: Option<&ReleaseId>,
    shown: &BTreeSet<&ReleaseId>,
) -> BTreeSet<ReleaseId> {
    let mut older: Vec<&ReleaseId> = Vec::new();
    for release in history.iter().filter(|release| !release.gone) {
        let is_there = |place: &&ReleaseId| releases.present.contains(*place) && Some(*place) != current;
        older.extend(release.place.as_ref().filter(is_there).filter(|place| !older.contains(place)));
    }
    let kept = older.into_iter().take(inputs.keep_releases.max(1));
    kept.chain(current).chain(shown.iter().copied()).cloned().collect()
}
