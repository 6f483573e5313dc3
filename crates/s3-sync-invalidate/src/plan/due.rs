//! What caches may hold that became old: the note of it, and what the distributions are told.

use std::collections::BTreeSet;

use crate::inputs::Inputs;
use crate::invalidation::{Due, Invalidation, fingerprint};
use crate::journal::{Debt, Journal};
use crate::manifest::Found;
use crate::remote::Reason;

use super::{Decided, Deletion, Snapshot, Upload, tags};

/// The note of the keys whose old content may be cached.
pub(super) fn journal(inputs: &Inputs, snapshot: &Snapshot, decided: &Decided<'_>) -> Option<Journal> {
    let before = |key: &str| {
        let object = inputs.prefix.relative(key).and_then(|path| snapshot.objects.get(path));
        object.map_or_else(String::new, |object| format!("{} {}", object.etag, object.last_modified))
    };
    let mut evidence = evidence(inputs, &snapshot.manifest);
    let mut keys = BTreeSet::new();
    let uploads = decided.uploads.iter().filter(|upload| upload.makes_old()).map(|upload| (&upload.key, upload.md5));
    let copies = decided.copies.iter().map(|(copy, _)| copy).filter(|copy| copy.makes_old());
    for (key, md5) in uploads.chain(copies.map(|copy| (&copy.key, copy.md5))) {
        evidence.extend([key.clone(), before(key), md5.to_string()]);
        keys.insert(key.clone());
    }
    for Deletion { key, .. } in &decided.deletes {
        evidence.extend([key.clone(), before(key), String::new()]);
        keys.insert(key.clone());
    }
    (!keys.is_empty()).then(|| Journal {
        fresh: fresh(snapshot, &decided.uploads),
        tagged: tags::tagged(inputs, snapshot, &decided.uploads, &decided.deletes),
        run: inputs.publisher.run(),
        ..Journal::new(keys.into_iter().collect(), &evidence)
    })
}

/// What tells a change from all others but the same one that is tried again: it comes upon what the publication before left. The same
/// change may have been made and taken back since.
pub(crate) fn evidence(inputs: &Inputs, found: &Found) -> Vec<String> {
    let before = found.manifest().map(|manifest| manifest.content.write.clone());
    let place = [inputs.bucket.to_string(), inputs.prefix.as_str().to_owned()];
    inputs.publisher.run_id.iter().cloned().chain(before).chain(place).collect()
}

/// The keys under which there never was anything, as far as the manifest remembers: nobody has a copy of something else.
fn fresh(snapshot: &Snapshot, uploads: &[Upload]) -> Vec<String> {
    let Some(manifest) = snapshot.manifest.manifest() else { return Vec::new() };
    let is_fresh = |upload: &&Upload| {
        let known = &manifest.content;
        let was_there = known.entries.contains_key(&upload.path) || known.gone.contains_key(&upload.path);
        upload.makes_old() && upload.reason == Reason::New && !was_there
    };
    uploads.iter().filter(is_fresh).map(|upload| upload.key.clone()).collect()
}

/// What each distribution is told, and which notes of earlier runs that settles. What lies in a release's folder counts as if it lay
/// at the prefix itself.
pub(crate) fn invalidations(
    inputs: &Inputs,
    snapshot: &Snapshot,
    journal: Option<&Journal>,
) -> (Vec<Invalidation>, Vec<String>) {
    if snapshot.distributions.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let debts: Vec<&Debt> = concerning(inputs, snapshot).collect();
    let mut due = Due { wanted: inputs.invalidation.clone(), ..Due::default() };
    due.keys.extend(journal.iter().flat_map(|journal| journal.keys.iter().cloned()));
    if journal.is_some_and(Journal::is_of_everything) {
        due.everything = Some(inputs.prefix.clone());
    }
    due.fresh.extend(journal.iter().flat_map(|journal| journal.fresh.iter().cloned()));
    for debt in &debts {
        match &debt.keys {
            Some(keys) => due.keys.extend(keys.iter().cloned()),
            None => due.everything = Some(inputs.prefix.clone()),
        }
        due.fresh.extend(debt.fresh.iter().cloned());
    }
    // A key that another note has as well was there by then.
    let own = journal.map(|journal| (&journal.keys, &journal.fresh));
    let notes = debts.iter().filter_map(|debt| Some((debt.keys.as_ref()?, &debt.fresh))).chain(own);
    for (keys, fresh) in notes {
        let fresh: BTreeSet<&String> = fresh.iter().collect();
        keys.iter().filter(|key| !fresh.contains(key)).for_each(|key| {
            due.fresh.remove(key);
        });
    }
    (due.tagged, due.tagged_innocents) = tags::due(inputs, snapshot, journal, &due.keys);
    let now = seconds(snapshot);
    let (open, done): (Vec<&Debt>, Vec<&Debt>) = debts.into_iter().partition(|debt| is_open(inputs, snapshot, debt));
    // Who left it tells the distributions once more when it is done; with the same reference that would be nothing.
    let look = inputs.publisher.run().unwrap_or_else(|| now.to_string());
    let changes: BTreeSet<String> = done
        .iter()
        .map(|debt| debt.id.clone())
        .chain(open.iter().map(|debt| fingerprint([debt.id.as_str(), &look])))
        .chain(journal.iter().map(|journal| journal.id.clone()))
        .collect();
    let changes: Vec<String> = changes.into_iter().collect();
    let settled = done.into_iter().filter(|debt| debt.is_settled_by(&inputs.distributions, now));
    let settled = settled.map(|debt| debt.id.clone()).collect();
    // Files and objects together: those of a run that was killed on its way are the same when it is made up for.
    let is_due = !due.is_empty();
    let paths = snapshot.source.files.keys().chain(snapshot.objects.keys()).filter(|_| is_due);
    let known: Vec<String> = paths.map(|path| inputs.prefix.key(path)).collect();
    let known = || known.iter().map(String::as_str);
    let of = |distribution| Invalidation::of(distribution, &due, known(), inputs.max_paths, &changes);
    (snapshot.distributions.iter().filter_map(of).collect(), settled)
}

/// Whether the run that left `debt` may be under way.
fn is_open(inputs: &Inputs, snapshot: &Snapshot, debt: &Debt) -> bool {
    debt.may_be_under_way(inputs.publisher.run().as_deref(), seconds(snapshot))
}

/// How many notes stay because their runs may be under way.
pub(crate) fn open(inputs: &Inputs, snapshot: &Snapshot) -> usize {
    concerning(inputs, snapshot).filter(|debt| is_open(inputs, snapshot, debt)).count()
}

fn seconds(snapshot: &Snapshot) -> i64 {
    i64::try_from(snapshot.now.as_secs()).unwrap_or_default()
}

/// The notes of earlier runs that are about the distributions of this one.
pub(super) fn concerning<'a>(inputs: &'a Inputs, snapshot: &'a Snapshot) -> impl Iterator<Item = &'a Debt> {
    snapshot.debts.iter().filter(|debt| debt.concerns(&inputs.distributions))
}
