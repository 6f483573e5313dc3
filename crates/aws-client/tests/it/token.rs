//! Where the job's token comes from, where its request may go, and for whom it is.

use testkit::http::Reply;
use testkit::oidc::claims;
use testkit::{FakeAws, FakeOidc, Fault};

use crate::{ROLE, assert_holds, assumed, connect, identity, refusal, variables};

/// The arguments of a job with a role.
fn arguments() -> [String; 2] {
    ["--aws-region=eu-west-1".to_owned(), format!("--role-to-assume={ROLE}")]
}

/// Runs a job with these variables and these arguments beside the role.
fn job(pairs: &[(&str, &str)], more: &[&str]) -> (i32, String) {
    let mut environment =
        variables(&[("GITHUB_ACTIONS", "true"), ("AWS_MAX_ATTEMPTS", "1"), ("SLIPWAY_TIME_DIVISOR", "20")]);
    environment.extend(variables(pairs));
    let own = arguments();
    let all: Vec<&str> = own.iter().map(String::as_str).chain(more.iter().copied()).collect();
    connect(&environment, &all)
}

#[test]
fn the_token_s_request_goes_over_tls_or_stays_on_this_machine() {
    // A proxy is how a request to another machine would be seen here.
    let proxy = FakeOidc::start().unwrap();
    for url in [
        "http://token.example:80/idtoken?secret=path",
        "http://127.0.0.1@token.example/idtoken",
        "HTTP://token.example/idtoken",
        "token.example/idtoken",
    ] {
        let (code, text) = job(
            &[
                ("ACTIONS_ID_TOKEN_REQUEST_URL", url),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", proxy.request_token()),
                ("HTTP_PROXY", &proxy.url()),
                ("http_proxy", &proxy.url()),
            ],
            &[],
        );
        assert_eq!(code, 2, "{url}: {text}");
        assert_holds(&text, &["aws/insecure-token-service", "token.example", "nothing was sent"]);
        let told = text.lines().filter(|line| !line.starts_with("::add-mask::")).collect::<String>();
        assert!(!told.contains("secret=path") && !told.contains(proxy.request_token()), "{text}");
    }
    assert!(proxy.requests().is_empty());
}

#[test]
fn the_token_goes_to_sts_over_tls_or_stays_on_this_machine() {
    let (oidc, proxy) = (FakeOidc::start().unwrap(), FakeAws::start().unwrap());
    let (url, token) = (oidc.request_url(), oidc.request_token());
    let profile = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(profile.path(), "[default]\nendpoint_url = http://sts.example/secret-path\n").unwrap();
    let profile = profile.path().to_str().unwrap();
    for endpoint in [
        &[("AWS_ENDPOINT_URL", "http://sts.example:80/secret-path")][..],
        &[("AWS_ENDPOINT_URL", "HTTP://sts.example")],
        &[("AWS_ENDPOINT_URL", "http://127.0.0.1@sts.example")],
        &[("AWS_ENDPOINT_URL", "https://aws.example"), ("AWS_ENDPOINT_URL_STS", "http://sts.example")],
        &[("AWS_CONFIG_FILE", profile)],
    ] {
        let mut pairs = vec![("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token)];
        let proxy = proxy.url();
        pairs.extend([("HTTP_PROXY", proxy.as_str()), ("http_proxy", &proxy), ("NO_PROXY", "127.0.0.1")]);
        pairs.extend(endpoint);
        let (code, text) = job(&pairs, &[]);
        assert_eq!(code, 2, "{endpoint:?}: {text}");
        assert_holds(&text, &["aws/insecure-endpoint", "sts.example", "AWS_ENDPOINT_URL_STS", "nothing was sent"]);
        assert!(!text.contains("secret-path"), "{text}");
    }
    assert!(proxy.requests().is_empty() && oidc.issued().is_empty());
}

#[test]
fn a_redirect_does_not_carry_the_request_s_token_elsewhere() {
    let (oidc, elsewhere) = (FakeOidc::start().unwrap(), FakeOidc::start().unwrap());
    for status in [301, 302, 303, 307, 308] {
        let redirect = Reply::new(status).with_header("location", elsewhere.request_url());
        oidc.faults().add(Fault::reply(redirect).times(3));
        let (url, token) = (oidc.request_url(), oidc.request_token());
        let (code, text) =
            job(&[("ACTIONS_ID_TOKEN_REQUEST_URL", &url), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token)], &[]);
        assert_eq!(code, 1, "{text}");
        assert_holds(&text, &["aws/role-not-assumed", &format!("answered {status}: it leads elsewhere")]);
    }
    assert!(elsewhere.requests().is_empty(), "{:?}", elsewhere.requests());
    assert!(oidc.issued().is_empty());
}

#[test]
fn a_proxy_does_not_see_the_request_for_a_token_of_this_machine() {
    let (oidc, proxy) = (FakeOidc::start().unwrap(), FakeOidc::start().unwrap());
    let (url, token) = (oidc.request_url(), oidc.request_token());
    job(
        &[
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token),
            ("HTTP_PROXY", &proxy.url()),
            ("http_proxy", &proxy.url()),
            ("AWS_ENDPOINT_URL", &proxy.url()),
        ],
        &[],
    );
    assert_eq!(oidc.issued().len(), 1);
    let seen = proxy.requests();
    assert!(!seen.is_empty(), "the call to STS does go there");
    assert!(seen.iter().all(|request| request.header("authorization").is_none()), "{seen:?}");
}

#[test]
fn a_page_in_place_of_a_token_is_called_one() {
    let oidc = FakeOidc::start().unwrap();
    for status in [200, 403] {
        let page = Reply::new(status).with_header("content-type", "text/html; charset=utf-8").with_body("<html>Log in");
        oidc.faults().add(Fault::reply(page).times(3));
        let (url, token) = (oidc.request_url(), oidc.request_token());
        let (code, text) =
            job(&[("ACTIONS_ID_TOKEN_REQUEST_URL", &url), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token)], &[]);
        assert_eq!(code, 1, "{text}");
        assert_holds(&text, &["an HTML page: likely the login page or the refusal of a proxy"]);
        assert!(!text.contains("Log in"), "{text}");
    }
}

#[test]
fn a_page_in_place_of_an_answer_of_aws_is_called_one() {
    let aws = FakeAws::start().unwrap();
    let page = || Reply::new(403).with_header("content-type", "text/html").with_body("<html>Blocked</html>");
    aws.faults().add(Fault::reply(page()).always());
    let mut environment = aws.env();
    environment.extend(variables(&[("AWS_MAX_ATTEMPTS", "1")]));
    let (code, text) = connect(&environment, &["--allowed-account-ids=000000000000"]);
    assert_eq!(code, 1, "{text}");
    assert_holds(&text, &["aws/unreachable", "HTTP status 403, but an HTML page", "HTTPS_PROXY"]);
    assert!(!text.contains("\"Effect\": \"Allow\""), "no permission is what is missing: {text}");
}

#[test]
fn the_token_is_for_the_audience_of_the_input() {
    let (oidc, aws) = (FakeOidc::start().unwrap(), FakeAws::start().unwrap());
    aws.on("AssumeRoleWithWebIdentity").raw(assumed());
    aws.on("GetCallerIdentity").raw(identity("000000000000"));
    let (url, token) = (oidc.request_url(), oidc.request_token());
    let audience = "https://github.com/acme?a=1&b=2";
    let (code, text) = job(
        &[
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token),
            ("AWS_ENDPOINT_URL", &aws.url()),
        ],
        &["--audience", audience],
    );
    assert_eq!(code, 0, "{text}");
    assert_eq!(claims(&oidc.issued()[0]).unwrap()["aud"], audience);
}

/// What a job is told when STS refuses its token so, with an explanation in the header of emulators.
fn explained(status: u16, code: &str, message: &str, explanation: &str) -> String {
    let (oidc, aws) = (FakeOidc::start().unwrap(), FakeAws::start().unwrap());
    let reply = refusal(status, code, message).with_header(loopback::REFUSAL_HEADER, explanation);
    aws.on("AssumeRoleWithWebIdentity").raw(reply);
    let (url, token) = (oidc.request_url(), oidc.request_token());
    let (code, text) = job(
        &[
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token),
            ("AWS_ENDPOINT_URL", &aws.url()),
        ],
        &[],
    );
    assert_eq!(code, 1, "{text}");
    text
}

const DENIED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

#[test]
fn an_audience_that_the_trust_policy_does_not_take_is_told_the_line_to_change() {
    let explanation = r#"{"reason": "StringEquals `aud` wants `other`", "audiences": ["other"]}"#;
    let text = explained(403, "AccessDenied", DENIED, explanation);
    assert_holds(
        &text,
        &[
            "aws/audience-not-accepted: the trust policy of role `arn:aws:iam::000000000000:role/deploy` does not accept tokens for \
             `sts.amazonaws.com`",
            DENIED,
            "the emulator says: StringEquals `aud` wants `other`",
            "aud `sts.amazonaws.com`",
            "the trust policy accepts `other`",
            r#""token.actions.githubusercontent.com:aud": "sts.amazonaws.com""#,
            "set the input `audience` to what it accepts (`other`)",
        ],
    );
}

#[test]
fn the_audiences_of_the_provider_are_told_where_they_are_known() {
    let explanation = r#"{"reason": "", "audiences": ["https://github.com/acme"]}"#;
    let text = explained(400, "InvalidIdentityToken", "Incorrect token audience", explanation);
    assert_holds(
        &text,
        &[
            "aws/audience-not-accepted: account 000000000000 does not accept",
            "the provider's client ids are `https://github.com/acme`",
            r#"client_id_list = ["https://github.com/acme", "sts.amazonaws.com"]"#,
        ],
    );
}

#[test]
fn another_explanation_stands_beside_the_words_of_aws() {
    let text = explained(403, "AccessDenied", DENIED, r#"{"reason": "the provider is of account 1\n::error::x"}"#);
    assert_holds(
        &text,
        &["aws/subject-not-trusted", DENIED, "the emulator says: the provider is of account 1::error::x"],
    );
    assert!(!text.lines().any(|line| line.starts_with("::error::x")), "{text}");
    let text = explained(403, "AccessDenied", DENIED, "no JSON");
    assert_holds(&text, &["aws/subject-not-trusted"]);
    assert!(!text.contains("the emulator says"), "{text}");
}
