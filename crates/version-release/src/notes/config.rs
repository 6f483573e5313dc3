//! `.github/release.yml`: what GitHub's own notes leave out, and their categories
//! (<https://docs.github.com/en/repositories/releasing-projects-on-github/automatically-generated-release-notes>).

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::changes::Change;

/// As deep as such a file is nested, with room to spare.
const DEEPEST: usize = 16;

/// The most values of a file.
const MOST_VALUES: usize = 10_000;

/// The label that stands for all labels, and for none.
const ANY: &str = "*";

/// How the notes are arranged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Config {
    #[serde(default)]
    pub(super) exclude: Exclude,
    #[serde(default)]
    pub(super) categories: Vec<Category>,
}

/// What is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Exclude {
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    authors: Vec<String>,
}

/// A category of changes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Category {
    pub(super) title: String,
    labels: Vec<String>,
    #[serde(default)]
    exclude: Exclude,
}

/// What is wrong with the file, and at which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFlaw {
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

#[derive(Default, Deserialize)]
struct File {
    #[serde(default)]
    changelog: Option<Config>,
}

impl Config {
    /// Parses the file. Keys that are not known are passed over, as GitHub does.
    pub fn parse(text: &str) -> Result<Self, ConfigFlaw> {
        let value = load(text)?;
        if value.is_null() {
            return Ok(Self::default());
        }
        let file: File =
            serde_json::from_value(value).map_err(|error| ConfigFlaw { line: 0, reason: error.to_string() })?;
        Ok(file.changelog.unwrap_or_default())
    }

    /// Whether a change is in no notes at all.
    pub(super) fn excludes(&self, change: &Change) -> bool {
        self.exclude.has(change)
    }

    /// The index of the category of a change.
    pub(super) fn category(&self, change: &Change) -> Option<usize> {
        self.categories.iter().position(|category| has_label(&category.labels, change) && !category.exclude.has(change))
    }
}

impl Exclude {
    fn has(&self, change: &Change) -> bool {
        // GitHub writes an App as `name` here, and as `name[bot]` in most of its answers.
        let bare = |login: &str| login.strip_suffix("[bot]").unwrap_or(login).to_ascii_lowercase();
        let by = |author: &String| change.logins.first().is_some_and(|login| bare(login) == bare(author));
        self.authors.iter().any(by) || (!self.labels.is_empty() && has_label(&self.labels, change))
    }
}

fn has_label(wanted: &[String], change: &Change) -> bool {
    let has = |wanted: &String| change.labels.iter().any(|label| label.eq_ignore_ascii_case(wanted));
    wanted.iter().any(|wanted| wanted == ANY || has(wanted))
}

/// A document of maps, lists and text as JSON. Aliases are refused, so nothing grows.
fn load(text: &str) -> Result<Value, ConfigFlaw> {
    let mut loader = Loader { parser: Parser::new_from_str(text), values: 0, line: 1 };
    let mut root = Value::Null;
    loop {
        match loader.next()? {
            Event::StreamEnd => return Ok(root),
            Event::DocumentStart(_) if !root.is_null() => return Err(loader.flaw("a second document begins")),
            Event::DocumentStart(_) => {
                let event = loader.next()?;
                root = loader.value(event, 0)?;
            }
            _ => {}
        }
    }
}

struct Loader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    values: usize,
    line: usize,
}

impl<'a> Loader<'a> {
    fn flaw(&self, reason: &str) -> ConfigFlaw {
        ConfigFlaw { line: self.line, reason: reason.to_owned() }
    }

    fn next(&mut self) -> Result<Event<'a>, ConfigFlaw> {
        match self.parser.next_event() {
            None => Ok(Event::StreamEnd),
            Some(Ok((event, span))) => {
                self.line = span.start.line().max(1);
                Ok(event)
            }
            Some(Err(error)) => Err(ConfigFlaw { line: error.marker().line(), reason: error.info().to_owned() }),
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<Value, ConfigFlaw> {
        self.values += 1;
        if depth > DEEPEST || self.values > MOST_VALUES {
            return Err(self.flaw("it is nested too deeply, or has too many values"));
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let is_null = style == ScalarStyle::Plain && ["", "~", "null"].contains(&&*text);
                Ok(if is_null { Value::Null } else { Value::String(text.into_owned()) })
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => return Ok(Value::Array(items)),
                        event => items.push(self.value(event, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut members = Map::new();
                loop {
                    let name = match self.next()? {
                        Event::MappingEnd => return Ok(Value::Object(members)),
                        Event::Scalar(name, ..) => name.into_owned(),
                        _ => return Err(self.flaw("the name of a member is no text")),
                    };
                    let event = self.next()?;
                    let value = self.value(event, depth + 1)?;
                    if members.insert(name.clone(), value).is_some() {
                        return Err(self.flaw(&format!("`{name}` is there twice")));
                    }
                }
            }
            Event::Alias(_) => Err(self.flaw("aliases are not understood here")),
            _ => Err(self.flaw("it ends too early")),
        }
    }
}
