//! The action's errors.

use actions_core::{ActionError, ExitCode};
use aws_client::{ApiError, ConnectError};

use actions_core::amount::count;

use crate::manifest::Release;
use crate::prefixed::SwitchError;
use crate::source::SourceError;

/// How many names an error lists.
pub(crate) const NAMES_SHOWN: usize = 10;

/// An error of `s3-sync-invalidate`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// More would be deleted than `max-delete` allows. Exit code 2.
    ///
    /// Many objects below the prefix are not in the source: pages were moved, or one of `source`, `bucket` and `prefix` is the
    /// wrong one. Nothing was changed.
    ///
    /// Look at a dry run. If all of it is meant, raise `max-delete` for this run.
    #[error("`delete` would remove {}, and `max-delete` allows {limit}: {}", count(names.len(), "object"), shown(names))]
    #[diagnostic(
        code("s3-sync-invalidate/too-many-deletes"),
        help(
            "check `source`, `bucket` and `prefix` with `dry-run: true`; if all of them are meant to go, raise `max-delete` for this run"
        )
    )]
    TooManyDeletes {
        /// The limit, in words.
        limit: String,
        /// The keys.
        names: Vec<String>,
    },
    /// The site itself would be deleted. Exit code 2.
    ///
    /// What is deleted is most of the site, or its index page. One of `source`, `bucket` and `prefix` is most likely
    /// the wrong one.
    #[error("`delete` would remove {what}")]
    #[diagnostic(
        code("s3-sync-invalidate/site-would-go"),
        help(
            "check `source`, `bucket` and `prefix`: one of them is most likely the wrong one; if it is meant, set `allow-empty-source: true`"
        )
    )]
    SiteWouldGo {
        /// What would be removed.
        what: String,
    },
    /// The bucket does not exist. Exit code 1.
    ///
    /// No bucket of this name exists in any account, or the infrastructure was not applied yet.
    #[error("bucket `{bucket}` does not exist")]
    #[diagnostic(
        code("s3-sync-invalidate/bucket-not-found"),
        help("create it first (Terraform: `aws_s3_bucket`), or check `bucket` and `aws-region`")
    )]
    BucketNotFound {
        /// The bucket.
        bucket: String,
    },
    /// The bucket takes no ACLs. Exit code 2.
    ///
    /// `acl` is set, and ACLs are disabled on the bucket, as they are on every bucket that nobody enabled them on.
    ///
    /// Leave `acl` out: a bucket policy, or the origin access control of CloudFront, says who may read. Where it has to be an
    /// ACL, set the bucket's object ownership to `BucketOwnerPreferred`.
    #[error("bucket `{bucket}` takes no ACLs")]
    #[diagnostic(
        code("s3-sync-invalidate/acl-refused"),
        help("leave `acl` out: a bucket policy or CloudFront's origin access control says who may read")
    )]
    AclRefused {
        /// The bucket.
        bucket: String,
    },
    /// S3 cannot encrypt with the key. Exit code 1.
    ///
    /// The key of `kms-key-id`, or the one the bucket encrypts with by default, does not exist in the bucket's region, is
    /// disabled or waits for its deletion.
    ///
    /// Check the key in the region of the bucket, and enable it; an alias is written `alias/name`.
    #[error("S3 cannot use the key of KMS: {code}: {message}")]
    #[diagnostic(
        code("s3-sync-invalidate/kms-key"),
        help(
            "check `kms-key-id` and the bucket's default encryption: the key must be there in the bucket's region, and enabled"
        )
    )]
    KmsKey {
        /// What KMS calls it.
        code: String,
        /// What it says.
        message: String,
    },
    /// The bucket is in another region. Exit code 2.
    ///
    /// The bucket exists in another region than `aws-region`.
    ///
    /// Set `aws-region` to the region that the message names.
    #[error("bucket `{bucket}` is not in region `{used}`{}", .right.as_ref().map(|right| format!(" but in `{right}`")).unwrap_or_default())]
    #[diagnostic(
        code("s3-sync-invalidate/wrong-region"),
        help("set `aws-region: {}`", right.as_deref().unwrap_or("the bucket's region"))
    )]
    WrongRegion {
        /// The bucket.
        bucket: String,
        /// The region that was asked.
        used: String,
        /// The bucket's region, where S3 names it.
        right: Option<String>,
    },
    /// A distribution does not exist. Exit code 1.
    ///
    /// CloudFront has no distribution of this id in this account. The domain name (`d111.cloudfront.net`) is not the
    /// id.
    #[error("distribution `{id}` does not exist")]
    #[diagnostic(
        code("s3-sync-invalidate/distribution-not-found"),
        help("check `distribution-id` and the account of the credentials")
    )]
    DistributionNotFound {
        /// The distribution.
        id: String,
    },
    /// A distribution reads no cache tags. Exit code 2.
    ///
    /// `invalidation: tags` is set, and the distribution's configuration does not name the header `x-amz-meta-cache-tag`.
    /// CloudFront would take the invalidation and forget nothing.
    ///
    /// Set `CacheTagConfig` of the distribution to the header `x-amz-meta-cache-tag`, or leave `invalidation: tags` out.
    #[error("distribution `{id}` does not read cache tags from `x-amz-meta-cache-tag`")]
    #[diagnostic(
        code("s3-sync-invalidate/tags-not-enabled"),
        help(
            "set `CacheTagConfig` of the distribution to the header `x-amz-meta-cache-tag`, or leave `invalidation: tags` out; \
             nothing was changed"
        )
    )]
    TagsNotEnabled {
        /// The distribution.
        id: String,
        /// What its configuration says.
        why: String,
    },
    /// Objects were not deleted. Exit code 1.
    ///
    /// S3 refused to delete some objects; its reason stands beside each key. The new site is up.
    #[error("{} could not be deleted: {}", count(.names.len(), "object"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/not-deleted"),
        help(
            "the role needs `s3:DeleteObject` and `s3:GetObject` on these keys, and no bucket policy or object lock may forbid it"
        )
    )]
    NotDeleted {
        /// The keys, each with S3's reason.
        names: Vec<String>,
    },
    /// The publication stopped on its way. Exit code 1, 2 or 4, by the cause; 130 when the run was cancelled.
    ///
    /// A call failed half way, or the run was cancelled. What was done, and what was not, is printed under `why`; pages
    /// are uploaded last, so visitors see a complete site, the old one or the new one.
    ///
    /// Remove the cause that is printed, and run the step again: what is done stays done, and invalidations that are
    /// due are remembered in the bucket.
    #[error("the publication stopped at: {at}")]
    #[diagnostic(code("s3-sync-invalidate/incomplete"), help("{}", help_incomplete(cause.as_deref())))]
    Incomplete {
        /// The step that failed.
        at: String,
        /// What was done, and what was not.
        progress: String,
        /// The first failure; `None` when the run was cancelled.
        cause: Option<Box<Error>>,
        /// How many failed besides it.
        more: usize,
    },
    /// Someone else published meanwhile. Exit code 1.
    ///
    /// Another publication to the same place was faster, twice: after the first time this run looked at the bucket again and
    /// planned anew. What was uploaded is there, nothing was deleted by this run, and the bucket may hold parts of both.
    ///
    /// Give the workflows that publish to this place one `concurrency:` group, and run the one that should win again.
    #[error("another publication changed the site meanwhile{}", by.as_deref().map_or_else(String::new, described))]
    #[diagnostic(
        code("s3-sync-invalidate/deployed-meanwhile"),
        help(
            "run the step again; to keep it from happening give the workflows that publish here one `concurrency:` group"
        )
    )]
    DeployedMeanwhile {
        /// Its release, where it could be read.
        by: Option<Box<Release>>,
    },
    /// A later run of this workflow has published already. Exit code 1.
    ///
    /// This run is the older one. It stopped, so that it does not bring back what the later run replaced.
    ///
    /// Where the message says that files of both lie in the bucket, run the later run again. Else nothing is to be done if it
    /// succeeds: the bucket holds its site. A `concurrency:` group with `cancel-in-progress: false` makes runs wait for each other.
    #[error(
        "a later run of this workflow published meanwhile{}{}",
        described(by),
        if *mixed { "; files of this run lie over files of that one" } else { "" }
    )]
    #[diagnostic(
        code("s3-sync-invalidate/superseded"),
        help(
            "{}; to keep it from happening give the workflow a `concurrency:` group",
            if *mixed {
                "run the later run again, so that the site is of one release"
            } else {
                "see to it that the later run succeeds"
            }
        )
    )]
    Superseded {
        /// Its release.
        by: Box<Release>,
        /// Whether this run had uploaded what visitors see.
        mixed: bool,
    },
    /// The manifest was written by a newer version. Exit code 2.
    ///
    /// A workflow that publishes to the same place uses a newer version of this action, whose manifest this one does not
    /// understand. Nothing was changed.
    ///
    /// Use the same version in all workflows that publish to this place.
    #[error("the manifest in {place} has format {format}, which a newer version wrote")]
    #[diagnostic(
        code("s3-sync-invalidate/manifest-too-new"),
        help("use the newest version of the action in all workflows that publish to this place")
    )]
    ManifestTooNew {
        /// Its folder.
        place: String,
        /// The format's number.
        format: u32,
    },
    /// The source cannot be published.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Source(#[from] SourceError),
    /// A release cannot be shown.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Switch(#[from] SwitchError),
    /// An AWS call failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Aws(#[from] ApiError),
    /// No connection to AWS could be made.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Connect(#[from] ConnectError),
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::SiteWouldGo { .. }
            | Self::TooManyDeletes { .. }
            | Self::ManifestTooNew { .. }
            | Self::TagsNotEnabled { .. }
            | Self::AclRefused { .. }
            | Self::WrongRegion { .. } => ExitCode::BadInput,
            Self::KmsKey { .. }
            | Self::BucketNotFound { .. }
            | Self::DistributionNotFound { .. }
            | Self::DeployedMeanwhile { .. }
            | Self::Superseded { .. }
            | Self::NotDeleted { .. } => ExitCode::Failed,
            Self::Incomplete { cause, .. } => cause.as_ref().map_or(ExitCode::Cancelled, |cause| cause.exit_code()),
            Self::Source(error) => error.exit_code(),
            Self::Switch(error) => error.exit_code(),
            Self::Aws(error) => error.exit_code(),
            Self::Connect(error) => error.exit_code(),
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::TagsNotEnabled { why, .. } => Some(why.clone()),
            Self::Source(error) => error.why(),
            Self::Aws(error) => error.why(),
            Self::Connect(error) => error.why(),
            Self::Incomplete { progress, cause, more, .. } => Some(why_incomplete(progress, cause.as_deref(), *more)),
            Self::WrongRegion { .. }
            | Self::SiteWouldGo { .. }
            | Self::TooManyDeletes { .. }
            | Self::AclRefused { .. }
            | Self::KmsKey { .. }
            | Self::BucketNotFound { .. }
            | Self::DistributionNotFound { .. }
            | Self::DeployedMeanwhile { .. }
            | Self::Superseded { .. }
            | Self::ManifestTooNew { .. }
            | Self::Switch(_)
            | Self::NotDeleted { .. } => None,
        }
    }

    fn is_stale(&self) -> bool {
        match self {
            Self::DeployedMeanwhile { .. } => true,
            Self::Incomplete { cause: Some(cause), .. } => cause.is_stale(),
            _ => false,
        }
    }
}

impl Error {
    /// Whether another publication came meanwhile.
    pub(crate) fn is_overtaken(&self) -> bool {
        matches!(self, Self::DeployedMeanwhile { .. } | Self::Superseded { .. })
    }
}

/// Which release, whose, and when.
fn described(release: &Release) -> String {
    let Release { id, at, by, .. } = release;
    let whose = by.repository.as_deref().map_or_else(String::new, |repository| format!(" of {repository}"));
    let run = by.run_id.as_deref().map_or_else(String::new, |run| format!(", run {run}"));
    format!(": release {}{whose}{run}, at {at}", id.as_str())
}

fn why_incomplete(progress: &str, cause: Option<&Error>, more: usize) -> String {
    let mut lines = Vec::new();
    if let Some(cause) = cause {
        let others = if more > 0 { format!(" (and {more} more failed)") } else { String::new() };
        let code = miette::Diagnostic::code(cause).map_or_else(String::new, |code| format!("{code}: "));
        lines.push(format!("{code}{cause}{others}"));
        lines.extend(cause.why());
    } else {
        lines.push("the run was cancelled".to_owned());
    }
    lines.push(progress.to_owned());
    lines.join("\n")
}

fn help_incomplete(cause: Option<&Error>) -> String {
    let own =
        "run the step again: what is done stays done, and invalidations that are due are remembered in the bucket";
    let help = cause.and_then(miette::Diagnostic::help).map(|help| help.to_string());
    match (cause, help) {
        // The older run would bring back what the later one replaced.
        (Some(Error::Superseded { .. }), Some(help)) => help,
        (_, Some(help)) => format!("{help}\n{own}"),
        (_, None) => own.to_owned(),
    }
}

/// The names in backticks, the first ten of them.
pub(crate) fn shown(names: &[String]) -> String {
    let quoted: Vec<String> =
        names.iter().take(NAMES_SHOWN).map(|name| format!("`{}`", name.replace('`', "'"))).collect();
    let more = names.len().saturating_sub(NAMES_SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use aws_client::ApiErrorKind;

    use super::*;

    #[test]
    fn a_publication_that_stops_exits_with_the_code_of_its_cause() {
        let stopped =
            |cause| Error::Incomplete { at: String::new(), progress: String::new(), cause, more: 0 }.exit_code();
        let api = |kind| {
            let error = ApiError {
                service: "s3".to_owned(),
                operation: "PutObject".to_owned(),
                code: None,
                message: String::new(),
                resource: None,
                kind,
                request_id: None,
            };
            Some(Box::new(Error::Aws(error)))
        };
        assert_eq!(stopped(None), ExitCode::Cancelled);
        assert_eq!(stopped(api(ApiErrorKind::Throttled)), ExitCode::Failed);
        assert_eq!(stopped(api(ApiErrorKind::Expired)), ExitCode::BadInput);
        assert_eq!(stopped(api(ApiErrorKind::TimedOut)), ExitCode::TimedOut);
    }
}
