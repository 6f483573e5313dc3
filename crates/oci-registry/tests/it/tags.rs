//! The tags of a repository.

use testkit::Fault;
use testkit::http::Reply;
use testkit::registry::FakeRegistry;

use crate::{MANIFEST, client, shop};

fn with_tags(count: usize) -> FakeRegistry {
    let server = FakeRegistry::builder().repository("team/shop").start().unwrap();
    let config = r#"{"os":"linux"}"#;
    let digest = testkit::registry::digest(config.as_bytes());
    server.put_blob("team/shop", config);
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","layers":[],"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":{}}}}}"#,
        config.len()
    );
    for number in 0..count {
        server.put_manifest("team/shop", &format!("1.0.{number:04}"), MANIFEST, manifest.clone());
    }
    server
}

#[tokio::test]
async fn all_pages_are_read() {
    let server = with_tags(2001);
    let tags = client(&server).tags(&shop()).await.unwrap();
    assert_eq!((tags.len(), tags.last().unwrap().as_str()), (2001, "1.0.2000"));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_repository_that_is_not_there_has_none() {
    let server = FakeRegistry::builder().repository("other").start().unwrap();
    assert!(client(&server).tags(&shop()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_an_error() {
    let server = with_tags(1);
    server.faults().add(Fault::reply(Reply::json(200, &serde_json::json!([]))).on("*", "*").always());
    let error = client(&server).tags(&shop()).await.unwrap_err();
    assert!(matches!(error, oci_registry::Error::BadAnswer { .. }), "{error}");
}
