//! MD5 of a file's content: what S3 answers as `ETag` for an object that was put in one part and without KMS.
//!
//! It tells versions of one's own files apart and protects a transfer; it is not a defense against an attacker.

use std::fmt;
use std::io::Read;
use std::path::Path;

use md5::{Digest as _, Md5};
use serde::{Serialize, Serializer};

use crate::content_type::Looks;

/// The size of one read.
pub(crate) const BUFFER: usize = 256 * 1024;

/// An MD5 sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Md5Sum([u8; 16]);

impl Md5Sum {
    /// The sum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Md5::digest(bytes).into())
    }

    /// Parses 32 hex digits; `None` for anything else, such as the `ETag` of a multipart upload.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut sum = [0; 16];
        for (byte, pair) in sum.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(sum))
    }

    /// The sum as the header `Content-MD5` carries it.
    pub fn base64(self) -> String {
        aws_smithy_types::base64::encode(self.0)
    }
}

impl fmt::Display for Md5Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Md5Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What reading a file once tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) size: u64,
    pub(crate) md5: Md5Sum,
    pub(crate) looks: Looks,
}

/// Reads the file once, from start to end, a `buffer` of [`BUFFER`] bytes at a time.
pub(crate) fn read(path: &Path, buffer: &mut [u8]) -> std::io::Result<Content> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Md5::new();
    let mut size = 0;
    let mut looks = Looks::default();
    loop {
        let length = match file.read(buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if size == 0 {
            looks = Looks::of(&buffer[..length]);
        }
        hasher.update(&buffer[..length]);
        size += length as u64;
    }
    Ok(Content { size, md5: Md5Sum(hasher.finalize().into()), looks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_prints_and_parses() {
        let sum = Md5Sum::of(b"hello");
        assert_eq!(sum.to_string(), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(sum.base64(), "XUFAKrxLKna5cZ2REBfFkg==");
        assert_eq!(Md5Sum::parse("5D41402ABC4B2A76B9719D911017C592"), Some(sum));
        assert_eq!(Md5Sum::parse("5d41402abc4b2a76b9719d911017c592-3"), None);
    }

    #[test]
    fn a_file_is_read_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes: Vec<u8> = (0..BUFFER * 2 + 17).map(|n| u8::try_from(n % 251).unwrap()).collect();
        std::fs::write(file.path(), &bytes).unwrap();
        let content = read(file.path(), &mut vec![0; BUFFER]).unwrap();
        assert_eq!((content.size, content.md5), (bytes.len() as u64, Md5Sum::of(&bytes)));
    }
}
