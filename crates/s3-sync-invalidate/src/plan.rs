//! All decisions: what is uploaded, deleted and invalidated. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use crate::bucket::{BucketName, Prefix};
use crate::digest::Md5Sum;
use crate::error::Error;
use crate::hints::{Hint, hints};
use crate::inputs::{Extraneous, Inputs};
use crate::invalidation::{Distribution, Due, Invalidation};
use crate::journal::{self, Debt, Journal};
use crate::phase::Phase;
use crate::remote::{Head, Headers, Reason, RemoteObject, Verdict, compare};
use crate::source::{LocalFile, Refusal, Source};

/// The largest object of one PUT request.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

/// From this many objects on, a `delete` that leaves none of them is taken for a mistake.
const MANY: usize = 20;

/// The page that a site has at its top.
const START_PAGE: &str = "index.html";

/// The longest key in bytes.
const LONGEST_KEY: usize = 1024;

/// What was seen.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The source.
    pub source: Source,
    /// The objects below the prefix by key, without Slipway's own.
    pub objects: BTreeMap<String, RemoteObject>,
    /// Notes of earlier runs whose invalidation is still due.
    pub debts: Vec<Debt>,
    /// The distributions.
    pub distributions: Vec<Distribution>,
}

/// A file to upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// Its path relative to the source.
    pub path: String,
    /// Its key.
    pub key: String,
    /// When it goes.
    pub phase: Phase,
    /// Why it goes.
    pub reason: Reason,
    /// Its size in bytes.
    pub size: u64,
    /// The sum of its content.
    pub md5: Md5Sum,
    /// The headers it gets.
    #[serde(flatten)]
    pub headers: Headers,
    /// Where it is on disk.
    #[serde(skip)]
    pub file: PathBuf,
}

impl Upload {
    /// Whether a cache may hold something else under this key.
    ///
    /// A new object with a hashed name is in no cache: nobody asked for it before the pages that name it.
    pub fn makes_old(&self) -> bool {
        self.reason != Reason::New || self.phase != Phase::HashedAssets
    }
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
    /// The keys to delete, sorted.
    pub deletes: Vec<String>,
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
    /// What the user may want to know of the site.
    pub hints: Vec<Hint>,
}

impl Plan {
    /// Whether an object changes.
    pub fn changes_objects(&self) -> bool {
        !self.uploads.is_empty() || !self.deletes.is_empty()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.changes_objects() && self.invalidations.is_empty() && self.debts.is_empty()
    }

    /// Whether a cache may hold something else than the bucket will.
    pub fn makes_old(&self) -> bool {
        !self.deletes.is_empty() || self.uploads.iter().any(Upload::makes_old)
    }

    /// The uploads of one phase.
    pub fn phase(&self, phase: Phase) -> impl Iterator<Item = &Upload> {
        self.uploads.iter().filter(move |upload| upload.phase == phase)
    }
}

/// Decides.
pub(crate) fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
    refuse(inputs, &snapshot.source)?;
    let mut uploads = Vec::new();
    let mut headers_not_compared = 0;
    for (path, file) in &snapshot.source.files {
        let object = snapshot.objects.get(&inputs.prefix.key(path));
        match upload(inputs, path, file, object) {
            Some(upload) => uploads.push(upload),
            None if object.is_some_and(|object| !matches!(object.head, Some(Head::Read(_)))) => {
                headers_not_compared += 1;
            }
            None => {}
        }
    }
    uploads.sort_by(|a, b| (a.phase, &a.path).cmp(&(b.phase, &b.path)));
    let deletes = deletes(inputs, snapshot);
    refuse_to_lose_the_site(inputs, snapshot, &deletes)?;
    let journal = journal(inputs, snapshot, &uploads, &deletes);
    let (invalidations, debts) = invalidations(inputs, snapshot, journal.as_ref());
    let mut plan = Plan {
        bucket: inputs.bucket.clone(),
        prefix: inputs.prefix.clone(),
        unchanged: snapshot.source.files.len() - uploads.len(),
        uploads,
        deletes,
        headers_not_compared,
        journal: journal.filter(|_| !invalidations.is_empty()),
        invalidations,
        debts,
        hints: Vec::new(),
    };
    plan.hints = hints(snapshot, &plan);
    Ok(plan)
}

/// Whether `file` must be uploaded, and how.
fn upload(inputs: &Inputs, path: &str, file: &LocalFile, object: Option<&RemoteObject>) -> Option<Upload> {
    let (phase, headers) = inputs.headers(path, file.looks);
    let reason = match compare(file, &headers, object, inputs.header_check) {
        Verdict::Unchanged => return None,
        Verdict::Upload(reason) => reason,
        Verdict::Ask => Reason::NotComparable,
    };
    Some(Upload {
        path: path.to_owned(),
        key: inputs.prefix.key(path),
        phase,
        reason,
        size: file.size,
        md5: file.md5,
        headers,
        file: file.path.clone(),
    })
}

/// The objects that are not in the source; none outside of the prefix, none that is excluded.
fn deletes(inputs: &Inputs, snapshot: &Snapshot) -> Vec<String> {
    if inputs.extraneous == Extraneous::Keep {
        return Vec::new();
    }
    let gone = |key: &&String| {
        inputs.prefix.relative(key).is_some_and(|path| {
            !path.is_empty()
                && !snapshot.source.files.contains_key(path)
                && !inputs.selection.exclude.contains(path)
                && !journal::is_own(&inputs.prefix, key)
        })
    };
    snapshot.objects.keys().filter(gone).cloned().collect()
}

/// A wrong `source`, `bucket` or `prefix` must not delete a site: its start page stays, and so does something of what is
/// there, unless the user says otherwise.
fn refuse_to_lose_the_site(inputs: &Inputs, snapshot: &Snapshot, deletes: &[String]) -> Result<(), Error> {
    if inputs.extraneous != Extraneous::Delete {
        return Ok(());
    }
    let start_page = inputs.prefix.key(START_PAGE);
    if deletes.binary_search(&start_page).is_ok() {
        let what = format!("the start page `{start_page}`, and the source has no `{START_PAGE}` at its top");
        return Err(Error::SiteWouldGo { what });
    }
    if deletes.len() >= MANY && deletes.len() == snapshot.objects.len() {
        let place = format!("s3://{}/{}", inputs.bucket, inputs.prefix.as_str());
        let what = format!("all {} objects below `{place}`: the source has none of them", deletes.len());
        return Err(Error::SiteWouldGo { what });
    }
    Ok(())
}

/// The note of the keys whose old content may be cached.
fn journal(inputs: &Inputs, snapshot: &Snapshot, uploads: &[Upload], deletes: &[String]) -> Option<Journal> {
    let before = |key: &str| {
        let object = snapshot.objects.get(key);
        object.map_or_else(String::new, |object| format!("{} {}", object.etag, object.last_modified))
    };
    let mut evidence: Vec<String> = inputs.run_id.iter().cloned().collect();
    evidence.extend([inputs.bucket.to_string(), inputs.prefix.as_str().to_owned()]);
    let mut keys = BTreeSet::new();
    for upload in uploads {
        if !upload.makes_old() {
            continue;
        }
        evidence.extend([upload.key.clone(), before(&upload.key), upload.md5.to_string()]);
        keys.insert(upload.key.clone());
    }
    for key in deletes {
        evidence.extend([key.clone(), before(key), String::new()]);
        keys.insert(key.clone());
    }
    (!keys.is_empty()).then(|| Journal::new(keys.into_iter().collect(), &evidence))
}

/// What each distribution is told, and which notes of earlier runs that settles.
fn invalidations(inputs: &Inputs, snapshot: &Snapshot, journal: Option<&Journal>) -> (Vec<Invalidation>, Vec<String>) {
    if snapshot.distributions.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut due = Due::default();
    due.keys.extend(journal.iter().flat_map(|journal| journal.keys.iter().cloned()));
    for debt in &snapshot.debts {
        match &debt.keys {
            Some(keys) => due.keys.extend(keys.iter().cloned()),
            None => due.everything = Some(inputs.prefix.clone()),
        }
    }
    let debts: Vec<String> = snapshot.debts.iter().map(|debt| debt.id.clone()).collect();
    let changes: BTreeSet<String> =
        debts.iter().cloned().chain(journal.iter().map(|journal| journal.id.clone())).collect();
    let changes: Vec<String> = changes.into_iter().collect();
    // Files and objects together: those of a run that was killed on its way are the same when it is made up for.
    let files: Vec<String> = snapshot.source.files.keys().map(|path| inputs.prefix.key(path)).collect();
    let known = || files.iter().chain(snapshot.objects.keys()).map(String::as_str);
    let of = |distribution| Invalidation::of(distribution, &due, known(), inputs.max_paths, &changes);
    (snapshot.distributions.iter().filter_map(of).collect(), debts)
}

/// Refuses a source that must not or cannot be published as it is.
fn refuse(inputs: &Inputs, source: &Source) -> Result<(), Error> {
    let named = |wanted: &[Refusal]| -> Vec<String> {
        let refused = source.refused.iter().filter(|(_, refusal)| wanted.contains(refusal));
        refused.map(|(path, _)| path.clone()).collect()
    };
    let files = |bad: &dyn Fn(&str, &LocalFile) -> bool| -> Vec<String> {
        source.files.iter().filter(|(path, file)| bad(path, file)).map(|(path, _)| path.clone()).collect()
    };
    let sensitive = named(&[Refusal::Sensitive]);
    if !sensitive.is_empty() {
        return Err(Error::Sensitive { names: sensitive });
    }
    let outside = named(&[Refusal::OutsideLink]);
    if !outside.is_empty() {
        return Err(Error::OutsideLinks { names: outside });
    }
    let mut unusable = named(&[Refusal::BadName, Refusal::NoFile]);
    unusable.extend(files(&|path, _| {
        inputs.prefix.key(path).len() > LONGEST_KEY || journal::is_own(&inputs.prefix, &inputs.prefix.key(path))
    }));
    if !unusable.is_empty() {
        return Err(Error::UnusableNames { names: unusable });
    }
    let large = files(&|_, file| file.size > LARGEST);
    if !large.is_empty() {
        return Err(Error::TooLarge { names: large });
    }
    if source.files.is_empty() && inputs.extraneous == Extraneous::Delete {
        return Err(Error::SourceEmpty { path: inputs.source.display().to_string() });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
