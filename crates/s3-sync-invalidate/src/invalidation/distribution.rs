//! How a distribution shows the bucket, and so under which paths an object is asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::bucket::{DistributionId, Prefix};

use super::path::{End, Item};

/// How a distribution shows the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Its id.
    pub id: DistributionId,
    /// The origin paths under which it reads this bucket, without slashes at the ends; empty text is the bucket's root.
    pub origin_paths: BTreeSet<String>,
    /// The object that `/` shows, without a slash at the start.
    pub root_object: Option<String>,
    /// What answers to the name of a folder.
    pub folders: Folders,
    /// Its behaviors in their order; the one for all other paths is the last.
    pub behaviors: Vec<Behavior>,
    /// What the paths that come from elsewhere begin with.
    pub neighbors: BTreeSet<String>,
    /// Whether it is known to forget within a minute that an object is not there.
    pub forgets_absence: bool,
    /// The pages that answer for what is not there, by their paths without a slash at the start, each with how long that answer is
    /// kept under each address, in seconds, where that is long.
    pub error_pages: BTreeMap<String, u64>,
    /// The header that names an answer's cache tags.
    pub tag_header: Option<String>,
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

/// Whether `docs/` shows `docs/index.html`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folders {
    /// It does not: the bucket answers with objects of exactly the name.
    Nothing,
    /// It does, as a bucket's website does, or for all that is known.
    Index,
}

/// How some of a distribution's paths are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behavior {
    /// Which paths: `*` stands for any text, `?` for one character.
    pub pattern: String,
    /// Whether a function may change the address of a request, so that an object answers to other names too.
    pub rewrites: bool,
    /// Whether addresses with different queries are different to the cache.
    pub query: Query,
}

/// Whether a query is part of what a cache keeps an answer under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// It is not.
    Ignored,
    /// It is.
    Kept,
    /// A policy decides that is not known here.
    Unknown,
}

impl Distribution {
    /// A distribution whose configuration says nothing of this bucket: the bucket's root is taken for its root.
    pub fn assumed(id: DistributionId, root_object: Option<String>, configuration: Configuration) -> Self {
        Self {
            id,
            origin_paths: BTreeSet::from([String::new()]),
            root_object,
            folders: Folders::Index,
            behaviors: Vec::new(),
            neighbors: BTreeSet::new(),
            forgets_absence: false,
            error_pages: BTreeMap::new(),
            tag_header: None,
            configuration,
        }
    }

    /// The paths that show `key`; none when the distribution does not reach it.
    pub fn forms(&self, key: &str) -> Vec<Item> {
        let mut forms = Vec::new();
        for origin_path in &self.origin_paths {
            let below = if origin_path.is_empty() {
                Some(key)
            } else {
                key.strip_prefix(origin_path.as_str()).and_then(|rest| rest.strip_prefix('/'))
            };
            let Some(below) = below else { continue };
            forms.push(Item::new(below));
            if below == "index.html" || Some(below) == self.root_object.as_deref() {
                forms.push(Item::new(""));
            } else if let Some(folder) = below.strip_suffix("/index.html") {
                let rewritten = self.behavior(&format!("/{folder}/")).is_some_and(|behavior| behavior.rewrites);
                if rewritten || self.folders == Folders::Index {
                    forms.push(Item::new(&format!("{folder}/")));
                }
                if rewritten {
                    forms.push(Item::new(folder));
                }
            } else if let Some(folder) = below.strip_suffix('/') {
                // A page that is stored as its folder.
                if self.behavior(&format!("/{below}")).is_some_and(|behavior| behavior.rewrites) {
                    forms.push(Item::new(folder));
                }
            }
        }
        let queries: Vec<Item> = forms.iter().filter_map(|item| self.query_form(item)).collect();
        forms.extend(queries);
        forms
    }

    /// Whether no cache can hold anything else under the address of an object that was never there before.
    ///
    /// A function may have answered with something else under its address.
    pub fn is_free(&self, key: &str) -> bool {
        let rewrites = |item: &Item| self.behavior(&item.text).is_none_or(|behavior| behavior.rewrites);
        self.forgets_absence && !self.forms(key).iter().any(rewrites)
    }

    fn query_form(&self, item: &Item) -> Option<Item> {
        let behavior = self.behavior(&item.text)?;
        if behavior.query == Query::Kept { item.with_query() } else { None }
    }

    /// The wildcards over everything below `prefix`.
    pub fn wildcards(&self, prefix: &Prefix) -> Vec<Item> {
        let over = |origin_path: &String| {
            let origin = if origin_path.is_empty() { String::new() } else { format!("{origin_path}/") };
            match prefix.as_str().strip_prefix(&origin) {
                Some(below) => Some(Item { end: End::Anything, ..Item::new(below) }),
                None => origin.starts_with(prefix.as_str()).then(|| Item { text: "/".to_owned(), end: End::Anything }),
            }
        };
        self.origin_paths.iter().filter_map(over).collect()
    }

    fn behavior(&self, path: &str) -> Option<&Behavior> {
        self.behaviors.iter().find(|behavior| matches(behavior.pattern.as_bytes(), path.as_bytes()))
    }
}

impl Behavior {
    /// What all paths of this behavior begin with, as far as its pattern says.
    pub fn start(&self) -> String {
        let pattern = self.pattern.trim_start_matches('/');
        format!("/{}", pattern.split(['*', '?']).next().unwrap_or_default())
    }
}

/// Whether a pattern of CloudFront matches a path; the slash at the start of a pattern may be left out
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html>).
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let mut pattern = pattern.strip_prefix(b"/").unwrap_or(pattern);
    let mut path = path.strip_prefix(b"/").unwrap_or(path);
    // Where to go on when what follows the last `*` does not match: the `*` takes one more character.
    let mut again: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), path.split_first()) {
            (Some((b'*', rest)), _) => {
                again = Some((rest, path));
                pattern = rest;
            }
            (Some((one, rest)), Some((other, path_rest))) if *one == b'?' || one == other => {
                (pattern, path) = (rest, path_rest);
            }
            (None, None) => return true,
            _ => match again {
                Some((after, [_, longer @ ..])) => {
                    again = Some((after, longer));
                    (pattern, path) = (after, longer);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_cloudfront_s_do() {
        for (pattern, path, expect) in [
            ("*", "/a/b", true),
            ("/api/*", "/api/x", true),
            ("api/*", "/api/", true),
            ("api/*", "/apis", false),
            ("*.jp?", "/a/b.jpg", true),
            ("*.jp?", "/a/b.jpeg", false),
            ("a*b*c", "/axbxbxc", true),
            ("a*b*c", "/axbxb", false),
            ("Images/*", "/images/x", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), path.as_bytes()), expect, "{pattern} {path}");
        }
    }
}
