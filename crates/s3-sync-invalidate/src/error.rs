//! The action's errors.

use std::collections::BTreeMap;

use actions_core::{ActionError, ExitCode};
use aws_client::{ApiError, ConnectError};

use actions_core::amount::count;

use crate::manifest::Release;
use crate::prefixed::SwitchError;

/// How many names an error lists.
const NAMES_SHOWN: usize = 10;

/// An error of `s3-sync-invalidate`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The source does not exist. Exit code 2.
    ///
    /// The folder in `source` is not there: the site was built in another job, or the build writes elsewhere.
    #[error("the source `{path}` does not exist")]
    #[diagnostic(
        code("s3-sync-invalidate/source-missing"),
        help("build the site in an earlier step of this job, and check `source`; it is relative to the step's folder")
    )]
    SourceMissing {
        /// The folder.
        path: String,
    },
    /// The source is a file. Exit code 2.
    ///
    /// `source` names a file, often an archive of the site.
    ///
    /// Unpack the archive in an earlier step and name the folder that holds the built site.
    #[error("the source `{path}` is not a folder")]
    #[diagnostic(code("s3-sync-invalidate/source-not-a-folder"), help("name the folder that holds the built site"))]
    SourceNotFolder {
        /// The file.
        path: String,
    },
    /// The source is empty and everything would be deleted. Exit code 2.
    ///
    /// The build wrote nothing, and `delete` would have taken the whole site down.
    #[error("the source `{path}` holds no file, and `delete` would remove the whole site")]
    #[diagnostic(
        code("s3-sync-invalidate/source-empty"),
        help("check that the build wrote its files there; to really remove everything set `allow-empty-source: true`")
    )]
    SourceEmpty {
        /// The folder.
        path: String,
    },
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
    /// A file or folder cannot be read. Exit code 1.
    ///
    /// A file of the source is closed to this user, or vanished while the folder was read.
    ///
    /// Check the permissions of the file and of the folders above it, or name it in `exclude`.
    #[error("`{path}` cannot be read")]
    #[diagnostic(
        code("s3-sync-invalidate/unreadable"),
        help("check the permissions of the file and of the folders above it")
    )]
    Unreadable {
        /// The file or folder.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// Files look like secrets. Exit code 2.
    ///
    /// The source holds files such as `.env`, `.git` or private keys. In a public bucket everybody could read them.
    #[error("{} of the source look like secrets: {}", count(.names.len(), "path"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/sensitive-files"),
        help(
            "remove them from the source, or name them in `exclude`; what is meant to be public goes into `allow-sensitive`"
        )
    )]
    Sensitive {
        /// The paths.
        names: Vec<String>,
    },
    /// Source maps are in the source. Exit code 2.
    ///
    /// A source map holds the code as it was written, comments included. In a public bucket everybody could read it.
    ///
    /// Let the build write none, or remove them in a step before this one, for example after they were sent to a service
    /// that reports errors. Where everybody may read the sources, set `allow-source-maps: true`.
    #[error("{} of the source hold the site's sources: {}", count(.names.len(), "source map"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/source-maps"),
        help(
            "remove them before this step, or name them in `exclude` (`*.map`); where everybody may read the sources, set `allow-source-maps: true`"
        )
    )]
    SourceMaps {
        /// The paths.
        names: Vec<String>,
    },
    /// Links are in the source, and none is wanted. Exit code 2.
    ///
    /// `symlinks: refuse` is set, and the source holds symbolic links.
    ///
    /// Copy the files to where the links are, name the links in `exclude`, or set `symlinks: inside` to follow those that stay
    /// inside the source.
    #[error("{} in the source: {}", count(.names.len(), "symbolic link"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/link-refused"),
        help(
            "copy the files to where the links are, or name the links in `exclude`; `symlinks: inside` follows those inside the source"
        )
    )]
    LinksRefused {
        /// The paths.
        names: Vec<String>,
    },
    /// Links lead out of the source or nowhere. Exit code 2.
    ///
    /// A symbolic link leads out of the source, or its target is not there. Following it could publish any file of the
    /// runner.
    #[error("{} of the source lead out of it or nowhere: {}", count(.names.len(), "link"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/outside-link"),
        help(
            "copy the files into the source, or name the links in `exclude`; links inside the source are followed, all others with `symlinks: follow`"
        )
    )]
    OutsideLinks {
        /// The paths.
        names: Vec<String>,
    },
    /// Files whose names or kinds S3 cannot take. Exit code 2.
    ///
    /// A name has bytes that are not UTF-8 or control characters, is too long, is no regular file, or lies where the action keeps what is
    /// its own: its notes in `.slipway/`, and in `releases/ID/` the releases of `mode: release-prefix`.
    #[error("{} of the source cannot be object keys: {}", count(.names.len(), "path"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/unusable-name"),
        help(
            "rename them, or name them in `exclude`; a key is UTF-8 without control characters, with its prefix at most 1024 bytes, \
             and belongs to a regular file outside of `.slipway/` and of `releases/ID/`"
        )
    )]
    UnusableNames {
        /// The paths.
        names: Vec<String>,
    },
    /// More than one file would be stored under one key. Exit code 2.
    ///
    /// Two things of the source want the same key: a redirect and a file, or, with `clean-urls`, `about.html` and `about`.
    ///
    /// Rename one of them, name one in `exclude`, or take the redirect away; the message names both.
    #[error("{} would be written more than once: {}", count(.keys.len(), "key"), twins(.keys))]
    #[diagnostic(
        code("s3-sync-invalidate/same-key"),
        help("rename one of them, name it in `exclude`, or take the redirect out of `redirects`")
    )]
    SameKey {
        /// What wants to be there, by the path below the prefix.
        keys: BTreeMap<String, Vec<String>>,
    },
    /// Files above the limit of an object. Exit code 2.
    ///
    /// An object of S3 has at most 5 TiB, however it is uploaded.
    ///
    /// Cut the file into several, or name it in `exclude`.
    #[error("{} of the source are larger than 5 TiB: {}", count(.names.len(), "file"), shown(.names))]
    #[diagnostic(
        code("s3-sync-invalidate/file-too-large"),
        help("an object of S3 has at most 5 TiB; cut the file into several, or name it in `exclude`")
    )]
    TooLarge {
        /// The paths.
        names: Vec<String>,
    },
    /// A file changed or vanished while it was published. Exit code 1.
    ///
    /// Another process wrote or removed the file after it was read for the plan. The site would have had a mixture.
    ///
    /// Let the build, and whatever tidies up behind it, end before this step.
    #[error("`{path}` changed or vanished while it was published")]
    #[diagnostic(
        code("s3-sync-invalidate/file-changed"),
        help("let the build end before this step, and run the step again")
    )]
    FileChanged {
        /// The file.
        path: String,
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
            Self::SourceMissing { .. }
            | Self::SourceNotFolder { .. }
            | Self::SourceEmpty { .. }
            | Self::SiteWouldGo { .. }
            | Self::TooManyDeletes { .. }
            | Self::Sensitive { .. }
            | Self::SourceMaps { .. }
            | Self::LinksRefused { .. }
            | Self::OutsideLinks { .. }
            | Self::UnusableNames { .. }
            | Self::SameKey { .. }
            | Self::TooLarge { .. }
            | Self::ManifestTooNew { .. }
            | Self::TagsNotEnabled { .. }
            | Self::AclRefused { .. }
            | Self::WrongRegion { .. } => ExitCode::BadInput,
            Self::Unreadable { .. }
            | Self::FileChanged { .. }
            | Self::KmsKey { .. }
            | Self::BucketNotFound { .. }
            | Self::DistributionNotFound { .. }
            | Self::DeployedMeanwhile { .. }
            | Self::Superseded { .. }
            | Self::NotDeleted { .. } => ExitCode::Failed,
            Self::Incomplete { cause, .. } => cause.as_ref().map_or(ExitCode::Cancelled, |cause| cause.exit_code()),
            Self::Switch(error) => error.exit_code(),
            Self::Aws(error) => error.exit_code(),
            Self::Connect(error) => error.exit_code(),
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::TagsNotEnabled { why, .. } => Some(why.clone()),
            Self::Unreadable { source, .. } => Some(source.to_string()),
            Self::Aws(error) => error.why(),
            Self::Connect(error) => error.why(),
            Self::Incomplete { progress, cause, more, .. } => Some(why_incomplete(progress, cause.as_deref(), *more)),
            Self::WrongRegion { .. }
            | Self::SourceMissing { .. }
            | Self::SourceNotFolder { .. }
            | Self::SourceEmpty { .. }
            | Self::SiteWouldGo { .. }
            | Self::TooManyDeletes { .. }
            | Self::Sensitive { .. }
            | Self::SourceMaps { .. }
            | Self::LinksRefused { .. }
            | Self::OutsideLinks { .. }
            | Self::UnusableNames { .. }
            | Self::SameKey { .. }
            | Self::TooLarge { .. }
            | Self::FileChanged { .. }
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

/// Each key with what wants to be there, the first ten of them.
fn twins(keys: &BTreeMap<String, Vec<String>>) -> String {
    let lines = keys
        .iter()
        .take(NAMES_SHOWN)
        .map(|(key, names)| format!("{} by {}", shown(std::slice::from_ref(key)), shown(names)));
    let more = keys.len().saturating_sub(NAMES_SHOWN);
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    lines.collect::<Vec<_>>().join("; ") + &rest
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
