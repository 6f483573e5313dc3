//! Which keys a `rehearsal.toml` may hold, and everything that is wrong with the keys of one: all of it at once, each with its
//! line and column.
//!
//! Serde alone would stop at the first mistake. A test compares this table with the structs of [`crate::config`].

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use crate::config::Config;
use crate::nearest::nearest;
use crate::place::Place;
use crate::problem::{FileProblem, Problem};

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// A table of texts, with keys of the writer's choice.
    Names,
    /// A table.
    Table(&'static Section),
    /// A list of tables.
    Tables(&'static Section),
}

impl Kind {
    /// The kind in words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Text => "a text in quotes".to_owned(),
            Self::OneOf(texts) => texts.iter().map(|text| format!("`\"{text}\"`")).collect::<Vec<_>>().join(" or "),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::Names => "a table of texts".to_owned(),
            Self::Table(_) => "a table".to_owned(),
            Self::Tables(_) => "a list of tables".to_owned(),
        }
    }
}

/// A key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
}

const fn required(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: false }
}

/// A table, as the reader of an error knows it.
#[derive(Debug)]
pub(crate) struct Section {
    /// How it is written: `[[run]]`.
    pub(crate) title: &'static str,
    pub(crate) keys: &'static [Key],
}

/// The file itself.
pub(crate) const FILE: Section = Section {
    title: "the top level",
    keys: &[
        required("repository", Kind::Text),
        optional("vars", Kind::Names),
        optional("secrets", Kind::Names),
        optional("uses", Kind::Names),
        optional("oidc", Kind::Table(&OIDC)),
        optional("terraform", Kind::Table(&TERRAFORM)),
        optional("resources", Kind::Table(&RESOURCES)),
        required("run", Kind::Tables(&RUN)),
    ],
};

const OIDC: Section =
    Section { title: "[oidc]", keys: &[optional("immutable-ids", Kind::Text), optional("client-ids", Kind::Texts)] };

const TERRAFORM: Section = Section {
    title: "[terraform]",
    keys: &[
        required("directory", Kind::Text),
        optional("variables", Kind::Names),
        optional("outputs", Kind::Names),
        optional("overlay", Kind::Text),
        optional("recorded-plan", Kind::Text),
    ],
};

const RESOURCES: Section = Section {
    title: "[resources]",
    keys: &[
        optional("ecr-repositories", Kind::Texts),
        optional("buckets", Kind::Texts),
        optional("services", Kind::Tables(&SERVICE)),
        optional("roles", Kind::Names),
        optional("trust-policies", Kind::Names),
        optional("trust-policies-account", Kind::Text),
        optional("distribution-var", Kind::Text),
    ],
};

const SERVICE: Section = Section {
    title: "[[resources.services]]",
    keys: &[required("cluster", Kind::Text), required("name", Kind::Text), required("task-definition", Kind::Text)],
};

const RUN: Section = Section {
    title: "[[run]]",
    keys: &[
        required("name", Kind::Text),
        required("workflow", Kind::Text),
        required("event", Kind::OneOf(&["push", "pull_request"])),
        optional("branch", Kind::Text),
        optional("bump", Kind::Text),
        optional("edits", Kind::Tables(&RUN_EDITS)),
        optional("repeat", Kind::Flag),
        optional("version-path", Kind::Text),
        optional("break", Kind::Table(&BREAK)),
    ],
};

const EDIT: &[Key] = &[required("file", Kind::Text), required("find", Kind::Text), required("replace", Kind::Text)];
const RUN_EDITS: Section = Section { title: "[[run.edits]]", keys: EDIT };
const BREAK_EDITS: Section = Section { title: "[[run.break.edits]]", keys: EDIT };

const BREAK: Section = Section {
    title: "[run.break]",
    keys: &[
        required("what", Kind::Text),
        required("reason", Kind::Text),
        optional("edits", Kind::Tables(&BREAK_EDITS)),
        optional("deny", Kind::Table(&DENY)),
        optional("recorded-plan", Kind::Text),
        optional("crashes", Kind::Flag),
    ],
};

const DENY: Section =
    Section { title: "[run.break.deny]", keys: &[required("method", Kind::Text), required("path", Kind::Text)] };

/// Every table, the file first.
#[cfg(test)]
pub(crate) const SECTIONS: [&Section; 10] =
    [&FILE, &OIDC, &TERRAFORM, &RESOURCES, &SERVICE, &RUN, &RUN_EDITS, &BREAK, &BREAK_EDITS, &DENY];

/// What a text says, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The configuration without its wrong keys, so that the rest of it can be checked as well; `None` where too little is left.
    pub(crate) config: Option<Config>,
    pub(crate) problems: Vec<Problem>,
}

/// Reads the text of a `rehearsal.toml`. Text that is no TOML is one problem.
pub(crate) fn read(text: &str) -> Reading {
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => return Reading { config: None, problems: vec![not_toml(text, &error).into()] },
    };
    let mut reader = Reader { text, problems: Vec::new() };
    let cleaned = reader.table(document.get_ref(), document.span(), &FILE);
    let mut problems = reader.problems;
    let config = if problems.is_empty() {
        Config::parse(text).map_err(|error| problems.push(not_toml(text, &error))).ok()
    } else {
        cleaned.try_into().ok()
    };
    Reading { config, problems: problems.into_iter().map(Problem::from).collect() }
}

fn not_toml(text: &str, error: &toml::de::Error) -> FileProblem {
    let place = Place::of(text, error.span().unwrap_or_default());
    FileProblem::NotToml { place, reason: error.message().to_owned() }
}

/// Collects the problems of one text.
struct Reader<'a> {
    text: &'a str,
    problems: Vec<FileProblem>,
}

impl Reader<'_> {
    /// Reads a table; what is right in it, with misspelt keys under the names that were meant.
    fn table(&mut self, table: &DeTable<'_>, span: Range<usize>, section: &'static Section) -> Table {
        let mut right = Table::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let known = match section.keys.iter().find(|known| known.name == name) {
                Some(known) => Some(known),
                None => self.unknown(key, table, section),
            };
            if let Some(known) = known
                && let Some(value) = self.value(value, known, section)
            {
                right.insert(known.name.to_owned(), value);
            } else if let Some(known) = known {
                // Wrong is not missing: nobody wants to be told twice.
                right.entry(known.name).or_insert(Value::Boolean(false));
            }
        }
        for key in section.keys.iter().filter(|key| key.required && !right.contains_key(key.name)) {
            let place = Place::of(self.text, span.start..span.start);
            self.problems.push(FileProblem::MissingKey {
                place,
                key: key.name,
                section: section.title,
                wanted: key.kind.words(),
            });
        }
        right
    }

    /// Notes a key that nobody reads; the absent key that was meant, where one is like it.
    fn unknown(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        table: &DeTable<'_>,
        section: &'static Section,
    ) -> Option<&'static Key> {
        let absent = |known: &&Key| !table.keys().any(|there| there.get_ref() == known.name);
        let meant = section.keys.iter().filter(absent).map(|known| known.name);
        let meant = nearest(key.get_ref(), meant);
        let meant = section.keys.iter().find(|known| Some(known.name) == meant);
        self.problems.push(FileProblem::UnknownKey {
            place: Place::of(self.text, key.span()),
            key: key.get_ref().to_string(),
            section: section.title,
            meant: meant.map(|known| known.name),
            known: section.keys.iter().map(|key| key.name).collect::<Vec<_>>().join(", "),
        });
        meant
    }

    /// Reads a value; `None` when it is not of the key's kind.
    fn value(&mut self, value: &Spanned<DeValue<'_>>, key: &'static Key, section: &'static Section) -> Option<Value> {
        match (key.kind, value.get_ref()) {
            (Kind::Text, DeValue::String(text)) => Some(Value::String(text.to_string())),
            (Kind::OneOf(texts), DeValue::String(text)) if texts.contains(&text.as_ref()) => {
                Some(Value::String(text.to_string()))
            }
            (Kind::Flag, DeValue::Boolean(flag)) => Some(Value::Boolean(*flag)),
            (Kind::Texts, DeValue::Array(values)) => {
                let texts = values.iter().filter_map(|value| self.text(value, key.name, section));
                Some(Value::Array(texts.collect()))
            }
            (Kind::Names, DeValue::Table(table)) => {
                let names = table.iter().filter_map(|(name, value)| {
                    let name = name.get_ref().to_string();
                    Some((name.clone(), self.text(value, &format!("{}.{name}", key.name), section)?))
                });
                Some(Value::Table(names.collect()))
            }
            (Kind::Table(inner), DeValue::Table(table)) => Some(Value::Table(self.table(table, value.span(), inner))),
            (Kind::Tables(inner), DeValue::Array(values)) => {
                let tables = values.iter().filter_map(|value| match value.get_ref() {
                    DeValue::Table(table) => Some(Value::Table(self.table(table, value.span(), inner))),
                    _ => self.wrong(value, key.name, key.kind, section),
                });
                Some(Value::Array(tables.collect()))
            }
            _ => self.wrong(value, key.name, key.kind, section),
        }
    }

    fn text(&mut self, value: &Spanned<DeValue<'_>>, key: &str, section: &'static Section) -> Option<Value> {
        match value.get_ref() {
            DeValue::String(text) => Some(Value::String(text.to_string())),
            _ => self.wrong(value, key, Kind::Text, section),
        }
    }

    fn wrong(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        key: &str,
        kind: Kind,
        section: &'static Section,
    ) -> Option<Value> {
        self.problems.push(FileProblem::WrongValue {
            place: Place::of(self.text, value.span()),
            key: key.to_owned(),
            section: section.title,
            wanted: kind.words(),
        });
        None
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
