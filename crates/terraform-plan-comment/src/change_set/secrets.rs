//! What is hidden because of its name: CloudFormation marks nothing but the parameters with `NoEcho`, which come as `****`
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>).
//!
//! A name is taken apart into its words (`MasterUserPassword`, `DB_PASSWORD`); it is what its last words say that counts, so that
//! `PasswordPolicy` and `SecretArn` hide nothing. A dynamic reference (`{{resolve:...}}`) and an ARN tell no secret.

use crate::entries::{Entries, Key};
use crate::json::Json;
use crate::likely::SECRETS;

/// Last words of names of secrets besides [`SECRETS`].
const MORE: &[&str] = &[
    "account_key",
    "credentials",
    "key_material",
    "license_key",
    "master_key",
    "passwords",
    "pat",
    "secret_key",
    "secret_string",
    "secret_value",
];

/// What a `NoEcho` parameter comes as.
const MASKED: &str = "****";

/// Members that name the `Value` beside them: environment variables of ECS, tags, options.
const NAMING: &[&str] = &["Name", "Key", "OptionName", "ParameterKey", "ParameterName"];

/// Whether what is called so is a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    // `APIKEY`, `DBPASSWORD`: nothing tells where their words are.
    let is_joined =
        ["password", "passwd", "secret", "apikey", "privatekey", "accesskey"].iter().any(|end| last.ends_with(end));
    let is_one = |end: &str| SECRETS.contains(&end) || MORE.contains(&end);
    is_joined || is_one(last) || words.len() >= 2 && is_one(&words[words.len() - 2..].join("_"))
}

/// The words of a name in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (place, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let follows_small = place > 0 && (letters[place - 1].is_lowercase() || letters[place - 1].is_ascii_digit());
        // The last capital of `IAMDatabase` starts a word.
        let ends_capitals = place > 0
            && letters[place - 1].is_uppercase()
            && letters.get(place + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (follows_small || ends_capitals) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What of a value is secret, as the mask of a plan says it.
pub(super) fn mask(value: &Json) -> Json {
    below(value, false)
}

fn below(value: &Json, is_named: bool) -> Json {
    match value {
        Json::Null | Json::Bool(_) => Json::Bool(false),
        Json::Number(_) => Json::Bool(is_named),
        Json::Text(text) => Json::Bool(is_secret(text, is_named)),
        Json::List(items) => Json::List(items.iter().map(|item| below(item, is_named)).collect()),
        Json::Map(entries) => {
            let names_secret = names_secret(entries);
            let mask = |(key, item): (&Key, &Json)| {
                let is_scalar = !matches!(item, Json::Map(_));
                // A secret-looking name of a block says nothing of what is in it.
                let is_named = is_scalar && (is_secret_name(key) || names_secret && key == "Value");
                (key.clone(), below(item, is_named))
            };
            Json::Map(entries.iter().map(mask).collect())
        }
    }
}

/// Whether a member of the map names its `Value` as a secret.
fn names_secret(entries: &Entries<Json>) -> bool {
    NAMING.iter().any(|name| entries.get(*name).and_then(Json::text).is_some_and(is_secret_name))
}

/// Whether a text is a secret, where its name says so or not.
pub(super) fn is_secret(text: &str, is_named: bool) -> bool {
    let tells_nothing = matches!(text, "" | "true" | "false")
        || text == MASKED
        || text == super::KNOWN_AFTER_APPLY
        || (text.starts_with("{{resolve:") && text.ends_with("}}"))
        || text.starts_with("arn:");
    !tells_nothing && (is_named || has_url_password(text))
}

/// `scheme://user:password@host`.
fn has_url_password(text: &str) -> bool {
    let authority = text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    let user = authority.and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    user.and_then(|user| user.split_once(':'))
        .is_some_and(|(_, password)| !password.is_empty() && !password.starts_with("{{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(words("EnableIAMDatabaseAuthentication"), ["enable", "iam", "database", "authentication"]);
        assert_eq!(words("DB_PASSWORD"), ["db", "password"]);
        assert_eq!(words("Ipv6CidrBlock"), ["ipv6", "cidr", "block"]);
    }

    #[test]
    fn secrets_are_told_by_the_end_of_their_names() {
        for name in [
            "MasterUserPassword",
            "DB_PASSWORD",
            "DBPASSWORD",
            "AuthToken",
            "SecretString",
            "ClientSecret",
            "API_KEY",
            "APIKEY",
            "SecretAccessKey",
            "PreSharedKey",
            "github-token",
            "PrivateKey",
            "password",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PasswordPolicy",
            "SecretArn",
            "HttpTokens",
            "KmsKeyId",
            "KeyName",
            "TokenValidityUnits",
            "MasterUserSecretKmsKeyId",
            "AccessKeyId",
            "PublicKey",
            "",
            "Path",
            "Compat",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[track_caller]
    fn check(value: &str, mask_of: &str) {
        assert_eq!(mask(&Json::parse(value).unwrap()), Json::parse(mask_of).unwrap());
    }

    #[test]
    fn values_are_hidden_by_their_names() {
        check(
            r#"{"A":{"Password":"x","ManageMasterUserPassword":"true"}}"#,
            r#"{"A":{"Password":true,"ManageMasterUserPassword":false}}"#,
        );
        check(
            r#"{"Environment":[{"Name":"DB_PASSWORD","Value":"x"},{"Name":"PORT","Value":"1"}]}"#,
            r#"{"Environment":[{"Name":false,"Value":true},{"Name":false,"Value":false}]}"#,
        );
        check(r#"{"Token":["a",{"b":"c"}]}"#, r#"{"Token":[true,{"b":false}]}"#);
        check(r#"{"URL":"postgres://u:p@h/d","Site":"https://h/a"}"#, r#"{"URL":true,"Site":false}"#);
    }

    #[test]
    fn references_and_what_is_masked_tell_nothing() {
        check(
            r#"{"A":{"Password":"{{resolve:secretsmanager:db:SecretString:password}}"},"Secret":"arn:aws:x","Token":"****"}"#,
            r#"{"A":{"Password":false},"Secret":false,"Token":false}"#,
        );
        check(
            r#"{"GenerateSecretString":{"PasswordLength":"30"}}"#,
            r#"{"GenerateSecretString":{"PasswordLength":false}}"#,
        );
    }
}
