//! What a plan does, ready to be shown: the model behind the Markdown, the outputs and `--output json`.
//!
//! Nothing of the plan is left out: an action, a reason or a status that no one has heard of is kept and shown as it is.

mod counts;
mod drift;

use actions_core::Failure;
use serde::{Deserialize, Serialize};

pub(crate) use counts::Counts;

use crate::change_set::{SetChange, Stack, risks};
use crate::diagnostic::Log;
use crate::diff::{Scope, attributes, on_one_line, shown};
use crate::document::{Change, Check, Document, Invocation, Output, Step};
use crate::guard::FailOn;
use crate::intent::Intent;
use crate::node::Node;
use crate::observe::NotPlanned;
use crate::parallel;
use crate::provenance::Provenance;
use crate::risk::{Doomed, Grade, Risk, Setting, is_strange};
use crate::sealed::Sealed;
use crate::source::Strays;
pub(crate) use crate::verb::Verb;

/// Terraform's and OpenTofu's reasons, in words.
pub(crate) const REASONS: [(&str, &str); 15] = [
    ("replace_because_cannot_update", "cannot be updated in place"),
    ("replace_because_tainted", "is tainted: its creation failed or someone marked it"),
    ("replace_by_request", "replacement was asked for with `-replace`"),
    ("replace_by_triggers", "`replace_triggered_by` names something that changes"),
    ("delete_because_no_resource_config", "is not in the configuration any more"),
    ("delete_because_no_module", "its module is not in the configuration any more"),
    ("delete_because_wrong_repetition", "its instance key fits neither `count` nor `for_each`"),
    ("delete_because_count_index", "its index is out of range for `count`"),
    ("delete_because_each_key", "its key is not in `for_each` any more"),
    ("delete_because_no_move_target", "it was moved to an address that is not in the configuration"),
    ("delete_because_enabled_false", "`enabled` is false"),
    ("read_because_config_unknown", "its configuration is not known yet"),
    ("read_because_dependency_pending", "something it depends on changes first"),
    ("read_because_check_nested", "a check needs its newest value"),
    ("forgot_because_lifecycle_destroy_in_config", "`destroy = false` is set in the configuration"),
];

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

/// How whole the plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PlanState {
    Complete,
    /// It leaves something out: `-target`, or deferred changes.
    Partial,
    /// It only records in the state what changed outside of Terraform.
    RefreshOnly,
    /// Planning failed on the way.
    Errored,
    /// There is no plan to show.
    Unplanned,
}

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

impl Review {
    /// Reviews a sealed plan.
    pub(crate) fn of(document: &Document) -> Self {
        let is_opened = |change: &&Change| Verb::of_resource(&change.mode, &change.actions) == Verb::Open;
        let (opened, changes): (Vec<&Change>, Vec<&Change>) = document.changes.iter().partition(is_opened);
        let (concerned, idle): (Vec<&Change>, Vec<&Change>) =
            changes.into_iter().partition(|change| is_concerned(change));
        let doomed = Doomed::of(&document.changes);
        let setting = Setting { doomed: &doomed, rules: &document.rules };
        let judged = |change: &&Change| {
            let change = *change;
            let resource = Resource::of(change, setting);
            let refused = !change.allowed && document.fail_on.refuses(&resource);
            let reasons = if refused { document.fail_on.reasons(&resource) } else { Vec::new() };
            let passes = !refused && !change.allowed;
            let is_unjudged =
                passes && resource.verb.destroys() && change.mode == "managed" && is_strange(&change.kind);
            (Resource { refused, refused_for: reasons.into_iter().cloned().collect(), ..resource }, is_unjudged)
        };
        let judged = parallel::map(&concerned, judged);
        let unjudged = judged
            .iter()
            .filter(|(_, is_unjudged)| *is_unjudged)
            .map(|(resource, _)| resource.address.clone())
            .collect();
        let mut resources: Vec<Resource> = judged.into_iter().map(|(resource, _)| resource).collect();
        resources.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        let outputs: Vec<OutputChange> = document.outputs.iter().filter_map(OutputChange::of).collect();
        let deferred: Vec<Deferred> =
            document.deferred.iter().map(|deferred| Deferred::of(deferred, setting)).collect();
        let invocations: Vec<ActionRun> =
            document.invocations.iter().map(|run| ActionRun::of(run, &document.fail_on)).collect();
        let stack = document.stack.as_ref().map(Stack::shown);
        let changes = !(resources.is_empty() && outputs.is_empty() && deferred.is_empty() && invocations.is_empty());
        let state = PlanState::of(document, changes);
        let (drift, irrelevant_drift) = drift::of(document);
        let (passed, failed): (Vec<&Check>, Vec<&Check>) =
            document.checks.iter().partition(|check| check.status == "pass");
        Self {
            terraform_version: document.terraform_version.as_deref().map(shown),
            is_of_opentofu: document.is_of_opentofu,
            has_changes: Self::does_anything(changes, state, stack.as_ref()),
            state,
            counts: Counts::of(&resources),
            resources,
            unchanged: idle.len(),
            outputs,
            drift,
            irrelevant_drift,
            deferred,
            invocations,
            opened: opened.into_iter().map(|change| on_one_line(&change.address)).collect(),
            unjudged,
            checks: failed.into_iter().map(CheckResult::of).collect(),
            checks_passed: passed.len(),
            unmarked_secrets: document.unmarked_secrets,
            masked_only: document.masked_only,
            says_sensitive: document.says_sensitive,
            overridden_by: None,
            provenance: document.provenance.clone(),
            stack,
            plans: document.plans,
            strays: document.strays.found(),
            log: document.log.shown(),
            unplanned: None,
        }
    }

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

    /// Of a plan that cannot be shown nothing is known but why, and what its log says. What the cause printed stays in the log: it may hold secrets.
    pub(crate) fn failed(NotPlanned { failure, log }: &NotPlanned) -> Self {
        let Failure { code, message, help, .. } = failure;
        let help = help.as_deref().map(shown);
        let why = Unplanned { code: shown(code), message: shown(message), help };
        Self { log: log.shown(), ..Self::unplanned(why) }
    }

    pub(crate) fn unplanned(why: Unplanned) -> Self {
        Self {
            terraform_version: None,
            is_of_opentofu: false,
            has_changes: false,
            state: PlanState::Unplanned,
            counts: Counts::default(),
            resources: Vec::new(),
            unchanged: 0,
            outputs: Vec::new(),
            drift: Vec::new(),
            irrelevant_drift: 0,
            deferred: Vec::new(),
            invocations: Vec::new(),
            opened: Vec::new(),
            unjudged: Vec::new(),
            checks: Vec::new(),
            checks_passed: 0,
            unmarked_secrets: 0,
            masked_only: 0,
            says_sensitive: true,
            overridden_by: None,
            provenance: Provenance::default(),
            stack: None,
            plans: None,
            strays: None,
            log: Log::default(),
            unplanned: Some(why),
        }
    }

    /// Whether applying it would do anything: also what it does not list.
    fn does_anything(changes: bool, state: PlanState, stack: Option<&Stack>) -> bool {
        changes || state == PlanState::RefreshOnly || stack.is_some_and(Stack::has_unlisted)
    }

    /// The same, with what follows from its parts counted and ordered anew: whoever wrote it may have written anything.
    pub(crate) fn recounted(mut self) -> Self {
        self.resources.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        self.counts = Counts::of(&self.resources);
        let changes = !(self.resources.is_empty()
            && self.outputs.is_empty()
            && self.deferred.is_empty()
            && self.invocations.is_empty());
        self.has_changes = Self::does_anything(changes, self.state, self.stack.as_ref());
        self.log.diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
        let log = std::mem::take(&mut self.log);
        let why = Unplanned { code: "unknown".to_owned(), message: "It does not say why.".to_owned(), help: None };
        let recounted = match (self.state, self.unplanned.take()) {
            // A plan that failed has nothing to show.
            (PlanState::Unplanned, why_not) => Self::unplanned(why_not.unwrap_or(why)),
            (_, Some(why_not)) => Self::unplanned(why_not),
            (_, None) => self,
        };
        Self { log, ..recounted }
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

impl PlanState {
    fn of(document: &Document, changes: bool) -> Self {
        if document.errored || document.log.has_errors() {
            Self::Errored
        } else if document.complete == Some(false) || !document.deferred.is_empty() {
            Self::Partial
        } else if Self::records_something(document) && (document.intent == Intent::RefreshOnly || !changes) {
            Self::RefreshOnly
        } else {
            Self::Complete
        }
    }

    /// Whether applying the plan changes the state. Terraform before 1.8 does not say so.
    fn records_something(document: &Document) -> bool {
        document.applyable.unwrap_or(document.intent == Intent::RefreshOnly && !document.drift.is_empty())
    }
}

impl Resource {
    /// What a reader should see first: what is destroyed, then what is risky.
    fn urgency(&self) -> impl Ord + '_ {
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

    fn of(change: &Change, setting: Setting<'_>) -> Self {
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

impl OutputChange {
    fn of(output: &Output) -> Option<Self> {
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
    fn of((reason, change): &(String, Change), setting: Setting<'_>) -> Self {
        Self { reason: shown(reason).replace('_', " "), resource: Resource::of(change, setting) }
    }
}

impl ActionRun {
    fn of(invocation: &Invocation, fail_on: &FailOn) -> Self {
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
    fn of(check: &Check) -> Self {
        Self {
            address: shown(&check.address),
            status: shown(&check.status),
            problems: check.problems.iter().map(|problem| shown(problem)).collect(),
        }
    }
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

/// Whether anything happens: an action, a move or an import. A data source is never deleted from anywhere but the state.
fn is_concerned(change: &Change) -> bool {
    let idle = change.actions == ["no-op"] || (change.mode == "data" && change.actions == ["delete"]);
    !idle || change.import.is_some() || change.previous_address.is_some()
}

fn reason(change: &Change, verb: &Verb) -> Option<String> {
    if change.deposed.is_some() {
        return Some("is left over from a replacement that did not finish".to_owned());
    }
    let reason = change.reason.as_deref()?;
    if *verb == Verb::Forget && reason == "delete_because_no_resource_config" {
        return Some("a `removed` block takes it out of the state".to_owned());
    }
    let words = REASONS.iter().find(|(known, _)| *known == reason).map(|(_, words)| (*words).to_owned());
    words.or_else(|| Some(shown(reason).replace('_', " ")))
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

#[cfg(test)]
mod tests;
