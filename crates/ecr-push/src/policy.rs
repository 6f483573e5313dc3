//! What the action must be allowed in IAM, for its inputs.
//!
//! The registry's HTTP calls are checked under the names of ECR's own operations
//! (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>).

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement};
use image_ref::RepositoryName;

use crate::inputs::Inputs;

/// Uploading blobs and writing manifests.
const WRITES: [&str; 5] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
];

/// Taking layers from another repository
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html>).
const MOUNTS: [&str; 2] = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer"];

/// The least policy; on a dry run it only reads.
pub(crate) fn policy(inputs: &Inputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    let needs = if inputs.registry_id.is_some() { Needs::Region } else { Needs::Account };
    let place = Place::of(&inputs.aws, needs, session, &mut bad);
    bad.finish(|| {
        let place = place?;
        let arn = |name| repository_arn(&place, inputs.registry_id(), name);
        let sources: Option<Vec<String>> = inputs.mount_from.iter().map(arn).collect();
        Some(statements(inputs, &arn(&inputs.repository)?, sources?, session.dry_run).to_json())
    })
}

fn statements(inputs: &Inputs, repository: &str, sources: Vec<String>, dry_run: bool) -> Policy {
    let mounts = MOUNTS.into_iter().filter(|_| !dry_run && !sources.is_empty());
    let writes = WRITES.into_iter().filter(|_| !dry_run);
    let create = (inputs.create_repository && !dry_run).then_some("ecr:CreateRepository");
    Policy::new()
        // AWS knows no resource for it: the password opens what the caller's other permissions open.
        .allow(Statement::new("LogIn", ["ecr:GetAuthorizationToken"]).on("*"))
        .allow(Statement::new("Look", ["ecr:BatchGetImage", "ecr:DescribeRepositories"]).on(repository))
        .allow(Statement::new("Push", writes).on(repository))
        .allow(Statement::new("OptionalMount", mounts).on_all(sources))
        .allow(Statement::new("Create", create).on(repository))
}

/// The ARN of a repository; `None` when the account is not known.
pub(crate) fn repository_arn(place: &Place, registry_id: Option<&str>, repository: &RepositoryName) -> Option<String> {
    let account = registry_id.map(str::to_owned).or_else(|| place.account.clone());
    Place { account, ..place.clone() }.arn("ecr", &format!("repository/{repository}"))
}
