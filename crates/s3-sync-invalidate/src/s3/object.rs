//! One object: reads it, its headers, writes, copies and deletes it.

use aws_client::direct::{Opened, Refused, Request};
use aws_smithy_types::date_time::Format;
use bytes::Bytes;

use crate::clients::Line;
use crate::digest::Md5Sum;
use crate::headers::RemoteHeaders;

use super::{PATIENCE, bare, encoded, header, path, patience, seconds};

/// An object whose body comes piece by piece.
#[derive(Debug)]
pub(crate) struct Object {
    /// Its `ETag` as it was answered, with quotes; empty where it has none.
    pub(crate) etag: String,
    /// When it was written, in seconds since 1970.
    pub(crate) last_modified: i64,
    pub(crate) body: Opened,
}

/// Reads an object, unless it has the `ETag` `known`: that is a refusal with status 304
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>).
pub(crate) async fn get(line: &Line, key: &str, known: Option<&str>) -> Result<Object, Refused> {
    let headers = known.map(|etag| header("if-none-match", etag)).into_iter().collect();
    let body = line.open(&Request { headers, ..bare("GET", path(key)) }).await?;
    Ok(Object {
        etag: body.header("etag").unwrap_or_default().to_owned(),
        last_modified: seconds(body.header("last-modified"), Format::HttpDate),
        body,
    })
}

/// What the headers of an object are, or of a version of it. A refusal has a status, and no words
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>).
pub(crate) async fn head(line: &Line, key: &str, version: Option<&str>) -> Result<RemoteHeaders, Refused> {
    let query = version.map(|id| format!("?versionId={}", encoded(id)));
    let answer = line.send(&bare("HEAD", path(key) + query.as_deref().unwrap_or_default())).await?;
    Ok(RemoteHeaders::of_lines(answer.headers().iter()))
}

/// Writes an object with these headers. Returns its `ETag` as it was answered, with quotes; S3 checks the sum of what it got
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
pub(crate) async fn put(
    line: &Line,
    key: &str,
    mut headers: Vec<(String, String)>,
    body: Bytes,
) -> Result<Option<String>, Refused> {
    headers.push(header("content-md5", Md5Sum::of(&body).base64()));
    let patience = patience(&body);
    let answer = line.send(&Request { method: "PUT", path: path(key), headers, body, patience }).await?;
    Ok(answer.headers().get("etag").map(str::to_owned))
}

/// Has S3 make the copy at `key` that `headers` ask for. Returns the new object's `ETag` without quotes, if the answer names it
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>).
pub(crate) async fn copy(line: &Line, key: &str, headers: Vec<(String, String)>) -> Result<Option<String>, Refused> {
    let answer = line.send(&Request { headers, patience: PATIENCE, ..bare("PUT", path(key)) }).await?;
    Ok(super::parts::etag_of(answer.body().bytes().unwrap_or_default()))
}

/// Deletes an object, while its `ETag` is `etag` where one is given. Nothing is there before or after: both are a success
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>).
pub(crate) async fn delete(line: &Line, key: &str, etag: Option<&str>) -> Result<(), Refused> {
    let headers = etag.map(|etag| header("if-match", etag)).into_iter().collect();
    line.send(&Request { headers, ..bare("DELETE", path(key)) }).await.map(|_| ())
}
