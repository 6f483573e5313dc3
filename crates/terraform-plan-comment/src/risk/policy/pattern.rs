//! Patterns of actions and resources: `*` stands for any text, `?` for one character
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>).

use crate::sealed::is_token;

/// Whether `pattern` matches everything that `other` does. Never a wrong yes.
pub(super) fn covers(pattern: &str, other: &str) -> bool {
    let (pattern, other): (Vec<char>, Vec<char>) = (pattern.chars().collect(), other.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where the last star stands, and how much of `other` it has taken.
    let mut star: Option<(usize, usize)> = None;
    while read < other.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            // A star of `other` stands for any text, which only a star takes; so does a hidden one.
            Some(one) if other[read] != '*' && ((*one == '?' && !is_token(other[read])) || *one == other[read]) => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((place, taken)) = &mut star else { return false };
                *taken += 1;
                (at, read) = (*place + 1, *taken);
            }
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_and_question_marks_cover() {
        for (pattern, other, expect) in [
            ("*", "", true),
            ("*", "s3:get?bject*", true),
            ("s3:*", "s3:getobject", true),
            ("s3:*", "*", false),
            ("s3:get*", "s3:g*", false),
            ("s3:get?bject", "s3:getobject", true),
            ("s3:get?bject", "s3:get*bject", false),
            ("arn:aws:s3:::a/*", "arn:aws:s3:::a/b/*", true),
            ("arn:aws:s3:::a/*", "arn:aws:s3:::a*", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b", "ab*", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(covers(pattern, other), expect, "{pattern} {other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_covered_is_matched(pattern in "[ab*?]{0,6}", other in "[ab*?]{0,6}", text in "[ab]{0,6}") {
            // A text is a pattern that matches itself alone.
            if covers(&pattern, &other) && covers(&other, &text) {
                prop_assert!(covers(&pattern, &text));
            }
            prop_assert!(covers(&pattern, &pattern) && covers("*", &other));
        }
    }
}
