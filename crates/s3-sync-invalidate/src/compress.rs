//! Files that are stored compressed: which, and as what bytes.
//!
//! What is stored compressed under a file's own name goes to every client as it is: CloudFront passes an encoded object on and makes
//! no other variant of it
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html>).

use std::io::Write as _;

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, GzBuilder};

use crate::digest::Md5Sum;
use crate::encoding::{Encoding, is_text_like, plain_name};
use crate::headers::Headers;
use crate::s3::parts;

/// Below this many bytes there is nothing to win.
const LEAST: u64 = 1024;

/// Larger files stay as they are: the others are held in memory while they are compressed, and go in one part.
const MOST: u64 = parts::FROM - 1;

/// What a compressed file may take of the plain one to be worth it, in percent.
const WORTH: u64 = 95;

/// What the operating system is called in gzip's header, so that every machine makes the same bytes.
const ANY_SYSTEM: u8 = 255;

/// Up to this many bytes Brotli does its best, which takes about a second for so many.
const BEST_UP_TO: usize = 512 * 1024;

/// Brotli's qualities: the best, and one that is ten times faster for a tenth more bytes.
const QUALITIES: (i32, i32) = (11, 9);

/// The base-two logarithm of the window that every client of Brotli over HTTP must read
/// (<https://www.rfc-editor.org/rfc/rfc7932#section-9.1>).
const WINDOW: i32 = 22;

/// How files are compressed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// gzip.
    Gzip,
    /// Brotli.
    Brotli,
}

impl Coding {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// What a client is told.
    pub(crate) fn encoding(self) -> Encoding {
        match self {
            Self::Gzip => Encoding::Gzip,
            Self::Brotli => Encoding::Brotli,
        }
    }

    /// Where the compressed copy of the file at `path` is stored.
    pub(crate) fn sibling(self, path: &str) -> String {
        format!("{path}{}", self.encoding().end())
    }

    /// The same bytes for the same content, on every machine and at any time.
    pub(crate) fn pack(self, content: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Gzip => gzip(content),
            Self::Brotli => brotli(content),
        }
    }
}

/// The file that something was compressed from, or would have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain {
    /// The sum of its content.
    pub md5: Md5Sum,
    /// What was tried.
    pub coding: Coding,
}

impl Plain {
    /// How content with the sum `stored` is compressed; `None` for the file itself.
    pub(crate) fn packing(self, stored: Md5Sum) -> Option<Coding> {
        (self.md5 != stored).then_some(self.coding)
    }
}

/// What is stored compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compress {
    /// Nothing.
    #[default]
    None,
    /// Files, under their own names.
    InPlace(Coding),
    /// Copies beside the files, one of each coding; what the first is not worth for is not tried with the next.
    Siblings(&'static [Coding]),
}

impl Compress {
    /// Parses `none`, `gzip`, `brotli`, `gzip-siblings`, `brotli-siblings`, or both of these.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut words: Vec<&str> =
            text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        words.dedup();
        match words[..] {
            ["none"] => Ok(Self::None),
            ["gzip"] => Ok(Self::InPlace(Coding::Gzip)),
            ["brotli"] => Ok(Self::InPlace(Coding::Brotli)),
            ["gzip-siblings"] => Ok(Self::Siblings(&[Coding::Gzip])),
            ["brotli-siblings"] => Ok(Self::Siblings(&[Coding::Brotli])),
            ["brotli-siblings", "gzip-siblings"] => Ok(Self::Siblings(&Coding::ALL)),
            _ => {
                Err("not `none`, `gzip`, `brotli`, `gzip-siblings`, `brotli-siblings`, or both of the last two"
                    .to_owned())
            }
        }
    }

    /// What files are compressed with, in the order in which it is tried.
    pub(crate) fn codings(self) -> &'static [Coding] {
        match self {
            Self::None => &[],
            Self::InPlace(Coding::Gzip) => &[Coding::Gzip],
            Self::InPlace(Coding::Brotli) => &[Coding::Brotli],
            Self::Siblings(codings) => codings,
        }
    }

    /// Whether copies are stored beside the files.
    pub(crate) fn has_siblings(self) -> bool {
        matches!(self, Self::Siblings(_))
    }

    /// Whether the file that is stored at `path` is worth a try with `coding`; `headers` are those it has without compression.
    pub(crate) fn tries(self, coding: Coding, path: &str, size: u64, headers: &Headers) -> bool {
        let kind = &headers.content_type;
        let is_text = is_text_like(kind) && !kind.starts_with("font/woff");
        // A copy is told from a download by what it is a copy of.
        let fits = !self.has_siblings() || plain_name(&coding.sibling(path)).is_some();
        fits && is_text && size >= LEAST && can_pack(size, headers)
    }
}

/// Whether a file of so many bytes can be compressed; `headers` are those it has without compression.
pub(crate) fn can_pack(size: u64, headers: &Headers) -> bool {
    headers.content_encoding.is_none() && headers.redirect.is_none() && size <= MOST
}

/// Whether the compressed bytes are worth it.
pub(crate) fn is_worth(plain: u64, compressed: u64) -> bool {
    compressed.saturating_mul(100) <= plain.saturating_mul(WORTH)
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let space = Vec::with_capacity(content.len() / 3);
    let mut encoder = GzBuilder::new().mtime(0).operating_system(ANY_SYSTEM).write(space, Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn brotli(mut content: &[u8]) -> std::io::Result<Vec<u8>> {
    let (best, fast) = QUALITIES;
    let quality = if content.len() <= BEST_UP_TO { best } else { fast };
    let how =
        BrotliEncoderParams { quality, lgwin: WINDOW, size_hint: content.len(), ..BrotliEncoderParams::default() };
    let mut packed = Vec::with_capacity(content.len() / 3);
    brotli::BrotliCompress(&mut content, &mut packed, &how)?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(how: Compress, path: &str, size: u64, content_type: &str, expect: bool) {
        let tried = how.codings().iter().map(|coding| how.tries(*coding, path, size, &Headers::new(content_type, "")));
        assert_eq!(tried.collect::<Vec<_>>(), vec![expect; how.codings().len()], "{how:?} {path} {size}");
    }

    const GZIP: Compress = Compress::InPlace(Coding::Gzip);
    const SIBLINGS: Compress = Compress::Siblings(&Coding::ALL);

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
            check(GZIP, path, size, kind, expect);
            check(SIBLINGS, path, size, kind, expect);
        }
        check(GZIP, "a.csv", 2000, "text/csv", true);
        check(SIBLINGS, "a.csv", 2000, "text/csv", false);
        let encoded = Headers { content_encoding: Some("br".to_owned()), ..Headers::new("text/css", "") };
        assert!(!GZIP.tries(Coding::Gzip, "a.css", 2000, &encoded));
    }

    #[test]
    fn what_is_compressed_is_named() {
        for (text, expect) in [
            ("none", Some(Compress::None)),
            ("brotli", Some(Compress::InPlace(Coding::Brotli))),
            ("gzip-siblings, brotli-siblings", Some(SIBLINGS)),
            ("brotli-siblings\ngzip-siblings\n", Some(SIBLINGS)),
            ("gzip brotli", None),
            ("gzip, gzip-siblings", None),
            ("zstd", None),
            ("", None),
        ] {
            assert_eq!(Compress::parse(text).ok(), expect, "{text}");
        }
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
        assert_eq!(Md5Sum::of(&brotli(text.as_bytes()).unwrap()).to_string(), "b432e7b04af07da8a9faf2024b4e810e");
        let large = text.repeat(BEST_UP_TO / text.len() + 1);
        assert_eq!(Md5Sum::of(&brotli(large.as_bytes()).unwrap()).to_string(), "623f76657f85b4f6271a662c80f37ec8");
    }

    proptest! {
        #[test]
        fn what_is_compressed_is_the_content(content in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let packed = gzip(&content).unwrap();
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
            prop_assert_eq!(&unpacked, &content);
            unpacked.clear();
            brotli::BrotliDecompress(&mut brotli(&content).unwrap().as_slice(), &mut unpacked).unwrap();
            prop_assert_eq!(unpacked, content);
        }
    }
}
