//! Values, and why there is none.

use std::path::PathBuf;

/// Where something is written: a source by its number, and the offset in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) source: usize,
    pub(super) offset: usize,
}

/// A value, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) kind: ValueKind,
    pub(super) at: At,
}

/// The kinds of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ValueKind {
    Text(String),
    Flag(bool),
    /// Nothing: what a property has that no file sets.
    Null,
    File(PathBuf),
    List(Vec<Value>),
    Unknown(Unknown),
}

/// Why the files do not tell a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It is made from Git by this.
    Git(String),
    Other {
        expression: String,
        why: &'static str,
    },
}

impl Unknown {
    pub(super) fn of(expression: impl Into<String>, why: &'static str) -> ValueKind {
        ValueKind::Unknown(Self::Other { expression: expression.into(), why })
    }
}

// Why a value is not known, as users read it.
pub(super) const TOOL: &str = "only Gradle can tell what it is";
pub(super) const MACHINE: &str = "it depends on the environment of the build";
pub(super) const OPTION: &str = "it depends on an option of the command line";
pub(super) const NOTHING: &str = "nothing in the files sets it";
pub(super) const GROWS: &str = "its value grows without end";
