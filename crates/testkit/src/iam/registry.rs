//! The permissions of ECR's registry: each HTTP call of the distribution specification is checked as one of ECR's operations
//! (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>,
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html>).

use super::need::Need;
use super::operations::Place;
use crate::http::Request;

/// What a request to the registry needs; `None` when nobody wrote it down.
pub(super) fn needs(place: &Place, request: &Request) -> Option<Vec<Need>> {
    let segments = request.segments();
    let parts: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    // Whether the registry takes the password at all.
    if parts.is_empty() {
        return Some(Vec::new());
    }
    let at = parts.iter().rposition(|part| matches!(*part, "blobs" | "manifests" | "referrers" | "tags"))?;
    let names = actions(request, &parts[at..])?;
    if let Some(alias) = &place.public_alias {
        return public(place, alias, &parts[..at].join("/"), names);
    }
    let repository = place.arn("ecr", &format!("repository/{}", parts[..at].join("/")));
    let own = names.iter().map(|name| Need::new(&format!("ecr:{name}"), &repository));
    // A layer that is mounted is read from where it is
    // (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html>).
    let mounted = request.query_value("from").filter(|_| request.query_value("mount").is_some());
    let source =
        |name: String| Need::new("ecr:GetDownloadUrlForLayer", place.arn("ecr", &format!("repository/{name}")));
    Some(own.chain(mounted.map(source)).collect())
}

/// The public registry: everybody may read, and whoever shows a token may write what it is allowed.
fn public(place: &Place, alias: &str, repository: &str, names: &[&str]) -> Option<Vec<Need>> {
    let name = repository.strip_prefix(alias)?.strip_prefix('/')?;
    let arn = place.global("ecr-public", &format!("repository/{name}"));
    let is_read = |name: &&&str| matches!(**name, "BatchGetImage" | "GetDownloadUrlForLayer" | "ListImages");
    let checked = names.iter().filter(|name| !is_read(name));
    Some(checked.map(|name| Need::new(&format!("ecr-public:{name}"), &arn)).collect())
}

fn actions(request: &Request, resource: &[&str]) -> Option<&'static [&'static str]> {
    let with_content = !request.body.is_empty();
    Some(match (request.method.as_str(), resource) {
        // <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html>
        ("HEAD" | "GET", ["manifests", _]) | ("GET", ["referrers", _]) => &["BatchGetImage"],
        ("GET", ["tags", "list"]) => &["ListImages"],
        ("PUT", ["manifests", _]) => &["PutImage"],
        ("HEAD", ["blobs", _]) => &["BatchCheckLayerAvailability"],
        ("GET", ["blobs", _]) => &["GetDownloadUrlForLayer"],
        ("POST", ["blobs", "uploads"]) => &["InitiateLayerUpload"],
        ("PATCH", ["blobs", "uploads", _]) => &["UploadLayerPart"],
        ("PUT", ["blobs", "uploads", _]) if with_content => &["UploadLayerPart", "CompleteLayerUpload"],
        ("PUT", ["blobs", "uploads", _]) => &["CompleteLayerUpload"],
        _ => return None,
    })
}
