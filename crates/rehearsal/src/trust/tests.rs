use serde_json::{Value, json};

use super::{Case, decide, like};

const HOST: &str = "token.actions.githubusercontent.com";

fn claims(sub: &str) -> Value {
    json!({ "iss": format!("https://{HOST}"), "sub": sub, "aud": "sts.amazonaws.com", "ref": "refs/heads/main" })
}

fn policy(condition: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": { "Federated": format!("arn:aws:iam::111122223333:oidc-provider/{HOST}") },
        "Condition": condition,
    }]})
}

#[track_caller]
fn check(condition: &Value, sub: &str, expect: Result<(), &str>) {
    let decided = decide(&policy(condition), &claims(sub));
    match (&decided, expect) {
        (Ok(()), Ok(())) => {}
        (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
        _ => panic!("{decided:?}, not {expect:?}"),
    }
}

fn subject(operator: &str, wanted: &Value) -> Value {
    json!({ operator: { format!("{HOST}:sub"): wanted } })
}

const MAIN: &str = "repo:acme/shop:ref:refs/heads/main";
const PRODUCTION: &str = "repo:acme/shop:environment:production";
const WITH_IDS: &str = "repo:acme@12/shop@34:environment:production";

#[test]
fn the_subject_must_be_one_of_those() {
    let one = subject("StringEquals", &json!(PRODUCTION));
    check(&one, PRODUCTION, Ok(()));
    check(&one, MAIN, Err(MAIN));
    check(&one, "repo:acme/other:environment:production", Err("acme/other"));
    check(&subject("StringEquals", &json!([MAIN, PRODUCTION])), PRODUCTION, Ok(()));
}

#[test]
fn a_subject_with_immutable_ids_is_another_one() {
    check(&subject("StringEquals", &json!(PRODUCTION)), WITH_IDS, Err(WITH_IDS));
    check(&subject("StringEquals", &json!(WITH_IDS)), WITH_IDS, Ok(()));
    check(&subject("StringLike", &json!("repo:acme/shop:*")), WITH_IDS, Err(WITH_IDS));
    check(&subject("StringLike", &json!("repo:acme@12/shop@34:*")), WITH_IDS, Ok(()));
}

#[test]
fn a_star_means_something_in_string_like_alone() {
    check(&subject("StringLike", &json!("repo:acme/shop:*")), MAIN, Ok(()));
    check(&subject("StringEquals", &json!("repo:acme/shop:*")), MAIN, Err("StringEquals"));
    check(&subject("ForAnyValue:StringLike", &json!("repo:acme/*")), MAIN, Ok(()));
}

#[test]
fn every_condition_must_hold() {
    let both = json!({ "StringEquals": { format!("{HOST}:sub"): MAIN, format!("{HOST}:aud"): "other" } });
    check(&both, MAIN, Err("`other`, the token says `sts.amazonaws.com`"));
    check(&json!({ "StringEquals": { format!("{HOST}:job_workflow_ref"): "x" } }), MAIN, Err("nothing"));
    check(&json!({ "StringEqualsIfExists": { format!("{HOST}:job_workflow_ref"): "x" } }), MAIN, Ok(()));
    check(&json!({ "NumericEquals": { format!("{HOST}:sub"): 1 } }), MAIN, Err("NumericEquals"));
    check(&json!({}), MAIN, Ok(()));
}

#[test]
fn a_denial_wins_and_another_provider_is_no_trust() {
    let mut denied = policy(&json!({}));
    let mut statement = denied["Statement"][0].clone();
    statement["Effect"] = json!("Deny");
    statement["Condition"] = subject("StringNotLike", &json!("repo:acme/*:environment:*"));
    denied["Statement"].as_array_mut().unwrap().push(statement);
    assert!(decide(&denied, &claims(MAIN)).unwrap_err().contains("denies"));
    assert_eq!(decide(&denied, &claims(PRODUCTION)), Ok(()));
    let mut other = policy(&json!({}));
    other["Statement"][0]["Principal"]["Federated"] = json!("arn:aws:iam::1:oidc-provider/gitlab.com");
    assert!(decide(&other, &claims(MAIN)).unwrap_err().contains("no statement"));
}

#[test]
fn a_pattern_may_hold_several_stars() {
    let like = |pattern, text| like(pattern, text, Case::Exact);
    assert!(like("repo:*/shop:*/main", "repo:a/shop:ref:refs/heads/main"));
    assert!(like("a?c*", "abc") && like("*", "") && like("**", "x"));
    assert!(!like("a?c", "ac") && !like("*x", "xy") && !like("", "x"));
}
