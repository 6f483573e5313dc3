//! What the action must be allowed in IAM, for its inputs.
//!
//! The registry's HTTP calls are checked under the names of ECR's own operations
//! (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>).

mod public;

use std::collections::BTreeSet;

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement};
use image_ref::RepositoryName;

use crate::destination::RegistryType;
use crate::inputs::Inputs;
use crate::plan::guarded;
use crate::source::Source;

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

/// Whether a repository got its lifecycle policy.
const LIFECYCLE: [&str; 2] = ["ecr:GetLifecyclePolicy", "ecr:ListTagsForResource"];

/// Creating a repository that is encrypted with a key of one's own
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html>).
const ENCRYPTS: [&str; 2] = ["kms:CreateGrant", "kms:DescribeKey"];

/// Reading what enhanced scanning found: ECR asks Inspector in the caller's name
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html>).
const INSPECTS: [&str; 2] = ["inspector2:ListCoverage", "inspector2:ListFindings"];

/// Signing by a rule of the registry: ECR signs in the name of who pushes
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html>).
const SIGNS: &str = "signer:SignPayload";

/// Reading an image of a registry in ECR.
const READS: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// The least policy; on a dry run it only reads.
pub(crate) fn policy(inputs: &Inputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    let needs = if inputs.registry_id.is_some() { Needs::Region } else { Needs::Account };
    let place = Place::of(&inputs.aws, needs, session, &mut bad);
    if inputs.registry() == RegistryType::Public {
        return bad.finish(|| Some(public::statements(inputs, &place?, session.dry_run)?.to_json()));
    }
    bad.finish(|| {
        let place = place?;
        let arn = |name: &RepositoryName| repository_arn(&place, inputs.registry_id(), name);
        let targets: Option<Vec<String>> = inputs.images.iter().map(|image| arn(&image.repository)).collect();
        let mounts: Option<Vec<String>> = inputs.mount_from.iter().map(arn).collect();
        let signs = inputs.gate.as_ref().is_some_and(|gate| gate.signature) && !session.dry_run;
        let profiles = signs.then(|| profiles(&place, inputs.registry_id())).flatten();
        Some(statements(inputs, &targets?, mounts?, profiles, session.dry_run).to_json())
    })
}

fn statements(
    inputs: &Inputs,
    targets: &[String],
    mount_from: Vec<String>,
    profiles: Option<String>,
    dry_run: bool,
) -> Policy {
    let sources = Sources::of(inputs, targets);
    let mounts = MOUNTS.into_iter().filter(|_| !dry_run && !mount_from.is_empty());
    // What is the repository's own gets tags and nothing else.
    let writes = if sources.only_tags { &WRITES[WRITES.len() - 1..] } else { &WRITES[..] };
    let writes = writes.iter().copied().filter(|_| !dry_run);
    let new = inputs.new_repository.as_ref();
    let with_policy = new.is_some_and(|new| new.lifecycle_policy.is_some());
    let with_tags = with_policy || new.is_some_and(|new| !new.tags.is_empty());
    let create = new.filter(|_| !dry_run).map(|_| "ecr:CreateRepository");
    let key = new.filter(|_| !dry_run).and_then(|new| new.kms_key.as_ref()?.arn()).map(str::to_owned);
    // The first repository that needs a layer gets it, and those after it take it from there.
    let last = targets.last();
    let shared: BTreeSet<String> = targets.iter().filter(|target| Some(*target) != last && !dry_run).cloned().collect();
    let with_content = !dry_run || !inputs.checks.labels.is_empty();
    let reads = READS.into_iter().filter(|name| with_content || *name != READS[1]);
    let labels = (!inputs.checks.labels.is_empty()).then_some(READS[1]);
    let gate = inputs.gate.as_ref().filter(|_| !dry_run);
    let scanned = gate.and_then(|gate| gate.scan.as_ref()).map(drop);
    let on = |statement: Statement| statement.on_all(targets.iter().cloned());
    let lists = inputs.images.iter().any(|image| guarded(inputs, image).next().is_some());
    Policy::new()
        // AWS knows no resource for it: the password opens what the caller's other permissions open.
        .allow(Statement::new("LogIn", ["ecr:GetAuthorizationToken"]).on("*"))
        .allow(on(
            Statement::new("Look", ["ecr:BatchGetImage", "ecr:DescribeRepositories"]).and("ecr:ListImages", lists)
        ))
        .allow(Statement::new("ReadSource", reads).on_all(sources.elsewhere))
        .allow(Statement::new("ReadLabels", labels).on_all(sources.own))
        .allow(Statement::new("OptionalMountSource", (!dry_run).then_some(MOUNTS[0])).on_all(sources.mounted))
        .allow(on(Statement::new("Push", writes)))
        .allow(on(judges(inputs, dry_run)))
        .allow(Statement::new("EnhancedScan", INSPECTS).on_all(scanned.map(|()| "*".to_owned())))
        .allow(Statement::new("Sign", [SIGNS]).on_all(profiles))
        .allow(Statement::new("OptionalMount", mounts).on_all(mount_from))
        .allow(Statement::new("OptionalMountEachOther", [MOUNTS[1]]).on_all(shared))
        .allow(on(Statement::new("LookAtLifecyclePolicy", LIFECYCLE.into_iter().filter(|_| with_policy))))
        .allow(on(Statement::new("Create", create)
            .and("ecr:TagResource", with_tags && !dry_run)
            .and("ecr:PutLifecyclePolicy", with_policy && !dry_run)))
        .allow(Statement::new("EncryptWithKey", ENCRYPTS).on_all(key))
}

/// Waiting for scan and signature.
fn judges(inputs: &Inputs, dry_run: bool) -> Statement {
    let gate = inputs.gate.as_ref().filter(|_| !dry_run);
    Statement::new("Judge", std::iter::empty::<&str>())
        .and("ecr:StartImageScan", gate.is_some_and(|gate| gate.scan.as_ref().is_some_and(|rules| rules.start)))
        .and("ecr:DescribeImageScanFindings", gate.is_some_and(|gate| gate.scan.is_some()))
        .and("ecr:DescribeImageSigningStatus", gate.is_some_and(|gate| gate.signature))
}

/// The repositories in ECR that images come from.
#[derive(Default)]
struct Sources {
    /// Those that are not written to.
    elsewhere: Vec<String>,
    /// Those that are written to as well.
    own: Vec<String>,
    /// Those of the registry that is written to: their layers are mounted.
    mounted: Vec<String>,
    /// Whether every image comes from the repository it goes to.
    only_tags: bool,
}

impl Sources {
    fn of(inputs: &Inputs, targets: &[String]) -> Self {
        let mut sources = Self { only_tags: true, ..Self::default() };
        for (image, target) in inputs.images.iter().zip(targets) {
            let source = match &image.source {
                Source::Registry(reference) => crate::origin::arn_of(reference),
                Source::Layout(_) | Source::Archive(_) | Source::Daemon(_) | Source::Path(_) => None,
            };
            sources.only_tags &= source.as_deref() == Some(target);
            let Some(source) = source else { continue };
            let registry = |arn: &str| arn.split(":repository/").next().unwrap_or_default().to_owned();
            if source == *target {
                sources.own.push(source);
                continue;
            }
            if registry(&source) == registry(target) {
                sources.mounted.push(source.clone());
            }
            sources.elsewhere.push(source);
        }
        sources
    }
}

/// The signing profiles of the registry's account: which of them signs is a setting of the registry.
fn profiles(place: &Place, registry_id: Option<&str>) -> Option<String> {
    in_account(place, registry_id).arn("signer", "/signing-profiles/*")
}

/// The ARN of a repository; `None` when the account is not known.
pub(crate) fn repository_arn(place: &Place, registry_id: Option<&str>, repository: &RepositoryName) -> Option<String> {
    in_account(place, registry_id).arn("ecr", &format!("repository/{repository}"))
}

/// The place with the registry's account, where that was named.
fn in_account(place: &Place, registry_id: Option<&str>) -> Place {
    let account = registry_id.map(str::to_owned).or_else(|| place.account.clone());
    Place { account, ..place.clone() }
}
