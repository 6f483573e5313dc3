use serde_json::{Value, json};

use crate::review::Review;

use super::super::answer::Described;
use super::super::fetch::ChangeSets;
use super::super::plan;
use crate::guard::Guard;
use crate::likely::Detector;
use crate::rules::Rules;

/// The risks of one change, with their grades.
fn risks(kind: &str, action: &str, before: &Value, after: &Value) -> Vec<String> {
    judged(&Guard::default(), kind, action, before, after)
}

fn judged(guard: &Guard, kind: &str, action: &str, before: &Value, after: &Value) -> Vec<String> {
    let context = |properties: &Value| match properties {
        Value::Null => String::new(),
        properties => json!({ "Properties": properties }).to_string(),
    };
    let answer = json!({
        "ChangeSetId": "a", "ChangeSetName": "a", "StackName": "shop", "Status": "CREATE_COMPLETE",
        "Changes": [{ "Type": "Resource", "ResourceChange": {
            "Action": action, "LogicalResourceId": "It", "ResourceType": kind,
            "BeforeContext": context(before), "AfterContext": context(after), "Replacement": "False",
        } }],
    });
    let sets = ChangeSets { root: Described::read(&answer).unwrap(), ..ChangeSets::default() };
    let review = Review::of(&plan::document(&sets, guard, &Detector::default()).unwrap());
    review.resources[0].risks.iter().map(|risk| format!("{}: {}", risk.grade.key(), risk.reason)).collect()
}

#[track_caller]
fn check(kind: &str, before: &Value, after: &Value, expected: &[&str]) {
    let action = if *before == Value::Null { "Add" } else { "Modify" };
    assert_eq!(risks(kind, action, before, after), expected);
}

#[test]
fn protections_are_told_in_cloudformations_words() {
    check(
        "AWS::RDS::DBInstance",
        &json!({ "DeletionProtection": "true", "PubliclyAccessible": "false", "BackupRetentionPeriod": "7" }),
        &json!({ "DeletionProtection": "false", "PubliclyAccessible": "true", "BackupRetentionPeriod": "1" }),
        &[
            "data-loss: keeps automated backups for a shorter time: `BackupRetentionPeriod` 7 days → 1 days",
            "exposure: it is reachable from the internet (`PubliclyAccessible`)",
            "exposure: its deletion protection is switched off (`DeletionProtection`)",
        ],
    );
    check(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        &json!({ "Scheme": "internal", "LoadBalancerAttributes": [{ "Key": "deletion_protection.enabled", "Value": "true" }] }),
        &json!({ "Scheme": "internet-facing", "LoadBalancerAttributes": [{ "Key": "deletion_protection.enabled", "Value": "false" }] }),
        &[
            "exposure: it is reachable from the internet (`Scheme`)",
            "exposure: its deletion protection is switched off (`LoadBalancerAttributes`)",
        ],
    );
}

#[test]
fn tags_are_required_of_lists_and_maps_and_of_types_that_a_rule_names() {
    let of = |types: &str, after: &Value| {
        let rules = format!("[[rule]]\nname = \"n\"\ntypes = [\"{types}\"]\nrequire-tags = [\"Owner\", \"Cost\"]");
        let guard = Guard::default().obeying(Rules::parse(&rules).unwrap());
        judged(&guard, "AWS::SQS::Queue", "Add", &Value::Null, after)
    };
    let owner = json!({ "Tags": [{ "Key": "Owner", "Value": "me" }] });
    assert_eq!(of("AWS::*", &owner), ["rules: n: the tag `Cost` is missing"]);
    assert_eq!(of("AWS::*", &json!({ "Tags": { "Cost": "1", "Owner": "me" } })), [""; 0]);
    assert_eq!(of("AWS::*", &json!({ "Tags": { "Cost": "1" } })), ["rules: n: the tag `Owner` is missing"]);
    let untagged = json!({ "QueueName": "orders" });
    assert_eq!(of("AWS::SQS::Queue", &untagged), ["rules: n: the tags `Owner`, `Cost` are missing"]);
    assert_eq!(of("AWS::*", &untagged), [""; 0], "not every type has tags");
}

#[test]
fn open_networks_are_seen() {
    let rule = |cidr: &str| json!({ "SecurityGroupIngress": [{ "CidrIp": cidr, "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22" }] });
    check(
        "AWS::EC2::SecurityGroup",
        &rule("10.0.0.0/8"),
        &rule("0.0.0.0/0"),
        &["exposure: lets everybody in: tcp port 22 from 0.0.0.0/0"],
    );
    let out = |cidr: &str| json!({ "SecurityGroupEgress": [{ "CidrIp": cidr, "IpProtocol": "-1" }] });
    check("AWS::EC2::SecurityGroup", &out("10.0.0.0/8"), &out("0.0.0.0/0"), &[]);
}

#[test]
fn policies_that_allow_more_are_seen() {
    let policy = |action: &str| {
        json!({ "PolicyDocument": { "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::orders/*" },
    ] } })
    };
    check("AWS::IAM::ManagedPolicy", &policy("s3:GetObject"), &policy("s3:GetObject"), &[]);
    let found = risks("AWS::IAM::ManagedPolicy", "Modify", &policy("s3:GetObject"), &policy("s3:*"));
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert!(
        found.starts_with("exposure: allows more than before: ") && found.ends_with("(`PolicyDocument`)"),
        "{found}"
    );
}

#[test]
fn parts_of_a_bucket_are_judged_as_objects_of_their_own() {
    let block = |value: &str| json!({ "PublicAccessBlockConfiguration": { "BlockPublicAcls": value } });
    check(
        "AWS::S3::Bucket",
        &block("true"),
        &block("false"),
        &["exposure: public access is not blocked (`BlockPublicAcls`)"],
    );
    check("AWS::S3::Bucket", &block("true"), &json!({}), &["exposure: public access is not blocked any more"]);
    check(
        "AWS::S3::Bucket",
        &json!({}),
        &json!({ "LifecycleConfiguration": { "Rules": [{ "ExpirationInDays": "30" }] } }),
        &["data-loss: objects are deleted by themselves after some days (`Rules.ExpirationInDays`)"],
    );
}

#[test]
fn what_cloudformation_does_by_itself_softens_a_loss() {
    let removed = |kind: &str| risks(kind, "Remove", &json!({}), &Value::Null);
    assert_eq!(
        removed("AWS::S3::Bucket"),
        ["data-loss: destroys its objects; AWS refuses that while anything is in it"]
    );
    assert_eq!(
        removed("AWS::KMS::Key"),
        [
            "data-loss: destroys what is encrypted with it, from the moment its deletion is scheduled; it can be brought back for 30 days"
        ]
    );
}

#[test]
fn what_rules_know_nothing_of_has_no_risk() {
    check("Custom::Thing", &json!({ "A": "1" }), &json!({ "A": "2" }), &[]);
}
