//! The version of a Python distribution (<https://packaging.python.org/en/latest/specifications/version-specifiers/>).
//!
//! What Python's tools accept is wider than what they write: `v1.0-RC1` is accepted and written as `1.0rc1`.

use std::cmp::Ordering;
use std::fmt;

/// The longest text that is looked at.
const LONGEST: usize = 1024;

/// A version, as Python's tools compare it.
#[derive(Debug, Clone)]
pub(crate) struct Pep440 {
    /// `1!`, mostly absent, which means 0.
    pub(crate) epoch: u64,
    /// `1.2.3`
    pub(crate) release: Vec<u64>,
    /// `a1`, `b2`, `rc3`
    pub(crate) pre: Option<(Stage, u64)>,
    /// `.post1`
    pub(crate) post: Option<u64>,
    /// `.dev0`
    pub(crate) dev: Option<u64>,
    /// `+ubuntu.1`
    pub(crate) local: Vec<Segment>,
}

/// The stage of a prerelease, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Alpha,
    Beta,
    Candidate,
}

/// A part of a local version; a number is higher than a word.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Segment {
    Word(String),
    Number(u64),
}

/// The spellings of a prerelease's stage, the longer before those that they begin with.
const STAGES: [(&str, Stage); 8] = [
    ("alpha", Stage::Alpha),
    ("a", Stage::Alpha),
    ("beta", Stage::Beta),
    ("b", Stage::Beta),
    ("preview", Stage::Candidate),
    ("pre", Stage::Candidate),
    ("c", Stage::Candidate),
    ("rc", Stage::Candidate),
];

const SEPARATORS: [char; 3] = ['.', '_', '-'];

impl Pep440 {
    /// Parses any spelling that Python's tools accept; `None` for what they refuse, and for a number beyond 64 bits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST || !text.is_ascii() {
            return None;
        }
        let text = text.to_ascii_lowercase();
        let mut rest = Rest(text.strip_prefix('v').unwrap_or(&text));
        let mut first = rest.number()?;
        let mut epoch = 0;
        if rest.eat("!") {
            epoch = first;
            first = rest.number()?;
        }
        let mut release = vec![first];
        while rest.eat_before_digit(".") {
            release.push(rest.number()?);
        }
        let pre = match rest.eat_label(&STAGES.map(|(name, _)| name)) {
            Some(index) => Some((STAGES.get(index)?.1, rest.number_or_zero()?)),
            None => None,
        };
        let has_post = rest.eat_before_digit("-") || rest.eat_label(&["post", "rev", "r"]).is_some();
        let post = if has_post { Some(rest.number_or_zero()?) } else { None };
        let dev = if rest.eat_label(&["dev"]).is_some() { Some(rest.number_or_zero()?) } else { None };
        let local = if rest.eat("+") { local(std::mem::take(&mut rest.0))? } else { Vec::new() };
        rest.0.is_empty().then_some(Self { epoch, release, pre, post, dev, local })
    }
}

/// What is left to read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn eat(&mut self, prefix: &str) -> bool {
        self.0.strip_prefix(prefix).map(|rest| self.0 = rest).is_some()
    }

    /// The digits that come next; `None` where there are none or too many.
    fn number(&mut self) -> Option<u64> {
        let digits = self.0.len() - self.0.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        number.parse().ok()
    }

    /// The digits that come next, and 0 where there are none.
    fn number_or_zero(&mut self) -> Option<u64> {
        if self.0.starts_with(|c: char| c.is_ascii_digit()) { self.number() } else { Some(0) }
    }

    /// Eats `separator` where a digit follows it.
    fn eat_before_digit(&mut self, separator: &str) -> bool {
        let rest = self.0.strip_prefix(separator).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        rest.map(|rest| self.0 = rest).is_some()
    }

    /// Eats one of `names` with an optional separator before and behind it, and tells which.
    fn eat_label(&mut self, names: &[&str]) -> Option<usize> {
        let start = self.0.strip_prefix(SEPARATORS).unwrap_or(self.0);
        let (index, rest) =
            names.iter().enumerate().find_map(|(index, name)| Some((index, start.strip_prefix(name)?)))?;
        self.0 = rest.strip_prefix(SEPARATORS).unwrap_or(rest);
        Some(index)
    }
}

fn local(text: &str) -> Option<Vec<Segment>> {
    text.split(SEPARATORS)
        .map(|part| match part {
            "" => None,
            _ if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse().ok().map(Segment::Number),
            _ if part.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Some(Segment::Word(part.to_owned())),
            _ => None,
        })
        .collect()
}

impl fmt::Display for Pep440 {
    /// The normal form, which Python's tools write.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch > 0 {
            write!(f, "{}!", self.epoch)?;
        }
        for (index, number) in self.release.iter().enumerate() {
            write!(f, "{}{number}", if index > 0 { "." } else { "" })?;
        }
        if let Some((stage, number)) = self.pre {
            let name = match stage {
                Stage::Alpha => "a",
                Stage::Beta => "b",
                Stage::Candidate => "rc",
            };
            write!(f, "{name}{number}")?;
        }
        if let Some(number) = self.post {
            write!(f, ".post{number}")?;
        }
        if let Some(number) = self.dev {
            write!(f, ".dev{number}")?;
        }
        for (index, segment) in self.local.iter().enumerate() {
            let separator = if index > 0 { "." } else { "+" };
            match segment {
                Segment::Word(word) => write!(f, "{separator}{word}")?,
                Segment::Number(number) => write!(f, "{separator}{number}")?,
            }
        }
        Ok(())
    }
}

impl Ord for Pep440 {
    fn cmp(&self, other: &Self) -> Ordering {
        let release = |version: &Self| {
            let length = version.release.iter().rposition(|number| *number != 0).map_or(0, |last| last + 1);
            version.release[..length].to_vec()
        };
        // A development version of a release comes before its prereleases, and a release behind them.
        let pre = |version: &Self| match version.pre {
            Some((stage, number)) => (1, Some((stage, number))),
            None if version.post.is_none() && version.dev.is_some() => (0, None),
            None => (2, None),
        };
        let dev = |version: &Self| version.dev.map_or((1, 0), |number| (0, number));
        (self.epoch, release(self), pre(self), self.post, dev(self), &self.local).cmp(&(
            other.epoch,
            release(other),
            pre(other),
            other.post,
            dev(other),
            &other.local,
        ))
    }
}

impl PartialOrd for Pep440 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pep440 {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pep440 {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pep440;

    fn normal(text: &str) -> Option<String> {
        Pep440::parse(text).map(|version| version.to_string())
    }

    #[test]
    fn spellings_have_one_normal_form() {
        for (text, expect) in [
            ("1.0", "1.0"),
            ("0.03", "0.3"),
            ("v1.2", "1.2"),
            (" V2024.01.02\n", "2024.1.2"),
            ("1!2.0", "1!2.0"),
            ("0!2.0", "2.0"),
            ("1.0.0b2", "1.0.0b2"),
            ("0.1-beta.1+a-b", "0.1b1+a.b"),
            ("1.0-1", "1.0.post1"),
            ("1.0.RC1", "1.0rc1"),
            ("1.0preview3", "1.0rc3"),
            ("1.0c", "1.0rc0"),
            ("1.0a.", "1.0a0"),
            ("1.0r4", "1.0.post4"),
            ("1.0_rev", "1.0.post0"),
            ("1.0a-1-1", "1.0a1.post1"),
            ("1.0.a.dev1", "1.0a0.dev1"),
            ("1.0.dev", "1.0.dev0"),
            ("1.0+Ubuntu-01", "1.0+ubuntu.1"),
            ("1.0.post1.dev2+x.y_z", "1.0.post1.dev2+x.y.z"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(expect), "{text}");
        }
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for text in
            ["", "1.", "1.0-SNAPSHOT", "a1", "1.0+", "1.0+a..b", "1.0x", "1..0", "1.0 1", "1.٣", "!1", "1.0+a+b"]
        {
            assert_eq!(normal(text), None, "{text}");
        }
        assert_eq!(normal(&"1".repeat(21)), None);
        assert_eq!(normal(&"1.".repeat(1_000_000)), None);
    }

    #[test]
    fn versions_are_in_the_order_of_their_releases() {
        let ordered = [
            "1.dev0",
            "1.0.dev456",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.15",
            "1.1.dev1",
            "1!0.1",
        ]
        .map(|text| Pep440::parse(text).unwrap());
        assert!(ordered.is_sorted_by(|lower, higher| lower < higher));
        assert_eq!(Pep440::parse("1"), Pep440::parse("v1.0.0"));
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own(text in "v?([0-9]!)?[0-9]{1,3}(\\.[0-9]{1,3}){0,3}([._-]?(a|beta|rc|pre)[._-]?[0-9]?)?(\\.?(post|r)[0-9])?(\\.dev[0-9]?)?(\\+[a-z0-9]{1,3}([._-][a-z0-9]{1,3}){0,2})?") {
            let version = Pep440::parse(&text).expect("it is one");
            let normal = version.to_string();
            prop_assert_eq!(&Pep440::parse(&normal).expect("and so is this"), &version);
            prop_assert_eq!(Pep440::parse(&normal).unwrap().to_string(), normal);
        }
    }
}
