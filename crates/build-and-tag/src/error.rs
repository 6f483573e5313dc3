//! What can go wrong while an image is built, with the exit code of each.

use std::path::PathBuf;

use actions_core::{ActionError, ExitCode, Location};
use aws_client::{ApiError, ConnectError};

mod builder;
mod source;

pub use builder::BuilderError;
pub use source::SourceError;

/// An image cannot be built.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The Dockerfile, the context or an archive in it is at fault. Exit code as its own.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Source(#[from] SourceError),
    /// The builder is at fault, or what it was asked for. Exit code as its own.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Builder(#[from] BuilderError),
    /// The credentials cannot be obtained. Exit code 2, or as the call that failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Connect(#[from] ConnectError),
    /// ECR refused a call. Exit code as the call's.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Aws(#[from] ApiError),
    /// ECR answered without what was asked for. Exit code 1.
    ///
    /// The answer lacks something that ECR always sends. Mostly `AWS_ENDPOINT_URL` points at an emulator or a proxy.
    #[error("`{service}:{operation}` answered without {missing}")]
    #[diagnostic(
        code("build-and-tag/incomplete-answer"),
        help("run the step again; check AWS_ENDPOINT_URL if it is set")
    )]
    IncompleteAnswer {
        /// The IAM prefix of the service.
        service: &'static str,
        /// The operation.
        operation: &'static str,
        /// What is missing.
        missing: &'static str,
    },
    /// The repository in ECR does not let a tag move that may move for us. Exit code 1; nothing was built.
    ///
    /// The tag may move as far as `mutable-tags` goes, but the repository itself is immutable for it, and it has the image of another
    /// commit. The push would fail after the build.
    #[error("the repository is {setting} and does not let `{image}` move to another image")]
    #[diagnostic(
        code("build-and-tag/repository-immutable"),
        help(
            "set the repository to IMMUTABLE_WITH_EXCLUSION with a wildcard filter for this tag, or build under a tag of its own (`tags`, `latest: none`)"
        )
    )]
    RepositoryImmutable {
        /// The image.
        image: String,
        /// The repository's setting.
        setting: &'static str,
        /// What is there instead.
        why: String,
    },
    /// The version and the branch give no tags. Exit code 2.
    ///
    /// The stable branch needs a version such as `1.0.0` and the snapshot branch one such as `1.1.0-SNAPSHOT`; or the tag
    /// would be too long, or that of a release.
    ///
    /// Write a version that fits the branch, set `branch`, or give the tags themselves with `tags`.
    #[error("{0}")]
    #[diagnostic(code("build-and-tag/tags"), help("{}; or set `branch`, or the `tags` themselves", advice(.0)))]
    Tags(image_ref::ReleaseTagsError),
    /// The branch, and so the tags, are not known. Exit code 2.
    ///
    /// The run is about a tag, or in a plain shell a commit is checked out and no branch.
    #[error("the branch is not known, and the image's tags follow from it")]
    #[diagnostic(
        code("build-and-tag/no-branch"),
        help(
            "set `branch` (`--branch main`), check a branch out (`git switch main`), or give the tags themselves with `tags`"
        )
    )]
    NoBranch {
        /// Why it is not known.
        why: String,
    },
    /// A tag of the image is taken. Exit code 1.
    ///
    /// `repository-uri` has an image under a tag that cannot move, and its label does not say that it is of this commit:
    /// mostly the version was not raised. To build first would only mean to be refused later, when the image is pushed.
    ///
    /// Raise the version; or name the tag in `mutable-tags` where it may move, or set `if-exists: build`.
    #[error("the tag of `{image}` is taken")]
    #[diagnostic(
        code("build-and-tag/tag-taken"),
        help("raise the version; or name the tag in `mutable-tags` where it may move to another image")
    )]
    TagTaken {
        /// The image.
        image: String,
        /// What is there instead.
        why: String,
    },
    /// An image of this commit is there, and may be another one than this. Exit code 1.
    ///
    /// `repository-uri` has an image of this commit under a tag that cannot move, and another such tag is missing. Either the image's label
    /// `org.opencontainers.image.version` names another version: mostly a snapshot was pushed with a tag of the commit, and the same commit is
    /// released now. Or the missing tag is the one that is pushed first, so no push of this image was cut short: mostly several images are
    /// made of one commit and share a tag. What would be built could not have that tag, and the image that is there must not be given a name
    /// that is another's, for good.
    ///
    /// Promote the image that is there with `ecr-promote`, where it is what you want; or take the tag that both share out of `tags`, or name
    /// it in `mutable-tags`.
    #[error("`{image}` is of this commit, and `{missing}` may be another image of it")]
    #[diagnostic(
        code("build-and-tag/other-image"),
        help(
            "where it is the same image, give it the tag with ecr-promote (`image: {image}`, `tags: {missing}`); or name the tag that both share in `mutable-tags`, or take it out of `tags`"
        )
    )]
    OtherImage {
        /// The image that is there.
        image: String,
        /// The first tag that is missing.
        missing: String,
        /// What speaks for another image.
        why: String,
    },
    /// The registry cannot be asked what it has. Exit code 1.
    ///
    /// It refused, or cannot be reached; the reason is printed under `why`. The credentials for a private registry of ECR are those that
    /// AWS gives to `role-to-assume` or to the ambient credentials; for others they are those of Docker's `config.json`, which
    /// `docker login` writes.
    ///
    /// Set `role-to-assume` for ECR; log in before this step for others; or leave `repository-uri` out.
    #[error("the registry cannot be asked what `{repository}` has")]
    #[diagnostic(
        code("build-and-tag/registry-look"),
        help(
            "set `role-to-assume` for ECR, log in before for other registries (`docker login`), or correct `repository-uri`"
        )
    )]
    RegistryLook {
        /// The repository.
        repository: String,
        /// The reason.
        source: Box<oci_registry::Error>,
    },
    /// The versions of the repository cannot be listed. Exit code 1; nothing was built.
    ///
    /// `latest: stable` moves `latest` only to the highest version that the registry has, and the list of its tags has no end that could be
    /// reached: it has more than 100,000 tags, or what answers is no registry.
    ///
    /// Let a lifecycle policy delete old images. `latest: none` needs no list; `if-exists: build` asks the registry for nothing, and goes by
    /// the Git tags alone.
    #[error("the tags of `{repository}` cannot be listed, so nobody knows whether it has a higher version")]
    #[diagnostic(
        code("build-and-tag/versions-unknown"),
        help(
            "delete tags that nobody needs, or set `latest: none`, or `if-exists: build`: then the Git tags alone say which version is the highest"
        )
    )]
    VersionsUnknown {
        /// The repository.
        repository: String,
        /// What is wrong with the list.
        source: Box<oci_registry::Error>,
    },
    /// A file with the logins of registries cannot be used. Exit code 2; nothing was built.
    ///
    /// Docker's `config.json`, or one of the files in which buildah and podman keep logins, is no JSON, is larger than 1 MiB, or is closed to
    /// this user; or its passwords are more than the environment of a builder holds. Without it the logins, proxies and contexts in it would
    /// be lost without a word.
    ///
    /// Correct the file, or remove it and log in again (`docker login`, `buildah login`); remove logins that nobody needs.
    #[error("the logins in `{}` cannot be used", path.display())]
    #[diagnostic(
        code("build-and-tag/auth-file"),
        help("correct the file, or remove it and log in again (`docker login`, `buildah login`)")
    )]
    AuthFile {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A base image cannot be used. Exit code 2 when it is damaged or missing, else 1.
    ///
    /// The folder or archive that `build-contexts` names, or the base image that was pulled, is damaged or has no image
    /// for the platform.
    #[error("the base image `{image}` cannot be used")]
    #[diagnostic(
        code("build-and-tag/base-image"),
        help("check the image's name in the Dockerfile and in `build-contexts`")
    )]
    BaseImage {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The image.
        image: String,
        /// The reason.
        source: oci_image::Error,
    },
    /// A base image cannot be pulled. Exit code 1.
    ///
    /// The registry refused, does not have the image, or cannot be reached; the reason is printed under `why`. Public
    /// registries also limit anonymous pulls.
    #[error("the base image `{image}` cannot be pulled")]
    #[diagnostic(
        code("build-and-tag/pull"),
        help(
            "check the registry and the digest; set `role-to-assume` for a registry of ECR, log in before for another one (`docker login`): the `auths` of Docker's config.json are used, credential helpers are not"
        )
    )]
    Pull {
        /// The Dockerfile.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The image.
        image: String,
        /// The reason.
        source: Box<oci_registry::Error>,
    },
    /// The image cannot be written. Exit code 1.
    ///
    /// The disk is full, or `output-folder` belongs to another user.
    #[error("the image cannot be written to `{}`", path.display())]
    #[diagnostic(code("build-and-tag/unwritable"), help("check the input `output-folder` and the free disk space"))]
    Unwritable {
        /// The folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The image on disk cannot be read or written. Exit code 2 for what is wrong with it, else 1.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Image(#[from] oci_image::Error),
    /// The run was cancelled while the image was built; the output folder is as it was. Exit code 130.
    ///
    /// A person or a newer run of the same concurrency group cancelled the job. The output folder is as it was before.
    #[error("cancelled while the image was built")]
    #[diagnostic(code("build-and-tag/cancelled"), help("re-running is safe"))]
    Cancelled,
    /// The date is out of range. Exit code 2.
    ///
    /// `source-date-epoch` is beyond what the date of an image can say.
    #[error("`{seconds}` is not a date that an image can carry")]
    #[diagnostic(code("build-and-tag/date"), help("set `source-date-epoch` to seconds since 1970"))]
    Date {
        /// The number.
        seconds: i64,
    },
}

/// The reason of another error, with its own code.
fn reason<E: miette::Diagnostic + std::error::Error>(error: &E) -> String {
    let code = error.code().map_or_else(String::new, |code| format!("{code}: "));
    let causes = actions_core::causes(error).map_or_else(String::new, |causes| format!(": {causes}"));
    format!("{code}{error}{causes}")
}

/// The advice of the tag rules.
fn advice(error: &image_ref::ReleaseTagsError) -> String {
    miette::Diagnostic::help(error).map_or_else(String::new, |help| help.to_string())
}

impl Error {
    /// An error at a line of the Dockerfile.
    pub(crate) fn at(file: &str, line: usize, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Source(SourceError::Dockerfile {
            file: file.to_owned(),
            line,
            problem: problem.into(),
            help: help.into(),
        })
    }

    /// Too much at a line of the Dockerfile.
    pub(crate) fn too_large(file: &str, line: usize, problem: impl Into<String>) -> Self {
        Self::Source(SourceError::TooLarge { file: file.to_owned(), line, problem: problem.into() })
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
            Self::Source(error) => error.exit_code(),
            Self::Builder(error) => error.exit_code(),
            Self::Connect(error) => error.exit_code(),
            Self::Aws(error) => error.exit_code(),
            Self::Image(error) | Self::BaseImage { source: error, .. } if !error.is_bad_input() => ExitCode::Failed,
            Self::Pull { .. }
            | Self::TagTaken { .. }
            | Self::OtherImage { .. }
            | Self::RepositoryImmutable { .. }
            | Self::IncompleteAnswer { .. }
            | Self::RegistryLook { .. }
            | Self::VersionsUnknown { .. }
            | Self::Unwritable { .. } => ExitCode::Failed,
            Self::Cancelled => ExitCode::Cancelled,
            Self::Image(_)
            | Self::BaseImage { .. }
            | Self::AuthFile { .. }
            | Self::Tags(_)
            | Self::NoBranch { .. }
            | Self::Date { .. } => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.why(),
            Self::Builder(error) => error.why(),
            Self::Connect(error) => error.why(),
            Self::Aws(error) => error.why(),
            Self::TagTaken { why, .. }
            | Self::OtherImage { why, .. }
            | Self::RepositoryImmutable { why, .. }
            | Self::NoBranch { why } => Some(why.clone()),
            Self::Tags(error) => {
                let code = miette::Diagnostic::code(error).map_or_else(String::new, |code| code.to_string());
                Some(format!("the tags follow from the version and the branch ({code})"))
            }
            Self::Pull { source, .. } | Self::RegistryLook { source, .. } | Self::VersionsUnknown { source, .. } => {
                Some(reason(source.as_ref()))
            }
            Self::BaseImage { source, .. } => Some(reason(source)),
            _ => actions_core::causes(self),
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::Source(error) => error.location(),
            Self::Builder(error) => error.location(),
            Self::BaseImage { file, line, .. } | Self::Pull { file, line, .. } => {
                Some(Location::line(file.clone(), *line))
            }
            _ => None,
        }
    }
}
