//! Pushing blobs and manifests.

use std::cell::RefCell;
use std::time::Duration;

use bytes::Bytes;
use oci_registry::{BlobPush, Presence, Upload};
use testkit::fault::Fault;
use testkit::http::Reply;

use super::*;

#[tokio::test]
async fn a_blob_goes_up_in_one_streamed_request() {
    let server = FakeRegistry::builder().ecr_quirks().start().unwrap();
    let registry = client(&server);
    let content = vec![7_u8; 1_000_000];
    let (_file, blob) = blob(&content);
    assert_eq!(registry.push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
    assert_eq!(server.blob("team/shop", blob.digest.as_str()).unwrap(), content);
    let put = server.requests().pop().unwrap();
    assert_eq!((put.header("content-length"), put.header("transfer-encoding")), (Some("1000000"), None));
    let expected =
        ["HEAD /v2/team/shop/blobs/", "POST /v2/team/shop/blobs/uploads/", "PUT /v2/team/shop/blobs/uploads/N"];
    assert_eq!(lines(&server), expected);
    assert_eq!(registry.statistics().bytes_sent, 1_000_000);
}

#[tokio::test]
async fn a_blob_that_is_there_is_not_sent_again() {
    let server = FakeRegistry::start().unwrap();
    let (_file, blob) = blob(b"layer");
    server.put_blob("team/shop", &b"layer"[..]);
    let registry = client(&server);
    assert_eq!(registry.push_blob(&shop(), &blob).await.unwrap(), BlobPush::Existed);
    assert_eq!(lines(&server), ["HEAD /v2/team/shop/blobs/"]);
    assert_eq!(registry.blob_size(&shop(), &blob.digest).await.unwrap(), Some(5));
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let server = FakeRegistry::start().unwrap();
    let (_file, blob) = blob(b"");
    assert_eq!(client(&server).push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
    assert!(server.blob("team/shop", blob.digest.as_str()).is_some());
}

#[tokio::test]
async fn a_broken_upload_starts_again() {
    for fault in [Fault::reset(), Fault::status(503), Fault::status(429), Fault::status(408)] {
        let server = FakeRegistry::start().unwrap();
        server.faults().add(fault.on("PUT", "*/blobs/uploads/*"));
        let registry = client(&server);
        let (_file, blob) = blob(&vec![1; 300_000]);
        assert_eq!(registry.push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
        assert!(server.blob("team/shop", blob.digest.as_str()).is_some());
        assert_eq!(registry.statistics().retries, 1);
    }
}

#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_found() {
    let server = FakeRegistry::start().unwrap();
    let gateway = Fault::rewrite(|_, _| Reply::text(502, "bad gateway")).on("PUT", "*/blobs/uploads/*");
    server.faults().add(gateway);
    let (_file, blob) = blob(b"layer");
    assert_eq!(client(&server).push_blob(&shop(), &blob).await.unwrap(), BlobPush::Existed);
    let posts = lines(&server).iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn a_file_that_holds_something_else_is_named() {
    let server = FakeRegistry::start().unwrap();
    let mut wrong = blob(b"layer").1;
    let (_file, good) = blob(b"other");
    wrong.path.clone_from(&good.path);
    let error = client(&server).push_blob(&shop(), &wrong).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/file-changed");
    assert!(error.to_string().contains(&good.path.display().to_string()), "{error}");
    assert_eq!(lines(&server).len(), 3);
}

#[tokio::test]
async fn content_that_was_altered_on_the_way_is_sent_again() {
    let server = FakeRegistry::start().unwrap();
    let body = serde_json::json!({"errors": [{"code": "DIGEST_INVALID", "message": "something else"}]});
    server.faults().add(Fault::reply(Reply::json(400, &body)).on("PUT", "*"));
    let registry = client(&server);
    let (_file, blob) = blob(b"layer");
    assert_eq!(registry.push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
    assert_eq!(registry.statistics().retries, 1);
}

/// What registries say of an upload they do not know any more.
fn forgotten() -> [Reply; 4] {
    let said = |status, code: &str| Reply::json(status, &serde_json::json!({"errors": [{"code": code}]}));
    [
        said(404, "BLOB_UPLOAD_UNKNOWN"),
        said(416, "RANGE_INVALID"),
        said(404, "BLOB_UPLOAD_INVALID"),
        Reply::text(404, "no such page"),
    ]
}

#[tokio::test]
async fn an_upload_that_the_registry_forgot_is_begun_anew() {
    for answer in forgotten() {
        let server = FakeRegistry::builder().ecr_quirks().start().unwrap();
        server.faults().add(Fault::reply(answer).on("PUT", "*/blobs/uploads/*"));
        let (_file, blob) = blob(b"layer");
        assert_eq!(client(&server).push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
        let posts = lines(&server).iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!((posts, server.blob("team/shop", blob.digest.as_str()).is_some()), (2, true));
    }
}

#[tokio::test]
async fn an_upload_that_is_forgotten_every_time_is_an_error_of_its_own() {
    let server = FakeRegistry::start().unwrap();
    let [answer, ..] = forgotten();
    server.faults().add(Fault::reply(answer).on("PUT", "*").always());
    let (_file, blob) = blob(b"layer");
    let error = client(&server).push_blob(&shop(), &blob).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/upload-lost");
}

#[tokio::test]
async fn created_before_anything_was_sent_is_not_believed() {
    let server = FakeRegistry::builder().ecr_quirks().start().unwrap();
    server.faults().add(Fault::rewrite(|_, reply| Reply { status: 201, ..reply }).on("POST", "*"));
    let (_file, blob) = blob(b"layer");
    assert_eq!(client(&server).push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
    assert!(server.blob("team/shop", blob.digest.as_str()).is_some());
}

#[tokio::test]
async fn accepted_after_everything_was_sent_is_looked_after() {
    // The blob was taken all the same, or it was not and is sent again.
    let kept = Fault::rewrite(|_, reply| Reply { status: 202, ..reply });
    let dropped = Fault::reply(Reply::new(202));
    for (fault, posts) in [(kept, 1), (dropped, 2)] {
        let server = FakeRegistry::start().unwrap();
        server.faults().add(fault.on("PUT", "*/blobs/uploads/*"));
        let (_file, blob) = blob(b"layer");
        assert_eq!(client(&server).push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
        assert!(server.blob("team/shop", blob.digest.as_str()).is_some());
        assert_eq!(lines(&server).iter().filter(|line| line.starts_with("POST")).count(), posts);
    }
}

#[tokio::test]
async fn a_blob_that_was_stored_as_something_else_is_an_error() {
    let server = FakeRegistry::start().unwrap();
    let other = Digest::of(b"other").to_string();
    let stored = Reply::new(201).with_header("docker-content-digest", &other);
    server.faults().add(Fault::reply(stored).on("PUT", "*"));
    let (_file, blob) = blob(b"layer");
    let error = client(&server).push_blob(&shop(), &blob).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/digest-mismatch");
}

#[tokio::test]
async fn no_range_is_believed_and_nothing_is_sent_in_chunks() {
    let server = FakeRegistry::builder().ecr_quirks().start().unwrap();
    server.faults().add(Fault::rewrite(|_, reply| reply.with_header("range", "0-4999")).on("POST", "*").always());
    let registry = client(&server);
    let (_file, blob) = blob(&vec![3; 10_000]);
    assert_eq!(registry.push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
    assert_eq!(registry.statistics().bytes_sent, 10_000);
    assert!(
        server.requests().iter().all(|request| request.method != "PATCH" && request.header("content-range").is_none())
    );
}

#[tokio::test]
async fn a_registry_that_says_when_is_waited_for() {
    let server = FakeRegistry::start().unwrap();
    let past = Reply::text(429, "slow down").with_header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
    server.faults().add(Fault::reply(past).on("PUT", "*").times(2));
    let (_file, blob) = blob(b"layer");
    let registry = client(&server);
    assert_eq!(registry.push_blob(&shop(), &blob).await.unwrap(), BlobPush::Uploaded);
    assert_eq!(registry.statistics().retries, 2);
}

#[tokio::test]
async fn a_file_that_is_too_short_is_refused_before_the_upload() {
    let server = FakeRegistry::start().unwrap();
    let (_file, mut blob) = blob(b"layer");
    blob.size = 100;
    let error = client(&server).push_blob(&shop(), &blob).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/file", "{error:?}");
}

#[tokio::test]
async fn an_absolute_location_with_a_query_is_followed() {
    let server = FakeRegistry::start().unwrap();
    let base = server.url();
    server.faults().add(
        Fault::rewrite(move |_, reply| {
            let path = reply.header("location").unwrap_or_default().to_owned();
            Reply::new(202).with_header("location", format!("{base}{path}?_state=a%2Fb"))
        })
        .on("POST", "*/blobs/uploads/"),
    );
    let (_file, blob) = blob(b"layer");
    client(&server).push_blob(&shop(), &blob).await.unwrap();
    let put = server.requests().pop().unwrap();
    assert_eq!(put.query.as_deref(), Some(format!("_state=a%2Fb&digest=sha256%3A{}", blob.digest.hex()).as_str()));
}

#[tokio::test]
async fn the_biggest_blob_starts_first_and_each_digest_once() {
    let server = FakeRegistry::start().unwrap();
    let files: Vec<_> = [10_usize, 3000, 200].into_iter().map(|size| blob(&vec![b'x'; size])).collect();
    let mut blobs: Vec<_> = files.iter().map(|(_, blob)| blob.clone()).collect();
    blobs.push(blobs[0].clone());
    let done = RefCell::new(Vec::new());
    client(&server)
        .push_blobs(&shop(), uploads(blobs), |blob, push| done.borrow_mut().push((blob.size(), push)))
        .await
        .unwrap();
    let heads: Vec<_> = server.requests().into_iter().filter(|request| request.method == "HEAD").collect();
    assert_eq!(heads.len(), 3);
    let mut done = done.into_inner();
    done.sort_by_key(|(size, _)| *size);
    assert_eq!(done, [10, 200, 3000].map(|size| (size, BlobPush::Uploaded)));
}

#[tokio::test]
async fn many_blobs_are_under_way_together_but_not_all() {
    let server = FakeRegistry::start().unwrap();
    server.faults().add(Fault::delay(Duration::from_millis(150)).on("HEAD", "*").always());
    let files: Vec<_> = (0..16).map(|n| blob(n.to_string().as_bytes())).collect();
    let registry = client(&server);
    let blobs = files.iter().map(|(_, blob)| blob.clone()).collect();
    let start = std::time::Instant::now();
    registry.push_blobs(&shop(), uploads(blobs), |_, _| ()).await.unwrap();
    // One after another the look-ups alone would take 16 times 150 ms; all at once 150 ms.
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_millis(2400), "{:?}", start.elapsed());
}

fn uploads(blobs: Vec<oci_registry::BlobFile>) -> Vec<Upload> {
    blobs.into_iter().map(Upload::from).collect()
}

#[tokio::test]
async fn what_is_known_is_not_asked_for() {
    let server = FakeRegistry::start().unwrap();
    let (_one, there) = blob(b"there");
    let (_two, missing) = blob(b"missing");
    let known = vec![
        Upload { presence: Presence::There, ..Upload::from(there) },
        Upload { presence: Presence::Missing, ..Upload::from(missing) },
    ];
    let done = RefCell::new(Vec::new());
    client(&server).push_blobs(&shop(), known, |_, push| done.borrow_mut().push(push)).await.unwrap();
    assert_eq!(done.into_inner(), [BlobPush::Existed, BlobPush::Uploaded]);
    assert_eq!(lines(&server), ["POST /v2/team/shop/blobs/uploads/", "PUT /v2/team/shop/blobs/uploads/N"]);
}

#[tokio::test]
async fn after_a_failure_what_was_known_is_asked_for() {
    let server = FakeRegistry::start().unwrap();
    server.faults().add(Fault::rewrite(|_, _| Reply::text(502, "bad gateway")).on("PUT", "*"));
    let (_file, blob) = blob(b"layer");
    let known = vec![Upload { presence: Presence::Missing, ..Upload::from(blob) }];
    let done = RefCell::new(Vec::new());
    client(&server).push_blobs(&shop(), known, |_, push| done.borrow_mut().push(push)).await.unwrap();
    assert_eq!(done.into_inner(), [BlobPush::Existed]);
}

/// Pushes a blob that `team/base` may have.
async fn push_from_base(server: &FakeRegistry) -> BlobPush {
    let (_file, blob) = blob(b"layer");
    let from = RepositoryName::parse("team/base").unwrap();
    let upload =
        Upload { presence: Presence::Missing, mount_from: Some(from), is_in_source: true, ..Upload::from(blob) };
    let done = RefCell::new(Vec::new());
    let auth = if server.requests().is_empty() { user("pw") } else { Auth::Anonymous };
    client_as(server, auth).push_blobs(&shop(), vec![upload], |_, push| done.borrow_mut().push(push)).await.unwrap();
    done.into_inner()[0]
}

#[tokio::test]
async fn a_blob_of_another_repository_is_mounted() {
    for builder in [FakeRegistry::builder(), FakeRegistry::builder().token_auth("AWS", "pw")] {
        let server = builder.start().unwrap();
        let digest = server.put_blob("team/base", &b"layer"[..]);
        assert_eq!(push_from_base(&server).await, BlobPush::Mounted);
        assert!(server.blob("team/shop", &digest).is_some());
        assert!(lines(&server).iter().all(|line| !line.starts_with("PUT")));
        let token = server.requests().into_iter().find(|request| request.path == "/token");
        let scopes = "scope=repository%3Ateam%2Fshop%3Apull%2Cpush&scope=repository%3Ateam%2Fbase%3Apull";
        assert!(token.is_none_or(|request| request.query.unwrap_or_default().ends_with(scopes)));
    }
}

#[tokio::test]
async fn what_cannot_be_mounted_is_uploaded() {
    let refused = [Reply::text(403, "no"), Reply::text(405, "no"), Reply::text(404, "no such repository")];
    let faults = refused.into_iter().map(|reply| Fault::reply(reply).on("POST", "*").matching(is_mount));
    for fault in faults.map(Some).chain([None]) {
        let server = FakeRegistry::start().unwrap();
        let is_refused = fault.is_some();
        if let Some(fault) = fault {
            server.faults().add(fault);
        }
        assert_eq!(push_from_base(&server).await, BlobPush::Uploaded);
        assert_eq!(
            lines(&server).iter().filter(|line| line.starts_with("POST")).count(),
            if is_refused { 2 } else { 1 }
        );
    }
}

fn is_mount(request: &testkit::http::Request) -> bool {
    request.query_value("mount").is_some()
}

#[tokio::test]
async fn a_manifest_goes_up_byte_for_byte() {
    let server = FakeRegistry::start().unwrap();
    let registry = client(&server);
    assert_eq!(registry.head_manifest(&shop(), &tag("1.0.0")).await.unwrap(), None);
    let body = Bytes::from_static(b"{ \"schemaVersion\": 2 }\n");
    let digest = registry.put_manifest(&shop(), &tag("1.0.0"), MANIFEST, body.clone()).await.unwrap();
    assert_eq!(digest, Digest::of(&body));
    let head = registry.head_manifest(&shop(), &tag("1.0.0")).await.unwrap().unwrap();
    assert_eq!((head.digest, head.media_type.as_str(), head.size), (digest.clone(), MANIFEST, 23));
    assert_eq!(server.manifest("team/shop", "1.0.0").unwrap().body, body);
    let by_digest = Reference::Digest(digest.clone());
    assert_eq!(registry.get_manifest(&shop(), &by_digest).await.unwrap().bytes, body);
}
