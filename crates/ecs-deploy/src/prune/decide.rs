//! What can go, and what a text names. Pure.

use std::collections::BTreeSet;
use std::time::Duration;

/// A younger revision may be somebody's who is about to deploy it.
const YOUNG: Duration = Duration::from_hours(24);

/// A revision that nothing was seen to use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Old {
    pub(super) arn: String,
    /// When it was registered, in seconds since 1970; `None` when ECS does not say.
    pub(super) registered: Option<f64>,
}

/// Those that are old enough, the oldest first.
pub(super) fn doomed(old: &[Old], now: Duration) -> Vec<String> {
    let is_old = |revision: &&Old| revision.registered.is_some_and(|at| now.as_secs_f64() - at > YOUNG.as_secs_f64());
    let mut doomed: Vec<(u64, String)> =
        old.iter().filter(is_old).map(|revision| (number(&revision.arn), revision.arn.clone())).collect();
    doomed.sort();
    doomed.into_iter().map(|(_, arn)| arn).collect()
}

/// The number of a revision.
pub(super) fn number(arn: &str) -> u64 {
    arn.rsplit(':').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The numbers of the family's revisions that a text names anywhere: rather one too many.
pub(super) fn named(text: &str, family: &str) -> BTreeSet<u64> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let needle = format!("{family}:");
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    text.match_indices(&needle)
        .filter(|(at, _)| !text[..*at].ends_with(is_name))
        .filter_map(|(at, _)| digits(&text[at + needle.len()..]).parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_a_name_is_found() {
        let text = r#"{"a": "arn:aws:ecs:x:1:task-definition/shop:7", "b": "{\"TaskDefinition\": \"shop:12\"}", "c": "web-shop:3 shop: shop-x:4"}"#;
        assert_eq!(named(text, "shop"), BTreeSet::from([7, 12]));
    }

    #[test]
    fn what_is_young_or_of_unknown_age_stays() {
        let old = |number: u64, registered| Old { arn: format!("arn:task-definition/shop:{number}"), registered };
        let now = Duration::from_hours(100);
        let all = [old(10, Some(0.0)), old(9, Some(3600.0)), old(8, Some(80.0 * 3600.0)), old(7, None)];
        assert_eq!(doomed(&all, now), ["arn:task-definition/shop:9", "arn:task-definition/shop:10"]);
    }

    proptest! {
        /// Whatever stands around it, a revision that is named is found.
        #[test]
        fn a_name_is_found_wherever_it_stands(before in "[^A-Za-z0-9_-]{0,9}", number in 1_u64..100_000, after in "[^0-9]?.{0,9}") {
            let text = format!("{before}shop:{number}{after}");
            let follows_digit = after.starts_with(|c: char| c.is_ascii_digit());
            prop_assert!(follows_digit || named(&text, "shop").contains(&number), "{}", text);
        }
    }
}
