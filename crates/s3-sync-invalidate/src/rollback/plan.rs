//! What stays, what comes back and what goes. Pure.

use serde::Serialize;

use crate::hashed_name::has_content_hash;
use crate::headers::RemoteHeaders;
use crate::hints::{of_distributions, unread, warning};
use crate::manifest::{Entry, Release};
use crate::phase::Phase;
use crate::plan::{Copied, Decided, Deletion, Plan, assemble, deletes};
use crate::remote::Reason;

use super::error::RollbackError;
use super::inputs::RollbackInputs;
use super::observe::RollbackSnapshot;
use super::versions::{Version, Versioning};

/// The most that one request copies (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

/// What will be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RollbackPlan {
    /// The release that is there.
    pub from: Release,
    /// The release to go back to.
    pub back_to: Release,
    /// The changes, as those of a publication.
    pub changes: Plan,
    /// The keys of objects that the release did not have and that stay, because the bucket would not keep them.
    pub stays: Vec<String>,
}

/// What becomes of an object that the release had.
pub(super) enum Fate<'a> {
    /// It is there; what is known of it.
    Stays(Entry),
    /// This version comes back.
    Comes(&'a Version),
    /// It cannot come back; its name, and why.
    Gone(String),
}

/// What becomes of `path`, of which the release had `entry`.
pub(super) fn fate<'a>(seen: &'a RollbackSnapshot, path: &str, key: &str, entry: &Entry) -> Fate<'a> {
    let manifest = seen.seen.manifest.manifest();
    let present = seen.kept.present(key);
    // While the object that is there is what the present manifest says, it is known; with KMS a copy has another `ETag`.
    let known = manifest.zip(present).and_then(|(manifest, present)| {
        let known = manifest.content.entries.get(path).filter(|known| known.etag == present.etag);
        known.filter(|_| present.last_modified <= manifest.last_modified)
    });
    let is_same = |known: &&Entry| {
        let is_compared = known.headers.is_some() || known.etag == entry.etag;
        known.md5 == entry.md5 && known.headers == entry.headers && is_compared
    };
    if let Some(known) = known.filter(is_same) {
        return Fate::Stays(Entry { etag: known.etag.clone(), ..entry.clone().last_used_by(None) });
    }
    let is_other = |version: &Version| version.is_latest && known.is_some();
    let versions = seen.kept.versions.get(key).map_or(&[][..], Vec::as_slice);
    let fits = || versions.iter().filter(|version| version.etag == entry.etag && !is_other(version));
    // The same content may have been there with other headers, before and after. S3 tells whole seconds: the present object of the
    // second in which the release was written may be what a rollback put there that was interrupted.
    let is_after = |version: &Version| version.last_modified > seen.written - i64::from(version.is_latest);
    let found = fits().find(|version| !is_after(version)).or_else(|| fits().next());
    match found {
        // It is the last one with this content; with which headers nobody knows.
        Some(version) if version.is_latest => Fate::Stays(Entry { headers: None, ..entry.clone().last_used_by(None) }),
        Some(version) if version.is_archived() => {
            let class = version.storage_class.as_deref().unwrap_or_default();
            Fate::Gone(format!("{path} (archived as {class})"))
        }
        Some(version) => Fate::Comes(version),
        None => Fate::Gone(path.to_owned()),
    }
}

/// What cannot come back.
#[derive(Default)]
struct Missing {
    gone: Vec<String>,
    /// What would take the place of something that the bucket does not keep.
    lossy: Vec<String>,
    large: Vec<String>,
}

/// Decides.
pub(super) fn plan(inputs: &RollbackInputs, seen: &RollbackSnapshot) -> Result<RollbackPlan, RollbackError> {
    if inputs.publish.mode.has_folders() {
        return super::folders::plan(inputs, seen);
    }
    let publish = &inputs.publish;
    let (mut unchanged, mut copies, mut missing) = (Vec::new(), Vec::new(), Missing::default());
    for (path, entry) in &seen.entries {
        let key = publish.prefix.key(path);
        match (fate(seen, path, &key, entry), seen.heads.get(&key)) {
            (Fate::Stays(entry), _) => {
                let is_known = seen.seen.manifest.entry(path) == Some(&entry);
                unchanged.push((path.as_str(), (!is_known).then(|| Box::new(entry))));
            }
            (Fate::Comes(_), _) if entry.size > LARGEST => missing.large.push(path.clone()),
            (Fate::Comes(_), _) if !seen.kept.loses_nothing(&key) => missing.lossy.push(path.clone()),
            (Fate::Comes(version), Some(headers)) => {
                copies.push((copied(seen, path, key, entry, version, headers), entry.clone()));
            }
            // It went between the listing and the look at it.
            (Fate::Comes(_), None) => missing.gone.push(path.clone()),
            (Fate::Gone(name), _) => missing.gone.push(name),
        }
    }
    refuse(inputs, seen, missing)?;
    copies.sort_by(|(a, _), (b, _)| (a.phase, &a.path).cmp(&(b.phase, &b.path)));
    let from = seen.seen.manifest.manifest().map_or_else(|| seen.target.clone(), |known| known.content.release.clone());
    let is_there = from.id == seen.target.id || from.rolled_back_to.as_ref() == Some(&seen.target.id);
    let is_release = !copies.is_empty() || !is_there;
    let goes = deletes(publish, &seen.seen, is_release).goes;
    let (goes, stays): (Vec<Deletion>, Vec<Deletion>) =
        goes.into_iter().partition(|deletion| seen.kept.loses_nothing(&deletion.key));
    let rolled_back_to = Some(seen.target.id.clone());
    let decided = Decided { unchanged, uploads: Vec::new(), copies, deletes: goes, is_release, rolled_back_to };
    let mut changes = assemble(publish, &seen.seen, decided);
    changes.hints = of_distributions(&seen.seen, &changes);
    changes.hints.extend(unread(publish, &seen.seen));
    let stays: Vec<String> = stays.into_iter().map(|deletion| deletion.key).collect();
    if !stays.is_empty() {
        changes.hints.push(warning(format!(
            "the bucket keeps no versions of what is deleted, so objects that the release did not have stay: {}",
            crate::error::shown(&stays)
        )));
    }
    if changes.changes_objects() && seen.seen.distributions.is_empty() {
        let text = "no distribution is invalidated, so caches in front of the bucket keep what they have";
        changes.hints.push(crate::hints::note(text));
    }
    Ok(RollbackPlan { from, back_to: seen.target.clone(), changes, stays })
}

fn copied(
    seen: &RollbackSnapshot,
    path: &str,
    key: String,
    entry: &Entry,
    version: &Version,
    headers: &RemoteHeaders,
) -> Copied {
    let present = seen.kept.present(&key);
    let phase = match entry {
        Entry { page: true, .. } => Phase::EntryPoints,
        entry if !entry.unsteady() && has_content_hash(path) => Phase::HashedAssets,
        _ => Phase::OtherAssets,
    };
    // What a rollback that was interrupted has put there is new to everybody.
    let written = seen.seen.manifest.manifest().map_or(i64::MAX, |manifest| manifest.last_modified);
    let is_begun = |present: &Version| phase == Phase::HashedAssets && present.last_modified > written;
    let reason = match present {
        None => Reason::New,
        Some(present) if present.etag == entry.etag && is_begun(present) => Reason::New,
        Some(present) if present.etag == entry.etag => Reason::Headers,
        Some(_) => Reason::Content,
    };
    // A lifecycle rule may have moved the version to a colder class than the site has.
    let class = present.unwrap_or(version).storage_class.clone().filter(|class| class != "STANDARD");
    Copied {
        path: path.to_owned(),
        key,
        version: version.id.clone(),
        phase,
        reason,
        size: version.size,
        before: present.map(|present| present.size),
        md5: entry.md5,
        storage_class: class,
        headers: headers.clone(),
    }
}

/// A site that is half one release and half another is worse than either.
fn refuse(inputs: &RollbackInputs, seen: &RollbackSnapshot, missing: Missing) -> Result<(), RollbackError> {
    let Missing { gone, lossy, large } = missing;
    let release = seen.target.id.as_str().to_owned();
    if seen.kept.versioning == Versioning::Off && !(gone.is_empty() && lossy.is_empty()) {
        let mut names = gone;
        names.extend(lossy);
        return Err(RollbackError::NotVersioned { bucket: inputs.publish.bucket.to_string(), release, names });
    }
    if !gone.is_empty() {
        return Err(RollbackError::VersionGone { release, names: gone });
    }
    if !large.is_empty() {
        return Err(RollbackError::TooLarge { release, names: large });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
