//! What the action must be allowed in IAM, for its inputs and what the Dockerfile names. Where nothing of ECR is named, nothing.
//!
//! The registry's HTTP calls are checked under the names of ECR's own operations
//! (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>).

use std::collections::BTreeSet;

use actions_core::{InputErrors, Session};
use aws_client::policy::{Policy, Statement};
use ecr::Host;
use image_ref::{EcrRegistry, ImageReference, LatestPolicy};

use crate::dockerfile::Dockerfile;
use crate::inputs::{Inputs, Tagging};
use crate::registries::{BuilderHost, Need, Sources};
use crate::{observe, registries};

/// Reading an image.
const READS: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// Writing one; what is there is looked at first.
const WRITES: [&str; 6] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];

/// The least policy; on a dry run it only reads.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the trait's policies can lack an input; here every ARN is in a host name"
)]
pub(crate) fn policy(inputs: &Inputs, session: &Session) -> Result<String, InputErrors> {
    let text = observe::plain_text(&inputs.file, observe::LARGEST_FILE).unwrap_or_default();
    let dockerfile = Dockerfile::parse(&text).ok();
    let named = registries::named(&text, dockerfile.as_ref(), inputs);
    let written = if session.dry_run { Vec::new() } else { registries::written_caches(inputs) };
    Ok(statements(inputs, &named, &registries::read_caches(inputs), &written).to_json())
}

fn statements(inputs: &Inputs, named: &Sources, read: &[ImageReference], written: &[ImageReference]) -> Policy {
    let asked: Vec<ImageReference> = inputs.asked().map(|own| own.repository.clone()).into_iter().collect();
    let is_ecr = |image: &ImageReference| !arns(std::slice::from_ref(image)).is_empty();
    let private = asked.iter().any(is_ecr) || named.hosts.iter().any(|host| EcrRegistry::parse(&host.name).is_ok());
    // To read it nobody needs a password.
    let is_public = |host: &BuilderHost| host.need > Need::Public && Host::of(&host.name) == Some(Host::Public);
    let public = ecr::PUBLIC_LOGIN.into_iter().filter(|_| named.hosts.iter().any(is_public));
    let lists = matches!(inputs.tagging, Tagging::Rules { latest: LatestPolicy::Stable, .. });
    Policy::new()
        // AWS knows no resource for it: the password opens what the caller's other permissions open.
        .allow(Statement::new("LogIn", private.then_some("ecr:GetAuthorizationToken")).on("*"))
        .allow(Statement::new("LogInPublic", public).on("*"))
        .allow(
            Statement::new("Look", ["ecr:BatchGetImage", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer"])
                .and("ecr:ListImages", lists)
                .on_all(arns(&asked)),
        )
        .allow(Statement::new("PullBaseImages", READS).on_all(arns(&named.images)))
        .allow(Statement::new("ReadCache", READS).on_all(arns(read)))
        .allow(Statement::new("WriteCache", WRITES).on_all(arns(written)))
}

/// The ARNs of the repositories in private registries of ECR, each once.
fn arns(images: &[ImageReference]) -> Vec<String> {
    let arn = |image: &ImageReference| {
        let registry = EcrRegistry::parse(image.registry.as_ref()?.as_str()).ok()?;
        Some(ecr::arn(&registry, &image.repository))
    };
    images.iter().filter_map(arn).collect::<BTreeSet<_>>().into_iter().collect()
}
