//! The patterns of policies. `${*}`, `${?}` and `${$}` stand for the signs themselves
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `*`: any text.
    Any,
    /// `?`: any character.
    One,
    /// The character itself.
    Plain(char),
}

/// What is written in a pattern for each sign that would mean something else there.
const ESCAPES: [(&str, char); 3] = [("${*}", '*'), ("${?}", '?'), ("${$}", '$')];

/// Whether a pattern covers the whole of `text`: `*` is any text and `?` any character
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String>).
pub fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (signs(pattern), text.chars().collect::<Vec<_>>());
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < text.len() {
        match pattern.get(at) {
            Some(Sign::Any) => {
                star = Some((at, seen));
                at += 1;
            }
            Some(sign) if *sign == Sign::One || *sign == Sign::Plain(text[seen]) => (at, seen) = (at + 1, seen + 1),
            // The last star takes one character more.
            _ => match star {
                Some((before, taken)) => {
                    star = Some((before, taken + 1));
                    (at, seen) = (before + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|sign| *sign == Sign::Any)
}

/// The text that a value without wildcards means.
pub fn unescape(value: &str) -> String {
    ESCAPES.iter().fold(value.to_owned(), |text, (escape, meant)| text.replace(escape, &meant.to_string()))
}

/// Whether a value holds a variable, which has another text for each request.
pub fn has_variable(value: &str) -> bool {
    ESCAPES.iter().fold(value.to_owned(), |text, (escape, _)| text.replace(escape, "")).contains("${")
}

fn signs(pattern: &str) -> Vec<Sign> {
    let (mut signs, mut rest) = (Vec::new(), pattern);
    while let Some(first) = rest.chars().next() {
        if let Some((escape, meant)) = ESCAPES.iter().find(|(escape, _)| rest.starts_with(escape)) {
            signs.push(Sign::Plain(*meant));
            rest = &rest[escape.len()..];
            continue;
        }
        signs.push(match first {
            '*' => Sign::Any,
            '?' => Sign::One,
            plain => Sign::Plain(plain),
        });
        rest = &rest[first.len_utf8()..];
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::{covers, has_variable, unescape};

    #[test]
    fn a_pattern_may_hold_several_stars() {
        assert!(covers("repo:*/shop:*/main", "repo:a/shop:ref:refs/heads/main"));
        assert!(covers("a?c*", "abc") && covers("*", "") && covers("**", "x") && covers("ü?", "üß"));
        assert!(!covers("a?c", "ac") && !covers("*x", "xy") && !covers("", "x") && !covers("A", "a"));
    }

    #[test]
    fn an_escaped_sign_is_itself() {
        assert!(covers("a${*}b", "a*b") && !covers("a${*}b", "axb"));
        assert!(covers("${?}${$}*", "?$ and more") && !covers("${?}", "x"));
        assert_eq!(unescape("a${*}${?}${$}"), "a*?$");
    }

    #[test]
    fn a_variable_is_no_escaped_sign() {
        assert!(has_variable("home/${aws:username}/*"));
        assert!(!has_variable("${*}${?}${$}$"));
    }

    #[test]
    fn many_stars_take_no_time() {
        assert!(!covers(&"*a".repeat(40), &"a".repeat(39)));
    }
}
