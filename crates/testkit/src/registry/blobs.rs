//! Blobs: existence, download, and the three ways to upload.

use super::route::Call;
use super::store::{Store, Upload};
use super::{Flavor, Ranges, digest, error};
use crate::http::Reply;

pub(super) fn blob(call: &Call<'_>, store: &Store, digest: &str) -> Reply {
    let Some(content) = store.find(call.repository).and_then(|found| found.blobs.get(digest)) else {
        return error::blob_unknown();
    };
    let found = Reply::new(200)
        .with_header("content-type", "application/octet-stream")
        .with_header("docker-content-digest", digest);
    match call.request.method.as_str() {
        "GET" => match start(call) {
            None => found.with_body(content.clone()),
            Some(start) if start < content.len() => Reply { status: 206, ..found }
                .with_header("content-range", format!("bytes {start}-{}/{}", content.len() - 1, content.len()))
                .with_body(content.slice(start..)),
            Some(_) => {
                let refusal = error::range_invalid();
                refusal.with_header("content-range", format!("bytes */{}", content.len()))
            }
        },
        "HEAD" => found.with_header("content-length", content.len().to_string()),
        _ => error::unsupported(405),
    }
}

/// Where the rest of a blob starts that a request asks for: `bytes=START-`. Other forms are ignored, as RFC 9110 allows.
fn start(call: &Call<'_>) -> Option<usize> {
    if call.rules.ranges == Ranges::Ignored {
        return None;
    }
    call.request.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
}

/// `POST blobs/uploads/`: mounts, takes the whole blob, or begins an upload.
pub(super) fn begin(call: &Call<'_>, store: &mut Store) -> Reply {
    if call.request.method != "POST" {
        return error::unsupported(405);
    }
    if let Some(mounted) = mount(call, store) {
        return mounted;
    }
    let id = store.begin(call.repository);
    match call.request.query_value("digest") {
        Some(expected) => complete(call, store, &id, &expected),
        None => status(call, &id, &Upload::default(), 202),
    }
}

fn mount(call: &Call<'_>, store: &mut Store) -> Option<Reply> {
    let digest = call.request.query_value("mount")?;
    let from = call.request.query_value("from")?;
    let content = store.find(&from)?.blobs.get(&digest)?.clone();
    store.create(call.repository).blobs.insert(digest.clone(), content);
    Some(created(call, &digest))
}

/// `PATCH`, `PUT`, `GET` and `DELETE` of an upload.
pub(super) fn upload(call: &Call<'_>, store: &mut Store, id: &str) -> Reply {
    let Some(upload) = store.upload(call.repository, id) else {
        return error::upload_unknown();
    };
    match call.request.method.as_str() {
        "GET" => status(call, id, upload, 204),
        "PATCH" => append(call, id, upload),
        "PUT" => match call.request.query_value("digest") {
            Some(_) if !starts_at_the_end(call, upload) => error::range_invalid(),
            Some(expected) => complete(call, store, id, &expected),
            None => error::digest_invalid(),
        },
        "DELETE" => {
            store.end(id);
            Reply::new(204)
        }
        _ => error::unsupported(405),
    }
}

fn append(call: &Call<'_>, id: &str, upload: &mut Upload) -> Reply {
    if !starts_at_the_end(call, upload) {
        let refusal = error::range_invalid();
        let kind = refusal.header("content-type").unwrap_or_default();
        return status(call, id, upload, 416).with_header("content-type", kind).with_body(refusal.body.clone());
    }
    upload.content.extend_from_slice(&call.request.body);
    if upload.first_chunk == 0 {
        upload.first_chunk = upload.content.len();
    }
    let code = match call.rules.flavor {
        Flavor::Standard => 202,
        Flavor::Ecr => 201,
    };
    status(call, id, upload, code)
}

fn starts_at_the_end(call: &Call<'_>, upload: &Upload) -> bool {
    let Some(range) = call.request.header("content-range") else {
        return true;
    };
    let range = range.strip_prefix("bytes ").unwrap_or(range);
    let start = range.split('-').next().and_then(|start| start.parse().ok());
    start == Some(upload.content.len())
}

fn complete(call: &Call<'_>, store: &mut Store, id: &str, expected: &str) -> Reply {
    let Some(mut upload) = store.end(id) else {
        return error::upload_unknown();
    };
    upload.content.extend_from_slice(&call.request.body);
    if digest(&upload.content) != expected {
        return error::digest_invalid();
    }
    let repository = store.create(call.repository);
    repository.blobs.insert(expected.to_owned(), upload.content.into());
    created(call, expected)
}

fn created(call: &Call<'_>, digest: &str) -> Reply {
    Reply::new(201)
        .with_header("location", format!("/v2/{}/blobs/{digest}", call.repository))
        .with_header("docker-content-digest", digest)
}

fn status(call: &Call<'_>, id: &str, upload: &Upload, code: u16) -> Reply {
    let length = match call.rules.flavor {
        Flavor::Standard => upload.content.len(),
        Flavor::Ecr => upload.first_chunk,
    };
    Reply::new(code)
        .with_header("location", format!("/v2/{}/blobs/uploads/{id}", call.repository))
        .with_header("docker-upload-uuid", id)
        .with_header("range", format!("0-{}", length.saturating_sub(1)))
}
