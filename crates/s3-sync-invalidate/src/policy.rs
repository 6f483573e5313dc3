//! What the action must be allowed in IAM, for its inputs
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).

pub(crate) mod prefixed;

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement, literal};

use crate::bucket::DistributionId;
use crate::inputs::{Extraneous, Inputs};
use crate::invalidation::Wanted;
use crate::journal;

use prefixed::Kind;

/// The least policy; on a dry run it only reads.
pub(crate) fn policy(inputs: &Inputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    let place = place(inputs, session, &mut bad);
    bad.finish(|| Some(statements(inputs, &place?, session.dry_run)?.to_json()))
}

/// Where the resources are. The ARN of a bucket names no account, that of a distribution and of a key does.
pub(crate) fn place(inputs: &Inputs, session: &Session, bad: &mut InputErrors) -> Option<Place> {
    let is_bare_key = inputs.rules.kms_key().is_some_and(|key| !key.starts_with("arn:"));
    let is_named = !inputs.distributions.is_empty() || is_bare_key;
    let needs = if is_named { Needs::Account } else { Needs::Region };
    Place::of(&inputs.aws, needs, session, bad)
}

fn statements(inputs: &Inputs, place: &Place, dry_run: bool) -> Option<Policy> {
    if inputs.mode.has_folders() {
        return prefixed::statements(inputs, place, dry_run, Kind::Publication);
    }
    let bucket = format!("arn:{}:s3:::{}", place.partition, inputs.bucket);
    let site = format!("{bucket}/{}*", literal(inputs.prefix.as_str()));
    let reads = Policy::new().allow(list(inputs, &bucket)).allow(list_notes(inputs, &bucket));
    let compare = Statement::new("OptionalCompare", ["s3:GetObject"]).on(&site);
    let policy = if dry_run {
        decrypts(reads.allow(compare), inputs, place)?
    } else {
        encrypts(writes(reads, compare, inputs, &bucket, &site), encrypt(), inputs, place)?
    };
    distributions(manifest(policy, inputs, place, dry_run), inputs, place, dry_run)
}

/// Without the manifest a publication knows less, and says so; what deletes must be able to read and write it.
fn manifest(policy: Policy, inputs: &Inputs, place: &Place, dry_run: bool) -> Policy {
    let Some((bucket, start)) = inputs.manifest.resource(&inputs.bucket, &inputs.prefix) else { return policy };
    let below = format!("arn:{}:s3:::{bucket}/{start}", place.partition);
    // The copies of releases that are not remembered any more.
    let forget = Statement::new("OptionalForgetReleases", ["s3:DeleteObject"]).on(format!("{below}releases/*"));
    let keeps = inputs.extraneous == Extraneous::Keep;
    // A folder of the site's own may be read and written as the site is.
    match (inputs.manifest.is_in_site(&inputs.prefix), dry_run) {
        (true, false) if keeps => return policy.allow(forget),
        (true, _) => return policy,
        (false, _) => {}
    }
    // A dry run shows what it knows.
    let read = if keeps || dry_run { "OptionalReadManifest" } else { "ReadManifest" };
    let read = Statement::new(read, ["s3:GetObject"]).on(format!("{below}*"));
    if dry_run {
        return policy.allow(read);
    }
    let name = if keeps { "OptionalWriteManifest" } else { "WriteManifest" };
    let gives = *bucket == inputs.bucket && inputs.rules.gives_own();
    let write = Statement::new(name, ["s3:PutObject"]).and("s3:PutObjectAcl", gives).on(format!("{below}*"));
    policy.allow(read).allow(write).allow(forget)
}

/// The listing is asked for below the prefix and nowhere else.
fn list(inputs: &Inputs, bucket: &str) -> Statement {
    let statement = Statement::new("List", ["s3:ListBucket"]).on(bucket);
    match inputs.prefix.as_str() {
        "" => statement,
        prefix => statement.when("StringEquals", "s3:prefix", prefix.replace('$', "${$}")),
    }
}

/// Whether a note is there is asked for on its own where the manifest is trusted.
fn list_notes(inputs: &Inputs, bucket: &str) -> Statement {
    let asks = inputs.trust_manifest && !inputs.distributions.is_empty() && !inputs.prefix.is_whole_bucket();
    let statement = Statement::new("ListNotes", asks.then_some("s3:ListBucket")).on(bucket);
    statement.when("StringEquals", "s3:prefix", journal::key_of_all(&inputs.prefix).replace('$', "${$}"))
}

fn writes(policy: Policy, compare: Statement, inputs: &Inputs, bucket: &str, site: &str) -> Policy {
    let publish = Statement::new("Publish", ["s3:PutObject"])
        .and("s3:PutObjectTagging", !inputs.rules.tags.is_empty())
        .and("s3:PutObjectAcl", !inputs.rules.acl.is_empty())
        .on(site);
    // Of a large file that does not get up no parts stay
    // (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>).
    let abort = Statement::new("OptionalAbortUploads", ["s3:AbortMultipartUpload"]).on(site);
    let policy = policy.allow(abort);
    match inputs.extraneous {
        // What is deleted only while it has the listed `ETag` must be readable
        // (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>).
        Extraneous::Delete | Extraneous::DeleteAll => {
            policy.allow(publish).allow(Statement::new("Delete", ["s3:DeleteObject", "s3:GetObject"]).on(site))
        }
        // The note of an invalidation that is due is the action's own object, and the only one it removes unasked.
        Extraneous::Keep if !inputs.distributions.is_empty() => {
            let notes = literal(&journal::key_of_all(&inputs.prefix));
            let own = Statement::new("OptionalRemoveNotes", ["s3:DeleteObject"]);
            policy.allow(compare).allow(publish).allow(own.on(format!("{bucket}/{notes}*")))
        }
        Extraneous::Keep => policy.allow(compare).allow(publish),
    }
}

/// The manifest and the notes are encrypted as the site is, and a dry run reads them too.
fn decrypts(policy: Policy, inputs: &Inputs, place: &Place) -> Option<Policy> {
    let manifest = inputs.manifest.resource(&inputs.bucket, &inputs.prefix);
    let is_here = manifest.is_some_and(|(bucket, _)| *bucket == inputs.bucket);
    if !is_here && inputs.distributions.is_empty() {
        return Some(policy);
    }
    encrypts(policy, Statement::new("OptionalDecrypt", ["kms:Decrypt"]), inputs, place)
}

/// What a publication does with a key: the parts of a large file are read again when they are put together, and a copy is read too.
pub(crate) fn encrypt() -> Statement {
    Statement::new("Encrypt", ["kms:GenerateDataKey", "kms:Decrypt"])
}

/// The key that is named; the account's own key for S3 is open to all who may use S3
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>).
pub(crate) fn encrypts(policy: Policy, statement: Statement, inputs: &Inputs, place: &Place) -> Option<Policy> {
    let Some(key) = inputs.rules.kms_key() else { return Some(policy) };
    let statement = match key {
        arn if arn.starts_with("arn:") => statement.on(arn),
        // The resource is the key itself; which one has the alias is KMS's to know
        // (<https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>).
        alias if alias.starts_with("alias/") => {
            let statement = statement.on(place.arn("kms", "key/*")?);
            statement.when("ForAnyValue:StringEquals", "kms:ResourceAliases", alias)
        }
        id => statement.on(place.arn("kms", &format!("key/{id}"))?),
    };
    Some(policy.allow(statement))
}

pub(crate) fn distributions(policy: Policy, inputs: &Inputs, place: &Place, dry_run: bool) -> Option<Policy> {
    let arns: Option<Vec<String>> = inputs.distributions.iter().map(|id| distribution_arn(place, id)).collect();
    let arns = arns?;
    let create = (!dry_run).then_some("cloudfront:CreateInvalidation");
    let wait = (inputs.wait.is_some() && !dry_run).then_some("cloudfront:GetInvalidation");
    // Whether tags are read is in the configuration and nowhere else.
    let name = if inputs.invalidation == Wanted::Tags { "LookAtDistribution" } else { "OptionalLookAtDistribution" };
    let look = Statement::new(name, ["cloudfront:GetDistributionConfig"]);
    Some(
        policy
            .allow(Statement::new("Invalidate", create).on_all(arns.clone()))
            .allow(look.on_all(arns.clone()))
            .allow(Statement::new("OptionalWait", wait).on_all(arns)),
    )
}

/// The ARN of a distribution; `None` when the account is not known.
pub(crate) fn distribution_arn(place: &Place, id: &DistributionId) -> Option<String> {
    place.global_arn("cloudfront", &format!("distribution/{id}"))
}
