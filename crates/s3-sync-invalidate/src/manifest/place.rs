//! Where the manifest lies.

use std::fmt;

use aws_client::policy::literal;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::bucket::{BucketName, Prefix};
use crate::invalidation::fingerprint;
use crate::journal::FOLDER;

use super::ReleaseId;

/// What a site's prefix keeps of itself in the name of its folder.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// How much of it: a key has at most 1,024 bytes, and the hash behind it tells sites apart.
const LONGEST_NAME: usize = 256;

/// Any hash, as a policy says it. Policies are read by more people than may know the name.
const ANY_HASH: &str = "????????????????????????????????";

/// The input `manifest`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ManifestPlace {
    /// The default folder, at the bucket's root.
    #[default]
    Default,
    /// No manifest is read or written.
    None,
    /// A folder of another bucket or of this one.
    Folder(Folder),
}

/// A folder of a bucket; its name ends in a slash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Folder {
    /// The bucket.
    pub bucket: BucketName,
    /// What its keys start with.
    pub start: String,
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.start)
    }
}

impl ManifestPlace {
    /// Parses `none`, a folder of the site's bucket, or `s3://BUCKET/FOLDER`.
    ///
    /// A folder that the site itself holds would be published with it, listed with it and deleted with it.
    pub(crate) fn parse(text: &str, bucket: &BucketName, prefix: &Prefix) -> Result<Self, String> {
        let (bucket_of, path) = match text.strip_prefix("s3://") {
            _ if text == "none" => return Ok(Self::None),
            Some(place) => {
                let (name, path) = place.split_once('/').unwrap_or((place, ""));
                (BucketName::parse(name)?, path)
            }
            None => (bucket.clone(), text),
        };
        let folder = Prefix::parse(path)?;
        if folder.is_whole_bucket() {
            return Err("name a folder, as in `s3://BUCKET/FOLDER`".to_owned());
        }
        let start = folder.as_str().to_owned();
        let is_in_site = bucket_of == *bucket && prefix.relative(&start).is_some();
        if is_in_site && !(prefix.is_whole_bucket() && start.starts_with(FOLDER)) {
            return Err(format!(
                "this folder is in the site itself; name one outside of `{}`, or one of another bucket as `s3://BUCKET/FOLDER`",
                if prefix.is_whole_bucket() { "the bucket" } else { prefix.as_str() }
            ));
        }
        Ok(Self::Folder(Folder { bucket: bucket_of, start }))
    }

    /// Whether the account's id is a part of the place.
    pub(crate) fn needs_account(&self) -> bool {
        *self == Self::Default
    }

    /// Whether the default folder is one of the site's own, because the site is the whole bucket.
    pub(crate) fn is_in_site(&self, prefix: &Prefix) -> bool {
        *self == Self::Default && prefix.is_whole_bucket()
    }

    /// The folder; `None` when there is none. `account` is asked for where [`ManifestPlace::needs_account`] says so.
    ///
    /// A distribution may show the whole bucket, also where it holds several sites: the name is one that nobody can guess from
    /// outside.
    pub(crate) fn folder(&self, bucket: &BucketName, prefix: &Prefix, account: &str) -> Option<Folder> {
        match self {
            Self::None => None,
            Self::Folder(folder) => Some(folder.clone()),
            Self::Default => {
                let hash = fingerprint([account, bucket.as_str(), prefix.as_str()]);
                Some(Folder { bucket: bucket.clone(), start: default_start(prefix, &hash) })
            }
        }
    }

    /// The bucket, and what keys of the folder start with as a policy's resource says it; `None` when there is none.
    pub(crate) fn resource<'a>(&'a self, bucket: &'a BucketName, prefix: &Prefix) -> Option<(&'a BucketName, String)> {
        match self {
            Self::None => None,
            Self::Folder(folder) => Some((&folder.bucket, literal(&folder.start))),
            Self::Default => Some((bucket, default_start(prefix, ANY_HASH))),
        }
    }
}

/// What keys of the default folder start with.
fn default_start(prefix: &Prefix, hash: &str) -> String {
    if prefix.is_whole_bucket() {
        return format!("{FOLDER}{hash}/");
    }
    let name = utf8_percent_encode(prefix.as_str().trim_end_matches('/'), NAME).to_string();
    format!("{FOLDER}{}-{hash}/", name.get(..LONGEST_NAME).unwrap_or(&name))
}

impl Folder {
    /// The key of the present manifest.
    pub(crate) fn current(&self) -> String {
        format!("{}current.jsonl.gz", self.start)
    }

    /// The key of a release's own copy.
    pub(crate) fn release(&self, id: &ReleaseId) -> String {
        format!("{}releases/{}.jsonl.gz", self.start, id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, prefix: &str) -> Result<ManifestPlace, String> {
        ManifestPlace::parse(text, &BucketName::parse("shop").unwrap(), &Prefix::parse(prefix).unwrap())
    }

    fn folder(text: &str, prefix: &str) -> String {
        let bucket = BucketName::parse("shop").unwrap();
        let place = if text.is_empty() { ManifestPlace::Default } else { place(text, prefix).unwrap() };
        let prefix = Prefix::parse(prefix).unwrap();
        place.folder(&bucket, &prefix, "123456789012").map_or_else(String::new, |folder| folder.to_string())
    }

    #[test]
    fn the_default_is_beside_the_site_and_cannot_be_guessed_without_the_account() {
        for (prefix, name) in [("", ""), ("site", "site-"), ("a/b", "a%2Fb-"), ("a%2Fb", "a%252Fb-")] {
            let (start, expect) = (folder("", prefix), format!("s3://shop/.slipway/{name}"));
            assert!(start.starts_with(&expect) && start.len() == expect.len() + 33 && start.ends_with('/'), "{start}");
        }
        let bucket = BucketName::parse("shop").unwrap();
        let of = |account| ManifestPlace::Default.folder(&bucket, &Prefix::parse("site").unwrap(), account);
        assert_ne!(of("123456789012"), of("210987654321"));
        assert!(ManifestPlace::Default.needs_account() && !place("meta", "site").unwrap().needs_account());
        assert_eq!(folder("none", "site"), "");
    }

    #[test]
    fn prefixes_that_begin_alike_have_folders_of_their_own() {
        let long = |last: &str| folder("", &format!("{}{last}", "é".repeat(150)));
        assert_ne!(long("a"), long("b"));
        assert!(long("a").len() < 400, "{}", long("a"));
    }

    #[test]
    fn a_policy_names_the_folder_but_for_its_hash() {
        let bucket = BucketName::parse("shop").unwrap();
        for (text, prefix, expect) in [
            ("", "", ".slipway/????????????????????????????????/"),
            ("", "a/b", ".slipway/a%2Fb-????????????????????????????????/"),
            ("s3://state/web?/", "site", "web${?}/"),
        ] {
            let place = if text.is_empty() { ManifestPlace::Default } else { place(text, prefix).unwrap() };
            let (of, start) = place.resource(&bucket, &Prefix::parse(prefix).unwrap()).unwrap();
            assert_eq!((of.as_str(), start.as_str()), (if text.is_empty() { "shop" } else { "state" }, expect));
        }
    }

    #[test]
    fn a_place_of_ones_own_is_outside_of_the_site() {
        assert_eq!(folder("s3://state/web/shop/", "site"), "s3://state/web/shop/");
        assert_eq!(folder("meta", "site"), "s3://shop/meta/");
        assert_eq!(folder("site2", "site"), "s3://shop/site2/");
        assert_eq!(folder(".slipway/mine", ""), "s3://shop/.slipway/mine/");
        for (text, prefix) in [
            ("site/meta", "site"),
            ("site", "site"),
            ("meta", ""),
            ("s3://shop/meta", ""),
            ("s3://state", ""),
            ("/", "x"),
        ] {
            assert!(place(text, prefix).is_err(), "{text} of {prefix}");
        }
    }
}
