//! The stand-in as clients see it.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use testkit::http::{Reply, send};
use testkit::registry::digest;

/// Its address; it serves as long as the test's process lives.
fn start() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || registry_stand_in::serve(listener));
    address
}

fn ask(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> Reply {
    send(method, &format!("http://{address}{path}"), &[], body).unwrap()
}

fn upload(address: SocketAddr, repository: &str, content: &[u8], name: &str) -> u16 {
    let begun = ask(address, "POST", &format!("/v2/{repository}/blobs/uploads/"), b"");
    let location = begun.header("location").unwrap().to_owned();
    ask(address, "PUT", &format!("{location}?digest={name}"), content).status
}

#[test]
fn an_image_is_taken_when_all_of_it_is_there() {
    let address = start();
    let config = digest(b"{}");
    let manifest = format!("{{\"config\":{{\"digest\":\"{config}\",\"size\":2}},\"layers\":[]}}");
    let put = || ask(address, "PUT", "/v2/team/shop/manifests/1.0.0", manifest.as_bytes()).status;
    assert_eq!(put(), 400);
    assert_eq!(upload(address, "team/shop", b"{}", &config), 201);
    assert_eq!(put(), 201);
    let found = ask(address, "HEAD", "/v2/team/shop/manifests/1.0.0", b"");
    assert_eq!(found.header("docker-content-digest"), Some(digest(manifest.as_bytes()).as_str()));
    let tags = ask(address, "GET", "/-/tags", b"").to_text();
    assert_eq!(tags, format!("team/shop:1.0.0 {}\n", digest(manifest.as_bytes())));
    assert_eq!(ask(address, "GET", "/v2/team/shop/tags/list?n=1", b"").to_json()["tags"], serde_json::json!(["1.0.0"]));
    assert_eq!(ask(address, "GET", "/v2/team/other/tags/list", b"").status, 404);
}

#[test]
fn a_blob_of_another_length_is_no_part_of_an_image() {
    let address = start();
    let config = digest(b"{}");
    upload(address, "shop", b"{ }", &config);
    let manifest = format!("{{\"config\":{{\"digest\":\"{config}\",\"size\":2}},\"layers\":[]}}");
    assert_eq!(ask(address, "PUT", "/v2/shop/manifests/1.0.0", manifest.as_bytes()).status, 400);
}

#[test]
fn blobs_are_hashed_when_it_is_told_to() {
    let address = start();
    ask(address, "POST", "/-/reset?hash=true", b"");
    assert_eq!(upload(address, "shop", b"layer", &digest(b"other")), 400);
    assert_eq!(upload(address, "shop", b"layer", &digest(b"layer")), 201);
    ask(address, "POST", "/-/reset", b"");
    assert_eq!(upload(address, "shop", b"layer", &digest(b"other")), 201);
}

#[test]
fn chunks_and_a_body_of_unknown_length_are_one_blob() {
    let address = start();
    ask(address, "POST", "/-/reset?hash=true", b"");
    let begun = ask(address, "POST", "/v2/shop/blobs/uploads/", b"");
    let location = begun.header("location").unwrap().to_owned();
    assert_eq!(ask(address, "PATCH", &location, b"lay").header("range"), Some("0-2"));
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("PATCH {location} HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n");
    stream.write_all(format!("{head}1\r\ne\r\n1;x=y\r\nr\r\n0\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("range: 0-4"), "{answer}");
    let done = ask(address, "PUT", &format!("{location}?digest={}", digest(b"layer")), b"");
    assert_eq!(done.status, 201);
}

#[test]
fn a_blob_is_mounted_where_it_is() {
    let address = start();
    let layer = digest(b"layer");
    upload(address, "base", b"layer", &layer);
    let mount =
        |from: &str| ask(address, "POST", &format!("/v2/shop/blobs/uploads/?mount={layer}&from={from}"), b"").status;
    assert_eq!((mount("nowhere"), mount("base")), (202, 201));
    assert_eq!(ask(address, "HEAD", &format!("/v2/shop/blobs/{layer}"), b"").status, 200);
}

#[test]
fn ecr_tells_what_the_registry_holds() {
    let address = start();
    let layer = digest(b"layer");
    upload(address, "shop", b"layer", &layer);
    let call = |operation: &str, body: &str| {
        let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        send("POST", &format!("http://{address}/"), &[("x-amz-target", target.as_str())], body.as_bytes()).unwrap()
    };
    let body = format!("{{\"repositoryName\":\"shop\",\"layerDigests\":[\"{layer}\",\"{}\"]}}", digest(b"other"));
    let answer = call("BatchCheckLayerAvailability", &body).to_json();
    assert_eq!(answer["layers"][0]["layerAvailability"], "AVAILABLE");
    assert_eq!(answer["failures"][0]["failureCode"], "MissingLayerDigest");
    let described = call("DescribeRepositories", "{\"repositoryNames\":[\"shop\"]}").to_json();
    assert_eq!(described["repositories"][0]["repositoryName"], "shop");
    assert_eq!(call("DeleteRepository", "{}").status, 400);
    let state = ask(address, "GET", "/-/state", b"").to_text();
    assert!(state.contains("BatchCheckLayerAvailability 1\n") && state.contains("PUT-upload 1\n"), "{state}");
}
