//! Laws of the grammars of names: what is accepted prints as it was written and is accepted again.

use std::str::FromStr;

use proptest::collection::vec;
use proptest::prelude::*;
use testkit::budget::{Share, Work, cases};

use crate::{Digest, EcrRegistry, EcrUri, ImageReference, ImageTag, Reference, RegistryHost, RepositoryName};

/// Text made of what references are made of, right or wrong.
fn near_miss() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9]{1,6}",
        2 => "[A-Za-z0-9._-]{0,8}",
        3 => prop::sample::select(vec![
            "/", ":", "@", ".", "..", "-", "_", "__", "localhost", "127.0.0.1", "[::1]", "5000", "65536", "sha256:", "sha512:",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "123456789012", ".dkr.ecr.", ".dkr.ecr-fips.",
            "eu-west-1", ".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".dkr-ecr.", "us-gov-west-1", "latest", "\n", "\0", "%2e", "?", "#", "\\",
            " ", "::", "é", "\u{202E}", "[", "]", "http://",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop_oneof![
        2 => vec(piece, 0..7).prop_map(|pieces| pieces.concat()),
        1 => "([a-z]{1,5}[.][a-z]{2,3}(:[1-9][0-9]{0,3})?/)?[a-z0-9]{1,6}(/[a-z0-9_-]{1,6})?(:[A-Za-z0-9._-]{1,6})?",
    ]
}

/// A name that is accepted is printed as it was written, through text and through JSON.
fn check<T>(text: &str) -> Result<(), TestCaseError>
where
    T: FromStr + std::fmt::Display + std::fmt::Debug + PartialEq + serde::Serialize + serde::de::DeserializeOwned,
{
    if let Ok(parsed) = text.parse::<T>() {
        prop_assert_eq!(parsed.to_string(), text);
        let json = serde_json::to_string(&parsed).unwrap();
        prop_assert_eq!(serde_json::from_str::<T>(&json).unwrap(), parsed);
        prop_assert!(
            text.is_ascii() && !text.chars().any(|c| c.is_ascii_control() || "%?#\\ \"'`<>$".contains(c)),
            "{text:?}"
        );
        prop_assert!(!text.split(['/', ':', '@']).any(|part| part == ".." || part == "."), "{text:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1024), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_names_print_as_they_were_written(text in near_miss()) {
        static SHARE: Share = Share::new();
        SHARE.note(ImageReference::parse(&text).is_ok() || ImageTag::parse(&text).is_ok() || RegistryHost::parse(&text).is_ok());
        check::<ImageReference>(&text)?;
        check::<RepositoryName>(&text)?;
        check::<RegistryHost>(&text)?;
        check::<ImageTag>(&text)?;
        check::<Digest>(&text)?;
        check::<Reference>(&text)?;
        check::<EcrRegistry>(&text)?;
        check::<EcrUri>(&text)?;
    }

    #[test]
    fn fuzz_a_reference_is_the_sum_of_its_parts(
        registry in proptest::option::of("[a-z]{1,5}\\.[a-z]{2,3}(:[1-9][0-9]{0,3})?|localhost|\\[::1\\]:5000"),
        repository in "[a-z0-9]{1,5}(/[a-z0-9]{1,5}([._-][a-z0-9]{1,3})?){0,3}",
        tag in proptest::option::of("[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}"),
        digest in proptest::option::of("[0-9a-f]{64}"),
    ) {
        let text = [
            registry.as_ref().map(|host| format!("{host}/")), Some(repository.clone()),
            tag.as_ref().map(|tag| format!(":{tag}")), digest.as_ref().map(|hex| format!("@sha256:{hex}")),
        ].into_iter().flatten().collect::<String>();
        let parsed = ImageReference::parse(&text).unwrap();
        prop_assert_eq!(parsed.registry.as_ref().map(RegistryHost::as_str), registry.as_deref());
        prop_assert_eq!(parsed.repository.as_str(), repository);
        prop_assert_eq!(parsed.tag.as_ref().map(ImageTag::as_str), tag.as_deref());
        prop_assert_eq!(parsed.digest.as_ref().map(Digest::hex), digest.as_deref());
        let whole = parsed.with_docker_defaults();
        prop_assert_eq!(ImageReference::parse(&whole.to_string()).unwrap(), whole);
    }

    #[test]
    fn fuzz_any_text_becomes_a_tag_that_is_one(text in near_miss(), other in near_miss()) {
        let tag = ImageTag::sanitize(&text);
        prop_assert_eq!(ImageTag::parse(tag.as_str()).unwrap(), tag.clone());
        prop_assert_eq!(ImageTag::sanitize(tag.as_str()), tag.clone());
        prop_assert!(text == other || ImageTag::sanitize(&other) != tag || tag.as_str() == other || tag.as_str() == text);
    }

    #[test]
    fn fuzz_an_ecr_host_is_its_account_and_region(text in near_miss()) {
        if let Ok(registry) = EcrRegistry::parse(&text) {
            prop_assert!(registry.account().len() == 12 && registry.account().bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert!(text.starts_with(registry.account()) && text.contains(registry.region()));
            prop_assert!(RegistryHost::parse(registry.host()).is_ok());
        }
    }
}

#[test]
fn bombs_are_refused_or_read_in_no_time() {
    let work = Work::start();
    for piece in ["a", "/", ":", "@", "a/", "a.", "a__", "[", "a:1/", "é", "sha256:"] {
        let text = piece.repeat(200_000);
        check::<ImageReference>(&text).unwrap();
        check::<RepositoryName>(&text).unwrap();
        check::<RegistryHost>(&text).unwrap();
        check::<Reference>(&text).unwrap();
        check::<EcrUri>(&text).unwrap();
        assert!(ImageTag::parse(ImageTag::sanitize(&text).as_str()).is_ok());
    }
    work.assert_below(20);
}
