//! The configuration against scripted AWS answers and the OIDC stand-in, in a process of its own for each case: the SDK
//! reads the real environment.

#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it must be")]

use std::process::Command;

use serde_json::json;
use testkit::http::Reply;
use testkit::{FakeAws, FakeOidc};

const ROLE: &str = "arn:aws:iam::000000000000:role/deploy";

/// Runs the example program `connect` with only these variables.
fn connect(variables: &[(String, String)], arguments: &[&str]) -> (i32, String) {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_aws-connect"))
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), text)
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn identity(account: &str) -> Reply {
    Reply::xml(
        200,
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
             <Account>{account}</Account><Arn>arn:aws:sts::{account}:assumed-role/deploy/x</Arn><UserId>u</UserId>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>"
        ),
    )
}

fn assumed() -> Reply {
    Reply::xml(
        200,
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIDROLE</AccessKeyId>\
         <SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
         </AssumeRoleWithWebIdentityResponse>",
    )
}

#[test]
fn the_jobs_token_becomes_the_roles_credentials() {
    let aws = FakeAws::start().unwrap();
    let oidc = FakeOidc::start().unwrap();
    aws.on("AssumeRoleWithWebIdentity").raw(assumed());
    aws.on("GetCallerIdentity").raw(identity("000000000000"));
    let mut environment = oidc.env();
    environment.extend(variables(&[
        ("AWS_ENDPOINT_URL", &aws.url()),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_RUN_ID", "42"),
    ]));
    let (code, text) = connect(
        &environment,
        &["--aws-region=eu-west-1", &format!("--role-to-assume={ROLE}"), "--allowed-account-ids=000000000000"],
    );
    assert_eq!(code, 0, "{text}");
    let calls = aws.calls_to("AssumeRoleWithWebIdentity");
    assert_eq!((calls.len(), oidc.issued().len()), (1, 1), "one exchange is enough");
    let call = &calls[0];
    assert_eq!(call.body["RoleArn"], ROLE);
    assert_eq!(call.body["RoleSessionName"], "slipway-acme-shop-42");
    assert_eq!(call.body["WebIdentityToken"], json!(oidc.issued()[0]));
    assert!(call.request.header("authorization").is_none(), "the exchange is not signed");
    let signed = aws.calls_to("GetCallerIdentity")[0].request.header("authorization").unwrap_or_default().to_owned();
    assert!(signed.contains("AKIDROLE"), "{signed}");
    assert_eq!(testkit::oidc::claims(&oidc.issued()[0]).unwrap()["aud"], "sts.amazonaws.com");
    for secret in ["role-secret", "role-token"] {
        let leaks = text.lines().filter(|line| line.contains(secret) && !line.starts_with("::add-mask::"));
        assert_eq!(leaks.count(), 0, "{text}");
    }
}

#[test]
fn a_job_without_the_permission_is_told_which_line_to_add() {
    let environment = variables(&[("GITHUB_ACTIONS", "true"), ("AWS_REGION", "eu-west-1")]);
    let (code, text) = connect(&environment, &[&format!("--role-to-assume={ROLE}")]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("aws/no-id-token") && text.contains("id-token: write"), "{text}");
}

#[test]
fn a_trust_policy_that_refuses_is_named() {
    let aws = FakeAws::start().unwrap();
    let oidc = FakeOidc::start().unwrap();
    aws.on("AssumeRoleWithWebIdentity").raw(Reply::xml(
        403,
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>AccessDenied</Code>\
         <Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>",
    ));
    let mut environment = oidc.env();
    environment.extend(variables(&[("AWS_ENDPOINT_URL", &aws.url()), ("GITHUB_ACTIONS", "true")]));
    let (code, text) = connect(&environment, &["--aws-region=eu-west-1", &format!("--role-to-assume={ROLE}")]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("aws/role-not-assumed") && text.contains("trust policy"), "{text}");
    assert!(text.contains("Not authorized to perform sts:AssumeRoleWithWebIdentity"), "{text}");
    assert!(!text.contains("headers:"), "an SDK's dump is for nobody: {text}");
}

#[test]
fn an_answer_that_is_not_understood_is_not_shown() {
    let aws = FakeAws::start().unwrap();
    let oidc = FakeOidc::start().unwrap();
    let whole = String::from_utf8(assumed().body.to_vec()).unwrap();
    aws.on("AssumeRoleWithWebIdentity").raw(Reply::xml(200, whole.replace("2099-01-01T00:00:00Z", "never")));
    let mut environment = oidc.env();
    environment.extend(variables(&[("AWS_ENDPOINT_URL", &aws.url()), ("AWS_MAX_ATTEMPTS", "1")]));
    let (code, text) = connect(&environment, &["--aws-region=eu-west-1", &format!("--role-to-assume={ROLE}")]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("aws/role-not-assumed"), "{text}");
    assert!(!text.contains("role-secret") && !text.contains("role-token"), "{text}");
}

#[test]
fn the_secrets_of_the_environment_are_masked() {
    let aws = FakeAws::start().unwrap();
    aws.on("GetCallerIdentity").raw(identity("000000000000"));
    let environment = variables(&[
        ("AWS_ENDPOINT_URL", &aws.url()),
        ("GITHUB_ACTIONS", "true"),
        ("AWS_ACCESS_KEY_ID", "AKIDAMBIENT"),
        ("AWS_SECRET_ACCESS_KEY", "ambient-secret-of-forty-letters"),
    ]);
    let (code, text) = connect(&environment, &["--aws-region=eu-west-1"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.lines().any(|line| line == "::add-mask::ambient-secret-of-forty-letters"), "{text}");
}

#[test]
fn the_wrong_account_is_refused_before_anything_is_written() {
    let aws = FakeAws::start().unwrap();
    aws.on("GetCallerIdentity").raw(identity("999999999999"));
    let (code, text) = connect(&aws.env(), &["--allowed-account-ids=000000000000"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("999999999999") && text.contains("000000000000"), "{text}");
}

#[test]
fn nothing_set_is_told_apart_region_from_credentials() {
    let (code, text) = connect(&[], &[]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("aws/no-region"), "{text}");
    let (code, text) = connect(&[], &["--aws-region=eu-west-1"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("aws/no-credentials"), "{text}");
}

#[test]
fn an_endpoint_nobody_listens_on_is_unreachable() {
    let environment = variables(&[
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "y"),
        ("AWS_MAX_ATTEMPTS", "1"),
    ]);
    let (code, text) = connect(&environment, &["--aws-region=eu-west-1", "--allowed-account-ids=000000000000"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("aws/unreachable"), "{text}");
}
