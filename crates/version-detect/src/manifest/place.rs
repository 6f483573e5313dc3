//! What is written in a manifest, and what is wrong with it, each with its place.

use std::ops::Range;

use actions_core::Place;

/// A text and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) place: Place,
}

impl Written {
    /// The text at `range` of `source`, without the white space around it.
    pub(crate) fn trimmed(source: &str, range: Range<usize>) -> Self {
        let text = source.get(range.clone()).unwrap_or_default();
        let blank = text.len() - text.trim_start().len();
        Self { text: text.trim().to_owned(), place: Place::of(source, range.start + blank) }
    }
}

/// A text by its lines, so that many places of it cost no more than one.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    /// The bytes at which the lines begin.
    begins: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a text.
    pub(crate) fn of(text: &'a str) -> Self {
        let begins = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, begins: std::iter::once(0).chain(begins).collect() }
    }

    /// The place of the byte `offset`: that of [`Place::of`].
    pub(crate) fn place(&self, offset: usize) -> Place {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.begins.partition_point(|begin| *begin <= offset);
        let begin = self.begins[line - 1];
        Place { line, column: self.text[begin..offset].chars().count() + 1 }
    }
}

/// What is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) kind: FlawKind,
    pub(crate) place: Place,
}

/// The kinds of flaws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FlawKind {
    /// The text does not follow its format; the text says how.
    Malformed(String),
    /// The version is not a text: a number, a list, a table.
    NotText,
    /// The version holds an expression whose value the files do not tell.
    Unresolved {
        /// What has no value: `${revision}`
        expression: String,
        /// Why it has no value.
        why: String,
    },
    /// The version is made from the history of Git, which files do not tell.
    NeedsGit {
        /// What makes it: a plugin, a build back-end.
        by: String,
    },
}

/// The longest document of TOML: what its parser makes of one takes fifty times as much memory.
const LONGEST_TOML: usize = 1024 * 1024;

impl Flaw {
    /// Refuses a document of TOML that is longer than any manifest.
    pub(crate) fn of_length(toml: &str) -> Result<(), Self> {
        match toml.len() {
            ..=LONGEST_TOML => Ok(()),
            _ => Err(Self::malformed("it has more than 1 MiB", Place::START)),
        }
    }

    /// The text does not follow its format.
    pub(crate) fn malformed(reason: impl Into<String>, place: Place) -> Self {
        Self { kind: FlawKind::Malformed(reason.into()), place }
    }
}

impl From<yaml_document::Flaw> for Flaw {
    fn from(flaw: yaml_document::Flaw) -> Self {
        Self::malformed(flaw.reason, flaw.place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Lines, Place};

    proptest! {
        #[test]
        fn a_place_by_lines_is_the_place(text in "[a\u{e9}\u{1f600}\r\n]{0,40}", offset in 0_usize..200) {
            prop_assert_eq!(Lines::of(&text).place(offset), Place::of(&text, offset));
        }
    }
}
