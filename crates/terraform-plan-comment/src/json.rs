//! JSON with exact numbers.
//!
//! `serde_json` keeps numbers exactly only with a feature that changes every crate of the workspace. So it checks a text's grammar, and says
//! what is wrong with it and where; [`Reader`] then takes the text apart, and leaves escapes to `serde_json` again.

mod reader;

use actions_core::{Place, json_error_offset};
use serde::de::IgnoredAny;

use crate::entries::Entries;

pub(crate) use reader::Reader;

/// Nesting deeper than this is refused: no plan is that deep, and recursion must end.
const DEPTH_LIMIT: usize = 256;

/// A JSON value; numbers are kept as they were written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Self>),
    Map(Entries<Self>),
}

/// Where and why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub(crate) place: Place,
    pub(crate) reason: String,
}

impl Json {
    /// Parses `text`, which holds one value and nothing else.
    pub(crate) fn parse(text: &str) -> Result<Self, JsonError> {
        checked(text)?.value()
    }

    /// Parses the value at the start of `text`; also gives the number of bytes it took.
    pub(crate) fn parse_prefix(text: &str) -> Result<(Self, usize), JsonError> {
        let (mut reader, length) = checked_prefix(text)?;
        Ok((reader.value()?, length))
    }

    /// The member `key` of a map; `None` where it is absent, null, or this is no map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.get(key).filter(|value| **value != Self::Null),
            _ => None,
        }
    }

    /// The member at the end of a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of a list; none where this is no list.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The map, where this is one.
    pub(crate) fn map(&self) -> Option<&Entries<Self>> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entries of a map; none where this is no map.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.map().into_iter().flat_map(Entries::iter).map(|(key, value)| (key.as_str(), value))
    }

    /// The string member `key`.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }
}

impl JsonError {
    /// An error inside the value that starts at `offset` of `whole`.
    fn inside(error: &serde_json::Error, whole: &str, offset: usize) -> Self {
        let place = Place::of(whole, offset + json_error_offset(&whole[offset..], error));
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
        let reason = match reason.strip_prefix("EOF while parsing ") {
            Some(inside) => format!("it is cut off inside {inside}"),
            None => reason.to_owned(),
        };
        Self { place, reason }
    }

    /// The same error in a text that has `before` in front.
    pub(crate) fn after(mut self, before: &str) -> Self {
        let end = Place::of(before, before.len());
        if self.place.line == 1 {
            self.place.column += end.column - 1;
        }
        self.place.line += end.line - 1;
        self
    }
}

/// A reader of `text`, which holds one value and nothing else.
pub(crate) fn checked(text: &str) -> Result<Reader<'_>, JsonError> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| JsonError::inside(&error, text, 0))?;
    Ok(Reader::of_checked(text))
}

/// A reader of the value at the start of `text`; also gives the number of bytes it takes.
pub(crate) fn checked_prefix(text: &str) -> Result<(Reader<'_>, usize), JsonError> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match stream.next() {
        Some(Ok(_)) => Ok((Reader::of_checked(text), stream.byte_offset())),
        Some(Err(error)) => Err(JsonError::inside(&error, text, 0)),
        None => Err(JsonError { place: Place::START, reason: "there is no JSON value".to_owned() }),
    }
}

#[cfg(test)]
mod tests;
