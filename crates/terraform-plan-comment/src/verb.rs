//! What happens to an object as a whole: one reading of the actions for all renderings.

use serde::{Deserialize, Serialize};

use crate::diff::shown;

/// What happens to an object; the order is that of danger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verb {
    Delete,
    DeleteThenCreate,
    CreateThenDelete,
    /// Replaced, and the old object is left alone.
    CreateAndForget,
    /// Actions that neither tool documents.
    Unknown(Vec<String>),
    Forget,
    Update,
    Create,
    /// Only the address changes, or the object only comes under management.
    Nothing,
    Read,
}

impl Verb {
    /// The verb of sealed actions.
    pub(crate) fn of(actions: &[String]) -> Self {
        let words: Vec<&str> = actions.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["no-op"] => Self::Nothing,
            ["create"] => Self::Create,
            ["read"] => Self::Read,
            ["update"] => Self::Update,
            ["delete"] => Self::Delete,
            ["forget"] => Self::Forget,
            ["delete", "create"] => Self::DeleteThenCreate,
            ["create", "delete"] => Self::CreateThenDelete,
            // OpenTofu writes them in the other order.
            ["create", "forget"] | ["forget", "create"] => Self::CreateAndForget,
            _ => Self::Unknown(actions.iter().map(|action| shown(action)).collect()),
        }
    }

    /// Whether an object is destroyed.
    pub(crate) fn destroys(&self) -> bool {
        match self {
            Self::Delete | Self::DeleteThenCreate | Self::CreateThenDelete => true,
            Self::Unknown(actions) => actions.iter().any(|action| action == "delete"),
            Self::CreateAndForget | Self::Forget | Self::Update | Self::Create | Self::Nothing | Self::Read => false,
        }
    }

    /// Whether an object is made, in place of another or not.
    pub(crate) fn creates(&self) -> bool {
        *self == Self::Create || self.replaces()
    }

    /// Whether a new object takes the place of another.
    pub(crate) fn replaces(&self) -> bool {
        match self {
            Self::DeleteThenCreate | Self::CreateThenDelete | Self::CreateAndForget => true,
            Self::Delete
            | Self::Unknown(_)
            | Self::Forget
            | Self::Update
            | Self::Create
            | Self::Nothing
            | Self::Read => false,
        }
    }
}
