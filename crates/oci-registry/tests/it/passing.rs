//! Passing a blob on from one registry to another, with sources that break and lie.

use std::cell::RefCell;

use oci_registry::{BlobPush, BlobSource, Error, RemoteBlob, Upload};
use testkit::fault::Fault;
use testkit::http::Reply;

use super::*;

async fn pass(source: &FakeRegistry, target: &FakeRegistry, digest: &Digest, size: u64) -> Result<BlobPush, Error> {
    let repository = RepositoryName::parse("develop/shop").unwrap();
    let blob = RemoteBlob { registry: client(source), repository, digest: digest.clone(), size };
    let done = RefCell::new(Vec::new());
    let uploads = vec![Upload::from(BlobSource::Remote(blob))];
    client(target).push_blobs(&shop(), uploads, |_, push| done.borrow_mut().push(push)).await?;
    Ok(done.into_inner()[0])
}

fn large() -> Vec<u8> {
    (0..100_000_u32).flat_map(u32::to_le_bytes).collect()
}

#[tokio::test]
async fn a_blob_goes_from_one_registry_to_another() {
    for content in [large(), b"layer".to_vec(), Vec::new()] {
        let (source, target) = (FakeRegistry::start().unwrap(), FakeRegistry::start().unwrap());
        let digest: Digest = source.put_blob("develop/shop", content.clone()).parse().unwrap();
        assert_eq!(pass(&source, &target, &digest, content.len() as u64).await.unwrap(), BlobPush::Uploaded);
        assert_eq!(target.blob("team/shop", digest.as_str()).unwrap(), content);
        assert_eq!(source.requests().len(), 1);
    }
}

#[tokio::test]
async fn what_is_there_is_not_fetched() {
    let (source, target) = (FakeRegistry::start().unwrap(), FakeRegistry::start().unwrap());
    let digest: Digest = source.put_blob("develop/shop", &b"layer"[..]).parse().unwrap();
    target.put_blob("team/shop", &b"layer"[..]);
    assert_eq!(pass(&source, &target, &digest, 5).await.unwrap(), BlobPush::Existed);
    assert!(source.requests().is_empty());
}

/// The target would see a wrong digest itself; it never gets that far.
#[tokio::test]
async fn a_source_that_lies_is_named_and_its_blob_never_arrives_whole() {
    let content = large();
    let mut other = content.clone();
    *other.last_mut().unwrap() ^= 1;
    let longer = [&content[..], b"x"].concat();
    for (body, found) in [(other, "sha256:"), (content[1..].to_vec(), "instead of"), (longer, "more than")] {
        let (source, target) = (FakeRegistry::start().unwrap(), FakeRegistry::start().unwrap());
        let digest: Digest = source.put_blob("develop/shop", content.clone()).parse().unwrap();
        let length = body.len();
        source.faults().add(Fault::reply(Reply::new(200).with_body(body)).on("GET", "*/blobs/*"));
        let error = pass(&source, &target, &digest, content.len() as u64).await.unwrap_err();
        assert_eq!(code(&error), "oci-registry/digest-mismatch");
        assert!(error.to_string().contains(found) && error.to_string().contains(&source.host()), "{error}");
        assert!(target.blob("team/shop", digest.as_str()).is_none());
        let puts = target.requests().into_iter().filter(|request| request.method == "PUT");
        assert!(puts.into_iter().all(|put| put.body.len() < length.min(content.len())));
    }
}

#[tokio::test]
async fn a_source_that_breaks_is_asked_again() {
    for fault in [Fault::truncate(150_000), Fault::reset(), Fault::status(503), Fault::throttle(1)] {
        let (source, target) = (FakeRegistry::start().unwrap(), FakeRegistry::start().unwrap());
        let content = large();
        let digest: Digest = source.put_blob("develop/shop", content.clone()).parse().unwrap();
        source.faults().add(fault.on("GET", "*/blobs/*"));
        assert_eq!(pass(&source, &target, &digest, 400_000).await.unwrap(), BlobPush::Uploaded);
        assert_eq!(target.blob("team/shop", digest.as_str()).unwrap(), content);
    }
}

#[tokio::test]
async fn a_source_without_the_blob_is_an_error_of_the_source() {
    let (source, target) = (FakeRegistry::start().unwrap(), FakeRegistry::start().unwrap());
    let error = pass(&source, &target, &Digest::of(b"gone"), 4).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/blob-unknown");
    assert!(error.to_string().contains("develop/shop"), "{error}");
}
