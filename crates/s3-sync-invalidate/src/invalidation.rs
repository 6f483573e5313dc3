//! Which paths of a distribution show old content once keys of the bucket changed.
//!
//! Paths are a distribution's, not the bucket's: without the origin's path, encoded as CloudFront wants them
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html>).

mod cover;

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::bucket::{DistributionId, Prefix};

pub(crate) use cover::collapse;

/// CloudFront's limit of paths in one distribution's running invalidations.
pub(crate) const MOST_PATHS: usize = 3000;

/// How a distribution shows the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Its id.
    pub id: DistributionId,
    /// The origin paths under which it reads this bucket, without slashes at the ends; empty text is the bucket's root.
    pub origin_paths: BTreeSet<String>,
    /// The object that `/` shows, without a slash at the start.
    pub root_object: Option<String>,
    /// Whether its configuration was read, and what it said of the bucket.
    pub configuration: Configuration,
}

/// What is known of a distribution's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Configuration {
    /// An origin names the bucket.
    Known,
    /// No origin names the bucket.
    OtherOrigins,
    /// It may not be read.
    Unreadable,
}

impl Distribution {
    /// A distribution whose configuration says nothing of this bucket: the bucket's root is taken for its root.
    pub fn assumed(id: DistributionId, root_object: Option<String>, configuration: Configuration) -> Self {
        Self { id, origin_paths: BTreeSet::from([String::new()]), root_object, configuration }
    }

    /// The paths that show `key`; none when the distribution does not reach it.
    pub fn paths(&self, key: &str) -> Vec<String> {
        let mut paths = Vec::new();
        for origin_path in &self.origin_paths {
            let below = if origin_path.is_empty() {
                Some(key)
            } else {
                key.strip_prefix(origin_path.as_str()).and_then(|rest| rest.strip_prefix('/'))
            };
            let Some(below) = below else { continue };
            paths.push(encode(below));
            if below == "index.html" || Some(below) == self.root_object.as_deref() {
                paths.push("/".to_owned());
            } else if let Some(folder) = below.strip_suffix("/index.html") {
                paths.push(encode(&format!("{folder}/")));
            }
        }
        paths
    }

    /// The wildcards over everything below `prefix`.
    fn wildcards(&self, prefix: &Prefix) -> Vec<String> {
        let over = |origin_path: &String| {
            let origin = if origin_path.is_empty() { String::new() } else { format!("{origin_path}/") };
            match prefix.as_str().strip_prefix(&origin) {
                Some("") => Some("/*".to_owned()),
                Some(below) => Some(format!("{}*", encode(below).trim_end_matches('*'))),
                None => origin.starts_with(prefix.as_str()).then(|| "/*".to_owned()),
            }
        };
        self.origin_paths.iter().filter_map(over).collect()
    }
}

/// What to tell one distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invalidation {
    /// The distribution.
    pub distribution: DistributionId,
    /// The paths, sorted.
    pub paths: Vec<String>,
    /// How many paths there would be without wildcards.
    pub exact_paths: usize,
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
    ///
    /// `debt` names the change: the same change has the same reference, another one has another, also where it happens to
    /// change the same paths.
    pub fn of(distribution: &Distribution, due: &Due, most: usize, debt: &[String]) -> Option<Self> {
        let mut exact: BTreeSet<String> = due.keys.iter().flat_map(|key| distribution.paths(key)).collect();
        exact.extend(due.everything.iter().flat_map(|prefix| distribution.wildcards(prefix)));
        if exact.is_empty() {
            return None;
        }
        let exact_paths = exact.len();
        let paths = collapse(exact, most);
        let caller_reference = caller_reference(&distribution.id, &paths, debt);
        Some(Self { distribution: distribution.id.clone(), paths, exact_paths, caller_reference })
    }
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

/// The path of an object below the origin.
///
/// Only unsafe and non-ASCII characters of RFC 1738 are encoded: CloudFront does not match other encoded ones. A `~` can
/// be written in no form that matches, and a `*` is taken for a wildcard; the path ends before them with a wildcard.
fn encode(below: &str) -> String {
    let mut path = String::from("/");
    for byte in below.bytes() {
        match byte {
            b'~' | b'*' => {
                path.push('*');
                break;
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => path.push(char::from(byte)),
            _ if b"$-_.+!'(),/:@=&;".contains(&byte) => path.push(char::from(byte)),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

#[cfg(test)]
mod tests;
