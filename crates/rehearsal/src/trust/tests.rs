use serde_json::{Value, json};

use super::{Bearer, Untrusted, decide};

const HOST: &str = "token.actions.githubusercontent.com";
const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";
const MAIN: &str = "repo:acme/shop:ref:refs/heads/main";
const PRODUCTION: &str = "repo:acme/shop:environment:production";
const WITH_IDS: &str = "repo:acme@12/shop@34:environment:production";

fn claims(sub: &str) -> Value {
    json!({
        "iss": format!("https://{HOST}"), "sub": sub, "aud": "sts.amazonaws.com", "ref": "refs/heads/main",
        "event_name": "push",
    })
}

fn policy(condition: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": { "Federated": format!("arn:aws:iam::111122223333:oidc-provider/{HOST}") },
        "Condition": condition,
    }]})
}

fn decided(policy: &Value, sub: &str) -> Result<(), Untrusted> {
    decide(policy, &Bearer { role: ROLE, session: "slipway-1", claims: &claims(sub) })
}

#[track_caller]
fn expect(policy: &Value, sub: &str, expect: Result<(), &str>) {
    match (decided(policy, sub), expect) {
        (Ok(()), Ok(())) => {}
        (Err(why), Err(part)) => assert!(why.reason.contains(part), "{why:?}"),
        (decided, expect) => panic!("{decided:?}, not {expect:?}"),
    }
}

#[track_caller]
fn check(condition: &Value, sub: &str, wanted: Result<(), &str>) {
    expect(&policy(condition), sub, wanted);
}

/// A condition on one key of the provider.
fn of(operator: &str, claim: &str, wanted: &Value) -> Value {
    json!({ operator: { format!("{HOST}:{claim}"): wanted } })
}

fn subject(operator: &str, wanted: &Value) -> Value {
    of(operator, "sub", wanted)
}

/// `policy` with one more statement: that of `condition`, which denies.
fn denying(condition: &Value) -> Value {
    let mut policy = policy(&json!({}));
    let mut statement = policy["Statement"][0].clone();
    statement["Effect"] = json!("Deny");
    statement["Sid"] = json!("Never");
    statement["Condition"] = condition.clone();
    policy["Statement"].as_array_mut().unwrap().push(statement);
    policy
}

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
    check(&subject("StringLike", &json!(["repo:a/*", "repo:acme/????:ref:*"])), MAIN, Ok(()));
    check(&subject("StringLike", &json!("REPO:acme/*")), MAIN, Err("StringLike"));
    check(&subject("StringEquals", &json!("repo:acme/shop:*")), MAIN, Err("StringEquals"));
    check(&subject("StringEqualsIgnoreCase", &json!(MAIN.to_uppercase())), MAIN, Ok(()));
}

#[test]
fn a_negated_operator_holds_when_none_of_its_values_matches() {
    check(&subject("StringNotEquals", &json!([PRODUCTION, WITH_IDS])), MAIN, Ok(()));
    check(&subject("StringNotEquals", &json!([PRODUCTION, MAIN])), MAIN, Err("StringNotEquals"));
    check(&subject("StringNotLike", &json!(["repo:acme/*", "x"])), MAIN, Err("StringNotLike"));
}

#[test]
fn every_condition_must_hold() {
    let both = json!({ "StringEquals": { format!("{HOST}:sub"): MAIN, format!("{HOST}:aud"): "other" } });
    check(&both, MAIN, Err("`other`, the token says `sts.amazonaws.com`"));
    check(&json!({}), MAIN, Ok(()));
    let session = |name: &str| json!({ "StringLike": { "sts:RoleSessionName": name } });
    check(&session("slipway-*"), MAIN, Ok(()));
    check(&session("other-*"), MAIN, Err("slipway-1"));
    check(&json!({ "StringEquals": { format!("{}:SUB", HOST.to_uppercase()): MAIN } }), MAIN, Ok(()));
}

#[test]
fn a_missing_key_matches_only_where_iam_says_so() {
    let environment = |operator: &str| of(operator, "environment", &json!("production"));
    for operator in ["StringEquals", "StringLike", "ForAnyValue:StringEquals", "ForAnyValue:StringNotEquals"] {
        check(&environment(operator), MAIN, Err("the token says nothing"));
    }
    for operator in
        ["StringEqualsIfExists", "StringNotEquals", "ForAllValues:StringEquals", "ForAnyValue:StringLikeIfExists"]
    {
        check(&environment(operator), MAIN, Ok(()));
    }
    check(&of("Null", "environment", &json!("true")), MAIN, Ok(()));
    check(&of("Null", "environment", &json!("false")), MAIN, Err("Null"));
    check(&of("Null", "sub", &json!(false)), MAIN, Ok(()));
    // STS makes no key of this claim, and another provider's token is not there.
    check(&of("StringEquals", "event_name", &json!("push")), MAIN, Err("the token says nothing"));
    check(&json!({ "StringEquals": { "gitlab.com:sub": "x" } }), MAIN, Err("the token says nothing"));
}

#[test]
fn a_set_of_values_is_compared_one_by_one() {
    check(&subject("ForAnyValue:StringLike", &json!(["x", "repo:acme/*"])), MAIN, Ok(()));
    check(&subject("ForAnyValue:StringLike", &json!(["x"])), MAIN, Err("ForAnyValue:StringLike"));
    check(&subject("ForAllValues:StringEquals", &json!(["x", MAIN])), MAIN, Ok(()));
    check(&subject("ForAllValues:StringEquals", &json!(["x"])), MAIN, Err("ForAllValues"));
    let several = |operator: &str, wanted: &Value| {
        let mut claims = claims(MAIN);
        claims["amr"] = json!(["a", "b"]);
        let policy = policy(&of(operator, "amr", wanted));
        decide(&policy, &Bearer { role: ROLE, session: "s", claims: &claims }).is_ok()
    };
    assert!(several("ForAnyValue:StringEquals", &json!("b")) && !several("ForAllValues:StringEquals", &json!("b")));
    assert!(several("ForAllValues:StringEquals", &json!(["a", "b", "c"])));
    assert!(
        several("ForAnyValue:StringNotEquals", &json!("a")) && !several("ForAllValues:StringNotEquals", &json!("a"))
    );
}

#[test]
fn what_is_not_understood_is_said_and_never_a_match() {
    for (condition, said) in [
        (json!({ "NumericEquals": { format!("{HOST}:sub"): 1 } }), "the operator `NumericEquals`"),
        (
            json!({ "ForSomeValue:StringLike": { format!("{HOST}:sub"): "*" } }),
            "the operator `ForSomeValue:StringLike`",
        ),
        (json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } }), "the key `aws:SourceIp`"),
        (json!({ "StringNotEquals": { "aws:RequestedRegion": "x" } }), "the key `aws:RequestedRegion`"),
        (of("StringLike", "actor_id", &json!("*")), "actor_id`"),
        (subject("StringLike", &json!("${aws:username}*")), "the variable in `${aws:username}*`"),
    ] {
        check(&condition, MAIN, Err(said));
        expect(&denying(&condition), MAIN, Err(said));
    }
    // Where something else does not fit, it does not matter.
    let both =
        json!({ "NumericEquals": { format!("{HOST}:ref"): 1 }, "StringEquals": { format!("{HOST}:sub"): MAIN } });
    expect(&denying(&both), PRODUCTION, Ok(()));
    expect(&policy(&both), PRODUCTION, Err("StringEquals"));
}

#[test]
fn a_denial_wins() {
    let only_environments = denying(&subject("StringNotLike", &json!("repo:acme/*:environment:*")));
    expect(&only_environments, MAIN, Err("the statement `Never` denies it"));
    expect(&only_environments, PRODUCTION, Ok(()));
    let mut everybody = denying(&subject("StringEquals", &json!(MAIN)));
    for principal in [json!("*"), json!({ "AWS": "*" }), json!({ "AWS": ["x", "*"] })] {
        everybody["Statement"][1]["Principal"] = principal;
        expect(&everybody, MAIN, Err("denies it"));
        expect(&everybody, PRODUCTION, Ok(()));
    }
    everybody["Statement"][1]["Principal"] = json!({ "AWS": "arn:aws:iam::111122223333:root" });
    expect(&everybody, MAIN, Ok(()));
    everybody["Statement"][1]["Effect"] = json!("deny");
    expect(&everybody, MAIN, Err("`deny`"));
}

#[test]
fn the_provider_must_be_the_issuer_in_the_role_s_account() {
    let with = |principal: &Value| {
        let mut policy = policy(&json!({}));
        policy["Statement"][0]["Principal"] = principal.clone();
        policy
    };
    let provider = |account: &str, host: &str| format!("arn:aws:iam::{account}:oidc-provider/{host}");
    let federated = |arn: &str| with(&json!({ "Federated": arn }));
    expect(
        &federated(&provider("999999999999", HOST)),
        MAIN,
        Err("account 999999999999, and the role is in account 111122223333"),
    );
    expect(&federated(&provider("111122223333", "gitlab.com")), MAIN, Err("the provider `gitlab.com`"));
    let longer = format!("{HOST}/acme");
    expect(
        &federated(&provider("111122223333", &longer)),
        MAIN,
        Err("the provider `token.actions.githubusercontent.com/acme`"),
    );
    let partition = provider("111122223333", HOST).replace("arn:aws:", "arn:aws-cn:");
    expect(&federated(&partition), MAIN, Err("arn:aws-cn:iam"));
    expect(&federated(&format!("x:oidc-provider/{HOST}")), MAIN, Err("its `Federated` principal"));
    expect(&with(&json!({ "Service": "ecs.amazonaws.com" })), MAIN, Err("no `Federated` principal"));
    expect(&with(&json!("*")), MAIN, Err("cannot tell"));
    let several = with(&json!({ "Federated": [provider("1", HOST), provider("111122223333", HOST)] }));
    expect(&several, MAIN, Ok(()));
}

#[test]
fn a_statement_about_another_action_is_none() {
    let with = |field: &str, action: &str| {
        let mut policy = policy(&json!({}));
        let statement = policy["Statement"][0].as_object_mut().unwrap();
        statement.remove("Action");
        statement.insert(field.to_owned(), json!([action]));
        policy
    };
    expect(&with("Action", "sts:assumerolewith*"), MAIN, Ok(()));
    expect(&with("Action", "sts:TagSession"), MAIN, Err("no statement lets anybody call"));
    expect(&with("NotAction", "sts:TagSession"), MAIN, Ok(()));
    expect(&with("NotAction", "sts:*"), MAIN, Err("no statement lets anybody call"));
}

#[test]
fn an_audience_is_told_apart_where_it_alone_is_wrong() {
    let trusts =
        |sub: &str, aud: &Value| json!({ "StringEquals": { format!("{HOST}:sub"): sub, format!("{HOST}:aud"): aud } });
    let audiences = |policy: &Value| decided(policy, MAIN).unwrap_err().audiences;
    assert_eq!(audiences(&policy(&trusts(MAIN, &json!("a")))), Some(vec!["a".to_owned()]));
    assert_eq!(audiences(&policy(&trusts(MAIN, &json!(["a", "b"])))), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(audiences(&policy(&trusts(PRODUCTION, &json!("a")))), None, "both are wrong");
    assert_eq!(audiences(&policy(&trusts(PRODUCTION, &json!("sts.amazonaws.com")))), None);
    // The statement that comes closest decides.
    let mut two = policy(&trusts(PRODUCTION, &json!("a")));
    two["Statement"].as_array_mut().unwrap().push(policy(&trusts(MAIN, &json!("b")))["Statement"][0].clone());
    assert_eq!(audiences(&two), Some(vec!["b".to_owned()]));
}
