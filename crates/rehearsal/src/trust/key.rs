//! The values that a request has for the keys of conditions.

use super::{Bearer, texts};

/// The claims that STS makes condition keys of, for GitHub's provider
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>). A condition about
/// any other claim meets a key that is missing.
const CLAIMS: [&str; 12] = [
    "aud",
    "sub",
    "amr",
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "workflow",
];

/// Claims that are missing from many tokens of GitHub, and so from ours when they are.
const OPTIONAL: [&str; 2] = ["amr", "environment"];

/// What a request has for a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// These values.
    Has(Vec<String>),
    /// Nothing.
    Missing,
    /// Something that is not known here.
    Unknown,
}

/// Looks a key up. Keys know no case
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>).
pub(super) fn find(key: &str, bearer: &Bearer<'_>) -> Key {
    let key = key.to_ascii_lowercase();
    if key == "sts:rolesessionname" {
        return Key::Has(vec![bearer.session.to_owned()]);
    }
    match claim(&key, bearer) {
        Some(claim) if !CLAIMS.contains(&claim) => Key::Missing,
        Some(claim) => match texts(&bearer.claims[claim]) {
            found if !found.is_empty() => Key::Has(found),
            _ if OPTIONAL.contains(&claim) => Key::Missing,
            _ => Key::Unknown,
        },
        // Keys of other providers are in no request with this one's token; those of services and the global ones may be.
        None if key.split(':').next().is_some_and(|prefix| prefix.contains('.')) => Key::Missing,
        None => Key::Unknown,
    }
}

/// The claim that a key of the token's provider is about.
pub(super) fn claim<'a>(key: &'a str, bearer: &Bearer<'_>) -> Option<&'a str> {
    let (provider, claim) = key.rsplit_once(':')?;
    provider.eq_ignore_ascii_case(bearer.issuer()).then_some(claim)
}
