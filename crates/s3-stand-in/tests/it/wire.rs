//! Connections, bodies and time.

use std::time::{Duration, Instant};

use crate::client::{Client, start};

const HELLO: &str = "\"5d41402abc4b2a76b9719d911017c592\"";

#[test]
fn an_object_is_there_after_its_upload() {
    let mut client = Client::new(start());
    let put = client.send("PUT /site/a%20b.txt", &[], "hello");
    assert_eq!((put.status, put.header("etag")), (200, HELLO));
    let got = client.send("GET /site/a%20b.txt", &[], "");
    assert_eq!((got.status, got.body.as_str(), got.header("etag")), (200, "hello", HELLO));
    let head = client.send("HEAD /site/a%20b.txt", &[], "");
    assert_eq!((head.status, head.header("content-length"), head.body.as_str()), (200, "5", ""));
    assert_eq!(client.send("GET /site/a%20b.txt", &[&format!("if-none-match: {HELLO}")], "").status, 304);
    assert_eq!(client.send("HEAD /site/none", &[], "").status, 404);
    assert_eq!(client.send("GET /site/a%20b.txt?acl", &[], "").status, 501);
    assert_eq!(client.send("GET /-/objects", &[], "").body, "site/a b.txt\t5\t5d41402abc4b2a76b9719d911017c592\n");
}

#[test]
fn a_copy_has_the_tag_of_its_source() {
    let mut client = Client::new(start());
    client.send("PUT /site/a+b", &[], "hello");
    let copied = client.send("PUT /site/c", &["x-amz-copy-source: site/a%2Bb"], "");
    assert_eq!(copied.all("ETag"), [HELLO]);
    assert_eq!(client.send("GET /site/c", &[], "").body, "hello");
    assert_eq!(client.send("PUT /site/c", &["x-amz-copy-source: site/none"], "").status, 404);
    assert_eq!((client.count("CopyObject"), client.count("PutObject")), (2, 1));
}

#[test]
fn a_digest_of_the_client_is_believed_and_a_dropped_body_is_counted() {
    // More than is kept of an object that comes whole.
    const SIZE: usize = 65 << 20;
    let mut client = Client::new(start());
    let large = "x".repeat(SIZE);
    let put = client.send("PUT /site/large", &["content-md5: AAAAAAAAAAAAAAAAAAAAAA=="], &large);
    assert_eq!(put.header("etag"), "\"00000000000000000000000000000000\"");
    assert_eq!(client.send("HEAD /site/large", &[], "").header("content-length"), SIZE.to_string());
    assert_eq!(client.send("GET /site/large", &[], "").status, 501);
    assert_eq!((client.count("received"), client.count("connections")), (SIZE as u64, 1));
}

#[test]
fn signed_chunks_are_not_content() {
    let mut client = Client::new(start());
    let headers = ["x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length: 5"];
    client.send("PUT /site/a", &headers, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
    let got = client.send("GET /site/a", &[], "");
    assert_eq!((got.body.as_str(), got.header("etag")), ("hello", HELLO));
}

#[test]
fn who_waits_for_leave_to_send_gets_it() {
    let mut client = Client::new(start());
    client.write(b"PUT /site/a HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n");
    assert_eq!(client.read(false).status, 100);
    client.write(b"hello");
    assert_eq!(client.read(false).header("etag"), HELLO);
    assert_eq!(client.count("expects"), 1);
}

#[test]
fn two_requests_in_one_piece_are_answered_in_turn() {
    let mut client = Client::new(start());
    client.write(b"PUT /site/a HTTP/1.1\r\ncontent-length: 5\r\n\r\nhelloGET /site/a HTTP/1.1\r\n\r\n");
    assert_eq!(client.read(false).status, 200);
    assert_eq!(client.read(false).body, "hello");
}

#[test]
fn an_answer_waits() {
    const LATENCY: Duration = Duration::from_millis(150);
    let mut client = Client::new(start());
    client.send("POST /-/reset?latency-ms=150", &[], "");
    let started = Instant::now();
    assert_eq!(client.send("HEAD /site/a", &[], "").status, 404);
    assert!(started.elapsed() >= LATENCY);
}

#[test]
fn answers_wait_at_the_same_time() {
    let address = start();
    let mut control = Client::new(address);
    // The first answer comes after ten minutes: nobody waits for it.
    control.send("POST /-/reset?latency-ms=600000", &[], "");
    let mut clients: Vec<_> = (0..20).map(|_| Client::new(address)).collect();
    for client in &mut clients {
        client.write(b"HEAD /site/a HTTP/1.1\r\n\r\n");
    }
    let started = Instant::now();
    while control.count("HeadObject") < 20 {
        assert!(started.elapsed() < Duration::from_mins(1), "a request waits for the answer to another one");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

#[test]
fn a_reset_forgets_and_preloads() {
    let mut client = Client::new(start());
    client.send("PUT /site/a", &[], "hello");
    let tag = "5d41402abc4b2a76b9719d911017c592";
    assert_eq!(client.send("POST /-/reset", &[], &format!("site/b\t5\t{tag}\n*3\tsite/m/\n")).status, 204);
    assert_eq!(client.count("PutObject"), 0);
    let objects = client.send("GET /-/objects", &[], "").body;
    assert_eq!(objects.lines().next(), Some(format!("site/b\t5\t{tag}").as_str()));
    assert_eq!(objects.lines().count(), 4, "{objects}");
    assert_eq!(client.send("POST /-/reset", &[], "site/b\tfive").status, 400);
    assert_eq!(client.send("GET /-/objects", &[], "").body, objects, "a wrong list changes nothing");
}

#[test]
fn it_counts_anew_and_holds_what_it_held() {
    let mut client = Client::new(start());
    client.send("PUT /site/a", &[], "hello");
    assert_eq!(client.count("PutObject"), 1);
    assert_eq!(client.send("POST /-/count-anew", &[], "").status, 204);
    assert_eq!(client.count("PutObject"), 0);
    assert_eq!(client.send("GET /site/a", &[], "").body, "hello");
}
