//! Cache tags: a name for all pages of a site and one for all its other files, by which CloudFront forgets them
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-by-tags.html>).
//!
//! A copy at an edge has the tags that the object had when it was asked for. So a key counts as tagged only where it is known
//! that the object which is replaced had its tag.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::cover::{Cover, WORTH};
use super::fingerprint;
use crate::bucket::{BucketName, Prefix};
use crate::phase::Phase;

/// The metadata that holds an object's tags.
pub(crate) const METADATA: &str = "cache-tag";

/// The header that S3 answers with for it, which a distribution must read the tags from.
pub(crate) const HEADER: &str = "x-amz-meta-cache-tag";

/// The longest tag.
const LONGEST: usize = 256;

/// What a tag keeps of a prefix as it is; no comma, no space, and nothing beyond ASCII.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'/');

/// Keys by their tags.
pub(crate) type Tagged = BTreeMap<String, BTreeSet<String>>;

/// The tag of what goes in `phase`; letters in the other case are the same to CloudFront, which at worst forgets more.
pub(crate) fn tag(bucket: &BucketName, prefix: &Prefix, phase: Phase) -> String {
    let group = match phase {
        Phase::EntryPoints => "pages",
        Phase::HashedAssets | Phase::OtherAssets => "assets",
    };
    let site = format!("{bucket}/{}", utf8_percent_encode(prefix.as_str(), PLAIN));
    if site.len() + group.len() < LONGEST {
        return format!("{site}:{group}");
    }
    format!("{bucket}/{}:{group}", fingerprint([prefix.as_str()]))
}

/// As CloudFront wants it among the paths.
pub(super) fn written(tag: &str) -> String {
    format!("#{tag}")
}

/// The better of two covers: the one that takes fewer along, and of equal ones the one with fewer tags, unless more of them
/// save enough paths.
pub(super) fn better(one: (usize, Cover), other: (usize, Cover)) -> (usize, Cover) {
    let dear = |(tags, cover): &(usize, Cover)| (cover.innocents, cover.paths.len() + WORTH * tags);
    if dear(&other) < dear(&one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prefix: &str, phase: Phase, expect: &str) {
        let bucket = BucketName::parse("shop-site").unwrap();
        let tag = tag(&bucket, &Prefix::parse(prefix).unwrap(), phase);
        assert!(tag.len() <= LONGEST && tag.bytes().all(|byte| byte.is_ascii_graphic() && byte != b','), "{tag}");
        assert_eq!(tag, expect);
    }

    #[test]
    fn a_tag_is_short_and_plain_whatever_the_prefix_is() {
        check("site", Phase::EntryPoints, "shop-site/site/:pages");
        check("", Phase::OtherAssets, "shop-site/:assets");
        check("a b,\u{e9}", Phase::HashedAssets, "shop-site/a%20b%2C%C3%A9/:assets");
        let long = "x".repeat(400);
        check(&long, Phase::EntryPoints, &format!("shop-site/{}:pages", fingerprint([format!("{long}/").as_str()])));
    }
}
