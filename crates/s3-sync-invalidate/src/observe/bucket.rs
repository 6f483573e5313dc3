//! Reads objects: headers where the listing is not enough, and the notes of earlier runs.

use aws_client::{ApiError, ApiErrorKind};
use bytes::Bytes;

use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::journal::{self, Debt, Note};
use crate::plan::{Published, Seen, Snapshot, doubtful};
use crate::remote::{Head, RemoteObject, Verdict, compare, is_settled};
use crate::s3;

/// No note is larger: it names keys of at most 1 KiB each, and no site has had so many pages change at once.
const LARGEST_NOTE: usize = 16 * 1024 * 1024;

/// Reads the headers of the objects that the listing does not settle.
pub(super) async fn read_headers(inputs: &Inputs, clients: &Clients, snapshot: &mut Snapshot) -> Result<(), Error> {
    let mut open = doubtful(inputs, snapshot);
    for (path, file) in snapshot.source.files.iter() {
        let Seen { entry, object, memory } = snapshot.seen(path);
        if is_settled(&file, object.as_deref(), memory) {
            continue;
        }
        let Published { headers, .. } = Published::of(inputs, path, &file, entry);
        if compare(&file, &headers, object.as_deref(), memory, inputs.header_check) == Verdict::Ask {
            open.push(path.to_owned());
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    let line = &clients.line(&inputs.bucket)?;
    let look = |path: String| async move {
        let key = inputs.prefix.key(&path);
        let head = match s3::head(line, &key, None).await {
            Ok(headers) => Some(Head::Read(Box::new(headers))),
            Err(error) => match clients.s3_error("HeadObject", &inputs.bucket, Some(&key), &error) {
                // A sync may run without the right to read objects; then it compares less.
                Error::Aws(ApiError { kind: ApiErrorKind::AccessDenied, .. }) => Some(Head::Unreadable),
                // It went since it was listed.
                Error::Aws(ApiError { kind: ApiErrorKind::NotFound, .. }) => None,
                other => return Err(other),
            },
        };
        Ok((path, head))
    };
    for (path, head) in line.gate.all(open.into_iter().map(look)).await? {
        let object = snapshot.objects.remove(&path);
        let read = object.filter(|_| head.is_some()).map(|object| RemoteObject { head, ..object });
        read.and_then(|object| snapshot.objects.insert(&path, object));
    }
    Ok(())
}

/// Reads the notes that earlier runs left.
pub(crate) async fn read_debts(inputs: &Inputs, clients: &Clients, notes: &[Note]) -> Result<Vec<Debt>, Error> {
    let (mut debts, line) = (Vec::new(), &clients.line(&inputs.bucket)?);
    for note in notes {
        let key = journal::key(&inputs.prefix, &note.id);
        let error = match s3::get(line, &key, None).await {
            Ok(mut object) => {
                // Of a note that cannot be read all that is known is that something is due.
                let text = read_note(async || object.body.next().await).await.unwrap_or_default();
                debts.push(Debt::parse(note, &text, &inputs.prefix));
                continue;
            }
            Err(error) => clients.s3_error("GetObject", &inputs.bucket, Some(&key), &error),
        };
        match error {
            Error::Aws(ApiError { kind: ApiErrorKind::AccessDenied, .. }) => {
                debts.push(Debt::unreadable(note));
            }
            // Another run settled it since the listing.
            Error::Aws(ApiError { kind: ApiErrorKind::NotFound, .. }) => {}
            other => return Err(other),
        }
    }
    Ok(debts)
}

/// The text of a note; `None` when it broke off, or is larger than any that was written.
async fn read_note(mut next: impl AsyncFnMut() -> Result<Option<Bytes>, String>) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    while let Some(part) = next().await.ok()? {
        text.extend_from_slice(&part);
        if text.len() > LARGEST_NOTE {
            return None;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{Bytes, LARGEST_NOTE, read_note};

    async fn read(parts: Vec<Result<Vec<u8>, String>>) -> Option<Vec<u8>> {
        let mut parts = parts.into_iter();
        read_note(async || parts.next().transpose().map(|part| part.map(Bytes::from))).await
    }

    #[tokio::test]
    async fn a_note_is_read_up_to_its_limit() {
        assert_eq!(read(vec![Ok(b"{".to_vec()), Ok(b"}".to_vec())]).await.as_deref(), Some(&b"{}"[..]));
        assert_eq!(read(vec![Ok(vec![b' '; LARGEST_NOTE + 1])]).await, None);
        assert_eq!(read(vec![Ok(b"{}".to_vec()), Err("cut".to_owned())]).await, None);
    }
}
