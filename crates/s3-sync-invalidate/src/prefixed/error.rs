//! What keeps a release from being shown.

use actions_core::ExitCode;

/// An error of `mode: release-prefix`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SwitchError {
    /// The site is published in the other mode. Exit code 2.
    ///
    /// The manifest says that each release of the site lies in a folder of its own, and that the distributions show one of them.
    /// What is published in place is seen by nobody then; and the other way round a release that was published in place has no
    /// folder to go back to.
    ///
    /// Set `mode: release-prefix` in every workflow that publishes the site or takes it back. To leave that mode, set the
    /// distributions' origin path back to the prefix and remove the manifest.
    #[error("the site at `{site}` is published with `mode: {mode}`")]
    #[diagnostic(
        code("s3-sync-invalidate/other-mode"),
        help("set `mode: {mode}` in all workflows that publish this site or take it back; nothing was changed")
    )]
    OtherMode {
        /// The site.
        site: String,
        /// The mode that it is published with.
        mode: &'static str,
    },
    /// A distribution shows something that is not the site's. Exit code 2.
    ///
    /// `mode: release-prefix` switches the origin path of the origin that is the bucket, and only from a release that the manifest
    /// knows, or from the prefix itself. It has another one: `prefix`, `bucket`, `distribution-id` or `manifest` are not those of
    /// this site, or somebody else set the origin path, for example Terraform.
    ///
    /// Check these inputs. Where the origin path was set by mistake, set it to a release of this site (the summary of each
    /// publication names its own); and let Terraform ignore it.
    #[error("distribution `{id}` does not show this site: {why}")]
    #[diagnostic(
        code("s3-sync-invalidate/origin-path-foreign"),
        help(
            "check `distribution-id`, `bucket`, `prefix` and `manifest`; the origin path must be `{prefix}/releases/...` of a known release, or `{prefix}` the first time; nothing was switched"
        )
    )]
    OriginPathForeign {
        /// The distribution.
        id: String,
        /// The origin path of the prefix itself.
        prefix: String,
        /// What it shows.
        why: String,
    },
    /// Nobody allowed the origin path to be switched. Exit code 2.
    ///
    /// The distribution shows the prefix itself, as with `mode: in-place`. From the first release with `mode: release-prefix` on its
    /// origin path is changed by each publication, and whoever else writes it (Terraform, CloudFormation) has to leave it alone
    /// from then on. That is not done unasked.
    ///
    /// Let Terraform ignore the origins (`ignore_changes = [origin]`), and set `adopt-origin-path: true`. Nothing was changed.
    #[error("the origin path `{path}` of distribution `{id}` is not one of a release")]
    #[diagnostic(
        code("s3-sync-invalidate/switch-not-allowed"),
        help(
            "to have each publication switch it from now on set `adopt-origin-path: true`, and let nobody else write it (in Terraform `ignore_changes = [origin]`); nothing was changed"
        )
    )]
    NotAllowed {
        /// The distribution.
        id: String,
        /// Its origin path.
        path: String,
    },
    /// The release would be no site. Exit code 2.
    ///
    /// The source holds nothing, or has no `index.html` at its top although the release that is shown has one. Switched to it,
    /// the distribution would show nothing but errors.
    ///
    /// Check that the build wrote its files where `source` points. Where it is meant, set `allow-empty-source: true`.
    #[error("the release would be no site: the source `{path}` has {what}")]
    #[diagnostic(
        code("s3-sync-invalidate/empty-release"),
        help("check that the build wrote its files there; if it is meant, set `allow-empty-source: true`")
    )]
    EmptyRelease {
        /// The source.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// Somebody else changes the distribution. Exit code 1.
    ///
    /// CloudFront takes a new configuration only while the one that was read is the present one. It was another one, twice.
    /// The release is complete and the manifest names it, but this distribution does not show it yet.
    ///
    /// Run the step again: nothing is uploaded again, only what is missing is done.
    #[error("the configuration of distribution `{id}` changed while its origin path was switched, twice")]
    #[diagnostic(
        code("s3-sync-invalidate/distribution-changed"),
        help("see who else changes the distribution, and run the step again: it only switches then")
    )]
    DistributionChanged {
        /// The distribution.
        id: String,
    },
}

impl SwitchError {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::OtherMode { .. }
            | Self::OriginPathForeign { .. }
            | Self::NotAllowed { .. }
            | Self::EmptyRelease { .. } => ExitCode::BadInput,
            Self::DistributionChanged { .. } => ExitCode::Failed,
        }
    }
}
