use serde_json::json;

use super::*;

fn found(name: &str, value: &str) -> Option<&'static str> {
    let definition = json!({"containerDefinitions": [
        {"name": "side"},
        {"name": "app", "environment": [{"name": "MODE", "value": "x"}, {"name": name, "value": value}]}
    ]});
    let Value::Object(fields) = definition else { return None };
    let secrets = plain_secrets(&fields);
    assert!(secrets.len() <= 1, "{secrets:?}");
    secrets.first().map(|secret| secret.because)
}

#[test]
fn a_name_a_shape_or_both_tell() {
    assert_eq!(found("DB_PASSWORD", "hunter2"), Some("its name"));
    assert_eq!(found("ANYTHING", "postgres://a:hunter2@db/x"), Some("an address with a password in it"));
    assert_eq!(found("TOKEN_SEED", "Zk3Jq8vN2xR7tYw5LmPd"), Some("its name, and a value that looks random"));
}

#[test]
fn what_is_no_secret_is_let_be() {
    for (name, value) in [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "${FROM_ELSEWHERE}"),
        ("DB_PASSWORD_FILE", "/run/secrets/db"),
        ("SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:1:secret:x"),
        ("API_KEY_HEADER", "x-api-key"),
        ("TOKEN_TTL", "3600"),
        ("REQUIRE_TOKEN", "true"),
        ("CACHE_KEY", "shop-production-cache-v2"),
        ("COMMIT", "9f86d081884c7d659a2feaa0c55ad015"),
        ("AUTH_URL", "https://login.example.com/"),
        ("PWD", "/srv/app-1"),
    ] {
        assert_eq!(found(name, value), None, "{name}={value}");
    }
}

#[test]
fn only_a_value_that_nothing_else_holds_by_chance_is_masked() {
    let mask = |value: &str| {
        let definition =
            json!({"containerDefinitions": [{"name": "a", "environment": [{"name": "DB_PASSWORD", "value": value}]}]});
        let Value::Object(fields) = definition else { return None };
        plain_secrets(&fields)[0].to_mask().map(str::to_owned)
    };
    assert_eq!(mask("shop-db"), None);
    assert_eq!(mask("Zk3Jq8vN2xR7tYw5LmPd").as_deref(), Some("Zk3Jq8vN2xR7tYw5LmPd"));
    assert!(mask("postgres://a:hunter2@db/x").is_some());
}

#[test]
fn the_texts_name_container_and_variable_and_never_the_value() {
    let definition = json!({"containerDefinitions": [
        {"name": "app", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]},
        {"name": "odd", "environment": [{"name": "A`\"_TOKEN\n", "value": "hunter2"}, {"name": "X_SECRET"}, {"name": 1}, 2], "x": 1},
        {"name": "none", "environment": {}}, 7
    ]});
    let Value::Object(fields) = definition else { return };
    let secrets = plain_secrets(&fields);
    assert_eq!(
        secrets[0].problem(),
        "variable `DB_PASSWORD` of container `app` is written in the clear and looks like a secret (its name)"
    );
    assert!(secrets[0].remedy().ends_with(
        r#"`secrets`: {"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"}"#
    ));
    assert_eq!(secrets[1].problem().matches('`').count(), 4);
    assert_eq!(secrets.len(), 2);
    for secret in secrets {
        let told = format!("{secret:?}{}{}", secret.problem(), secret.remedy());
        assert!(!told.contains("hunter2"), "{told}");
    }
}
