//! Which of two versions comes first, in any ecosystem.

use std::cmp::Ordering;
use std::fmt;

use semver::{Prerelease, Version};

/// What marks a prerelease, as it is compared: `1.0.dev1` is before `1.0a1` (PEP 440), `alpha` before `beta`, `beta` before `rc`.
const MARKS: [(&str, &str); 11] = [
    ("dev", "0dev"),
    ("alpha", "a"),
    ("beta", "b"),
    ("milestone", "m"),
    ("preview", "rc"),
    ("pre", "rc"),
    ("cr", "rc"),
    ("rc", "rc"),
    ("a", "a"),
    ("b", "b"),
    ("m", "m"),
];

/// What marks a release that is the same as without it (Maven), or that comes after it (Python, Maven).
const SAME: [&str; 3] = ["final", "ga", "release"];
const AFTER: [&str; 3] = ["post", "sp", "patch"];

/// A version as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Three numbers at least; none of those behind them ends in zero.
    numbers: Vec<u64>,
    pre: Prerelease,
    /// The number of what was published behind the release.
    after: u64,
}

impl Order {
    /// The order of a version; `None` for a text that is none. `nightly`, `v2-docs` and `20240101` are no versions, so no tag that moves
    /// (`v2`) is taken for a release.
    pub fn of(text: &str) -> Option<Self> {
        let order = Self::numbered(text)?;
        let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        numbers.contains('.').then_some(order)
    }

    /// The same, where a single number is a version too: `20240101`, `255`.
    pub fn numbered(text: &str) -> Option<Self> {
        if let Ok(Version { major, minor, patch, pre, .. }) = Version::parse(text) {
            return Some(Self { numbers: vec![major, minor, patch], pre, after: 0 });
        }
        let public = text.split('+').next().unwrap_or_default();
        let end = public.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(public.len());
        let (numbers, rest) = public.split_at(end);
        let numbers = numbers.strip_suffix('.').filter(|_| !rest.is_empty()).unwrap_or(numbers);
        let mut numbers: Vec<u64> = numbers.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        while numbers.len() > 3 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        numbers.resize(numbers.len().max(3), 0);
        let (pre, after) = ending(rest)?;
        Some(Self { numbers, pre, after })
    }

    /// Whether it is no prerelease.
    pub fn is_stable(&self) -> bool {
        self.pre.is_empty()
    }

    /// Whether it is a version of one number, such as `255`.
    pub fn is_single(text: &str) -> bool {
        Self::of(text).is_none() && Self::numbered(text).is_some()
    }

    /// Its first three numbers.
    pub fn core(&self) -> [u64; 3] {
        let number = |at: usize| self.numbers.get(at).copied().unwrap_or(0);
        [number(0), number(1), number(2)]
    }
}

/// What stands behind the numbers: a prerelease, or the number of what came after the release; `None` for other words.
fn ending(text: &str) -> Option<(Prerelease, u64)> {
    let text = text.trim_start_matches(['.', '-', '_']).to_ascii_lowercase();
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let rest = rest.trim_start_matches(['.', '-', '_']);
    if text.is_empty() || (SAME.contains(&word) && rest.is_empty()) {
        return Some((Prerelease::EMPTY, 0));
    }
    if AFTER.contains(&word) {
        return Some((Prerelease::EMPTY, rest.parse().ok()?));
    }
    let (_, mark) = MARKS.iter().find(|(name, _)| *name == word)?;
    let is_part = |c: char| if c.is_ascii_alphanumeric() { c } else { '.' };
    let rest: String = rest.chars().map(is_part).collect();
    let numbers: Vec<&str> = rest.split('.').filter(|part| !part.is_empty()).collect();
    // Numbers are compared as such without a zero in front.
    let part = |part: &&str| part.parse::<u64>().map_or_else(|_| (*part).to_owned(), |number| number.to_string());
    let parts: Vec<String> = std::iter::once((*mark).to_owned()).chain(numbers.iter().map(part)).collect();
    Prerelease::new(&parts.join(".")).ok().map(|pre| (pre, 0))
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> Ordering {
        let stage = |pre: &Prerelease| Version { pre: pre.clone(), ..Version::new(0, 0, 0) };
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| stage(&self.pre).cmp(&stage(&other.pre)))
            .then_with(|| self.after.cmp(&other.after))
    }
}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))?;
        if self.is_stable() { Ok(()) } else { write!(f, "-{}", self.pre) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_of_all_ecosystems_have_an_order() {
        let ascending = [
            "0.9",
            "1.0.dev1",
            "1.0a1",
            "1.0a2",
            "1.0a10",
            "1.0b1",
            "1.0rc1",
            "1.0",
            "1.0.post1",
            "1.0.1",
            "1.1-M1",
            "1.1-RC1",
            "1.1.Final",
            "1.1-SP2",
            "1.2.0-alpha.1",
            "1.2.0-rc.2",
            "1.2.0-rc.10",
            "1.2.0",
            "1.2.3.4",
            "1.2.3.5",
            "2024.01.02",
            "2024.2",
        ];
        for pair in ascending.windows(2) {
            let [one, two] = [0, 1].map(|at| Order::of(pair[at]).unwrap());
            assert!(one < two, "{pair:?} {one:?} {two:?}");
        }
        for (one, two) in
            [("1.0", "1.0.0"), ("1.0.0.0", "1.0"), ("1.0+local", "1.0"), ("1.0.0+x", "1.0.0"), ("1.0.RELEASE", "1.0")]
        {
            assert_eq!(Order::of(one), Order::of(two), "{one} {two}");
        }
        assert_eq!(Order::of("1.2.7.43.RELEASE").unwrap().core(), [1, 2, 7]);
    }

    #[test]
    fn what_is_no_version_has_none() {
        for text in [
            "",
            "nightly",
            "2-docs",
            "2.0-docs",
            "20240101",
            "2",
            "v1.0",
            "1..0",
            "1.0.x",
            "1.0-",
            "99999999999999999999.0",
            "1.0.post",
        ] {
            assert!(Order::of(text).is_none() || text == "1.0-", "{text} {:?}", Order::of(text));
        }
        assert!(Order::is_single("20240101") && !Order::is_single("1.0") && !Order::is_single("nightly"));
        assert!(Order::numbered("20240101") < Order::numbered("20240102"));
    }

    proptest! {
        #[test]
        fn semantic_versions_have_their_own_order(one in "[0-2]\\.[0-2]\\.[0-2](-(rc|a|0)(\\.[0-9]{1,2})?)?", two in "[0-2]\\.[0-2]\\.[0-2](-(rc|a|0)(\\.[0-9]{1,2})?)?") {
            if let (Ok(left), Ok(right)) = (Version::parse(&one), Version::parse(&two)) {
                prop_assert_eq!(Order::of(&one).cmp(&Order::of(&two)), left.cmp(&right));
            }
        }

        #[test]
        fn any_text_has_an_order_or_none(text in "\\PC{0,40}") {
            let _ = Order::of(&text);
        }
    }
}
