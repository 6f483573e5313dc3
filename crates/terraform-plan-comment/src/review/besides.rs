//! What a plan does besides changing resources: outputs, what it leaves to later plans, the actions it runs, the checks.

use serde::{Deserialize, Serialize};

use super::Resource;
use crate::diff::{Scope, attributes, shown};
use crate::document::{Change, Check, Invocation, Output};
use crate::guard::FailOn;
use crate::node::Node;
use crate::risk::Setting;
use crate::sealed::Sealed;
use crate::verb::Verb;

/// An output that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct OutputChange {
    pub(crate) name: String,
    pub(crate) verb: Verb,
    pub(crate) value: Option<Node>,
}

/// A change that a later plan will make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Deferred {
    pub(crate) reason: String,
    pub(crate) resource: Resource,
}

/// A provider's action that the apply runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ActionRun {
    pub(crate) address: String,
    /// When it runs.
    pub(crate) when: String,
    /// Whether a later plan runs it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deferred: bool,
    /// Its configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attributes: Vec<Node>,
    /// Whether `fail-on` refuses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) refused: bool,
}

/// A check that did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct CheckResult {
    pub(crate) address: String,
    pub(crate) status: String,
    pub(crate) problems: Vec<String>,
}

impl OutputChange {
    pub(super) fn of(output: &Output) -> Option<Self> {
        let verb = Verb::of(&output.actions);
        if verb == Verb::Nothing {
            return None;
        }
        // An output that becomes null is removed; one that was null is new.
        let absent = |value: &Option<Sealed>| value.clone().filter(|value| *value != Sealed::Null);
        let (before, after) = (absent(&output.before), absent(&output.after));
        let value = crate::diff::value(Some(&output.name), before.as_ref(), after.as_ref(), &Scope::resource(&[]));
        Some(Self { name: shown(&output.name), verb, value })
    }
}

impl Deferred {
    pub(super) fn of((reason, change): &(String, Change), setting: Setting<'_>) -> Self {
        Self { reason: shown(reason).replace('_', " "), resource: Resource::of(change, setting) }
    }
}

impl ActionRun {
    pub(super) fn of(invocation: &Invocation, fail_on: &FailOn) -> Self {
        let when = match (&invocation.event, &invocation.trigger) {
            (Some(event), Some(resource)) => format!("{} of {}", spaced(event), resource),
            (None, Some(resource)) => format!("with {resource}"),
            _ => "on its own".to_owned(),
        };
        let deferred = if invocation.deferred { ", deferred to a later plan" } else { "" };
        let refused = fail_on.refuses_actions() && !invocation.deferred;
        Self {
            address: shown(&invocation.address),
            when: format!("{}{deferred}", shown(&when)),
            deferred: invocation.deferred,
            attributes: attributes(None, invocation.configuration.as_ref(), &Scope::resource(&[])),
            refused,
        }
    }
}

impl CheckResult {
    pub(super) fn of(check: &Check) -> Self {
        Self {
            address: shown(&check.address),
            status: shown(&check.status),
            problems: check.problems.iter().map(|problem| shown(problem)).collect(),
        }
    }
}

/// `BeforeCreate` as `before create`.
fn spaced(event: &str) -> String {
    let mut words = String::new();
    for character in event.chars() {
        if character.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(character.to_lowercase());
    }
    words
}
