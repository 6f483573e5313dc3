use actions_core::{Environment, InputErrors, Session};

use super::*;
use crate::args::{AwsArgs, AwsInputs};

fn place(region: Option<&str>, role: Option<&str>, accounts: &[&str]) -> Result<Place, String> {
    let mut bad = InputErrors::new();
    let args = AwsArgs {
        aws_region: region.map(str::to_owned),
        role_to_assume: role.map(str::to_owned),
        allowed_account_ids: accounts.iter().map(ToString::to_string).collect(),
        ..AwsArgs::default()
    };
    let inputs = AwsInputs::parse(&args, &mut bad).unwrap();
    let session = Session::new(Environment::default());
    Place::of(&inputs, Needs::Account, &session, &mut bad).ok_or_else(|| bad.to_string())
}

const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";

#[test]
fn the_account_is_the_role_s_or_the_only_allowed_one() {
    let arn = |place: Place| place.arn("ecs", "cluster/x").unwrap();
    assert_eq!(arn(place(Some("eu-west-1"), Some(ROLE), &[]).unwrap()), "arn:aws:ecs:eu-west-1:111122223333:cluster/x");
    assert_eq!(
        arn(place(Some("cn-north-1"), None, &["444455556666"]).unwrap()),
        "arn:aws-cn:ecs:cn-north-1:444455556666:cluster/x"
    );
    let gov = place(Some("us-gov-west-1"), None, &["444455556666"]).unwrap();
    assert_eq!(gov.global_arn("iam", "role/x").unwrap(), "arn:aws-us-gov:iam::444455556666:role/x");
}

#[test]
fn an_account_that_is_not_known_is_never_a_wildcard() {
    for (role, accounts) in
        [(None, &[][..]), (None, &["111122223333", "444455556666"]), (Some(ROLE), &["444455556666"])]
    {
        let problem = place(Some("eu-west-1"), role, accounts).unwrap_err();
        assert!(problem.contains("`allowed-account-ids`"), "{problem}");
    }
    assert!(place(None, Some(ROLE), &[]).unwrap_err().contains("`aws-region`"));
}

#[test]
fn a_policy_is_the_json_that_iam_takes() {
    let policy = Policy::new()
        .allow(Statement::new("Nothing", ["ecs:RunTask"]))
        .allow(Statement::new("Write", ["s3:PutObject", "s3:GetObject"]).on("arn:aws:s3:::b/*"))
        .allow(Statement::pass_roles_to_tasks(["arn:aws:iam::111122223333:role/x".to_owned()]));
    let parsed: serde_json::Value = serde_json::from_str(&policy.to_json()).unwrap();
    let expected = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Write", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"},
        {"Sid": "PassTheTasksRoles", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/x",
         "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}}
    ]});
    assert_eq!(parsed, expected);
}

#[test]
fn a_name_with_wildcards_stays_a_name() {
    assert_eq!(literal("a*b?c$d"), "a${*}b${?}c${$}d");
}

#[test]
fn a_region_lies_in_one_partition() {
    let regions = ["eu-west-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "cn-north-1"];
    let expected = ["aws", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-cn"];
    assert_eq!(regions.map(|region| Place::new(region, None).partition), expected);
}
