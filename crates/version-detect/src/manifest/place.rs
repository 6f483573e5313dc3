//! Places in a text.

use std::ops::Range;

/// A place in a file; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Place {
    /// The first character.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

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
        Self { text: text.trim().to_owned(), place: place_of(source, range.start + blank) }
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
    /// The version holds an expression nobody defines.
    Unresolved {
        /// `${revision}`
        expression: String,
        /// Why it has no value.
        why: String,
    },
}

impl Flaw {
    /// The text does not follow its format.
    pub(crate) fn malformed(reason: impl Into<String>, place: Place) -> Self {
        Self { kind: FlawKind::Malformed(reason.into()), place }
    }
}

/// The place of the byte `offset` of `text`.
pub(crate) fn place_of(text: &str, offset: usize) -> Place {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}
