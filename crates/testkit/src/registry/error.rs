//! The error bodies of the distribution specification.

use serde_json::json;

use crate::http::Reply;

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"errors": [{"code": code, "message": message}]}))
}

pub(super) fn name_unknown(name: &str) -> Reply {
    error(404, "NAME_UNKNOWN", &format!("The repository with name '{name}' does not exist in the registry"))
}

pub(super) fn blob_unknown() -> Reply {
    error(404, "BLOB_UNKNOWN", "blob unknown to registry")
}

pub(super) fn upload_unknown() -> Reply {
    error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
}

pub(super) fn range_invalid() -> Reply {
    error(416, "BLOB_UPLOAD_INVALID", "the chunk does not start where the upload ends")
}

pub(super) fn too_many() -> Reply {
    error(429, "TOOMANYREQUESTS", "too many requests")
}

pub(super) fn digest_invalid() -> Reply {
    error(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
}

pub(super) fn manifest_unknown() -> Reply {
    error(404, "MANIFEST_UNKNOWN", "manifest unknown to registry")
}

pub(super) fn manifest_invalid(message: &str) -> Reply {
    error(400, "MANIFEST_INVALID", message)
}

pub(super) fn reference_unknown(digest: &str) -> Reply {
    error(400, "MANIFEST_BLOB_UNKNOWN", &format!("the manifest names {digest}, which is unknown to the repository"))
}

/// What ECR answers, for the digest the tag has already as well.
pub(super) fn tag_immutable(repository: &str, tag: &str) -> Reply {
    error(
        400,
        "TAG_INVALID",
        &format!(
            "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the tag is immutable."
        ),
    )
}

pub(super) fn denied(message: &str) -> Reply {
    error(403, "DENIED", message)
}

pub(super) fn unauthorized() -> Reply {
    error(401, "UNAUTHORIZED", "authentication required")
}

pub(super) fn unsupported(status: u16) -> Reply {
    error(status, "UNSUPPORTED", "the operation is unsupported")
}
