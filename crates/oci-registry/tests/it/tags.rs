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

/// Other registries have cursors of their own; a part of a list is never told as the whole.
#[tokio::test]
async fn the_address_of_the_next_page_is_followed_whatever_it_is() {
    let server = with_tags(1);
    let page = |tags: serde_json::Value, link: &str| {
        let reply = Reply::json(200, &serde_json::json!({"name": "team/shop", "tags": tags}));
        if link.is_empty() { reply } else { reply.with_header("link", link) }
    };
    let first = page(serde_json::json!(["1.0.0"]), "<?n=1000&next_page=gAAA>; rel=\"next\"");
    let fault = |reply, cursor: &'static str| {
        Fault::reply(reply)
            .on("GET", "*/tags/list")
            .matching(move |request| request.query_value("next_page").unwrap_or_default() == cursor)
            .always()
    };
    server.faults().add(fault(first, ""));
    server.faults().add(fault(page(serde_json::json!(["2.0.0"]), ""), "gAAA"));
    assert_eq!(client(&server).tags(&shop()).await.unwrap(), ["1.0.0", "2.0.0"]);
    server.violations();
}

#[tokio::test]
async fn a_list_of_which_a_part_is_missing_is_an_error() {
    for (link, told) in [
        ("</v2/team/shop/tags/list?n=1000>; rel=\"next\"", "goes round in circles"),
        ("/v2/team/shop/tags/list?n=1000&last=a", "cannot be read"),
        ("<?last=a>; rel=\"next\", <?last=b>; rel=\"next\"", "two next pages"),
        ("<https://elsewhere.example/tags>; rel=\"next\"", "goes on elsewhere"),
    ] {
        let server = with_tags(1);
        let page = Reply::json(200, &serde_json::json!({"name": "team/shop", "tags": ["1.0.0"]}));
        server.faults().add(Fault::reply(page.with_header("link", link)).on("GET", "*/tags/list").always());
        let error = client(&server).tags(&shop()).await.unwrap_err();
        assert!(matches!(error, oci_registry::Error::BadAnswer { .. }) && error.to_string().contains(told), "{error}");
        assert_eq!(server.requests().len(), 1, "{link}");
        server.violations();
    }
}
