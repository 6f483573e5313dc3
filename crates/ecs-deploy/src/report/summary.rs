//! The step summary below the verdict: the cause of a bad end, the facts, the evidence, the rollout's timeline, and what changed.

pub(crate) mod cause;
mod services;

use actions_core::markdown::{Cell, code, details, escape, fence, prose, table};

use crate::names::revision_name;
use crate::next::section;
use crate::outcome::{Outcome, ServiceOutcome};
use crate::plan::{ContainerImage, Plan, ServicePlan};
use crate::preflight::{Finding, lines};
use crate::report::timeline::timeline;
use crate::report::{duration, notices};
use crate::restore::Fallback;
use crate::run_task;
use crate::task_definition::Change;

/// Of one service: the cause of a bad end, and the evidence for it; both empty after a good one.
pub(crate) fn evidence(services: &[ServiceOutcome]) -> (String, String) {
    let diagnosis = services.iter().find_map(|service| service.diagnosis.as_ref());
    let joined = |diagnosis| {
        let parts = cause::evidence(diagnosis).into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("\n")
    };
    diagnosis.map_or_else(Default::default, |diagnosis| (cause::headline(diagnosis), joined(diagnosis)))
}

/// The whole summary.
pub(super) fn summary(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let services = outcome.map_or(&[][..], |outcome| &outcome.services);
    let diagnosed: Vec<_> =
        services.iter().filter_map(|service| Some((&*service.service, service.diagnosis.as_ref()?))).collect();
    let mut parts: Vec<String> =
        diagnosed.iter().map(|(service, diagnosis)| of_several(plan, service, cause::headline(diagnosis))).collect();
    parts.push(facts(plan, outcome));
    parts.push(notices::list(plan, outcome));
    parts.extend(outcome.and_then(|outcome| outcome.task.as_ref()).into_iter().flat_map(run_task::report::parts));
    for (service, diagnosis) in &diagnosed {
        let evidence = cause::evidence(diagnosis).into_iter().filter(|part| !part.is_empty());
        parts.push(of_several(plan, service, evidence.collect::<Vec<_>>().join("\n")));
    }
    parts.push(outcome.map_or_else(String::new, |outcome| section(services, &plan.cluster, &outcome.task_definition)));
    parts.push(moved(outcome));
    parts.push(foreseen(&plan.foreseen));
    parts.extend([timeline(services), images(plan), changes(plan), preflight(&plan.preflight, None)]);
    for service in &plan.services {
        if let Some(link) = &service.console {
            let of = if plan.services.len() > 1 { format!(" of {}", escape(&service.service)) } else { String::new() };
            parts.push(format!("[Deployments{of} in the AWS console](<{link}>)\n"));
        }
    }
    parts.retain(|part| !part.is_empty());
    // What follows is no part of a folded section's HTML.
    parts.join("\n") + "\n"
}

/// What became of rules and schedules.
pub(crate) fn moved(outcome: Option<&Outcome>) -> String {
    let lines = outcome.iter().flat_map(|outcome| {
        let revision = revision_name(&outcome.task_definition);
        outcome.moved.iter().map(move |moved| format!("- {}\n", escape(&moved.line(revision))))
    });
    lines.collect()
}

/// What would be done to rules, schedules and old revisions.
pub(crate) fn foreseen(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {}\n", prose(line))).collect::<Vec<_>>().concat()
}

/// Of several services, `part` below the name of its own.
fn of_several(plan: &Plan, service: &str, part: String) -> String {
    if part.is_empty() || plan.services.len() < 2 { part } else { format!("**{}**\n\n{part}", escape(service)) }
}

fn facts(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut rows = Vec::new();
    let mut row = |name: &str, cell: Cell| rows.push(vec![Cell::text(name), cell]);
    if let [only] = plan.services.as_slice() {
        row("Service", Cell::code(&only.service));
    }
    if !plan.services.is_empty() {
        row("Cluster", Cell::code(&plan.cluster));
    }
    row("Task definition", Cell::Markdown(revisions(plan, outcome)));
    if outcome.is_none() {
        for (name, cell) in fallbacks(plan) {
            row(&name, cell);
        }
    }
    if let Some(outcome) = outcome {
        if let [only] = outcome.services.as_slice() {
            if !only.deployment.is_empty() {
                row("Deployment", Cell::code(&only.deployment));
            }
            if let Some(restored) = &only.restored {
                let good = only
                    .good
                    .as_deref()
                    .map(|good| format!("; the last that was successful is {}", code(revision_name(good))));
                row("Restored", Cell::Markdown(code(revision_name(restored)) + &good.unwrap_or_default()));
            }
        }
        row("Verdict", Cell::text(outcome.word()));
        for (name, cell) in outcome.task.iter().flat_map(run_task::report::rows) {
            row(name, cell);
        }
        row("Duration", Cell::text(duration(outcome.seconds)));
    }
    let services = outcome.map_or_else(|| services::planned(plan), |outcome| services::ended(plan, outcome));
    format!("{}{services}", table(&["", ""], &rows))
}

/// Where each service would go back to, where that was asked for.
fn fallbacks(plan: &Plan) -> Vec<(String, Cell)> {
    let several = plan.services.len() > 1;
    let of = |service: &ServicePlan| {
        let name = if several { format!(" ({})", service.service) } else { String::new() };
        let would = match service.fallback.as_ref()? {
            Fallback::To(to) => format!("back to {}", code(revision_name(to))),
            Fallback::Unknown(why) => format!("ECS may roll it back; else it stays: {}", escape(why)),
            Fallback::Nothing(why) => format!("it stays: {}", escape(why)),
        };
        Some((format!("{}{name}", occasions(plan)), Cell::Markdown(would)))
    };
    plan.services.iter().filter_map(of).collect()
}

/// When it would.
fn occasions(plan: &Plan) -> String {
    let words = plan.remedies.iter().map(|input| match *input {
        "on-timeout" => "takes too long",
        "on-cancel" => "is cancelled",
        _ => "fails",
    });
    format!("If it {}", words.collect::<Vec<_>>().join(" or "))
}

/// `shop:41` -> `shop:42`, as far as both are known. What several services run is told of each.
fn revisions(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let aim = services::aim(plan, outcome);
    match plan.services.as_slice() {
        [only] => services::way(&only.previous, &aim),
        _ => aim,
    }
}

fn images(plan: &Plan) -> String {
    let rows: Vec<Vec<Cell>> =
        plan.images.iter().map(|image| vec![Cell::code(&image.container), Cell::Markdown(image_cell(image))]).collect();
    table(&["Container", &format!("Image{}", services::compared(plan))], &rows)
}

fn image_cell(image: &ContainerImage) -> String {
    match &image.before {
        Some(before) if *before != image.after => format!("{} → {}", code(before), code(&image.after)),
        _ => code(&image.after),
    }
}

/// What was found before anything was changed, of a service where its name is given; folded where all of it is well.
pub(crate) fn preflight(findings: &[Finding], service: Option<&str>) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let lines = lines(findings);
    let failed = findings.iter().filter(|finding| finding.problem().is_some()).count();
    let passed = findings.iter().filter(|finding| finding.has_passed()).count();
    let unknown = findings.len() - failed - passed;
    let of = service.map_or_else(String::new, |name| format!(" of {}", escape(name)));
    let title = format!("Preflight{of}: {passed} passed, {failed} failed, {unknown} not known");
    let fenced = fence("text", &lines.join("\n"));
    if failed == 0 { details(&title, &fenced) } else { format!("**{title}**\n\n{fenced}") }
}

fn changes(plan: &Plan) -> String {
    if plan.changes.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = plan.changes.iter().map(Change::line).collect();
    let title = format!("Changed fields ({}){}", lines.len(), services::compared(plan));
    details(&title, &fence("text", &lines.join("\n")))
}
