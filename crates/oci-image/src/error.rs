//! What can be wrong with an image on disk.

use std::path::PathBuf;

use image_ref::Digest;

/// An image cannot be read or written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// A file or folder cannot be read. Exit code 1.
    ///
    /// The path is wrong, or the file is closed to this user.
    #[error("`{}` cannot be read", path.display())]
    #[diagnostic(code("oci-image/unreadable"), help("check the path and its permissions"))]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A file or folder cannot be written. Exit code 1.
    ///
    /// The disk is full, or the folder belongs to another user.
    #[error("`{}` cannot be written", path.display())]
    #[diagnostic(code("oci-image/unwritable"), help("check the folder's permissions and the free disk space"))]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The folder is no OCI layout. Exit code 2.
    ///
    /// The folder exists and lacks the files of an OCI layout: mostly its parent or its `blobs` folder was named.
    #[error("`{}` is not an OCI layout: {reason}", path.display())]
    #[diagnostic(
        code("oci-image/not-a-layout"),
        help("name the folder that holds `oci-layout`, `index.json` and `blobs`")
    )]
    NotALayout {
        /// The folder.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// A folder that holds something else would be overwritten. Exit code 2.
    ///
    /// `output-folder` names a folder with other files in it. They would have been lost.
    #[error("`{}` exists and is not an OCI layout", path.display())]
    #[diagnostic(
        code("oci-image/occupied"),
        help("choose another folder, or remove it yourself: only an OCI layout or an empty folder is replaced")
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// A manifest, index or configuration is malformed. Exit code 2.
    ///
    /// A JSON file of the image is cut off or breaks the image specification: a copy that was interrupted, or a tool
    /// with a fault.
    #[error("the {what} is malformed: {reason}")]
    #[diagnostic(code("oci-image/bad-document"), help("build or save the image again"))]
    BadDocument {
        /// Which document.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A manifest, index or configuration is too large to be one. Exit code 2.
    ///
    /// A manifest of more than 4 MiB, which registries refuse, or a configuration of more than 8 MiB is not read.
    #[error("`{digest}` has {size} bytes, too many for a manifest or configuration")]
    #[diagnostic(
        code("oci-image/document-too-large"),
        help("registries accept manifests of 4 MiB; move large annotations into a layer")
    )]
    DocumentTooLarge {
        /// The blob.
        digest: Digest,
        /// Its size.
        size: u64,
    },
    /// A blob that a manifest names is not there. Exit code 2.
    ///
    /// The image was copied only in part, or a cache or artifact dropped a file.
    #[error("blob `{digest}` is not in `{}`", path.display())]
    #[diagnostic(code("oci-image/blob-missing"), help("the image is incomplete: build, save or copy it again"))]
    BlobMissing {
        /// The blob.
        digest: Digest,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A blob has another size than its descriptor says. Exit code 2.
    ///
    /// The file was cut off or changed after the image was written.
    #[error("blob `{digest}` has {actual} bytes, its descriptor says {expected}")]
    #[diagnostic(code("oci-image/size-mismatch"), help("the image is damaged: build, save or copy it again"))]
    SizeMismatch {
        /// The blob.
        digest: Digest,
        /// The descriptor's size.
        expected: u64,
        /// The real size.
        actual: u64,
    },
    /// A blob has other content than its digest says. Exit code 2.
    ///
    /// The content was changed after the image was written: a damaged disk or artifact, or somebody changed it.
    #[error("`{name}` has digest `{actual}`, expected `{expected}`")]
    #[diagnostic(
        code("oci-image/digest-mismatch"),
        help("the image is damaged or was tampered with: build, save or copy it again")
    )]
    DigestMismatch {
        /// What was read.
        name: String,
        /// The digest it should have.
        expected: Digest,
        /// The digest it has.
        actual: Digest,
    },
    /// The layout has no such tag. Exit code 2.
    ///
    /// The image was built with other tags than the one that `source` names.
    ///
    /// Name one of the tags that the printed help lists, or none where there is one image only.
    #[error("there is no tag `{tag}` in `{}`", path.display())]
    #[diagnostic(code("oci-image/no-such-tag"), help("tags there: {}", listed(known)))]
    NoSuchTag {
        /// The tag.
        tag: String,
        /// Where it was looked for.
        path: PathBuf,
        /// The tags there are.
        known: Vec<String>,
    },
    /// There is more than one image and none was chosen. Exit code 2.
    ///
    /// The layout or archive holds several images, and `source` does not say which one.
    ///
    /// Name one by its tag: `oci:FOLDER:TAG`; the printed help lists the tags.
    #[error("`{}` holds {count} images", path.display())]
    #[diagnostic(code("oci-image/ambiguous"), help("say which one by its tag; tags there: {}", listed(known)))]
    Ambiguous {
        /// The layout or archive.
        path: PathBuf,
        /// How many images it holds.
        count: usize,
        /// Their tags.
        known: Vec<String>,
    },
    /// There is no image for the platform. Exit code 2.
    ///
    /// The image was built for other platforms than the one that is asked for. Or `docker save` wrote images of several platforms
    /// and not all that their index names, so neither the index nor one of them can be taken.
    ///
    /// Ask for one of the platforms that the printed help lists, or build the image for yours; pull all platforms before
    /// `docker save`, or save one with its `--platform`.
    #[error("{}", no_such_platform(wanted.as_deref(), known))]
    #[diagnostic(code("oci-image/no-such-platform"), help("platforms there: {}", listed(known)))]
    NoSuchPlatform {
        /// The platform that was asked for, if one was.
        wanted: Option<String>,
        /// The platforms there are.
        known: Vec<String>,
    },
    /// The descriptor points at something that is no image. Exit code 2.
    ///
    /// The name leads to something else that registries hold: an attestation, a signature, a Helm chart, or the old
    /// Docker format.
    #[error("`{digest}` is `{media_type}`, not an image")]
    #[diagnostic(
        code("oci-image/not-an-image"),
        help("use an image manifest or an index of OCI or of Docker (version 2, schema 2)")
    )]
    NotAnImage {
        /// The descriptor's digest.
        digest: Digest,
        /// Its media type.
        media_type: String,
    },
    /// The file is no docker archive. Exit code 2.
    ///
    /// The file is no tar, is compressed as a whole, or lacks `manifest.json`.
    #[error("`{}` is not a docker archive: {reason}", path.display())]
    #[diagnostic(
        code("oci-image/not-an-archive"),
        help("make it with `docker save --output image.tar IMAGE`, uncompressed")
    )]
    NotAnArchive {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        reason: String,
    },
    /// The archive holds an entry that no tool writes. Exit code 2.
    ///
    /// An entry leads out of the archive, is a device, or lies about its size. No tool that saves images writes such
    /// entries.
    #[error("`{}` holds the entry `{entry}`, which {reason}", path.display())]
    #[diagnostic(
        code("oci-image/hostile-archive"),
        help("do not use this archive; save the image again from a source you trust")
    )]
    HostileEntry {
        /// The archive.
        path: PathBuf,
        /// The entry's name.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// A text that names no platform. It reaches people within the message of the input that holds the text, so it has no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a platform; write os/architecture, for example `linux/amd64`")]
pub struct ParsePlatformError {
    /// The text.
    pub text: String,
}

impl Error {
    /// Whether what was given is wrong, as opposed to a file system that failed.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Unreadable { .. } | Self::Unwritable { .. })
    }
}

fn no_such_platform(wanted: Option<&str>, known: &[String]) -> String {
    match (wanted, known.len()) {
        (Some(wanted), _) => format!("there is no image for `{wanted}`"),
        (None, 0) => "there is no image, but attestations alone".to_owned(),
        (None, several) => format!("there are images of {several} platforms, and none of them is named"),
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
