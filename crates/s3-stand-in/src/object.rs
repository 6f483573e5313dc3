//! What is kept of an object.

use std::fmt::{Display, Formatter};

use bytes::Bytes;
use md5::{Digest as _, Md5};

/// Bodies up to this size are kept.
const KEPT: usize = 64 * 1024 * 1024;

/// An entity tag: an MD5, of the parts' MD5s where an object came in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) digest: [u8; 16],
    /// How many parts; none for an object that came whole.
    pub(crate) parts: u16,
}

impl Tag {
    /// The tag of a whole object.
    pub(crate) fn of(body: &[u8]) -> Self {
        Self { digest: Md5::digest(body).into(), parts: 0 }
    }

    /// Reads what [`Display`] writes, without a number of parts.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number = u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32)?;
        Some(Self { digest: number.to_be_bytes(), parts: 0 })
    }
}

impl Display for Tag {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.digest))?;
        if self.parts > 0 { write!(f, "-{}", self.parts) } else { Ok(()) }
    }
}

/// An object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) size: u64,
    pub(crate) tag: Tag,
    /// Seconds since 1970.
    pub(crate) modified: i64,
    /// The content, where it is small.
    pub(crate) body: Option<Bytes>,
    /// The lines of its headers, where it came in parts.
    pub(crate) headers: Option<Box<str>>,
}

/// What came with a request.
#[derive(Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) size: u64,
    /// The content, unless it was dropped.
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) md5: Option<[u8; 16]>,
}

impl Sent<'_> {
    /// Its tag: what the client says or what its bytes give. What was dropped without an MD5 has a tag of 32 digits that is none,
    /// as under a KMS key.
    pub(crate) fn tag(&self) -> Tag {
        match (self.md5, self.body) {
            (Some(digest), _) => Tag { digest, parts: 0 },
            (None, Some(body)) => Tag::of(body),
            (None, None) => Tag::of(&self.size.to_be_bytes()),
        }
    }

    pub(crate) fn object(&self) -> Object {
        let body = self.body.filter(|body| body.len() <= KEPT).map(Bytes::copy_from_slice);
        Object { size: self.size, tag: self.tag(), modified: now(), body, headers: None }
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A time as listings tell it.
pub(crate) fn rfc3339(second: i64) -> String {
    jiff::Timestamp::from_second(second)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())
        .unwrap_or_default()
}

/// A time as headers tell it.
pub(crate) fn rfc7231(second: i64) -> String {
    let time = jiff::Timestamp::from_second(second);
    time.map(|time| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Sent, Tag, rfc3339, rfc7231};

    #[test]
    fn tags_are_what_s3_shows() {
        let empty = Tag::of(b"");
        assert_eq!(empty.to_string(), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(Tag { parts: 3, ..empty }.to_string(), "d41d8cd98f00b204e9800998ecf8427e-3");
        assert_eq!((Tag::parse(&empty.to_string()), Tag::parse("d41d")), (Some(empty), None));
    }

    #[test]
    fn what_the_client_says_of_its_body_is_believed() {
        let sent = Sent { size: 3, body: Some(b"abc"), md5: Some([7; 16]) };
        assert_eq!(sent.object().tag.digest, [7; 16]);
        assert_eq!(Sent { md5: None, ..sent }.object().tag, Tag::of(b"abc"));
    }

    #[test]
    fn times() {
        assert_eq!(rfc3339(1_700_000_000), "2023-11-14T22:13:20.000Z");
        assert_eq!(rfc7231(1_700_000_000), "Tue, 14 Nov 2023 22:13:20 GMT");
    }
}
