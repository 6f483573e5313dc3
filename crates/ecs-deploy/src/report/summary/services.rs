//! Several services in the step summary: a row for each, as each may come from another revision.

use actions_core::markdown::{Cell, code, table};

use crate::names::revision_name;
use crate::outcome::{Outcome, ServiceOutcome};
use crate::plan::{Plan, Registration, ServicePlan};

/// What is deployed, or would be.
pub(super) fn aim(plan: &Plan, outcome: Option<&Outcome>) -> String {
    match (outcome, &plan.registration) {
        (Some(outcome), _) => code(revision_name(&outcome.task_definition)),
        (None, Registration::Reuse(arn)) => code(revision_name(arn)),
        (None, Registration::New) => format!("a new revision of {}", code(&plan.family)),
    }
}

/// `shop:41` -> `shop:42`.
pub(super) fn way(previous: &str, aim: &str) -> String {
    let before = code(revision_name(previous));
    if before == aim { before } else { format!("{before} → {aim}") }
}

/// What would be done to each; empty for one alone.
pub(super) fn planned(plan: &Plan) -> String {
    let row = |service: &ServicePlan| {
        let what = if service.update.is_some() { "would be updated" } else { "would be left" };
        vec![Cell::code(&service.service), Cell::Markdown(way(&service.previous, &aim(plan, None))), Cell::text(what)]
    };
    several(&["Service", "Task definition", "What"], &plan.services.iter().map(row).collect::<Vec<_>>())
}

/// How each ended; empty for one alone.
pub(super) fn ended(plan: &Plan, outcome: &Outcome) -> String {
    let row = |service: &ServiceOutcome| {
        vec![
            Cell::code(&service.service),
            Cell::Markdown(way(&service.previous, &aim(plan, Some(outcome)))),
            Cell::text(service.verdict.as_str()),
            Cell::code(&service.deployment),
            Cell::code(revision_name(service.restored.as_deref().unwrap_or_default())),
            Cell::text(&service.reason),
        ]
    };
    let headers = ["Service", "Task definition", "Verdict", "Deployment", "Restored", "Reason"];
    several(&headers, &outcome.services.iter().map(row).collect::<Vec<_>>())
}

/// Whose revision images and fields are compared with, where the services run different ones.
pub(super) fn compared(plan: &Plan) -> String {
    let Some(first) = plan.services.first() else { return String::new() };
    if plan.services.iter().all(|service| service.previous == first.previous) {
        return String::new();
    }
    format!(", compared with {} of {}", revision_name(&first.previous), first.service)
}

fn several(headers: &[&str], rows: &[Vec<Cell>]) -> String {
    if rows.len() < 2 { String::new() } else { format!("\n{}", table(headers, rows)) }
}
