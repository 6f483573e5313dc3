//! The habits of contrary registries and of the proxies before them, all at once: what clients have been seen to trip over.
//!
//! - the first request of an upload is answered 201, as if the blob were there;
//! - the last one is answered 202, as if it were not;
//! - an upload is not known any more when its blob comes for the first time;
//! - the first write of every manifest is throttled, with a date to come back at;
//! - no blob can be taken from another repository;
//! - a look at a manifest does not tell its digest.

use super::store::Store;
use super::{Rules, error};
use crate::http::{Reply, Request};

/// A date that has passed: come back at once.
const PASSED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// What is answered before the registry does anything.
pub(super) fn before(rules: &Rules, store: &mut Store, request: &Request) -> Option<Reply> {
    if !rules.contrary {
        return None;
    }
    match request.method.as_str() {
        "POST" if request.query_value("mount").is_some() => Some(error::unsupported(405)),
        "PUT" if request.path.contains("/blobs/uploads/") => {
            let digest = request.query_value("digest").unwrap_or_default();
            store.is_first(&format!("upload {digest}")).then(error::upload_unknown)
        }
        "PUT" if request.path.contains("/manifests/") => {
            store.is_first(&request.path).then(|| error::too_many().with_header("retry-after", PASSED))
        }
        _ => None,
    }
}

/// What becomes of the registry's answer.
pub(super) fn after(rules: &Rules, request: &Request, mut reply: Reply) -> Reply {
    if !rules.contrary {
        return reply;
    }
    match (request.method.as_str(), reply.status) {
        ("POST", 202) => reply.status = 201,
        ("PUT", 201) if request.path.contains("/blobs/uploads/") => reply.status = 202,
        ("HEAD", 200) if request.path.contains("/manifests/") => {
            reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("docker-content-digest"));
        }
        _ => {}
    }
    reply
}
