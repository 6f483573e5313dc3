//! What a rollback must be allowed in IAM, for its inputs
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).

use actions_core::{InputErrors, Session};
use aws_client::policy::{Place, Policy, Statement, literal};

use crate::policy::prefixed::{self, Kind};
use crate::policy::{distributions, encrypt, encrypts, place};

use super::inputs::RollbackInputs;

/// The least policy; on a dry run it only reads.
pub(super) fn policy(inputs: &RollbackInputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    let place = place(&inputs.publish, session, &mut bad);
    bad.finish(|| Some(statements(inputs, &place?, session.dry_run)?.to_json()))
}

fn statements(inputs: &RollbackInputs, place: &Place, dry_run: bool) -> Option<Policy> {
    let publish = &inputs.publish;
    if publish.mode.has_folders() {
        return prefixed::statements(publish, place, dry_run, Kind::Rollback);
    }
    let bucket = format!("arn:{}:s3:::{}", place.partition, publish.bucket);
    let site = format!("{bucket}/{}*", literal(publish.prefix.as_str()));
    let (of, start) = publish.manifest.resource(&publish.bucket, &publish.prefix)?;
    let manifest = format!("arn:{}:s3:::{of}/{start}", place.partition);
    let list = Statement::new("ListVersions", ["s3:ListBucketVersions"]).on(&bucket);
    let list = match publish.prefix.as_str() {
        "" => list,
        prefix => list.when("StringEquals", "s3:prefix", prefix.replace('$', "${$}")),
    };
    let policy = Policy::new()
        .allow(list)
        .allow(Statement::new("LookAtVersioning", ["s3:GetBucketVersioning"]).on(&bucket))
        .allow(Statement::new("ReadVersions", ["s3:GetObjectVersion"]).on(&site));
    let read = Statement::new("ReadManifests", ["s3:GetObject"]).on(format!("{manifest}*"));
    if dry_run {
        let decrypt = Statement::new("OptionalDecrypt", ["kms:Decrypt"]);
        return distributions(encrypts(policy.allow(read), decrypt, publish, place)?, publish, place, dry_run);
    }
    let policy = encrypts(policy, encrypt(), publish, place)?
        // What is deleted only while it has the listed `ETag` must be readable
        // (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>).
        .allow(Statement::new("Restore", ["s3:PutObject", "s3:DeleteObject", "s3:GetObject"]).on(&site))
        // An object's tags come along with its copy (<https://repost.aws/knowledge-center/s3-troubleshoot-copy-between-buckets>).
        .allow(Statement::new("RestoreTags", ["s3:GetObjectVersionTagging", "s3:PutObjectTagging"]).on(&site));
    // The folder is one of the site's own, which may be read and written as a whole.
    if publish.manifest.is_in_site(&publish.prefix) {
        return distributions(policy, publish, place, dry_run);
    }
    let policy = policy
        .allow(read)
        .allow(Statement::new("WriteManifest", ["s3:PutObject"]).on(format!("{manifest}*")))
        .allow(Statement::new("OptionalForgetReleases", ["s3:DeleteObject"]).on(format!("{manifest}releases/*")));
    distributions(policy, publish, place, dry_run)
}
