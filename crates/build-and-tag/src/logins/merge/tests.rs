use actions_core::SecretString;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_registry::Auth;

use super::*;

const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

fn ecr() -> Passwords {
    let mut passwords = Passwords::default();
    passwords.add(ECR, &Auth::Basic { username: "AWS".to_owned(), password: SecretString::from("of-ecr") });
    passwords
}

fn auth(pair: &str) -> Value {
    json!({ "auth": STANDARD.encode(pair) })
}

fn file(document: &Value) -> AuthFile {
    let section = |name: &str| document[name].as_object().cloned().unwrap_or_default();
    let mut rest = document.as_object().cloned().unwrap();
    rest.retain(|name, _| !["auths", "credHelpers"].contains(&name.as_str()));
    AuthFile { auths: section("auths"), helpers: section("credHelpers"), rest }
}

/// Users and passwords by the names that are answered.
fn answered(passwords: &Passwords) -> Value {
    let answer = |name: &String| {
        let answer = passwords.answer(name).unwrap();
        (
            name.clone(),
            json!(format!("{}:{}", answer["Username"].as_str().unwrap(), answer["Secret"].as_str().unwrap())),
        )
    };
    Value::Object(passwords.names().map(answer).collect())
}

#[test]
fn docker_s_configuration_stays_but_for_its_passwords() {
    let mut passwords = ecr();
    let config = file(&json!({
        "auths": {
            "https://index.docker.io/v1/": auth("me:hub"),
            "https://old.example/v1/": auth("me:old"),
            "http://both.example": auth("me:address"),
            "both.example": auth("me:host"),
            "helped.example": auth("me:unused"),
            "token.example": {"auth": STANDARD.encode("0000:"), "identitytoken": "a-token", "email": "me@example.com"},
            "bearer.example": {"registrytoken": "a-bearer"},
            ECR: auth("AWS:of-last-week"),
            "broken.example": {"auth": "%%%"},
            "empty.example": {},
        },
        "credHelpers": {"gcr.io": "gcloud", "helped.example": "pass"},
        "proxies": {"default": {"httpProxy": "http://proxy.example"}},
        "currentContext": "remote",
    }));
    let merged = for_docker(config, &mut passwords);
    let ours = [
        "https://index.docker.io/v1/",
        "index.docker.io",
        "https://old.example/v1/",
        "old.example",
        "http://both.example",
        "both.example",
        "token.example",
        ECR,
    ];
    for name in ours {
        assert_eq!(merged["credHelpers"][name], "slipway", "{name}");
    }
    assert_eq!(
        (&merged["credHelpers"]["gcr.io"], &merged["credHelpers"]["helped.example"]),
        (&json!("gcloud"), &json!("pass"))
    );
    assert_eq!(merged["currentContext"], "remote");
    assert_eq!(merged["proxies"]["default"]["httpProxy"], "http://proxy.example");
    assert_eq!(merged["auths"]["token.example"], json!({"email": "me@example.com"}));
    assert_eq!(merged["auths"]["bearer.example"]["registrytoken"], "a-bearer", "no helper could answer for it");
    assert!(merged["auths"].as_object().unwrap().values().all(|entry| entry["auth"].is_null()), "{merged}");
    assert_eq!(
        answered(&passwords),
        json!({
            ECR: "AWS:of-ecr", "https://index.docker.io/v1/": "me:hub", "index.docker.io": "me:hub",
            "https://old.example/v1/": "me:old", "old.example": "me:old",
            "both.example": "me:host", "http://both.example": "me:address", "token.example": "<token>:a-token",
        })
    );
}

#[test]
fn where_a_store_has_all_logins_docker_takes_none_from_the_file() {
    let mut passwords = ecr();
    let merged =
        for_docker(file(&json!({"auths": {"a.example": auth("me:old")}, "credsStore": "desktop"})), &mut passwords);
    assert_eq!(merged, json!({"auths": {"a.example": {}}, "credsStore": "desktop", "credHelpers": {ECR: "slipway"}}));
    assert_eq!(answered(&passwords), json!({ECR: "AWS:of-ecr"}));
    assert_eq!(for_docker(AuthFile::default(), &mut ecr()), json!({"credHelpers": {ECR: "slipway"}}));
}

#[test]
fn of_each_registry_the_first_file_of_buildah_s_counts() {
    let mut passwords = ecr();
    let first = json!({
        "auths": {"quay.io": auth("me:first"), "https://index.docker.io/v1/": auth("me:hub"), ECR: auth("AWS:old"), "later.example": {}},
        "credHelpers": {"gcr.io": "gcloud"},
    });
    let second = json!({
        "auths": {"quay.io": auth("me:second"), "quay.io/team": auth("me:team"), "gcr.io": auth("me:gcr"),
            "later.example": auth("me:later"), "token.example": {"identitytoken": "a-token"}},
        "credHelpers": {"gcr.io": "other", ECR: "ecr-login"},
        "credsStore": "desktop",
    });
    let merged = for_containers(vec![file(&first), file(&second)], &mut passwords);
    let helpers = json!({"quay.io": "slipway", "docker.io": "slipway", ECR: "slipway", "gcr.io": "gcloud",
        "later.example": "slipway", "token.example": "slipway"});
    assert_eq!(merged, json!({"auths": {}, "credHelpers": helpers}));
    let expect = json!({"quay.io": "me:first", "docker.io": "me:hub", ECR: "AWS:of-ecr", "later.example": "me:later",
        "token.example": "<token>:a-token"});
    assert_eq!(answered(&passwords), expect);
}

#[test]
fn a_registry_with_logins_for_its_parts_keeps_its_entries() {
    let mut passwords = ecr();
    let first = json!({"auths": {"quay.io/team": auth("me:team")}});
    let second =
        json!({"auths": {"quay.io": auth("me:all"), "quay.io/team": auth("me:second"), "a.example": auth("me:a")}});
    let third = json!({"auths": {"quay.io/other": auth("me:third")}});
    let merged = for_containers(vec![file(&first), file(&second), file(&third)], &mut passwords);
    assert_eq!(merged["auths"], json!({"quay.io/team": auth("me:team"), "quay.io": auth("me:all")}));
    assert_eq!(answered(&passwords), json!({ECR: "AWS:of-ecr", "a.example": "me:a"}));
}
