//! Expressions (`${revision}`) of a version, in Maven's order: fields of the model, the user's properties, those of the
//! pom and of its parents with their profiles. What the machine gives after that is not read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::Options;
use super::pom::Pom;
use super::profiles::{self, Exists, Property};
use crate::manifest::{Flaw, FlawKind, Place, Written};

/// How many expressions one version may take to resolve.
const MOST_EXPRESSIONS: usize = 64;

/// The longest text that is resolved.
const LONGEST: usize = 4096;

/// What properties begin with that a plugin makes from Git, and the plugin.
const FROM_GIT: [(&str, &str); 5] = [
    ("nisse.jgit.", "nisse"),
    ("jgitver.", "jgitver-maven-plugin"),
    ("git.", "git-commit-id-maven-plugin"),
    ("buildNumber}", "buildnumber-maven-plugin"),
    ("scmBranch}", "buildnumber-maven-plugin"),
];

/// A pom of the chain from the project to its last parent in the repository.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) pom: Arc<Pom>,
    /// The pom's properties, with those of its active profiles.
    pub(crate) properties: BTreeMap<String, Property>,
}

impl Link {
    /// The pom with its profiles as far as they are active.
    pub(crate) fn new(pom: impl Into<Arc<Pom>>, options: &Options, exists: &Exists<'_>) -> Self {
        let pom = pom.into();
        let properties = profiles::applied(&pom.properties, &pom.profiles, options, exists);
        Self { pom, properties }
    }
}

/// Where expressions are looked up.
pub(crate) struct Scope<'a> {
    pub(crate) chain: &'a [Link],
    pub(crate) options: &'a Options,
}

/// What an expression stands for.
enum Value<'a> {
    /// This text, which may hold expressions itself.
    Text(&'a str),
    /// The same, a part of the expression.
    Own(String),
    /// It is not known, for the reason in the pom of this index.
    Doubtful(usize, Flaw),
    /// Nobody defines it, for this reason.
    Missing(String),
}

impl<'a> Scope<'a> {
    /// Replaces every expression of `raw`, which is written in the pom of the index `home`. A flaw has the index of its pom.
    pub(crate) fn resolve(&self, home: usize, raw: &Written) -> Result<String, (usize, Flaw)> {
        let refuse = |expression: &str, why: String| {
            let kind = FlawKind::Unresolved { expression: expression.to_owned(), why };
            (home, Flaw { kind, place: raw.place })
        };
        let mut text = raw.text.clone();
        // The values that stand in it, each with how much of the text is behind it.
        let mut inside: Vec<(usize, (usize, Place))> = Vec::new();
        for _ in 0..MOST_EXPRESSIONS {
            let Some(start) = text.find("${") else { return Ok(text) };
            let Some(length) = text[start..].find('}') else {
                return Err(refuse(&text[start..], "its `}` is missing".to_owned()));
            };
            let expression = text[start..=start + length].to_owned();
            let behind = text.len() - start - length - 1;
            inside.retain(|(end, _)| *end <= behind);
            let (index, place) = inside.last().map_or((home, raw.place), |(_, written)| *written);
            let value = match self.value(&expression[2..length]) {
                Value::Text(value) => value.to_owned(),
                Value::Own(value) => value,
                Value::Doubtful(index, flaw) => return Err((index, flaw)),
                Value::Missing(why) => {
                    let from_git = FROM_GIT.iter().find(|(name, _)| expression[2..].starts_with(name));
                    let kind = match from_git {
                        Some((_, by)) => FlawKind::NeedsGit { by: (*by).to_owned() },
                        None => FlawKind::Unresolved { expression, why },
                    };
                    return Err((index, Flaw { kind, place }));
                }
            };
            if text.len() + value.len() > LONGEST {
                return Err(refuse(&raw.text, "its value grows without end".to_owned()));
            }
            inside.extend(self.home_of(&expression).map(|written| (behind, written)));
            text.replace_range(start..=start + length, &value);
        }
        Err(refuse(&raw.text, "its properties refer to each other without end".to_owned()))
    }

    /// The place of the property that a version is made of alone: it is changed there.
    pub(crate) fn home_of(&self, raw: &str) -> Option<(usize, Place)> {
        let name = raw.strip_prefix("${")?.strip_suffix('}')?;
        if self.options.properties.contains_key(name) || self.field(name).is_some() {
            return None;
        }
        match self.property(name)? {
            (index, Property::Known(written)) => Some((index, written.place)),
            (_, Property::Doubtful(_)) => None,
        }
    }

    /// What stands for an expression. A default (`${name:-value}`) belongs to Maven 4; Maven 3 takes all of it for the name.
    fn value(&self, expression: &str) -> Value<'a> {
        if !self.chain.first().is_some_and(|own| own.pom.is_maven_4()) {
            return self.named(expression);
        }
        let default = |name: &str, other: &str| match self.named(name) {
            Value::Missing(_) | Value::Text("") => Value::Own(other.to_owned()),
            value => value,
        };
        match (expression.split_once(":-"), expression.split_once(":+")) {
            (Some((name, other)), _) => default(name, other),
            (None, Some((name, other))) => match self.named(name) {
                Value::Missing(_) | Value::Text("") => Value::Text(""),
                Value::Text(_) | Value::Own(_) => Value::Own(other.to_owned()),
                doubtful @ Value::Doubtful(..) => doubtful,
            },
            (None, None) => self.named(expression),
        }
    }

    fn named(&self, name: &str) -> Value<'a> {
        if let Some(value) = self.field(name) {
            return Value::Text(value);
        }
        if let Some(value) = self.options.properties.get(name) {
            return Value::Text(value);
        }
        match self.property(name) {
            Some((_, Property::Known(written))) => return Value::Text(&written.text),
            Some((index, Property::Doubtful(doubt))) => {
                let kind = FlawKind::Unresolved { expression: format!("${{{name}}}"), why: doubt.why.clone() };
                return Value::Doubtful(index, Flaw { kind, place: doubt.place });
            }
            None => {}
        }
        match self.bare_field(name) {
            Some(value) => Value::Text(value),
            None => Value::Missing(self.missing(name)),
        }
    }

    fn property(&self, name: &str) -> Option<(usize, &'a Property)> {
        self.chain.iter().enumerate().find_map(|(index, link)| Some((index, link.properties.get(name)?)))
    }

    /// A field of the project's model by its full name: `project.artifactId`, `pom.groupId`.
    fn field(&self, name: &str) -> Option<&'a str> {
        self.bare_field(name.strip_prefix("project.").or_else(|| name.strip_prefix("pom."))?)
    }

    fn bare_field(&self, name: &str) -> Option<&'a str> {
        let own = &self.chain.first()?.pom;
        let above = self.chain.get(1).map(|link| &link.pom);
        let parent = own.parent.as_ref();
        match name {
            "groupId" => own.group().or_else(|| above?.group()),
            "artifactId" => own.artifact.as_deref(),
            "version" => own.raw_version().map(|version| version.text.as_str()),
            "packaging" => Some(own.packaging.as_deref().unwrap_or("jar")),
            "name" => own.name.as_deref(),
            "parent.version" => parent?.version.as_ref().or_else(|| above?.raw_version()).map(|it| it.text.as_str()),
            "parent.groupId" => parent?.group.as_deref().or_else(|| above?.group()),
            "parent.artifactId" => parent?.artifact.as_deref().or_else(|| above?.artifact.as_deref()),
            _ => None,
        }
    }

    /// Why an expression has no value.
    fn missing(&self, name: &str) -> String {
        if name.starts_with("env.") {
            return "the environment of a build is not read".to_owned();
        }
        if ["java.", "os.", "user.", "maven.build.", "project.basedir", "basedir"].iter().any(|it| name.starts_with(it))
        {
            return "it depends on the machine that builds".to_owned();
        }
        if name.contains(":-") || name.contains(":+") {
            return "only Maven 4 knows defaults in expressions, and the pom has the model of Maven 3".to_owned();
        }
        let outside = self.chain.last().and_then(|last| last.pom.parent.as_ref()).map_or_else(String::new, |parent| {
            let artifact = parent.artifact.as_deref().unwrap_or_default();
            format!("; the parent `{artifact}` is not in this repository")
        });
        format!(
            "neither `<properties>` (of the pom and of the parents in this repository) nor `.mvn/maven.config` define `{name}`{outside}"
        )
    }
}
