use proptest::prelude::*;

use super::*;

fn covers(pattern: &str, tag: &str) -> bool {
    Wildcard::parse(pattern).unwrap().covers(&ImageTag::parse(tag).unwrap())
}

#[test]
fn a_pattern_covers_whole_tags() {
    for (pattern, tag) in
        [("*-SNAPSHOT", "1.1.0-SNAPSHOT"), ("develop", "develop"), ("*", "x"), ("a*b", "ab"), ("a*b*", "a1b2")]
    {
        assert!(covers(pattern, tag), "{pattern} {tag}");
    }
    for (pattern, tag) in
        [("*-SNAPSHOT", "1.1.0"), ("develop", "develop2"), ("latest", "not-latest"), ("a*a", "a"), ("ab*bc", "abc")]
    {
        assert!(!covers(pattern, tag), "{pattern} {tag}");
    }
}

#[test]
fn refuses_what_ecr_refuses() {
    for bad in ["", "a b", "a/b", "***", "$(x)", "ä", &"a".repeat(129)] {
        assert!(Wildcard::parse(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn a_star_stands_for_any_text(prefix in "[a-z]{1,5}", middle in "[a-z.-]{0,9}", suffix in "[a-z]{0,5}") {
        let tag = format!("{prefix}{middle}{suffix}");
        let pattern = format!("{prefix}*{suffix}");
        let whole = Wildcard::parse(&tag).unwrap();
        prop_assert!(covers(&pattern, &tag));
        prop_assert!(whole.covers(&ImageTag::parse(&tag).unwrap()));
    }
}
