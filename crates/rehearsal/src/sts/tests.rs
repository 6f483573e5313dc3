use serde_json::{Value, json};
use testkit::http::{Reply, send};
use testkit::{FakeAws, FakeOidc};

use super::{Exchange, Sts};

const ROLE: &str = "arn:aws:iam::000000000000:role/ci/deploy";
const SUBJECT: &str = "repo:acme/shop:environment:production";

/// An emulator with the role `deploy`, which trusts [`SUBJECT`] for sts.amazonaws.com, and a provider with `audience`.
fn emulator(audience: &str) -> FakeAws {
    let trusted = json!({ format!("{HOST}:sub"): SUBJECT, format!("{HOST}:aud"): "sts.amazonaws.com" });
    emulator_that_trusts(audience, &trusted)
}

const HOST: &str = "token.actions.githubusercontent.com";

/// The same with these texts in its trust policy.
fn emulator_that_trusts(audience: &str, trusted: &Value) -> FakeAws {
    let host = HOST;
    let policy = json!({ "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": { "Federated": format!("arn:aws:iam::000000000000:oidc-provider/{host}") },
        "Condition": { "StringEquals": trusted },
    }]});
    let encoded: String = url::form_urlencoded::byte_serialize(policy.to_string().as_bytes()).collect();
    let aws = FakeAws::start().unwrap();
    let role = format!(
        "<Path>/ci/</Path><RoleName>deploy</RoleName><RoleId>AROAEXAMPLEEXAMPLE</RoleId><Arn>{ROLE}</Arn>\
         <CreateDate>2026-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{encoded}</AssumeRolePolicyDocument>"
    );
    aws.on("GetRole").raw(Reply::xml(
        200,
        format!("<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>{role}</Role></GetRoleResult></GetRoleResponse>"),
    ));
    aws.on("GetOpenIDConnectProvider").raw(Reply::xml(
        200,
        format!(
            "<GetOpenIDConnectProviderResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetOpenIDConnectProviderResult><Url>{host}</Url><ClientIDList>\n<member>{audience}</member>\n\
             </ClientIDList></GetOpenIDConnectProviderResult></GetOpenIDConnectProviderResponse>"
        ),
    ));
    aws.on("AssumeRoleWithWebIdentity").raw(Reply::xml(
        200,
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAEXAMPLEEXAMPLE</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
         </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
    ));
    aws
}

/// A token with this subject.
fn token(subject: &str) -> String {
    let oidc = FakeOidc::builder().claim("sub", subject).start().unwrap();
    let url = format!("{}&audience=sts.amazonaws.com", oidc.request_url());
    let bearer = format!("bearer {}", oidc.request_token());
    let answer: Value = send("GET", &url, &[("authorization", &bearer)], b"").unwrap().to_json();
    answer["value"].as_str().unwrap().to_owned()
}

/// What is answered when `subject` asks for `role`, and what is noted.
fn exchange(emulator: &FakeAws, role: &str, subject: &str) -> (u16, String, Exchange) {
    let (reply, noted) = bring(emulator, role, subject);
    (reply.status, reply.to_text(), noted)
}

/// The same with the headers of the answer.
fn bring(emulator: &FakeAws, role: &str, subject: &str) -> (Reply, Exchange) {
    let sts = Sts::start(&emulator.url(), &emulator.url(), &[]).unwrap();
    let pairs = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("Version", "2011-06-15"),
        ("RoleArn", role),
        ("RoleSessionName", "slipway"),
        ("WebIdentityToken", &token(subject)),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = send("POST", &sts.url(), &headers, body.as_bytes()).unwrap();
    (reply, sts.exchanges().remove(0))
}

const REFUSED: &str =
    "<Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message>";

#[test]
fn a_trusted_subject_has_the_role() {
    let (status, text, noted) = exchange(&emulator("sts.amazonaws.com"), ROLE, SUBJECT);
    assert_eq!((status, noted.refused), (200, None), "{text}");
    assert_eq!(noted.subject, SUBJECT);
}

#[test]
fn another_subject_is_refused_as_aws_refuses_it_and_the_reason_is_known() {
    let emulator = emulator("sts.amazonaws.com");
    for other in [
        "repo:acme/shop:ref:refs/heads/main",
        "repo:acme/other:environment:production",
        "repo:acme@1/shop@2:environment:production",
    ] {
        let (status, text, noted) = exchange(&emulator, ROLE, other);
        assert!(status == 403 && text.contains(REFUSED), "{text}");
        let refusal = noted.refused.unwrap();
        assert!(refusal.reason().contains(other) && refusal.reason().contains(SUBJECT), "{}", refusal.reason());
    }
}

#[test]
fn an_audience_that_is_not_registered_is_refused() {
    let (reply, _) = bring(&emulator("https://github.com/acme"), ROLE, SUBJECT);
    assert_eq!(reply.status, 400);
    let text = reply.to_text();
    assert!(text.contains("<Code>InvalidIdentityToken</Code><Message>Incorrect token audience</Message>"), "{text}");
    assert_eq!(explanation(&reply)["audiences"], json!(["https://github.com/acme"]));
}

/// What the emulator adds to AWS's words.
fn explanation(reply: &Reply) -> Value {
    serde_json::from_str(reply.header(loopback::REFUSAL_HEADER).unwrap()).unwrap()
}

#[test]
fn an_audience_that_the_trust_policy_does_not_name_is_refused_in_aws_s_words_and_explained() {
    let trust = format!(r#"{{"{HOST}:sub": "{SUBJECT}", "{HOST}:aud": ["https://github.com/acme", "ü"]}}"#);
    let emulator = emulator_that_trusts("sts.amazonaws.com", &serde_json::from_str(&trust).unwrap());
    let (reply, noted) = bring(&emulator, ROLE, SUBJECT);
    assert!(reply.status == 403 && reply.to_text().contains(REFUSED), "{}", reply.to_text());
    assert_eq!(explanation(&reply)["audiences"], json!(["https://github.com/acme", "ü"]));
    let reason = noted.refused.unwrap().reason().to_owned();
    assert!(reason.contains("trust policy of `deploy`") && reason.contains("says `sts.amazonaws.com`"), "{reason}");
    let (reply, _) = bring(&emulator, ROLE, "repo:acme/other:pull_request");
    assert_eq!(explanation(&reply)["audiences"], Value::Null, "the subject is wrong as well");
}

#[test]
fn a_role_of_another_path_is_not_there() {
    let (status, text, noted) =
        exchange(&emulator("sts.amazonaws.com"), "arn:aws:iam::000000000000:role/deploy", SUBJECT);
    assert!(status == 403 && text.contains(REFUSED), "{text}");
    assert!(noted.refused.unwrap().reason().contains(ROLE));
}

#[test]
fn a_role_of_another_account_is_refused() {
    let role = "arn:aws:iam::111122223333:role/ci/deploy";
    let (status, text, noted) = exchange(&emulator("sts.amazonaws.com"), role, SUBJECT);
    assert!(status == 403 && text.contains(REFUSED), "{text}");
    assert!(noted.refused.unwrap().reason().contains("111122223333"));
}

#[test]
fn other_calls_pass() {
    let emulator = emulator("sts.amazonaws.com");
    let sts = Sts::start(&emulator.url(), &emulator.url(), &[]).unwrap();
    let body = b"Action=GetRole&Version=2010-05-08&RoleName=deploy";
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(send("POST", &sts.url(), &headers, body).unwrap().status, 200);
    assert!(sts.exchanges().is_empty());
}
