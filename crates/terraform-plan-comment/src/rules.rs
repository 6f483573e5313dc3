//! Rules of one's own about the resources that a plan leaves behind: required tags, encryption, retention. A TOML file holds them:
//!
//! ```toml
//! [[rule]]
//! name = "every resource has an owner"
//! types = ["aws_*"]
//! require-tags = ["Owner"]
//!
//! [[rule]]
//! name = "logs are kept for a month to a year"
//! types = ["aws_cloudwatch_log_group"]
//! attribute = "retention_in_days"
//! at-least = 30
//! at-most = 365
//! ```

use serde::Deserialize;

use crate::guard::Pattern;

/// A file of rules is no larger, in bytes.
pub(crate) const LARGEST: u64 = 1 << 20;

/// The rules, in their order; by default there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rules(pub(crate) Vec<Rule>);

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// What a reader is told.
    pub(crate) name: String,
    /// The types it is about.
    pub(crate) types: Vec<Pattern>,
    pub(crate) demand: Demand,
}

/// What a rule demands of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Demand {
    /// Tags with these keys.
    Tags(Vec<String>),
    /// An attribute, by the end of its path, that is as it should be wherever it is.
    Attribute { path: String, test: Test },
}

/// What an attribute should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// Anything but null, an empty text, and an empty list or map: a block that is not written is one.
    Present,
    /// One of these, as texts.
    OneOf(Vec<String>),
    /// A number within these bounds; either may be missing.
    Within { at_least: Option<i64>, at_most: Option<i64> },
}

/// Why a file holds no rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadRules(pub(crate) String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: Option<String>,
    #[serde(default)]
    types: Vec<String>,
    require_tags: Option<Vec<String>>,
    attribute: Option<String>,
    present: Option<bool>,
    equals: Option<toml::Value>,
    one_of: Option<Vec<toml::Value>>,
    at_least: Option<i64>,
    at_most: Option<i64>,
}

impl Rules {
    /// Reads a file of rules.
    pub(crate) fn parse(text: &str) -> Result<Self, BadRules> {
        let file: File = toml::from_str(text).map_err(|error| BadRules(error.to_string().trim_end().to_owned()))?;
        let rules = file.rule.into_iter().enumerate();
        let rules = rules.map(|(index, entry)| {
            let name = entry.name.clone().unwrap_or_else(|| format!("rule {}", index + 1));
            Rule::of(entry).map_err(|reason| BadRules(format!("{name}: {reason}")))
        });
        Ok(Self(rules.collect::<Result<_, _>>()?))
    }
}

impl Rule {
    /// Whether it is about types that it names whole, and no others.
    pub(crate) fn names_types(&self) -> bool {
        !self.types.is_empty() && !self.types.iter().any(Pattern::has_star)
    }
}

impl Rules {
    /// The rules about a type, by their places. The type is that of the plan, before anything in it is hidden.
    pub(crate) fn about(&self, kind: &str) -> Vec<usize> {
        let is_about = |rule: &Rule| rule.types.is_empty() || rule.types.iter().any(|pattern| pattern.matches(kind));
        self.0.iter().enumerate().filter(|(_, rule)| is_about(rule)).map(|(place, _)| place).collect()
    }

    /// The same rules about names as a sealed plan has them: a secret that is spelled like an attribute hides it from no rule.
    pub(crate) fn sealed(&self, mut seal: impl FnMut(&str) -> String) -> Self {
        let mut sealed = |rule: &Rule| {
            let demand = match &rule.demand {
                Demand::Tags(keys) => Demand::Tags(keys.iter().map(|key| seal(key)).collect()),
                Demand::Attribute { path, test } => {
                    let path = path.split('.').map(&mut seal).collect::<Vec<_>>().join(".");
                    Demand::Attribute { path, test: test.clone() }
                }
            };
            Rule { demand, ..rule.clone() }
        };
        Self(self.0.iter().map(&mut sealed).collect())
    }
}

impl Rule {
    fn of(entry: Entry) -> Result<Self, String> {
        let parse = |text: &String| Pattern::parse(text).map_err(|error| format!("the type `{text}` {error}"));
        let types = entry.types.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let test = entry.test()?;
        let (demand, words) = match (entry.require_tags, entry.attribute, test) {
            (Some(tags), None, None) if !tags.is_empty() => {
                let words = format!("has the tags {}", quoted(&tags));
                (Demand::Tags(tags), words)
            }
            (None, Some(path), Some(test)) if !path.is_empty() => {
                let words = format!("`{path}` {}", test.words());
                (Demand::Attribute { path, test }, words)
            }
            _ => {
                return Err("a rule has either `require-tags`, or `attribute` with one of `present = true`, `equals`, `one-of`, \
                            and `at-least` or `at-most`"
                    .to_owned());
            }
        };
        Ok(Self { name: entry.name.unwrap_or(words), types, demand })
    }
}

impl Entry {
    /// What the attribute should be; `None` where nothing is said.
    fn test(&self) -> Result<Option<Test>, String> {
        let within = (self.at_least.is_some() || self.at_most.is_some())
            .then_some(Test::Within { at_least: self.at_least, at_most: self.at_most });
        let one_of =
            self.one_of.as_ref().map(|values| values.iter().map(word).collect::<Result<_, _>>()).transpose()?;
        let equals = self.equals.as_ref().map(|value| Ok::<_, String>(vec![word(value)?])).transpose()?;
        if self.present == Some(false) {
            return Err("`present` can only be `true`".to_owned());
        }
        let present = self.present.map(|_| Test::Present);
        let mut tests = [within, one_of.map(Test::OneOf), equals.map(Test::OneOf), present].into_iter().flatten();
        let first = tests.next();
        if tests.next().is_some() {
            return Err("an attribute is tested in one way: write a rule for each".to_owned());
        }
        Ok(first)
    }
}

impl Test {
    /// What it demands, in words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Present => "is set".to_owned(),
            Self::OneOf(values) => format!("is {}", quoted(values)),
            Self::Within { at_least: Some(least), at_most: Some(most) } => format!("is {least} to {most}"),
            Self::Within { at_least: Some(least), at_most: None } => format!("is at least {least}"),
            Self::Within { at_most: Some(most), .. } => format!("is at most {most}"),
            Self::Within { .. } => "is a number".to_owned(),
        }
    }
}

/// A value of TOML as the text that a plan's value is compared with.
fn word(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        other => Err(format!("a value is a text, a whole number or a boolean, not a {}", other.type_str())),
    }
}

/// `a`, `b` or `c`.
fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
