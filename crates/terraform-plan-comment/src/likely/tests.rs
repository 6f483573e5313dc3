use serde_json::{Value, json};

use super::*;
use crate::document::Document;
use crate::guard::Guard;
use crate::review::Review;
use crate::schema::SchemaFile;
use crate::source::{self, Content};

/// What a page shows of a new resource with these attributes.
fn shown(attributes: &Value, detector: &Detector) -> String {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{ "address": "t.a", "mode": "managed", "type": "t", "name": "a",
        "change": { "actions": ["create"], "before": null, "after": attributes, "before_sensitive": false, "after_sensitive": {} } }] });
    let Ok(Content::Plans(plans, _)) = source::read(plan.to_string(), detector) else { panic!("{plan}") };
    let document = Document::with_schemas(&plans[0], &Guard::default(), &SchemaFile::default()).unwrap();
    let review = Review::of(&document);
    format!("{:?} {}", review.resources, review.unmarked_secrets)
}

#[track_caller]
fn hides(attributes: &Value, secret: &str) {
    let page = shown(attributes, &Detector::default());
    assert!(!page.contains(secret) && page.contains("(sensitive value)"), "{page}");
    let only_patterns = Detector::new(Vec::new(), true);
    assert!(shown(attributes, &only_patterns).contains(secret), "it is there without the detector");
}

#[track_caller]
fn leaves(attributes: &Value) {
    let page = shown(attributes, &Detector::default());
    assert!(!page.contains("(sensitive value)"), "{page}");
}

/// A text that no word is in, the same each time.
fn random(length: usize) -> String {
    const LETTERS: &[u8] = b"aZ3kQ9xLm2VbT7rWc5YdN8sGf4HpJ6uEi1RoKyXvBtAqCz0nDhFgSjUlMePwIO";
    let mut state = 7_usize;
    let mut next = || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        char::from(LETTERS[(state >> 16) % LETTERS.len()])
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn tokens_are_known_by_their_shape() {
    for (prefix, length) in [("ghp_", 36), ("glpat-", 20), ("xoxb-", 24), ("sk_live_", 24), ("npm_", 36), ("AIza", 35)]
    {
        let token = format!("{prefix}{}", random(length));
        hides(&json!({ "note": token }), &token);
        hides(&json!({ "script": format!("curl -H 'Authorization: Bearer {token}' x") }), &token);
    }
    let jwt = format!("eyJ{}.eyJ{}.{}", random(20), random(30), random(30));
    hides(&json!({ "note": jwt }), &jwt);
    leaves(&json!({ "note": format!("eyJ{}", random(20)) }));
    leaves(&json!({ "note": "ghp_short" }));
    let begin = "-----BEGIN RSA PRIVATE KEY-----";
    let key = format!("{begin}\nMIIEpAIBAAK\nCAQEA\n-----END RSA PRIVATE KEY-----\n");
    hides(&json!({ "note": format!("before\n{key}after") }), "MIIEpAIBAAK");
    hides(&json!({ "note": format!("{begin}\nMIIEpAIBAAK") }), "MIIEpAIBAAK");
    hides(&json!({ "note": "postgres://shop:hunter2!@db.example/shop" }), "hunter2!");
    leaves(&json!({ "note": "https://shop.example:8443/a@b" }));
}

#[test]
fn a_name_says_what_its_value_is() {
    for name in ["password", "DB_PASSWORD", "apiKey", "client_secret", "auth-token", "CONNECTION_STRING"] {
        hides(&json!({ name: "correct-horse7" }), "correct-horse7");
        hides(&json!({ "environment": [{ "variables": { name: "correct-horse7" } }] }), "correct-horse7");
        hides(&json!({ "environment": [{ "name": name, "value": "correct-horse7" }] }), "correct-horse7");
        let inside = json!([{ "environment": [{ "name": name, "value": "correct-horse7" }] }]).to_string();
        hides(&json!({ "container_definitions": inside }), "correct-horse7");
    }
    for (name, value) in [
        ("secret_arn", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:a-AbCdEf"),
        ("secret_name", "Shop-Database-1"),
        ("password_length", "twenty-four-1"),
        ("token_url", "https://login.example/token1"),
        ("password", "short1"),
        ("password", "password"),
        ("password", "xxxxxxxx1"),
        ("secret", "/shop/production/database1"),
        ("secret", "projects/shop-1/secrets/database-1"),
        ("token", "two words 12345"),
    ] {
        leaves(&json!({ name: value }));
    }
}

#[test]
fn a_text_that_only_a_generator_writes_is_hidden() {
    let word = random(40);
    assert!(entropy(&word) > LEAST_ENTROPY, "{word} {}", entropy(&word));
    hides(&json!({ "note": word }), &word);
    hides(&json!({ "note": format!("key={word};") }), &word);
    for name in ["source_code_hash", "etag", "id", "kms_key_id", "public_key", "certificate_body"] {
        leaves(&json!({ name: word }));
    }
    for text in [
        "d41d8cd98f00b204e9800998ecf8427e0123456789abcdef",
        "AmazonEC2ContainerRegistryPowerUserAccess2024",
        "arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/shop-web-production/6d0ecf831eec9f09",
        "6f2d3f1e-98c4-4b1e-8a3f-0c9d4e5b6a7f",
        "Module-Shop_Production/Service-Web_2024/Release-1_2_3_RC4",
        &random(200),
        &random(20),
    ] {
        leaves(&json!({ "note": text }));
    }
}

#[test]
fn patterns_of_ones_own_hide_their_group_or_all_they_match() {
    let detector =
        |patterns: &[&str]| Detector::new(patterns.iter().map(|one| Regex::new(one).unwrap()).collect(), true);
    let page = shown(&json!({ "note": "badge 4711-0815 of room 9" }), &detector(&[r"\d{4}-\d{4}"]));
    assert!(!page.contains("4711-0815") && page.contains("of room 9"), "{page}");
    let page = shown(&json!({ "note": "badge 4711-0815 of room 9" }), &detector(&[r"badge (\S+)"]));
    assert!(!page.contains("4711-0815") && page.contains("badge "), "{page}");
    let page = shown(&json!({ "4711-0815": "open", "other": "4711-0815" }), &detector(&[r"\d{4}-\d{4}"]));
    assert!(!page.contains("4711-0815"), "keys too: {page}");
}

#[test]
fn lines_that_assign_say_what_their_value_is() {
    let script = "#!/bin/sh\ncurl https://example.com/x\nexport DB_PASSWORD='correct-horse7'\npsql postgres://app:Open-5esame@db/x\n";
    hides(&json!({ "user_data": script }), "correct-horse7");
    hides(&json!({ "user_data": script }), "Open-5esame");
    hides(&json!({ "values": "db:\n  api_key: \"ab12-cd34-EF56\"\n" }), "ab12-cd34-EF56");
    leaves(&json!({ "user_data": "SECRET_REF=my-app-secrets\npassword: ${DB_PASSWORD}\nTOKEN=$(cat /run/token1)\n" }));
    leaves(&json!({ "actions": ["secretsmanager:GetSecretValue2"], "url": "postgres://app:${PASSWORD}@db/x" }));
}

#[test]
fn what_a_user_names_is_hidden_however_short_or_of_what_type() {
    let named = Detector::new(vec![Regex::new("pin=(\\d{3})").unwrap(), Regex::new("^4711\\d{8}$").unwrap()], true);
    let page = shown(&json!({ "note": "pin=123, 123", "account": 471_100_001_234_u64 }), &named);
    assert!(page.contains("pin=(sensitive value), 123") && !page.contains("471100001234"), "{page}");
}
