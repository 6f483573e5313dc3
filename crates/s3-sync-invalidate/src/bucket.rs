//! Names in S3 and CloudFront: bucket, prefix, distribution id.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How the names of directory buckets end
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html>).
const DIRECTORY_BUCKET: &str = "--x-s3";

/// The name of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketName(String);

impl BucketName {
    /// Parses a general purpose bucket's name
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.contains("://") || text.contains('/') {
            return Err("write the bare name, and a folder inside the bucket as `prefix`".to_owned());
        }
        if text.ends_with(DIRECTORY_BUCKET) {
            return Err("a directory bucket, which is another kind of thing; name a general purpose bucket".to_owned());
        }
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
        let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let good = (3..=63).contains(&text.len())
            && text.bytes().all(allowed)
            && ends(text.bytes().next())
            && ends(text.bytes().last())
            && !text.contains("..");
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err("not a bucket name; use 3 to 63 lower-case letters, digits, dots and hyphens".to_owned())
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// S3's keys have at most 1024 bytes (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).
const LONGEST_PREFIX: usize = 1000;

/// The folder inside a bucket that belongs to the site: empty, or text that ends in a slash.
///
/// The slash is what keeps `site` from touching `site2/`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Prefix(String);

impl Prefix {
    /// Parses a prefix; slashes at both ends are optional.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inner = text.trim_matches('/');
        if inner.is_empty() {
            return Ok(Self::default());
        }
        if inner.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err("empty, `.` and `..` parts are not allowed".to_owned());
        }
        if inner.chars().any(char::is_control) {
            return Err("control characters are not allowed".to_owned());
        }
        if inner.len() > LONGEST_PREFIX {
            return Err(format!("longer than {LONGEST_PREFIX} bytes leaves no room for names: a key has at most 1024"));
        }
        Ok(Self(format!("{inner}/")))
    }

    /// The prefix as keys start with it: empty, or with a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is empty.
    pub fn is_whole_bucket(&self) -> bool {
        self.0.is_empty()
    }

    /// The folder `name` inside it.
    pub(crate) fn within(&self, name: &str) -> Self {
        Self(format!("{}{name}/", self.0))
    }

    /// The key of the file `relative` (with forward slashes).
    pub fn key(&self, relative: &str) -> String {
        format!("{}{relative}", self.0)
    }

    /// The file that `key` belongs to; `None` for a key outside of the prefix.
    pub fn relative<'a>(&self, key: &'a str) -> Option<&'a str> {
        key.strip_prefix(&self.0)
    }
}

/// The id of a CloudFront distribution.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct DistributionId(String);

impl DistributionId {
    /// Parses an id such as `E2QWRUHAPOMQZL`.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.contains(".cloudfront.net") {
            return Err("this is the domain name; write the id, for example E2QWRUHAPOMQZL".to_owned());
        }
        let good = (8..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err("not a distribution id; write for example E2QWRUHAPOMQZL".to_owned())
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DistributionId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Display for DistributionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_always_ends_at_a_slash() {
        for text in ["site", "/site", "site/", "//site//"] {
            assert_eq!(Prefix::parse(text).unwrap().as_str(), "site/");
        }
        assert_eq!(Prefix::parse("/").unwrap().as_str(), "");
        assert_eq!(Prefix::parse("site").unwrap().relative("site2/index.html"), None);
    }

    #[test]
    fn a_prefix_that_leaves_its_folder_is_refused() {
        for text in ["..", "a/../b", "a//b", "./a", "a\nb"] {
            assert!(Prefix::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bucket_is_a_bare_name() {
        for text in ["s3://site", "site/a", "Si", "UPPER-case", "-site", "a..b", "$(touch x)", "site--use1-az4--x-s3"] {
            assert!(BucketName::parse(text).is_err(), "{text}");
        }
        assert_eq!(BucketName::parse("www.example.com").unwrap().as_str(), "www.example.com");
    }

    #[test]
    fn a_distribution_is_named_by_its_id() {
        for text in ["d111111abcdef8.cloudfront.net", "E1", "E2QWRU/../X1"] {
            assert!(DistributionId::parse(text).is_err(), "{text}");
        }
        assert!(DistributionId::parse("E2QWRUHAPOMQZL").is_ok());
    }
}
