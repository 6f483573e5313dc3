//! The platform an image runs on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ParsePlatformError;

/// An operating system and a processor, `linux/arm64/v8`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// The processor, as Go names it: `amd64`, `arm64`.
    pub architecture: String,
    /// The operating system, as Go names it: `linux`.
    pub os: String,
    /// The processor's variant, `v8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl Platform {
    /// Parses `os/architecture` or `os/architecture/variant`.
    pub fn parse(text: &str) -> Result<Self, ParsePlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let valid = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
        };
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (*os, *architecture, None),
            [os, architecture, variant] => (*os, *architecture, Some(*variant)),
            _ => return Err(ParsePlatformError { text: text.to_owned() }),
        };
        if !parts.iter().all(|part| valid(part)) {
            return Err(ParsePlatformError { text: text.to_owned() });
        }
        Ok(Self { os: os.to_owned(), architecture: architecture.to_owned(), variant: variant.map(str::to_owned) })
    }

    /// Whether an image for this platform serves who wants `wanted`. A variant that either side leaves out fits any;
    /// `arm64` is `arm64/v8`.
    pub fn fits(&self, wanted: &Self) -> bool {
        let variant_fits = match (&self.variant, &wanted.variant) {
            (Some(own), Some(wanted)) => own == wanted,
            (None, _) | (_, None) => true,
        };
        self.os == wanted.os && self.architecture == wanted.architecture && variant_fits
    }

    /// Whether what is made for this platform runs on `other`: a processor runs what is for an older variant of it, `arm/v6` on
    /// `arm/v7`.
    pub fn runs_on(&self, other: &Self) -> bool {
        let number = |platform: &Self| platform.variant.as_deref()?.strip_prefix('v')?.parse::<u32>().ok();
        let is_older = matches!((number(self), number(other)), (Some(own), Some(other)) if own <= other);
        self.fits(other) || (self.os == other.os && self.architecture == other.architecture && is_older)
    }

    /// Whether this is the marker of an attestation, which is no image (`unknown/unknown`).
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" || self.architecture == "unknown"
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_it_prints() {
        for text in ["linux/amd64", "linux/arm/v7"] {
            assert_eq!(Platform::parse(text).unwrap().to_string(), text);
        }
        for text in ["linux", "linux/", "a/b/c/d", "linux/AMD64", "linux/amd64\n"] {
            assert!(Platform::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_variant_matters_only_where_both_name_one() {
        let platform = |text| Platform::parse(text).unwrap();
        assert!(platform("linux/arm64/v8").fits(&platform("linux/arm64")));
        assert!(!platform("linux/arm/v6").fits(&platform("linux/arm/v7")));
        assert!(!platform("linux/amd64").fits(&platform("linux/arm64")));
    }

    #[test]
    fn an_older_variant_runs_on_a_newer_one() {
        let runs = |own: &str, on: &str| Platform::parse(own).unwrap().runs_on(&Platform::parse(on).unwrap());
        assert!(
            runs("linux/arm/v6", "linux/arm/v7")
                && runs("linux/arm", "linux/arm/v7")
                && runs("linux/amd64", "linux/amd64")
        );
        assert!(
            !runs("linux/arm/v7", "linux/arm/v6")
                && !runs("linux/arm/v6", "linux/arm64")
                && !runs("linux/arm/v7", "linux/arm/x")
        );
    }
}
