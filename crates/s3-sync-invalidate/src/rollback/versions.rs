//! The versions that a bucket keeps.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_client::call::xml::{Element, Odd};
use aws_client::direct::{Connections, Request};
use aws_client::{ApiError, ApiErrorKind};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::clients::Clients;
use crate::error::Error;
use crate::etag::ETag;
use crate::inputs::Inputs;
use crate::journal::{self, Note};
use crate::observe::listing::decode;
use crate::remote::{Objects, RemoteObject};

/// The id of a version that was written while the bucket kept none. The next write or delete while it keeps none takes its place.
const NULL: &str = "null";

/// Storage classes whose objects have to be restored from an archive before they can be copied
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html>).
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether what is overwritten or deleted stays as a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Versioning {
    Enabled,
    /// Off or suspended.
    #[default]
    Off,
}

/// A version of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) id: String,
    /// Its `ETag` without quotes.
    pub(super) etag: ETag,
    /// Its size in bytes.
    pub(super) size: u64,
    /// When it was written, in seconds since 1970.
    pub(super) last_modified: i64,
    /// Whether it is the present object.
    pub(super) is_latest: bool,
    pub(super) storage_class: Option<String>,
}

impl Version {
    /// Whether it cannot be copied as it is.
    pub(super) fn is_archived(&self) -> bool {
        self.storage_class.as_deref().is_some_and(|class| ARCHIVES.contains(&class))
    }

    fn object(&self) -> RemoteObject {
        RemoteObject { size: self.size, etag: self.etag.clone(), last_modified: self.last_modified, head: None }
    }
}

/// What a bucket keeps below the prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// The versions of each key, the newest first.
    pub(super) versions: BTreeMap<String, Vec<Version>>,
    pub(super) versioning: Versioning,
    /// The notes that hold something.
    pub(super) notes: Vec<Note>,
}

impl Kept {
    /// Whether a write or delete of `key` loses nothing.
    pub(super) fn loses_nothing(&self, key: &str) -> bool {
        let versions = self.versions.get(key).map_or(&[][..], Vec::as_slice);
        self.versioning == Versioning::Enabled || versions.iter().all(|version| version.id != NULL)
    }

    /// The present object of `key`.
    pub(super) fn present(&self, key: &str) -> Option<&Version> {
        self.versions.get(key)?.iter().find(|version| version.is_latest)
    }

    /// The present objects.
    pub(super) fn objects(&self, inputs: &Inputs) -> Objects {
        let keys = self.versions.keys();
        keys.filter_map(|key| Some((inputs.prefix.relative(key)?, self.present(key)?.object()))).collect()
    }

    fn take(&mut self, inputs: &Inputs, key: String, version: Version) {
        if journal::is_own(&inputs.prefix, &key) {
            let is_due = version.is_latest && version.size > 0;
            let id = journal::id_of(&inputs.prefix, &key).filter(|_| is_due);
            self.notes.extend(id.map(|id| Note { id: id.to_owned(), written: version.last_modified }));
            return;
        }
        self.versions.entry(key).or_default().push(version);
    }
}

/// Lists all versions below the prefix, and asks whether the bucket keeps them.
pub(super) async fn read(inputs: &Inputs, clients: &Clients) -> Result<Kept, Error> {
    let bucket = Bucket { inputs, clients, connections: clients.direct(&inputs.bucket).await?.connections() };
    let (versioning, kept) = tokio::try_join!(versioning(&bucket), list(&bucket))?;
    Ok(Kept { versioning, ..kept })
}

/// Whom to ask.
struct Bucket<'a> {
    inputs: &'a Inputs,
    clients: &'a Clients,
    connections: Connections,
}

impl Bucket<'_> {
    /// What `read` understands of the answer.
    async fn ask<T>(
        &self,
        operation: &str,
        query: String,
        read: impl FnOnce(&Element) -> Result<T, Odd>,
    ) -> Result<T, Error> {
        let bucket = &self.inputs.bucket;
        let request =
            Request { method: "GET", path: query, headers: Vec::new(), body: Bytes::new(), patience: PATIENCE };
        let answer = self.connections.send(&request, &()).await;
        let answer = answer.map_err(|error| self.clients.s3_error(operation, bucket, None, &error))?;
        let root = Element::parse(answer.body().bytes().unwrap_or_default().trim_ascii());
        root.and_then(|root| read(&root).map_err(|odd| odd.to_string())).map_err(|odd| {
            Error::Aws(ApiError {
                service: "s3".to_owned(),
                operation: operation.to_owned(),
                code: None,
                message: odd,
                resource: Some(bucket.to_string()),
                kind: ApiErrorKind::Service,
                request_id: None,
            })
        })
    }
}

async fn versioning(bucket: &Bucket<'_>) -> Result<Versioning, Error> {
    let is_enabled = |root: &Element| Ok(text(root, "Status")?.as_deref() == Some("Enabled"));
    let is_enabled = bucket.ask("GetBucketVersioning", "/?versioning".to_owned(), is_enabled).await?;
    Ok(if is_enabled { Versioning::Enabled } else { Versioning::Off })
}

async fn list(bucket: &Bucket<'_>) -> Result<Kept, Error> {
    let mut kept = Kept::default();
    let mut from: Option<Marker> = None;
    loop {
        // XML cannot carry every key as it is.
        let mut query = format!("/?versions&encoding-type=url&prefix={}", encoded(bucket.inputs.prefix.as_str()));
        if let Some(Marker { key, version }) = &from {
            query += &format!("&key-marker={}", encoded(key));
            if let Some(id) = version {
                query += &format!("&version-id-marker={}", encoded(id));
            }
        }
        let page = bucket.ask("ListObjectVersions", query, page).await?;
        for (key, version) in page.versions {
            kept.take(bucket.inputs, key, version);
        }
        // One that names itself would never end.
        if page.next.is_none() || page.next == from {
            return Ok(kept);
        }
        from = page.next;
    }
}

/// Where a page begins: behind this version of this key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Marker {
    key: String,
    version: Option<String>,
}

/// A part of a list.
#[derive(Debug)]
struct Page {
    versions: Vec<(String, Version)>,
    /// Where the next one begins, if there is one.
    next: Option<Marker>,
}

fn page(root: &Element) -> Result<Page, Odd> {
    let is_encoded = text(root, "EncodingType")?.as_deref() == Some("url");
    let plain = |key: String| if is_encoded { decode(&key) } else { key };
    let version = |version: &Element| {
        let last_modified =
            text(version, "LastModified")?.and_then(|at| DateTime::from_str(&at, Format::DateTime).ok());
        let seen = Version {
            id: text(version, "VersionId")?.unwrap_or_else(|| NULL.to_owned()),
            etag: text(version, "ETag")?.unwrap_or_default().trim_matches('"').into(),
            size: version.child("Size")?.value()?,
            last_modified: last_modified.map_or(0, |at| at.secs()),
            is_latest: version.child("IsLatest")?.value()?,
            storage_class: text(version, "StorageClass")?,
        };
        Ok((plain(version.child("Key")?.text()?.to_owned()), seen))
    };
    let versions = root.all("Version").map(version).collect::<Result<_, Odd>>()?;
    let is_truncated = text(root, "IsTruncated")?.as_deref() == Some("true");
    let key = text(root, "NextKeyMarker")?.filter(|_| is_truncated);
    let version = text(root, "NextVersionIdMarker")?;
    Ok(Page { versions, next: key.map(|key| Marker { key: plain(key), version }) })
}

/// The text of the child `name`; none for one that is empty.
fn text(of: &Element, name: &str) -> Result<Option<String>, Odd> {
    let child = of.optional(name)?.map(Element::text).transpose()?;
    Ok(child.filter(|text| !text.is_empty()).map(str::to_owned))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read() {
        let xml = "<ListVersionsResult xmlns='x'><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
            <NextKeyMarker>a+b</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>\
            <Version><Key>a%2Bb</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest>\
            <LastModified>2026-11-21T16:17:48.000Z</LastModified><ETag>&quot;abc-2&quot;</ETag><Size>7</Size>\
            <StorageClass>GLACIER</StorageClass></Version>\
            <DeleteMarker><Key>a</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest></DeleteMarker></ListVersionsResult>";
        let Page { versions, next } = page(&Element::parse(xml.as_bytes()).unwrap()).unwrap();
        let version = Version {
            id: "v2".into(),
            etag: "abc-2".into(),
            size: 7,
            last_modified: 1_795_277_868,
            is_latest: true,
            storage_class: Some("GLACIER".into()),
        };
        assert_eq!(versions, [("a+b".to_owned(), version)]);
        assert_eq!(next, Some(Marker { key: "a b".into(), version: Some("v1".into()) }));
        let last = Element::parse(b"<R><IsTruncated>false</IsTruncated><NextKeyMarker>a</NextKeyMarker></R>").unwrap();
        assert_eq!(page(&last).unwrap().next, None);
        let odd = page(&Element::parse(b"<R><Version><Key>a</Key></Version></R>").unwrap());
        assert_eq!(odd.unwrap_err().to_string(), "the answer is odd: `Version` has no `Size`");
    }
}
