//! Repository names.

use std::fmt;

use crate::ParseError;
use crate::text::checked_text;

/// The longest name `distribution/reference` takes.
const LONGEST: usize = 255;

/// A repository's name in a registry: path components of lower-case letters and digits, `slipway/backend`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryName(String);

impl RepositoryName {
    /// Parses a name without registry, tag and digest.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() <= LONGEST && text.split('/').all(is_component) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseError::Repository)
        }
    }

    /// The name of Docker Hub's official image of this name, `library/<name>`.
    pub(crate) fn official(&self) -> Self {
        Self(format!("library/{}", self.0))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_component(text: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends_well = bytes.first().is_some_and(alphanumeric) && bytes.last().is_some_and(alphanumeric);
    ends_well
        && text
            .split(|character: char| character.is_ascii_lowercase() || character.is_ascii_digit())
            .all(|separator| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-'))
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for RepositoryName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

checked_text!(RepositoryName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_distribution_takes() {
        for good in ["shop", "slipway/backend", "a.b_c__d---e/f", "0"] {
            assert_eq!(RepositoryName::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn refuses_paths_upper_case_and_doubled_separators() {
        for bad in
            ["", "/", "a/", "/a", "a//b", "../a", "a/../b", "Shop", "a..b", "a___b", "a._b", "-a", "a-", "a b", "a:b"]
        {
            assert_eq!(RepositoryName::parse(bad), Err(ParseError::Repository), "{bad:?}");
        }
        assert!(RepositoryName::parse(&"a".repeat(255)).is_ok());
        assert!(RepositoryName::parse(&"a".repeat(256)).is_err());
    }
}
