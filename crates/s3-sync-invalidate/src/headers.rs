//! What a file is published with besides its content: its headers, and the rest that its PUT request says of it.
//!
//! [`Headers::lines`] is the one place that knows how they are written in a request
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The name of the user metadata (`x-amz-meta-…`) that holds the MD5 of an object's content.
///
/// It is what tells versions apart where the `ETag` is no MD5: with SSE-KMS, or after a multipart upload by another tool.
/// It is sent beside the [`Headers`] and is no part of them.
pub(crate) const MD5_METADATA: &str = "slipway-md5";

/// The same for the sum of an object that went in parts.
pub(crate) const SUM_METADATA: &str = "slipway-sum";

/// The storage class of an object that was put without one.
const STANDARD: &str = "STANDARD";

/// What a query's value keeps as it is; tags are written as one.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The headers a file is published with, and the rest that its PUT request says of it. Texts are printable ASCII.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Headers {
    /// Its content type.
    pub content_type: String,
    /// Its Cache-Control.
    pub cache_control: String,
    /// How its bytes are encoded, such as `gzip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    /// Whether a browser shows or saves it, and under which name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    /// The language of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// User metadata by lower-case name, without `x-amz-meta-`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The object's tags, which no visitor sees. They may hold any text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Where the bucket's website sends who asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// Its storage class; the bucket's own default is not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// How S3 encrypts it; `None` is as the bucket does by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// A canned ACL, such as `public-read`. Most buckets take none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acl: Option<String>,
}

/// How S3 encrypts an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Encryption {
    /// With whose keys.
    pub method: Method,
    /// The key of KMS: its id, its ARN or an alias; `None` is the account's own key for S3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// With whose keys S3 encrypts an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Method {
    /// With keys of S3.
    #[serde(rename = "AES256")]
    S3,
    /// With a key of KMS.
    #[serde(rename = "aws:kms")]
    Kms,
    /// Twice, with a key of KMS.
    #[serde(rename = "aws:kms:dsse")]
    KmsTwice,
}

impl Method {
    /// As S3 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "AES256",
            Self::Kms => "aws:kms",
            Self::KmsTwice => "aws:kms:dsse",
        }
    }
}

/// What a HEAD request tells of an object's headers. Tags and ACL are not in its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteHeaders {
    /// Its content type.
    pub content_type: Option<String>,
    /// Its Cache-Control.
    pub cache_control: Option<String>,
    /// Its Content-Encoding.
    pub content_encoding: Option<String>,
    /// Its Content-Disposition.
    pub content_disposition: Option<String>,
    /// Its Content-Language.
    pub content_language: Option<String>,
    /// Its user metadata without [`MD5_METADATA`] and [`SUM_METADATA`].
    pub metadata: BTreeMap<String, String>,
    /// Where the bucket's website sends who asks for it.
    pub redirect: Option<String>,
    /// Its storage class; `None` is the usual one.
    pub storage_class: Option<String>,
    /// The name of its encryption.
    pub encryption: Option<String>,
    /// The ARN of the key of KMS it is encrypted with.
    pub kms_key: Option<String>,
    /// The value of [`MD5_METADATA`] or [`SUM_METADATA`].
    pub md5: Option<String>,
}

impl RemoteHeaders {
    /// Of the lines of an answer, whose names are in lower case.
    pub(crate) fn of_lines<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut object = Self::default();
        for (name, value) in lines {
            let value = value.to_owned();
            match name {
                "content-type" => object.content_type = Some(value),
                "cache-control" => object.cache_control = Some(value),
                "content-encoding" => object.content_encoding = Some(value),
                "content-disposition" => object.content_disposition = Some(value),
                "content-language" => object.content_language = Some(value),
                "x-amz-website-redirect-location" => object.redirect = Some(value),
                "x-amz-storage-class" => object.storage_class = Some(value),
                "x-amz-server-side-encryption" => object.encryption = Some(value),
                "x-amz-server-side-encryption-aws-kms-key-id" => object.kms_key = Some(value),
                _ => object.metadata.extend(name.strip_prefix("x-amz-meta-").map(|name| (name.to_owned(), value))),
            }
        }
        object.md5 = object.metadata.remove(MD5_METADATA).or_else(|| object.metadata.remove(SUM_METADATA));
        object
    }
}

impl Headers {
    /// A content type and a Cache-Control, and nothing else.
    pub fn new(content_type: impl Into<String>, cache_control: impl Into<String>) -> Self {
        Self { content_type: content_type.into(), cache_control: cache_control.into(), ..Self::default() }
    }

    /// The headers of the PUT request with lower-case names, each once, sorted.
    pub fn lines(&self) -> BTreeMap<String, String> {
        let mut lines = BTreeMap::new();
        let texts = [
            ("content-type", Some(&self.content_type)),
            ("cache-control", Some(&self.cache_control)),
            ("content-encoding", self.content_encoding.as_ref()),
            ("content-disposition", self.content_disposition.as_ref()),
            ("content-language", self.content_language.as_ref()),
            ("x-amz-website-redirect-location", self.redirect.as_ref()),
            ("x-amz-storage-class", self.storage_class.as_ref()),
            ("x-amz-acl", self.acl.as_ref()),
        ];
        lines.extend(texts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone()))));
        lines.extend(self.metadata.iter().map(|(name, value)| (format!("x-amz-meta-{name}"), value.clone())));
        if !self.tags.is_empty() {
            lines.insert("x-amz-tagging".to_owned(), self.tagging());
        }
        lines.extend(self.encryption.iter().flat_map(Encryption::lines));
        lines
    }

    /// The tags as one header carries them: like the query of a URL.
    fn tagging(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let pairs: Vec<String> =
            self.tags.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        pairs.join("&")
    }

    /// A hash of everything that is sent, the same for the same headers in each version and on each machine.
    pub fn fingerprint(&self) -> Fingerprint {
        let canonical = serde_json::to_vec(&self.lines()).unwrap_or_default();
        let mut start = [0; 8];
        start.copy_from_slice(&Sha256::digest(canonical)[..8]);
        Fingerprint(u64::from_be_bytes(start))
    }

    /// Whether an object has these headers, as far as a HEAD request tells.
    ///
    /// A storage class and an encryption that were not asked for are the bucket's and its life cycle's business.
    pub fn are_those_of(&self, object: &RemoteHeaders) -> bool {
        object.content_type.as_ref() == Some(&self.content_type)
            && object.cache_control.as_ref() == Some(&self.cache_control)
            && object.content_encoding == self.content_encoding
            && object.content_disposition == self.content_disposition
            && object.content_language == self.content_language
            && object.metadata == self.metadata
            && object.redirect == self.redirect
            && self
                .storage_class
                .as_ref()
                .is_none_or(|class| object.storage_class.as_deref().unwrap_or(STANDARD) == class)
            && self.encryption.as_ref().is_none_or(|encryption| encryption.is_that_of(object))
    }
}

impl Encryption {
    /// The headers of a PUT request that ask for it.
    pub(crate) fn lines(&self) -> Vec<(String, String)> {
        let name = |end: &str| format!("x-amz-server-side-encryption{end}");
        let mut lines = vec![(name(""), self.method.as_str().to_owned())];
        lines.extend(self.key.iter().map(|key| (name("-aws-kms-key-id"), key.clone())));
        if self.method == Method::Kms {
            // Without it each object is a request to KMS that is billed; DSSE knows no bucket keys.
            lines.push((name("-bucket-key-enabled"), "true".to_owned()));
        }
        lines
    }

    /// A HEAD answer names the key by its ARN. Whose alias that is cannot be seen.
    fn is_that_of(&self, object: &RemoteHeaders) -> bool {
        let is_key = |key: &String| {
            let id = key.rsplit_once("key/").map_or(key.as_str(), |(_, id)| id);
            let is_alias = key.contains("alias/");
            is_alias || object.kms_key.as_deref().is_some_and(|arn| arn == key || arn.ends_with(&format!("key/{id}")))
        };
        object.encryption.as_deref() == Some(self.method.as_str()) && self.key.as_ref().is_none_or(is_key)
    }
}

/// A hash of [`Headers`]; it is shown as 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// Parses 16 lower-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 16 && text.bytes().all(is_hex)).then(|| u64::from_str_radix(text, 16).ok())?.map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not 16 hex digits"))
    }
}

#[cfg(test)]
mod tests;
