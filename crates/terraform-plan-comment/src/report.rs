//! What the run tells the world.

mod protection;

use actions_core::{Annotation, Outputs, Report};
use serde_json::json;

use crate::apply::{Outcome, Written};
use crate::inputs::Inputs;
use crate::markdown::{Frame, Limit, page, verdict};
use crate::plan::{Plan, Write};
use crate::review::{Resource, Review};

/// The step summary may hold 64 KiB; its heading takes some of them.
const LONGEST_SUMMARY: usize = 60 * 1024;

/// Kept free in the summary of a run that fails, which ends with the failure.
const FAILURE_LENGTH: usize = 20 * 1024;

/// At most this many addresses go into an output.
const MOST_ADDRESSES: usize = 100;

/// Reports the plan and what was written.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let name = inputs.name.as_ref().map(|name| format!("{}: ", name.as_str())).unwrap_or_default();
    let frame = Frame {
        name: inputs.name.as_ref().map(crate::marker::Name::as_str),
        has_page: inputs.html_file.is_some(),
        ..plan.frame()
    };
    let done = done(&plan.write, outcome);
    let suffix = if done.is_empty() { done } else { format!("; {done}") };
    let mut report = Report {
        verdict: format!("{name}{}{}{}", stack(&plan.review), verdict(&plan.review), suffix),
        outputs: outputs(plan, outcome),
        summary: page(&plan.review, &frame, Limit::Bytes(summary_length(&plan.review))),
        ..Report::default()
    };
    if let Some(Outcome { written, .. }) = outcome {
        annotate(&mut report, written);
    }
    report.annotations.extend(protection::overridden(&plan.review).map(Annotation::warning));
    protect(report, &plan.review)
}

/// Which change set it is; nothing for a plan, which the action's name tells.
fn stack(review: &Review) -> String {
    review.stack.as_ref().map(|_| format!("{}: ", review.subject(str::to_owned))).unwrap_or_default()
}

/// A plan that destroys what is protected fails, whatever became of the comment: a refusal of GitHub is a warning then.
fn protect(mut report: Report, review: &Review) -> Report {
    let Some(failure) = protection::failure(review) else { return report };
    if let Some(refusal) = report.failure.replace(failure) {
        let help = refusal.help.map(|help| format!("; {help}")).unwrap_or_default();
        report.annotations.push(Annotation::warning(format!("{}{help}", refusal.message)).title(refusal.code));
    }
    report
}

fn annotate(report: &mut Report, written: &Written) {
    match written {
        Written::Nothing { why } if why.contains("pull request") => {
            report
                .annotations
                .push(Annotation::notice(format!("{why}, so no comment was written; a step summary has the plan")));
        }
        Written::Refused { failure, is_fork: true } => {
            let text = format!(
                "{}: the token of a run for a fork may only read. The plan is in the step summary. To comment on pull \
                 requests from forks, write the comment from a workflow on `workflow_run`",
                failure.message
            );
            report.annotations.push(Annotation::warning(text));
        }
        Written::Refused { failure, is_fork: false } => report.failure = Some(failure.clone()),
        Written::Superseded { newer_run } => {
            let text =
                format!("run {newer_run} is newer than this one and has written its plan already, so it was kept");
            report.annotations.push(Annotation::warning(text));
        }
        Written::Nothing { .. } | Written::Created | Written::Updated | Written::Unchanged => {}
    }
}

/// What was done with the pull request, or on a dry run would be; empty where nothing was to be done.
fn done(write: &Write, outcome: Option<&Outcome>) -> String {
    let thing = match write {
        Write::UpdateBody { .. } | Write::KeepBody { .. } | Write::Superseded { id: None, .. } => "body",
        _ => "comment",
    };
    let Some(outcome) = outcome else {
        return match write {
            Write::Nothing { .. } => String::new(),
            Write::CreateComment { pull_request, .. } => format!("would comment on pull request #{pull_request}"),
            Write::UpdateComment { id, .. } => format!("would update comment {id}"),
            Write::UpdateBody { pull_request, .. } => format!("would update the body of pull request #{pull_request}"),
            Write::KeepComment { .. } | Write::KeepBody { .. } => format!("the {thing} says so already"),
            Write::Superseded { .. } => format!("the {thing} of a newer run would be kept"),
            Write::Refused { .. } => "the pull request cannot be read".to_owned(),
        };
    };
    match &outcome.written {
        Written::Nothing { .. } => String::new(),
        Written::Created => format!("{thing} created"),
        Written::Updated => format!("{thing} updated"),
        Written::Unchanged => format!("the {thing} says so already"),
        Written::Superseded { .. } => format!("the {thing} of a newer run was kept"),
        Written::Refused { .. } => "the pull request could not be written to".to_owned(),
    }
}

fn outputs(plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let Review { counts, has_changes, .. } = &plan.review;
    let id = outcome.and_then(|outcome| outcome.comment_id).map(|id| id.to_string()).unwrap_or_default();
    let url = outcome.and_then(|outcome| outcome.url.clone()).unwrap_or_default();
    let mut outputs = Outputs::new()
        .with("has-changes", has_changes.to_string())
        .with("add", counts.add.to_string())
        .with("change", counts.change.to_string())
        .with("destroy", counts.destroy.to_string())
        .with("replace", counts.replace.to_string())
        .with("import", counts.import.to_string())
        .with("move", counts.moved.to_string())
        .with("forget", counts.forget.to_string())
        .with("comment-id", id)
        .with("comment-url", url)
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

fn summary_length(review: &Review) -> usize {
    let fails = review.protected().next().is_some() || review.is_refused();
    let failure = if fails { FAILURE_LENGTH } else { 0 };
    LONGEST_SUMMARY - failure
}

#[cfg(test)]
mod tests;
