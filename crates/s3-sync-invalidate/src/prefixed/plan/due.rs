//! What a switch makes old in caches.

use std::collections::BTreeSet;

use crate::hashed_name::has_content_hash;
use crate::inputs::Inputs;
use crate::invalidation::Wanted;
use crate::journal::Journal;
use crate::manifest::{Content, Entry, Found};
use crate::plan::evidence;
use crate::prefixed::{Releases, Shown};
use crate::table::Table;

use super::Known;
use super::ahead::held;

/// The note of the keys that the switch changes, as if the site lay at the prefix itself: a distribution that shows a release has the
/// same paths as one that shows the prefix.
pub(super) fn journal(
    inputs: &Inputs,
    releases: &Releases,
    found: &Found,
    switched: &[&Known],
    entries: &Table<Entry>,
) -> Option<Journal> {
    if switched.is_empty() || inputs.invalidation == Wanted::None {
        return None;
    }
    let known = found.manifest().map(|manifest| &manifest.content);
    let mut evidence = evidence(inputs, found);
    let (mut keys, mut fresh) = (BTreeSet::new(), BTreeSet::new());
    for Known { shown, change } in switched {
        evidence.extend([change.distribution.to_string(), change.from.clone()]);
        let old = match shown {
            Shown::Release(id) => held(releases, known, id),
            Shown::Site => known.filter(|known| known.release.place.is_none()).map(|known| &*known.entries),
        };
        let Some(old) = old else {
            // What it shows is not known, so everything may be another.
            return Some(Journal { run: inputs.publisher.run(), ..Journal::new(Vec::new(), &evidence) });
        };
        for (path, change) in changed(old, entries) {
            let key = inputs.prefix.key(path);
            evidence.extend([key.clone(), change.evidence()]);
            let was_there = |known: &Content| known.entries.contains_key(path) || known.gone.contains_key(path);
            let is_known = old.contains_key(path) || known.is_some_and(was_there);
            if !is_known {
                fresh.insert(key.clone());
            }
            keys.insert(key);
        }
    }
    let keys: Vec<String> = keys.into_iter().collect();
    let fresh = fresh.into_iter().collect();
    (!keys.is_empty()).then(|| Journal { fresh, run: inputs.publisher.run(), ..Journal::new(keys, &evidence) })
}

/// A path whose content or headers differ.
struct Difference<'a> {
    old: Option<&'a Entry>,
    new: Option<&'a Entry>,
}

impl Difference<'_> {
    fn evidence(&self) -> String {
        let text = |entry: Option<&Entry>| {
            entry.map_or_else(String::new, |entry| {
                let headers = entry.headers.map_or_else(String::new, |headers| headers.to_string());
                format!("{} {headers}", entry.md5)
            })
        };
        format!("{}, {}", text(self.old), text(self.new))
    }
}

/// What a cache may hold of `old` that is another in `new`. New hashed names nobody can have asked for.
fn changed<'a>(old: &'a Table<Entry>, new: &'a Table<Entry>) -> impl Iterator<Item = (&'a str, Difference<'a>)> {
    let paths: BTreeSet<&str> = old.keys().chain(new.keys()).collect();
    paths.into_iter().filter_map(|path| {
        let (old, new) = (old.get(path), new.get(path));
        let is_same = match (old, new) {
            (Some(old), Some(new)) => old.md5 == new.md5 && old.headers.is_some() && old.headers == new.headers,
            (None, Some(new)) => has_content_hash(path) && !new.page && !new.unsteady(),
            _ => false,
        };
        (!is_same).then_some((path, Difference { old, new }))
    })
}
