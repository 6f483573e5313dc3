//! Reads objects: headers where the listing is not enough, and the notes of earlier runs.

use aws_client::{ApiError, ApiErrorKind};
use aws_sdk_s3::primitives::ByteStream;
use futures::{StreamExt as _, TryStreamExt as _};

use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::journal::{self, Debt};
use crate::plan::Snapshot;
use crate::remote::{Head, MD5_METADATA, RemoteHeaders, Verdict, compare};

/// How many HEAD requests run at the same time.
const HEADS_AT_ONCE: usize = 32;

/// No note is larger: it names keys of at most 1 KiB each, and no site has had so many pages change at once.
const LARGEST_NOTE: usize = 16 * 1024 * 1024;

/// Reads the headers of the objects that the listing does not settle.
pub(super) async fn read_headers(inputs: &Inputs, clients: &Clients, snapshot: &mut Snapshot) -> Result<(), Error> {
    let mut open = Vec::new();
    for (path, file) in &snapshot.source.files {
        let key = inputs.prefix.key(path);
        let (_, headers) = inputs.headers(path, file.looks);
        if compare(file, &headers, snapshot.objects.get(&key), inputs.header_check) == Verdict::Ask {
            open.push(key);
        }
    }
    let heads: Vec<(String, Head)> = futures::stream::iter(open)
        .map(|key| async move { head(inputs, clients, &key).await.map(|head| (key, head)) })
        .buffer_unordered(HEADS_AT_ONCE)
        .try_collect()
        .await?;
    for (key, head) in heads {
        if let Some(object) = snapshot.objects.get_mut(&key) {
            object.head = Some(head);
        }
    }
    Ok(())
}

async fn head(inputs: &Inputs, clients: &Clients, key: &str) -> Result<Head, Error> {
    match clients.s3.head_object().bucket(inputs.bucket.as_str()).key(key).send().await {
        Ok(answer) => Ok(Head::Read(RemoteHeaders {
            content_type: answer.content_type().map(str::to_owned),
            cache_control: answer.cache_control().map(str::to_owned),
            md5: answer.metadata().and_then(|metadata| metadata.get(MD5_METADATA)).cloned(),
        })),
        Err(error) => match clients.s3_error("HeadObject", &inputs.bucket, Some(key), &error) {
            // A sync may run without the right to read objects; then it compares less.
            Error::Aws(ApiError { kind: ApiErrorKind::AccessDenied | ApiErrorKind::NotFound, .. }) => {
                Ok(Head::Unreadable)
            }
            other => Err(other),
        },
    }
}

/// Reads the notes that earlier runs left.
pub(super) async fn read_debts(inputs: &Inputs, clients: &Clients, notes: &[String]) -> Result<Vec<Debt>, Error> {
    let mut debts = Vec::new();
    for id in notes {
        let key = journal::key(&inputs.prefix, id);
        let answer = clients.s3.get_object().bucket(inputs.bucket.as_str()).key(&key).send().await;
        let error = match answer {
            Ok(answer) => {
                // Of a note that cannot be read all that is known is that something is due.
                let text = read_note(answer.body).await.unwrap_or_default();
                debts.push(Debt::parse(id, &text, &inputs.prefix));
                continue;
            }
            Err(error) => clients.s3_error("GetObject", &inputs.bucket, Some(&key), &error),
        };
        match error {
            Error::Aws(ApiError { kind: ApiErrorKind::AccessDenied, .. }) => {
                debts.push(Debt { id: id.clone(), keys: None });
            }
            // Another run settled it since the listing.
            Error::Aws(ApiError { kind: ApiErrorKind::NotFound, .. }) => {}
            other => return Err(other),
        }
    }
    Ok(debts)
}

/// The text of a note; `None` when it broke off, or is larger than any that was written.
async fn read_note(mut body: ByteStream) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    while let Some(part) = body.next().await {
        text.extend_from_slice(&part.ok()?);
        if text.len() > LARGEST_NOTE {
            return None;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{ByteStream, LARGEST_NOTE, read_note};

    #[tokio::test]
    async fn a_note_is_read_up_to_its_limit() {
        assert_eq!(read_note(ByteStream::from_static(b"{}")).await.as_deref(), Some(&b"{}"[..]));
        assert_eq!(read_note(ByteStream::from(vec![b' '; LARGEST_NOTE + 1])).await, None);
    }
}
