use proptest::prelude::*;
use serde_json::json;

use super::*;

fn mask() -> Mask {
    let definition = json!({"containerDefinitions": [{"name": "app", "environment": [
        {"name": "API_TOKEN", "value": "hunter2-in-the-clear"},
        {"name": "DB_URL", "value": "postgres://shop:pa55word@db:5432/shop"},
        {"name": "LOG_LEVEL", "value": "information"},
        {"name": "TOKEN_TTL", "value": "fifteen-minutes"},
        {"name": "AUTH", "value": "true"},
        {"name": "GREETING", "value": "hello-2-the-world"},
        {"name": "HOST", "value": "db-1.shop.internal"},
        {"name": "SECRET_ARN", "value": "arn:aws:secretsmanager:eu-west-1:1:secret:x"},
        7, {"name": null}
    ]}, {"environment": "no list"}]});
    let registered = Redactor::default();
    registered.add("registered-key");
    Mask::new(&registered, &definition)
}

#[track_caller]
fn check(text: &str, shown: &str) {
    assert_eq!(mask().hide(text), shown);
}

#[test]
fn registered_secrets_and_secret_variables_are_hidden() {
    check("a registered-key and hunter2-in-the-clear", "a *** and ***");
    assert!(mask().hide("base64 aHVudGVyMi1pbi10aGUtY2xlYXI=").starts_with("base64 ***"));
    check("connecting to postgres://shop:pa55word@db:5432/shop", "connecting to ***");
    check("information in fifteen-minutes: true", "information in fifteen-minutes: true");
    check("hello-2-the-world from db-1.shop.internal", "*** from db-1.shop.internal");
}

#[test]
fn tokens_are_hidden_by_their_form() {
    for token in
        ["AKIAIOSFODNN7EXAMPLE", "whsec_0123456789abcdefghijABCDEFGHIJ01", "shpat_0123456789abcdef0123456789abcdef"]
    {
        check(&format!("seen {token} here"), "seen *** here");
        assert!(looks_like_a_token(token), "{token}");
    }
}

#[test]
fn passwords_in_addresses_headers_and_assignments_are_hidden() {
    check("to amqps://user:s3cr3t/x@mq:5671/v failed", "to amqps://user:***@mq:5671/v failed");
    check("redis://:p@cache:6379", "redis://:***@cache:6379");
    check("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer ***");
    check("password=x9 next", "password=*** next");
    check(r#"{"db_password": "a b", "user": "shop"}"#, r#"{"db_password": "***", "user": "shop"}"#);
    check("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = ***");
    check(
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=0a1b2c&x=1",
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=***&x=1",
    );
    check(r#"msg="{\"token\":\"abc\"}""#, r#"msg="{\"token\":\"***\"}""#);
}

#[test]
fn what_only_talks_about_secrets_stays_readable() {
    for text in [
        "token: expired",
        "password: authentication failed for user shop",
        "secret_arn=arn:aws:secretsmanager:eu-west-1:1:secret:x",
        "GET https://shop.example/login?next=home 404",
        "panic: cannot reach the database db.internal:5432",
    ] {
        check(text, text);
    }
}

#[test]
fn private_keys_are_hidden_whole_or_cut() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK=\n-----END RSA PRIVATE KEY-----";
    check(&format!("key: {key}\nafter"), "key: ***\n***\n***\n***\nafter");
    check("MIIEow\nIBAAK=\n-----END PRIVATE KEY-----\nafter", "***\n***\n***\nafter");
    check("-----BEGIN EC PRIVATE KEY-----\nMIIEow\nnot base64!", "***\n***\nnot base64!");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands around it, and whatever lines there are, a known secret is not left, and hiding twice changes nothing more.
    #[test]
    fn nothing_of_a_known_secret_is_left(before in "\\PC{0,20}", after in "\\PC{0,20}") {
        let shown = mask().hide(&format!("{before}\nhunter2-in-the-clear {after} registered-key"));
        prop_assert!(!shown.contains("hunter2-in-the-clear") && !shown.contains("registered-key"));
        prop_assert_eq!(mask().hide(&shown), shown);
    }
}
