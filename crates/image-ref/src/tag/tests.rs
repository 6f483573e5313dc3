use proptest::prelude::*;

use super::*;

#[test]
fn takes_what_distribution_takes() {
    for good in ["1", "latest", "1.1.0-SNAPSHOT", "_", "v1.0_rc", &"a".repeat(128)] {
        assert_eq!(ImageTag::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", ".a", "-a", "a b", "1.0.0+5", "a/b", "a:b", "ä", "a\n", "$(touch x)", &"a".repeat(129)] {
        assert_eq!(ImageTag::parse(bad), Err(ParseError::Tag), "{bad:?}");
    }
}

#[test]
fn texts_that_look_alike_get_tags_of_their_own() {
    let (slash, dash) = (ImageTag::sanitize("feature/a"), ImageTag::sanitize("feature-a"));
    assert_eq!(dash.as_str(), "feature-a");
    assert!(slash.as_str().starts_with("feature-a-"), "{slash}");
    assert_ne!(slash, ImageTag::sanitize("feature a"));
}

#[test]
fn a_hostile_branch_name_becomes_text() {
    let tag = ImageTag::sanitize("$(touch x)\n::error::`</details>");
    assert!(tag.as_str().starts_with("touch-x-error-details-"), "{tag}");
}

#[test]
fn a_text_without_any_tag_character_becomes_its_hash() {
    assert_eq!(ImageTag::sanitize("///").as_str().len(), HASH_DIGITS);
    assert_ne!(ImageTag::sanitize("").as_str(), ImageTag::sanitize("/").as_str());
}

#[test]
fn a_given_text_stays_a_version_or_gets_a_hash() {
    for (text, tag) in [("1.0.0", "1.0.0"), ("1.0.0+5", "1.0.0_5"), ("v1.0.0-rc.1+a.b", "v1.0.0-rc.1_a.b")] {
        assert_eq!(ImageTag::of_given(text).as_str(), tag);
    }
    for (text, start) in [("a+b", "a-b-"), ("feature/a", "feature-a-"), ("1.0+5", "1.0-5-"), ("..", "")] {
        let tag = ImageTag::of_given(text);
        assert!(tag.as_str().starts_with(start) && tag.as_str().len() == start.len() + HASH_DIGITS, "{tag}");
    }
    let (long, other) = ("a".repeat(200), format!("{}b", "a".repeat(199)));
    assert_eq!(ImageTag::of_given(&long).as_str().len(), LONGEST);
    assert_ne!(ImageTag::of_given(&long), ImageTag::of_given(&other), "what was cut off counts");
}

proptest! {
    #[test]
    fn whatever_comes_in_a_tag_comes_out(text in "\\PC{0,200}|[a-z/._-]{0,200}", limit in 20_usize..=LONGEST) {
        let tag = ImageTag::sanitize_within(&text, limit);
        prop_assert!(tag.as_str().len() <= limit);
        prop_assert_eq!(ImageTag::parse(tag.as_str()).unwrap(), tag);
    }

    #[test]
    fn sanitizing_twice_is_sanitizing_once(text in "\\PC{0,200}") {
        let once = ImageTag::sanitize(&text);
        prop_assert_eq!(ImageTag::sanitize(once.as_str()), once);
    }

    #[test]
    fn different_long_texts_stay_different(a in "[a-z/]{100,160}", b in "[a-z/]{100,160}") {
        prop_assume!(a != b);
        prop_assert_ne!(ImageTag::sanitize(&a), ImageTag::sanitize(&b));
    }
}
