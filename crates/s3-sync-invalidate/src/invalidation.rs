//! Which paths of a distribution show old content once keys of the bucket changed.
//!
//! Paths are a distribution's, not the bucket's: without the origin's path, encoded as CloudFront wants them
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html>).

mod cover;
mod distribution;
mod path;

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::bucket::{DistributionId, Prefix};

#[cfg(test)]
pub(crate) use cover::tests::is_covered;
use cover::{Limits, cover};
pub(crate) use distribution::{Behavior, Configuration, Distribution, Folders, Query};
use path::{End, Item};

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
        let mut items: BTreeSet<Item> = due.keys.iter().flat_map(|key| distribution.forms(key)).collect();
        items.extend(due.everything.iter().flat_map(|prefix| distribution.wildcards(prefix)));
        if items.is_empty() {
            return None;
        }
        let innocents = innocents(distribution, due, &items, known);
        let found = cover(&items, &innocents, Limits { paths: most, wildcards: MOST_WILDCARDS });
        let caller_reference = caller_reference(&distribution.id, &found.paths, debt);
        Some(Self {
            distribution: distribution.id.clone(),
            paths: found.paths,
            exact_paths: items.len(),
            innocents: found.innocents,
            caller_reference,
        })
    }
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
