//! What S3 calls a version of an object.

use std::fmt;

use crate::digest::Md5Sum;

/// An `ETag` without quotes: most are an MD5, and there may be a million of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ETag {
    /// One that could be an MD5, in lower-case digits.
    Md5(Md5Sum),
    /// Any other.
    Other(Box<str>),
}

impl ETag {
    /// The sum of the content, if this is one.
    pub fn md5(&self) -> Option<Md5Sum> {
        match self {
            Self::Md5(sum) => Some(*sum),
            Self::Other(text) => Md5Sum::parse(text),
        }
    }
}

impl Default for ETag {
    fn default() -> Self {
        Self::Other("".into())
    }
}

impl From<&str> for ETag {
    fn from(text: &str) -> Self {
        let is_upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
        match Md5Sum::parse(text).filter(|_| !is_upper) {
            Some(sum) => Self::Md5(sum),
            None => Self::Other(text.into()),
        }
    }
}

impl From<String> for ETag {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Md5(sum) => sum.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_stays_what_it_is() {
        let hello = "5d41402abc4b2a76b9719d911017c592";
        for (text, sum) in [
            (hello, Some(Md5Sum::of(b"hello"))),
            (&hello.to_uppercase(), Some(Md5Sum::of(b"hello"))),
            ("5d41402abc4b2a76b9719d911017c592-3", None),
            ("", None),
        ] {
            let etag = ETag::from(text);
            assert_eq!((etag.to_string().as_str(), etag.md5()), (text, sum));
        }
        assert_eq!(ETag::default(), ETag::from(""));
        assert_eq!(size_of::<ETag>(), 24);
    }
}
