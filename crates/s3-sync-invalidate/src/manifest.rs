//! The manifest: what the publications of a site left in the bucket, and with which headers.
//!
//! A listing tells an object's `ETag`, which is the content's MD5 only for some objects, and nothing of its headers. The manifest
//! remembers for each object the MD5, the headers and the `ETag` that its PUT request returned: while the listing shows that
//! `ETag`, the object is what was put. It also knows which objects are the site's own, and which release used them last.
//!
//! It is written after all uploads and before the first delete, and only while it is the one that was read
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>): of two publications at the same time one
//! finds that it lost, and deletes nothing.

mod document;
mod entry;
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::bucket::DistributionId;
use crate::invalidation::fingerprint;
use crate::table::Table;

pub(crate) use document::{Broken, read, write};
pub(crate) use entry::{Entry, Rare};
pub(crate) use place::{Folder, ManifestPlace};

/// How many releases the manifest remembers besides the present one; so many are kept in the bucket too.
pub(crate) const HISTORY: usize = 20;

/// How many it remembers at most where folders of older ones are there still.
pub(crate) const LONGEST_HISTORY: usize = 2 * HISTORY;

/// How many bytes each thing has at most that a manifest says of a publisher. A repository's name has at most 140; that of a workflow
/// can be anything.
const LONGEST: usize = 160;

/// The name of a release: when it was published, and a hash that tells it from another of the same second.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ReleaseId(Box<str>);

impl ReleaseId {
    /// Parses `20261121T161748Z-3f2a1b4c`. It becomes a part of a key, so nothing else is one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_shaped = |(time, hash): (&str, &str)| {
            let digits = |text: &str, many: usize| text.len() == many && text.bytes().all(|byte| byte.is_ascii_digit());
            let moment = time.strip_suffix('Z').and_then(|time| time.split_once('T'));
            moment.is_some_and(|(day, time)| digits(day, 8) && digits(time, 6))
                && hash.len() == 8
                && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let good = text.split_once('-').is_some_and(is_shaped);
        if good {
            Ok(Self(text.into()))
        } else {
            Err("not a release's id, such as 20261121T161748Z-3f2a1b4c".to_owned())
        }
    }

    /// The id of what is published at `at` (RFC 3339, in UTC, whole seconds); `hash` has 8 hex digits or more.
    pub(crate) fn new(at: &str, hash: &str) -> Self {
        let time: String = at.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        Self(format!("{time}-{}", hash.get(..8).unwrap_or(hash)).into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ReleaseId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

/// A publication that changed the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Release {
    /// Its name.
    pub id: ReleaseId,
    /// When it was planned, in RFC 3339.
    pub at: String,
    /// The release whose content it brought back, where it was a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_to: Option<ReleaseId>,
    /// The release in whose folder its objects lie; `None` where it was published in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<ReleaseId>,
    /// Whether that folder is gone, or about to be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// Who published it.
    #[serde(flatten)]
    pub by: Publisher,
}

/// Who publishes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Publisher {
    /// The repository, as `owner/name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The workflow's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The id of the workflow's run; a re-run keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The job of the run, which no manifest says.
    #[serde(skip)]
    pub job: Option<String>,
}

impl Publisher {
    /// Who publishes, in words that fit into a manifest: each is cut to [`LONGEST`].
    pub(crate) fn new(
        repository: Option<&str>,
        workflow: Option<&str>,
        run_id: Option<&str>,
        commit: Option<&str>,
    ) -> Self {
        let cut = |text: Option<&str>| text.map(|text| text[..text.floor_char_boundary(LONGEST)].to_owned());
        Self {
            repository: cut(repository),
            workflow: cut(workflow),
            run_id: cut(run_id),
            commit: cut(commit),
            job: None,
        }
    }

    /// A hash of the run and its job, which a re-run has too; `None` where runs have no ids. Two jobs of a run may be under way at the
    /// same time.
    pub(crate) fn run(&self) -> Option<String> {
        let id = self.run_id.as_deref()?;
        Some(fingerprint([self.repository.as_deref().unwrap_or_default(), id, self.job.as_deref().unwrap_or_default()]))
    }

    /// Whether it is a later run of the workflow that `other` is a run of; ids of runs grow.
    pub(crate) fn supersedes(&self, other: &Self) -> bool {
        let number = |of: &Self| of.run_id.as_deref().and_then(|id| id.parse::<u64>().ok());
        let same = self.repository.is_some() && self.repository == other.repository && self.workflow == other.workflow;
        same && matches!((number(self), number(other)), (Some(this), Some(other)) if this > other)
    }
}

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// Tells each write from any other.
    pub(crate) write: String,
    /// The present release.
    pub(crate) release: Release,
    /// Those before it, the newest first.
    pub(crate) history: Vec<Release>,
    /// The distributions that were switched to a release once; each may show one until it is looked at.
    pub(crate) distributions: BTreeSet<DistributionId>,
    /// The site's objects by their path below the prefix. What is seen of the source and of the bucket refers to them.
    pub(crate) entries: Arc<Table<Entry>>,
    /// The paths of those that were deleted, each with the last release that used it: caches may hold them still.
    pub(crate) gone: BTreeMap<String, ReleaseId>,
}

/// A manifest as it lies in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// What it says.
    pub(crate) content: Content,
    /// Its own `ETag`, as it was answered.
    pub(crate) etag: String,
    /// When it was written, in seconds since 1970 by S3's clock.
    pub(crate) last_modified: i64,
}

/// What was found where the manifest lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Found {
    /// None is kept.
    #[default]
    Off,
    /// None is there.
    Absent(Folder),
    /// It may not be read; S3 says so also of what is not there to callers who may not list that folder.
    Denied(Folder),
    /// Something else is there, with this `ETag`.
    Broken(Folder, String),
    /// It was read.
    Read(Folder, Box<Manifest>),
}

impl Found {
    /// The manifest, where there is one.
    pub(crate) fn manifest(&self) -> Option<&Manifest> {
        match self {
            Self::Read(_, manifest) => Some(manifest),
            _ => None,
        }
    }

    /// Where it lies, unless none is kept.
    pub(crate) fn folder(&self) -> Option<&Folder> {
        match self {
            Self::Absent(folder) | Self::Denied(folder) | Self::Broken(folder, _) | Self::Read(folder, _) => {
                Some(folder)
            }
            Self::Off => None,
        }
    }

    /// The objects that are known.
    pub(crate) fn entries(&self) -> Arc<Table<Entry>> {
        self.manifest().map(|manifest| Arc::clone(&manifest.content.entries)).unwrap_or_default()
    }

    /// The object at `path`, as far as it is known.
    pub(crate) fn entry(&self, path: &str) -> Option<&Entry> {
        self.manifest()?.content.entries.get(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_a_name_that_is_safe_in_a_key() {
        let id = ReleaseId::new("2026-11-21T16:17:48Z", "3f2a1b4cffff");
        assert_eq!(id.as_str(), "20261121T161748Z-3f2a1b4c");
        assert_eq!(ReleaseId::parse(id.as_str()), Ok(id));
        for text in
            ["", "20261121T161748Z", "../x", "20261121T161748Z-3f2a1b4", "20261121T161748Z-../../aa", "2026-11-21"]
        {
            assert!(ReleaseId::parse(text).is_err(), "{text}");
        }
    }

    fn run(repository: &str, workflow: &str, run: &str) -> Publisher {
        let text = |text: &str| Some(text.to_owned());
        Publisher { repository: text(repository), workflow: text(workflow), run_id: text(run), ..Publisher::default() }
    }

    #[test]
    fn jobs_of_a_run_are_told_apart() {
        let job = |job: &str| Publisher { job: Some(job.to_owned()), ..run("o/r", "deploy", "9") };
        assert_eq!(job("app").run(), job("app").run());
        assert_ne!(job("app").run(), job("docs").run());
        assert_eq!(Publisher { job: Some("app".to_owned()), ..Publisher::default() }.run(), None);
    }

    #[test]
    fn only_a_later_run_of_the_same_workflow_supersedes() {
        let ours = run("o/r", "deploy", "9");
        assert!(run("o/r", "deploy", "10").supersedes(&ours));
        assert!(!run("o/r", "deploy", "9").supersedes(&ours) && !run("o/r", "deploy", "8").supersedes(&ours));
        assert!(!run("o/r", "other", "10").supersedes(&ours) && !run("o/s", "deploy", "10").supersedes(&ours));
        let nameless = Publisher { repository: None, ..run("", "deploy", "10") };
        assert!(!nameless.supersedes(&Publisher { repository: None, ..ours }));
    }
}
