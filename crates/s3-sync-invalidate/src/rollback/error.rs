//! What keeps a site from being taken back.

use actions_core::amount::count;
use actions_core::{ActionError, ExitCode};

use crate::error::{Error, shown};
use crate::manifest::Release;

/// How many releases an error lists.
const RELEASES_SHOWN: usize = 10;

/// An error of `s3-rollback`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RollbackError {
    /// What `s3-sync-invalidate` would say too.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Sync(#[from] Error),
    /// No releases are remembered. Exit code 2.
    ///
    /// The manifest that remembers the releases is not where it should be, or is damaged: `bucket`, `prefix` or `manifest` are not
    /// those that the site was published with, or it was published without a manifest.
    ///
    /// Give the same `bucket`, `prefix` and `manifest` as the publication. A site that has no manifest yet gets one with its next
    /// publication. Nothing was changed.
    #[error("no releases are known of `{site}`: {why}")]
    #[diagnostic(
        code("s3-rollback/no-history"),
        help(
            "give the same `bucket`, `prefix` and `manifest` as the publication did, or publish the older commit again; nothing was changed"
        )
    )]
    NoHistory {
        /// The site.
        site: String,
        /// Why.
        why: String,
    },
    /// The release is not remembered. Exit code 2.
    ///
    /// The manifest remembers the present release and twenty before it, and `to` names none of them: it is older, or of another
    /// site.
    ///
    /// Name one of those that are listed, or publish the older commit again. Nothing was changed.
    #[error("release `{id}` is not known")]
    #[diagnostic(
        code("s3-rollback/release-not-found"),
        help("name one of these in `to`, or publish the older commit again; nothing was changed:{known}")
    )]
    ReleaseNotFound {
        /// The release.
        id: String,
        /// The newest that are known, one per line.
        known: String,
    },
    /// There is no release before. Exit code 2.
    ///
    /// `to` asks for what was there before the oldest release that is remembered: it is the first one, the moment lies before it, or
    /// the rollbacks before this one went as far back as possible.
    ///
    /// Name one of those that are listed, or publish the older commit again. Nothing was changed.
    #[error("no release before {what} is known")]
    #[diagnostic(
        code("s3-rollback/nothing-before"),
        help("name one of these in `to`, or publish the older commit again; nothing was changed:{known}")
    )]
    NothingBefore {
        /// What it was to be before.
        what: String,
        /// The newest that are known, one per line.
        known: String,
    },
    /// The release is deleted. Exit code 2.
    ///
    /// With `mode: release-prefix` each release lies in a folder of its own, and so many stay as `keep-releases` says, one at least.
    /// That of the release in `to` was deleted since, or it was published in place, before there were folders.
    ///
    /// Name one of those that are listed, or publish the older commit again. For the next time, let the publications keep more
    /// (`keep-releases`). Nothing was changed.
    #[error("release `{id}` has no folder to go back to")]
    #[diagnostic(
        code("s3-rollback/release-deleted"),
        help("name one of these in `to`, or publish the older commit again; nothing was changed:{known}")
    )]
    ReleaseDeleted {
        /// The release.
        id: String,
        /// Those that are there, one per line.
        known: String,
    },
    /// What a release had cannot be read. Exit code 2.
    ///
    /// The manifest remembers the release, but the copy that says which objects it had is gone or damaged. A lifecycle
    /// rule may have removed it.
    ///
    /// Name another release, or publish the older commit again. Let no lifecycle rule remove what lies in `.slipway/`. Nothing was
    /// changed.
    #[error("`{place}` does not say what release {id} had")]
    #[diagnostic(
        code("s3-rollback/release-unreadable"),
        help("name another release in `to`, or publish the older commit again; nothing was changed")
    )]
    ReleaseUnreadable {
        /// The release.
        id: String,
        /// Where its copy should be.
        place: String,
    },
    /// Versions of the release are gone. Exit code 2.
    ///
    /// The bucket keeps versions, but not those that the release had: a lifecycle rule removed or archived them, or versioning was
    /// switched on after they were replaced.
    ///
    /// Publish the older commit again. For the next time, let the lifecycle rule keep old versions longer (`noncurrent_days`,
    /// `newer_noncurrent_versions`). Nothing was changed.
    #[error("{} of release {release} cannot come back: {}", count(names.len(), "object"), shown(names))]
    #[diagnostic(
        code("s3-rollback/version-gone"),
        help(
            "publish the older commit again, or go back to a newer release; let the bucket's lifecycle rule keep old versions longer; nothing was changed"
        )
    )]
    VersionGone {
        /// The release.
        release: String,
        /// The paths of all of them.
        names: Vec<String>,
    },
    /// The bucket keeps no versions. Exit code 2.
    ///
    /// Versioning is off or suspended, so what the release had is overwritten, or what is there now would be lost by going back.
    ///
    /// Publish the older commit again, and switch versioning on for the next time (`aws_s3_bucket_versioning`, status `Enabled`), with a
    /// lifecycle rule that removes old versions after a while. Nothing was changed.
    #[error("bucket `{bucket}` keeps no versions, so {} of release {release} cannot come back: {}", count(names.len(), "object"), shown(names))]
    #[diagnostic(
        code("s3-rollback/not-versioned"),
        help(
            "publish the older commit again, and switch the bucket's versioning on (Terraform: `aws_s3_bucket_versioning`); nothing was changed"
        )
    )]
    NotVersioned {
        /// The bucket.
        bucket: String,
        /// The release.
        release: String,
        /// The paths of all of them.
        names: Vec<String>,
    },
    /// Objects are too large to be copied. Exit code 2.
    ///
    /// S3 copies an object of at most 5 GiB in one request, and a rollback copies in no other way.
    ///
    /// Publish the older commit again. Nothing was changed.
    #[error("{} of release {release} are larger than 5 GiB: {}", count(names.len(), "object"), shown(names))]
    #[diagnostic(
        code("s3-rollback/too-large"),
        help("S3 copies at most 5 GiB at once: publish the older commit again; nothing was changed")
    )]
    TooLarge {
        /// The release.
        release: String,
        /// The paths of all of them.
        names: Vec<String>,
    },
}

impl ActionError for RollbackError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Sync(error) => error.exit_code(),
            Self::NoHistory { .. }
            | Self::ReleaseNotFound { .. }
            | Self::NothingBefore { .. }
            | Self::ReleaseDeleted { .. }
            | Self::ReleaseUnreadable { .. }
            | Self::VersionGone { .. }
            | Self::NotVersioned { .. }
            | Self::TooLarge { .. } => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Sync(error) => error.why(),
            _ => None,
        }
    }

    /// Who is overtaken does not go on with a plan of its own: after another publication `previous` is another release.
    fn is_stale(&self) -> bool {
        false
    }
}

/// The newest releases with their time and commit, each on a line of its own.
pub(super) fn listed(releases: &[&Release]) -> String {
    let line = |release: &&Release| format!("\n  {}", described(release));
    releases.iter().take(RELEASES_SHOWN).map(line).collect()
}

/// A release with its time, its commit, and what it went back to.
pub(super) fn described(release: &Release) -> String {
    let Release { id, at, rolled_back_to, by, .. } = release;
    let commit = by.commit.as_deref().map(|commit| format!(", commit {}", commit.get(..12).unwrap_or(commit)));
    let back = rolled_back_to.as_ref().map(|back| format!(", a rollback to {}", back.as_str()));
    format!("{} ({at}{}{})", id.as_str(), commit.unwrap_or_default(), back.unwrap_or_default())
}
