//! All decisions: what is uploaded, deleted and invalidated. Pure.

mod copied;
mod deletes;
mod due;
mod refuse;
mod release;
mod tags;
mod upload;

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;

use crate::bucket::{BucketName, Prefix};
use crate::error::Error;
use crate::hints::{Hint, hints};
use crate::inputs::Inputs;
use crate::invalidation::{Distribution, Invalidation};
use crate::journal::{Debt, Journal};
use crate::manifest::{Entry, Found, Rare, ReleaseId};
use crate::phase::Phase;
use crate::prefixed::{self, Moved, Releases, Switch, SwitchError};
use crate::remote::{Compared, Memory, Objects, Reason, Remembered, RemoteObject, Verdict, compare};
use crate::source::{LocalFile, Source};

pub use copied::Copied;
pub use deletes::Deletion;
pub(crate) use deletes::{Extra, deletes, doubtful, is_stale};
pub(crate) use due::{evidence, invalidations, open};
pub(crate) use refuse::refuse;
pub(crate) use release::{Condition, Decided, Next, can_return, latest, moment, now, stamped};
pub(crate) use upload::{Published, Upload};

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The source.
    pub source: Source,
    /// The objects below the prefix, or those of the present release, by the path below it, without Slipway's own.
    pub objects: Objects,
    /// Notes of earlier runs whose invalidation is still due.
    pub debts: Vec<Debt>,
    /// The distributions.
    pub distributions: Vec<Distribution>,
    /// What the publications before left.
    pub manifest: Found,
    /// When this was seen, since 1970.
    pub now: Duration,
    /// The folders of releases, where each has its own.
    pub(crate) releases: Option<Box<Releases>>,
}

impl Snapshot {
    /// What was seen of the object of `path`.
    pub(crate) fn seen(&self, path: &str) -> Seen<'_> {
        let entry = self.manifest.entry(path);
        let is_left = entry.is_some_and(|entry| entry.last_used().is_some());
        let object = self.objects.get(path).filter(|_| !is_left);
        let memory = self.memory(entry, object.as_deref());
        Seen { entry, object, memory }
    }

    /// What is remembered of `object`, `entry` being what the manifest says at its path.
    pub(crate) fn memory<'a>(&self, entry: Option<&'a Entry>, object: Option<&RemoteObject>) -> Memory<'a> {
        let Some(manifest) = self.manifest.manifest() else { return Memory::None };
        match (entry, object) {
            (Some(entry), Some(object)) => {
                Memory::Known(Remembered { entry, is_older: object.last_modified > manifest.last_modified })
            }
            _ => Memory::Stranger,
        }
    }
}

/// What was seen of an object.
pub(crate) struct Seen<'a> {
    /// What the manifest says at its path.
    pub(crate) entry: Option<&'a Entry>,
    /// The object. One that an earlier release left behind may be deleted at any moment, by the publication that did so: it is
    /// none.
    pub(crate) object: Option<Cow<'a, RemoteObject>>,
    /// What is remembered of it.
    pub(crate) memory: Memory<'a>,
}

/// What will be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The bucket.
    pub bucket: BucketName,
    /// The folder inside it.
    pub prefix: Prefix,
    /// The uploads, by phase and then by path.
    pub uploads: Vec<Upload>,
    /// What gets the content of an older version, by phase and then by path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Copied>,
    /// What the bucket has already, in the folder of another release, by phase and then by path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Moved>,
    /// What is deleted, by key.
    pub deletes: Vec<Deletion>,
    /// How many objects stay although they are not in the source, because they are not known to be the site's own.
    pub foreign: usize,
    /// How many objects stay although they are not in the source, because one of the last releases used them.
    pub kept: usize,
    /// How many files the bucket has already.
    pub unchanged: usize,
    /// How many of them were compared without their headers.
    pub headers_not_compared: usize,
    /// The invalidations, one for each distribution that shows something that changed.
    pub invalidations: Vec<Invalidation>,
    /// The note to leave while the invalidations are due; `None` when this run makes nothing old.
    #[serde(skip)]
    pub journal: Option<Journal>,
    /// The notes of earlier runs that this run settles.
    pub debts: Vec<String>,
    /// What the distributions show then; `None` where releases have no folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switch: Option<Switch>,
    /// The release that the bucket holds then; `None` where no manifest is kept.
    pub release: Option<ReleaseId>,
    /// The manifest to write; `None` when what is there is right.
    #[serde(skip)]
    pub(crate) manifest: Option<Next>,
    /// What the user may want to know of the site.
    pub hints: Vec<Hint>,
}

impl Plan {
    /// Whether an object changes.
    pub fn changes_objects(&self) -> bool {
        self.writes_objects() || !self.deletes.is_empty()
    }

    /// Whether an object is written.
    pub fn writes_objects(&self) -> bool {
        !self.uploads.is_empty() || !self.copies.is_empty() || !self.moves.is_empty()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        let prunes = self.switch.as_ref().is_some_and(|switch| !switch.prune.is_empty());
        let changes = self.changes_objects() || self.switches() || prunes;
        !changes && self.invalidations.is_empty() && self.debts.is_empty()
    }

    /// Whether a distribution shows something else afterwards.
    pub fn switches(&self) -> bool {
        self.switch.as_ref().is_some_and(|switch| !switch.changes.is_empty())
    }

    /// Whether a cache may hold something else than the bucket will.
    pub fn makes_old(&self) -> bool {
        !self.deletes.is_empty()
            || self.uploads.iter().any(Upload::makes_old)
            || self.copies.iter().any(Copied::makes_old)
    }

    /// The uploads of one phase.
    pub fn phase(&self, phase: Phase) -> impl Iterator<Item = &Upload> {
        self.uploads.iter().filter(move |upload| upload.phase == phase)
    }

    /// What the bucket has already of one phase.
    pub fn moves(&self, phase: Phase) -> impl Iterator<Item = &Moved> {
        self.moves.iter().filter(move |moved| moved.to.phase == phase)
    }

    /// The copies of one phase.
    pub fn copies(&self, phase: Phase) -> impl Iterator<Item = &Copied> {
        self.copies.iter().filter(move |copy| copy.phase == phase)
    }
}

/// Decides.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    if inputs.mode.has_folders() {
        return prefixed::plan(inputs, snapshot);
    }
    if snapshot.manifest.manifest().is_some_and(|manifest| manifest.content.release.place.is_some()) {
        let site = format!("s3://{}/{}", inputs.bucket, inputs.prefix.as_str());
        return Err(SwitchError::OtherMode { site, mode: "release-prefix" }.into());
    }
    refuse::refuse(inputs, &snapshot.source)?;
    let mut uploads = Vec::new();
    let (mut unchanged, mut headers_not_compared) = (Vec::new(), 0);
    for (path, file) in snapshot.source.files.iter() {
        match decide(inputs, snapshot, path, &file) {
            Decision::Upload(upload) => uploads.push(*upload),
            Decision::Unchanged(entry) => {
                headers_not_compared += usize::from(entry.headers.is_none());
                let is_known = snapshot.manifest.entry(path) == Some(&entry);
                unchanged.push((path, (!is_known).then(|| Box::new(entry))));
            }
        }
    }
    uploads.sort_by(|a, b| (a.phase, &a.path).cmp(&(b.phase, &b.path)));
    let is_release = release::is_release(snapshot, &uploads);
    let Extra { goes: deletes, kept, foreign } = deletes(inputs, snapshot, is_release);
    deletes::refuse(inputs, snapshot, &deletes)?;
    tags::refuse(inputs, snapshot)?;
    let decided = Decided { unchanged, uploads, copies: Vec::new(), deletes, is_release, rolled_back_to: None };
    let mut plan = assemble(inputs, snapshot, decided);
    (plan.kept, plan.foreign) = (kept, foreign);
    plan.headers_not_compared = headers_not_compared;
    plan.hints = hints(inputs, snapshot, &plan);
    Ok(plan)
}

/// The plan for what was decided of the objects: the invalidations, the note of them, and the manifest.
pub(crate) fn assemble(inputs: &Inputs, snapshot: &Snapshot, decided: Decided<'_>) -> Plan {
    let journal = due::journal(inputs, snapshot, &decided);
    let (invalidations, debts) = due::invalidations(inputs, snapshot, journal.as_ref());
    let distributions = || invalidations.iter().map(|invalidation| invalidation.distribution.to_string()).collect();
    let journal = journal.map(|journal| Journal { distributions: distributions(), ..journal });
    let known = snapshot.manifest.manifest().map(|manifest| &manifest.content.release.id);
    let manifest = release::next(inputs, snapshot, &decided);
    Plan {
        bucket: inputs.bucket.clone(),
        prefix: inputs.prefix.clone(),
        foreign: 0,
        kept: 0,
        unchanged: decided.unchanged.len(),
        uploads: decided.uploads,
        copies: decided.copies.into_iter().map(|(copy, _)| copy).collect(),
        moves: Vec::new(),
        switch: None,
        deletes: decided.deletes,
        headers_not_compared: 0,
        release: manifest.as_ref().map(|next| &next.before_uploads.release.id).or(known).cloned(),
        manifest,
        journal: journal.filter(|_| !invalidations.is_empty()),
        invalidations,
        debts,
        hints: Vec::new(),
    }
}

/// What becomes of a file.
pub(crate) enum Decision {
    Upload(Box<Upload>),
    Unchanged(Entry),
}

/// Whether `file` must be uploaded, and how.
pub(crate) fn decide(inputs: &Inputs, snapshot: &Snapshot, path: &str, file: &LocalFile) -> Decision {
    let Seen { entry, object, memory } = snapshot.seen(path);
    let Published { phase, headers, unsteady } = Published::of(inputs, path, file, entry);
    let compared = compare(file, &headers, object.as_deref(), memory, inputs.header_check);
    let reason = match (compared, object) {
        (Verdict::Unchanged(compared), Some(object)) => {
            let headers = (compared == Compared::ContentAndHeaders).then(|| headers.fingerprint());
            let LocalFile { size, md5, packed, .. } = *file;
            let rare = Rare { unsteady, packed, last_used: None };
            let (etag, page) = (object.etag.clone(), phase == Phase::EntryPoints);
            return Decision::Unchanged(Entry { size, md5, etag, headers, page, rare: rare.boxed() });
        }
        (Verdict::Upload(reason), _) => reason,
        (Verdict::Ask, _) => Reason::NotComparable,
        (Verdict::Unchanged(_), None) => Reason::New,
    };
    Decision::Upload(Box::new(Upload::of(inputs, snapshot, path, file, reason)))
}

#[cfg(test)]
pub(crate) mod tests;
