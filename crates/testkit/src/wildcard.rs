//! Patterns in which `*` stands for any text, as ECR's tag filters and our path patterns use them.

/// Tells whether `pattern` describes the whole of `text`; `*` matches any number of characters, `/` included.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(head) else {
        return false;
    };
    let mut pieces: Vec<&str> = tail.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    let mut rest = rest;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_pattern_without_a_star_is_the_text_itself() {
        assert!(matches("latest", "latest"));
        assert!(!matches("latest", "latest2"));
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("*", ""));
        assert!(matches("*-SNAPSHOT", "1.0.0-SNAPSHOT"));
        assert!(matches("/repos/*/git/*", "/repos/a/b/git/refs"));
        assert!(matches("a*b*c", "a-b-b-c"));
        assert!(!matches("*-SNAPSHOT", "1.0.0"));
        assert!(!matches("a*a", "a"));
        assert!(!matches("a*b*c", "a-c-b"));
    }
}
