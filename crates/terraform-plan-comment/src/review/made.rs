//! How a review is made: of a sealed plan, of a plan that cannot be shown, of a review that somebody wrote.

use actions_core::Failure;

use super::resource::is_concerned;
use super::{ActionRun, CheckResult, Counts, Deferred, OutputChange, PlanState, Resource, Review, Unplanned, drift};
use crate::change_set::Stack;
use crate::diagnostic::Log;
use crate::diff::{on_one_line, shown};
use crate::document::{Change, Check, Document};
use crate::observe::NotPlanned;
use crate::parallel;
use crate::provenance::Provenance;
use crate::risk::{Doomed, Setting, is_strange};
use crate::verb::Verb;

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
}
