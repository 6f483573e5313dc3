//! Values that are secrets, and values that are none.

use crate::secret_shapes;

/// What a value is, when its shape alone tells that it is secret.
pub(super) fn telling_shape(value: &str) -> Option<&'static str> {
    secret_shapes::telling(value).or_else(|| has_password(value).then_some("an address with a password in it"))
}

/// `scheme://user:password@host`, or `Password=...;` in a connection string.
fn has_password(value: &str) -> bool {
    let authority = value.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let login = authority.and_then(|authority| authority.rsplit_once('@')).map(|(login, _)| login);
    let password = login.and_then(|login| login.split_once(':')).map(|(_, password)| password);
    let in_pairs = value.split(';').filter_map(|pair| pair.split_once('=')).filter_map(|(name, password)| {
        let name = name.trim().to_ascii_lowercase();
        (value.contains(';') && matches!(name.as_str(), "password" | "pwd" | "accountkey" | "sharedaccesskey"))
            .then_some(password.trim())
    });
    password.into_iter().chain(in_pairs).any(|password| !password.is_empty() && !is_fill_in(password))
}

/// Whether a value is none that anybody hides: empty, a switch, a number, a short word, a reference, an address, a path.
pub(super) fn is_harmless(value: &str) -> bool {
    let value = value.trim();
    is_short_word(value) || is_number(value) || is_fill_in(value) || is_reference(value)
}

/// Up to eight letters, as in `disabled` or `changeme`: nobody's key, and often a mode.
fn is_short_word(value: &str) -> bool {
    value.len() <= 8 && value.chars().all(|c| c.is_ascii_alphabetic())
}

fn is_number(value: &str) -> bool {
    value.len() <= 12 && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | ','))
}

/// `${NAME}`, `$(NAME)`, `$NAME`, `{{ name }}`, `<name>`, `***`: something that is put in later, or was taken out.
fn is_fill_in(value: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let within = |start: &str, end: &str| value.len() > 2 && value.starts_with(start) && value.ends_with(end);
    within("${", "}")
        || within("$(", ")")
        || within("{{", "}}")
        || within("<", ">")
        || within("%", "%")
        || value.strip_prefix('$').is_some_and(is_name)
        || value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-'))
}

/// An ARN, an address without a password, a path, or a name such as `prod/shop/database`.
fn is_reference(value: &str) -> bool {
    let is_path_char =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '-' | '_' | '.' | ':');
    value.starts_with("arn:")
        || value.contains("://")
        || ["/", "./", "../", "~/", "C:\\", "ssm:", "secretsmanager:", "vault:", "op:", "file:"]
            .iter()
            .any(|start| value.starts_with(start))
            && !value.contains(['+', '='])
        || value.contains('/') && value.chars().all(is_path_char)
}

/// Whether a value looks as if a machine had drawn it: long, of several kinds of characters, none of them much more often.
pub(super) fn is_random(value: &str) -> bool {
    let kinds: [fn(char) -> bool; 3] = [|c| c.is_ascii_lowercase(), |c| c.is_ascii_uppercase(), |c| c.is_ascii_digit()];
    let kinds = kinds.into_iter().filter(|kind| value.chars().any(kind)).count();
    let is_plain = value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-'));
    let is_hex = value.len() >= 32 && value.chars().all(|c| c.is_ascii_hexdigit());
    // `shop-production-cache-v2` is written by hand.
    let is_mixed = kinds == 3 || kinds == 2 && !value.contains(['-', '_']);
    is_plain && value.len() >= 20 && (is_hex || is_mixed) && entropy(value) >= 3.0
}

/// Bits a character.
fn entropy(value: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for byte in value.bytes() {
        *counts.entry(byte).or_insert(0_u32) += 1;
    }
    let length: f64 = counts.values().copied().map(f64::from).sum();
    counts.values().map(|count| f64::from(*count) / length).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_secrets_tell() {
        let random = "0123456789abcdefABCDEF0123456789abcdefABCDEF01234567";
        for (value, expected) in [
            (format!("AKIA{}", "ABCDEFGH23456789"), "an AWS access key"),
            (format!("Bearer ghp_{random}"), "a GitHub token"),
            (format!("{{\"token\":\"sk-{random}\"}}"), "an API key"),
            (format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{random}"), "a JSON Web Token"),
            ("-----BEGIN RSA PRIVATE KEY-----\nx".to_owned(), "a private key"),
            ("postgres://shop:hunter2@db:5432/shop".to_owned(), "an address with a password in it"),
            ("Server=db;User Id=sa;Password=hunter2;".to_owned(), "an address with a password in it"),
        ] {
            assert_eq!(telling_shape(&value), Some(expected), "{value}");
        }
        for value in [
            "",
            "AKIA",
            "ghp_short",
            "sk-learn",
            "postgres://db:5432/shop",
            "postgres://shop@db/shop",
            "postgres://shop:${DB_PASSWORD}@db/shop",
            "https://example.com/a:b@c",
            "a=b;c=d",
            "eyJ.eyJ.x",
        ] {
            assert_eq!(telling_shape(value), None, "{value}");
        }
    }

    #[test]
    fn references_switches_and_short_words_are_harmless() {
        for value in [
            "",
            "true",
            "disabled",
            "3600",
            "0.5",
            "${DB_PASSWORD}",
            "$DB_PASSWORD",
            "{{resolve:ssm:x}}",
            "<set by terraform>",
            "***",
            "arn:aws:secretsmanager:eu-west-1:1:secret:x",
            "https://example.com/oauth/token",
            "/run/secrets/db",
            "prod/shop/database",
        ] {
            assert!(is_harmless(value), "{value}");
        }
        for value in ["hunter2", "correct-horse", "s3cr3t!", "Xk29/abC+d=", "0123456789abcdef"] {
            assert!(!is_harmless(value), "{value}");
        }
    }

    #[test]
    fn random_values_are_told_from_written_ones() {
        for value in ["9f86d081884c7d659a2feaa0c55ad015", "Zk3Jq8vN2xR7tYw5LmPd", "aGVsbG8gd29ybGQgMTIz+/=="] {
            assert!(is_random(value), "{value}");
        }
        for value in ["shop-production-database", "00000000000000000000a", "short1A", "this is a sentence 1 A"] {
            assert!(!is_random(value), "{value}");
        }
    }
}
