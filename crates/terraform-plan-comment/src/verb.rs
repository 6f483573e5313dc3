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
    /// Only the address changes, or the object only comes under management.
    Nothing,
    Create,
    Read,
    /// An ephemeral resource, which is there while the plan is applied and kept nowhere.
    Open,
}

/// What happens to ephemeral resources. OpenTofu 1.11 writes `open` for each of them, whatever else the plan does, and 1.12 leaves
/// them out (<https://github.com/opentofu/opentofu/pull/2985>); the other two are the rest of their life
/// (<https://opentofu.org/docs/language/ephemerality/ephemeral-resources/>).
const EPHEMERAL: [&str; 3] = ["open", "renew", "close"];

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

    /// The verb of the sealed actions of a resource of this mode.
    pub(crate) fn of_resource(mode: &str, actions: &[String]) -> Self {
        let is_of_life = |action: &String| EPHEMERAL.contains(&action.as_str());
        if mode == "ephemeral" && !actions.is_empty() && actions.iter().all(is_of_life) {
            return Self::Open;
        }
        Self::of(actions)
    }

    /// Whether an object is destroyed.
    pub(crate) fn destroys(&self) -> bool {
        match self {
            Self::Delete | Self::DeleteThenCreate | Self::CreateThenDelete => true,
            Self::Unknown(actions) => actions.iter().any(|action| action == "delete"),
            Self::CreateAndForget
            | Self::Forget
            | Self::Update
            | Self::Create
            | Self::Nothing
            | Self::Read
            | Self::Open => false,
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
            | Self::Read
            | Self::Open => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ephemeral_resources_are_opened() {
        let of = |mode: &str, actions: &[&str]| {
            Verb::of_resource(mode, &actions.iter().map(|action| (*action).to_owned()).collect::<Vec<_>>())
        };
        for actions in [&["open"][..], &["renew"], &["close"], &["open", "close"]] {
            assert_eq!(of("ephemeral", actions), Verb::Open, "{actions:?}");
            assert!(matches!(of("managed", actions), Verb::Unknown(_)), "{actions:?}");
            assert!(matches!(of("data", actions), Verb::Unknown(_)), "{actions:?}");
        }
        for actions in [&[][..], &["open", "delete"], &["evaporate"]] {
            assert!(matches!(of("ephemeral", actions), Verb::Unknown(_)), "{actions:?}");
        }
        assert_eq!(of("ephemeral", &["delete"]), Verb::Delete);
    }
}
