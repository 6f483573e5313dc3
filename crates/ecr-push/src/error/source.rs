//! The image to push cannot be had, or is another one than was meant.

use actions_core::ExitCode;
use image_ref::Digest;

/// What is wrong with the image to push. Nothing was written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SourceError {
    /// There is nothing at the source's path. Exit code 2.
    ///
    /// The path of `source` leads nowhere: the image was built by another job, or into another folder.
    #[error("there is no image at `{path}`")]
    #[diagnostic(
        code("ecr-push/source-missing"),
        help(
            "build the image first; `source` takes `oci:FOLDER`, `docker-archive:FILE`, `oci-archive:FILE`, `docker-daemon:NAME` or `docker://HOST/NAME:TAG`"
        )
    )]
    Missing {
        /// The path.
        path: String,
    },
    /// Docker is not installed. Exit code 2.
    ///
    /// `source` names an image of the local Docker daemon, and this runner has no Docker.
    #[error("`{reference}` cannot be taken from Docker: there is no `docker` on the PATH")]
    #[diagnostic(
        code("ecr-push/no-docker"),
        help("install Docker, or give the image as `oci:FOLDER` or `docker-archive:FILE`")
    )]
    NoDocker {
        /// The image.
        reference: String,
    },
    /// Docker does not give the image. Exit code 2.
    ///
    /// The daemon does not answer, or it does not have an image of that name; Docker's own words are printed under
    /// `why`.
    #[error("Docker cannot save `{reference}`")]
    #[diagnostic(
        code("ecr-push/docker-save"),
        help(
            "check that the daemon runs (`docker info`) and has the image (`docker image ls`), or give the image as `oci:FOLDER`"
        )
    )]
    DockerSave {
        /// The image.
        reference: String,
        /// What Docker said.
        message: String,
    },
    /// No temporary folder can be made. Exit code 1.
    ///
    /// An image of Docker is first saved to disk, and the folder for it is full, missing or read-only.
    #[error("no temporary folder can be made in `{path}`")]
    #[diagnostic(code("ecr-push/work-folder"), help("make room there, or set RUNNER_TEMP to a folder with room"))]
    WorkFolder {
        /// The folder.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The image is another one than was expected. Exit code 1; nothing was written.
    ///
    /// The tag of `image` points at another digest than `expected-digest`: somebody pushed to it after the image was tested.
    ///
    /// Promote the digest that was tested (the output `image-uri` of ecr-push names it), or test the new image.
    #[error("`{image}` is `{found}`, and not `{expected}` as `expected-digest` says")]
    #[diagnostic(
        code("ecr-push/unexpected-digest"),
        help("name the image that was tested by its digest, `HOST/NAME@{expected}`, or test the new one first")
    )]
    UnexpectedDigest {
        /// The image.
        image: String,
        /// The digest that was expected.
        expected: Digest,
        /// The digest it has.
        found: Digest,
    },
    /// The image does not have a label that it must have. Exit code 1; nothing was written.
    ///
    /// A label of `require-label` is missing or has another value, in at least one image of an index: mostly the image was built
    /// from another commit or branch than is to be released.
    ///
    /// Promote the image of the right commit, or correct `require-label`.
    #[error("`{image}` has {} as its label `{name}`, and not `{wanted}`", shown(found.as_deref()))]
    #[diagnostic(
        code("ecr-push/label-mismatch"),
        help("promote the image that was built for this value, or correct `require-label`")
    )]
    LabelMismatch {
        /// The image.
        image: String,
        /// The label.
        name: String,
        /// The value it must have.
        wanted: String,
        /// The value it has.
        found: Option<String>,
    },
    /// Nothing refers to the image, and something has to. Exit code 1; nothing was written.
    ///
    /// `referrers: require` wants a signature, an attestation or a bill of materials to come along, and the source has none for this
    /// image.
    #[error("nothing refers to `{image}`: it has no signature and no attestation of its own")]
    #[diagnostic(
        code("ecr-push/referrers-missing"),
        help("sign the image before it is promoted, or set `referrers: copy`")
    )]
    ReferrersMissing {
        /// The image.
        image: String,
    },
    /// The image of another registry cannot be taken. Exit code 1; nothing was written.
    ///
    /// Its index is larger or deeper than any image's, or more manifests refer to it than anybody writes.
    #[error("`{image}` cannot be taken: {problem}")]
    #[diagnostic(code("ecr-push/source-unusable"), help("check what was pushed under this name"))]
    Unusable {
        /// The image.
        image: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl SourceError {
    pub(super) const fn exit_code(&self) -> ExitCode {
        match self {
            Self::Missing { .. } | Self::NoDocker { .. } | Self::DockerSave { .. } => ExitCode::BadInput,
            Self::WorkFolder { .. }
            | Self::UnexpectedDigest { .. }
            | Self::LabelMismatch { .. }
            | Self::ReferrersMissing { .. }
            | Self::Unusable { .. } => ExitCode::Failed,
        }
    }
}

fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"))
}
