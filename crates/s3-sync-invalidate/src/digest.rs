//! The sum of a file's content: its MD5, which S3 answers as `ETag` for an object that was put in one part and without KMS. A file
//! that goes in parts has no such `ETag`; it has a sum that takes a tenth of the time, and that S3 checks for the whole object.
//!
//! It tells versions of one's own files apart and protects a transfer; it is not a defense against an attacker.

use std::borrow::Cow;
use std::fmt;

use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An MD5 sum; that of a large file is [`Md5Sum::of_large`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Md5Sum([u8; md5_lanes::LENGTH]);

impl Md5Sum {
    /// The sum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Md5::digest(bytes).into())
    }

    /// What a file that goes in parts has for an MD5: its other sum and its size.
    pub fn of_large(crc64: Crc64, size: u64) -> Self {
        let mut sum = [0; md5_lanes::LENGTH];
        sum[..8].copy_from_slice(&crc64.0.to_be_bytes());
        sum[8..].copy_from_slice(&size.to_be_bytes());
        Self(sum)
    }

    /// Whether it can be what [`Md5Sum::of_large`] makes of a file of `size` bytes; an MD5 is that by chance only.
    pub(crate) fn is_of_large(self, size: u64) -> bool {
        self.0[8..] == size.to_be_bytes()
    }

    /// Parses 32 hex digits; `None` for anything else, such as the `ETag` of a multipart upload.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (pairs, rest) = text.as_bytes().as_chunks();
        let mut sum = [0; 16];
        if pairs.len() != sum.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in sum.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(sum))
    }

    /// The sum as the header `Content-MD5` carries it.
    pub fn base64(self) -> String {
        aws_smithy_types::base64::encode(self.0)
    }
}

impl Md5Sum {
    /// The sum's bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl From<[u8; md5_lanes::LENGTH]> for Md5Sum {
    fn from(bytes: [u8; md5_lanes::LENGTH]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Md5Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 2 * md5_lanes::LENGTH];
        for ([high, low], byte) in text.as_chunks_mut().0.iter_mut().zip(self.0) {
            (*high, *low) = (DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xf)]);
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl Serialize for Md5Sum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Md5Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an MD5 of 32 hex digits"))
    }
}

/// A sum of CRC64NVME, which S3 keeps of a large object as a whole, and which parts' sums can be joined to.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crc64(u64);

impl From<u64> for Crc64 {
    fn from(sum: u64) -> Self {
        Self(sum)
    }
}

impl Crc64 {
    /// The sum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes))
    }

    /// The sum of what this is the sum of and `length` bytes behind it, whose sum is `next`.
    #[must_use]
    pub fn followed_by(self, next: Self, length: u64) -> Self {
        Self(crc_fast::checksum_combine(CrcAlgorithm::Crc64Nvme, self.0, next.0, length))
    }

    /// The sum as headers carry it.
    pub fn base64(self) -> String {
        aws_smithy_types::base64::encode(self.0.to_be_bytes())
    }
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
    fn the_other_sum_is_the_one_that_s3_computes() {
        // The check value of CRC-64/NVME: <https://reveng.sourceforge.io/crc-catalogue/all.htm>.
        assert_eq!(Crc64::of(b"123456789"), Crc64(0xae8b_1486_0a79_9888));
        assert_eq!(Crc64::of(b"1234").followed_by(Crc64::of(b"56789"), 5), Crc64::of(b"123456789"));
        assert_eq!(Crc64::default(), Crc64::of(b""));
    }
}
