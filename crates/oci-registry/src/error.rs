//! What can go wrong between us and a registry.

use std::time::Duration;

use image_ref::Digest;

/// An error of a registry, of the way to it, or of the files that go there.
///
/// The crate does not end a process itself; the exit codes are those of the actions that pass an error on.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The address of a registry cannot be used. Exit code 1.
    ///
    /// The address has a path, a user or a scheme that a registry's address does not have. Plain HTTP is for this
    /// machine only.
    #[error("`{endpoint}` is no address of a registry: {problem}")]
    #[diagnostic(code("oci-registry/bad-endpoint"), help("write `https://host`, or `http://127.0.0.1:<port>`"))]
    BadEndpoint {
        /// What was given.
        endpoint: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The HTTP client cannot be made. Exit code 1.
    ///
    /// The HTTP client found no certificates, or a proxy variable holds no address.
    #[error("the HTTP client cannot start")]
    #[diagnostic(code("oci-registry/no-client"), help("check the system's certificate store and proxy settings"))]
    NoClient {
        /// The reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The registry does not know who we are. Exit code 1.
    ///
    /// The user name or password is wrong, missing, or has expired: ECR's lives for twelve hours.
    #[error("registry `{registry}` refused the credentials{}", said(message))]
    #[diagnostic(
        code("oci-registry/unauthorized"),
        help("log in again; a registry's password may live only for hours")
    )]
    Unauthorized {
        /// The registry.
        registry: String,
        /// What it said.
        message: String,
    },
    /// The registry knows who we are, and that is not enough. Exit code 1.
    ///
    /// The credentials are valid and do not reach this repository.
    #[error("registry `{registry}` denied access to repository `{repository}`{}", said(message))]
    #[diagnostic(
        code("oci-registry/denied"),
        help("grant the caller the right to pull from and push to the repository")
    )]
    Denied {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// What it said.
        message: String,
    },
    /// There is no such repository. Exit code 1.
    ///
    /// The repository does not exist, or was deleted after the step looked for it.
    #[error("registry `{registry}` has no repository `{repository}`")]
    #[diagnostic(code("oci-registry/name-unknown"), help("create the repository first, or check its name"))]
    NameUnknown {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
    },
    /// There is no such manifest. Exit code 1.
    ///
    /// The tag was never pushed, was deleted by a lifecycle rule, or has a typing error.
    #[error("repository `{repository}` of `{registry}` has no image `{reference}`")]
    #[diagnostic(code("oci-registry/manifest-unknown"), help("check the tag or digest"))]
    ManifestUnknown {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// The tag or digest.
        reference: String,
    },
    /// There is no such blob. Exit code 1.
    ///
    /// A layer that the registry listed is not there: a lifecycle rule ran at the same time, or an earlier push was
    /// incomplete.
    #[error("repository `{repository}` of `{registry}` has no blob `{digest}`")]
    #[diagnostic(code("oci-registry/blob-unknown"), help("push the image again: its layers are not complete there"))]
    BlobUnknown {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// The blob.
        digest: Digest,
    },
    /// The tag exists and may not be overwritten. Exit code 1.
    ///
    /// The repository is immutable, and the tag was pushed before with another image.
    #[error("tag `{tag}` of repository `{repository}` is immutable and exists")]
    #[diagnostic(code("oci-registry/tag-immutable"), help("push the image under a new tag"))]
    TagImmutable {
        /// The repository.
        repository: String,
        /// The tag.
        tag: String,
        /// What the registry said.
        message: String,
    },
    /// The registry does not take the tag. Exit code 1.
    ///
    /// The registry has rules for tags beyond the specification, and this tag breaks one.
    #[error("tag `{tag}` of repository `{repository}` was refused{}", said(message))]
    #[diagnostic(code("oci-registry/tag-invalid"), help("choose another tag"))]
    TagInvalid {
        /// The repository.
        repository: String,
        /// The tag.
        tag: String,
        /// What the registry said.
        message: String,
    },
    /// The registry cannot be reached, or the connection broke. Exit code 1.
    ///
    /// No connection could be made or kept, also on every repetition: no network, a proxy that is not configured, or a
    /// wrong name.
    #[error("registry `{registry}` cannot be reached")]
    #[diagnostic(code("oci-registry/unreachable"), help("check the network, a proxy, and the registry's name"))]
    Unreachable {
        /// The registry.
        registry: String,
        /// The reason, without the URL, which may be a signed one.
        source: reqwest::Error,
    },
    /// Nothing moved for too long. Exit code 1; 4 when it is not known whether something was written.
    ///
    /// The connection stayed open and no byte moved, or so few that there would be no end. Mostly a firewall or a proxy dropped it silently.
    #[error("registry `{registry}` did not answer for {} s", after.as_secs())]
    #[diagnostic(code("oci-registry/stalled"), help("run the step again; what arrived is kept"))]
    Stalled {
        /// The registry.
        registry: String,
        /// How long nothing moved.
        after: Duration,
        /// Whether the request may have written something all the same.
        writes: bool,
    },
    /// Any other refusal. Exit code 1.
    ///
    /// The registry failed on its side or limits requests, also on every repetition; its status and words are in the
    /// message.
    #[error("registry `{registry}` answered {status}{}{} for `{repository}`", code_of(code), said(message))]
    #[diagnostic(
        code("oci-registry/service"),
        help("run the step again; if it stays so, look at the registry's health")
    )]
    Service {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// The HTTP status.
        status: u16,
        /// The code of the distribution specification, empty when none was given.
        code: String,
        /// What it said.
        message: String,
        /// How long it asked us to wait.
        retry_after: Option<Duration>,
    },
    /// An upload got lost on the registry's side. Exit code 1.
    ///
    /// The registry began the upload and did not know it any more when the blob came, or said that something else arrived: its
    /// servers do not share what was begun, or a proxy in between lost a part. The blob was sent anew on every repetition.
    ///
    /// Run the step again: what arrived is found and not sent twice. If it stays so, look for a proxy between the runner and
    /// the registry.
    #[error("registry `{registry}` lost an upload to repository `{repository}`: {problem}")]
    #[diagnostic(
        code("oci-registry/upload-lost"),
        help("run the step again; if it stays so, look for a proxy between the runner and the registry")
    )]
    UploadLost {
        /// The registry.
        registry: String,
        /// The repository.
        repository: String,
        /// What it said.
        problem: String,
    },
    /// The registry's answer does not follow the specification. Exit code 1.
    ///
    /// Something answers there that is no registry: a web page, a proxy, an answer without an end, a token server without TLS or of somebody
    /// else, or a redirect to an address without TLS or of the machine itself.
    #[error("registry `{registry}` answered something unexpected: {problem}")]
    #[diagnostic(code("oci-registry/bad-answer"), help("check that the address is a registry's"))]
    BadAnswer {
        /// The registry.
        registry: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// What was pulled is not what was asked for. Exit code 1.
    ///
    /// What came over the wire does not have the digest that was asked for. It was thrown away.
    #[error("content of `{expected}` from registry `{registry}` is something else: {found}")]
    #[diagnostic(code("oci-registry/digest-mismatch"), help("do not use this registry or proxy: it alters content"))]
    DigestMismatch {
        /// The registry.
        registry: String,
        /// The digest that was asked for.
        expected: Digest,
        /// What came: another digest, or another size.
        found: String,
    },
    /// A local file changed after the image was opened. Exit code 1.
    ///
    /// What the registry received did not have the digest of the blob, and neither has the file by now: another step of
    /// the job built into the same folder while the image was pushed.
    ///
    /// Build the image again, into a folder of its own, and push it after the build has ended.
    #[error("file `{path}` does not hold the blob `{digest}` any more")]
    #[diagnostic(
        code("oci-registry/file-changed"),
        help("build the image again, into a folder that no other step writes to, and push it then")
    )]
    FileChanged {
        /// The file.
        path: String,
        /// The blob it held.
        digest: Digest,
    },
    /// A local file cannot be read or written. Exit code 1.
    ///
    /// A layer vanished or was cut off between the build and the push, or the disk is full.
    #[error("file `{path}` cannot be used")]
    #[diagnostic(
        code("oci-registry/file"),
        help("check that the file exists, is complete, and that the disk has room")
    )]
    File {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
}

impl Error {
    /// Whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => !source.is_builder(),
            Self::Stalled { .. } | Self::UploadLost { .. } => true,
            Self::Service { status, .. } => matches!(status, 408 | 425 | 429 | 499 | 500..=599),
            _ => false,
        }
    }

    /// Whether the registry received something else than what it was told.
    pub(crate) fn is_wrong_content(&self) -> bool {
        matches!(self, Self::Service { code, .. } if matches!(code.as_str(), "DIGEST_INVALID" | "SIZE_INVALID"))
    }

    /// How long the registry asked us to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Service { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn code_of(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!(" {code}") }
}
