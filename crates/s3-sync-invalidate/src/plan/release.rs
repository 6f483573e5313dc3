//! What the manifest will say, and whether it is written at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::etag::ETag;
use crate::hashed_name::has_content_hash;
use crate::inputs::Inputs;
use crate::invalidation::fingerprint;
use crate::manifest::{Content, Entry, Folder, Found, HISTORY, Release, ReleaseId};
use crate::table::Table;

use super::{Copied, Deletion, Snapshot, Upload};

/// How many deleted objects are remembered beyond as many as there are objects.
const MOST_GONE: usize = 1000;

/// The manifest to write, once everything is uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Next {
    /// Where it lies.
    pub(crate) folder: Folder,
    /// On what condition.
    pub(crate) condition: Condition,
    /// What it says, but for what is uploaded, and for the `ETag`s of what is copied.
    pub(crate) before_uploads: Content,
    /// Whether this is a new release, which gets a copy of its own.
    pub(crate) is_release: bool,
    /// The release that the history no longer holds.
    pub(crate) forgotten: Option<ReleaseId>,
}

impl Next {
    /// What it says, `etags` being what S3 answered for `uploads` and `copies`, by key.
    pub(crate) fn content(&self, uploads: &[Upload], copies: &[Copied], etags: &BTreeMap<String, String>) -> Content {
        let mut content = self.before_uploads.clone();
        let entries = Arc::make_mut(&mut content.entries);
        for copy in copies {
            if let (Some(entry), Some(etag)) = (entries.get_mut(&copy.path), etags.get(&copy.key)) {
                entry.etag = etag.as_str().into();
            }
        }
        entries.extend(uploads.iter().map(|upload| {
            let etag = etags.get(&upload.key).map_or(ETag::Md5(upload.md5), |etag| etag.as_str().into());
            (upload.path.as_str(), upload.entry(etag))
        }));
        content
    }
}

/// What must be true of the manifest while it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// There is none.
    Absent,
    /// There is none; it could not be read, so perhaps there is one.
    AbsentPerhaps,
    /// It is still the one with this `ETag`.
    Unchanged(String),
}

/// What was decided of the objects of the site.
pub(crate) struct Decided<'a> {
    /// The paths of those that stay as they are, each with what the manifest will say of it unless it says so already.
    pub(crate) unchanged: Vec<(&'a str, Option<Box<Entry>>)>,
    pub(crate) uploads: Vec<Upload>,
    /// Those that get the content of an older version, each with what the manifest will say of it but for its `ETag`.
    pub(crate) copies: Vec<(Copied, Entry)>,
    pub(crate) deletes: Vec<Deletion>,
    /// Whether the site gets another content than the manifest says.
    pub(crate) is_release: bool,
    /// The release that it gets back.
    pub(crate) rolled_back_to: Option<ReleaseId>,
}

impl Decided<'_> {
    fn changes_objects(&self) -> bool {
        !self.uploads.is_empty() || !self.copies.is_empty() || !self.deletes.is_empty()
    }
}

/// Whether the site gets another content than the manifest says: then this is a new release.
pub(super) fn is_release(snapshot: &Snapshot, uploads: &[Upload]) -> bool {
    let leaves =
        |(path, entry): (&str, &Entry)| entry.last_used().is_none() && !snapshot.source.files.contains_key(path);
    !uploads.is_empty() || snapshot.manifest.manifest().is_none_or(|known| known.content.entries.iter().any(leaves))
}

/// The manifest that is to be written; `None` when there is none, or when the one that is there is right.
pub(super) fn next(inputs: &Inputs, snapshot: &Snapshot, decided: &Decided<'_>) -> Option<Next> {
    let condition = match &snapshot.manifest {
        Found::Off => return None,
        Found::Denied(_) if !decided.changes_objects() => return None,
        Found::Denied(_) => Condition::AbsentPerhaps,
        Found::Absent(_) => Condition::Absent,
        Found::Broken(_, etag) => Condition::Unchanged(etag.clone()),
        Found::Read(_, manifest) => Condition::Unchanged(manifest.etag.clone()),
    };
    let folder = snapshot.manifest.folder()?.clone();
    let known = snapshot.manifest.manifest().map(|manifest| &manifest.content);
    let is_release = decided.is_release;
    let gone = gone(inputs, snapshot);
    // What was deleted since is not worth a write.
    let is_right = known.is_some()
        && decided.unchanged.len() == snapshot.source.files.len()
        && decided.unchanged.iter().all(|(_, entry)| entry.is_none())
        && gone.iter().all(|(path, entry)| snapshot.manifest.entry(path) == Some(entry));
    // Nothing at all is no release: going back to it would take the site away.
    let is_empty = snapshot.source.files.is_empty();
    if (is_empty || (is_right && !is_release)) && !decided.changes_objects() {
        return None;
    }
    let unchanged = decided.unchanged.iter().filter_map(|(path, entry)| {
        let entry = entry.as_deref().or_else(|| snapshot.manifest.entry(path))?;
        Some((*path, entry.clone()))
    });
    let copied = decided.copies.iter().map(|(copy, entry)| (copy.path.as_str(), entry.clone()));
    let entries: Table<Entry> = unchanged.chain(copied).chain(gone).collect();
    let (write, fresh) = stamped(inputs, snapshot, &folder);
    let (release, history, forgotten) = match known {
        Some(known) if !is_release => (known.release.clone(), known.history.clone(), None),
        known => {
            let before = known.into_iter().flat_map(|known| std::iter::once(&known.release).chain(&known.history));
            let mut history: Vec<Release> = before.cloned().collect();
            let forgotten = history.drain(HISTORY.min(history.len())..).next_back().map(|release| release.id);
            let rolled_back_to = decided.rolled_back_to.clone();
            (Release { rolled_back_to, ..fresh }, history, forgotten)
        }
    };
    Some(Next {
        folder,
        condition,
        before_uploads: Content {
            gone: absent(inputs, snapshot, &history, entries.len() + decided.uploads.len()),
            write,
            release,
            history,
            distributions: known.map(|known| known.distributions.clone()).unwrap_or_default(),
            entries: Arc::new(entries),
        },
        is_release,
        forgotten,
    })
}

/// The site's objects that are not in the source any more and still there, each with the last release that used it.
fn gone<'a>(inputs: &Inputs, snapshot: &'a Snapshot) -> Vec<(&'a str, Entry)> {
    let Some(known) = snapshot.manifest.manifest().map(|manifest| &manifest.content) else { return Vec::new() };
    let is_gone = |path: &str| !snapshot.source.files.contains_key(path) && is_there(inputs, snapshot, path);
    let gone = known.entries.iter().filter(|(path, _)| is_gone(path));
    let last = |entry: &Entry| entry.last_used().unwrap_or(&known.release.id).clone();
    gone.map(|(path, entry)| (path, entry.clone().last_used_by(Some(last(entry))))).collect()
}

/// What was deleted and may be in a cache, whoever deleted it and whether or not that was invalidated, each with the last release that
/// used it. `history` says which releases are remembered, `objects` how many objects are.
fn absent(inputs: &Inputs, snapshot: &Snapshot, history: &[Release], objects: usize) -> BTreeMap<String, ReleaseId> {
    let Some(known) = snapshot.manifest.manifest().map(|manifest| &manifest.content) else { return BTreeMap::new() };
    let went =
        known.entries.iter().filter(|(path, entry)| can_return(path, entry) && !is_there(inputs, snapshot, path));
    let went = went.map(|(path, entry)| (path, entry.last_used().unwrap_or(&known.release.id)));
    let is_known = |release: &ReleaseId| *release == known.release.id || history.iter().any(|one| one.id == *release);
    let gone = known.gone.iter().map(|(path, release)| (path.as_str(), release)).chain(went);
    let gone = gone.filter(|(path, release)| !snapshot.source.files.contains_key(path) && is_known(release));
    latest(gone.collect(), objects)
}

/// Whether other content may come under `path` once it is gone: what has a hash in its name is never taken for something else.
pub(crate) fn can_return(path: &str, entry: &Entry) -> bool {
    entry.page || entry.unsteady() || !has_content_hash(path)
}

/// Those of `gone` that are remembered beside so many objects: what went last.
pub(crate) fn latest(mut gone: Vec<(&str, &ReleaseId)>, objects: usize) -> BTreeMap<String, ReleaseId> {
    gone.sort_by(|(_, one), (_, other)| other.cmp(one));
    gone.truncate(objects + MOST_GONE);
    gone.into_iter().map(|(path, release)| (path.to_owned(), release.clone())).collect()
}

/// Whether the object of `path` is still there, or may be where nobody looks.
fn is_there(inputs: &Inputs, snapshot: &Snapshot, path: &str) -> bool {
    inputs.trust_manifest || snapshot.objects.contains_key(path)
}

/// What tells this write of the manifest in `folder` from any other, and the release that it makes.
pub(crate) fn stamped(inputs: &Inputs, snapshot: &Snapshot, folder: &Folder) -> (String, Release) {
    let write = fingerprint([
        &format!("{:?}", snapshot.now),
        inputs.publisher.run_id.as_deref().unwrap_or_default(),
        &folder.to_string(),
    ]);
    let release = release(inputs, snapshot.now, &write);
    (write, release)
}

/// A time since 1970 in RFC 3339, in whole seconds.
pub(crate) fn moment(at: Duration) -> String {
    DateTime::from_secs(i64::try_from(at.as_secs()).unwrap_or_default()).fmt(Format::DateTime).unwrap_or_default()
}

fn release(inputs: &Inputs, now: Duration, write: &str) -> Release {
    let at = moment(now);
    Release {
        id: ReleaseId::new(&at, write),
        at,
        rolled_back_to: None,
        place: None,
        gone: false,
        by: inputs.publisher.clone(),
    }
}

/// The time, as [`Snapshot::now`] has it.
pub(crate) fn now() -> Duration {
    UNIX_EPOCH.elapsed().unwrap_or_default()
}

#[cfg(test)]
mod tests;
