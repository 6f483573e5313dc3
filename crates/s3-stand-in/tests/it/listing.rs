//! Both versions of the listing.

use std::net::SocketAddr;

use crate::client::{Answer, Client, start};

fn filled(keys: &[&str]) -> (SocketAddr, Client) {
    let address = start();
    let mut client = Client::new(address);
    let lines: Vec<_> = keys.iter().map(|key| format!("site/{key}\t1\t5d41402abc4b2a76b9719d911017c592")).collect();
    client.send("POST /-/reset", &[], &lines.join("\n"));
    (address, client)
}

fn keys(answer: &Answer) -> Vec<String> {
    answer.all("Key")
}

#[test]
fn keys_come_in_the_order_of_their_bytes() {
    let (_, mut client) = filled(&["a/b", "a.b", "a", "\u{1f600}", "\u{ffee}", "B", "a b&<c>"]);
    let listed = client.send("GET /site?list-type=2", &[], "");
    assert_eq!(keys(&listed), ["B", "a", "a b&<c>", "a.b", "a/b", "\u{ffee}", "\u{1f600}"]);
    let encoded = client.send("GET /site/?list-type=2&encoding-type=url&prefix=a%20", &[], "");
    assert_eq!((keys(&encoded), encoded.all("Prefix")), (vec!["a%20b%26%3Cc%3E".to_owned()], vec!["a%20".to_owned()]));
    assert!(keys(&client.send("GET /sit?list-type=2", &[], "")).is_empty(), "another bucket");
}

#[test]
fn both_versions_go_on_where_the_page_ended() {
    let (_, mut client) = filled(&["a", "b", "c", "d", "e"]);
    let first = client.send("GET /site?list-type=2&max-keys=2", &[], "");
    assert_eq!(
        (keys(&first), first.all("IsTruncated")),
        (vec!["a".to_owned(), "b".to_owned()], vec!["true".to_owned()])
    );
    let token = &first.all("NextContinuationToken")[0];
    let second = client.send(&format!("GET /site?list-type=2&max-keys=3&continuation-token={token}"), &[], "");
    assert_eq!((keys(&second).concat(), second.all("IsTruncated").concat()), ("cde".to_owned(), "false".to_owned()));
    assert!(second.all("NextContinuationToken").is_empty());
    assert_eq!(keys(&client.send("GET /site?list-type=2&start-after=c", &[], "")).concat(), "de");
    assert_eq!(keys(&client.send("GET /site?list-type=2&start-after=c0", &[], "")).concat(), "de");
    let third = client.send("GET /site?marker=b&max-keys=2", &[], "");
    assert_eq!((keys(&third).concat(), third.all("Marker").concat()), ("cd".to_owned(), "b".to_owned()));
    assert_eq!(keys(&client.send("GET /site?marker=d", &[], "")).concat(), "e");
    assert_eq!((client.count("ListObjectsV2"), client.count("ListObjects ")), (4, 2));
}

#[test]
fn folders_are_folded_and_passed_over() {
    let (_, mut client) = filled(&["a/1", "a/2", "b", "c/1", "c/d/2", "e"]);
    let all = client.send("GET /site?list-type=2&delimiter=%2F", &[], "");
    assert_eq!(
        (keys(&all).concat(), all.all("Prefix")),
        ("be".to_owned(), ["", "a/", "c/"].map(str::to_owned).to_vec())
    );
    let below = client.send("GET /site?list-type=2&delimiter=%2F&prefix=c%2F", &[], "");
    assert_eq!(
        (keys(&below).concat(), below.all("Prefix")),
        ("c/1".to_owned(), ["c/", "c/d/"].map(str::to_owned).to_vec())
    );
    let mut seen = String::new();
    let mut marker = String::new();
    for _ in 0..4 {
        let page = client.send(&format!("GET /site?delimiter=%2F&max-keys=1&marker={marker}"), &[], "");
        seen += &keys(&page).concat();
        seen += &page.all("Prefix").concat();
        marker = page.all("NextMarker").concat();
    }
    assert_eq!((seen.as_str(), marker.as_str()), ("a/bc/e", ""));
}
