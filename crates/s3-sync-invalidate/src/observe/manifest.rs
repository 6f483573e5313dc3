//! Reads the manifest.

use std::collections::VecDeque;
use std::io::Read;

use aws_client::{ApiError, ApiErrorKind};
use bytes::{Buf as _, Bytes};

use crate::clients::Clients;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::manifest::{Broken, Folder, Found, Manifest, read};
use crate::s3::{self, Object};

/// How often a body that breaks off is asked for.
const TRIES: usize = 3;

/// No manifest is larger as it lies in the bucket.
const LARGEST: usize = 256 * 1024 * 1024;

/// Finds out where the manifest lies, and reads it.
pub(crate) async fn find(inputs: &Inputs, clients: &Clients) -> Result<Found, Error> {
    // Buckets of others than AWS have no accounts.
    let is_aws = clients.aws.endpoint_of("S3").is_none();
    let account = match clients.aws.place().account.clone() {
        Some(account) => account,
        None if is_aws && inputs.manifest.needs_account() => clients.aws.account().await?,
        None => String::new(),
    };
    match inputs.manifest.folder(&inputs.bucket, &inputs.prefix, &account) {
        None => Ok(Found::Off),
        Some(folder) => look(clients, folder).await,
    }
}

/// Reads the present manifest that lies in `folder`.
pub(crate) async fn look(clients: &Clients, folder: Folder) -> Result<Found, Error> {
    let key = folder.current();
    read_at(clients, folder, &key).await
}

/// Reads the manifest at `key` of `folder`.
pub(crate) async fn read_at(clients: &Clients, folder: Folder, key: &str) -> Result<Found, Error> {
    let (mut tries, line) = (0, clients.line(&folder.bucket)?);
    loop {
        let object = match s3::get(&line, key, None).await {
            Ok(object) => object,
            Err(error) => {
                return match clients.s3_error("GetObject", &folder.bucket, Some(key), &error) {
                    Error::Aws(ApiError { kind: ApiErrorKind::NotFound, .. }) => Ok(Found::Absent(folder)),
                    Error::Aws(ApiError { kind: ApiErrorKind::AccessDenied, .. }) => Ok(Found::Denied(folder)),
                    other => Err(other),
                };
            }
        };
        tries += 1;
        match taken(object).await {
            Ok(found) => return understood(folder, found),
            Err(why) if tries == TRIES => return Err(broke_off(&folder, &why)),
            Err(_) => {}
        }
    }
}

/// What was answered: the `ETag`, the time, and the body; no body where it is too large.
struct Taken {
    etag: String,
    last_modified: i64,
    body: Option<Body>,
}

/// A body in parts. What was read of it takes no memory any more.
#[derive(Default)]
struct Body(VecDeque<Bytes>);

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.0.pop_front_if(|part| part.is_empty()).is_some() {}
        let Some(part) = self.0.front_mut() else { return Ok(0) };
        let length = part.len().min(buffer.len());
        part.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

async fn taken(object: Object) -> Result<Taken, String> {
    let Object { etag, last_modified, body: mut parts } = object;
    let (mut body, mut length) = (Body::default(), 0);
    while let Some(part) = parts.next().await? {
        length += part.len();
        if length > LARGEST {
            return Ok(Taken { etag, last_modified, body: None });
        }
        body.0.push_back(part);
    }
    Ok(Taken { etag, last_modified, body: Some(body) })
}

fn understood(folder: Folder, taken: Taken) -> Result<Found, Error> {
    let Taken { etag, last_modified, body } = taken;
    match body.map(read) {
        Some(Ok(content)) => Ok(Found::Read(folder, Box::new(Manifest { content, etag, last_modified }))),
        Some(Err(Broken::TooNew(format))) => Err(Error::ManifestTooNew { place: folder.to_string(), format }),
        None | Some(Err(Broken::Damaged(_))) => Ok(Found::Broken(folder, etag)),
    }
}

/// What lies in `folder` may not be read, or is not there.
pub(crate) fn denied(clients: &Clients, folder: &Folder) -> Error {
    let partition = clients.aws.place().partition;
    Error::Aws(ApiError {
        service: "s3".to_owned(),
        operation: "GetObject".to_owned(),
        code: Some("AccessDenied".to_owned()),
        message:
            "S3 says this of what is not there, and of what is encrypted with a key of KMS that the role may not use \
                  (`kms:Decrypt`), too: check `bucket`, `prefix` and `manifest` as well"
                .to_owned(),
        resource: Some(format!("arn:{partition}:s3:::{}/{}*", folder.bucket, folder.start)),
        kind: ApiErrorKind::AccessDenied,
        request_id: None,
    })
}

fn broke_off(folder: &Folder, why: &str) -> Error {
    Error::Aws(ApiError {
        service: "s3".to_owned(),
        operation: "GetObject".to_owned(),
        code: None,
        message: format!("the body broke off: {why}"),
        resource: Some(format!("{folder}")),
        kind: ApiErrorKind::Unreachable,
        request_id: None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_body_in_parts_is_read_as_one(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..9)) {
            let mut body = Body(parts.iter().cloned().map(Bytes::from).collect());
            let mut read = Vec::new();
            body.read_to_end(&mut read).unwrap();
            prop_assert_eq!(read, parts.concat());
            prop_assert!(body.0.is_empty());
        }
    }
}
