//! The image tag rules: which tags an image of a version, built on a branch, carries.
//!
//! | branch | version | tags |
//! |---|---|---|
//! | stable (`main`) | `1.0.0` | `1.0.0`; with `latest: stable` also `latest`, unless a higher stable version exists or the releases are not known |
//! | snapshot (`develop`) | `1.1.0-SNAPSHOT` | `1.1.0-SNAPSHOT`, `develop`; with `latest: develop` also `latest` |
//! | any other | any | `<version without -SNAPSHOT>-<branch>-SNAPSHOT` |
//!
//! A tag of another branch ends in `-SNAPSHOT`, so the wildcards that let snapshots move let it move too; and it has the
//! branch between, so no release and no snapshot of the snapshot branch can take it. `+` becomes `_`, as Helm writes it.

use semver::Version;

use crate::tag::LONGEST;
use crate::{ImageTag, ParseError};

/// What marks a snapshot's version and tag.
const SNAPSHOT: &str = "SNAPSHOT";

/// The shortest room a branch's name needs in a tag: a letter, a dash and a hash.
const SHORTEST_BRANCH: usize = 10;

/// Which images carry `latest`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LatestPolicy {
    /// Those of the snapshot branch.
    #[default]
    Develop,
    /// The highest stable version.
    Stable,
    /// None.
    None,
}

impl LatestPolicy {
    /// Parses `develop`, `stable` or `none`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        match text {
            "develop" => Ok(Self::Develop),
            "stable" => Ok(Self::Stable),
            "none" => Ok(Self::None),
            _ => Err(ParseError::Latest),
        }
    }
}

/// What is known of the stable versions that were released so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HighestStable<'a> {
    /// Nothing, because the tags are not known: `latest` stays where it is, for a wrong one is worse than an old one.
    Unknown,
    /// There is none: the first one becomes `latest`.
    None,
    /// This is the highest one.
    Version(&'a Version),
}

impl HighestStable<'_> {
    /// Whether `version` is at least as high as every release.
    fn is_reached_by(self, version: &Version) -> bool {
        match self {
            Self::Unknown => false,
            Self::None => true,
            Self::Version(highest) => version.cmp_precedence(highest).is_ge(),
        }
    }
}

/// What the tags of an image depend on.
#[derive(Debug, Clone, Copy)]
pub struct Release<'a> {
    /// The project's version.
    pub version: &'a Version,
    /// The branch that is built; `None` for a tag or a detached head.
    pub branch: Option<&'a str>,
    /// The branch of stable versions, `main`.
    pub stable_branch: &'a str,
    /// The branch of snapshots, `develop`.
    pub snapshot_branch: &'a str,
    /// Which images carry `latest`.
    pub latest: LatestPolicy,
    /// The highest stable version that was released so far.
    pub highest_stable: HighestStable<'a>,
}

/// Why an image has no tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ReleaseTagsError {
    /// The stable branch has a version that is not stable. Exit code 2.
    ///
    /// The stable branch (`main` by default) carries a snapshot or a prerelease: the commit that makes the version
    /// stable was not merged.
    #[error("branch `{branch}` needs a stable version, and `{version}` is not one")]
    #[diagnostic(code("image-ref/stable-needs-release"), help("write a version of the form `1.0.0`"))]
    StableNeedsRelease {
        /// The branch.
        branch: String,
        /// The version.
        version: Version,
    },
    /// The snapshot branch has a version that is no snapshot. Exit code 2.
    ///
    /// The snapshot branch (`develop` by default) carries a stable version: after a release nobody raised it to the
    /// next snapshot.
    #[error("branch `{branch}` needs a snapshot version, and `{version}` is not one")]
    #[diagnostic(
        code("image-ref/snapshot-needs-snapshot"),
        help("write a version of the form `1.1.0-SNAPSHOT`; Python: `1.1.0.dev0`")
    )]
    SnapshotNeedsSnapshot {
        /// The branch.
        branch: String,
        /// The version.
        version: Version,
    },
    /// The run is about no branch. Exit code 2.
    ///
    /// The run was started by a tag or in a plain shell, so there is no branch to derive tags from.
    #[error("the run is about no branch, so the image's tags are not known")]
    #[diagnostic(code("image-ref/no-branch"), help("set `branch`, or give the tags themselves with `tags`"))]
    NoBranch,
    /// The snapshot branch is named like a version or like `latest`. Exit code 2.
    ///
    /// Images of the snapshot branch carry its name as a tag, and that name is a version or `latest`.
    #[error("the snapshot branch `{branch}` would give images the tag of a release")]
    #[diagnostic(
        code("image-ref/branch-is-version"),
        help("name the branch so that it is neither a version nor `latest`")
    )]
    BranchIsVersion {
        /// The branch.
        branch: String,
    },
    /// The version is too long for a tag. Exit code 2.
    ///
    /// The version becomes a tag, and registries take at most 128 characters.
    #[error("version `{version}` is too long: a tag has at most 128 characters")]
    #[diagnostic(code("image-ref/version-too-long"), help("shorten the version's build metadata or prerelease"))]
    TooLong {
        /// The version.
        version: Version,
    },
}

/// Whether `version` is stable: `x.y.z`, build metadata allowed.
pub fn is_stable(version: &Version) -> bool {
    version.pre.is_empty()
}

/// Whether `version` is a snapshot: `x.y.z-SNAPSHOT`, build metadata allowed.
pub fn is_snapshot(version: &Version) -> bool {
    version.pre.as_str() == SNAPSHOT
}

/// The tag of a version: its text with `+` as `_`.
pub fn version_tag(version: &Version) -> Result<ImageTag, ParseError> {
    ImageTag::parse(&version.to_string().replace('+', "_"))
}

/// The version that a tag names: `1.0.0`, `v1.0.0`, and `1.0.0_build.7` for `1.0.0+build.7`, which no tag can hold.
pub fn tag_version(tag: &str) -> Option<Version> {
    Version::parse(&tag.strip_prefix('v').unwrap_or(tag).replace('_', "+")).ok()
}

/// The branch whose rules a pull request has: its source branch, unless that is called like the stable or the snapshot
/// branch. A fork's branch may be called `main`, and its image must not pass for a release of ours.
pub fn pull_branch(number: Option<u64>, head: &str, stable_branch: &str, snapshot_branch: &str) -> String {
    if head != stable_branch && head != snapshot_branch {
        return head.to_owned();
    }
    number.map_or_else(|| format!("pr-{head}"), |number| format!("pr-{number}"))
}

/// The tags of an image, the version's own first and moving ones last.
pub fn release_tags(release: &Release<'_>) -> Result<Vec<ImageTag>, ReleaseTagsError> {
    let branch = release.branch.filter(|branch| !branch.is_empty()).ok_or(ReleaseTagsError::NoBranch)?;
    if branch == release.stable_branch {
        stable_tags(release, branch)
    } else if branch == release.snapshot_branch {
        snapshot_tags(release, branch)
    } else {
        branch_tag(release.version, branch).map(|tag| vec![tag])
    }
}

fn stable_tags(release: &Release<'_>, branch: &str) -> Result<Vec<ImageTag>, ReleaseTagsError> {
    let version = release.version;
    if !is_stable(version) {
        return Err(ReleaseTagsError::StableNeedsRelease { branch: branch.to_owned(), version: version.clone() });
    }
    let mut tags = vec![own_tag(version)?];
    if release.latest == LatestPolicy::Stable && release.highest_stable.is_reached_by(version) {
        tags.push(latest());
    }
    Ok(tags)
}

fn snapshot_tags(release: &Release<'_>, branch: &str) -> Result<Vec<ImageTag>, ReleaseTagsError> {
    let version = release.version;
    if !is_snapshot(version) {
        return Err(ReleaseTagsError::SnapshotNeedsSnapshot { branch: branch.to_owned(), version: version.clone() });
    }
    let moving = ImageTag::sanitize(branch);
    if moving == latest() || tag_version(moving.as_str()).is_some() {
        return Err(ReleaseTagsError::BranchIsVersion { branch: branch.to_owned() });
    }
    let mut tags = vec![own_tag(version)?, moving];
    if release.latest == LatestPolicy::Develop {
        tags.push(latest());
    }
    Ok(tags)
}

/// The one tag of an image of any other branch.
fn branch_tag(version: &Version, branch: &str) -> Result<ImageTag, ReleaseTagsError> {
    let own = own_tag(version)?;
    let base = own.as_str().replacen(&format!("-{SNAPSHOT}"), "", 1);
    let room = LONGEST.saturating_sub(base.len() + SNAPSHOT.len() + 2);
    let too_long = || ReleaseTagsError::TooLong { version: version.clone() };
    if room < SHORTEST_BRANCH {
        return Err(too_long());
    }
    let branch = ImageTag::sanitize_within(branch, room);
    ImageTag::parse(&format!("{base}-{branch}-{SNAPSHOT}")).map_err(|_| too_long())
}

fn own_tag(version: &Version) -> Result<ImageTag, ReleaseTagsError> {
    version_tag(version).map_err(|_| ReleaseTagsError::TooLong { version: version.clone() })
}

fn latest() -> ImageTag {
    ImageTag::sanitize("latest")
}

#[cfg(test)]
mod tests;
