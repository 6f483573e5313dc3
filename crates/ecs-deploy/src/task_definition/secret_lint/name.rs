//! Names of variables that hold secrets.

/// How much a name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// The variable is a secret: `DB_PASSWORD`.
    Whole,
    /// It has to do with one: `TOKEN_ISSUER`.
    Part,
    Nothing,
}

/// Words that name a secret by themselves.
const SECRETS: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "secret",
    "secrets",
    "token",
    "credential",
    "credentials",
    "apikey",
    "secretkey",
    "privatekey",
    "accesstoken",
    "authtoken",
];

/// Words that name a secret in front of `key`.
const KEYS: [&str; 13] = [
    "api",
    "secret",
    "private",
    "access",
    "auth",
    "encryption",
    "signing",
    "master",
    "session",
    "jwt",
    "hmac",
    "license",
    "account",
];

/// Words behind a secret's name that leave it one: `SECRET_KEY_BASE`, `TOKEN_PROD`.
const STILL: [&str; 15] = [
    "base",
    "value",
    "old",
    "new",
    "current",
    "previous",
    "prod",
    "production",
    "staging",
    "stage",
    "dev",
    "test",
    "live",
    "primary",
    "default",
];

/// Tells by a name.
pub(super) fn tells(name: &str) -> Telling {
    let words = words(name);
    let mut meant = words.as_slice();
    while let [rest @ .., last] = meant {
        let is_tail = STILL.contains(&last.as_str()) || last.chars().all(|c| c.is_ascii_digit());
        if !is_tail || rest.is_empty() {
            break;
        }
        meant = rest;
    }
    let names_secret = |end: &[String]| match end {
        [.., word] if SECRETS.contains(&word.as_str()) => true,
        [.., before, key] => key == "key" && KEYS.contains(&before.as_str()),
        _ => false,
    };
    // `PWD` alone is the working directory.
    if meant.len() == 1 && meant[0] == "pwd" {
        return Telling::Nothing;
    }
    if names_secret(meant) {
        return Telling::Whole;
    }
    let is_part = (1..=words.len()).any(|end| names_secret(&words[..end]));
    if is_part || words.iter().any(|word| word == "key" || word == "auth") { Telling::Part } else { Telling::Nothing }
}

/// The words of `DB_PASSWORD`, `db-password` and `dbPassword`, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let begins = !c.is_alphanumeric() || c.is_uppercase() && was_small;
        if begins {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(c.to_lowercase()));
        }
        was_small = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_tell() {
        for name in [
            "DB_PASSWORD",
            "PASSWORD",
            "dbPassword",
            "spring.datasource.password",
            "JWT_SECRET",
            "SECRET_KEY_BASE",
            "API_KEY",
            "STRIPE_APIKEY",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN_PROD",
            "SESSION_SECRET_2",
            "private-key",
        ] {
            assert_eq!(tells(name), Telling::Whole, "{name}");
        }
    }

    #[test]
    fn names_beside_secrets_tell_less_and_others_nothing() {
        for name in [
            "DB_PASSWORD_FILE",
            "SECRET_ARN",
            "TOKEN_TTL",
            "MAX_TOKEN_LENGTH",
            "API_KEY_HEADER",
            "AUTH_URL",
            "CACHE_KEY",
            "SECRETS_PATH",
        ] {
            assert_eq!(tells(name), Telling::Part, "{name}");
        }
        for name in [
            "PWD",
            "LOG_LEVEL",
            "MAX_TOKENS",
            "KEYBOARD",
            "COMPASS",
            "PASSENGERS",
            "MONKEY",
            "DATABASE_URL",
            "",
            "_",
            "é",
        ] {
            assert_eq!(tells(name), Telling::Nothing, "{name}");
        }
    }
}
