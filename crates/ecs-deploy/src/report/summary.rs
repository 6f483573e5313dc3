//! The step summary below the verdict.

use actions_core::markdown::{Cell, code, details, escape, fence, table};

use crate::diagnosis::Diagnosis;
use crate::names::revision_name;
use crate::outcome::Outcome;
use crate::plan::{ContainerImage, Plan, Registration};
use crate::report::duration;

/// The whole summary.
pub(super) fn summary(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut parts = vec![facts(plan, outcome), images(plan), changes(plan)];
    if let Some(diagnosis) = outcome.and_then(|outcome| outcome.diagnosis.as_ref()) {
        parts.push(stopped(diagnosis));
        parts.push(events(diagnosis));
    }
    if let Some(link) = &plan.console {
        parts.push(format!("[Deployments in the AWS console](<{link}>)\n"));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn facts(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut rows = Vec::new();
    let mut row = |name: &str, cell: Cell| rows.push(vec![Cell::text(name), cell]);
    if let Some(service) = &plan.service {
        row("Service", Cell::code(service));
        row("Cluster", Cell::code(&plan.cluster));
    }
    row("Task definition", Cell::Markdown(revisions(plan, outcome)));
    if let Some(outcome) = outcome {
        if !outcome.deployment.is_empty() {
            row("Deployment", Cell::code(&outcome.deployment));
        }
        if let Some(restored) = &outcome.restored {
            row("Restored", Cell::code(revision_name(restored)));
        }
        row("Verdict", Cell::text(outcome.verdict.as_str()));
        row("Duration", Cell::text(duration(outcome.seconds)));
    }
    table(&["", ""], &rows)
}

/// `shop:41` -> `shop:42`, as far as both are known.
fn revisions(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let now = match (outcome, &plan.registration) {
        (Some(outcome), _) => code(revision_name(&outcome.task_definition)),
        (None, Registration::Reuse(arn)) => code(revision_name(arn)),
        (None, Registration::New) => format!("a new revision of {}", code(&plan.family)),
    };
    match plan.previous.as_deref().map(|arn| code(revision_name(arn))) {
        Some(before) if before != now => format!("{before} → {now}"),
        _ => now,
    }
}

fn images(plan: &Plan) -> String {
    let rows: Vec<Vec<Cell>> =
        plan.images.iter().map(|image| vec![Cell::code(&image.container), Cell::Markdown(image_cell(image))]).collect();
    table(&["Container", "Image"], &rows)
}

fn image_cell(image: &ContainerImage) -> String {
    match &image.before {
        Some(before) if *before != image.after => format!("{} → {}", code(before), code(&image.after)),
        _ => code(&image.after),
    }
}

fn changes(plan: &Plan) -> String {
    if plan.changes.is_empty() {
        return String::new();
    }
    let lines: Vec<String> =
        plan.changes.iter().map(|change| format!("{} {}", change.kind.sign(), change.path)).collect();
    let title = format!("Changed fields ({})", lines.len());
    details(&title, &fence("text", &lines.join("\n")))
}

fn stopped(diagnosis: &Diagnosis) -> String {
    let rows: Vec<Vec<Cell>> = diagnosis
        .stopped
        .iter()
        .map(|group| {
            let containers: Vec<String> =
                group.cause.containers.iter().map(|container| escape(&container.describe())).collect();
            vec![
                Cell::text(group.count.to_string()),
                Cell::code(&group.cause.stop_code),
                Cell::text(&group.cause.reason),
                Cell::Markdown(containers.join("<br>")),
            ]
        })
        .collect();
    table(&["Stopped tasks", "Code", "Reason", "Containers"], &rows)
}

fn events(diagnosis: &Diagnosis) -> String {
    if diagnosis.events.is_empty() {
        return String::new();
    }
    let title = format!("Service events since the start ({})", diagnosis.events.len());
    details(&title, &fence("text", &diagnosis.events.join("\n")))
}
