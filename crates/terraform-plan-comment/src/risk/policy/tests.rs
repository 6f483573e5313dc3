use serde_json::{Value, json};

use crate::document::Document;
use crate::guard::Guard;
use crate::review::Review;

/// The risks of one change.
fn of(kind: &str, change: &Value) -> Vec<String> {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{
        "address": format!("{kind}.a"), "mode": "managed", "type": kind, "name": "a", "change": change }] });
    let document = Document::of(&plan.to_string(), &Guard::default()).unwrap();
    let risks = Review::of(&document).resources.into_iter().flat_map(|resource| resource.risks);
    risks.map(|risk| format!("{}: {}", risk.grade.words(), risk.reason)).collect()
}

fn change(actions: &[&str], before: &Value, after: &Value) -> Value {
    json!({ "actions": actions, "before": before, "after": after, "before_sensitive": {}, "after_sensitive": {} })
}

fn policy(statements: &Value) -> Value {
    json!({ "policy": json!({ "Statement": statements }).to_string() })
}

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn created(kind: &str, statement: &Value) -> Vec<String> {
    of(kind, &change(&["create"], &Value::Null, &policy(&json!([statement]))))
}

fn updated(before: &Value, after: &Value) -> Vec<String> {
    of("aws_iam_policy", &change(&["update"], &policy(before), &policy(after)))
}

#[track_caller]
fn is_exposure(risks: &[String], part: &str) {
    assert!(risks.len() == 1 && risks[0].starts_with("exposure: ") && risks[0].contains(part), "{risks:?}");
}

#[test]
fn a_policy_that_cannot_be_seen_is_said() {
    let read = policy(&json!([allow("s3:GetObject", "*")]));
    let mut unknown = change(&["update"], &read, &json!({}));
    unknown["after_unknown"] = json!({ "policy": true });
    is_exposure(&of("aws_iam_policy", &unknown), "only known after apply");
    unknown["actions"] = json!(["create"]);
    unknown["before"] = Value::Null;
    let new = of("aws_iam_policy", &unknown);
    assert!(new.len() == 1 && new[0].starts_with("routine: its new policy is only known after apply"), "{new:?}");
    // AWS gives a bucket's own policy attribute a value: nobody wrote one.
    assert_eq!(of("aws_s3_bucket", &unknown), [""; 0]);

    let mut hidden = change(&["create"], &Value::Null, &read);
    hidden["after_sensitive"] = json!({ "policy": true });
    is_exposure(&of("aws_iam_policy", &hidden), "its new policy is hidden");
    let mut same = hidden.clone();
    same["actions"] = json!(["update"]);
    same["before"] = read.clone();
    same["before_sensitive"] = json!({ "policy": true });
    assert_eq!(of("aws_iam_policy", &same), [""; 0]);

    // A secret that stands for a word of the policy's own, and a policy that is broken.
    for secret in ["Statement", "Effect", "\"Allow\""] {
        let mut after = read.clone();
        after["note"] = json!(secret);
        let mut change = change(&["update"], &read, &after);
        change["before"]["note"] = json!(secret);
        change["before"]["policy"] = policy(&json!([allow("s3:ListBucket", "*")]))["policy"].clone();
        change["after_sensitive"] = json!({ "note": true });
        change["before_sensitive"] = json!({ "note": true });
        let risks = of("aws_iam_policy", &change);
        assert!(
            risks.iter().any(|risk| risk.starts_with("exposure: its new policy is hidden in part")),
            "{secret}: {risks:?}"
        );
    }
    is_exposure(
        &updated(&json!([allow("s3:Get", "*")]), &json!([{ "Effect": "Maybe", "Action": "*" }])),
        "cannot be read",
    );
    is_exposure(
        &updated(&json!([allow("s3:Get", "*")]), &json!([{ "Effect": "Allow", "Action": "*", "Condition": 1 }])),
        "cannot be read",
    );
}

#[test]
fn a_block_that_is_not_known_yet_hides_its_policy() {
    let role = |blocks: Value| json!({ "inline_policy": blocks });
    let before = role(json!([policy(&json!([allow("s3:GetObject", "*")]))]));
    let mut unknown = change(&["update"], &before, &json!({}));
    unknown["after_unknown"] = json!({ "inline_policy": true });
    assert_eq!(of("aws_iam_role", &unknown), [""; 0]);
    let mut hidden = change(&["update"], &before, &role(json!([policy(&json!([allow("*", "*")]))])));
    hidden["after_sensitive"] = json!({ "inline_policy": true });
    is_exposure(&of("aws_iam_role", &hidden), "its new policy is hidden");
}

#[test]
fn everybody_is_everybody_whatever_the_condition() {
    let with = |operator: &str, key: &str, value: Value| {
        json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*",
            "Condition": { operator: { key: value } } })
    };
    for (operator, key, value) in [
        ("Bool", "aws:SecureTransport", json!("true")),
        ("IpAddress", "aws:SourceIp", json!(["0.0.0.0/0"])),
        ("IpAddress", "aws:SourceIp", json!(["10.0.0.0/8", "0.0.0.0/1"])),
        ("StringLike", "aws:PrincipalArn", json!("*")),
        ("StringLike", "aws:PrincipalArn", json!("arn:aws:iam::*:role/*")),
        ("StringLike", "aws:PrincipalOrgID", json!("o-*")),
        ("StringNotEquals", "aws:PrincipalOrgID", json!("o-1")),
        ("StringEqualsIfExists", "aws:PrincipalOrgID", json!("o-1")),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", json!("o-1/r-1/")),
        ("StringLike", "aws:Referer", json!("https://shop.example/*")),
    ] {
        is_exposure(&created("aws_s3_bucket_policy", &with(operator, key, value)), "allows everybody");
    }
    for (operator, key, value) in [
        ("StringEquals", "aws:PrincipalOrgID", json!("o-abc123")),
        ("IpAddress", "aws:SourceIp", json!("192.0.2.0/24")),
        ("StringLike", "AWS:PrincipalArn", json!("arn:aws:iam::111111111111:role/*")),
        ("ArnLike", "aws:SourceArn", json!("arn:aws:s3:::mine*")),
        ("StringEquals", "kms:CallerAccount", json!("111111111111")),
    ] {
        assert_eq!(created("aws_s3_bucket_policy", &with(operator, key, value)), [""; 0], "{operator} {key}");
    }
    let but = json!({ "Effect": "Allow", "NotPrincipal": { "AWS": "arn:aws:iam::111111111111:root" }, "Action": "s3:*", "Resource": "*" });
    is_exposure(&created("aws_s3_bucket_policy", &but), "allows everybody");
}

#[test]
fn an_issuer_that_signs_for_everybody_needs_a_subject() {
    let trust = |condition: Value| {
        let statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
            "Principal": { "Federated": "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" } });
        let role = json!({ "assume_role_policy": json!({ "Statement": [statement] }).to_string() });
        of("aws_iam_role", &change(&["create"], &Value::Null, &role))
    };
    let (sub, aud) = ("token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com:aud");
    is_exposure(&trust(json!({})), "allows everybody");
    is_exposure(&trust(json!({ "StringEquals": { aud: "sts.amazonaws.com" } })), "allows everybody");
    is_exposure(&trust(json!({ "StringLike": { sub: "repo:*" } })), "allows everybody");
    is_exposure(&trust(json!({ "StringLike": { sub: ["repo:acme/shop:*", "*"] } })), "allows everybody");
    assert_eq!(trust(json!({ "StringLike": { sub: "repo:acme/*" } })), [""; 0]);
    assert_eq!(trust(json!({ "StringEquals": { sub: "repo:acme/shop:ref:refs/heads/main" } })), [""; 0]);
}

#[test]
fn everything_has_many_spellings() {
    for (action, resource) in [
        ("s3:**", "*"),
        ("s3:?*", "**"),
        ("s3:*", "arn:*"),
        ("s3:*", "arn:aws:s3:::*"),
        ("iam:PassRole", "arn:aws:iam::*:role/*"),
        ("iam:Pass*", "*"),
        ("iam:PutRolePolicy", "*"),
        ("sts:AssumeRole", "*"),
        ("secretsmanager:GetSecretValue", "*"),
    ] {
        is_exposure(&created("aws_iam_role_policy", &allow(action, resource)), "allows");
    }
    for (action, resource) in [
        ("s3:*", "arn:aws:s3:::shop-*"),
        ("logs:*", "arn:aws:logs:eu-west-1:111111111111:log-group:/ecs/shop:*"),
        ("iam:PassRole", "arn:aws:iam::111111111111:role/shop-*"),
        ("s3:Get*", "*"),
    ] {
        assert_eq!(created("aws_iam_role_policy", &allow(action, resource)), [""; 0], "{action} {resource}");
    }
}

#[test]
fn a_denial_that_goes_with_its_policy_is_missed() {
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" });
    let (denies, allows) = (policy(&json!([deny])), policy(&json!([allow("s3:GetObject", "*")])));
    let expect = "does not deny any more: `s3:*` on `*` to `AWS:*`";
    is_exposure(&of("aws_s3_bucket_policy", &change(&["delete"], &denies, &Value::Null)), expect);
    is_exposure(&of("aws_s3_bucket", &change(&["update"], &denies, &json!({ "policy": "" }))), expect);
    is_exposure(&of("aws_s3_bucket_policy", &change(&["update"], &denies, &json!({ "policy": null }))), expect);
    assert_eq!(of("aws_s3_bucket_policy", &change(&["delete"], &allows, &Value::Null)), [""; 0]);
    // A bucket that goes takes its own policy along.
    assert_eq!(of("aws_s3_bucket", &change(&["delete"], &denies, &Value::Null)), ["data loss: destroys its objects"]);
    let to = |bucket: &str| json!({ "bucket": bucket, "policy": denies["policy"] });
    is_exposure(&of("aws_s3_bucket_policy", &change(&["delete", "create"], &to("a"), &to("b"))), expect);
    assert_eq!(of("aws_s3_bucket_policy", &change(&["delete", "create"], &to("a"), &to("a"))), [""; 0]);
}

#[test]
fn less_is_no_alarm() {
    let to = |principal: &str| json!([{ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": "s3:Get", "Resource": "*" }]);
    let root = "arn:aws:iam::111111111111:root";
    for (before, after) in [
        (to(root), to("111111111111")),
        (to("111111111111"), to(root)),
        (to(root), to("arn:aws:iam::111111111111:role/a")),
        (to("111111111111"), to("arn:aws:sts::111111111111:assumed-role/a/b")),
    ] {
        assert_eq!(updated(&before, &after), [""; 0], "{before} {after}");
    }
    is_exposure(&updated(&to(root), &to("arn:aws:iam::222222222222:role/a")), "222222222222");
    is_exposure(&updated(&to("arn:aws:iam::111111111111:role/a"), &to(root)), ":root");
    let but = |name: &str, actions: &str| json!([{ "Effect": "Allow", name: actions, "Resource": "*" }]);
    assert_eq!(updated(&but("NotAction", "iam:*"), &but("Action", "s3:GetObject")), [""; 0]);
    is_exposure(&updated(&but("NotAction", "iam:*"), &but("Action", "iam:PassRole")), "iam:PassRole");
    is_exposure(&updated(&but("NotAction", "iam:*"), &but("Action", "*")), "`*`");
    let only = |operator: &str| {
        let mut statement = allow("s3:Get", "*");
        statement["Condition"] = json!({ operator: { "aws:PrincipalOrgID": "o-1" } });
        json!([statement])
    };
    assert_eq!(updated(&only("StringEqualsIfExists"), &only("StringEquals")), [""; 0]);
    is_exposure(&updated(&only("StringEquals"), &only("StringEqualsIfExists")), "under a condition");
}

#[test]
fn a_question_mark_does_not_stand_for_a_hidden_text() {
    let on = |resource: &str| policy(&json!([allow("s3:Get", resource)]));
    let secret = "-production";
    let mut change = change(&["update"], &on("arn:aws:s3:::a?"), &on("arn:aws:s3:::a-production"));
    change["after"]["note"] = json!(secret);
    change["after_sensitive"] = json!({ "note": true });
    is_exposure(&of("aws_iam_policy", &change), "allows more than before");
}
