//! A resource that something happens to.

use serde::{Deserialize, Serialize};

use super::reason::reason;
use crate::change_set::{SetChange, risks};
use crate::diff::{Scope, attributes, on_one_line, shown};
use crate::document::{Change, Step};
use crate::node::Node;
use crate::risk::{Grade, Risk, Setting};
use crate::verb::Verb;

/// A resource that something happens to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Resource {
    pub(crate) address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deposed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved_from: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) verb: Verb,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The id of the object that is imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) import: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) generates_configuration: bool,
    /// The attributes that force the replacement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) forced_by: Vec<String>,
    /// Whether it is destroyed although `fail-on-destroy` names it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) protected: bool,
    /// Whether `fail-on` refuses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) refused: bool,
    /// The risks that it is refused for; none where its action is why.
    #[serde(skip)]
    pub(crate) refused_for: Vec<Risk>,
    /// What it puts at risk, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) risks: Vec<Risk>,
    /// What a change set says of it besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) set: Option<SetChange>,
    pub(crate) attributes: Vec<Node>,
}

impl Resource {
    /// What a reader should see first: what is destroyed, then what is risky.
    pub(super) fn urgency(&self) -> impl Ord + '_ {
        (!self.verb.destroys(), self.grade(), &self.verb, natural(&self.address), &self.deposed)
    }

    /// Whether it is only possible that a new object takes its place.
    pub(crate) fn may_be_kept(&self) -> bool {
        self.set.as_ref().is_some_and(SetChange::may_be_kept)
    }

    /// How bad the change can be.
    pub(crate) fn grade(&self) -> Grade {
        self.risks.first().map_or(Grade::Routine, |risk| risk.grade)
    }

    pub(super) fn of(change: &Change, setting: Setting<'_>) -> Self {
        let verb = Verb::of_resource(&change.mode, &change.actions);
        let may_be_kept = change.set.as_ref().is_some_and(SetChange::may_be_kept);
        let scope = Scope::resource(if may_be_kept { &[] } else { &change.replace_paths });
        // Terraform leaves a forgotten object as it is: showing its attributes as removed would say the opposite.
        let after = if verb == Verb::Forget { change.before.as_ref() } else { change.after.as_ref() };
        Self {
            address: on_one_line(&change.address),
            deposed: change.deposed.as_deref().map(shown),
            moved_from: change.previous_address.as_deref().filter(|old| *old != change.address).map(shown),
            kind: shown(&change.kind),
            reason: reason(change, &verb),
            import: change.import.as_deref().map(shown),
            generates_configuration: change.generates_configuration,
            forced_by: change.replace_paths.iter().map(|path| path_text(path)).collect(),
            // The object that a deposed one was left over from is still there.
            protected: change.guarded && change.deposed.is_none() && verb.destroys(),
            refused: false,
            refused_for: Vec::new(),
            risks: risks(change, &verb, setting),
            set: change.set.as_ref().map(SetChange::shown),
            attributes: attributes(change.before.as_ref(), after, &scope),
            verb,
        }
    }
}

/// Whether anything happens: an action, a move or an import. A data source is never deleted from anywhere but the state.
pub(super) fn is_concerned(change: &Change) -> bool {
    let idle = change.actions == ["no-op"] || (change.mode == "data" && change.actions == ["delete"]);
    !idle || change.import.is_some() || change.previous_address.is_some()
}

/// An address with its numbers as numbers, so that `a[2]` stands before `a[10]`.
fn natural(address: &str) -> (Vec<(&str, u64)>, &str) {
    let mut parts = Vec::new();
    let mut rest = address;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let (text, from) = rest.split_at(start);
        let end = from.find(|character: char| !character.is_ascii_digit()).unwrap_or(from.len());
        parts.push((text, from[..end].parse().unwrap_or(u64::MAX)));
        rest = &from[end..];
    }
    parts.push((rest, 0));
    (parts, address)
}

/// A path as it is written in the configuration.
fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) if key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') => {
                text.push_str(&format!(".{key}"));
            }
            Step::Key(key) => text.push_str(&format!("[\"{key}\"]")),
        }
    }
    shown(&text)
}
