//! Uploads a large file in parts, several at the same time.
//!
//! The object appears when all parts are there, with the sum that the file had when it was read for the plan. An upload that does not
//! come so far is aborted: its parts would be paid for.

use std::fs::File;
use std::time::Duration;

use aws_client::direct::{Connections, Refused, Request};
use aws_client::{ApiError, ApiErrorKind};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::apply::odd::{NO_ETAG, odd};
use crate::digest::{Crc64, Md5Sum};
use crate::error::Error;
use crate::headers::RemoteHeaders;
use crate::plan::Upload;
use crate::reader::fill_at;
use crate::s3::parts::{self, Part, Piece};
use crate::s3::{PATIENCE, PATIENCE_FOR_LITTLE, path, patience};

use super::Work;
use super::put::{changed, headers, memory, unreadable};

/// More parts of a file at the same time than this do not make it faster.
const AT_ONCE: usize = 12;

/// How long the abort of an upload may take: a cancelled run has five seconds.
const ABORT: Duration = Duration::from_secs(3);

/// An upload under way.
struct Multipart<'a> {
    work: &'a Work,
    upload: &'a Upload,
    connections: &'a Connections,
    /// What S3 calls it.
    id: String,
    /// Whether it checks a sum of CRC64NVME of each part.
    knows_sums: bool,
    /// Whether it checks that of the whole object too.
    knows_whole: bool,
}

/// Uploads one file. Returns its key, and the object's `ETag` without quotes; `None` when it was given up because the run was cancelled, or because
/// another upload failed.
pub(super) async fn put(
    work: &Work,
    upload: &Upload,
    connections: &Connections,
) -> Result<Option<(String, String)>, Error> {
    let file = File::open(&upload.file).map_err(|source| unreadable(upload, source))?;
    let begun = Multipart::create(work, upload, connections).await?;
    let result = tokio::select! {
        biased;
        () = work.cancel.cancelled() => Ok(None),
        stored = begun.send(&file) => stored.map(Some),
    };
    if !matches!(result, Ok(Some(_))) {
        begun.abort().await;
    }
    result
}

impl<'a> Multipart<'a> {
    async fn create(work: &'a Work, upload: &'a Upload, connections: &'a Connections) -> Result<Self, Error> {
        let mut headers = headers(upload);
        headers.push(pair("x-amz-checksum-algorithm", "CRC64NVME"));
        headers.push(pair("x-amz-checksum-type", "FULL_OBJECT"));
        let request =
            request("POST", format!("{}?uploads", path(&upload.key)), headers, Bytes::new(), PATIENCE_FOR_LITTLE);
        let answer = connections.send(&request, work.gate.as_ref()).await;
        let answer = answer.map_err(|error| work.refused("CreateMultipartUpload", &upload.key, &error))?;
        let id = parts::id(answer.body().bytes().unwrap_or_default())
            .map_err(|message| odd("CreateMultipartUpload", &upload.key, message))?;
        // S3 repeats what it will do; who does not know the sums says nothing.
        let says = |name, value| answer.headers().get(name) == Some(value);
        let knows_sums = says("x-amz-checksum-algorithm", "CRC64NVME");
        let knows_whole = knows_sums && says("x-amz-checksum-type", "FULL_OBJECT");
        Ok(Self { work, upload, connections, id, knows_sums, knows_whole })
    }

    async fn send(&self, file: &File) -> Result<(String, String), Error> {
        let mut waiting = parts::pieces(self.upload.size);
        let mut flying = FuturesUnordered::new();
        let mut stored = Vec::with_capacity(waiting.len());
        loop {
            while flying.len() < self.work.gate.share(self.work.threads).min(AT_ONCE) {
                let Some(piece) = waiting.next() else { break };
                flying.push(self.part(file, piece));
            }
            let Some(part) = flying.next().await else { break };
            let part = part?;
            self.work.progress.advance(part.piece.length);
            stored.push(part);
        }
        stored.sort_unstable_by_key(|part| part.piece.number);
        let sum = parts::whole(&stored);
        let is_longer = file.metadata().is_ok_and(|now| now.len() != self.upload.size);
        if is_longer || Md5Sum::of_large(sum, self.upload.size) != self.upload.md5 {
            return Err(changed(self.upload));
        }
        self.complete(&stored, sum).await
    }

    async fn part(&self, file: &File, piece: Piece) -> Result<Part, Error> {
        let _memory = memory(self.work, piece.length).await;
        let length = usize::try_from(piece.length).unwrap_or(usize::MAX);
        let body = self.work.buffers.filled(length, |buffer| fill_at(file, buffer, piece.start));
        let body = body.map_err(|source| match source.kind() {
            std::io::ErrorKind::UnexpectedEof => changed(self.upload),
            _ => unreadable(self.upload, source),
        })?;
        let crc = Crc64::of(&body);
        let header = if self.knows_sums {
            pair("x-amz-checksum-crc64nvme", &crc.base64())
        } else {
            pair("content-md5", &Md5Sum::of(&body).base64())
        };
        let query = format!("?partNumber={}&uploadId={}", piece.number, self.encoded_id());
        let patience = patience(&body);
        let request = request("PUT", path(&self.upload.key) + &query, vec![header], body, patience);
        let answer = self.connections.send(&request, self.work.gate.as_ref()).await;
        let answer = answer.map_err(|error| self.refused("UploadPart", &error))?;
        let etag = parts::named(answer.headers().get("etag"));
        let etag = etag.ok_or_else(|| odd("UploadPart", &self.upload.key, NO_ETAG))?;
        Ok(Part { piece, etag, crc })
    }

    async fn complete(&self, stored: &[Part], sum: Crc64) -> Result<(String, String), Error> {
        let mut headers = vec![pair("content-type", "application/xml")];
        if self.knows_whole {
            headers.push(pair("x-amz-checksum-crc64nvme", &sum.base64()));
            headers.push(pair("x-amz-checksum-type", "FULL_OBJECT"));
        }
        let body = Bytes::from(parts::list(stored, self.knows_sums));
        let request = request("POST", self.path_of_upload(), headers, body, PATIENCE);
        let etag = match self.connections.send(&request, self.work.gate.as_ref()).await {
            Ok(answer) => {
                let told = parts::etag_of(answer.body().bytes().unwrap_or_default());
                // Its words may be lost on their way, or not be S3's: then the object tells.
                let etag = if told.is_some() { told } else { self.stored_before().await };
                etag.ok_or_else(|| odd("CompleteMultipartUpload", &self.upload.key, NO_ETAG))?
            }
            Err(error) => match self.refused("CompleteMultipartUpload", &error) {
                // An answer was lost, and the upload is no more because it was completed.
                Error::Aws(ApiError { code: Some(code), .. }) if code == "NoSuchUpload" => {
                    self.stored_before().await.ok_or_else(|| self.refused("CompleteMultipartUpload", &error))?
                }
                other => return Err(other),
            },
        };
        Ok((self.upload.key.clone(), etag))
    }

    /// The `ETag` of the object, if it has the sum and the headers that it was to have: its `ETag` alone says neither with a key of
    /// KMS nor which headers came with equal parts.
    async fn stored_before(&self) -> Option<String> {
        let request = request("HEAD", path(&self.upload.key), Vec::new(), Bytes::new(), PATIENCE_FOR_LITTLE);
        let answer = self.connections.send(&request, &()).await.ok()?;
        let etag = answer.headers().get("etag")?.trim_matches('"').to_owned();
        let object = RemoteHeaders::of_lines(answer.headers().iter());
        let is_content = object.md5.as_deref().and_then(Md5Sum::parse) == Some(self.upload.md5);
        (is_content && self.upload.headers.are_those_of(&object)).then_some(etag)
    }

    /// Gives the parts up. What cannot be aborted now is left to the bucket's lifecycle rule.
    async fn abort(&self) {
        let request = request("DELETE", self.path_of_upload(), Vec::new(), Bytes::new(), ABORT);
        let limit = self.work.clients.pace.of(ABORT);
        let answer = tokio::time::timeout(limit, self.connections.send(&request, &())).await;
        let problem = match answer {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => match self.refused("AbortMultipartUpload", &error) {
                Error::Aws(ApiError { kind: ApiErrorKind::NotFound, .. }) => return,
                other => other.to_string(),
            },
            Err(_) => "S3 did not answer in time".to_owned(),
        };
        let key = &self.upload.key;
        self.work.log.warning(format!("the parts of `{key}` that were uploaded could not be removed: {problem}"));
    }

    fn path_of_upload(&self) -> String {
        format!("{}?uploadId={}", path(&self.upload.key), self.encoded_id())
    }

    fn encoded_id(&self) -> String {
        utf8_percent_encode(&self.id, NON_ALPHANUMERIC).to_string()
    }

    /// `BadDigest` is of bytes that changed on their way.
    fn refused(&self, operation: &str, error: &Refused) -> Error {
        match self.work.refused(operation, &self.upload.key, error) {
            Error::Aws(answer) if answer.code.as_deref() == Some("BadDigest") => changed(self.upload),
            other => other,
        }
    }
}

fn request(
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    patience: Duration,
) -> Request {
    Request { method, path, headers, body, patience }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
