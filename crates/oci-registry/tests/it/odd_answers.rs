//! Answers that are neither right nor a refusal: redirects, other algorithms, statuses that promise nothing.

use bytes::Bytes;
use image_ref::{Algorithm, Hasher};
use oci_registry::BlobPush;
use testkit::fault::Fault;
use testkit::http::{Reply, send};

use super::*;

/// A registry that sends the last request of an upload on to `to`, with this status.
fn sent_on(status: u16, to: String) -> FakeRegistry {
    let server = FakeRegistry::builder().basic_auth("AWS", "pw").start().unwrap();
    let redirect = Reply::new(status).with_header("location", to);
    server.faults().add(Fault::reply(redirect).on("PUT", "*/blobs/uploads/*").always());
    server
}

#[tokio::test]
async fn an_upload_is_sent_on_to_another_host_without_credentials() {
    for status in [307, 308] {
        let store = FakeRegistry::start().unwrap();
        let begun = send("POST", &format!("{}/v2/team/shop/blobs/uploads/", store.url()), &[], b"").unwrap();
        let (_file, blob) = blob(&vec![b'x'; 100_000]);
        let path = begun.header("location").unwrap();
        let server = sent_on(status, format!("{}{path}?digest={}", store.url(), blob.digest));
        assert_eq!(client_as(&server, user("pw")).push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
        let put = store.requests().pop().unwrap();
        assert_eq!((put.method.as_str(), put.header("authorization"), put.body.len()), ("PUT", None, 100_000));
    }
}

#[tokio::test]
async fn an_upload_is_sent_on_within_the_registry_with_credentials() {
    let server = FakeRegistry::builder().basic_auth("AWS", "pw").start().unwrap();
    let back = Fault::rewrite(|request, _| {
        let query = request.query.clone().unwrap_or_default();
        Reply::new(307).with_header("location", format!("{}?{query}", request.path))
    });
    // The stand-in has taken the blob by then, and its upload is over: what comes after the redirect is refused, and the blob found.
    server.faults().add(back.on("PUT", "*/blobs/uploads/*"));
    let (_file, blob) = blob(b"layer");
    assert_eq!(client_as(&server, user("pw")).push_blob(&shop(), &blob).await.unwrap(), BlobPush::Existed);
    let puts: Vec<_> = server.requests().into_iter().filter(|request| request.method == "PUT").collect();
    assert_eq!(puts.len(), 2);
    assert!(puts.iter().all(|put| put.header("authorization").is_some()));
}

#[tokio::test]
async fn an_upload_that_is_sent_away_from_tls_or_in_circles_is_refused() {
    for to in ["http://169.254.169.254/latest/meta-data", "ftp://files.example/x", "/v2/team/shop/blobs/uploads/1"] {
        let server = sent_on(307, to.to_owned());
        let (_file, blob) = blob(b"layer");
        let error = client_as(&server, user("pw")).push_blob(&shop(), &blob).await.unwrap_err();
        assert_eq!(code(&error), "oci-registry/bad-answer", "{to}");
        // It was sent where no client goes by itself.
        server.violations();
    }
}

/// A client that turns the request into a GET would take the page behind the redirect for a success.
#[tokio::test]
async fn a_manifest_that_was_sent_on_to_a_page_is_not_taken_for_stored() {
    for status in [301, 302, 303] {
        let server = FakeRegistry::start().unwrap();
        let redirect = Reply::new(status).with_header("location", "/v2/");
        server.faults().add(Fault::reply(redirect).on("PUT", "*/manifests/*").always());
        let put = client(&server).put_manifest(&shop(), &tag("1.0.0"), MANIFEST, Bytes::from_static(b"{}")).await;
        assert_eq!(code(&put.unwrap_err()), "oci-registry/bad-answer", "{status}");
        server.violations();
    }
}

#[tokio::test]
async fn a_manifest_that_was_only_accepted_is_looked_for() {
    let server = FakeRegistry::start().unwrap();
    let (accepted, dropped) = (Fault::rewrite(|_, _| Reply::new(202)), Fault::reply(Reply::new(200)));
    for (name, kept, fault) in [("1.0.0", true, accepted), ("1.0.1", false, dropped)] {
        server.faults().add(fault.on("PUT", &format!("*/manifests/{name}")));
        let put = client(&server).put_manifest(&shop(), &tag(name), MANIFEST, Bytes::from_static(b"{}")).await;
        assert_eq!(put.is_ok(), kept, "{put:?}");
    }
}

#[tokio::test]
async fn a_digest_of_another_algorithm_is_no_other_image() {
    let server = FakeRegistry::start().unwrap();
    server.put_manifest("team/shop", "1.0.0", MANIFEST, "{}");
    let mut hasher = Hasher::new(Algorithm::Sha512);
    hasher.update(b"{}");
    let other = hasher.finish().to_string();
    let named = Fault::rewrite(move |_, mut reply| {
        reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("docker-content-digest"));
        reply.with_header("docker-content-digest", &other)
    });
    server.faults().add(named.on("*", "*/manifests/1.0.0").always());
    let head = client(&server).head_manifest(&shop(), &tag("1.0.0")).await.unwrap().unwrap();
    assert_eq!(head.digest, Digest::of(b"{}"));
}

#[tokio::test]
async fn a_tag_that_goes_between_two_looks_is_not_there() {
    let server = FakeRegistry::start().unwrap();
    server.faults().add(Fault::reply(Reply::new(200)).on("HEAD", "*/manifests/1.0.0"));
    assert_eq!(client(&server).head_manifest(&shop(), &tag("1.0.0")).await.unwrap(), None);
}

#[tokio::test]
async fn an_upload_without_a_location_is_an_error() {
    let server = FakeRegistry::start().unwrap();
    server.faults().add(Fault::reply(Reply::new(202)).on("POST", "*").always());
    let (_file, blob) = blob(b"layer");
    let error = client(&server).push_blob(&shop(), &blob).await.unwrap_err();
    assert!(error.to_string().contains("without a `Location`"), "{error}");
}
