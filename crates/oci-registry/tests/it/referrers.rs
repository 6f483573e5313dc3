//! What refers to an image, as registries tell it.

use testkit::fault::Fault;
use testkit::http::Reply;

use super::*;

const LIST: &str = "application/vnd.oci.image.index.v1+json";

fn signature(subject: &Digest) -> String {
    let empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    serde_json::json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": "application/vnd.example.signature",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty, "size": 2},
        "layers": [],
        "subject": {"mediaType": MANIFEST, "digest": subject.as_str(), "size": 2},
    })
    .to_string()
}

#[tokio::test]
async fn a_registry_lists_what_refers_to_an_image() {
    let server = FakeRegistry::start().unwrap();
    let subject: Digest = server.put_manifest("team/shop", "1.0.0", MANIFEST, "{}").parse().unwrap();
    let signature = server.put_manifest("team/shop", "signature", MANIFEST, signature(&subject));
    let found = client(&server).referrers(&shop(), &subject).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].digest.as_str(), found[0].media_type.as_str()), (signature.as_str(), MANIFEST));
    assert_eq!(found[0].artifact_type, "application/vnd.example.signature");
}

#[tokio::test]
async fn where_it_keeps_no_list_the_fallback_tag_has_it() {
    for status in [404, 405] {
        let server = FakeRegistry::start().unwrap();
        let subject = Digest::of(b"{}");
        server.faults().add(Fault::status(status).on("GET", "*/referrers/*").always());
        assert_eq!(client(&server).referrers(&shop(), &subject).await.unwrap(), []);
        let list = serde_json::json!({"schemaVersion": 2, "mediaType": LIST,
            "manifests": [{"mediaType": MANIFEST, "digest": Digest::of(b"s").as_str(), "size": 1}]});
        server.put_manifest("team/shop", &format!("sha256-{}", subject.hex()), LIST, list.to_string());
        let found = client(&server).referrers(&shop(), &subject).await.unwrap();
        assert_eq!(found[0].digest, Digest::of(b"s"));
    }
}

/// A list whose pages go round in circles, or lead to another host, is no list.
#[tokio::test]
async fn a_list_without_end_or_of_another_host_is_refused() {
    for (next, requests) in [("/v2/team/shop/referrers/again", 2), ("http://10.0.0.1/more", 1)] {
        let server = FakeRegistry::start().unwrap();
        let page = Reply::new(200)
            .with_header("content-type", LIST)
            .with_header("link", format!("<{next}>; rel=\"next\""))
            .with_body(r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#);
        server.faults().add(Fault::reply(page).on("GET", "*/referrers/*").always());
        let error = client(&server).referrers(&shop(), &Digest::of(b"x")).await.unwrap_err();
        assert_eq!(code(&error), "oci-registry/bad-answer");
        assert_eq!(server.requests().len(), requests);
        server.violations();
    }
}
