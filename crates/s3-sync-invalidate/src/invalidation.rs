//! Which paths of a distribution show old content once keys of the bucket changed.
//!
//! Paths are a distribution's, not the bucket's: without the origin's path, encoded as CloudFront wants them
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html>).

mod cover;
mod distribution;
mod path;
pub(crate) mod tags;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::bucket::{DistributionId, Prefix};

#[cfg(test)]
pub(crate) use cover::tests::is_covered;
use cover::{Cover, Limits, cover};
pub(crate) use distribution::{Behavior, Configuration, Distribution, Folders, Query};
use path::{End, Item};
use tags::Tagged;
pub(crate) use wanted::Wanted;

/// CloudFront's limit of paths in one distribution's running invalidations
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html>).
pub(crate) const MOST_PATHS: usize = 3000;

/// How many wildcards one run writes. CloudFront takes 15 in all that is in progress, and the next run comes soon.
const MOST_WILDCARDS: usize = 10;

/// The price of a path in tenths of a cent, beyond the 1,000 of each month that are free for the account
/// (<https://aws.amazon.com/cloudfront/pricing/>).
const PRICE: usize = 5;

/// What to tell one distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invalidation {
    /// The distribution.
    pub distribution: DistributionId,
    /// The paths, sorted.
    pub paths: Vec<String>,
    /// How many paths there would be without wildcards.
    pub exact_paths: usize,
    /// How many known paths the wildcards take that did not change.
    pub innocents: usize,
    /// Whether it is known that no other paths within the limits take fewer.
    pub optimal: bool,
    /// Makes a repeated call the same call: CloudFront answers the invalidation it already has.
    pub caller_reference: String,
}

/// What became old.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Keys whose old content may be cached.
    pub keys: BTreeSet<String>,
    /// Set when it is not known which keys: then it is everything below this prefix.
    pub everything: Option<Prefix>,
    /// Those of the keys under which there never was anything.
    pub fresh: BTreeSet<String>,
    /// What is told with it.
    pub wanted: Wanted,
    /// Those of the keys whose objects had a tag.
    pub tagged: Tagged,
    /// For each tag how many objects have it that did not change.
    pub tagged_innocents: BTreeMap<String, usize>,
}

impl Due {
    /// Whether nothing became old.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.everything.is_none()
    }
}

impl Invalidation {
    /// The invalidation of what is `due` in `distribution`, with at most `most` paths; `None` when it shows none of it.
    /// `known` are the keys of the site, old and new ones.
    ///
    /// `debt` names the change: the same change has the same reference, another one has another, also where it happens to
    /// change the same paths.
    pub fn of<'a>(
        distribution: &Distribution,
        due: &Due,
        known: impl Iterator<Item = &'a str>,
        most: usize,
        debt: &[String],
    ) -> Option<Self> {
        let mut items = items(distribution, due, &BTreeSet::new());
        if items.is_empty() {
            return None;
        }
        due.wanted.extend(&mut items);
        let innocents = innocents(distribution, due, &items, known);
        let mut found = (0, covered(distribution, due, &[], &innocents, most)?);
        let tags: Vec<&String> = due.tagged.keys().collect();
        for chosen in tags.iter().map(std::slice::from_ref).chain((tags.len() > 1).then_some(tags.as_slice())) {
            if let Some(cover) = covered(distribution, due, chosen, &innocents, most) {
                found = tags::better(found, (chosen.len(), cover));
            }
        }
        let (_, found) = found;
        let caller_reference = caller_reference(&distribution.id, &found.paths, debt);
        Some(Self {
            distribution: distribution.id.clone(),
            paths: found.paths,
            exact_paths: items.len(),
            innocents: found.innocents,
            optimal: found.is_optimal,
            caller_reference,
        })
    }
}

/// What shows the keys that are due, without those that are `tagged`.
fn items(distribution: &Distribution, due: &Due, tagged: &BTreeSet<&String>) -> BTreeSet<Item> {
    let is_free = |key: &String| due.fresh.contains(key) && distribution.is_free(key);
    let keys = due.keys.iter().filter(|key| !tagged.contains(key) && !is_free(key));
    let mut items: BTreeSet<Item> = keys.flat_map(|key| distribution.forms(key)).collect();
    items.extend(due.everything.iter().flat_map(|prefix| distribution.wildcards(prefix)));
    items
}

/// The cover of what is due with the tags of `chosen`; `None` where so many paths are too many.
fn covered(
    distribution: &Distribution,
    due: &Due,
    chosen: &[&String],
    innocents: &[String],
    most: usize,
) -> Option<Cover> {
    let tagged: BTreeSet<&String> = chosen.iter().flat_map(|tag| &due.tagged[*tag]).collect();
    let mut items = items(distribution, due, &tagged);
    due.wanted.extend(&mut items);
    let left = most.checked_sub(chosen.len())?;
    let mut found = match (items.is_empty(), left) {
        (true, _) => Cover { paths: Vec::new(), innocents: 0, is_optimal: true },
        (false, 0) => return None,
        (false, paths) => cover(&items, innocents, Limits { paths, wildcards: MOST_WILDCARDS }),
    };
    found.paths.splice(0..0, chosen.iter().map(|tag| tags::written(tag)));
    found.innocents += chosen.iter().filter_map(|tag| due.tagged_innocents.get(*tag)).sum::<usize>();
    Some(found)
}

/// The paths of `known` keys that did not change, and what lies beside the site, sorted, each once.
fn innocents<'a>(
    distribution: &Distribution,
    due: &Due,
    items: &BTreeSet<Item>,
    known: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let is_due = |text: &str| items.contains(&Item { text: text.to_owned(), end: End::Exact });
    let forms = known.filter(|key| !due.keys.contains(*key)).flat_map(|key| distribution.forms(key));
    let own = forms.filter(|item| item.end != End::Query).map(|item| item.text);
    let mut paths: Vec<String> =
        own.chain(distribution.neighbors.iter().cloned()).filter(|text| !is_due(text)).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// What paths cost at most, in USD: `0.005`.
pub(crate) fn cost(paths: usize) -> String {
    let tenths = paths * PRICE;
    format!("{}.{:03}", tenths / 1000, tenths % 1000)
}

fn caller_reference(distribution: &DistributionId, paths: &[String], debt: &[String]) -> String {
    let parts = std::iter::once(distribution.as_str()).chain(debt.iter().chain(paths).map(String::as_str));
    format!("slipway-{}", fingerprint(parts))
}

/// A hash of `parts`, 32 hex digits.
pub(crate) fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests;
