//! Values that hold no secret: each secret text is replaced by a token that keeps only its identity.
//!
//! Because equal secrets have equal tokens, everything behind this module (comparing, line diffs, JSON inside strings) works
//! on sealed values and still knows what changed, while nothing behind it can leak. A token is one private-use character;
//! [`reveal`] turns it into the words a reader sees.

mod hidden;
mod sealer;
mod search;
mod views;

pub(crate) use sealer::Sealer;

use crate::entries::Entries;
use crate::json::Json;

/// What stands where a secret was.
pub(crate) const SENSITIVE: &str = "(sensitive value)";

/// The first tokens are the private-use characters of plane 15, the next those of plane 16.
const PLANE_15: u32 = 0xF_0000;
const PLANE_16: u32 = 0x10_0000;
const PLANE_SIZE: u32 = 0xFFFD;

/// A value without secrets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sealed {
    Null,
    Bool(bool),
    Number(String),
    /// May hold tokens.
    Text(String),
    List(Vec<Self>),
    /// The keys may hold tokens.
    Map(Entries<Self>),
    /// A secret of any type. Equal identities mean equal values.
    Secret(Secret),
    /// Known after apply.
    Unknown {
        /// Whether it will be sensitive.
        sensitive: bool,
    },
}

/// A sealed secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Secret {
    pub(crate) identity: u32,
    pub(crate) kind: Kind,
    /// Whether Terraform marks it as sensitive here; false where it was found by its value or beside a hidden one.
    pub(crate) marked: bool,
    /// Whether it is the empty text, which providers on the legacy SDK do not tell from null.
    pub(crate) is_empty: bool,
    /// The identities of a list's elements: Terraform shows how many blocks a hidden list of blocks has.
    pub(crate) elements: Vec<u32>,
}

/// What kind of value a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Bool,
    Number,
    Text,
    List,
    Map,
}

/// One side of a change: its value, and what is sensitive of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Side<'a> {
    pub(crate) value: Option<&'a Json>,
    pub(crate) mask: Option<&'a Json>,
}

impl Kind {
    /// The kind of a value; `None` of null.
    fn of(value: &Json) -> Option<Self> {
        match value {
            Json::Null => None,
            Json::Bool(_) => Some(Self::Bool),
            Json::Number(_) => Some(Self::Number),
            Json::Text(_) => Some(Self::Text),
            Json::List(_) => Some(Self::List),
            Json::Map(_) => Some(Self::Map),
        }
    }
}

impl Secret {
    /// A secret that was found where no mask covers it.
    fn found(identity: u32, kind: Kind) -> Self {
        Self { identity, kind, marked: false, is_empty: false, elements: Vec::new() }
    }
}

impl Sealed {
    /// The kind of the value, hidden or not; `None` of what is null or not known yet.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Null | Self::Unknown { .. } => None,
            Self::Bool(_) => Some(Kind::Bool),
            Self::Number(_) => Some(Kind::Number),
            Self::Text(_) => Some(Kind::Text),
            Self::List(_) => Some(Kind::List),
            Self::Map(_) => Some(Kind::Map),
            Self::Secret(secret) => Some(secret.kind),
        }
    }

    /// Reads a JSON object or array out of a sealed text, as Terraform does to show `jsonencode(...)`.
    pub(crate) fn from_json_text(text: &str) -> Option<Self> {
        if text.trim_start().starts_with(['{', '[']) { Self::from_json(text) } else { None }
    }

    /// Reads any JSON value out of a sealed text.
    pub(crate) fn from_json(text: &str) -> Option<Self> {
        Json::parse(text).ok().as_ref().map(Self::from_sealed_json)
    }

    fn from_sealed_json(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Number(number.clone()),
            Json::Text(text) => Self::Text(text.clone()),
            Json::List(items) => Self::List(items.iter().map(Self::from_sealed_json).collect()),
            Json::Map(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), Self::from_sealed_json(value))).collect())
            }
        }
    }
}

/// `sealed` as a reader sees it: each token as [`SENSITIVE`].
pub(crate) fn reveal(sealed: &str) -> String {
    let mut shown = String::with_capacity(sealed.len());
    for character in sealed.chars() {
        if is_token(character) { shown.push_str(SENSITIVE) } else { shown.push(character) }
    }
    shown
}

/// Whether `character` is a token.
pub(crate) fn is_token(character: char) -> bool {
    u32::from(character) >= PLANE_15
}

/// Whether there may be a token in `text`, which is told faster than whether there is one: tokens take four bytes, of which the first is one
/// of these.
pub(crate) fn may_have_tokens(text: &str) -> bool {
    text.bytes().any(|byte| byte >= 0xF3)
}

/// Tokens in the text itself would be forged ones.
fn without_tokens(character: char) -> char {
    if is_token(character) { char::REPLACEMENT_CHARACTER } else { character }
}

/// The token of an identity. Past some 130,000 secrets the last token stands for all the others.
fn token(identity: u32) -> char {
    let code = if identity < PLANE_SIZE {
        PLANE_15 + identity
    } else {
        PLANE_16 + (identity - PLANE_SIZE).min(PLANE_SIZE - 1)
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests;
