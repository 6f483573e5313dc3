//! Uploads the files of one phase.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::ServerSideEncryption;
use futures::StreamExt as _;
use loopback::Pace;

use crate::digest::Md5Sum;
use crate::error::Error;
use crate::phase::Phase;
use crate::plan::Upload;
use crate::remote::MD5_METADATA;

use super::Run;

/// Files up to this size are read at once, checked and sent from memory; larger ones are streamed from the disk.
const IN_MEMORY: u64 = 1024 * 1024;

/// The size of one read of a streamed file.
const STREAM_BUFFER: usize = 128 * 1024;

/// How long an upload of up to so many bytes may take, the answer included.
///
/// The time-out of other calls counts from a request's start to its answer, so on a slow line it would end the upload of a
/// file that moves all the time. A line that does not move is noticed by the SDK's stalled stream protection. There are only
/// three steps because the connections of different time-outs are not shared.
const PATIENCE: [(u64, Duration); 3] = [
    (IN_MEMORY, Duration::from_mins(5)),
    (64 * IN_MEMORY, Duration::from_mins(30)),
    (u64::MAX, Duration::from_hours(6)),
];

/// How a phase went.
pub(super) struct PhaseResult {
    pub(super) done: usize,
    pub(super) failures: Vec<Error>,
}

/// Uploads `uploads`, `at_once` at the same time. After a failure or a cancellation no other upload begins; those under
/// way end.
pub(super) async fn all(run: Run<'_>, phase: Phase, uploads: &[&Upload], at_once: usize) -> PhaseResult {
    let progress = run.session.log.progress(&format!("uploading {phase}"), uploads.len() as u64);
    let failures = RefCell::new(Vec::new());
    let done = Cell::new(0);
    let clients = Patient::new(&run.clients.s3, run.clients.pace);
    let stopped = || run.session.cancel.is_cancelled() || !failures.borrow().is_empty();
    futures::stream::iter(uploads)
        .map(|upload| async {
            if stopped() {
                return;
            }
            match one(run, upload, clients.of(upload.size)).await {
                Ok(()) => {
                    done.set(done.get() + 1);
                    progress.advance(1);
                }
                Err(error) => failures.borrow_mut().push(error),
            }
        })
        .buffer_unordered(at_once)
        .collect::<()>()
        .await;
    PhaseResult { done: done.get(), failures: failures.into_inner() }
}

async fn one(run: Run<'_>, upload: &Upload, client: &aws_sdk_s3::Client) -> Result<(), Error> {
    let answer = client
        .put_object()
        .bucket(run.inputs.bucket.as_str())
        .key(&upload.key)
        .content_type(&upload.headers.content_type)
        .cache_control(&upload.headers.cache_control)
        .content_length(i64::try_from(upload.size).unwrap_or(i64::MAX))
        .content_md5(upload.md5.base64())
        .metadata(MD5_METADATA, upload.md5.to_string())
        .body(body(upload).await?)
        .send()
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(refused(run, upload, &error)),
    };
    let unchanged = upload.size <= IN_MEMORY || size_on_disk(upload).await? == upload.size;
    if unchanged && stored_as_meant(upload, &answer) { Ok(()) } else { Err(changed(upload)) }
}

/// Clients that differ in their patience, in the order of [`PATIENCE`].
struct Patient([aws_sdk_s3::Client; PATIENCE.len()]);

impl Patient {
    fn new(client: &aws_sdk_s3::Client, pace: Pace) -> Self {
        Self(PATIENCE.map(|(_, time)| {
            let time_outs = TimeoutConfig::builder().read_timeout(pace.of(time)).build();
            aws_sdk_s3::Client::from_conf(client.config().to_builder().timeout_config(time_outs).build())
        }))
    }

    /// The one for a file of so many bytes.
    fn of(&self, size: u64) -> &aws_sdk_s3::Client {
        let [small, medium, large] = &self.0;
        let [(up_to, _), (further, _), _] = PATIENCE;
        if size <= up_to {
            small
        } else if size <= further {
            medium
        } else {
            large
        }
    }
}

/// A small file is read again in one go; that its bytes are those of the plan is checked by S3, which gets their sum.
async fn body(upload: &Upload) -> Result<ByteStream, Error> {
    if upload.size <= IN_MEMORY {
        // It was read a moment ago: the system has it in memory.
        let bytes = std::fs::read(&upload.file).map_err(|source| unreadable(upload, source))?;
        return if bytes.len() as u64 == upload.size { Ok(ByteStream::from(bytes)) } else { Err(changed(upload)) };
    }
    if size_on_disk(upload).await? != upload.size {
        return Err(changed(upload));
    }
    let stream = ByteStream::read_from().path(&upload.file).length(Length::Exact(upload.size));
    stream.buffer_size(STREAM_BUFFER).build().await.map_err(|error| unreadable(upload, std::io::Error::other(error)))
}

async fn size_on_disk(upload: &Upload) -> Result<u64, Error> {
    let metadata = tokio::fs::metadata(&upload.file).await.map_err(|source| unreadable(upload, source))?;
    Ok(metadata.len())
}

/// S3 checks Content-MD5 itself; where the answer's `ETag` is an MD5 by definition, it is a second witness.
fn stored_as_meant(upload: &Upload, answer: &PutObjectOutput) -> bool {
    let plain = matches!(answer.server_side_encryption(), None | Some(ServerSideEncryption::Aes256));
    let etag = answer.e_tag().map(|etag| etag.trim_matches('"')).and_then(Md5Sum::parse);
    !plain || etag.is_none_or(|etag| etag == upload.md5)
}

/// `BadDigest` means that the bytes were not those that were read for the plan.
fn refused<E>(
    run: Run<'_>,
    upload: &Upload,
    error: &aws_sdk_s3::error::SdkError<E, aws_sdk_s3::config::http::HttpResponse>,
) -> Error
where
    E: aws_sdk_s3::error::ProvideErrorMetadata + std::error::Error + 'static,
{
    match run.clients.s3_error("PutObject", &run.inputs.bucket, Some(&upload.key), error) {
        Error::Aws(answer) if answer.code.as_deref() == Some("BadDigest") => changed(upload),
        other => other,
    }
}

fn changed(upload: &Upload) -> Error {
    Error::FileChanged { path: upload.path.clone() }
}

fn unreadable(upload: &Upload, source: std::io::Error) -> Error {
    Error::Unreadable { path: upload.file.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bigger_a_file_the_longer_its_upload_may_take() {
        // 32 uploads share the line: each step's largest file must pass at 4 Mbit/s.
        let floor = Duration::from_secs(1);
        for (largest, least) in [(IN_MEMORY, 64 * floor), (64 * IN_MEMORY, 1024 * floor), (5 << 30, 10_240 * floor)] {
            let (_, patience) = PATIENCE.iter().find(|(limit, _)| largest <= *limit).unwrap();
            assert!(*patience > least, "{largest}");
        }
    }
}
