//! Which keys can be invalidated by their cache tags.

use std::collections::{BTreeMap, BTreeSet};

use super::due::concerning;
use super::{Deletion, Published, Snapshot, Upload};
use crate::error::Error;
use crate::headers::Headers;
use crate::inputs::Inputs;
use crate::invalidation::Wanted;
use crate::invalidation::tags::{HEADER, Tagged, tag};
use crate::journal::Journal;
use crate::remote::Memory;

/// Tags need distributions that read them.
pub(super) fn refuse(inputs: &Inputs, snapshot: &Snapshot) -> Result<(), Error> {
    if inputs.invalidation != Wanted::Tags {
        return Ok(());
    }
    for distribution in &snapshot.distributions {
        let why = match &distribution.tag_header {
            Some(header) if header.eq_ignore_ascii_case(HEADER) => continue,
            Some(header) => format!("it reads cache tags from the header `{header}`"),
            None => "its configuration has no `CacheTagConfig`".to_owned(),
        };
        return Err(Error::TagsNotEnabled { id: distribution.id.to_string(), why });
    }
    Ok(())
}

/// The keys of what changes whose objects have the tag they would get now: a manifest remembers that they were published with
/// the same headers.
pub(super) fn tagged(inputs: &Inputs, snapshot: &Snapshot, uploads: &[Upload], deletes: &[Deletion]) -> Tagged {
    let mut tagged = Tagged::new();
    if inputs.invalidation != Wanted::Tags {
        return tagged;
    }
    let had = |path: &str, headers: &Headers| {
        let (entry, object) = (snapshot.manifest.entry(path), snapshot.objects.get(path));
        let memory = snapshot.memory(entry, object.as_deref());
        let (Memory::Known(remembered), Some(object)) = (memory, object) else { return false };
        let is_same = !remembered.is_older && remembered.entry.etag == object.etag;
        is_same && remembered.entry.headers == Some(headers.fingerprint())
    };
    let mut note = |phase, key: &str| {
        let keys = tagged.entry(tag(&inputs.bucket, &inputs.prefix, phase)).or_default();
        keys.insert(key.to_owned());
    };
    for upload in uploads.iter().filter(|upload| upload.makes_old()) {
        if had(&upload.path, &upload.headers) {
            note(upload.phase, &upload.key);
        }
    }
    for Deletion { key, .. } in deletes {
        let path = inputs.prefix.relative(key).unwrap_or(key);
        let found = inputs.possible_headers(path).find(|(_, headers)| had(path, headers));
        if let Some((phase, _)) = found {
            note(phase, key);
        }
    }
    tagged
}

/// The keys that are due and had their tag in each note that names them, and how many files of each tag are not due.
pub(super) fn due(
    inputs: &Inputs,
    snapshot: &Snapshot,
    journal: Option<&Journal>,
    due: &BTreeSet<String>,
) -> (Tagged, BTreeMap<String, usize>) {
    if inputs.invalidation != Wanted::Tags {
        return (Tagged::new(), BTreeMap::new());
    }
    let own = journal.map(|journal| (Some(&journal.keys), &journal.tagged));
    let notes: Vec<(Option<&Vec<String>>, &Tagged)> =
        concerning(inputs, snapshot).map(|debt| (debt.keys.as_ref(), &debt.tagged)).chain(own).collect();
    let mut tagged = Tagged::new();
    for (_, note) in &notes {
        for (tag, keys) in *note {
            tagged.entry(tag.clone()).or_default().extend(keys.iter().cloned());
        }
    }
    for (keys, note) in &notes {
        let is_untagged = |key: &&String| !note.values().any(|tagged| tagged.contains(*key));
        let untagged: BTreeSet<&String> = keys.iter().flat_map(|keys| keys.iter()).filter(is_untagged).collect();
        for tagged in tagged.values_mut() {
            tagged.retain(|key| !untagged.contains(key));
        }
    }
    tagged.retain(|_, keys| !keys.is_empty());
    let mut innocents = BTreeMap::new();
    for (path, file) in snapshot.source.files.iter() {
        if !due.contains(&inputs.prefix.key(path)) {
            let Published { phase, .. } = Published::of(inputs, path, &file, snapshot.manifest.entry(path));
            *innocents.entry(tag(&inputs.bucket, &inputs.prefix, phase)).or_insert(0) += 1;
        }
    }
    (tagged, innocents)
}
