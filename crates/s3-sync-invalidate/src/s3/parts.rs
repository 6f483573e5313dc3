//! How a large file is cut, and what is said of its parts. Pure.

use std::fmt::Write as _;

use aws_client::call::xml::{Element, Odd, escape};

use crate::digest::Crc64;

/// Files from this size on go in parts.
pub(crate) const FROM: u64 = 16 * MIB;

/// The largest object (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>).
pub(crate) const LARGEST: u64 = 5 * 1024 * 1024 * MIB;

const MIB: u64 = 1024 * 1024;

/// The usual size of a part.
const PART: u64 = 8 * MIB;

/// The most parts of an object.
const PARTS: u64 = 10_000;

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// From 1 on.
    pub(crate) number: u32,
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// What S3 has of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) piece: Piece,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) crc: Crc64,
}

/// The pieces of a file of `size` bytes, in order.
pub(crate) fn pieces(size: u64) -> impl ExactSizeIterator<Item = Piece> {
    let length = size.div_ceil(PARTS).next_multiple_of(MIB).max(PART);
    let count = u32::try_from(size.div_ceil(length)).unwrap_or(u32::MAX);
    (0..count).map(move |index| {
        let start = u64::from(index) * length;
        Piece { number: index + 1, start, length: length.min(size - start) }
    })
}

/// The sum of the whole file by those of its parts, which are in order.
pub(crate) fn whole(parts: &[Part]) -> Crc64 {
    parts.iter().fold(Crc64::default(), |sum, part| sum.followed_by(part.crc, part.piece.length))
}

/// The body of `CompleteMultipartUpload` (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>).
pub(crate) fn list(parts: &[Part], knows_sums: bool) -> String {
    let mut xml = String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for Part { piece, etag, crc } in parts {
        let sum =
            if knows_sums { format!("<ChecksumCRC64NVME>{}</ChecksumCRC64NVME>", crc.base64()) } else { String::new() };
        // Writing to a string does not fail.
        let _ = write!(
            xml,
            "<Part><ETag>&quot;{}&quot;</ETag>{sum}<PartNumber>{}</PartNumber></Part>",
            escape(etag),
            piece.number
        );
    }
    xml + "</CompleteMultipartUpload>"
}

/// The id in the answer to `CreateMultipartUpload`.
pub(crate) fn id(answer: &[u8]) -> Result<String, String> {
    let root = Element::parse(answer)?;
    let read = || -> Result<String, Odd> { Ok(root.child("UploadId")?.text()?.to_owned()) };
    read().map_err(|odd| odd.to_string())
}

/// The `ETag`, without quotes, in the answer to `CompleteMultipartUpload` or `CopyObject`.
pub(crate) fn etag_of(answer: &[u8]) -> Option<String> {
    let root = Element::parse(answer.trim_ascii()).ok()?;
    named(root.child("ETag").and_then(Element::text).ok())
}

/// What an `ETag` says, without quotes; none of one that says nothing.
pub(crate) fn named(etag: Option<&str>) -> Option<String> {
    etag.map(|etag| etag.trim_matches('"').to_owned()).filter(|etag| !etag.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::digest::Md5Sum;

    fn parts(content: &[u8], length: usize) -> Vec<Part> {
        let part = |(index, bytes): (usize, &[u8])| Part {
            piece: Piece {
                number: u32::try_from(index).unwrap() + 1,
                start: (index * length) as u64,
                length: bytes.len() as u64,
            },
            etag: Md5Sum::of(bytes).to_string(),
            crc: Crc64::of(bytes),
        };
        content.chunks(length).enumerate().map(part).collect()
    }

    #[test]
    fn the_largest_file_fits() {
        for (size, count, first) in
            [(FROM, 2, PART), (80_000 * MIB, 10_000, PART), (LARGEST, 9_987, 525 * MIB), (FROM + 1, 3, PART)]
        {
            let found: Vec<Piece> = pieces(size).collect();
            assert_eq!((found.len(), found[0].length), (count, first), "{size}");
        }
    }

    #[test]
    fn the_list_names_each_part() {
        let xml = list(&parts(b"ab", 1), true);
        let root = Element::parse(xml.as_bytes()).unwrap();
        let found = root.named("CompleteMultipartUpload").unwrap().list("Part").unwrap();
        let text = |part: usize, name| found[part].child(name).unwrap().text().unwrap().to_owned();
        assert_eq!((text(0, "PartNumber"), text(1, "PartNumber")), ("1".into(), "2".into()));
        assert_eq!(text(1, "ETag"), format!("\"{}\"", Md5Sum::of(b"b")));
        assert_eq!(text(0, "ChecksumCRC64NVME"), Crc64::of(b"a").base64());
        assert!(!list(&parts(b"ab", 1), false).contains("Checksum"));
    }

    #[test]
    fn answers_are_read() {
        let created = b"<R xmlns='x'><Bucket>b</Bucket><UploadId>a/b=</UploadId></R>";
        assert_eq!(id(created), Ok("a/b=".to_owned()));
        assert_eq!(id(b"<R/>"), Err("the answer is odd: `R` has no `UploadId`".to_owned()));
        assert_eq!(etag_of(b" \n<R><ETag>&quot;abc-2&quot;</ETag></R>").as_deref(), Some("abc-2"));
        for odd in ["", "<R><ETag>", "<R/>", "<R><ETag/></R>", "<R><ETag>&quot;&quot;</ETag></R>", "ok"] {
            assert_eq!(etag_of(odd.as_bytes()), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn pieces_cover_a_file_once_and_in_order(size in 1u64..=LARGEST) {
            let mut end = 0;
            let mut number = 0;
            for piece in pieces(size) {
                number += 1;
                prop_assert_eq!((piece.start, piece.number), (end, number));
                prop_assert!(piece.length > 0);
                end += piece.length;
            }
            prop_assert_eq!(end, size);
            prop_assert!(u64::from(number) <= PARTS);
        }

        #[test]
        fn the_sum_of_the_parts_is_that_of_the_whole(content in prop::collection::vec(any::<u8>(), 0..500), length in 1usize..200) {
            prop_assert_eq!(whole(&parts(&content, length)), Crc64::of(&content));
        }
    }
}
