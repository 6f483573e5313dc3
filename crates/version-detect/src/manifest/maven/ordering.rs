//! The order of Maven's versions (<https://maven.apache.org/pom.html#version-order-specification>), and ranges of them.

use std::cmp::Ordering;

/// What stands between two numbers or separators.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(String),
    Qualifier(String),
    /// What follows a hyphen, or a change between digits and letters.
    List(Vec<Token>),
}

/// Compares two versions.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    compare_lists(&parse(left), &parse(right))
}

/// Whether `spec` is a range: `[1,2)`, `(,1.0]`, `[1.0]`, several of them with commas.
pub(crate) fn is_range(spec: &str) -> bool {
    spec.contains(['[', '('])
}

/// Whether the range `spec` holds `version`; what cannot be understood holds none.
pub(crate) fn contains(spec: &str, version: &str) -> bool {
    let mut rest = spec.trim();
    while let Some(open) = rest.chars().next().filter(|c| "[(".contains(*c)) {
        let Some(end) = rest.find([']', ')']) else { return false };
        let (inside, closes) = (&rest[1..end], &rest[end..=end]);
        let (low, high) = inside.split_once(',').unwrap_or((inside, inside));
        let above = low.trim().is_empty() || is_allowed(compare(version, low.trim()), Ordering::Greater, open == '[');
        let below = high.trim().is_empty() || is_allowed(compare(version, high.trim()), Ordering::Less, closes == "]");
        if above && below {
            return true;
        }
        rest = rest[end + 1..].trim_start_matches([',', ' ']);
    }
    false
}

fn is_allowed(order: Ordering, wanted: Ordering, or_equal: bool) -> bool {
    order == wanted || (or_equal && order == Ordering::Equal)
}

/// The tokens of a version. A hyphen, and a change between digits and letters, begins a list that reaches to the end.
fn parse(version: &str) -> Vec<Token> {
    let mut lists: Vec<Vec<Token>> = vec![Vec::new()];
    let mut part = String::new();
    let lower = version.to_ascii_lowercase();
    let mut previous = None;
    for c in lower.chars().chain(['\0']) {
        let changes = previous.is_some_and(|before: char| before.is_ascii_digit() != c.is_ascii_digit());
        let ends = matches!(c, '.' | '-' | '\0');
        if ends || (!part.is_empty() && changes) {
            let is_digit_next = !ends && c.is_ascii_digit();
            let token = token(&std::mem::take(&mut part), is_digit_next, previous);
            let begins = matches!(token, Token::Qualifier(_)) && lists.last().is_some_and(|list| !list.is_empty());
            if begins {
                lists.push(Vec::new());
            }
            if let Some(list) = lists.last_mut() {
                list.push(token);
            }
            if c == '-' || !ends {
                lists.push(Vec::new());
            }
        }
        if !ends {
            part.push(c);
        }
        previous = (!ends).then_some(c);
    }
    fold(lists)
}

fn token(part: &str, digit_follows: bool, last: Option<char>) -> Token {
    if part.is_empty() {
        return Token::Number("0".to_owned());
    }
    if last.is_some_and(|c| c.is_ascii_digit()) {
        let digits = part.trim_start_matches('0');
        return Token::Number(if digits.is_empty() { "0" } else { digits }.to_owned());
    }
    let name = match part {
        "a" if digit_follows => "alpha",
        "b" if digit_follows => "beta",
        "m" if digit_follows => "milestone",
        "cr" => "rc",
        "ga" | "final" | "release" => "",
        other => other,
    };
    Token::Qualifier(name.to_owned())
}

/// Nests each list in the one before, without what means nothing at its end.
fn fold(lists: Vec<Vec<Token>>) -> Vec<Token> {
    lists.into_iter().rev().fold(Vec::new(), |inner, mut list| {
        trim(&mut list);
        if !inner.is_empty() {
            list.push(Token::List(inner));
        }
        list
    })
}

fn trim(list: &mut Vec<Token>) {
    while list.last().is_some_and(is_null) {
        list.pop();
    }
}

fn is_null(token: &Token) -> bool {
    match token {
        Token::Number(digits) => digits == "0",
        Token::Qualifier(name) => name.is_empty(),
        Token::List(list) => list.is_empty(),
    }
}

fn compare_lists(left: &[Token], right: &[Token]) -> Ordering {
    for index in 0..left.len().max(right.len()) {
        let order = match (left.get(index), right.get(index)) {
            (Some(left), Some(right)) => compare_tokens(left, right),
            (Some(left), None) => against_nothing(left),
            (None, Some(right)) => against_nothing(right).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn compare_tokens(left: &Token, right: &Token) -> Ordering {
    match (left, right) {
        (Token::Number(left), Token::Number(right)) => (left.len(), left).cmp(&(right.len(), right)),
        (Token::Number(_), _) | (Token::List(_), Token::Qualifier(_)) => Ordering::Greater,
        (_, Token::Number(_)) | (Token::Qualifier(_), Token::List(_)) => Ordering::Less,
        (Token::Qualifier(left), Token::Qualifier(right)) => rank(left).cmp(&rank(right)),
        (Token::List(left), Token::List(right)) => compare_lists(left, right),
    }
}

fn against_nothing(token: &Token) -> Ordering {
    match token {
        Token::Number(digits) if digits == "0" => Ordering::Equal,
        Token::Number(_) => Ordering::Greater,
        Token::Qualifier(name) => rank(name).cmp(&rank("")),
        Token::List(list) => {
            list.iter().map(against_nothing).find(|order| *order != Ordering::Equal).unwrap_or(Ordering::Equal)
        }
    }
}

/// The place of a qualifier: the known ones in their order, then the others by their letters.
fn rank(qualifier: &str) -> (usize, &str) {
    const KNOWN: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
    KNOWN.iter().position(|known| *known == qualifier).map_or((KNOWN.len(), qualifier), |place| (place, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_in_mavens_order() {
        let ascending = [
            "1-alpha",
            "1-beta",
            "1-milestone",
            "1-rc",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-abc",
            "1-1",
            "1.1",
            "1.2-alpha-1",
            "1.2-alpha-2",
            "1.2-beta",
            "1.2",
            "1.2-sp",
            "1.2.1",
            "1.10",
            "2.0.0-M1",
            "2.0.0-RC1",
            "2.0.0",
            "10",
            "99999999999999999999999",
        ];
        for (index, left) in ascending.iter().enumerate() {
            for (other, right) in ascending.iter().enumerate() {
                assert_eq!(compare(left, right), index.cmp(&other), "{left} {right}");
            }
        }
        for (left, right) in [
            ("1", "1.0.0"),
            ("1.0-ga", "1"),
            ("1-a1", "1-alpha-1"),
            ("1.0.RC2", "1.0-RC2"),
            ("1.0-cr", "1.0-rc"),
            ("01", "1"),
        ] {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} {right}");
        }
    }

    #[test]
    fn a_range_holds_what_lies_between() {
        assert!(contains("[1,2)", "1") && contains("[1,2)", "1.5") && !contains("[1,2)", "2"));
        assert!(contains("[1.0]", "1") && !contains("[1.0]", "1.1"));
        assert!(contains("(,1.0],[1.2,)", "1.3") && !contains("(,1.0],[1.2,)", "1.1"));
        assert!(!contains("[1", "1") && !contains("1", "1"));
        assert!(is_range("[1,2)") && !is_range("1.0"));
    }
}
