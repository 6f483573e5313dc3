//! Error bodies become typed errors.

use bytes::Bytes;
use oci_registry::Error;
use testkit::fault::Fault;
use testkit::http::Reply;

use super::*;

#[tokio::test]
async fn a_missing_repository_is_told_from_a_missing_image() {
    let server = FakeRegistry::builder().repository("other").start().unwrap();
    let (_file, blob) = blob(b"layer");
    let error = client(&server).push_blob(&shop(), &blob).await.unwrap_err();
    assert!(matches!(error, Error::NameUnknown { ref repository, .. } if repository == "team/shop"), "{error:?}");
    assert_eq!(code(&error), "oci-registry/name-unknown");
    server.add_repository("team/shop");
    let error = client(&server).get_manifest(&shop(), &tag("1.0.0")).await.unwrap_err();
    assert!(matches!(error, Error::ManifestUnknown { ref reference, .. } if reference == "1.0.0"), "{error:?}");
    assert_eq!(code(&error), "oci-registry/manifest-unknown");
    let error = client(&server).pull_blob(&shop(), &blob.digest, 5, &mut Vec::new()).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/blob-unknown", "{error:?}");
}

#[tokio::test]
async fn an_immutable_tag_is_an_error_of_its_own() {
    let server = FakeRegistry::builder().immutable_tags().start().unwrap();
    let registry = client(&server);
    let put = async |body: &'static [u8]| {
        registry.put_manifest(&shop(), &tag("1.0.0"), MANIFEST, Bytes::from_static(body)).await
    };
    put(b"{}").await.unwrap();
    for body in [&b"{}"[..], b"{ }"] {
        let error = put(body).await.unwrap_err();
        assert!(matches!(error, Error::TagImmutable { ref tag, .. } if tag == "1.0.0"), "{error:?}");
        assert_eq!(code(&error), "oci-registry/tag-immutable");
    }
}

#[tokio::test]
async fn denied_is_not_retried() {
    let server = FakeRegistry::start().unwrap();
    let body =
        serde_json::json!({"errors": [{"code": "DENIED", "message": "not authorized to perform: ecr:PutImage"}]});
    server.faults().add(Fault::reply(Reply::json(403, &body)).on("PUT", "*").always());
    let put = client(&server).put_manifest(&shop(), &tag("1"), MANIFEST, Bytes::from_static(b"{}")).await;
    let error = put.unwrap_err();
    assert!(matches!(error, Error::Denied { ref message, .. } if message.contains("ecr:PutImage")), "{error:?}");
    assert_eq!(code(&error), "oci-registry/denied");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_unreachable() {
    let gone = FakeRegistry::start().unwrap().url();
    let registry = Registry::new(Endpoint::parse(&gone).unwrap(), Auth::Anonymous).unwrap();
    let error = registry.head_manifest(&shop(), &tag("1")).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/unreachable", "{error:?}");
    assert!(registry.statistics().retries > 1);
}

#[tokio::test]
async fn a_refusal_that_stays_is_told_with_its_status_and_words() {
    let server = FakeRegistry::start().unwrap();
    server.faults().add(Fault::reply(Reply::text(418, "short and stout")).on("*", "*").always());
    let error = client(&server).get_manifest(&shop(), &tag("1")).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("418") && text.contains("short and stout"), "{text}");
    assert_eq!(code(&error), "oci-registry/service");
}

#[tokio::test]
async fn a_tag_that_the_registry_does_not_take_is_named() {
    let server = FakeRegistry::start().unwrap();
    let body = serde_json::json!({"errors": [{"code": "TAG_INVALID", "message": "no dots here"}]});
    server.faults().add(Fault::reply(Reply::json(400, &body)).on("PUT", "*").always());
    let put = client(&server).put_manifest(&shop(), &tag("1.0"), MANIFEST, Bytes::from_static(b"{}")).await;
    let error = put.unwrap_err();
    assert_eq!(code(&error), "oci-registry/tag-invalid");
    assert!(error.to_string().contains("no dots here"), "{error}");
}

#[test]
fn an_address_that_is_none_is_refused() {
    assert_eq!(code(&Endpoint::parse("ftp://a").unwrap_err()), "oci-registry/bad-endpoint");
}

#[test]
fn what_cannot_be_brought_about_here_has_its_code_too() {
    // The client starts wherever there are certificates, and nothing moves for a minute only by the clock.
    let source = "there is no certificate";
    assert_eq!(code(&Error::NoClient { source: source.into() }), "oci-registry/no-client");
    let stalled =
        Error::Stalled { registry: "ghcr.io".to_owned(), after: std::time::Duration::from_mins(1), writes: false };
    assert_eq!(code(&stalled), "oci-registry/stalled");
    assert_eq!(stalled.to_string(), "registry `ghcr.io` did not answer for 60 s");
}
