//! The inputs every AWS action shares.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use actions_core::{InputErrors, duration, lines_or_commas};

/// The inputs every AWS action shares; flatten it into the action's `Args`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AwsArgs {
    /// AWS region, for example `eu-west-1`. Default: `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile's region.
    #[arg(long, value_name = "REGION")]
    pub aws_region: Option<String>,
    /// ARN of the role to assume: with the job's OIDC token (needs `permissions: id-token: write`) or, outside of a
    /// workflow, with the ambient credentials. Empty: the ambient credentials are used as they are.
    #[arg(long, value_name = "ARN")]
    pub role_to_assume: Option<String>,
    /// Audience of the job's OIDC token. The account's OIDC provider must list it among its client ids, and `aud` in the role's trust
    /// policy must be the same. Default: `sts.amazonaws.com`.
    #[arg(long, value_name = "AUDIENCE")]
    pub audience: Option<String>,
    /// Name of the role session, as CloudTrail shows it. Default: made from the repository and the run's id.
    #[arg(long, value_name = "NAME")]
    pub role_session_name: Option<String>,
    /// How long the role's credentials live before they are renewed, from 15m to 12h.
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    pub role_duration: String,
    /// Account ids that may be changed, one per line or separated by commas. Any other account is refused before anything
    /// is written.
    #[arg(long, value_name = "IDS")]
    pub allowed_account_ids: Vec<String>,
}

/// What [`AwsArgs`] means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsInputs {
    /// The region that was named; `None` leaves it to the environment and the profile.
    pub region: Option<String>,
    /// The role to assume.
    pub role: Option<RoleArn>,
    /// The audience of the job's token; `None` is AWS's own.
    pub audience: Option<String>,
    /// The role session's name.
    pub session_name: Option<String>,
    /// The life of the role's credentials.
    pub role_duration: Duration,
    /// The accounts that may be changed; empty means any.
    pub allowed_account_ids: Vec<AccountId>,
}

impl AwsInputs {
    /// Parses the shared inputs; `None` only when one was noted as bad.
    pub fn parse(args: &AwsArgs, bad: &mut InputErrors) -> Option<Self> {
        let region = bad.optional("aws-region", args.aws_region.as_deref(), parse_region);
        let role = bad.optional("role-to-assume", args.role_to_assume.as_deref(), RoleArn::parse);
        let audience = bad.optional("audience", args.audience.as_deref(), parse_audience);
        let session_name = bad.optional("role-session-name", args.role_session_name.as_deref(), parse_session_name);
        // `AwsArgs::default()` (tests, library users) has no text here; clap's default is the same hour.
        let text = if args.role_duration.is_empty() { "1h" } else { &args.role_duration };
        let role_duration = bad.required("role-duration", Some(text), parse_role_duration);
        let accounts = bad.list("allowed-account-ids", &lines_or_commas(&args.allowed_account_ids), AccountId::parse);
        Some(Self {
            region,
            role,
            audience,
            session_name,
            role_duration: role_duration?,
            allowed_account_ids: accounts,
        })
    }
}

pub(crate) fn parse_region(text: &str) -> Result<String, String> {
    let shape = text.split('-').count() >= 3
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && text.ends_with(|c: char| c.is_ascii_digit());
    if shape { Ok(text.to_owned()) } else { Err("not a region; write for example eu-west-1".to_owned()) }
}

/// A client id of an OIDC provider has up to 255 characters
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>).
fn parse_audience(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_graphic() && !"`\"\\".contains(c);
    if (1..=255).contains(&text.len()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("not an audience; write a client id of the account's OIDC provider, such as sts.amazonaws.com".to_owned())
    }
}

/// STS allows `[\w+=,.@-]{2,64}`
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>).
fn parse_session_name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (2..=64).contains(&text.len()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("not a session name; use 2 to 64 letters, digits and _+=,.@-".to_owned())
    }
}

fn parse_role_duration(text: &str) -> Result<Duration, String> {
    let parsed = duration(text)?;
    if (Duration::from_mins(15)..=Duration::from_hours(12)).contains(&parsed) {
        Ok(parsed)
    } else {
        Err("out of range; STS allows 15m to 12h".to_owned())
    }
}

/// A 12-digit AWS account id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// Parses an account id.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("not an account id; write its 12 digits, in quotes in YAML so that leading zeros stay".to_owned())
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ARN of an IAM role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleArn(String);

impl RoleArn {
    /// Parses `arn:PARTITION:iam::ACCOUNT:role/NAME`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", partition, "iam", "", account, resource]
                if !partition.is_empty()
                    && AccountId::from_str(account).is_ok()
                    && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
                    && !text.contains(char::is_whitespace) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err("not a role's ARN; write arn:aws:iam::123456789012:role/NAME".to_owned()),
        }
    }

    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account that the role is in.
    pub fn account(&self) -> &str {
        self.0.split(':').nth(4).unwrap_or_default()
    }
}

impl FromStr for AccountId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_shared_input_is_noted() {
        let mut bad = InputErrors::new();
        let args = AwsArgs {
            aws_region: Some("europe".into()),
            role_to_assume: Some("arn:aws:iam::1:role/x".into()),
            audience: Some("sts amazonaws".into()),
            role_session_name: Some("a b".into()),
            role_duration: "5m".into(),
            allowed_account_ids: vec!["123,000000000000".into()],
        };
        AwsInputs::parse(&args, &mut bad);
        let names: Vec<&str> = bad.iter().map(|bad| bad.name.as_str()).collect();
        assert_eq!(
            names,
            ["aws-region", "role-to-assume", "audience", "role-session-name", "role-duration", "allowed-account-ids"]
        );
    }

    #[test]
    fn good_shared_inputs_parse() {
        let mut bad = InputErrors::new();
        let args = AwsArgs {
            aws_region: Some("us-gov-west-1".into()),
            role_to_assume: Some("arn:aws-us-gov:iam::000000000000:role/path/deploy".into()),
            ..AwsArgs::default()
        };
        let inputs = AwsInputs::parse(&args, &mut bad).unwrap();
        assert!(bad.is_empty(), "{bad}");
        assert_eq!(inputs.role.unwrap().as_str(), "arn:aws-us-gov:iam::000000000000:role/path/deploy");
        assert_eq!(inputs.role_duration, Duration::from_hours(1));
    }
}
