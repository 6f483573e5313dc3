//! Manifests, tags and referrers.

use serde_json::{Value, json};

use super::route::Call;
use super::store::{Manifest, Repository, Store};
use super::{Immutability, digest, error};
use crate::http::Reply;
use crate::wildcard;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

pub(super) fn manifest(call: &Call<'_>, store: &mut Store, reference: &str) -> Reply {
    match call.request.method.as_str() {
        "GET" | "HEAD" => fetch(call, store, reference),
        "PUT" => put(call, store, reference).unwrap_or_else(|refusal| refusal),
        "DELETE" => delete(call, store, reference),
        _ => error::unsupported(405),
    }
}

fn fetch(call: &Call<'_>, store: &Store, reference: &str) -> Reply {
    let Some(manifest) = store.find(call.repository).and_then(|found| found.manifest(reference)) else {
        return error::manifest_unknown();
    };
    let found = Reply::new(200)
        .with_header("content-type", manifest.media_type.as_str())
        .with_header("docker-content-digest", manifest.digest.as_str());
    if call.request.method == "HEAD" {
        return found.with_header("content-length", manifest.body.len().to_string());
    }
    found.with_body(manifest.body.clone())
}

fn put(call: &Call<'_>, store: &mut Store, reference: &str) -> Result<Reply, Reply> {
    let body: Value = serde_json::from_slice(&call.request.body)
        .map_err(|problem| error::manifest_invalid(&format!("manifest is no JSON: {problem}")))?;
    let media_type = call
        .request
        .header("content-type")
        .or_else(|| body["mediaType"].as_str())
        .ok_or_else(|| error::manifest_invalid("the manifest has no media type"))?;
    let manifest = Manifest::new(media_type, call.request.body.clone());
    let repository = store.create(call.repository);
    check_references(repository, &body)?;
    if reference.contains(':') {
        if reference != manifest.digest {
            return Err(error::digest_invalid());
        }
    } else {
        check_tag(call, repository, reference)?;
        repository.tags.insert(reference.to_owned(), manifest.digest.clone());
    }
    let mut reply = Reply::new(201)
        .with_header("location", format!("/v2/{}/manifests/{}", call.repository, manifest.digest))
        .with_header("docker-content-digest", manifest.digest.as_str());
    if let Some(subject) = body["subject"]["digest"].as_str() {
        reply = reply.with_header("oci-subject", subject);
    }
    repository.manifests.insert(manifest.digest.clone(), manifest);
    Ok(reply)
}

fn check_references(repository: &Repository, manifest: &Value) -> Result<(), Reply> {
    let list = |name: &str| manifest[name].as_array().cloned().unwrap_or_default();
    let blobs = list("layers").into_iter().chain([manifest["config"].clone()]);
    for blob in blobs {
        if let Some(digest) = blob["digest"].as_str()
            && !repository.blobs.contains_key(digest)
        {
            return Err(error::reference_unknown(digest));
        }
    }
    for child in list("manifests") {
        if let Some(digest) = child["digest"].as_str()
            && !repository.manifests.contains_key(digest)
        {
            return Err(error::reference_unknown(digest));
        }
    }
    Ok(())
}

fn check_tag(call: &Call<'_>, repository: &Repository, tag: &str) -> Result<(), Reply> {
    let Immutability::Except(patterns) = &call.rules.immutability else {
        return Ok(());
    };
    let may_move = patterns.iter().any(|pattern| wildcard::matches(pattern, tag));
    if repository.tags.contains_key(tag) && !may_move {
        return Err(error::tag_immutable(call.repository, tag));
    }
    Ok(())
}

fn delete(call: &Call<'_>, store: &mut Store, reference: &str) -> Reply {
    let repository = store.create(call.repository);
    let removed = if reference.contains(':') {
        repository.tags.retain(|_, digest| digest != reference);
        repository.manifests.remove(reference).is_some()
    } else {
        repository.tags.remove(reference).is_some()
    };
    if removed { Reply::new(202) } else { error::manifest_unknown() }
}

pub(super) fn tags(call: &Call<'_>, store: &Store) -> Reply {
    let Some(repository) = store.find(call.repository) else {
        return error::name_unknown(call.repository);
    };
    let after = call.request.query_value("last").unwrap_or_default();
    let limit = call.request.query_value("n").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let left: Vec<&String> = repository.tags.keys().filter(|tag| **tag > after).collect();
    let page = &left[..limit.min(left.len())];
    let reply = Reply::json(200, &json!({"name": call.repository, "tags": page}));
    match page.last() {
        Some(last) if page.len() < left.len() => reply
            .with_header("link", format!("</v2/{}/tags/list?n={limit}&last={last}>; rel=\"next\"", call.repository)),
        _ => reply,
    }
}

pub(super) fn referrers(call: &Call<'_>, store: &Store, subject: &str) -> Reply {
    if !subject.contains(':') {
        return error::digest_invalid();
    }
    let wanted = call.request.query_value("artifactType");
    let manifests: Vec<Value> = store
        .find(call.repository)
        .into_iter()
        .flat_map(|repository| repository.manifests.values())
        .filter(|manifest| manifest.json()["subject"]["digest"] == subject)
        .map(descriptor)
        .filter(|descriptor| wanted.as_ref().is_none_or(|wanted| descriptor["artifactType"] == wanted.as_str()))
        .collect();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    let reply = Reply::new(200).with_header("content-type", INDEX).with_body(index.to_string());
    if wanted.is_some() { reply.with_header("oci-filters-applied", "artifactType") } else { reply }
}

fn descriptor(manifest: &Manifest) -> Value {
    let body = manifest.json();
    let mut descriptor = json!({
        "mediaType": manifest.media_type,
        "digest": digest(&manifest.body),
        "size": manifest.body.len(),
    });
    let artifact = body["artifactType"].as_str().or_else(|| body["config"]["mediaType"].as_str());
    if let Some(artifact) = artifact {
        descriptor["artifactType"] = artifact.into();
    }
    if body["annotations"].is_object() {
        descriptor["annotations"] = body["annotations"].clone();
    }
    descriptor
}
