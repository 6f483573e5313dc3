//! Lists the versions that a bucket keeps (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>).

use std::borrow::Cow;

use aws_client::call::xml::Odd;
use aws_client::direct::Refused;
use aws_smithy_types::date_time::Format;

use crate::clients::Line;
use crate::etag::ETag;

use super::xml::Element;
use super::{ask, bare, decoded, encoded, seconds};

/// A version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectVersion {
    /// The object's key as it is.
    pub(crate) key: String,
    /// Its id; none where the endpoint lists none.
    pub(crate) id: Option<String>,
    /// Its `ETag` without quotes; empty where the endpoint lists none.
    pub(crate) etag: ETag,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// When it was written, in seconds since 1970.
    pub(crate) last_modified: i64,
    /// Whether it is the present object.
    pub(crate) is_latest: bool,
    /// Its storage class, where the endpoint lists one.
    pub(crate) storage_class: Option<String>,
}

/// Where a page begins: behind this version of this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marker {
    key: String,
    version: Option<String>,
}

/// A page of a listing: the versions in the order of S3, and where the next page begins, if there is one.
type Page = (Vec<ObjectVersion>, Option<Marker>);

/// Reads one page of the versions of keys that begin with `prefix`. Deleted objects have none.
pub(crate) async fn list_versions(line: &Line, prefix: &str, from: Option<&Marker>) -> Result<Page, Refused> {
    // XML cannot carry every key as it is.
    let mut query = format!("/?versions&encoding-type=url&prefix={}", encoded(prefix));
    if let Some(Marker { key, version }) = from {
        query.push_str(&format!("&key-marker={}", encoded(key)));
        if let Some(id) = version {
            query.push_str(&format!("&version-id-marker={}", encoded(id)));
        }
    }
    ask(line, &bare("GET", query), "ListVersionsResult", page).await
}

/// Whether the bucket keeps what is overwritten or deleted
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html>).
pub(crate) async fn is_versioned(line: &Line) -> Result<bool, Refused> {
    let is_enabled = |root: Element<'_, '_>| Ok(root.optional_text("Status")?.as_deref() == Some("Enabled"));
    ask(line, &bare("GET", "/?versioning".to_owned()), "VersioningConfiguration", is_enabled).await
}

fn page(root: Element<'_, '_>) -> Result<Page, Odd> {
    let is_encoded = root.optional_text("EncodingType")?.as_deref() == Some("url");
    let plain = |key: Cow<'_, str>| if is_encoded { decoded(&key) } else { key.into_owned() };
    let version = |version: Element<'_, '_>| {
        Ok(ObjectVersion {
            key: plain(version.child("Key")?.text()?),
            id: version.optional_text("VersionId")?.map(Cow::into_owned),
            etag: version.optional_text("ETag")?.unwrap_or_default().trim_matches('"').into(),
            size: version.child("Size")?.value()?,
            last_modified: seconds(version.optional_text("LastModified")?.as_deref(), Format::DateTime),
            is_latest: version.child("IsLatest")?.value()?,
            storage_class: version.optional_text("StorageClass")?.map(Cow::into_owned),
        })
    };
    let versions = root.all("Version").map(version).collect::<Result<_, Odd>>()?;
    let is_truncated = root.optional_text("IsTruncated")?.as_deref() == Some("true");
    if !is_truncated {
        return Ok((versions, None));
    }
    // What goes on without a word where cannot be read to its end.
    let key = plain(root.child("NextKeyMarker")?.text()?);
    let version = root.optional_text("NextVersionIdMarker")?.map(Cow::into_owned);
    Ok((versions, Some(Marker { key, version })))
}

#[cfg(test)]
mod tests {
    use super::super::xml;
    use super::*;

    fn parse(text: &str) -> Result<Page, String> {
        xml::read(text.as_bytes(), page).map_err(|odd| odd.to_string())
    }

    #[test]
    fn a_page_is_read() {
        let text = "<ListVersionsResult xmlns='x'><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
            <NextKeyMarker>a+b</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>\
            <Version><Key>a%2Bb</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest>\
            <LastModified>2026-11-21T16:17:48.000Z</LastModified><ETag>&quot;abc-2&quot;</ETag><Size>7</Size>\
            <StorageClass>GLACIER</StorageClass></Version>\
            <DeleteMarker><Key>a</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest></DeleteMarker></ListVersionsResult>";
        let version = ObjectVersion {
            key: "a+b".into(),
            id: Some("v2".into()),
            etag: "abc-2".into(),
            size: 7,
            last_modified: 1_795_277_868,
            is_latest: true,
            storage_class: Some("GLACIER".into()),
        };
        let next = Marker { key: "a b".into(), version: Some("v1".into()) };
        assert_eq!(parse(text), Ok((vec![version], Some(next))));
        let last = parse("<R><IsTruncated>false</IsTruncated><NextKeyMarker>a</NextKeyMarker></R>");
        assert_eq!(last, Ok((vec![], None)));
    }

    #[test]
    fn what_is_missing_is_named() {
        let odd = |text: &str| parse(text).unwrap_err();
        assert_eq!(odd("<R><Version><Key>a</Key></Version></R>"), "the answer is odd: `Version` has no `Size`");
        let truncated = "<R><IsTruncated>true</IsTruncated></R>";
        assert_eq!(odd(truncated), "the answer is odd: `R` has no `NextKeyMarker`");
    }
}
