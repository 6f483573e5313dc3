use proptest::prelude::*;

use super::*;

#[test]
fn what_is_small_is_not_waited_for_for_minutes() {
    let of = |length| patience(&Bytes::from(vec![0; length])).as_secs();
    assert_eq!([0, 1, STEP, STEP + 1, 16 * STEP].map(of), [60, 60, 60, 300, 300]);
}

#[test]
fn a_key_is_encoded_and_not_normalized() {
    assert_eq!(path("a//b/../c d+é~.js"), "/a//b/../c%20d%2B%C3%A9~.js");
}

#[test]
fn a_source_is_encoded_with_its_version() {
    let bucket = BucketName::parse("shop").unwrap();
    assert_eq!(copy_source(&bucket, "a b/é+", None), "shop/a%20b/%C3%A9%2B");
    assert_eq!(copy_source(&bucket, "a", Some("v/1=")), "shop/a?versionId=v%2F1%3D");
}

#[test]
fn a_listed_key_is_decoded_once() {
    assert_eq!(decoded("a+b%2Bc%2525/%E6%97%A5"), "a b+c%25/日");
    assert_eq!(decoded("a/b.css"), "a/b.css");
}

#[test]
fn times_are_read_as_s3_writes_them() {
    assert_eq!(seconds(Some("2026-11-21T16:17:48.000Z"), Format::DateTime), 1_795_277_868);
    assert_eq!(seconds(Some("Sat, 21 Nov 2026 16:17:48 GMT"), Format::HttpDate), 1_795_277_868);
    assert_eq!([seconds(None, Format::DateTime), seconds(Some("soon"), Format::DateTime)], [0, 0]);
}

/// An answer that says it is a success.
fn answer(body: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::new(200.try_into().unwrap(), body.into());
    answer.headers_mut().insert("content-type", "application/xml");
    answer
}

#[test]
fn an_answer_that_is_odd_is_an_error_of_the_call() {
    for (body, says) in [
        ("<A/>", "the answer is odd: `A` instead of `R`"),
        ("<R/>", "the answer is odd: `R` has no `B`"),
        ("", "the answer is odd: the document does not have a root node"),
    ] {
        let refused = read(answer(body), "R", |root| root.child("B")?.text().map(|_| ())).unwrap_err();
        let told = aws_client::api_error("s3", "ListObjectsV2", None, &refused);
        assert_eq!(told.kind, aws_client::ApiErrorKind::Service);
        assert!(told.message.contains(says), "{}", told.message);
    }
    assert_eq!(read(answer(" <R/>\n"), "R", |_| Ok(7)).unwrap(), 7);
}

proptest! {
    /// Any key is found again under the address it was put to, and in a listing with either way to write a space.
    #[test]
    fn keys_are_found_where_they_were_put(key in any::<String>()) {
        let there = path(&key);
        prop_assert_eq!(percent_decode_str(&there[1..]).decode_utf8().unwrap(), key.as_str());
        let listed = encoded(&key);
        prop_assert_eq!(decoded(&listed), key.as_str());
        prop_assert_eq!(decoded(&listed.replace("%20", "+")), key.as_str());
        prop_assert!(listed.is_ascii() && !listed.contains(['&', '=', '#', ' ', '+']));
    }
}
