//! Conditions on writes and deletes.

use crate::client::{Client, start};

const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

fn filled() -> Client {
    let mut client = Client::new(start());
    let lines: String = ["a", "b", "c&"].map(|key| format!("site/{key}\t5\t{HELLO}\n")).concat();
    client.send("POST /-/reset", &[], &lines);
    client
}

#[test]
fn a_write_holds_to_its_condition() {
    let mut client = filled();
    let right = format!("if-match: \"{HELLO}\"");
    for (key, condition, status) in [
        ("a", "if-none-match: *", 412),
        ("new", "if-none-match: *", 200),
        ("a", "if-match: \"0123\"", 412),
        ("none", right.as_str(), 404),
        ("a", right.as_str(), 200),
        ("a", right.as_str(), 412),
    ] {
        let answer = client.send(&format!("PUT /site/{key}"), &[condition], "other");
        assert_eq!(answer.status, status, "{key}, {condition}");
    }
}

#[test]
fn a_delete_holds_to_its_condition() {
    let mut client = filled();
    assert_eq!(client.send("DELETE /site/a", &["if-match: \"0123\""], "").status, 412);
    assert_eq!(client.send("DELETE /site/a", &[&format!("if-match: \"{HELLO}\"")], "").status, 204);
    assert_eq!(client.send("DELETE /site/a", &[&format!("if-match: \"{HELLO}\"")], "").status, 404);
    assert_eq!(client.send("DELETE /site/a", &[], "").status, 204, "a delete without one is done already");
}

#[test]
fn many_are_deleted_each_by_its_own_condition() {
    let mut client = filled();
    let object = |key: &str, tag: &str| format!("<Object><Key>{key}</Key><ETag>&quot;{tag}&quot;</ETag></Object>");
    let body = format!(
        "<Delete>{}{}{}<Object><Key>gone</Key></Object></Delete>",
        object("a", "0123"),
        object("c&amp;", HELLO),
        object("none", HELLO)
    );
    let answer = client.send("POST /site?delete", &[], &body);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.all("Code"), ["PreconditionFailed", "NoSuchKey"]);
    assert_eq!(answer.all("Key"), ["a", "c&", "none", "gone"]);
    let left = client.send("GET /-/objects", &[], "").body;
    assert_eq!(left, format!("site/a\t5\t{HELLO}\nsite/b\t5\t{HELLO}\n"));
    let quiet =
        client.send("POST /site?delete", &[], "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>");
    assert!(quiet.all("Key").is_empty());
    let many = "<Object><Key>x</Key></Object>".repeat(1001);
    assert_eq!(client.send("POST /site?delete", &[], &format!("<Delete>{many}</Delete>")).status, 400);
    assert_eq!(client.count("DeleteObjects"), 3);
}
