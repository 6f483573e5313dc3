//! Uploads a file in one request.

use std::fs::File;

use aws_client::direct::{Connections, Refused, Request};
use bytes::Bytes;
use tokio::sync::SemaphorePermit;

use crate::apply::odd::{NO_ETAG, odd};
use crate::compress::Coding;
use crate::digest::Md5Sum;
use crate::error::Error;
use crate::headers::{MD5_METADATA, SUM_METADATA};
use crate::plan::Upload;
use crate::reader::fill;
use crate::s3::{parts, path, patience};
use crate::source::SourceError;

use super::Work;

/// How many units of [`UNIT`] bytes all bodies together may take.
pub(super) const MEMORY: u32 = 96;

/// What memory is counted in. Smaller files are not counted.
const UNIT: u64 = 1024 * 1024;

/// Uploads one file, unless the run is cancelled while it waits for a core to be compressed on. Returns its key, and the object's `ETag`
/// without quotes.
pub(super) async fn put(
    work: &Work,
    upload: &Upload,
    connections: &Connections,
) -> Result<Option<(String, String)>, Error> {
    let _memory = memory(work, upload.size).await;
    let mut headers = headers(upload);
    headers.push(("content-md5".to_owned(), upload.md5.base64()));
    let body = match upload.packing() {
        Some(coding) => packed(work, upload, coding).await?,
        None => Some(read(upload)?),
    };
    let Some(body) = body else { return Ok(None) };
    let patience = patience(&body);
    let request = Request { method: "PUT", path: path(&upload.key), headers, body, patience };
    let answer = connections.send(&request, work.gate.as_ref()).await.map_err(|error| refused(work, upload, &error))?;
    let header = |name| answer.headers().get(name);
    let etag = parts::named(header("etag")).ok_or_else(|| odd("PutObject", &upload.key, NO_ETAG))?;
    // S3 checks Content-MD5 itself; where the `ETag` is an MD5 by definition, it is a second witness.
    let is_plain = matches!(header("x-amz-server-side-encryption"), None | Some("AES256"));
    match Md5Sum::parse(&etag).filter(|_| is_plain) {
        Some(sum) if sum != upload.md5 => Err(changed(upload)),
        _ => Ok(Some((upload.key.clone(), etag))),
    }
}

/// Memory for so many bytes, when there is some. What is small is not counted.
pub(super) async fn memory(work: &Work, bytes: u64) -> Option<SemaphorePermit<'_>> {
    match u32::try_from(bytes / UNIT) {
        Ok(0) => None,
        units => work.memory.acquire_many(units.unwrap_or(MEMORY).min(MEMORY)).await.ok(),
    }
}

/// What the object gets besides its content.
pub(super) fn headers(upload: &Upload) -> Vec<(String, String)> {
    let name = if upload.goes_in_parts() { SUM_METADATA } else { MD5_METADATA };
    let own = (format!("x-amz-meta-{name}"), upload.md5.to_string());
    upload.headers.lines().into_iter().chain([own]).collect()
}

/// The file was read a moment ago: the system has it in memory. That its bytes are those of the plan is checked by S3, which gets
/// their sum.
fn read(upload: &Upload) -> Result<Bytes, Error> {
    if upload.headers.redirect.is_some() {
        return Ok(Bytes::new());
    }
    let mut bytes = vec![0; usize::try_from(upload.size).unwrap_or(usize::MAX).saturating_add(1)];
    let length = File::open(&upload.file).and_then(|mut file| fill(&mut file, &mut bytes));
    let length = length.map_err(|source| unreadable(upload, source))?;
    if length as u64 != upload.size {
        return Err(changed(upload));
    }
    bytes.truncate(length);
    Ok(Bytes::from(bytes))
}

/// The file compressed, beside what goes over the line: it may take a second. `None` once the run is cancelled.
async fn packed(work: &Work, upload: &Upload, coding: Coding) -> Result<Option<Bytes>, Error> {
    let _core = work.cores.acquire().await;
    if work.cancel.is_cancelled() {
        return Ok(None);
    }
    let file = upload.file.clone();
    let packing = tokio::task::spawn_blocking(move || coding.pack(&std::fs::read(file)?));
    let packed = packing.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let packed = packed.map_err(|source| unreadable(upload, source))?;
    if packed.len() as u64 == upload.size { Ok(Some(Bytes::from(packed))) } else { Err(changed(upload)) }
}

/// `BadDigest` means that the bytes were not those that were read for the plan.
fn refused(work: &Work, upload: &Upload, error: &Refused) -> Error {
    match work.refused("PutObject", &upload.key, error) {
        Error::Aws(answer) if answer.code.as_deref() == Some("BadDigest") => changed(upload),
        other => other,
    }
}

pub(super) fn changed(upload: &Upload) -> Error {
    SourceError::Changed { path: upload.path.clone() }.into()
}

/// It could be read for the plan: one that is gone was removed meanwhile.
pub(super) fn unreadable(upload: &Upload, source: std::io::Error) -> Error {
    if source.kind() == std::io::ErrorKind::NotFound {
        return changed(upload);
    }
    SourceError::Unreadable { path: upload.file.display().to_string(), source }.into()
}
