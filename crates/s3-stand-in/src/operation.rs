//! The operations of S3 that are known here, by the names AWS gives them.

use crate::request::Head;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    AbortMultipartUpload,
    CompleteMultipartUpload,
    CopyObject,
    CreateBucket,
    CreateMultipartUpload,
    DeleteObject,
    DeleteObjects,
    GetBucketLocation,
    GetObject,
    HeadBucket,
    HeadObject,
    ListMultipartUploads,
    ListObjects,
    ListObjectsV2,
    PutObject,
    Unknown,
    UploadPart,
}

/// Words of a query that ask for something else than an object, a listing or an upload.
const OTHERS: [&str; 14] = [
    "accelerate",
    "acl",
    "cors",
    "encryption",
    "lifecycle",
    "logging",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "tagging",
    "versioning",
    "versions",
    "website",
];

impl Operation {
    pub(crate) fn of(head: &Head) -> Self {
        let has = |name: &str| head.query(name).is_some();
        if OTHERS.iter().any(|name| has(name)) {
            return Self::Unknown;
        }
        let has_key = head.names().1.is_some();
        match (head.method.as_str(), has_key) {
            ("GET", false) if has("location") => Self::GetBucketLocation,
            ("GET", false) if has("uploads") => Self::ListMultipartUploads,
            ("GET", false) if head.query("list-type") == Some("2") => Self::ListObjectsV2,
            ("GET", false) => Self::ListObjects,
            ("HEAD", false) => Self::HeadBucket,
            ("PUT", false) => Self::CreateBucket,
            ("POST", false) if has("delete") => Self::DeleteObjects,
            ("GET", true) if !has("uploadId") => Self::GetObject,
            ("HEAD", true) => Self::HeadObject,
            ("PUT", true) if has("partNumber") => Self::UploadPart,
            ("PUT", true) if head.copy_source.is_some() => Self::CopyObject,
            ("PUT", true) => Self::PutObject,
            ("POST", true) if has("uploads") => Self::CreateMultipartUpload,
            ("POST", true) if has("uploadId") => Self::CompleteMultipartUpload,
            ("DELETE", true) if has("uploadId") => Self::AbortMultipartUpload,
            ("DELETE", true) => Self::DeleteObject,
            _ => Self::Unknown,
        }
    }
}
