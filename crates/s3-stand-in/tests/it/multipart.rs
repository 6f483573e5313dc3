//! Uploads in parts.

use crate::client::{Client, start};

#[test]
fn parts_make_an_object() {
    let mut client = Client::new(start());
    let id = client.send("POST /site/large.bin?uploads", &[], "").all("UploadId").concat();
    for number in [2, 1] {
        let part = client.send(&format!("PUT /site/large.bin?partNumber={number}&uploadId={id}"), &[], "hello");
        assert_eq!(part.header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    }
    let part = |number| format!("<Part><PartNumber>{number}</PartNumber><ETag>x</ETag></Part>");
    let complete = format!("POST /site/large.bin?uploadId={id}");
    let unknown = client.send(&complete, &[], &format!("<C>{}</C>", part(3)));
    assert_eq!((unknown.status, unknown.all("Code").concat()), (400, "InvalidPart".to_owned()));
    let done = client.send(&complete, &[], &format!("<C>{}{}</C>", part(1), part(2)));
    // The MD5 of the two MD5s.
    assert_eq!(done.all("ETag").concat(), "\"616b22817b80eed9f65c3aa38cd29054-2\"");
    assert_eq!(client.send("HEAD /site/large.bin", &[], "").header("content-length"), "10");
    assert_eq!(client.send(&complete, &[], &format!("<C>{}</C>", part(1))).status, 404);
}

#[test]
fn an_upload_that_is_aborted_is_gone() {
    let mut client = Client::new(start());
    let id = client.send("POST /site/a?uploads", &[], "").all("UploadId").concat();
    assert_eq!(client.send(&format!("DELETE /site/a?uploadId={id}"), &[], "").status, 204);
    assert_eq!(client.send(&format!("DELETE /site/a?uploadId={id}"), &[], "").status, 404);
    assert_eq!(client.send(&format!("PUT /site/a?partNumber=1&uploadId={id}"), &[], "x").status, 404);
    assert_eq!(client.send("HEAD /site/a", &[], "").status, 404);
}
