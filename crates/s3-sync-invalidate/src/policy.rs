//! What the action must be allowed in IAM, for its inputs
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).

use actions_core::{InputErrors, Session};
use aws_client::policy::{Needs, Place, Policy, Statement, literal};

use crate::bucket::DistributionId;
use crate::inputs::{Extraneous, Inputs};
use crate::journal;

/// The least policy; on a dry run it only reads.
pub(crate) fn policy(inputs: &Inputs, session: &Session) -> Result<String, InputErrors> {
    let mut bad = InputErrors::new();
    // The ARN of a bucket names no account, that of a distribution does.
    let needs = if inputs.distributions.is_empty() { Needs::Region } else { Needs::Account };
    let place = Place::of(&inputs.aws, needs, session, &mut bad);
    bad.finish(|| Some(statements(inputs, &place?, session.dry_run)?.to_json()))
}

fn statements(inputs: &Inputs, place: &Place, dry_run: bool) -> Option<Policy> {
    let bucket = format!("arn:{}:s3:::{}", place.partition, inputs.bucket);
    let site = format!("{bucket}/{}*", literal(inputs.prefix.as_str()));
    let reads =
        Policy::new().allow(list(inputs, &bucket)).allow(Statement::new("OptionalCompare", ["s3:GetObject"]).on(&site));
    let policy = if dry_run { reads } else { writes(reads, inputs, &bucket, &site) };
    distributions(policy, inputs, place, dry_run)
}

/// The listing is asked for below the prefix and nowhere else.
fn list(inputs: &Inputs, bucket: &str) -> Statement {
    let statement = Statement::new("List", ["s3:ListBucket"]).on(bucket);
    match inputs.prefix.as_str() {
        "" => statement,
        prefix => statement.when("StringEquals", "s3:prefix", prefix.replace('$', "${$}")),
    }
}

fn writes(policy: Policy, inputs: &Inputs, bucket: &str, site: &str) -> Policy {
    let policy = policy.allow(Statement::new("Publish", ["s3:PutObject"]).on(site));
    match inputs.extraneous {
        Extraneous::Delete | Extraneous::DeleteAll => {
            policy.allow(Statement::new("Delete", ["s3:DeleteObject"]).on(site))
        }
        // The note of an invalidation that is due is the action's own object, and the only one it removes unasked.
        Extraneous::Keep if !inputs.distributions.is_empty() => {
            let notes = literal(&journal::key_of_all(&inputs.prefix));
            let own = Statement::new("OptionalRemoveNotes", ["s3:DeleteObject"]);
            policy.allow(own.on(format!("{bucket}/{notes}*")))
        }
        Extraneous::Keep => policy,
    }
}

fn distributions(policy: Policy, inputs: &Inputs, place: &Place, dry_run: bool) -> Option<Policy> {
    let arns: Option<Vec<String>> = inputs.distributions.iter().map(|id| distribution_arn(place, id)).collect();
    let arns = arns?;
    let create = (!dry_run).then_some("cloudfront:CreateInvalidation");
    let wait = (inputs.wait.is_some() && !dry_run).then_some("cloudfront:GetInvalidation");
    let look = Statement::new("OptionalLookAtDistribution", ["cloudfront:GetDistributionConfig"]);
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
