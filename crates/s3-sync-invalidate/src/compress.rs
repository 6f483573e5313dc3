//! Files that are stored compressed: which, and as what bytes.
//!
//! Only gzip, because what is stored compressed under a file's own name goes to every client as it is: CloudFront passes an
//! encoded object on and makes no other variant of it
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html>).

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

use crate::apply::parts;
use crate::encoding::{is_text_like, plain_name};
use crate::headers::Headers;

/// Below this many bytes there is nothing to win.
const LEAST: u64 = 1024;

/// Larger files stay as they are: the others are held in memory while they are compressed, and go in one part.
const MOST: u64 = parts::FROM - 1;

/// What a compressed file may take of the plain one to be worth it, in percent.
const WORTH: u64 = 95;

/// What the operating system is called in gzip's header, so that every machine makes the same bytes.
const ANY_SYSTEM: u8 = 255;

/// What is stored compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compress {
    /// Nothing.
    #[default]
    None,
    /// Files, under their own names.
    Gzip,
    /// Copies beside the files, with `.gz` at the end.
    GzipSiblings,
}

impl Compress {
    /// Parses `none`, `gzip` or `gzip-siblings`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "gzip" => Ok(Self::Gzip),
            "gzip-siblings" => Ok(Self::GzipSiblings),
            "br" | "brotli" | "br-siblings" => {
                Err("Brotli is not written here; let the build write `.br` files".to_owned())
            }
            _ => Err("not `none`, `gzip` or `gzip-siblings`".to_owned()),
        }
    }

    /// Whether the file that is stored at `path` is worth a try; `headers` are those it has without compression.
    pub(crate) fn tries(self, path: &str, size: u64, headers: &Headers) -> bool {
        let kind = &headers.content_type;
        let is_text = is_text_like(kind) && !kind.starts_with("font/woff");
        let is_plain = headers.content_encoding.is_none() && headers.redirect.is_none();
        let fits = match self {
            Self::None => false,
            Self::Gzip => true,
            // A copy is told from a download by what it is a copy of.
            Self::GzipSiblings => plain_name(&sibling(path)).is_some(),
        };
        fits && is_text && is_plain && (LEAST..=MOST).contains(&size)
    }
}

/// Where the compressed copy of the file at `path` is stored.
pub(crate) fn sibling(path: &str) -> String {
    format!("{path}.gz")
}

/// Whether the compressed bytes are worth it.
pub(crate) fn is_worth(plain: u64, compressed: u64) -> bool {
    compressed.saturating_mul(100) <= plain.saturating_mul(WORTH)
}

/// The same bytes for the same content, on every machine and at any time.
pub(crate) fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let space = Vec::with_capacity(content.len() / 3);
    let mut encoder = GzBuilder::new().mtime(0).operating_system(ANY_SYSTEM).write(space, Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;
    use crate::digest::Md5Sum;

    #[track_caller]
    fn check(how: Compress, path: &str, size: u64, content_type: &str, expect: bool) {
        assert_eq!(how.tries(path, size, &Headers::new(content_type, "")), expect, "{how:?} {path} {size}");
    }

    #[test]
    fn text_of_some_size_is_tried() {
        for (path, size, kind, expect) in [
            ("a.js", 1023, "text/javascript", false),
            ("a.js", 1024, "text/javascript; charset=utf-8", true),
            ("a.js", MOST, "text/javascript", true),
            ("a.js", MOST + 1, "text/javascript", false),
            ("a.svg", 2000, "image/svg+xml", true),
            ("a.wasm", 2000, "application/wasm", true),
            ("a.json", 2000, "application/json", true),
            ("a.ttf", 2000, "font/ttf", true),
            ("a.woff2", 2000, "font/woff2", false),
            ("a.png", 2000, "image/png", false),
            ("a.bin", 2000, "application/octet-stream", false),
        ] {
            check(Compress::Gzip, path, size, kind, expect);
            check(Compress::GzipSiblings, path, size, kind, expect);
            check(Compress::None, path, size, kind, false);
        }
        check(Compress::Gzip, "a.csv", 2000, "text/csv", true);
        check(Compress::GzipSiblings, "a.csv", 2000, "text/csv", false);
        let encoded = Headers { content_encoding: Some("br".to_owned()), ..Headers::new("text/css", "") };
        assert!(!Compress::Gzip.tries("a.css", 2000, &encoded));
    }

    #[test]
    fn five_percent_are_worth_it() {
        assert!(is_worth(1000, 950) && !is_worth(1000, 951) && is_worth(u64::MAX, 1));
    }

    #[test]
    fn the_bytes_are_the_same_in_every_version() {
        // When this changes, every compressed object is uploaded again, and what the manifest knows must not be believed.
        let text = "Slipway publishes a built site. ".repeat(64);
        let packed = gzip(text.as_bytes()).unwrap();
        assert_eq!(packed[..10], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255]);
        assert_eq!(Md5Sum::of(&packed).to_string(), "10ad674ded6bcddc99344ae8f1a34aab");
    }

    proptest! {
        #[test]
        fn what_is_compressed_is_the_content(content in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let packed = gzip(&content).unwrap();
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
            prop_assert_eq!(unpacked, content);
        }
    }
}
