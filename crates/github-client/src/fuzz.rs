//! Laws of what a server says in headers and refusals: the token's host stays ours, waits stay finite.

use http::{HeaderMap, HeaderValue, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use testkit::budget::{Share, cases};

use crate::answer::{Answer, Limit};
use crate::pages::next_page;

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 ]{0,8}",
        prop::sample::select(vec![
            "<",
            ">",
            ";",
            ",",
            "rel=\"next\"",
            "rel=next",
            "rel=\"last\"",
            "https://evil.example/x?page=2",
            "//evil.example/x",
            "http://user:pw@h/",
            "/repos/a/b/tags?page=2",
            "?page=2",
            "#",
            "\"",
            "\\",
            " ",
            "..",
            "%2e%2e/",
            "18446744073709551615",
            "-1",
            "{",
            "}",
            "\"message\":",
            "[",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,12}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    vec(piece(), 0..8).prop_map(|pieces| pieces.concat())
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
    let headers =
        headers.iter().filter_map(|(name, value)| Some((name.parse().ok()?, HeaderValue::from_str(value).ok()?)));
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers.collect::<HeaderMap>(),
        body: body.to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(512), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_the_next_page_is_on_our_server(any in text(), target in text(), is_link in prop::bool::weighted(0.8), is_path in any::<bool>()) {
        static SHARE: Share = Share::new();
        let target = if is_path { format!("/repositories/7/tags?page={}", target.len()) } else { target };
        let link = if is_link { format!("<https://h{target}>; rel=\"next\", {any}") } else { any };
        let next = next_page(&answer(200, &[("link", &link)], ""));
        SHARE.note(next.is_some());
        if let Some(next) = next {
            // Whatever leads elsewhere is refused where the address is made; the URL standard reads `\` as `/`.
            let root = url::Url::parse("https://ghe.example/api/v3/").unwrap();
            let stays = root.join(&next).is_ok_and(|url| url.origin() == root.origin());
            prop_assert!(stays || next.replace('\\', "/").starts_with("//"), "{next}");
            prop_assert!(next.starts_with(['/', '?']), "{next}");
            prop_assert!(!next.contains(['\r', '\n', ' ']), "{next:?}");
        }
    }

    #[test]
    fn fuzz_a_link_is_found_among_others(page in 1_u32..999, before in "[a-z]{1,5}") {
        let link = format!("<https://h/x?page=1>; rel=\"{before}\", <https://h/y?page={page}>; rel=\"next\", <https://h/z>; rel=\"last\"");
        prop_assume!(before != "next");
        prop_assert_eq!(next_page(&answer(200, &[("link", &link)], "")), Some(format!("/y?page={page}")));
    }

    #[test]
    fn fuzz_refusals_are_worded_and_waits_are_finite(status in prop::sample::select(vec![200, 401, 403, 404, 422, 429, 500, 599]), words in text(), is_json in any::<bool>(), retry in text(), reset in any::<u64>(), now in 0_u64..4_000_000_000) {
        static SHARE: Share = Share::new();
        let body = if is_json { serde_json::json!({ "message": words, "errors": [{ "message": words }, words, { "code": words }] }).to_string() } else { words };
        SHARE.note(serde_json::from_str::<serde_json::Value>(&body).is_ok());
        let reset = reset.to_string();
        let answer = answer(status, &[("retry-after", &retry), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)], &body);
        let _ = answer.message();
        if let Some(Limit::Ends(wait)) = answer.limit(now) {
            prop_assert!(matches!(status, 403 | 429), "{wait:?}");
        }
    }
}
