//! What is deleted, and what is not although it could be.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::encoding::plain_name;
use crate::error::Error;
use crate::hashed_name::has_content_hash;
use crate::inputs::{DeleteScope, Extraneous, Inputs};
use crate::journal;
use crate::manifest::{Entry, ReleaseId};
use crate::max_delete::Deleted;
use crate::remote::{Head, RemoteObject};
use crate::source::Source;

use super::Snapshot;

/// From this many objects on, a `delete` that leaves none of them is taken for a mistake.
const MANY: usize = 20;

/// The page that a site has at its top.
const START_PAGE: &str = "index.html";

/// An object that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deletion {
    /// Its key.
    pub key: String,
    /// Its `ETag`, without quotes. An object that has another one by then was written by somebody else and stays.
    pub etag: String,
    /// Its size in bytes.
    pub size: u64,
}

impl Deletion {
    /// The condition of the request; an endpoint that lists no `ETag` gets none.
    pub(crate) fn tag(&self) -> Option<String> {
        (!self.etag.is_empty()).then(|| self.etag.clone())
    }
}

/// What becomes of the objects that are not in the source.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    /// Those that go, by key.
    pub(crate) goes: Vec<Deletion>,
    /// How many stay because one of the last releases used them.
    pub(crate) kept: usize,
    /// How many stay only because nothing says that they are the site's own.
    pub(crate) foreign: usize,
}

/// What `delete` does to the objects that are not in the source: none outside of the prefix goes, none that is excluded, by default
/// none that is not the site's own, and no asset that one of the last releases used. `is_release` tells whether this is a release of
/// its own.
pub(crate) fn deletes(inputs: &Inputs, snapshot: &Snapshot, is_release: bool) -> Extra {
    let mut extra = Extra::default();
    if inputs.extraneous == Extraneous::Keep {
        return extra;
    }
    let kept = Kept::of(inputs, snapshot, is_release);
    for (path, object) in snapshot.objects.iter().filter(|(path, _)| is_extraneous(inputs, snapshot, path)) {
        let entry = snapshot.manifest.entry(path);
        if inputs.delete_scope == DeleteScope::Owned && (entry.is_none() || is_theirs(&object)) {
            extra.foreign += 1;
        } else if entry.is_some_and(|entry| kept.holds(entry) && !is_stale(&snapshot.source, path, entry)) {
            extra.kept += 1;
        } else {
            let (key, etag) = (inputs.prefix.key(path), object.etag.to_string());
            extra.goes.push(Deletion { key, etag, size: object.size });
        }
    }
    extra
}

/// The paths of the site's own that could be deleted, and under which lies something else than the manifest remembers: a publication that
/// failed may have put it, or somebody else.
pub(crate) fn doubtful(inputs: &Inputs, snapshot: &Snapshot) -> Vec<String> {
    if inputs.extraneous == Extraneous::Keep || inputs.delete_scope == DeleteScope::All {
        return Vec::new();
    }
    let is_other = |path: &str, object: &RemoteObject| {
        snapshot.manifest.entry(path).is_some_and(|entry| entry.etag != object.etag)
            && is_extraneous(inputs, snapshot, path)
    };
    let others = snapshot.objects.iter().filter(|(path, object)| is_other(path, object));
    others.map(|(path, _)| path.to_owned()).collect()
}

/// Whether the object of `entry` is a compressed copy that was made here of what its file was before: who chooses it shows the old one
/// beside the new.
pub(crate) fn is_stale(source: &Source, path: &str, entry: &Entry) -> bool {
    let is_copy = entry.packed().is_some() && !source.files.contains_key(path);
    let file = plain_name(path).filter(|_| is_copy).and_then(|name| source.files.get(name));
    file.is_some_and(|file| file.plain() != entry.plain())
}

/// Whether it was looked at and nothing says that a publication put it.
fn is_theirs(object: &RemoteObject) -> bool {
    match &object.head {
        Some(Head::Read(head)) => head.md5.is_none(),
        Some(Head::Unreadable) => true,
        None => false,
    }
}

/// Whether the object of `path` is not in the source and could be deleted.
fn is_extraneous(inputs: &Inputs, snapshot: &Snapshot, path: &str) -> bool {
    !path.is_empty()
        && !snapshot.source.files.contains_key(path)
        && !inputs.is_skipped(path)
        && !journal::is_own(&inputs.prefix, &inputs.prefix.key(path))
}

/// The releases whose assets stay, for the pages that visitors have open.
struct Kept<'a> {
    releases: BTreeSet<&'a ReleaseId>,
    present: Option<&'a ReleaseId>,
}

impl<'a> Kept<'a> {
    fn of(inputs: &Inputs, snapshot: &'a Snapshot, is_release: bool) -> Self {
        let known = snapshot.manifest.manifest().map(|manifest| &manifest.content);
        let present = known.map(|known| &known.release.id);
        let before = known.into_iter().flat_map(|known| known.history.iter().map(|release| &release.id));
        let releases = present.filter(|_| is_release).into_iter().chain(before).take(inputs.keep_releases).collect();
        Self { releases, present }
    }

    /// Pages are not kept: one that was taken down must not be served any longer.
    fn holds(&self, entry: &Entry) -> bool {
        let last_used = entry.last_used().or(self.present);
        !entry.page && last_used.is_some_and(|release| self.releases.contains(release))
    }
}

/// A wrong `source`, `bucket` or `prefix` must not delete a site: its start page stays, and so does something of what is
/// there, unless the user says otherwise; and there is a limit in any case.
pub(super) fn refuse(inputs: &Inputs, snapshot: &Snapshot, deletes: &[Deletion]) -> Result<(), Error> {
    if inputs.extraneous == Extraneous::Delete {
        refuse_to_lose_the_site(inputs, snapshot, deletes)?;
    }
    // Who lets the whole site go lets any part of it go; the number of objects is a limit all the same.
    let is_plain = |name: &str| inputs.extraneous == Extraneous::Delete && !has_content_hash(name);
    let all = Deleted {
        objects: deletes.len(),
        plain: deletes.iter().filter(|deletion| is_plain(&deletion.key)).count(),
        plain_before: snapshot.objects.keys().filter(|path| is_plain(path)).count(),
    };
    inputs.max_delete.exceeded(all).map_or(Ok(()), |limit| {
        Err(Error::TooManyDeletes { limit, names: deletes.iter().map(|deletion| deletion.key.clone()).collect() })
    })
}

fn refuse_to_lose_the_site(inputs: &Inputs, snapshot: &Snapshot, deletes: &[Deletion]) -> Result<(), Error> {
    let start_page = inputs.prefix.key(START_PAGE);
    if deletes.binary_search_by(|deletion| deletion.key.cmp(&start_page)).is_ok() {
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
