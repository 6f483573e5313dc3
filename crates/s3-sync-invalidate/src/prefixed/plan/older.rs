//! What becomes of the releases before: which are remembered, and which folders go.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::bucket::DistributionId;
use crate::inputs::Inputs;
use crate::manifest::{Content, HISTORY, LONGEST_HISTORY, Release, ReleaseId};
use crate::plan::{Snapshot, moment};
use crate::prefixed::{Releases, Shown, all};

use super::Known;

/// A folder of this age is not that of a publication that is under way.
const DEAD: Duration = Duration::from_hours(24);

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
    snapshot: &Snapshot,
    release: &Release,
    fronts: &[Known],
    older: Older,
) -> Remembered {
    let nothing = Releases::default();
    let releases = snapshot.releases.as_deref().unwrap_or(&nothing);
    let known = snapshot.manifest.manifest().map(|manifest| &manifest.content);
    let mut history: Vec<Release> = known.map(|known| known.history.clone()).unwrap_or_default();
    let is_release = known.is_none_or(|known| known.release.id != release.id);
    history.splice(0..0, known.filter(|_| is_release).map(|known| known.release.clone()));
    let mut distributions = known.map(|known| known.distributions.clone()).unwrap_or_default();
    distributions.retain(|id| !releases.gone.contains(id));
    let unseen: Vec<DistributionId> = unseen(inputs, &distributions).cloned().collect();
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
    let some = some.filter_map(|release| release.place.as_ref());
    let some: BTreeSet<ReleaseId> = some
        .chain(known.into_iter().flat_map(|known| orphans(known, &releases.present, snapshot.now)))
        .cloned()
        .collect();
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

/// The distributions of which a run does not see what they show.
pub(crate) fn unseen<'a>(
    inputs: &'a Inputs,
    distributions: &'a BTreeSet<DistributionId>,
) -> impl Iterator<Item = &'a DistributionId> {
    distributions.iter().filter(|id| !inputs.distributions.contains(id))
}

/// Whether a folder may go, as far as that is known before it is known what is published.
pub(crate) fn may_prune(inputs: &Inputs, known: &Content, present: &BTreeSet<ReleaseId>, now: Duration) -> bool {
    let folders: BTreeSet<&ReleaseId> = all(known).filter_map(|release| release.place.as_ref()).collect();
    let folders = folders.into_iter().filter(|place| present.contains(place)).count();
    folders > inputs.keep_releases.max(1) || orphans(known, present, now).next().is_some()
}

/// The folders of no release, as a publication leaves them that ends before the manifest names it. What is older than all that is
/// remembered may have been a release, and be shown.
fn orphans<'a>(
    known: &'a Content,
    present: &'a BTreeSet<ReleaseId>,
    now: Duration,
) -> impl Iterator<Item = &'a ReleaseId> {
    let dead = ReleaseId::new(&moment(now.saturating_sub(DEAD)), "00000000");
    let oldest = all(known).map(|release| &release.id).min();
    let is_known = |place: &ReleaseId| all(known).any(|release| release.place.as_ref() == Some(place));
    let is_dead = move |place: &&ReleaseId| **place < dead && oldest.is_some_and(|oldest| *place > oldest);
    present.iter().filter(is_dead).filter(move |place| !is_known(place))
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
