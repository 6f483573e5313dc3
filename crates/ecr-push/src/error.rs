//! What can go wrong, each with what to do about it.

pub(crate) mod gate;
mod source;

use actions_core::{ActionError, ExitCode};
use aws_client::{ApiError, ConnectError};
use ecr::PublicName;
use image_ref::Digest;

use crate::destination::RegistryType;

pub use source::SourceError;

/// An error of `ecr-push`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// No usable AWS configuration. Exit code 1 or 2, by the cause.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Connect(#[from] ConnectError),
    /// A call to AWS failed. Exit code 1; 2 when the credentials are to blame.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Aws(#[from] ApiError),
    /// The image cannot be read. Exit code 2; 1 when the file system failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Image(oci_image::Error),
    /// The image to push cannot be had, or is not the one that was meant. Exit code 1 or 2, by the cause.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Source(#[from] SourceError),
    /// The registry refused something, or cannot be reached. Exit code 1.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Registry(oci_registry::Error),
    /// A background task ended early. Exit code 70.
    ///
    /// A task within the process ended before its work was done. That is a bug of Slipway.
    #[error("{what} was stopped")]
    #[diagnostic(code("ecr-push/stopped"), help("this is a bug in Slipway: please report it"))]
    Stopped {
        /// What was under way.
        what: &'static str,
        /// The reason.
        source: tokio::task::JoinError,
    },
    /// There is no such repository, and it is not to be created. Exit code 2.
    ///
    /// The registry of this account and region has no repository of this name. A wrong `aws-region` or the role of
    /// another account look the same.
    ///
    /// Create the repository with Terraform, set `create-repository: true`, or correct `repository`, `aws-region` and
    /// `registry-id`; the printed help names similar repositories. In the public registry the alias belongs to the account: the
    /// one in `repository` has to be the one that the account's repositories have.
    #[error("there is no repository `{repository}` in {place}")]
    #[diagnostic(code("ecr-push/repository-missing"), help("{}", missing_help(near)))]
    RepositoryMissing {
        /// The repository.
        repository: String,
        /// Region and account.
        place: String,
        /// Repositories with a similar name.
        near: Vec<String>,
        /// How that was seen.
        why: &'static str,
    },
    /// A tag that must not move points at another image. Exit code 1; nothing was uploaded.
    ///
    /// The version was pushed before with other content: mostly the version was not raised, or the build is not
    /// reproducible. What was released once stays as it is.
    #[error("tag `{}` of `{repository}` exists with another image: `{}` there, `{ours}` here", first.tag, first.theirs)]
    #[diagnostic(
        code("ecr-push/tag-conflict"),
        help(
            "raise the version and build again, or promote the image under another tag; if this tag is meant to move, add it to `mutable-tags` (and to the repository's \
             exclusion filters)"
        )
    )]
    TagConflict {
        /// The repository.
        repository: String,
        /// The digest of the image to push.
        ours: Digest,
        /// The first conflict.
        first: Conflict,
        /// The others.
        others: Vec<Conflict>,
        /// What the image of the first one says of itself.
        occupant: Option<String>,
    },
    /// The repository does not let a tag move that may move for us. Exit code 1; nothing was uploaded.
    ///
    /// The tag may move as far as `mutable-tags` goes, but the repository itself is immutable for it.
    #[error("repository `{repository}` is {setting} and does not let tag `{tag}` move from `{theirs}` to `{ours}`")]
    #[diagnostic(
        code("ecr-push/repository-immutable"),
        help(
            "set the repository to IMMUTABLE_WITH_EXCLUSION with a wildcard filter for this tag, or push under a tag of its own"
        )
    )]
    RepositoryImmutable {
        /// The repository.
        repository: String,
        /// Its setting.
        setting: &'static str,
        /// The tag.
        tag: String,
        /// The digest of the image to push.
        ours: Digest,
        /// The digest the tag points at.
        theirs: Digest,
    },
    /// The registry does not take what refers to the image. Exit code 1; no tag was written.
    ///
    /// ECR refuses some manifests that refer to another one, and `referrers: require` wants all of them to come along.
    #[error("repository `{repository}` does not take `{digest}`, which refers to the image")]
    #[diagnostic(
        code("ecr-push/referrer-refused"),
        help("set `referrers: copy` to go on without it, or sign the image anew in this registry")
    )]
    ReferrerRefused {
        /// The repository.
        repository: String,
        /// The manifest.
        digest: Digest,
        /// What the registry said.
        source: oci_registry::Error,
    },
    /// Someone else wrote the tag, or made the repository, in the meantime. Exit code 1; the run looks once more by itself.
    ///
    /// Two runs push to the same repository. This run looked a second time, and the other one was faster again.
    #[error("{what} changed while this run was at work")]
    #[diagnostic(
        code("ecr-push/changed-meanwhile"),
        help(
            "another run pushes to the same repository: give the jobs one `concurrency` group, and run this one again"
        )
    )]
    ChangedMeanwhile {
        /// What changed.
        what: String,
    },
    /// Another run pushed another image under the same tag at the same moment, and its image stayed. Exit code 1.
    ///
    /// The repository lets every tag move, so it took both images, and the later one won. A look at the tag after it was
    /// written shows the other image. Nothing was written a second time.
    ///
    /// Find out which run released this version, and raise the version of the other. Let the repository be `IMMUTABLE` or
    /// `IMMUTABLE_WITH_EXCLUSION`: then ECR refuses the second image.
    #[error("tag `{tag}` of `{repository}` was written as `{ours}` and points at `{theirs}` by now")]
    #[diagnostic(
        code("ecr-push/tag-raced"),
        help(
            "the other run's image is what the tag has: raise the version of one of them, and give the jobs one `concurrency` group; an immutable repository would have refused the second image"
        )
    )]
    TagRaced {
        /// The repository.
        repository: String,
        /// The tag.
        tag: String,
        /// The digest that was written.
        ours: Digest,
        /// The digest it points at.
        theirs: Digest,
    },
    /// The versions of the repository cannot be listed. Exit code 1.
    ///
    /// A stable version takes tags such as `latest` along only while the repository has no higher one, and the list of its tags has no
    /// end that could be reached: it has more than 100,000 tags, or what answers is no registry.
    ///
    /// Let a lifecycle policy delete old images. `moving-tags: any` moves the tags without looking for a higher version.
    #[error("the tags of `{repository}` cannot be listed, so nobody knows whether it has a higher version")]
    #[diagnostic(
        code("ecr-push/versions-unknown"),
        help(
            "delete tags that nobody needs, or set `moving-tags: any`: then tags move without a look for a higher version"
        )
    )]
    VersionsUnknown {
        /// The repository.
        repository: String,
        /// What is wrong with the list.
        source: oci_registry::Error,
    },
    /// ECR named a registry that is none of its own. Exit code 1; the password was not sent.
    ///
    /// `AWS_ENDPOINT_URL` is set, and what answers there names a registry that is not Amazon's. The registry's password
    /// would have gone to it.
    #[error("ECR names `{registry}` as its registry, which is not an ECR host")]
    #[diagnostic(
        code("ecr-push/foreign-registry"),
        help("unset AWS_ENDPOINT_URL, or for a rehearsal set SLIPWAY_REGISTRY_ENDPOINT to the emulator's address")
    )]
    ForeignRegistry {
        /// The host.
        registry: String,
    },
    /// ECR answered without what was asked for. Exit code 1.
    ///
    /// The answer lacks something that ECR always sends. Mostly `AWS_ENDPOINT_URL` points at an emulator or a proxy.
    #[error("`{service}:{operation}` answered without {missing}")]
    #[diagnostic(code("ecr-push/incomplete-answer"), help("run the step again; check AWS_ENDPOINT_URL if it is set"))]
    IncompleteAnswer {
        /// The service in IAM: `ecr`, `ecr-public`.
        service: &'static str,
        /// The operation.
        operation: &'static str,
        /// What is missing.
        missing: &'static str,
    },
    /// The promotion was cancelled. Exit code 130.
    ///
    /// A person or a newer run of the same concurrency group cancelled the job while layers were copied or tags were written. The
    /// registry that the image comes from was only read.
    #[error("cancelled {at}")]
    #[diagnostic(
        code("ecr-promote/cancelled"),
        help("run the step again: what was copied is found and not sent twice; the tags that are written stay")
    )]
    PromotionCancelled {
        /// What was done until then.
        at: String,
    },
    /// The run was cancelled. Exit code 130.
    ///
    /// A person or a newer run of the same concurrency group cancelled the job while layers were uploaded or tags were written; the
    /// message names the tags that are written. A run whose tags are all written ends as done.
    #[error("cancelled {at}")]
    #[diagnostic(
        code("ecr-push/cancelled"),
        help("run the step again: what was uploaded is found and not sent twice; the tags that are written stay")
    )]
    Cancelled {
        /// What was done until then.
        at: String,
    },
}

/// A tag that points at another image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The tag.
    pub tag: String,
    /// The digest it points at.
    pub theirs: Digest,
}

impl Error {
    /// A registry's error. What is denied becomes the same error as a denied AWS call: `operation` is the one that ECR
    /// checks for this request, `arn` the repository's.
    pub(crate) fn registry(error: oci_registry::Error, operation: &str, arn: &str) -> Self {
        ecr::denied(error, operation, arn).map_or_else(Self::Registry, Self::Aws)
    }

    /// The public repository of this name has `other` as its name there: another alias.
    pub(crate) fn other_alias(name: &PublicName, other: &impl ToString) -> Self {
        Self::RepositoryMissing {
            repository: name.in_registry.to_string(),
            place: ecr::PUBLIC_HOST.to_owned(),
            near: vec![other.to_string()],
            why: RegistryType::Public.missing(),
        }
    }
}

impl From<ecr::Error> for Error {
    fn from(error: ecr::Error) -> Self {
        match error {
            ecr::Error::Api(error) => Self::Aws(error),
            ecr::Error::Incomplete { service, operation, missing } => {
                Self::IncompleteAnswer { service, operation, missing }
            }
        }
    }
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Connect(error) => error.exit_code(),
            Self::Aws(error) => error.exit_code(),
            Self::Image(error) if !error.is_bad_input() => ExitCode::Failed,
            Self::Source(error) => error.exit_code(),
            Self::Image(_) | Self::RepositoryMissing { .. } => ExitCode::BadInput,
            Self::Registry(oci_registry::Error::Stalled { writes: true, .. }) => ExitCode::TimedOut,
            Self::Registry(_)
            | Self::TagConflict { .. }
            | Self::RepositoryImmutable { .. }
            | Self::ReferrerRefused { .. }
            | Self::ChangedMeanwhile { .. }
            | Self::TagRaced { .. }
            | Self::VersionsUnknown { .. }
            | Self::ForeignRegistry { .. }
            | Self::IncompleteAnswer { .. } => ExitCode::Failed,
            Self::Stopped { .. } => ExitCode::Internal,
            Self::Cancelled { .. } | Self::PromotionCancelled { .. } => ExitCode::Cancelled,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Connect(error) => error.why(),
            Self::Aws(error) => error.why(),
            Self::Source(SourceError::DockerSave { message, .. }) => {
                Some(message.clone()).filter(|message| !message.is_empty())
            }
            Self::TagConflict { first, others, occupant, .. } => Some(conflict_why(first, others, occupant.as_deref())),
            Self::RepositoryMissing { why, .. } => Some((*why).to_owned()),
            other => actions_core::causes(other),
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::ChangedMeanwhile { .. })
    }
}

fn conflict_why(first: &Conflict, others: &[Conflict], occupant: Option<&str>) -> String {
    let mut why = format!(
        "`{}` is not in `mutable-tags`, so it is written once; nothing was uploaded and no tag was changed",
        first.tag
    );
    if let Some(occupant) = occupant {
        why.push_str(&format!("\nthe image there says that it is {occupant}"));
    }
    for other in others {
        why.push_str(&format!("\nthe same holds for `{}` (`{}` there)", other.tag, other.theirs));
    }
    why
}

fn missing_help(near: &[String]) -> String {
    let create = "create it with Terraform, or set `create-repository: true`";
    if near.is_empty() {
        return format!("{create}; check `repository`, `aws-region` and `registry-id`");
    }
    let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    format!("did you mean {}? Else {create}", near.join(" or "))
}

#[cfg(test)]
mod tests;
