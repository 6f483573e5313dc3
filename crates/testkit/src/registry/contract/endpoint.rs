//! The endpoints of the specification (section "Endpoints").

use crate::http::Request;

/// What an address stands for; a repository's name goes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Endpoint {
    Version,
    Blob(String, String),
    Manifest(String, String),
    Uploads(String),
    Upload(String),
    Tags(String),
    Referrers(String, String),
    Unknown,
}

impl Endpoint {
    pub(super) fn of(request: &Request) -> Self {
        let segments = request.segments();
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["v2", rest @ ..] = parts.as_slice() else {
            return Self::Unknown;
        };
        let name = |parts: &[&str]| parts.join("/");
        match rest {
            [] => Self::Version,
            [repository @ .., "blobs", "uploads"] => Self::Uploads(name(repository)),
            [repository @ .., "blobs", "uploads", _] => Self::Upload(name(repository)),
            [repository @ .., "tags", "list"] => Self::Tags(name(repository)),
            [repository @ .., "blobs", digest] => Self::Blob(name(repository), (*digest).to_owned()),
            [repository @ .., "manifests", reference] => Self::Manifest(name(repository), (*reference).to_owned()),
            [repository @ .., "referrers", digest] => Self::Referrers(name(repository), (*digest).to_owned()),
            _ => Self::Unknown,
        }
    }

    /// The name of the repository.
    pub(super) fn repository(&self) -> Option<&str> {
        match self {
            Self::Version | Self::Unknown => None,
            Self::Blob(name, _)
            | Self::Manifest(name, _)
            | Self::Referrers(name, _)
            | Self::Uploads(name)
            | Self::Upload(name)
            | Self::Tags(name) => Some(name),
        }
    }

    /// The statuses of success and of failure the table gives for a method; `None` when it does not list the method. A `Range`
    /// request for a blob may be answered as RFC 9110 says, section 14.
    pub(super) fn statuses(&self, method: &str) -> Option<(&'static [u16], &'static [u16])> {
        let found: (&[u16], &[u16]) = match (method, self) {
            ("GET", Self::Version) => (&[200], &[401, 404]),
            ("GET", Self::Blob(..)) => (&[200, 206], &[404, 416]),
            ("HEAD", Self::Blob(..)) | ("GET" | "HEAD", Self::Manifest(..)) | ("GET", Self::Tags(_)) => {
                (&[200], &[404])
            }
            ("POST", Self::Uploads(_)) => (&[201, 202], &[404, 400]),
            ("PATCH", Self::Upload(_)) => (&[202], &[404, 416]),
            ("PUT", Self::Upload(_)) => (&[201], &[404, 400, 416]),
            ("PUT", Self::Manifest(..)) => (&[201], &[404, 413, 400]),
            ("DELETE", Self::Manifest(..) | Self::Blob(..)) => (&[202], &[404, 400, 405]),
            ("GET", Self::Referrers(..)) => (&[200], &[404, 400]),
            ("GET", Self::Upload(_)) => (&[204], &[404]),
            ("DELETE", Self::Upload(_)) => (&[204], &[404, 400]),
            _ => return None,
        };
        Some(found)
    }

    /// The query parameters the table and the sections give for a method; `None` where the registry makes the address:
    /// uploads, and what a download is redirected to.
    pub(super) fn parameters(&self, method: &str) -> Option<&'static [&'static str]> {
        match (method, self) {
            (_, Self::Upload(_)) | ("GET", Self::Blob(..)) => None,
            ("POST", Self::Uploads(_)) => Some(&["digest", "digest-algorithm", "mount", "from"]),
            ("PUT", Self::Manifest(_, reference)) if reference.contains(':') => Some(&["tag"]),
            ("GET", Self::Tags(_)) => Some(&["n", "last"]),
            ("GET", Self::Referrers(..)) => Some(&["artifactType"]),
            _ => Some(&[]),
        }
    }
}
