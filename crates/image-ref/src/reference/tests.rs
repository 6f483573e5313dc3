use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(text: &str, registry: Option<&str>, repository: &str, tag: Option<&str>) {
    let parsed = ImageReference::parse(text).unwrap();
    assert_eq!(parsed.registry.as_ref().map(RegistryHost::as_str), registry);
    assert_eq!(parsed.repository.as_str(), repository);
    assert_eq!(parsed.tag.as_ref().map(ImageTag::as_str), tag);
    assert_eq!(parsed.to_string(), text);
}

#[test]
fn the_first_part_is_a_registry_only_when_it_looks_like_one() {
    check("debian", None, "debian", None);
    check("debian:bookworm-slim", None, "debian", Some("bookworm-slim"));
    check("slipway/backend:1", None, "slipway/backend", Some("1"));
    check("localhost/a", Some("localhost"), "a", None);
    check("localhost:5000/a:b", Some("localhost:5000"), "a", Some("b"));
    check("[::1]:5000/a", Some("[::1]:5000"), "a", None);
    check("ghcr.io/o/a.b:1.0.0", Some("ghcr.io"), "o/a.b", Some("1.0.0"));
}

#[test]
fn the_digest_wins_over_the_tag() {
    let digest = Digest::of(b"x");
    let parsed = ImageReference::parse(&format!("ghcr.io/a:1@{digest}")).unwrap();
    assert_eq!(parsed.reference(), Some(Reference::Digest(digest)));
    assert_eq!(ImageReference::parse("a").unwrap().reference(), None);
}

#[test]
fn refuses_what_is_no_reference() {
    for bad in [
        "",
        ":tag",
        "a:",
        "a@",
        "a@sha256:12",
        "A",
        "https://ghcr.io/a",
        "ghcr.io/",
        "a:b:c",
        "a b",
        "a@b@c",
        "-x/a:1 ",
    ] {
        assert!(ImageReference::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn dockers_defaults_are_applied_only_on_request() {
    let with = |text: &str| ImageReference::parse(text).unwrap().with_docker_defaults().to_string();
    assert_eq!(with("debian"), "docker.io/library/debian:latest");
    assert_eq!(with("o/a:1"), "docker.io/o/a:1");
    assert_eq!(with("docker.io/a:1"), "docker.io/library/a:1");
    assert_eq!(with("ghcr.io/a"), "ghcr.io/a:latest");
    let pinned = format!("a@{}", Digest::of(b""));
    assert_eq!(with(&pinned), format!("docker.io/library/{pinned}"));
}

fn any_reference() -> impl Strategy<Value = String> {
    let registry = prop::option::of("([a-z0-9]{1,5}\\.[a-z]{2,5}|localhost|127\\.0\\.0\\.1)(:[1-9][0-9]{0,3})?/");
    // A first part with a dot would be a registry.
    let repository = "[a-z0-9]{1,6}((_|__|-{1,3})[a-z0-9]{1,4}){0,2}(/[a-z0-9]{1,5}((\\.|_)[a-z0-9]{1,4})?){0,2}";
    let tag = prop::option::of(":[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}");
    let digest = prop::option::of("@sha256:[0-9a-f]{64}");
    (registry, repository, tag, digest).prop_map(|(registry, repository, tag, digest)| {
        format!("{}{repository}{}{}", registry.unwrap_or_default(), tag.unwrap_or_default(), digest.unwrap_or_default())
    })
}

proptest! {
    #[test]
    fn parsing_and_printing_round_trip(text in any_reference()) {
        let parsed = ImageReference::parse(&text).unwrap();
        prop_assert_eq!(parsed.to_string(), text.clone());
        prop_assert_eq!(serde_json::from_str::<ImageReference>(&format!("\"{text}\"")).unwrap(), parsed);
    }

    #[test]
    fn no_text_makes_it_panic_and_what_it_takes_it_prints(text in "\\PC{0,60}|[a-z:/@.0-9-]{0,60}") {
        if let Ok(parsed) = ImageReference::parse(&text) {
            prop_assert_eq!(parsed.to_string(), text);
        }
    }
}
