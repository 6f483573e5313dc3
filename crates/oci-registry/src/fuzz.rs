//! Laws of what a registry tells us in headers: a challenge is understood or left alone, and no token goes elsewhere.

use proptest::collection::vec;
use proptest::prelude::*;
use testkit::budget::{Share, cases};

use crate::Endpoint;
use crate::auth::Challenge;

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 ]{0,8}",
        prop::sample::select(vec![
            "Bearer ",
            "Basic ",
            "bearer ",
            "realm=",
            "service=",
            "scope=",
            "\"",
            "\\\"",
            ",",
            "=",
            "https://auth.example/token",
            "http://10.0.0.1/",
            "file:///etc/passwd",
            "//",
            "../",
            "?",
            "#",
            "@",
            ":",
            "[::1]",
            "127.0.0.1",
            "localhost",
            "\t",
            "é",
            "%00",
            "%0d%0a",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

fn header() -> impl Strategy<Value = String> {
    vec(piece(), 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(512), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_a_challenge_is_read_back(realm in "[!#-+.-~]{1,20}", service in "[!#-+.-~]{0,12}", scope in "[a-z:/,]{0,9}", space in " {0,2}") {
        let text = format!("Bearer realm=\"{realm}\",{space}service=\"{service}\",scope=\"{scope}\"");
        prop_assert_eq!(Challenge::parse(&text), Some(Challenge::Bearer { realm, service: Some(service) }));
    }

    #[test]
    fn fuzz_any_challenge_is_understood_or_left_alone(text in header(), prefix in "|Bearer realm=\"|Bearer realm=x,|Basic realm=") {
        static SHARE: Share = Share::new();
        let text = format!("{prefix}{text}");
        SHARE.note(Challenge::parse(&text).is_some());
        if let Some(Challenge::Bearer { realm, .. }) = Challenge::parse(&text) {
            prop_assert!(text.contains(&realm));
        }
        prop_assert_eq!(Challenge::parse(&format!("Digest {text}")), None);
    }

    #[test]
    fn fuzz_an_endpoint_is_a_host_and_nothing_else(text in prop_oneof![header(), "[a-z0-9.-]{1,12}(:[1-9][0-9]{0,3})?/?", Just("127.0.0.1:5000".to_owned())], scheme in "https|http|https|ftp", location in header()) {
        static SHARE: Share = Share::new();
        let endpoint = Endpoint::parse(&format!("{scheme}://{text}"));
        SHARE.note(endpoint.is_ok());
        let Ok(endpoint) = endpoint else { return Ok(()) };
        let url = endpoint.url("shop/manifests/1");
        prop_assert_eq!(url.path(), "/v2/shop/manifests/1");
        prop_assert!(url.username().is_empty() && url.password().is_none() && url.query().is_none());
        prop_assert!(url.scheme() == "https" || endpoint.host().is_loopback());
        if let Ok(target) = endpoint.location(&url, &location) {
            prop_assert!(target.scheme() == "https" || endpoint.host().is_loopback(), "{target}");
            prop_assert!(endpoint.may_reach(&target));
        }
    }

    #[test]
    fn fuzz_credentials_stay_with_the_registry(location in header()) {
        let endpoint = Endpoint::parse("https://registry.example").unwrap();
        let asked = endpoint.url("shop/blobs/uploads/");
        if let Ok(target) = endpoint.location(&asked, &location)
            && endpoint.is_own(&target)
        {
            prop_assert_eq!(target.host_str(), Some("registry.example"));
            prop_assert_eq!(target.port_or_known_default(), Some(443));
        }
    }
}
