//! The distribution API (<https://github.com/opencontainers/distribution-spec/blob/main/spec.md>).

use sha2::{Digest as _, Sha256};

use crate::answer::Answer;
use crate::body::Taken;
use crate::head::Head;
use crate::store::{Manifest, Store, digest};

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `/v2/`, which tells that this is a registry.
    Base,
    Blob(&'a str, &'a str),
    Begin(&'a str),
    Upload(&'a str, u64),
    Manifest(&'a str, &'a str),
    Tags(&'a str),
    Other,
}

impl<'a> Route<'a> {
    pub(crate) fn of(path: &'a str) -> Self {
        let Some(rest) = path.strip_prefix("/v2") else { return Self::Other };
        let rest = rest.trim_start_matches('/');
        if rest.is_empty() {
            return Self::Base;
        }
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Self::Tags(name);
        }
        if let Some((name, reference)) = rest.rsplit_once("/manifests/") {
            return Self::Manifest(name, reference);
        }
        match rest.rsplit_once("/blobs/") {
            Some((name, "uploads" | "uploads/")) => Self::Begin(name),
            Some((name, rest)) => match rest.strip_prefix("uploads/") {
                Some(number) => number.parse().map_or(Self::Other, |number| Self::Upload(name, number)),
                None => Self::Blob(name, rest),
            },
            None => Self::Other,
        }
    }

    /// What it is counted as.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Blob(..) => "blob",
            Self::Begin(..) | Self::Upload(..) => "upload",
            Self::Manifest(..) => "manifest",
            Self::Tags(_) => "tags",
            Self::Other => "other",
        }
    }
}

pub(crate) fn answer(store: &mut Store, head: &Head, route: Route<'_>, taken: Taken) -> Answer {
    match (head.method.as_str(), route) {
        ("GET" | "HEAD", Route::Base) => Answer::json(200, &serde_json::json!({})),
        ("HEAD", Route::Blob(name, wanted)) => match store.has_blob(name, wanted) {
            Some(length) => Answer::new(200).with("docker-content-digest", wanted).with_length(length),
            None => Answer::refusal(404, "BLOB_UNKNOWN"),
        },
        ("POST", Route::Begin(name)) => begin(store, head, name),
        ("PATCH", Route::Upload(name, number)) => append(store, name, number, &taken),
        ("PUT", Route::Upload(name, number)) => complete(store, head, name, number, &taken),
        ("DELETE", Route::Upload(_, number)) => {
            store.uploads.remove(&number);
            Answer::new(204)
        }
        ("GET" | "HEAD", Route::Manifest(name, reference)) => manifest(store, name, reference),
        ("GET", Route::Tags(name)) => tags(store, name),
        ("PUT", Route::Manifest(name, reference)) => put(store, head, name, reference, taken),
        _ => Answer::refusal(405, "UNSUPPORTED"),
    }
}

fn begin(store: &mut Store, head: &Head, name: &str) -> Answer {
    if let (Some(wanted), Some(from)) = (head.query("mount"), head.query("from"))
        && let Some(length) = store.has_blob(from, wanted)
    {
        store.repository(name).blobs.insert(wanted.to_owned(), length);
        return created(name, wanted);
    }
    let number = store.begin();
    progress(name, number, 0)
}

fn progress(name: &str, number: u64, bytes: u64) -> Answer {
    let range = format!("0-{}", bytes.saturating_sub(1));
    Answer::new(202).with("location", &format!("/v2/{name}/blobs/uploads/{number}")).with("range", &range)
}

fn created(name: &str, digest: &str) -> Answer {
    Answer::new(201).with("location", &format!("/v2/{name}/blobs/{digest}")).with("docker-content-digest", digest)
}

fn append(store: &mut Store, name: &str, number: u64, taken: &Taken) -> Answer {
    let (Some(upload), Taken::Counted(bytes)) = (store.uploads.get_mut(&number), taken) else {
        return Answer::refusal(404, "BLOB_UPLOAD_UNKNOWN");
    };
    upload.bytes += bytes;
    let bytes = upload.bytes;
    progress(name, number, bytes)
}

fn complete(store: &mut Store, head: &Head, name: &str, number: u64, taken: &Taken) -> Answer {
    let (Some(upload), Taken::Counted(bytes)) = (store.uploads.remove(&number), taken) else {
        return Answer::refusal(404, "BLOB_UPLOAD_UNKNOWN");
    };
    let wanted = head.query("digest").unwrap_or_default();
    if upload.hasher.is_some_and(|hasher| digest(hasher) != wanted) {
        return Answer::refusal(400, "DIGEST_INVALID");
    }
    store.repository(name).blobs.insert(wanted.to_owned(), upload.bytes + bytes);
    created(name, wanted)
}

fn manifest(store: &Store, name: &str, reference: &str) -> Answer {
    match store.repositories.get(name).and_then(|repository| repository.manifest(reference)) {
        Some((digest, manifest)) => Answer::new(200)
            .with("content-type", &manifest.media_type)
            .with("docker-content-digest", digest)
            .with_body(&manifest.bytes),
        None => Answer::refusal(404, "MANIFEST_UNKNOWN"),
    }
}

/// All tags at once, whatever number was asked for: a registry may give more.
fn tags(store: &Store, name: &str) -> Answer {
    match store.repositories.get(name) {
        Some(repository) => {
            let tags: Vec<&String> = repository.tags.keys().collect();
            Answer::json(200, &serde_json::json!({"name": name, "tags": tags}))
        }
        None => Answer::refusal(404, "NAME_UNKNOWN"),
    }
}

fn put(store: &mut Store, head: &Head, name: &str, reference: &str, taken: Taken) -> Answer {
    let Taken::Kept(bytes) = taken else { return Answer::refusal(400, "MANIFEST_INVALID") };
    let repository = store.repository(name);
    let is_complete = serde_json::from_slice(&bytes).is_ok_and(|document| repository.is_complete(&document));
    if !is_complete {
        return Answer::refusal(400, "MANIFEST_BLOB_UNKNOWN");
    }
    let digest = digest(Sha256::new_with_prefix(&bytes));
    if !reference.contains(':') {
        repository.tags.insert(reference.to_owned(), digest.clone());
    }
    repository.manifests.insert(digest.clone(), Manifest { media_type: head.content_type.clone(), bytes });
    let location = format!("/v2/{name}/manifests/{digest}");
    Answer::new(201).with("location", &location).with("docker-content-digest", &digest)
}
