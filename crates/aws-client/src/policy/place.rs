//! Where resources are: the parts of their ARNs that an action's inputs tell without asking AWS.

use actions_core::{InputErrors, Session};

use crate::args::{AwsInputs, parse_region};

/// Partition, region and account of the resources that an action works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: &'static str,
    /// The region.
    pub region: String,
    /// The account, where it is known.
    pub account: Option<String>,
}

/// What a policy has to know of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// The region and the account.
    Account,
    /// The region alone: no ARN names the account, or another input tells it.
    Region,
}

impl Place {
    /// The place that the inputs and the environment name; nobody is asked. What is not known is noted as bad.
    pub fn of(inputs: &AwsInputs, needs: Needs, session: &Session, bad: &mut InputErrors) -> Option<Self> {
        let region = region(inputs, session, bad);
        let account = match needs {
            Needs::Account => Some(account(inputs, bad)),
            Needs::Region => None,
        };
        let region = region?;
        match account {
            Some(None) => None,
            account => Some(Self::new(&region, account.flatten())),
        }
    }

    /// A place in a region.
    pub fn new(region: &str, account: Option<String>) -> Self {
        Self { partition: partition_of(region), region: region.to_owned(), account }
    }

    /// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; `None` when the account is not known.
    pub fn arn(&self, service: &str, resource: &str) -> Option<String> {
        let account = self.account.as_ref()?;
        Some(format!("arn:{}:{service}:{}:{account}:{resource}", self.partition, self.region))
    }

    /// The same for a service without regions: `arn:PARTITION:SERVICE::ACCOUNT:RESOURCE`.
    pub fn global_arn(&self, service: &str, resource: &str) -> Option<String> {
        let account = self.account.as_ref()?;
        Some(format!("arn:{}:{service}::{account}:{resource}", self.partition))
    }
}

/// The region as the SDK finds it, without the profile's, which is not the same on another machine.
fn region(inputs: &AwsInputs, session: &Session, bad: &mut InputErrors) -> Option<String> {
    let environment = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| session.environment.get(name));
    let Some(region) = inputs.region.as_deref().or(environment) else {
        let help = "set the input `aws-region`, or AWS_REGION in the environment";
        bad.add("aws-region", "is missing, and a policy names its region", Some(help.to_owned()));
        return None;
    };
    bad.required("aws-region", Some(region), parse_region)
}

/// The account of the role, which is the one of the credentials; else the only account that is allowed.
fn account(inputs: &AwsInputs, bad: &mut InputErrors) -> Option<String> {
    const INPUT: &str = "allowed-account-ids";
    let allowed = &inputs.allowed_account_ids;
    let (problem, help) = match (&inputs.role, allowed.as_slice()) {
        (Some(role), _) if allowed.is_empty() || allowed.iter().any(|id| id.as_str() == role.account()) => {
            return Some(role.account().to_owned());
        }
        (None, [only]) => return Some(only.to_string()),
        (Some(_), _) => ("lacks the account of `role-to-assume`", "add it, or name a role of an allowed account"),
        (None, []) => {
            ("is missing, and a policy names its account", "set it to the account's id, or set `role-to-assume`")
        }
        (None, _) => ("names several accounts, and a policy is for one", "give the one that the policy is for"),
    };
    bad.add(INPUT, problem, Some(help.to_owned()));
    None
}

/// The partition of a region, by how the region's name begins
/// (<https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>).
fn partition_of(region: &str) -> &'static str {
    [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ]
    .iter()
    .find(|(prefix, _)| region.starts_with(prefix))
    .map_or("aws", |(_, partition)| partition)
}
