//! S3's operations that a publication needs, as requests and what is taken from their answers
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>).
//!
//! They say what S3 says: what a refusal means is for [`crate::clients::Clients::s3_error`] and for who asks. The content of the site
//! goes up in `apply::upload`, which has threads and memory of its own.

mod delete;
mod list;
mod object;
pub(crate) mod parts;
mod versions;
mod xml;

use std::time::Duration;

use aws_client::call::xml::Odd;
use aws_client::direct::{HttpResponse, Refused, Request, STEP};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::bucket::BucketName;
use crate::clients::Line;
use xml::Element;

pub(crate) use delete::{BATCH, Undeleted, delete_batch};
pub(crate) use list::{Listed, Listing, Page, list};
pub(crate) use object::{Object, copy, delete, get, head, put};
pub(crate) use versions::{ObjectVersion, is_versioned, list_versions};

/// What stays as it is in a query (<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stays as it is in a key's path.
const KEY: &AsciiSet = &VALUE.remove(b'/');

/// How long S3 may take to answer when it has, or will have soon, what is sent: the line is shared by all uploads, and the system
/// holds megabytes of each back. One that does not move at all is noticed much sooner. A copy takes as long: S3 moves 5 GiB in a
/// minute or two.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// The same where nobody sees whether the line moves, but little has to: a line that is dead must not hold a run up for long.
pub(crate) const PATIENCE_FOR_LITTLE: Duration = Duration::from_mins(1);

/// How often is asked when the answers are odd, and the pause between.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);

/// How long is waited for the answer to these bytes.
pub(crate) fn patience(body: &Bytes) -> Duration {
    if body.len() <= STEP { PATIENCE_FOR_LITTLE } else { PATIENCE }
}

/// Where a key is, below the bucket's endpoint.
pub(crate) fn path(key: &str) -> String {
    format!("/{}", utf8_percent_encode(key, KEY))
}

/// What a copy names as its source; `version` is the id of one that is not the present object
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html#API_CopyObject_RequestSyntax>).
pub(crate) fn copy_source(bucket: &BucketName, key: &str, version: Option<&str>) -> String {
    let version = version.map(|id| format!("?versionId={}", encoded(id)));
    format!("{bucket}{}{}", path(key), version.unwrap_or_default())
}

/// Text as a value in a query.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}

/// A key of an answer with `encoding-type=url`: form encoding, where `+` is a space
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html#API_ListObjectsV2_RequestSyntax>).
fn decoded(key: &str) -> String {
    if !key.contains(['+', '%']) {
        return key.to_owned();
    }
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// A request that carries nothing.
fn bare(method: &'static str, path: String) -> Request {
    Request { method, path, headers: Vec::new(), body: Bytes::new(), patience: PATIENCE_FOR_LITTLE }
}

fn header(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// Sends a request that may be sent again, and takes from its answer what `read` takes from a root that is called `root`. An answer that
/// is not as S3 documents it, such as that of a proxy, is asked for again.
async fn ask<T>(
    line: &Line,
    request: &Request,
    root: &str,
    parse: impl Fn(Element<'_, '_>) -> Result<T, Odd>,
) -> Result<T, Refused> {
    let mut tries = 0;
    loop {
        tries += 1;
        match read(line.send(request).await?, root, &parse) {
            Err(_) if tries < TRIES => tokio::time::sleep(line.pace.of(PAUSE)).await,
            other => return other,
        }
    }
}

/// What `read` takes from an answer whose root is called `root`. One that is not as S3 documents it is an error that says what is odd.
fn read<T>(
    answer: HttpResponse,
    root: &str,
    read: impl FnOnce(Element<'_, '_>) -> Result<T, Odd>,
) -> Result<T, Refused> {
    let body = answer.body().bytes().unwrap_or_default();
    xml::read(body, |element| read(element.named(root)?)).map_err(|odd| Refused::response_error(odd, answer))
}

/// When something was written, in seconds since 1970; 0 where that is not said.
fn seconds(time: Option<&str>, format: Format) -> i64 {
    time.and_then(|time| DateTime::from_str(time, format).ok()).map_or(0, |time| time.secs())
}

#[cfg(test)]
mod tests;
