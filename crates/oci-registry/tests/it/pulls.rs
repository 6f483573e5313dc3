//! Pulling, with a registry that breaks, lies or redirects.

use oci_registry::Error;
use testkit::fault::Fault;
use testkit::http::Reply;

use super::*;

async fn pull(server: &FakeRegistry, digest: &Digest, size: u64) -> Result<Vec<u8>, Error> {
    let mut into = Vec::new();
    client(server).pull_blob(&shop(), digest, size, &mut into).await.map(|()| into)
}

#[tokio::test]
async fn a_blob_comes_down_whole_and_checked() {
    let server = FakeRegistry::start().unwrap();
    let content = vec![3_u8; 200_000];
    server.put_blob("team/shop", content.clone());
    assert_eq!(pull(&server, &Digest::of(&content), 200_000).await.unwrap(), content);
}

#[tokio::test]
async fn a_tag_that_holds_something_else_is_seen() {
    let server = FakeRegistry::start().unwrap();
    let kind = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    let digest = server.put_manifest("team/shop", "1.0.0", kind, "{}");
    let head = client(&server).head_manifest(&shop(), &tag("1.0.0")).await.unwrap().unwrap();
    assert_eq!((head.digest.as_str(), head.media_type.as_str()), (digest.as_str(), kind));
    let requests = server.requests();
    // Registries answer "not found" for a kind that is not accepted.
    assert!(requests[0].header("accept").unwrap().split(", ").any(|kind| kind == "*/*"));
}

#[tokio::test]
async fn a_broken_download_is_continued() {
    for (builder, answers) in [
        (FakeRegistry::builder(), [Some(200), Some(206)]),
        (FakeRegistry::builder().without_ranges(), [Some(200), Some(200)]),
    ] {
        let server = builder.start().unwrap();
        let content: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        server.put_blob("team/shop", content.clone());
        server.faults().add(Fault::truncate(150_000).on("GET", "*/blobs/*"));
        let pulled = pull(&server, &Digest::of(&content), 400_000).await.unwrap();
        assert_eq!(pulled, content);
        let exchanges = server.exchanges();
        let statuses: Vec<_> = exchanges.iter().map(|get| get.reply.as_ref().map(|reply| reply.status)).collect();
        assert_eq!(statuses, answers);
        let range = exchanges[1].request.header("range").unwrap();
        assert!(range.starts_with("bytes="), "{range}");
    }
}

#[tokio::test]
async fn content_that_is_something_else_is_refused() {
    let server = FakeRegistry::start().unwrap();
    let digest: Digest = server.put_blob("team/shop", &b"layer"[..]).parse().unwrap();
    for (body, found) in [("lay-r", "sha256:"), ("lay", "3 bytes instead of 5"), ("layer and more", "more than 5")] {
        server.faults().add(Fault::reply(Reply::text(200, body)).on("GET", "*/blobs/*"));
        let error = pull(&server, &digest, 5).await.unwrap_err();
        assert_eq!(code(&error), "oci-registry/digest-mismatch");
        assert!(error.to_string().contains(found), "{error}");
    }
}

#[tokio::test]
async fn a_file_appears_only_when_its_content_is_right() {
    let server = FakeRegistry::start().unwrap();
    let digest: Digest = server.put_blob("team/shop", &b"layer"[..]).parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blob");
    server.faults().add(Fault::reply(Reply::text(200, "other")).on("GET", "*/blobs/*"));
    let registry = client(&server);
    assert!(registry.pull_blob_to(&shop(), &digest, 5, &path).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    registry.pull_blob_to(&shop(), &digest, 5, &path).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"layer");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_redirect_to_another_host_carries_no_credentials() {
    let (server, store) =
        (FakeRegistry::builder().basic_auth("AWS", "pw").start().unwrap(), FakeRegistry::start().unwrap());
    let digest: Digest = store.put_blob("team/shop", &b"layer"[..]).parse().unwrap();
    let signed = format!("{}/v2/team/shop/blobs/{digest}?signature=secret", store.url());
    server.faults().add(Fault::reply(Reply::new(307).with_header("location", signed)).on("GET", "*/blobs/*"));
    let mut into = Vec::new();
    client_as(&server, user("pw")).pull_blob(&shop(), &digest, 5, &mut into).await.unwrap();
    assert_eq!(into, b"layer");
    assert!(server.requests()[0].header("authorization").is_some());
    assert_eq!(store.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_redirect_away_from_tls_is_refused_and_its_url_kept_quiet() {
    let server = FakeRegistry::start().unwrap();
    let away = Reply::new(307).with_header("location", "http://store.example/blob?signature=secret");
    server.faults().add(Fault::reply(away).on("GET", "*/blobs/*").always());
    let error = pull(&server, &Digest::of(b"x"), 1).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
    assert!(!format!("{error:?}").contains("signature"), "{error:?}");
}

#[tokio::test]
async fn a_manifest_that_is_not_the_one_asked_for_is_refused() {
    let server = FakeRegistry::start().unwrap();
    let digest: Digest = server.put_manifest("team/shop", "1", MANIFEST, "{}").parse().unwrap();
    server.faults().add(Fault::reply(Reply::text(200, "[]")).on("GET", "*/manifests/*"));
    let error = client(&server).get_manifest(&shop(), &Reference::Digest(digest)).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/digest-mismatch", "{error:?}");
}

#[tokio::test]
async fn an_endless_manifest_is_cut_off() {
    let server = FakeRegistry::start().unwrap();
    server.put_manifest("team/shop", "1", MANIFEST, vec![b' '; 5 * 1024 * 1024]);
    let error = client(&server).get_manifest(&shop(), &tag("1")).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/bad-answer", "{error:?}");
}
