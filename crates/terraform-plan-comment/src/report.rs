//! What the run tells the world.

pub(crate) mod places;
mod protection;

use actions_core::{Annotation, Failure, Outputs, Report, SummaryRoom};
use serde_json::json;

use crate::apply::Outcome;
use crate::error::VerdictError;
use crate::inputs::Inputs;
use crate::markdown::{Frame, Limit, page, verdict};
use crate::marker::Name;
use crate::plan::Plan;
use crate::review::{PlanState, Resource, Review};

/// Kept free in the summary for its heading.
pub(crate) const HEADING_LENGTH: usize = 4 * 1024;

/// Kept free in the summary of a run that fails, which ends with the failure.
pub(crate) const FAILURE_LENGTH: usize = 20 * 1024;

/// At most this many addresses go into an output.
const MOST_ADDRESSES: usize = 100;

/// Reports the plan and what was written.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let name = inputs.destinations.name.as_ref().map(Name::as_str);
    let written = outcome.map(|outcome| (&outcome.places, &outcome.signed));
    let done = places::done(&plan.writes, written);
    let suffix = if done.is_empty() { done } else { format!("; {done}") };
    let prefix = name.map(|name| format!("{name}: ")).unwrap_or_default();
    let mut report = Report {
        verdict: format!("{prefix}{}{}{suffix}", stack(&plan.review), verdict(&plan.review)),
        outputs: outputs(plan, outcome),
        summary: plan.pages.summary.clone(),
        summary_room: room(inputs),
        ..Report::default()
    };
    if let Some((places, signed)) = written {
        report.annotations = places::annotations(places, signed);
        report.failure = places::refusal(places, signed).cloned();
    }
    report.annotations.extend(plan.review.log.annotations());
    report.annotations.extend(protection::overridden(&plan.review).map(Annotation::warning));
    match failure(plan) {
        Some(failure) => fail(report, failure),
        None => report,
    }
}

/// Why the plan fails the run, whatever was written.
pub(crate) fn failure(plan: &Plan) -> Option<Failure> {
    let errored = || (plan.review.state == PlanState::Errored).then(|| errored(&plan.review));
    plan.failure.clone().or_else(errored).or_else(|| protection::failure(&plan.review))
}

/// A plan that is not whole; its log may say why.
fn errored(review: &Review) -> Failure {
    let failure = Failure::from_error(&VerdictError::PlanErrored);
    match review.log.errors().next() {
        Some(first) => failure
            .why(first.summary.clone())
            .help("mend what Terraform says, and plan again; all of its errors are in the summary and in the log of this step"),
        None => failure,
    }
}

/// Which change set it is; nothing for a plan, which the action's name tells.
fn stack(review: &Review) -> String {
    review.stack.as_ref().map(|_| format!("{}: ", review.subject(str::to_owned))).unwrap_or_default()
}

/// A plan that fails does so whatever became of the comment: a refusal of GitHub is a warning then.
pub(crate) fn fail(mut report: Report, failure: Failure) -> Report {
    if let Some(refusal) = report.failure.replace(failure) {
        let help = refusal.help.map(|help| format!("; {help}")).unwrap_or_default();
        report.annotations.push(Annotation::warning(format!("{}{help}", refusal.message)).title(refusal.code));
    }
    report
}

fn outputs(plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let Review { counts, has_changes, .. } = &*plan.review;
    let places = outcome.map(|outcome| &outcome.places);
    if plan.failure.is_some() {
        // Of a plan that nobody read, nothing is known.
        return places::linked(Outputs::new(), places);
    }
    let outputs = Outputs::new()
        .with("has-changes", has_changes.to_string())
        .with("add", counts.add.to_string())
        .with("change", counts.change.to_string())
        .with("destroy", counts.destroy.to_string())
        .with("replace", counts.replace.to_string())
        .with("import", counts.import.to_string())
        .with("move", counts.moved.to_string())
        .with("forget", counts.forget.to_string());
    let mut outputs = places::linked(outputs, places)
        .with("risk", risk(&plan.review))
        .with("risk-refused", refused(&plan.review).collect::<Vec<_>>().join("\n"))
        .with("protected-destroyed", addresses(plan.review.protected()).join("\n"))
        .with("digest", plan.review.provenance.digest.as_str())
        .with("plan-sha256", plan.review.provenance.plan_sha256.clone().unwrap_or_default());
    let summary = json!({
        "verdict": verdict(&plan.review),
        "has-changes": has_changes,
        "state": plan.review.state,
        "counts": counts,
        "outputs": plan.review.outputs.len(),
        "drift": plan.review.drift.len(),
        "deferred": plan.review.deferred.len(),
        "failed-checks": plan.review.checks.iter().filter(|check| check.status != "unknown").count(),
        "risk": risk(&plan.review),
        "risk-refused": refused(&plan.review).take(MOST_ADDRESSES).collect::<Vec<_>>(),
        "digest": plan.review.provenance.digest,
        "destroyed": addresses(plan.review.destroyed().take(MOST_ADDRESSES)),
        "protected-destroyed": addresses(plan.review.protected().take(MOST_ADDRESSES)),
    });
    outputs.set_json("summary-json", &summary);
    outputs
}

/// The worst grade; nothing where no resource changes.
fn risk(review: &Review) -> &'static str {
    if review.resources.is_empty() { "" } else { review.grade().key() }
}

/// The addresses of what `fail-on` refuses.
fn refused(review: &Review) -> impl Iterator<Item = &str> {
    let actions = review.refused_actions().map(|run| run.address.as_str());
    review.refused().map(|resource| resource.address.as_str()).chain(actions)
}

fn addresses<'a>(resources: impl Iterator<Item = &'a Resource>) -> Vec<&'a str> {
    resources.map(|resource| resource.address.as_str()).collect()
}

/// What goes into the step summary.
pub(crate) fn summary(inputs: &Inputs, plan: &Plan) -> String {
    let name = inputs.destinations.name.as_ref().map(Name::as_str);
    let frame = Frame { name, has_page: inputs.html_file.is_some(), ..plan.frame() };
    page(&plan.review, &frame, Limit::Bytes(summary_length(plan, room(inputs))))
}

fn room(inputs: &Inputs) -> SummaryRoom {
    if inputs.destinations.targets.summary { SummaryRoom::Whole } else { SummaryRoom::Usual }
}

fn summary_length(plan: &Plan, room: SummaryRoom) -> usize {
    let review = &plan.review;
    let fails = plan.failure.is_some()
        || review.state == PlanState::Errored
        || review.protected().next().is_some()
        || review.is_refused();
    let failure = if fails { FAILURE_LENGTH } else { 0 };
    room.bytes() - HEADING_LENGTH - failure
}

#[cfg(test)]
mod tests;
