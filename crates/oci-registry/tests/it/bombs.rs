//! A registry that means harm: answers without an end, and ways to somewhere else.

use oci_registry::Error;
use testkit::bomb::Bomb;
use testkit::fault::Fault;
use testkit::http::Reply;

use super::*;

const ENDLESS: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n\r\n";

/// What the system's buffers may hold besides what the client read.
const BUFFERS: u64 = 8 * 1024 * 1024;

fn towards(bomb: &Bomb) -> Registry {
    Registry::new(Endpoint::parse(&bomb.url()).unwrap(), Auth::Anonymous).unwrap()
}

#[track_caller]
fn assert_defused(bomb: &Bomb, limit: u64) {
    assert!(bomb.sent() <= limit + BUFFERS, "{} bytes", bomb.sent());
}

#[tokio::test]
async fn a_manifest_without_an_end_is_left_at_the_limit() {
    let bomb = Bomb::start(ENDLESS, vec![b' '; 65_536]).unwrap();
    let error = towards(&bomb).get_manifest(&shop(), &tag("1")).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/bad-answer", "{error:?}");
    assert!(error.to_string().contains("more than 4194304 bytes"), "{error}");
    assert_eq!(bomb.requests(), 1);
    assert_defused(&bomb, 4 * 1024 * 1024);
}

#[tokio::test]
async fn a_blob_is_left_at_its_declared_size() {
    let bomb = Bomb::start(ENDLESS, vec![b'x'; 65_536]).unwrap();
    let mut into = Vec::new();
    let error = towards(&bomb).pull_blob(&shop(), &Digest::of(b"x"), 100_000, &mut into).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/digest-mismatch", "{error:?}");
    assert!(into.len() <= 100_000 && bomb.requests() == 1, "{}", into.len());
    assert_defused(&bomb, 100_000);
}

#[tokio::test]
async fn an_error_without_an_end_is_an_error() {
    let head = ENDLESS.replace("200 OK", "404 Not Found");
    let bomb = Bomb::start(head, vec![b'x'; 65_536]).unwrap();
    let error = towards(&bomb).get_manifest(&shop(), &tag("1")).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/manifest-unknown", "{error:?}");
    assert_defused(&bomb, 64 * 1024);
}

#[tokio::test]
async fn headers_without_an_end_are_a_broken_answer() {
    let bomb = Bomb::start("HTTP/1.1 200 OK\r\n", "x-a: b\r\n".repeat(1000)).unwrap();
    let error = towards(&bomb).get_manifest(&shop(), &tag("1")).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/unreachable", "{error:?}");
    assert_defused(&bomb, 4 * BUFFERS); // Five connections, each with buffers of its own.
}

#[tokio::test]
async fn a_compressed_manifest_is_not_unpacked() {
    let server = FakeRegistry::start().unwrap();
    let bomb = [&b"\x1f\x8b\x08"[..], &[0; 500]].concat();
    let packed = Reply::new(200).with_header("content-encoding", "gzip").with_body(bomb.clone());
    server.faults().add(Fault::reply(packed).on("GET", "*/manifests/*"));
    let manifest = client(&server).get_manifest(&shop(), &tag("1")).await.unwrap();
    assert_eq!(manifest.bytes, bomb);
    assert!(server.requests()[0].header("accept-encoding").is_none());
}

#[tokio::test]
async fn errors_nested_without_measure_are_read_as_text() {
    let server = FakeRegistry::start().unwrap();
    let deep = format!("{{\"errors\":[{{\"detail\":{}", "[".repeat(60_000));
    server.faults().add(Fault::reply(Reply::text(400, deep)).on("GET", "*/manifests/*"));
    let error = client(&server).get_manifest(&shop(), &tag("1")).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/service", "{error:?}");
    assert!(error.to_string().len() < 1000, "{}", error.to_string().len());
}

#[tokio::test]
async fn a_password_goes_to_no_token_server_of_somebody_else() {
    let (server, other) = (FakeRegistry::start().unwrap(), FakeRegistry::start().unwrap());
    let realm = other.url().replace("127.0.0.1", "localhost");
    let demand = Reply::new(401).with_header("www-authenticate", format!("Bearer realm=\"{realm}/token\""));
    server.faults().add(Fault::reply(demand).on("GET", "*").always());
    let error = client_as(&server, user("pw")).get_manifest(&shop(), &tag("1")).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/bad-answer", "{error:?}");
    assert!(error.to_string().contains("`localhost`, which gets no password"), "{error}");
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn redirects_to_the_machine_itself_and_in_circles_are_refused() {
    for (location, words) in [
        ("https://169.254.169.254/latest/meta-data", "of this machine was refused"),
        ("https://[fd00:ec2::254]/latest/meta-data", "of this machine was refused"),
        ("http://store.example/blob", "without TLS"),
        ("/v2/team/shop/manifests/1", "too many redirects"),
    ] {
        let server = FakeRegistry::start().unwrap();
        server.faults().add(Fault::reply(Reply::new(307).with_header("location", location)).on("GET", "*").always());
        let error = client(&server).get_manifest(&shop(), &tag("1")).await.unwrap_err();
        assert!(matches!(&error, Error::BadAnswer { problem, .. } if problem.contains(words)), "{location}: {error:?}");
        assert!(server.requests().len() <= 6, "{}", server.requests().len());
    }
}
