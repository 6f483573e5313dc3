use bytes::Bytes;
use serde_json::json;

use super::{FakeRegistry, digest};
use crate::http::Reply;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Sends one request through a real client.
fn send(registry: &FakeRegistry, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
    crate::http::send(method, &format!("{}{path}", registry.url()), headers, &body.into())
        .expect("the registry answers")
}

fn push_manifest(registry: &FakeRegistry, tag: &str, layer: &str) -> Reply {
    let config = registry.put_blob("shop", "{}");
    let layer = registry.put_blob("shop", layer.to_owned());
    let body = json!({"schemaVersion": 2, "config": {"digest": config}, "layers": [{"digest": layer}]});
    send(registry, "PUT", &format!("/v2/shop/manifests/{tag}"), &[("content-type", MANIFEST)], body.to_string())
}

#[test]
fn takes_a_blob_in_one_piece() {
    let registry = FakeRegistry::start().expect("the registry starts");
    let wanted = digest(b"layer");
    let begun = send(&registry, "POST", "/v2/a/b/blobs/uploads/", &[], "");
    assert_eq!(begun.status, 202);
    let location = begun.header("location").expect("an upload has a location");
    let done = send(&registry, "PUT", &format!("{location}?digest={wanted}"), &[], "layer");
    assert_eq!(done.status, 201);
    assert_eq!(registry.blob("a/b", &wanted).as_deref(), Some(&b"layer"[..]));
    let head = send(&registry, "HEAD", &format!("/v2/a/b/blobs/{wanted}"), &[], "");
    assert_eq!((head.status, head.header("content-length")), (200, Some("5")));
}

#[test]
fn takes_a_blob_in_chunks_and_refuses_a_gap() {
    let registry = FakeRegistry::start().expect("the registry starts");
    let begun = send(&registry, "POST", "/v2/shop/blobs/uploads/", &[], "");
    let location = begun.header("location").expect("an upload has a location").to_owned();
    let chunk =
        |range: &str, body: &'static str| send(&registry, "PATCH", &location, &[("content-range", range)], body);
    let first = chunk("0-2", "lay");
    assert_eq!((first.status, first.header("range")), (202, Some("0-2")));
    let gap = chunk("7-8", "xx");
    assert_eq!((gap.status, gap.header("range")), (416, Some("0-2")));
    assert_eq!(chunk("3-4", "er").header("range"), Some("0-4"));
    let done = send(&registry, "PUT", &format!("{location}?digest={}", digest(b"layer")), &[], "");
    assert_eq!(done.status, 201);
}

#[test]
fn ecr_answers_a_chunk_with_created_and_a_stale_range() {
    let registry = FakeRegistry::builder().ecr_quirks().start().expect("the registry starts");
    let begun = send(&registry, "POST", "/v2/shop/blobs/uploads/", &[], "");
    let location = begun.header("location").expect("an upload has a location").to_owned();
    for body in ["lay", "er"] {
        let chunk = send(&registry, "PATCH", &location, &[], body);
        assert_eq!((chunk.status, chunk.header("range")), (201, Some("0-2")));
    }
    let done = send(&registry, "PUT", &format!("{location}?digest={}", digest(b"layer")), &[], "");
    assert_eq!(done.status, 201);
}

#[test]
fn refuses_content_that_does_not_match_its_digest() {
    let registry = FakeRegistry::start().expect("the registry starts");
    let path = format!("/v2/shop/blobs/uploads/?digest={}", digest(b"other"));
    let refused = send(&registry, "POST", &path, &[], "layer");
    assert_eq!((refused.status, refused.to_json()["errors"][0]["code"].as_str()), (400, Some("DIGEST_INVALID")));
}

#[test]
fn mounts_a_blob_of_another_repository() {
    let registry = FakeRegistry::start().expect("the registry starts");
    let blob = registry.put_blob("base", "layer");
    let mount =
        |from: &str| send(&registry, "POST", &format!("/v2/shop/blobs/uploads/?mount={blob}&from={from}"), &[], "");
    assert_eq!(mount("nowhere").status, 202);
    assert_eq!(mount("base").status, 201);
    assert!(registry.blob("shop", &blob).is_some());
}

#[test]
fn a_manifest_needs_its_blobs() {
    let registry = FakeRegistry::start().expect("the registry starts");
    let body = json!({"config": {"digest": digest(b"absent")}}).to_string();
    let refused = send(&registry, "PUT", "/v2/shop/manifests/1.0.0", &[("content-type", MANIFEST)], body);
    assert_eq!(refused.to_json()["errors"][0]["code"], "MANIFEST_BLOB_UNKNOWN");
    let pushed = push_manifest(&registry, "1.0.0", "layer");
    assert_eq!(pushed.status, 201);
    let manifest = registry.manifest("shop", "1.0.0").expect("the manifest was pushed");
    assert_eq!(pushed.header("docker-content-digest"), Some(manifest.digest.as_str()));
    let fetched = send(&registry, "GET", &format!("/v2/shop/manifests/{}", manifest.digest), &[], "");
    assert_eq!((fetched.header("content-type"), &fetched.body), (Some(MANIFEST), &manifest.body));
}

#[test]
fn an_immutable_tag_never_moves_but_an_excluded_one_does() {
    let registry =
        FakeRegistry::builder().immutable_tags_except(["latest", "*-SNAPSHOT"]).start().expect("the registry starts");
    for tag in ["1.0.0", "latest", "1.1.0-SNAPSHOT"] {
        assert_eq!(push_manifest(&registry, tag, "one").status, 201);
    }
    assert_eq!(push_manifest(&registry, "latest", "two").status, 201);
    assert_eq!(push_manifest(&registry, "1.1.0-SNAPSHOT", "two").status, 201);
    for layer in ["two", "one"] {
        let refused = push_manifest(&registry, "1.0.0", layer);
        assert_eq!((refused.status, refused.to_json()["errors"][0]["code"].as_str()), (400, Some("TAG_INVALID")));
    }
}

#[test]
fn an_unknown_repository_is_refused_when_repositories_are_named() {
    let registry = FakeRegistry::builder().repository("shop").start().expect("the registry starts");
    assert_eq!(send(&registry, "POST", "/v2/shop/blobs/uploads/", &[], "").status, 202);
    let refused = send(&registry, "POST", "/v2/other/blobs/uploads/", &[], "");
    assert_eq!((refused.status, refused.to_json()["errors"][0]["code"].as_str()), (404, Some("NAME_UNKNOWN")));
}

#[test]
fn lists_tags_page_by_page() {
    let registry = FakeRegistry::start().expect("the registry starts");
    for tag in ["a", "b", "c"] {
        registry.put_manifest("team/shop", tag, MANIFEST, "{}");
    }
    let page = send(&registry, "GET", "/v2/team/shop/tags/list?n=2", &[], "");
    assert_eq!(page.to_json()["tags"], json!(["a", "b"]));
    assert_eq!(page.header("link"), Some("</v2/team/shop/tags/list?n=2&last=b>; rel=\"next\""));
    let last = send(&registry, "GET", "/v2/team/shop/tags/list?n=2&last=b", &[], "");
    assert_eq!((last.to_json()["tags"].clone(), last.header("link")), (json!(["c"]), None));
}

#[test]
fn lists_what_refers_to_a_manifest() {
    let registry = FakeRegistry::start().expect("the registry starts");
    let subject = registry.put_manifest("shop", "1.0.0", MANIFEST, "{}");
    let sbom = json!({"artifactType": "text/spdx", "subject": {"digest": subject}}).to_string();
    registry.put_manifest("shop", "sbom", MANIFEST, sbom);
    let list = |query: &str| send(&registry, "GET", &format!("/v2/shop/referrers/{subject}{query}"), &[], "").to_json();
    assert_eq!(list("")["manifests"][0]["artifactType"], "text/spdx");
    assert_eq!(list("?artifactType=other")["manifests"], json!([]));
}

#[test]
fn demands_credentials_when_told_to() {
    let registry = FakeRegistry::builder().basic_auth("AWS", "pw").start().expect("the registry starts");
    let refused = send(&registry, "GET", "/v2/", &[], "");
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").is_some_and(|value| value.starts_with("Basic ")));
    assert_eq!(send(&registry, "GET", "/v2/", &[("authorization", "Basic QVdTOnB3")], "").status, 200);

    let registry = FakeRegistry::builder().token_auth("AWS", "pw").start().expect("the registry starts");
    let refused = send(&registry, "GET", "/v2/", &[], "");
    assert!(refused.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer ")));
    let token = send(&registry, "GET", "/token", &[("authorization", "Basic QVdTOnB3")], "").to_json();
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap_or_default());
    assert_eq!(send(&registry, "GET", "/v2/", &[("authorization", &bearer)], "").status, 200);
}
