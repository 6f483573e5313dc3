//! Names and values by glob: user metadata and tags.
//!
//! A rule is `name=value` for every file, or `glob: name=value`. All rules that match a file count; of several for one name
//! the first does.

use std::collections::{BTreeMap, BTreeSet};

use crate::globs::PathGlob;
use crate::headers::{MD5_METADATA, SUM_METADATA};

/// What the names and values of a file's user metadata may take together in bytes, next to our own
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>).
const MOST_METADATA: usize = 2048 - MD5_METADATA.len() - 32;

/// How many tags an object may have (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>).
const MOST_TAGS: usize = 10;

/// The longest name and the longest value of a tag, in characters.
const LONGEST_TAG: (usize, usize) = (128, 256);

/// One rule.
#[derive(Debug, Clone)]
pub(crate) struct PairRule {
    /// `None` for every file.
    glob: Option<PathGlob>,
    name: String,
    value: String,
}

/// Rules in the order they were written.
#[derive(Debug, Clone, Default)]
pub(crate) struct PairRules(Vec<PairRule>);

impl PairRule {
    fn parse(text: &str) -> Result<Self, String> {
        let (left, value) =
            text.split_once('=').ok_or("not a pair; write `name=value`, or `glob: name=value` for some files")?;
        let (glob, name) = match left.rsplit_once(": ") {
            Some((glob, name)) => (Some(PathGlob::parse(glob)?), name),
            None => (None, left),
        };
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        if name.is_empty() || value.is_empty() {
            return Err(format!("the {} is missing", if name.is_empty() { "name" } else { "value" }));
        }
        Ok(Self { glob, name, value })
    }

    /// Parses a rule of user metadata; its names are lower case and what a header's name may be.
    pub(crate) fn metadata(text: &str) -> Result<Self, String> {
        let rule = Self::parse(text)?;
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !rule.name.bytes().all(is_token) {
            return Err("a name of metadata is letters, digits, `-`, `_` and `.`".to_owned());
        }
        if !rule.value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err("a value of metadata is printable ASCII".to_owned());
        }
        let name = rule.name.to_ascii_lowercase();
        if [MD5_METADATA, SUM_METADATA].contains(&name.as_str()) {
            return Err(format!("`{name}` is written by this action itself"));
        }
        Ok(Self { name, ..rule })
    }

    /// Parses a rule of tags.
    pub(crate) fn tag(text: &str) -> Result<Self, String> {
        let rule = Self::parse(text)?;
        let is_good = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " +-=._:/@".contains(c));
        if !is_good(&rule.name) || !is_good(&rule.value) {
            return Err("a tag is letters, digits, spaces and `+-=._:/@`".to_owned());
        }
        if rule.name.chars().count() > LONGEST_TAG.0 || rule.value.chars().count() > LONGEST_TAG.1 {
            return Err(format!("a tag's name has at most {} characters, its value {}", LONGEST_TAG.0, LONGEST_TAG.1));
        }
        if rule.name.to_ascii_lowercase().starts_with("aws:") {
            return Err("tags that start with `aws:` are AWS's own".to_owned());
        }
        Ok(rule)
    }
}

impl PairRules {
    /// Rules of user metadata, if S3 takes all of them on one object.
    pub(crate) fn metadata(rules: Vec<PairRule>) -> Result<Self, String> {
        let length: usize = rules.iter().map(|rule| rule.name.len() + rule.value.len()).sum();
        if length > MOST_METADATA {
            return Err(format!(
                "{length} bytes together; S3 takes 2 KiB with our own, so at most {MOST_METADATA} are left"
            ));
        }
        Ok(Self(rules))
    }

    /// Rules of tags, if S3 takes all of them on one object.
    pub(crate) fn tags(rules: Vec<PairRule>) -> Result<Self, String> {
        let names: BTreeSet<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
        if names.len() > MOST_TAGS {
            return Err(format!("{} different tags; S3 takes {MOST_TAGS} on an object", names.len()));
        }
        Ok(Self(rules))
    }

    /// Whether there is no rule.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names and values of a file that has these `names`.
    pub(crate) fn of(&self, names: &[&str]) -> BTreeMap<String, String> {
        let matches =
            |rule: &&PairRule| rule.glob.as_ref().is_none_or(|glob| names.iter().any(|name| glob.matches(name)));
        let mut pairs = BTreeMap::new();
        for rule in self.0.iter().filter(matches) {
            pairs.entry(rule.name.clone()).or_insert_with(|| rule.value.clone());
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(lines: &[&str], parse: fn(&str) -> Result<PairRule, String>) -> Vec<PairRule> {
        lines.iter().map(|line| parse(line).unwrap()).collect()
    }

    #[test]
    fn all_matching_rules_count_and_of_a_name_the_first() {
        let rules = ["*.html: Owner=docs team", "owner=web", "assets/**: kind=a: b=c"];
        let rules = PairRules::metadata(super::tests::rules(&rules, PairRule::metadata)).unwrap();
        let of =
            |path| rules.of(&[path]).into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        assert_eq!(of("index.html"), ["owner=docs team"]);
        assert_eq!(of("app.js"), ["owner=web"]);
        assert_eq!(of("assets/app.js"), ["kind=a: b=c", "owner=web"]);
    }

    #[test]
    fn what_cannot_be_metadata_is_refused() {
        for text in
            ["owner", "=x", "a=", "a b=c", "a:b=c", "a=é", "slipway-md5=x", "Slipway-MD5=x", "slipway-sum=x", "[: a=b"]
        {
            assert!(PairRule::metadata(text).is_err(), "{text}");
        }
        let long = format!("a={}", "x".repeat(MOST_METADATA));
        assert!(PairRules::metadata(rules(&[&long], PairRule::metadata)).is_err());
    }

    #[test]
    fn what_cannot_be_a_tag_is_refused() {
        for text in ["team", "aws:x=y", "a=b&c", "a=b;c", "AWS:x=y"] {
            assert!(PairRule::tag(text).is_err(), "{text}");
        }
        let long = [format!("{}=x", "ä".repeat(129)), format!("x={}", "ä".repeat(257))];
        assert!(long.iter().all(|text| PairRule::tag(text).is_err()));
        assert!(PairRule::tag(&format!("{}={}", "ä".repeat(128), "ä".repeat(256))).is_ok());
        let many: Vec<String> = (0..11).map(|number| format!("t{number}=x")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(PairRules::tags(rules(&many, PairRule::tag)).is_err());
        assert!(PairRules::tags(rules(&many[..10], PairRule::tag)).is_ok());
    }

    #[test]
    fn a_tag_may_hold_a_colon_and_an_equals_sign() {
        let tags = PairRules::tags(rules(&["*.js: cost:center=a=b"], PairRule::tag)).unwrap();
        assert_eq!(tags.of(&["x.js"]), BTreeMap::from([("cost:center".to_owned(), "a=b".to_owned())]));
        assert!(tags.of(&["x.css"]).is_empty());
    }
}
