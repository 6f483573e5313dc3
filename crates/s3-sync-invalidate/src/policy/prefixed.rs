//! What is needed where each release has a folder of its own, and distributions are switched.

use aws_client::policy::{Place, Policy, Statement, literal};

use crate::inputs::Inputs;
use crate::invalidation::Wanted;
use crate::journal;
use crate::mode::{Adoption, Mode, folder};

use super::{decrypts, distribution_arn, encrypt, encrypts};

/// The id of any release, as a pattern of IAM.
const ANY_RELEASE: &str = "????????T??????Z-????????";

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A release is made.
    Publication,
    /// One that is there is shown again.
    Rollback,
}

/// The least policy; on a dry run it only reads.
pub(crate) fn statements(inputs: &Inputs, place: &Place, dry_run: bool, kind: Kind) -> Option<Policy> {
    let bucket = format!("arn:{}:s3:::{}", place.partition, inputs.bucket);
    let site = format!("{bucket}/{}*", literal(inputs.prefix.as_str()));
    let (manifest_bucket, start) = inputs.manifest.resource(&inputs.bucket, &inputs.prefix)?;
    let manifests = format!("arn:{}:s3:::{manifest_bucket}/{start}", place.partition);
    let notes = literal(&journal::key_of_all(&inputs.prefix));
    let policy = lists(inputs, &bucket);
    // What is read is the manifests, the notes, and what is copied.
    let is_within = inputs.manifest.is_in_site(&inputs.prefix);
    let read = |name, on: String| Statement::new(name, ["s3:GetObject"]).on(on);
    let policy = match (is_within, dry_run) {
        (true, _) => policy.allow(read("Read", site.clone())),
        (false, true) => {
            // A rollback compares nothing.
            let compared = if kind == Kind::Rollback { format!("{bucket}/{notes}*") } else { site.clone() };
            policy.allow(read("OptionalCompare", compared)).allow(read("ReadManifests", format!("{manifests}*")))
        }
        (false, false) => {
            policy.allow(read("Copy", site.clone())).allow(read("ReadManifests", format!("{manifests}*")))
        }
    };
    if dry_run {
        return distributions(decrypts(policy, inputs, place)?, inputs, place, dry_run, kind);
    }
    let gives = *manifest_bucket == inputs.bucket && inputs.rules.gives_own();
    let publish = Statement::new("Publish", ["s3:PutObject"])
        .and("s3:PutObjectTagging", !inputs.rules.tags.is_empty())
        .and("s3:PutObjectAcl", !inputs.rules.acl.is_empty())
        .on(&site);
    // A rollback uploads nothing.
    let abort = (kind == Kind::Publication).then_some("s3:AbortMultipartUpload");
    let policy = policy.allow(Statement::new("OptionalAbortUploads", abort).on(&site)).allow(publish);
    let policy = if is_within {
        policy
    } else {
        let write = Statement::new("WriteManifest", ["s3:PutObject"]).and("s3:PutObjectAcl", gives);
        policy.allow(write.on(format!("{manifests}*")))
    };
    let notes = Statement::new("OptionalRemoveNotes", ["s3:DeleteObject"]).on(format!("{bucket}/{notes}*"));
    let policy = if inputs.invalidation == Wanted::None { policy } else { policy.allow(notes) };
    // A rollback deletes no release.
    let prune = Statement::new("OptionalPrune", (kind == Kind::Publication).then_some("s3:DeleteObject"));
    let policy = policy
        .allow(prune.on(format!("{bucket}/{}*", literal(&folder(&inputs.prefix)))))
        .allow(Statement::new("OptionalForgetReleases", ["s3:DeleteObject"]).on(format!("{manifests}releases/*")));
    // What is copied is read with the key too.
    distributions(encrypts(policy, encrypt(), inputs, place)?, inputs, place, dry_run, kind)
}

/// The notes, the folders of all releases, and the present release are listed; the prefix itself where a site moves to folders.
fn lists(inputs: &Inputs, bucket: &str) -> Policy {
    let list = |name| Statement::new(name, ["s3:ListBucket"]).on(bucket);
    let exactly = |name, prefix: &str| list(name).when("StringEquals", "s3:prefix", prefix.replace('$', "${$}"));
    let releases = folder(&inputs.prefix);
    let policy = Policy::new()
        .allow(exactly("ListNotes", &journal::key_of_all(&inputs.prefix)))
        .allow(exactly("ListReleases", &releases))
        .allow(list("ListRelease").when("StringLike", "s3:prefix", format!("{}{ANY_RELEASE}/", literal(&releases))));
    match inputs.prefix.as_str() {
        _ if inputs.mode != Mode::ReleasePrefix(Adoption::Allowed) => policy,
        "" => policy.allow(list("ListSite")),
        prefix => policy.allow(exactly("ListSite", prefix)),
    }
}

fn distributions(policy: Policy, inputs: &Inputs, place: &Place, dry_run: bool, kind: Kind) -> Option<Policy> {
    let arns: Option<Vec<String>> = inputs.distributions.iter().map(|id| distribution_arn(place, id)).collect();
    let arns = arns?;
    let look = Statement::new("LookAtDistribution", ["cloudfront:GetDistributionConfig"]).on_all(arns.clone());
    if dry_run {
        return Some(policy.allow(look));
    }
    let switch = Statement::new("Switch", ["cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution"]);
    let policy = policy.allow(switch.on_all(arns.clone()));
    // Nothing is deleted that edges may still read.
    let waits = inputs.wait.is_some() && inputs.invalidation != Wanted::None;
    let look = (waits || kind == Kind::Publication).then_some("cloudfront:GetDistribution");
    let policy = policy.allow(Statement::new("OptionalLookAtEdges", look).on_all(arns.clone()));
    if inputs.invalidation == Wanted::None {
        return Some(policy);
    }
    let wait = Statement::new("OptionalWait", waits.then_some("cloudfront:GetInvalidation"));
    let invalidate = Statement::new("Invalidate", ["cloudfront:CreateInvalidation"]).on_all(arns.clone());
    Some(policy.allow(invalidate).allow(wait.on_all(arns)))
}
