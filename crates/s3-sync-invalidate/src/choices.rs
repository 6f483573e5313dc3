//! What S3 lets one choose for an object: its storage class, its encryption, a canned ACL.

use actions_core::InputErrors;

use crate::headers::{Encryption, Method};

/// Storage classes whose objects can be read at any time; an archive cannot be a site
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html>).
const STORAGE_CLASSES: &[&str] =
    &["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "REDUCED_REDUNDANCY"];

/// Canned ACLs of objects (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>).
const ACLS: &[&str] = &[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
];

/// The longest name of a key, in bytes.
const LONGEST_KEY: usize = 2048;

/// Parses a storage class.
pub(crate) fn storage_class(text: &str) -> Result<String, String> {
    one_of(STORAGE_CLASSES, &text.to_ascii_uppercase())
}

/// Parses a canned ACL.
pub(crate) fn acl(text: &str) -> Result<String, String> {
    one_of(ACLS, text)
}

fn one_of(known: &[&str], text: &str) -> Result<String, String> {
    if known.contains(&text) { Ok(text.to_owned()) } else { Err(format!("not one of {}", known.join(", "))) }
}

/// Parses the name of an encryption.
pub(crate) fn method(text: &str) -> Result<Method, String> {
    let known = [Method::S3, Method::Kms, Method::KmsTwice];
    let names = known.map(Method::as_str);
    known.into_iter().find(|method| method.as_str() == text).ok_or_else(|| format!("not one of {}", names.join(", ")))
}

/// Parses the name of a key: an id, an ARN, or an alias.
pub(crate) fn kms_key(text: &str) -> Result<String, String> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/:".contains(&byte);
    let is_arn = !text.contains(':') || (text.starts_with("arn:") && text.contains(":kms:"));
    if !text.is_empty() && text.len() <= LONGEST_KEY && text.bytes().all(is_good) && is_arn {
        Ok(text.to_owned())
    } else {
        Err("not a key of KMS; write its id, its ARN, or `alias/…`".to_owned())
    }
}

/// The encryption that the inputs `sse` and `kms-key-id` ask for, if any; a key is one of KMS.
///
/// # Errors
///
/// Where they are bad; that is noted in `bad`.
pub(crate) fn encryption(
    sse: Option<&str>,
    key: Option<&str>,
    bad: &mut InputErrors,
) -> Result<Option<Encryption>, Bad> {
    let method = bad.optional("sse", sse, method);
    let key = bad.optional("kms-key-id", key, kms_key);
    if key.is_some() && !matches!(method, Some(Method::Kms | Method::KmsTwice)) {
        bad.add("kms-key-id", "is used with `sse: aws:kms` or `sse: aws:kms:dsse` only", None);
        return Err(Bad);
    }
    Ok(method.map(|method| Encryption { method, key }))
}

/// What an input says cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bad;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_s3_does_not_know_is_refused() {
        assert_eq!(storage_class("intelligent_tiering").unwrap(), "INTELLIGENT_TIERING");
        assert!(storage_class("GLACIER").is_err() && storage_class("").is_err());
        assert!(acl("public-read").is_ok() && acl("public").is_err());
        assert_eq!(method("aws:kms:dsse"), Ok(Method::KmsTwice));
        assert!(method("kms").is_err() && method("aes256").is_err());
    }

    #[test]
    fn a_key_has_an_id_an_arn_or_an_alias() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        for text in [id, &format!("arn:aws:kms:eu-west-1:123456789012:key/{id}"), "alias/site", "mrk-1234abcd"] {
            assert_eq!(kms_key(text).as_deref(), Ok(text));
        }
        for text in ["", "a b", "arn:aws:s3:::x", "alias:x", "k*"] {
            assert!(kms_key(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_needs_kms() {
        let parsed = |sse, key| encryption(sse, key, &mut InputErrors::new());
        let key = Some("alias/site");
        assert_eq!((parsed(None, key), parsed(Some("AES256"), key)), (Err(Bad), Err(Bad)));
        assert_eq!(parsed(None, None), Ok(None));
        assert_eq!(parsed(Some("aws:kms"), None).unwrap().unwrap().key, None);
        assert_eq!(parsed(Some("aws:kms:dsse"), key).unwrap().unwrap().key.as_deref(), key);
    }
}
