//! The configuration against scripted AWS answers and the OIDC stand-in, in a process of its own for each case: the SDK
//! reads the real environment.

#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it must be")]

mod certificates;
mod faults;
mod token;

use std::process::Command;

use serde_json::json;
use testkit::http::Reply;
use testkit::{FakeAws, FakeOidc, Fault};

const ROLE: &str = "arn:aws:iam::000000000000:role/deploy";

/// Runs the example program `connect` with only these variables.
fn connect(variables: &[(String, String)], arguments: &[&str]) -> (i32, String) {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_aws-connect"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().map(|(name, value)| (name, value)));
    let output = testkit::provoked::output(&mut command).unwrap();
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
         <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAROLEOFTHEJOB</AccessKeyId>\
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
    assert!(signed.contains("ASIAROLEOFTHEJOB"), "{signed}");
    assert_eq!(testkit::oidc::claims(&oidc.issued()[0]).unwrap()["aud"], "sts.amazonaws.com");
    for secret in ["role-secret", "role-token"] {
        let leaks = text.lines().filter(|line| line.contains(secret) && !line.starts_with("::add-mask::"));
        assert_eq!(leaks.count(), 0, "{text}");
    }
}

#[test]
fn a_job_without_the_permission_is_told_which_line_to_add() {
    let environment = variables(&[("GITHUB_ACTIONS", "true"), ("GITHUB_JOB", "deploy"), ("AWS_REGION", "eu-west-1")]);
    let (code, text) = connect(&environment, &[&format!("--role-to-assume={ROLE}")]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("aws/no-id-token") && text.contains("into job `deploy`"), "{text}");
    assert!(text.contains("\n        permissions:\n          contents: read\n          id-token: write\n"), "{text}");
}

/// An error of STS.
fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply::xml(
        status,
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error></ErrorResponse>"
        ),
    )
}

/// What a job with these claims is told when STS refuses its token so.
fn refused(claims: &[(&str, &str)], status: u16, code: &str, message: &str) -> (i32, String) {
    let aws = FakeAws::start().unwrap();
    let oidc = claims.iter().fold(FakeOidc::builder(), |oidc, (name, value)| oidc.claim(name, *value)).start().unwrap();
    aws.on("AssumeRoleWithWebIdentity").raw(refusal(status, code, message));
    let mut environment = oidc.env();
    environment.extend(variables(&[("AWS_ENDPOINT_URL", &aws.url()), ("GITHUB_ACTIONS", "true")]));
    let (status, text) = connect(&environment, &["--aws-region=eu-west-1", &format!("--role-to-assume={ROLE}")]);
    let token = &oidc.issued()[0];
    for part in std::iter::once(token.as_str()).chain(token.split('.').filter(|part| part.len() > 16)) {
        let leaks = text.lines().filter(|line| line.contains(part) && !line.starts_with("::add-mask::"));
        assert_eq!(leaks.count(), 0, "the token is for nobody: {text}");
    }
    assert!(!text.contains("headers:"), "an SDK's dump is for nobody: {text}");
    (status, text)
}

fn assert_holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
}

const DENIED: (u16, &str, &str) = (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");

#[test]
fn a_trust_policy_that_does_not_name_the_environment_is_told_the_line_to_change() {
    let claims = [("sub", "repo:acme/shop:environment:production"), ("environment", "production")];
    let (code, text) = refused(&claims, DENIED.0, DENIED.1, DENIED.2);
    assert_eq!(code, 1, "{text}");
    let told = "sub `repo:acme/shop:environment:production`, aud `sts.amazonaws.com`, ref `refs/heads/main`, environment `production`";
    let line = r#""Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:environment:production", "token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}"#;
    assert_holds(&text, &["aws/subject-not-trusted", "trust policy", DENIED.2, told, line]);
    assert_holds(&text, &["a policy for `repo:acme/shop:ref:refs/heads/main` does not fit", "names alone"]);
}

#[test]
fn a_trust_policy_that_does_not_name_the_branch_is_told_the_line_to_change() {
    let (_, text) = refused(&[("sub", "repo:acme/shop:ref:refs/heads/main")], DENIED.0, DENIED.1, DENIED.2);
    assert_holds(
        &text,
        &["aws/subject-not-trusted", "no environment", "a policy for `repo:acme/shop:environment:NAME` does not fit"],
    );
    let (_, text) = refused(&[("sub", "repo:acme/shop:pull_request")], DENIED.0, DENIED.1, DENIED.2);
    assert_holds(&text, &["aws/subject-not-trusted", "names neither branch nor environment"]);
}

#[test]
fn a_trust_policy_without_the_immutable_ids_is_told_so() {
    let (_, text) = refused(&[("sub", "repo:acme@12/shop@34:ref:refs/heads/main")], DENIED.0, DENIED.1, DENIED.2);
    let parts = [
        "aws/subject-not-trusted",
        "a policy with the names alone does not fit",
        r#":sub": "repo:acme@12/shop@34:ref:refs/heads/main""#,
    ];
    assert_holds(&text, &parts);
}

#[test]
fn an_audience_that_the_provider_does_not_list_is_named() {
    let (code, text) = refused(&[], 400, "InvalidIdentityToken", "Incorrect token audience");
    assert_eq!(code, 1, "{text}");
    let parts = [
        "aws/audience-not-accepted",
        "Incorrect token audience",
        "aud `sts.amazonaws.com`",
        "client_id_list = [\"sts.amazonaws.com\"]",
    ];
    assert_holds(&text, &parts);
}

#[test]
fn an_account_without_the_identity_provider_is_named() {
    let words = "No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com";
    let (code, text) = refused(&[], 400, "InvalidIdentityToken", words);
    assert_eq!(code, 1, "{text}");
    assert_holds(
        &text,
        &["aws/no-identity-provider", words, "account 000000000000", "create-open-id-connect-provider"],
    );
}

#[test]
fn a_role_of_a_wrong_account_is_not_even_asked_for() {
    let aws = FakeAws::start().unwrap();
    let oidc = FakeOidc::builder().claim("environment", "staging").start().unwrap();
    let mut environment = oidc.env();
    environment.extend(variables(&[("AWS_ENDPOINT_URL", &aws.url()), ("GITHUB_ACTIONS", "true")]));
    let (code, text) = connect(
        &environment,
        &["--aws-region=eu-west-1", &format!("--role-to-assume={ROLE}"), "--allowed-account-ids=111122223333"],
    );
    assert_eq!(code, 2, "{text}");
    let parts =
        ["aws/role-of-wrong-account", "000000000000", "(111122223333)", "environment `staging`", "`role-to-assume`"];
    assert_holds(&text, &parts);
    assert!(aws.calls_to("AssumeRoleWithWebIdentity").is_empty());
}

#[test]
fn an_answer_that_is_not_understood_is_not_shown() {
    let aws = FakeAws::start().unwrap();
    let oidc = FakeOidc::start().unwrap();
    let whole = String::from_utf8(assumed().body.to_vec()).unwrap();
    let garbled = Reply::xml(200, whole.replace("2099-01-01T00:00:00Z", "never"));
    aws.faults().add(Fault::reply(garbled).always());
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
    assert!(text.contains("aws/no-credentials") && !text.contains("`role-to-assume` is empty"), "{text}");
    let (_, text) = connect(&variables(&[("GITHUB_ACTIONS", "true")]), &["--aws-region=eu-west-1"]);
    assert!(text.contains("`role-to-assume` is empty"), "{text}");
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
