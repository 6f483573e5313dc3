//! Every rule is seen to fail, on an exchange that is right but for one thing.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::json;

use super::{Contract, answers, listings, requests};
use crate::http::{Reply, Request};
use crate::registry::{FakeRegistry, digest};

const AGENT: &str = "slipway/0.1.0";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const UPLOAD: &str = "/v2/shop/blobs/uploads/00000000-0000-4000-8000-000000000001";

fn request(line: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request {
    let (method, target) = line.split_once(' ').expect("a method and an address");
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query.to_owned())));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query,
        headers: http::HeaderMap::new(),
        body: body.into(),
    };
    for (name, value) in [("user-agent", AGENT)].iter().chain(headers) {
        let name: http::HeaderName = name.parse().expect("a header's name");
        request.headers.insert(name, value.parse().expect("a header's value"));
    }
    request
}

/// The names of the rules an exchange breaks, after an upload of 5 bytes was begun.
fn broken(request: &Request, reply: &Reply) -> BTreeSet<String> {
    let contract = Contract::default();
    let begun = Reply::new(202).with_header("location", UPLOAD);
    contract.exchange(&self::request("POST /v2/shop/blobs/uploads/", &[], ""), &begun);
    let octets = [("content-type", "application/octet-stream"), ("content-range", "0-4"), ("content-length", "5")];
    let taken = begun.with_header("range", "0-4");
    contract.exchange(&self::request(&format!("PATCH {UPLOAD}"), &octets, "layer"), &taken);
    assert_eq!(contract.take(), Vec::<String>::new(), "the beginning is right");
    contract.exchange(request, reply);
    let rule = |text: String| {
        let reason = text.rsplit_once(" (").map(|(_, rule)| rule.to_owned()).unwrap_or_default();
        reason.split(':').next().unwrap_or_default().to_owned()
    };
    contract.take().into_iter().map(rule).collect()
}

fn found() -> Reply {
    Reply::new(200)
        .with_header("content-type", MANIFEST)
        .with_header("docker-content-digest", digest(b"{}"))
        .with_body("{}")
}

fn refused(status: u16, code: &str) -> Reply {
    Reply::json(status, &json!({"errors": [{"code": code, "message": ""}]}))
}

fn listed(tags: &[&str]) -> Reply {
    Reply::json(200, &json!({"name": "shop", "tags": tags}))
}

fn referring(items: &serde_json::Value) -> Reply {
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": items});
    Reply::new(200).with_header("content-type", INDEX).with_body(index.to_string())
}

/// Requests that break a rule, with the answer a registry would give.
fn bad_requests() -> Vec<(&'static str, Request, Reply)> {
    let accept = [("accept", MANIFEST)];
    let blob = digest(b"layer");
    let done = |path: &str| Reply::new(201).with_header("location", path);
    let octets = [("content-type", "application/octet-stream"), ("content-length", "5")];
    let stored = || done(&format!("/v2/shop/manifests/{}", digest(b"{}")));
    let whole = format!("{UPLOAD}?digest={blob}");
    let at = format!("/v2/shop/blobs/{blob}");
    let chunk = |range: &'static str| {
        [("content-type", "application/octet-stream"), ("content-range", range), ("content-length", "2")]
    };
    let gap = Reply { status: 416, ..refused(416, "BLOB_UPLOAD_INVALID") };
    let more = Reply::new(202).with_header("location", UPLOAD).with_header("range", "0-6");
    vec![
        ("endpoint", request("POST /v2/shop/manifests/1", &[], ""), refused(405, "UNSUPPORTED")),
        ("parameters", request("GET /v2/shop/manifests/1?platform=all", &accept, ""), found()),
        ("name", request("GET /v2/Shop/manifests/1", &accept, ""), found()),
        ("reference", request("GET /v2/shop/manifests/-1", &accept, ""), found()),
        ("accept", request("GET /v2/shop/manifests/1", &[("accept", "*/*")], ""), found()),
        ("no-body", request("GET /v2/shop/manifests/1", &accept, "{}"), found()),
        ("blob-range", request(&format!("GET {at}"), &[("range", "from 5")], ""), refused(404, "BLOB_UNKNOWN")),
        (
            "begin",
            request("POST /v2/shop/blobs/uploads/", &[], "layer"),
            Reply::new(202).with_header("location", UPLOAD),
        ),
        (
            "mount",
            request("POST /v2/shop/blobs/uploads/?mount=layer&from=base", &[], ""),
            refused(400, "DIGEST_INVALID"),
        ),
        (
            "location",
            request(&format!("PUT /v2/shop/blobs/uploads/made-up?digest={blob}"), &octets, "layer"),
            refused(404, "BLOB_UPLOAD_UNKNOWN"),
        ),
        ("upload-type", request(&format!("PUT {whole}"), &[("content-length", "5")], "layer"), done(&at)),
        ("upload-digest", request(&format!("PUT {UPLOAD}"), &octets, "layer"), refused(400, "DIGEST_INVALID")),
        ("chunk-range", request(&format!("PATCH {UPLOAD}"), &chunk("5-7"), "er"), more),
        ("chunk-order", request(&format!("PATCH {UPLOAD}"), &chunk("7-8"), "er"), gap),
        ("manifest-type", request("PUT /v2/shop/manifests/1", &[("content-type", "text/json; v=1")], "{}"), stored()),
        (
            "manifest-digest",
            request(&format!("PUT /v2/shop/manifests/{blob}"), &[("content-type", MANIFEST)], "{}"),
            refused(400, "DIGEST_INVALID"),
        ),
        ("paging", request("GET /v2/shop/tags/list?n=all", &[], ""), listed(&[])),
    ]
}

/// Answers that break a rule, to requests that are right.
fn bad_answers() -> Vec<(&'static str, Request, Reply)> {
    let get = || request("GET /v2/shop/manifests/1", &[("accept", MANIFEST)], "");
    let head = || request("HEAD /v2/shop/manifests/1", &[("accept", MANIFEST)], "");
    let put = |body: &'static str| request("PUT /v2/shop/manifests/1", &[("content-type", MANIFEST)], body);
    let blob = digest(b"layer");
    let post = |query: &str| request(&format!("POST /v2/shop/blobs/uploads/{query}"), &[], "");
    let octets = |range: &'static str| {
        [("content-type", "application/octet-stream"), ("content-range", range), ("content-length", "2")]
    };
    let chunk = |range: &'static str| request(&format!("PATCH {UPLOAD}"), &octets(range), "er");
    let more =
        |status: u16, range: &str| Reply::new(status).with_header("location", UPLOAD).with_header("range", range);
    let rest = request(&format!("GET /v2/shop/blobs/{blob}"), &[("range", "bytes=2-")], "");
    let part =
        Reply::new(206).with_header("docker-content-digest", blob.as_str()).with_header("content-range", "bytes 0-2/5");
    let sized = |reply: Reply| reply.with_header("content-length", "2");
    let stored = Reply::new(201).with_header("location", format!("/v2/shop/manifests/{}", digest(b"{}")));
    let with_subject = r#"{"subject": {"digest": "sha256:1"}}"#;
    vec![
        ("status", get(), Reply::new(204)),
        ("upload-status", post(""), Reply::new(201).with_header("location", "/v2/shop/blobs/")),
        ("error-form", get(), Reply::json(404, &json!({"message": "not found"}))),
        ("error-code", put("{}"), refused(400, "TAG_INVALID")),
        ("error-place", get(), refused(404, "BLOB_UNKNOWN")),
        ("challenge", get(), refused(401, "UNAUTHORIZED")),
        ("content-digest", get(), Reply::new(200).with_header("content-type", MANIFEST).with_body("{}")),
        ("content", get(), found().with_body("[]")),
        ("partial", rest, part.with_body("yer")),
        ("head-size", head(), found().with_body("")),
        ("head-empty", head(), sized(found())),
        (
            "manifest-kind",
            get(),
            Reply { headers: vec![("docker-content-digest".to_owned(), digest(b"{}"))], ..found() },
        ),
        ("push-location", post(""), Reply::new(202).with_header("location", "/v2/shop/blobs/uploads/7")),
        (
            "blob-location",
            post(&format!("?mount={blob}&from=base")),
            Reply::new(201).with_header("location", "/v2/shop/blobs/1"),
        ),
        ("chunk-status", chunk("5-6"), more(200, "0-6")),
        ("chunk-end", chunk("5-6"), more(202, "0-4")),
        (
            "chunk-gap",
            request(&format!("PUT {UPLOAD}?digest={blob}"), &octets("7-8"), "er"),
            refused(404, "BLOB_UPLOAD_UNKNOWN"),
        ),
        ("upload-progress", request(&format!("GET {UPLOAD}"), &[], ""), more(204, "0-2")),
        ("manifest-location", put("{}"), Reply::new(201)),
        ("subject", put(with_subject), stored),
    ]
}

/// Lists that break a rule.
fn bad_lists() -> Vec<(&'static str, Request, Reply)> {
    let tags = |query: &str| request(&format!("GET /v2/shop/tags/list{query}"), &[], "");
    let subject = digest(b"{}");
    let referrers = |query: &str| request(&format!("GET /v2/shop/referrers/{subject}{query}"), &[], "");
    let item = json!([{"mediaType": MANIFEST, "digest": digest(b"{}"), "size": 2, "artifactType": "text/spdx"}]);
    vec![
        ("tags-form", tags(""), Reply::json(200, &json!({"tags": []}))),
        ("tags-order", tags(""), listed(&["b", "a"])),
        ("tags-last", tags("?last=b"), listed(&["b", "c"])),
        ("tags-number", tags("?n=1"), listed(&["a", "b"])),
        ("tags-link", tags("?n=1"), listed(&["a"]).with_header("link", "/v2/shop/tags/list?n=1&last=a")),
        ("referrers-form", referrers(""), Reply::json(200, &json!({"manifests": []}))),
        ("referrers-item", referrers(""), referring(&json!([{"digest": digest(b"{}"), "annotations": null}]))),
        (
            "referrers-filter",
            referrers("?artifactType=text/other"),
            referring(&item).with_header("oci-filters-applied", "artifactType"),
        ),
        ("referrers-invalid", request("GET /v2/shop/referrers/latest", &[], ""), referring(&json!([]))),
    ]
}

#[test]
fn every_rule_is_seen_to_fail() {
    let mut seen = BTreeSet::new();
    for (rule, request, reply) in bad_requests().into_iter().chain(bad_answers()).chain(bad_lists()) {
        let broken = broken(&request, &reply);
        assert!(broken.contains(rule), "{rule}: {request} breaks {broken:?}");
        seen.insert(rule);
    }
    let rules = requests::RULES.iter().chain(answers::RULES).chain(listings::RULES);
    let unseen: Vec<&str> = rules.map(|rule| rule.name).filter(|rule| !seen.contains(rule)).collect();
    assert_eq!(unseen, Vec::<&str>::new());
}

#[test]
fn a_bad_request_breaks_nothing_but_its_rule() {
    // Rules of requests are about our clients: the answers in the table are right.
    for (rule, request, reply) in bad_requests() {
        let broken = broken(&request, &reply);
        let others: Vec<&String> =
            broken.iter().filter(|name| answers::RULES.iter().any(|answer| answer.name == name.as_str())).collect();
        assert!(others.is_empty(), "{rule}: {others:?}");
        let mut foreign = request;
        foreign.headers.insert("user-agent", http::HeaderValue::from_static("skopeo/1.9.3"));
        let contract = Contract::default();
        contract.request(&foreign);
        assert_eq!(contract.take(), Vec::<String>::new(), "{rule}: other clients are tolerated");
    }
}

#[test]
fn a_violation_fails_the_test() {
    let registry = FakeRegistry::start().expect("the registry starts");
    let url = format!("{}/v2/shop/manifests/1", registry.url());
    let reply = crate::http::send("GET", &url, &[("user-agent", AGENT)], b"").expect("the registry answers");
    assert_eq!(reply.status, 404, "it answers as ever");
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(registry)))
        .expect_err("it has no `accept` header");
    let message = caught.downcast_ref::<String>().map_or("", String::as_str);
    assert!(message.contains("(accept: ") && message.contains("Pulling manifests"), "{message}");
}

#[test]
fn a_request_that_a_fault_answers_is_checked_too() {
    let registry = FakeRegistry::start().expect("the registry starts");
    registry.faults().add(crate::Fault::status(503));
    let url = format!("{}/v2/shop/manifests/1", registry.url());
    crate::http::send("GET", &url, &[("user-agent", AGENT)], b"").expect("the fault answers");
    assert_eq!(registry.violations().len(), 1);
}

#[test]
fn the_token_server_is_no_part_of_the_specification_whoever_answers() {
    let contract = Contract::default();
    let token = request("GET /token?service=shop&scope=repository%3Ashop%3Apull", &[], "");
    contract.exchange(&token, &Reply::new(200));
    contract.request(&token);
    assert_eq!(contract.take(), Vec::<String>::new());
    contract.request(&request("GET /tokens", &[], ""));
    assert_ne!(contract.take(), Vec::<String>::new());
}
