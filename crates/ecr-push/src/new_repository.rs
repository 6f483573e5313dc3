//! What a repository that is created looks like.

use std::collections::BTreeMap;

use actions_core::{InputErrors, lines};
use serde::Serialize;
use serde_json::Value;

use crate::args::TargetArgs;

/// The shortest and the longest lifecycle policy, in characters
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutLifecyclePolicy.html>).
const POLICY_LENGTH: std::ops::RangeInclusive<usize> = 100..=30_720;

/// The most tags of a repository, one of which is ours.
const MOST_TAGS: usize = 49;

/// The settings of a repository that is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewRepository {
    /// Whether images are scanned when they are pushed, where the registry has no scanning rules of its own.
    pub scan_on_push: bool,
    /// The key it is encrypted with; `None` is the registry's default.
    pub kms_key: Option<KmsKey>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Which images go by themselves, as JSON.
    pub lifecycle_policy: Option<String>,
}

/// A key of KMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum KmsKey {
    /// The account's own key for ECR.
    Aws,
    /// A key by its ARN.
    Arn(String),
}

impl KmsKey {
    /// The ARN, where it is not the account's own key.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Self::Aws => None,
            Self::Arn(arn) => Some(arn),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            _ if text == "aws/ecr" => Ok(Self::Aws),
            ["arn", _, "kms", region, account, key]
                if !region.is_empty()
                    && account.len() == 12
                    && key
                        .strip_prefix("key/")
                        .is_some_and(|id| !id.is_empty() && !id.contains(char::is_whitespace)) =>
            {
                Ok(Self::Arn(text.to_owned()))
            }
            _ => Err("not a key; write its ARN, arn:aws:kms:REGION:ACCOUNT:key/ID, or aws/ecr".to_owned()),
        }
    }
}

impl NewRepository {
    /// The settings; `None` where no repository is to be created.
    pub(crate) fn parse(args: &TargetArgs, bad: &mut InputErrors) -> Option<Self> {
        let kms_key = bad.optional("repository-kms-key", args.repository_kms_key.as_deref(), KmsKey::parse);
        let tags = bad.list("repository-tags", &lines(&args.repository_tags), tag);
        if tags.len() > MOST_TAGS {
            bad.add("repository-tags", format!("has {} tags, and there is room for {MOST_TAGS}", tags.len()), None);
        }
        let policy = args.repository_lifecycle_policy.as_deref();
        let lifecycle_policy = bad.optional("repository-lifecycle-policy", policy, lifecycle_policy);
        let settings = [
            ("repository-kms-key", kms_key.is_some()),
            ("repository-tags", !tags.is_empty()),
            ("repository-lifecycle-policy", lifecycle_policy.is_some()),
        ];
        if !args.create_repository {
            for (name, _) in settings.into_iter().filter(|(_, is_set)| *is_set) {
                let help =
                    "it is for a repository that is created: set `create-repository: true`, or leave it to Terraform";
                bad.add(name, "is given, and no repository is created", Some(help.to_owned()));
            }
            return None;
        }
        Some(Self {
            scan_on_push: args.repository_scan_on_push,
            kms_key,
            tags: tags.into_iter().collect(),
            lifecycle_policy,
        })
    }
}

/// AWS keeps keys that start with `aws:` for itself
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-using-tags.html>).
fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| "not a tag; write name=value".to_owned())?;
    let (key, value) = (key.trim(), value.trim());
    if key.is_empty() || key.chars().count() > 128 || key.to_ascii_lowercase().starts_with("aws:") {
        return Err("not a tag; its name has 1 to 128 characters and does not start with aws:".to_owned());
    }
    if value.chars().count() > 256 {
        return Err("not a tag; its value has up to 256 characters".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// A lifecycle policy is JSON with a list of rules; ECR checks the rest. It is sent without its white space, so that writing it
/// otherwise changes nothing.
fn lifecycle_policy(text: &str) -> Result<String, String> {
    let policy: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    if policy["rules"].as_array().is_none_or(Vec::is_empty) {
        return Err("not a lifecycle policy: it has no `rules`".to_owned());
    }
    let text = policy.to_string();
    if !POLICY_LENGTH.contains(&text.chars().count()) {
        return Err(format!(
            "not of the right length: ECR takes {} to {} characters",
            POLICY_LENGTH.start(),
            POLICY_LENGTH.end()
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: impl FnOnce(&mut TargetArgs)) -> Result<Option<NewRepository>, String> {
        let mut args = TargetArgs { create_repository: true, ..TargetArgs::default() };
        change(&mut args);
        let mut bad = InputErrors::new();
        let new = NewRepository::parse(&args, &mut bad);
        if bad.is_empty() { Ok(new) } else { Err(bad.to_string()) }
    }

    #[test]
    fn settings_are_for_a_repository_that_is_created() {
        assert_eq!(parse(|args| args.create_repository = false).unwrap(), None);
        let told = parse(|args| {
            args.create_repository = false;
            args.repository_kms_key = Some("aws/ecr".to_owned());
        });
        assert!(told.unwrap_err().contains("no repository is created"));
    }

    #[test]
    fn a_key_is_the_accounts_own_or_an_arn() {
        let arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
        assert_eq!(KmsKey::parse("aws/ecr").unwrap().arn(), None);
        assert_eq!(KmsKey::parse(arn).unwrap().arn(), Some(arn));
        for bad in ["alias/shop", "1234abcd", "arn:aws:kms:eu-west-1:123456789012:alias/shop", "arn:aws:s3:::x", ""] {
            assert!(KmsKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_policy_is_json_with_rules_and_its_white_space_means_nothing() {
        let policy = |text: &str| parse(|args| args.repository_lifecycle_policy = Some(text.to_owned()));
        let of = |space: &str, text: &str| format!("{{{space}\"rules\":{space}[{{\"description\":\"{text}\"}}]}}");
        assert_eq!(policy(&of("  ", &"x".repeat(99))).unwrap(), policy(&of("", &"x".repeat(99))).unwrap());
        for bad in ["rules", "{}", r#"{"rules":[]}"#, "[]", &of("", "short")] {
            assert!(policy(bad).is_err(), "{bad}");
        }
        assert!(policy(&format!(r#"{{"rules":[{{"description":"{}"}}]}}"#, "x".repeat(31_000))).is_err());
    }

    #[test]
    fn tags_are_pairs_that_are_not_aws_own() {
        let tags = |text: &str| parse(|args| args.repository_tags = vec![text.to_owned()]);
        assert_eq!(tags("team=shop\nurl=a=b").unwrap().unwrap().tags["url"], "a=b");
        for bad in ["team", "=x", "aws:x=1", "AWS:x=1"] {
            assert!(tags(bad).is_err(), "{bad}");
        }
    }
}
