//! Releases that lie in folders of their own: which of them a distribution shows, which stay, and what is switched. Pure.

mod error;
mod plan;
mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::bucket::{DistributionId, Prefix};
use crate::cloudfront::Origin;
use crate::manifest::{Content, Entry, Folder, Release, ReleaseId};
use crate::plan::Upload;
use crate::table::Table;

pub use error::SwitchError;
pub(crate) use plan::{go_back, may_prune, plan, unseen};
pub(crate) use shown::{Shown, is_of, shown, shows_release};

/// What this mode sees besides what a publication in place does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Releases {
    /// The distributions, each with its origins that are the bucket.
    pub(crate) fronts: Vec<Front>,
    /// The releases whose folders hold something.
    pub(crate) present: BTreeSet<ReleaseId>,
    /// What releases hold that distributions show besides the present one, by their folders; those that could be read.
    pub(crate) contents: BTreeMap<ReleaseId, Arc<Table<Entry>>>,
    /// The distributions that the manifest remembers, and CloudFront has no more.
    pub(crate) gone: BTreeSet<DistributionId>,
}

/// A distribution, and its origins that are the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Front {
    pub(crate) id: DistributionId,
    pub(crate) origins: Vec<Origin>,
}

/// A file of the release that the bucket has already, in another release's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The key of what is copied.
    pub from: String,
    /// Its `ETag`, without quotes; a copy of anything else is not made.
    pub etag: String,
    /// Whether it is an asset of an earlier release, for pages that visitors have open.
    pub is_left: bool,
    /// Whether it keeps the headers it has, because nobody knows which they are.
    #[serde(skip)]
    pub(crate) keeps_headers: bool,
    /// What it becomes, and how it is uploaded where the copy is not possible any more.
    #[serde(flatten)]
    pub to: Upload,
}

/// What the distributions show from now on, and what is not needed any longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switch {
    /// The release's folder.
    pub place: ReleaseId,
    /// The origin path that shows it.
    pub origin_path: String,
    /// Assets of the release that go to the folders that are shown until then, for edges that do not know of the switch yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ahead: Vec<Moved>,
    /// The distributions that show something else.
    pub changes: Vec<Change>,
    /// The releases whose objects go.
    pub prune: Vec<ReleaseId>,
    /// The distributions on whose account none goes: they were switched once, and are not looked at any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<DistributionId>,
    /// The manifest as it was read, for a run that does not write it: where it lies, and its `ETag`.
    #[serde(skip)]
    pub(crate) read: Option<(Folder, String)>,
}

/// What one distribution shows until now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The distribution.
    pub distribution: DistributionId,
    /// Its origin path.
    pub from: String,
    /// Which origins have it, by their ids.
    pub origins: Vec<String>,
}

/// The folder of the release that the manifest calls the present one; nothing where it lies at the prefix itself.
pub(crate) fn place_of(content: &Content) -> Option<&ReleaseId> {
    content.release.place.as_ref()
}

/// All releases, the newest first.
pub(crate) fn all(content: &Content) -> impl Iterator<Item = &Release> {
    std::iter::once(&content.release).chain(&content.history)
}

/// What the keys of the present release start with.
pub(crate) fn base(prefix: &Prefix, content: &Content) -> Prefix {
    place_of(content).map_or_else(|| prefix.clone(), |place| crate::mode::place(prefix, place))
}

/// Notes what S3 answered for what was moved, `etags` by key. What was not there any more is forgotten: only assets that an
/// earlier release left behind may be missing.
pub(crate) fn settle(content: &mut Content, moves: &[Moved], etags: &BTreeMap<String, String>) {
    let entries = Arc::make_mut(&mut content.entries);
    for Moved { to, .. } in moves {
        match (etags.get(&to.key), entries.get_mut(&to.path)) {
            (Some(etag), Some(entry)) => entry.etag = etag.as_str().into(),
            (None, Some(_)) => drop(entries.remove(&to.path)),
            (_, None) => {}
        }
    }
}
