//! What goes to the releases that are shown until the switch.
//!
//! CloudFront tells its edges of a new origin path one after the other, and an edge asks a cache of its region, which may know more or
//! less than itself: a page of the new release may ask for its assets where the old one is still read. So these are there, too.

use std::collections::BTreeSet;

use crate::hashed_name::has_content_hash;
use crate::inputs::Inputs;
use crate::manifest::{Content, Entry, ReleaseId};
use crate::mode::place;
use crate::prefixed::{Moved, Releases, Shown};
use crate::table::Table;

use super::Known;
use super::built::{LARGEST_COPY, carried};

/// The copies of the assets that the release in the folder `current` has, by their names, and those that it takes the place of have
/// not. `entries` are the objects of `current`.
pub(super) fn ahead(
    inputs: &Inputs,
    releases: &Releases,
    known: Option<&Content>,
    switched: &[&Known],
    current: &ReleaseId,
    entries: &Table<Entry>,
) -> Vec<Moved> {
    let from = place(&inputs.prefix, current);
    let shown: BTreeSet<&ReleaseId> = switched.iter().filter_map(|front| release(&front.shown)).collect();
    let mut moves = Vec::new();
    for shown in shown {
        let (to, has) = (place(&inputs.prefix, shown), held(releases, known, shown));
        let is_new = |path: &str| has.is_none_or(|has| !has.contains_key(path));
        for (path, entry) in entries.iter().filter(|(path, entry)| is_asset(path, entry) && is_new(path)) {
            let (upload, _) = carried(inputs, path, entry, to.key(path));
            let (from, etag) = (from.key(path), entry.etag.to_string());
            // It is as it should be where it comes from.
            moves.push(Moved { from, etag, is_left: true, keeps_headers: true, to: upload });
        }
    }
    moves
}

/// What the release in the folder `shown` holds, as far as it is known.
pub(super) fn held<'a>(
    releases: &'a Releases,
    known: Option<&'a Content>,
    shown: &ReleaseId,
) -> Option<&'a Table<Entry>> {
    let present = known.filter(|known| known.release.place.as_ref() == Some(shown)).map(|known| &*known.entries);
    present.or_else(|| releases.contents.get(shown).map(|entries| &**entries))
}

fn release(shown: &Shown) -> Option<&ReleaseId> {
    match shown {
        Shown::Release(id) => Some(id),
        Shown::Site => None,
    }
}

/// Whether the name says what is in it, so that a copy takes the place of nothing else. Those of redirects are empty.
fn is_asset(path: &str, entry: &Entry) -> bool {
    let is_named = has_content_hash(path) && !entry.page && !entry.unsteady();
    is_named && entry.last_used().is_none() && (1..=LARGEST_COPY).contains(&entry.size)
}
