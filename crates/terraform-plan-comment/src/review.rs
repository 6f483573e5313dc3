//! What a plan does, ready to be shown: the model behind the Markdown, the outputs and `--output json`.
//!
//! Nothing of the plan is left out: an action, a reason or a status that no one has heard of is kept and shown as it is.

mod besides;
mod counts;
mod drift;
mod made;
mod reason;
mod resource;
mod state;

use serde::{Deserialize, Serialize};

pub(crate) use besides::{ActionRun, CheckResult, Deferred, OutputChange};
pub(crate) use counts::Counts;
pub(crate) use reason::REASONS;
pub(crate) use resource::Resource;
pub(crate) use state::PlanState;

use crate::change_set::Stack;
use crate::diagnostic::Log;
use crate::provenance::Provenance;
use crate::risk::Grade;
use crate::source::Strays;
pub(crate) use crate::verb::Verb;

/// The whole plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Review {
    pub(crate) terraform_version: Option<String>,
    /// Whether it is of OpenTofu, and that its version.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_of_opentofu: bool,
    pub(crate) has_changes: bool,
    pub(crate) state: PlanState,
    pub(crate) counts: Counts,
    /// The resources that something happens to, the most dangerous first.
    pub(crate) resources: Vec<Resource>,
    /// How many resources nothing happens to.
    pub(crate) unchanged: usize,
    pub(crate) outputs: Vec<OutputChange>,
    /// What changed outside of Terraform and matters to this plan.
    pub(crate) drift: Vec<Resource>,
    /// Drift that this plan does not depend on.
    pub(crate) irrelevant_drift: usize,
    pub(crate) deferred: Vec<Deferred>,
    pub(crate) invocations: Vec<ActionRun>,
    /// The addresses of ephemeral resources, which are opened while the plan is applied and kept nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) opened: Vec<String>,
    /// The addresses of objects that are destroyed, neither allowed nor refused, though nobody knows what they hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unjudged: Vec<String>,
    /// Checks that did not pass.
    pub(crate) checks: Vec<CheckResult>,
    pub(crate) checks_passed: usize,
    /// Secrets hidden where Terraform does not mark them.
    pub(crate) unmarked_secrets: usize,
    /// Marked values that are hidden where they are marked and nowhere else: short texts, and what is no text.
    #[serde(default)]
    pub(crate) masked_only: usize,
    pub(crate) says_sensitive: bool,
    /// What lets pass what `fail-on` refuses, in prose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overridden_by: Option<String>,
    #[serde(flatten)]
    pub(crate) provenance: Provenance,
    /// The stack, where it is a change set of `CloudFormation`'s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stack: Option<Stack>,
    /// How many plans it is of, where the file held several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) plans: Option<usize>,
    /// What speaks of an error beside the plan in its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) strays: Option<Strays>,
    /// What the plan's log says.
    #[serde(flatten)]
    pub(crate) log: Log,
    /// Why there is no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unplanned: Option<Unplanned>,
}

/// Why a plan cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Unplanned {
    pub(crate) code: String,
    /// In plain words, with code in backticks.
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
}

impl Review {
    /// What is shown, as a heading names it; the stack's name is escaped by `code`.
    pub(crate) fn subject(&self, code: impl Fn(&str) -> String) -> String {
        match &self.stack {
            None => "Terraform plan".to_owned(),
            Some(stack) => format!("CloudFormation change set of {}", code(&stack.name)),
        }
    }

    /// The name of the tool that made the plan.
    pub(crate) fn product(&self) -> &'static str {
        if self.is_of_opentofu { "OpenTofu" } else { "Terraform" }
    }

    /// What is said where nothing changes.
    pub(crate) fn nothing_changes(&self) -> &'static str {
        match self.stack {
            None => "No changes. The infrastructure matches the configuration.",
            Some(_) => "No changes. The stack is as the template says.",
        }
    }

    /// Addresses of the objects that will be destroyed, replacements included.
    pub(crate) fn destroyed(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|resource| resource.verb.destroys())
    }

    /// The changes that `fail-on` refuses.
    pub(crate) fn refused(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|resource| resource.refused)
    }

    /// The actions that `fail-on` refuses.
    pub(crate) fn refused_actions(&self) -> impl Iterator<Item = &ActionRun> {
        self.invocations.iter().filter(|run| run.refused)
    }

    /// Whether `fail-on` refuses anything.
    pub(crate) fn is_refused(&self) -> bool {
        self.refused().next().is_some() || self.refused_actions().next().is_some()
    }

    /// The worst grade of its changes.
    pub(crate) fn grade(&self) -> Grade {
        self.resources.iter().map(Resource::grade).min().unwrap_or(Grade::Routine)
    }

    /// The destroyed objects that `fail-on-destroy` names.
    pub(crate) fn protected(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|resource| resource.protected)
    }
}

#[cfg(test)]
mod tests;
