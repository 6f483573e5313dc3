//! What a plan is known by: the digest of what it does, the sum of its binary file, and the commit it is compared with.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How much of a sum a reader sees; the outputs have all of it.
const SHORT: usize = 12;

/// What a plan is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Provenance {
    /// The digest of what the plan does ([`crate::canonical`]); empty where there is no plan.
    #[serde(default)]
    pub(crate) digest: String,
    /// The SHA-256 of the binary plan, where it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan_sha256: Option<String>,
    /// The commit at the tip of the branch that the pull request goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<String>,
}

impl Provenance {
    /// What stands in the small print: a word, and a short hexadecimal text.
    pub(crate) fn small_print(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let sums = [("digest", Some(&self.digest)), ("plan file", self.plan_sha256.as_ref())];
        let sums =
            sums.into_iter().filter_map(|(word, sum)| Some((word, short(sum.filter(|sum| !sum.is_empty())?, SHORT))));
        sums.chain(self.base.as_deref().map(|base| ("base", short(base, 8))))
    }
}

/// The beginning of a sum or a commit.
pub(crate) fn short(sum: &str, length: usize) -> &str {
    sum.get(..length).unwrap_or(sum)
}

/// The SHA-256 of `bytes` in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// `bytes` in hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| format!("{text}{byte:02x}"))
}

/// A SHA-256 as it is typed: 64 hexadecimal digits, with or without `sha256:`.
pub(crate) fn parse_sha256(text: &str) -> Result<String, &'static str> {
    let digits = text.trim().strip_prefix("sha256:").unwrap_or(text.trim()).to_ascii_lowercase();
    let is_whole = digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit());
    if is_whole {
        Ok(digits)
    } else {
        Err("not a SHA-256; give all of its 64 hexadecimal digits, as the outputs have them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_typed_whole_in_any_case_with_or_without_its_kind() {
        let sum = sha256(b"abc");
        assert_eq!(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(parse_sha256(&format!(" sha256:{}\n", sum.to_uppercase())).as_ref(), Ok(&sum));
        for bad in ["", "ba7816bf8f01", &sum[1..], &format!("{sum}0"), &"g".repeat(64)] {
            assert!(parse_sha256(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_small_print_has_what_is_known() {
        let digest = "d".repeat(64);
        let alone = Provenance { digest: digest.clone(), ..Provenance::default() };
        assert_eq!(alone.small_print().collect::<Vec<_>>(), [("digest", "dddddddddddd")]);
        let all = Provenance { digest, plan_sha256: Some("e".repeat(64)), base: Some("abc".to_owned()) };
        let expected = [("digest", "dddddddddddd"), ("plan file", "eeeeeeeeeeee"), ("base", "abc")];
        assert_eq!(all.small_print().collect::<Vec<_>>(), expected);
    }
}
