//! What can be wrong with an image on disk.

use std::path::PathBuf;

use image_ref::Digest;

/// An image cannot be read or written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("`{}` cannot be read", path.display())]
    #[diagnostic(code("oci-image/unreadable"), help("check the path and its permissions"))]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("`{}` cannot be written", path.display())]
    #[diagnostic(code("oci-image/unwritable"), help("check the folder's permissions and the free disk space"))]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The folder is no OCI layout.
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
    /// A folder that holds something else would be overwritten.
    #[error("`{}` exists and is not an OCI layout", path.display())]
    #[diagnostic(
        code("oci-image/occupied"),
        help("choose another folder, or remove it yourself: only an OCI layout or an empty folder is replaced")
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// A manifest, index or configuration is malformed.
    #[error("the {what} is malformed: {reason}")]
    #[diagnostic(code("oci-image/bad-document"), help("build or save the image again"))]
    BadDocument {
        /// Which document.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A manifest, index or configuration is too large to be one.
    #[error("`{digest}` has {size} bytes, too many for a manifest or configuration")]
    #[diagnostic(
        code("oci-image/document-too-large"),
        help("registries accept 4 MiB; move large annotations into a layer")
    )]
    DocumentTooLarge {
        /// The blob.
        digest: Digest,
        /// Its size.
        size: u64,
    },
    /// A blob that a manifest names is not there.
    #[error("blob `{digest}` is not in `{}`", path.display())]
    #[diagnostic(code("oci-image/blob-missing"), help("the image is incomplete: build, save or copy it again"))]
    BlobMissing {
        /// The blob.
        digest: Digest,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A blob has another size than its descriptor says.
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
    /// A blob has other content than its digest says.
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
    /// The layout has no such tag.
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
    /// There is more than one image and none was chosen.
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
    /// There is no image for the platform.
    #[error("there is no image for `{wanted}`")]
    #[diagnostic(code("oci-image/no-such-platform"), help("platforms there: {}", listed(known)))]
    NoSuchPlatform {
        /// The platform that was asked for; `any` when none was.
        wanted: String,
        /// The platforms there are.
        known: Vec<String>,
    },
    /// The text names no platform.
    #[error("`{text}` is not a platform")]
    #[diagnostic(code("oci-image/bad-platform"), help("write os/architecture, for example `linux/amd64`"))]
    BadPlatform {
        /// The text.
        text: String,
    },
    /// The descriptor points at something that is no image.
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
    /// The file is no docker archive.
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
    /// The archive holds an entry that no tool writes.
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

impl Error {
    /// Whether what was given is wrong, as opposed to a file system that failed.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Unreadable { .. } | Self::Unwritable { .. })
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
