//! What a request is called, whatever world it was sent in.

use std::fmt;

use serde::Serialize;

use crate::aws_model;
use crate::http::Request;

/// Whose protocol a call speaks; it decides the form of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Service {
    /// An AWS service that speaks JSON: ECS, ECR.
    AwsJson,
    /// S3.
    S3,
    /// An AWS service that speaks XML otherwise than S3: CloudFront, STS.
    AwsXml,
    /// GitHub's REST API.
    GitHub,
    /// An OCI registry.
    Registry,
    /// The token service of a job.
    TokenService,
}

/// A call: what is asked, and about what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Named {
    /// Whose.
    pub service: Service,
    /// The operation, `s3:PutObject` or `POST /repos/{owner}/{repo}/git/refs`.
    pub operation: String,
    /// Its subject in words, such as `the page`; empty where the operation says it all.
    pub target: String,
}

impl Named {
    /// The same call about something.
    #[must_use]
    pub fn about(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operation)?;
        if self.target.is_empty() { Ok(()) } else { write!(f, " ({})", self.target) }
    }
}

/// Names a call to AWS by botocore's models.
pub fn aws(request: &Request) -> Option<Named> {
    let operation = aws_model::identify(request).expect("the models of the pinned tools")?;
    let service = match operation.service.as_str() {
        "s3" => Service::S3,
        "cloudfront" | "sts" => Service::AwsXml,
        _ => Service::AwsJson,
    };
    Some(Named { service, operation: operation.to_string(), target: String::new() })
}

/// Names a call to GitHub: the parts of the path that name things of one repository are called after what they name.
pub fn github(request: &Request) -> Option<Named> {
    let parts: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
    let rest = match parts.as_slice() {
        ["user"] => return Some(of_github(request, "user")),
        ["graphql"] => return Some(of_github(request, "graphql")),
        ["repos", _, _, rest @ ..] => rest,
        _ => return None,
    };
    let named = match rest {
        [] => "",
        ["actions", "runs", _] => "/actions/runs/{run_id}",
        ["actions", "workflows", _, "runs"] => "/actions/workflows/{workflow_id}/runs",
        ["git", "ref", ..] => "/git/ref/{ref}",
        ["git", "matching-refs", ..] => "/git/matching-refs/{ref}",
        ["git", "refs"] => "/git/refs",
        ["git", "tags", _] => "/git/tags/{tag_sha}",
        ["git", "tags"] => "/git/tags",
        ["git", "commits", _] => "/git/commits/{commit_sha}",
        ["git", "commits"] => "/git/commits",
        ["git", "trees", _] => "/git/trees/{tree_sha}",
        ["git", "trees"] => "/git/trees",
        ["git", "blobs", _] => "/git/blobs/{file_sha}",
        ["git", "refs", ..] => "/git/refs/{ref}",
        ["commits"] => "/commits",
        ["compare", ..] => "/compare/{basehead}",
        ["contents", ..] => "/contents/{path}",
        ["releases"] => "/releases",
        ["releases", "tags", ..] => "/releases/tags/{tag}",
        ["releases", _] => "/releases/{release_id}",
        ["dispatches"] => "/dispatches",
        ["actions", "workflows", _, "dispatches"] => "/actions/workflows/{workflow_id}/dispatches",
        ["pulls"] => "/pulls",
        ["tags"] => "/tags",
        ["pulls", _] => "/pulls/{pull_number}",
        ["issues", "comments", _] => "/issues/comments/{comment_id}",
        ["issues", _, "comments"] => "/issues/{issue_number}/comments",
        _ => return None,
    };
    Some(of_github(request, &format!("repos/{{owner}}/{{repo}}{named}")))
}

fn of_github(request: &Request, path: &str) -> Named {
    Named { service: Service::GitHub, operation: format!("{} /{path}", request.method), target: String::new() }
}

/// Names a call to a registry by its route; blobs, tags and digests are for the scenario to name.
pub fn registry(request: &Request) -> Option<Named> {
    let path = request.path.strip_prefix("/v2/")?;
    let method = request.method.as_str();
    let route = if path.contains("/manifests/") {
        "manifest"
    } else if path.contains("/blobs/uploads/") {
        "upload"
    } else if path.contains("/blobs/") {
        "blob"
    } else if path.contains("/referrers/") {
        "referrers"
    } else if path.ends_with("/tags/list") {
        "tags"
    } else {
        return None;
    };
    Some(Named { service: Service::Registry, operation: format!("registry:{method} {route}"), target: String::new() })
}
