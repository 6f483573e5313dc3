//! What a plan may not do: the causes of `fail-on`.

use std::collections::BTreeSet;

use crate::review::Resource;
use crate::risk::{Grade, Risk};
use crate::verb::Verb;

/// Why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// It has a risk of this grade.
    Grade(Grade),
    /// It destroys an object, replacements included.
    Destroy,
    /// It replaces an object.
    Replace,
    /// It changes a resource, or runs an action.
    Any,
}

/// The causes; without any nothing is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FailOn(BTreeSet<Cause>);

impl Cause {
    /// Parses a word of the input; `none` is no cause.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, &'static str> {
        Ok(Some(match text {
            "none" => return Ok(None),
            "data-loss" => Self::Grade(Grade::DataLoss),
            "exposure" => Self::Grade(Grade::Exposure),
            "downtime" => Self::Grade(Grade::Downtime),
            "rules" => Self::Grade(Grade::Rules),
            "destroy" => Self::Destroy,
            "replace" => Self::Replace,
            "any" => Self::Any,
            _ => return Err("not `data-loss`, `exposure`, `downtime`, `rules`, `destroy`, `replace`, `any` or `none`"),
        }))
    }
}

impl FailOn {
    /// All of these causes.
    pub(crate) fn new(causes: impl IntoIterator<Item = Option<Cause>>) -> Self {
        Self(causes.into_iter().flatten().collect())
    }

    /// Whether one of the causes is in the change. Nobody knows what an unknown action does.
    pub(crate) fn refuses(&self, resource: &Resource) -> bool {
        let is_unknown = matches!(resource.verb, Verb::Unknown(_));
        self.0.iter().any(|cause| match cause {
            _ if is_unknown => true,
            Cause::Grade(grade) => resource.risks.iter().any(|risk| risk.grade == *grade),
            Cause::Destroy => resource.verb.destroys(),
            Cause::Replace => resource.verb.replaces(),
            Cause::Any => !matches!(resource.verb, Verb::Nothing | Verb::Read | Verb::Open),
        })
    }

    /// Whether what is against a rule of one's own is refused.
    pub(crate) fn counts_rules(&self) -> bool {
        self.0.contains(&Cause::Grade(Grade::Rules))
    }

    /// Whether a provider's actions are refused: nobody knows what they do.
    pub(crate) fn refuses_actions(&self) -> bool {
        self.0.contains(&Cause::Any)
    }

    /// The risks of a refused change that are why, or all of them where its action is.
    pub(crate) fn reasons<'a>(&self, resource: &'a Resource) -> Vec<&'a Risk> {
        let is_named = |risk: &&Risk| self.0.contains(&Cause::Grade(risk.grade));
        let named: Vec<&Risk> = resource.risks.iter().filter(is_named).collect();
        if named.is_empty() { resource.risks.iter().collect() } else { named }
    }
}
