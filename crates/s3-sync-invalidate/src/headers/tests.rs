use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "the field is optional")]
fn kms(key: &str) -> Option<Encryption> {
    Some(Encryption { method: Method::Kms, key: Some(key.to_owned()) })
}

fn page() -> Headers {
    Headers::new("text/html", "no-cache")
}

/// Headers that differ from [`page`] and from each other in one field.
fn others() -> Vec<Headers> {
    let text = |text: &str| Some(text.to_owned());
    let encrypted = |method| Some(Encryption { method, key: None });
    vec![
        Headers::new("text/css", "no-cache"),
        Headers::new("text/html", "private"),
        Headers { content_encoding: text("gzip"), ..page() },
        Headers { content_disposition: text("attachment"), ..page() },
        Headers { content_language: text("de"), ..page() },
        Headers { metadata: map(&[("a", "1")]), ..page() },
        Headers { metadata: map(&[("a", "2")]), ..page() },
        Headers { metadata: map(&[("a", "1"), ("b", "1")]), ..page() },
        Headers { tags: map(&[("a", "1")]), ..page() },
        Headers { tags: map(&[("a", "1&b=1")]), ..page() },
        Headers { tags: map(&[("a", "1"), ("b", "1")]), ..page() },
        Headers { redirect: text("/new"), ..page() },
        Headers { storage_class: text("STANDARD_IA"), ..page() },
        Headers { encryption: encrypted(Method::S3), ..page() },
        Headers { encryption: encrypted(Method::Kms), ..page() },
        Headers { encryption: encrypted(Method::KmsTwice), ..page() },
        Headers { encryption: kms("k1"), ..page() },
        Headers { acl: text("public-read"), ..page() },
    ]
}

#[test]
fn each_field_changes_the_fingerprint() {
    let prints: BTreeSet<Fingerprint> = others().iter().chain([&page()]).map(Headers::fingerprint).collect();
    assert_eq!(prints.len(), others().len() + 1);
}

#[test]
fn a_fingerprint_is_the_same_in_every_version() {
    // A manifest of an earlier version holds it: when this changes, every object is uploaded again.
    assert_eq!(page().fingerprint().to_string(), "919e74554334cf6e");
    let canonical = serde_json::to_string(&page().lines()).unwrap();
    assert_eq!(canonical, r#"{"cache-control":"no-cache","content-type":"text/html"}"#);
}

#[test]
fn a_fingerprint_prints_and_parses() {
    assert_eq!(Fingerprint(0x2a).to_string(), "000000000000002a");
    assert_eq!(Fingerprint::parse("000000000000002a"), Some(Fingerprint(0x2a)));
    for text in ["", "2a", "000000000000002A", "+00000000000002a", "000000000000002a0"] {
        assert_eq!(Fingerprint::parse(text), None, "{text}");
    }
}

#[test]
fn what_is_not_set_is_not_shown() {
    let shown = serde_json::to_string(&page()).unwrap();
    assert_eq!(shown, r#"{"content_type":"text/html","cache_control":"no-cache"}"#);
}

#[test]
fn everything_is_written_as_s3_wants_it() {
    let headers = Headers {
        metadata: map(&[("owner", "web")]),
        tags: map(&[("cost center", "a&b"), ("käse", "=")]),
        redirect: Some("/new".to_owned()),
        storage_class: Some("STANDARD_IA".to_owned()),
        encryption: kms("alias/site"),
        acl: Some("private".to_owned()),
        ..page()
    };
    insta::assert_debug_snapshot!(headers.lines(), @r#"
    {
        "cache-control": "no-cache",
        "content-type": "text/html",
        "x-amz-acl": "private",
        "x-amz-meta-owner": "web",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "alias/site",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-tagging": "cost%20center=a%26b&k%C3%A4se=%3D",
        "x-amz-website-redirect-location": "/new",
    }
    "#);
}

/// What S3 answers to a HEAD request for an object that was put with these headers.
fn seen(headers: &Headers) -> RemoteHeaders {
    RemoteHeaders {
        content_type: Some(headers.content_type.clone()),
        cache_control: Some(headers.cache_control.clone()),
        content_encoding: headers.content_encoding.clone(),
        content_disposition: headers.content_disposition.clone(),
        content_language: headers.content_language.clone(),
        metadata: headers.metadata.clone(),
        redirect: headers.redirect.clone(),
        storage_class: headers.storage_class.clone(),
        encryption: Some(headers.encryption.as_ref().map_or("AES256", |how| how.method.as_str()).to_owned()),
        kms_key: headers.encryption.as_ref().map(|_| "arn:aws:kms:eu-west-1:123456789012:key/k1".to_owned()),
        md5: None,
    }
}

#[test]
fn an_object_has_the_headers_it_was_put_with_and_no_others() {
    for headers in others() {
        assert!(headers.are_those_of(&seen(&headers)), "{headers:?}");
        // These are not in the answer, and these are what the bucket does by default.
        let hidden = headers.acl.is_some() || !headers.tags.is_empty();
        let usual = headers.encryption.as_ref().is_some_and(|how| how.method == Method::S3);
        assert_eq!(headers.are_those_of(&seen(&page())), hidden || usual, "{headers:?}");
    }
}

#[test]
fn the_lines_of_an_answer_are_read() {
    for headers in others() {
        let mut lines = headers.lines();
        lines.insert("etag".to_owned(), "\"x\"".to_owned());
        lines.insert(format!("x-amz-meta-{MD5_METADATA}"), "5d41".to_owned());
        let object = RemoteHeaders::of_lines(lines.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        assert!(headers.are_those_of(&object), "{object:?}");
        assert_eq!(object.md5.as_deref(), Some("5d41"));
    }
}

#[test]
fn what_was_not_asked_for_is_the_bucket_s_business() {
    let moved = RemoteHeaders { storage_class: Some("GLACIER_IR".to_owned()), ..seen(&page()) };
    let by_default = RemoteHeaders { encryption: Some("aws:kms".to_owned()), ..seen(&page()) };
    assert!(page().are_those_of(&moved) && page().are_those_of(&by_default));
    let standard = Headers { storage_class: Some("STANDARD".to_owned()), ..page() };
    assert!(standard.are_those_of(&seen(&page())) && !standard.are_those_of(&moved));
}

#[test]
fn a_key_is_known_by_its_id_its_arn_or_not_at_all() {
    let object = seen(&Headers { encryption: kms("k1"), ..page() });
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/k1";
    for (key, expect) in [("k1", true), (arn, true), ("alias/site", true), ("1", false), ("k2", false)] {
        assert_eq!(Headers { encryption: kms(key), ..page() }.are_those_of(&object), expect, "{key}");
    }
}

proptest! {
    #[test]
    fn a_fingerprint_does_not_depend_on_the_order(pairs in proptest::collection::btree_map("[a-c]{1,2}", "[x-z]{0,2}", 0..6)) {
        let forward = pairs.clone().into_iter().collect();
        let backward = pairs.into_iter().rev().collect();
        let of = |map: BTreeMap<String, String>| Headers { metadata: map.clone(), tags: map, ..page() }.fingerprint();
        prop_assert_eq!(of(forward), of(backward));
    }
}
