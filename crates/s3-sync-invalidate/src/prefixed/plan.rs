//! What becomes a release: what is copied, uploaded, switched and invalidated, and which releases go.

mod ahead;
mod built;
mod due;
mod older;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Error;
use crate::hints;
use crate::inputs::{Extraneous, Inputs};
use crate::invalidation::Wanted;
use crate::journal::Journal;
use crate::manifest::{Content, Entry, Folder, Found, Release, ReleaseId};
use crate::mode::{Adoption, Mode, origin_path, place};
use crate::plan::{
    Condition, Next, Plan, Snapshot, Upload, can_return, invalidations, is_stale, latest, refuse, stamped,
};
use crate::table::Table;

use super::{Change, Moved, Releases, Shown, Switch, SwitchError, base, shown};
use ahead::ahead;
use built::{Built, Decided, decided};
use due::journal;
use older::{Older, Remembered, remembered};
pub(crate) use older::{may_prune, unseen};

/// The page that a site has at its top.
const START_PAGE: &str = "index.html";

/// Decides.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    let nothing = Releases::default();
    let releases = snapshot.releases.as_deref().unwrap_or(&nothing);
    let known = snapshot.manifest.manifest().map(|manifest| &manifest.content);
    let before = known.map_or_else(|| inputs.prefix.clone(), |known| base(&inputs.prefix, known));
    let Some(folder) = snapshot.manifest.folder().cloned() else { return Err(no_place(inputs)) };
    let (write, fresh) = stamped(inputs, snapshot, &folder);
    let to = place(&inputs.prefix, &fresh.id);
    refuse(&Inputs { prefix: to.clone(), extraneous: Extraneous::Keep, ..inputs.clone() }, &snapshot.source)?;
    refuse_to_show_nothing(inputs, snapshot, known)?;
    let fronts = fronts(inputs, releases, known)?;

    let Decided { files, is_release } = decided(inputs, snapshot, known, &before);
    let mut built = Built::new(&to);
    let (entries, release, unchanged) = if let Some(known) = known.filter(|_| !is_release) {
        (Arc::clone(&known.entries), known.release.clone(), snapshot.source.files.len())
    } else {
        for file in files {
            built.take(file);
        }
        let unchanged = built.moves.len();
        if let Some(known) = known {
            // What is not there any more cannot come along.
            let has = |path: &str, entry: &Entry| {
                let source = &snapshot.source;
                source.files.contains_key(path) || !snapshot.objects.contains_key(path) || is_stale(source, path, entry)
            };
            built.leave(inputs, known, &fronts, &has);
        }
        let entries = std::mem::take(&mut built.entries);
        (Arc::new(entries), Release { place: Some(fresh.id.clone()), ..fresh }, unchanged)
    };
    let Built { mut uploads, mut moves, .. } = built;
    uploads.sort_by(|a, b| (a.phase, &a.path).cmp(&(b.phase, &b.path)));
    moves.sort_by(|a, b| (a.to.phase, &a.to.path).cmp(&(b.to.phase, &b.to.path)));
    Ok(assemble(
        inputs,
        snapshot,
        Made { folder, write, fronts, uploads, moves, entries, release, unchanged, older: Older::Go },
    ))
}

/// A release, new or not, and the distributions that will show it.
pub(crate) struct Made {
    folder: Folder,
    write: String,
    fronts: Vec<Known>,
    uploads: Vec<Upload>,
    moves: Vec<Moved>,
    entries: Arc<Table<Entry>>,
    release: Release,
    unchanged: usize,
    older: Older,
}

/// Goes back to `target`, whose objects were listed and are all there.
pub(crate) fn go_back(
    inputs: &Inputs,
    snapshot: &Snapshot,
    target: &Release,
    target_entries: &Table<Entry>,
) -> Result<Plan, Error> {
    let nothing = Releases::default();
    let releases = snapshot.releases.as_deref().unwrap_or(&nothing);
    let (Found::Read(folder, manifest), Some(back_to)) = (&snapshot.manifest, &target.place) else {
        return Err(no_place(inputs));
    };
    let known = &manifest.content;
    let (write, fresh) = stamped(inputs, snapshot, folder);
    let fronts = fronts(inputs, releases, Some(known))?;
    let base = place(&inputs.prefix, back_to);
    let is_there = known.release.id == target.id || known.release.rolled_back_to.as_ref() == Some(&target.id);
    let (entries, release, moves) = if is_there {
        (Arc::clone(&known.entries), known.release.clone(), Vec::new())
    } else {
        let mut built = Built { entries: target_entries.clone(), ..Built::new(&base) };
        // Where the folder is the same, everything is there.
        if known.release.place.as_ref() != Some(back_to) {
            built.leave(inputs, known, &fronts, &|path, _| target_entries.contains_key(path));
        }
        let release = Release { place: Some(back_to.clone()), rolled_back_to: Some(target.id.clone()), ..fresh };
        (Arc::new(built.entries), release, built.moves)
    };
    let (uploads, unchanged) = (Vec::new(), target_entries.len());
    let (folder, older) = (folder.clone(), Older::Stay);
    let made = Made { folder, write, fronts, uploads, moves, entries, release, unchanged, older };
    Ok(assemble(inputs, snapshot, made))
}

/// The plan that makes the release the one that is shown.
fn assemble(inputs: &Inputs, snapshot: &Snapshot, made: Made) -> Plan {
    let Made { folder, write, fronts, uploads, moves, entries, release, unchanged, older } = made;
    let nothing = Releases::default();
    let releases = snapshot.releases.as_deref().unwrap_or(&nothing);
    let known = snapshot.manifest.manifest().map(|manifest| &manifest.content);
    let is_release = known.is_none_or(|known| known.release.id != release.id);
    let Remembered { history, distributions, prune, unseen, forgotten } =
        remembered(inputs, snapshot, &release, &fronts, older);
    let current = release.place.clone();
    let shows = current.as_ref().map(|current| origin_path(&place(&inputs.prefix, current))).unwrap_or_default();
    let is_there = |front: &&Known| !matches!((&front.shown, &current), (Shown::Release(id), Some(now)) if id == now);
    let switched: Vec<&Known> = fronts.iter().filter(is_there).collect();
    let journal = journal(inputs, releases, &snapshot.manifest, &switched, &entries);
    let (invalidations, debts) = if inputs.invalidation == Wanted::None {
        (Vec::new(), Vec::new())
    } else {
        invalidations(inputs, snapshot, journal.as_ref())
    };
    let condition = match &snapshot.manifest {
        Found::Read(_, manifest) => Condition::Unchanged(manifest.etag.clone()),
        Found::Broken(_, etag) => Condition::Unchanged(etag.clone()),
        Found::Denied(_) => Condition::AbsentPerhaps,
        Found::Off | Found::Absent(_) => Condition::Absent,
    };
    let read = match &condition {
        Condition::Unchanged(etag) => Some((folder.clone(), etag.clone())),
        Condition::Absent | Condition::AbsentPerhaps => None,
    };
    let is_right =
        known.is_some_and(|known| !is_release && known.history == history && known.distributions == distributions);
    let ahead = current.as_ref().map(|current| ahead(inputs, releases, known, &switched, current, &entries));
    let ahead = ahead.unwrap_or_default();
    let id = release.id.clone();
    let gone = absent(known, &entries, &history);
    let before_uploads = Content { write, release, history, distributions, entries, gone };
    let next = Next { folder, condition, before_uploads, is_release, forgotten };
    let changes = switched.into_iter().map(|front| front.change.clone()).collect();
    let switch = current.map(|place| Switch { place, origin_path: shows, ahead, changes, prune, unseen, read });
    let mut plan = Plan {
        bucket: inputs.bucket.clone(),
        prefix: inputs.prefix.clone(),
        uploads,
        copies: Vec::new(),
        moves,
        deletes: Vec::new(),
        foreign: 0,
        kept: 0,
        unchanged,
        headers_not_compared: 0,
        journal: journal.filter(|_| !invalidations.is_empty()).map(|journal| Journal {
            distributions: invalidations.iter().map(|invalidation| invalidation.distribution.to_string()).collect(),
            ..journal
        }),
        invalidations,
        debts,
        release: Some(id),
        manifest: (!is_right).then_some(next),
        switch,
        hints: Vec::new(),
    };
    plan.hints = hints::of_release(inputs, snapshot, releases, &plan);
    plan
}

/// The paths that a release had and this one has not, as long as that release is remembered: what comes back under one is no news.
fn absent(known: Option<&Content>, entries: &Table<Entry>, history: &[Release]) -> BTreeMap<String, ReleaseId> {
    let Some(known) = known else { return BTreeMap::new() };
    let went = known.entries.iter().filter(|(path, entry)| can_return(path, entry));
    let went = went.map(|(path, _)| (path, &known.release.id));
    let is_known = |id: &ReleaseId| history.iter().any(|release| release.id == *id);
    let gone = known.gone.iter().map(|(path, id)| (path.as_str(), id)).chain(went);
    let gone = gone.filter(|(path, id)| !entries.contains_key(path) && is_known(id));
    latest(gone.collect(), entries.len())
}

/// Nothing of this works without a manifest; the inputs were refused then.
fn no_place(inputs: &Inputs) -> Error {
    let site = format!("s3://{}/{}", inputs.bucket, inputs.prefix.as_str());
    SwitchError::OtherMode { site, mode: "in-place" }.into()
}

/// A release that is no site must not be shown.
fn refuse_to_show_nothing(inputs: &Inputs, snapshot: &Snapshot, known: Option<&Content>) -> Result<(), Error> {
    let files = &snapshot.source.files;
    let had = known.and_then(|known| known.entries.get(START_PAGE)).is_some_and(|entry| entry.last_used().is_none());
    let what = match (files.is_empty(), files.contains_key(START_PAGE)) {
        _ if inputs.extraneous == Extraneous::DeleteAll => return Ok(()),
        (true, _) => "no file".to_owned(),
        (false, false) if had => format!("no `{START_PAGE}` at its top, and the present release has one"),
        _ => return Ok(()),
    };
    Err(SwitchError::EmptyRelease { path: inputs.source.display().to_string(), what }.into())
}

/// A distribution whose origin path may be switched.
pub(crate) struct Known {
    shown: Shown,
    change: Change,
}

fn fronts(inputs: &Inputs, releases: &Releases, known: Option<&Content>) -> Result<Vec<Known>, Error> {
    let mut fronts = Vec::new();
    for front in &releases.fronts {
        let seen = shown(&inputs.prefix, front, known)?;
        if seen.shown == Shown::Site && inputs.mode != Mode::ReleasePrefix(Adoption::Allowed) {
            return Err(SwitchError::NotAllowed { id: front.id.to_string(), path: seen.path }.into());
        }
        let change = Change { distribution: front.id.clone(), from: seen.path, origins: seen.origins };
        fronts.push(Known { shown: seen.shown, change });
    }
    Ok(fronts)
}

#[cfg(test)]
mod tests;
