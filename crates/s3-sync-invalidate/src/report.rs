//! What a run tells: verdict, outputs, summary, annotations. Pure.

use std::collections::BTreeSet;

use actions_core::markdown::{Cell, code, details, escape, table};
use actions_core::{Annotation, Outputs, Report};

use crate::apply::Outcome;
use crate::hints::Weight;
use crate::inputs::Inputs;
use crate::invalidation::cost;
use crate::phase::Phase;
use crate::plan::{Plan, Upload};
use crate::remote::{HeaderCheck, Reason};
use actions_core::amount::{bytes, count};

/// How many rows a list of the summary has.
const ROWS: usize = 100;

/// Says what was done, or would be.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let hints = plan.hints.iter().filter(|hint| hint.weight == Weight::Warning).map(|hint| &hint.text);
    let warnings = outcome.into_iter().flat_map(|outcome| &outcome.warnings);
    Report {
        verdict: verdict(plan, outcome),
        outputs: outputs(plan, outcome),
        summary: summary(inputs, plan, outcome),
        annotations: hints.chain(warnings).map(|text| Annotation::warning(text.clone())).collect(),
        failure: None,
    }
}

fn verdict(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let place = place(plan);
    if plan.is_empty() {
        return format!("already done: {place} holds the site ({})", count(plan.unchanged, "file"));
    }
    let paths: usize = plan.invalidations.iter().map(|invalidation| invalidation.paths.len()).sum();
    let mut parts = Vec::new();
    if !plan.uploads.is_empty() {
        let size = plan.uploads.iter().map(|upload| upload.size).sum();
        parts.push(format!("{} uploaded ({})", count(plan.uploads.len(), "file"), bytes(size)));
    }
    if !plan.deletes.is_empty() {
        parts.push(format!("{} deleted", plan.deletes.len()));
    }
    parts.push(format!("{} unchanged", plan.unchanged));
    if paths > 0 {
        parts.push(format!("{} invalidated", count(paths, "path")));
    }
    let start = match (outcome, plan.changes_objects()) {
        (None, true) => "dry run, would publish to",
        (None, false) => "dry run, would catch up with the invalidation of",
        (Some(_), true) => "published to",
        (Some(_), false) => "caught up with the invalidation of",
    };
    format!("{start} {place}: {}", parts.join(", "))
}

fn place(plan: &Plan) -> String {
    let path = format!("{}/{}", plan.bucket, plan.prefix.as_str());
    format!("s3://{}", path.trim_end_matches('/'))
}

/// On a dry run the outputs say what would be done; there are no ids then.
fn outputs(plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let paths: BTreeSet<&str> =
        plan.invalidations.iter().flat_map(|invalidation| invalidation.paths.iter().map(String::as_str)).collect();
    let ids: Vec<&str> =
        outcome.into_iter().flat_map(|outcome| outcome.invalidations.iter().map(|sent| sent.id.as_str())).collect();
    Outputs::new()
        .with("uploaded", plan.uploads.len().to_string())
        .with("deleted", plan.deletes.len().to_string())
        .with("unchanged", plan.unchanged.to_string())
        .with("paths-invalidated", paths.into_iter().collect::<Vec<_>>().join("\n"))
        .with("invalidation-ids", ids.join("\n"))
        .with("estimated-cost", cost(plan.invalidations.iter().map(|invalidation| invalidation.paths.len()).sum()))
        .with("changed", plan.changes_objects().to_string())
}

fn summary(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut summary = counts(plan);
    if !plan.uploads.is_empty() {
        summary.push_str(&format!("\n{}", details(&format!("Uploads ({})", plan.uploads.len()), &uploads(plan))));
    }
    if !plan.deletes.is_empty() {
        let rows = plan.deletes.iter().map(|key| vec![Cell::code(key)]).collect();
        let body = capped(&["Key"], rows);
        summary.push_str(&format!("\n{}", details(&format!("Deletes ({})", plan.deletes.len()), &body)));
    }
    summary.push_str(&invalidations(plan, outcome));
    summary.push_str(&notes(inputs, plan, outcome));
    summary
}

fn counts(plan: &Plan) -> String {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for phase in Phase::ALL {
        let number = plan.phase(phase).count();
        let size = plan.phase(phase).map(|upload| upload.size).sum();
        if number > 0 {
            rows.push(vec![Cell::text(phase.to_string()), Cell::text(number.to_string()), Cell::text(bytes(size))]);
        }
    }
    if !plan.deletes.is_empty() {
        rows.push(vec![Cell::text("deletes"), Cell::text(plan.deletes.len().to_string()), Cell::text("")]);
    }
    rows.push(vec![Cell::text("unchanged"), Cell::text(plan.unchanged.to_string()), Cell::text("")]);
    table(&["Phase", "Objects", "Size"], &rows)
}

fn uploads(plan: &Plan) -> String {
    let row = |upload: &Upload| {
        vec![
            Cell::text(upload.phase.to_string()),
            Cell::code(&upload.path),
            Cell::text(reason(upload.reason)),
            Cell::text(bytes(upload.size)),
            Cell::code(&upload.headers.content_type),
            Cell::code(&upload.headers.cache_control),
        ]
    };
    capped(&["Phase", "File", "Why", "Size", "Content-Type", "Cache-Control"], plan.uploads.iter().map(row).collect())
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::New => "new",
        Reason::Content => "content",
        Reason::Headers => "headers",
        Reason::NotComparable => "not comparable",
    }
}

fn invalidations(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut text = String::new();
    for invalidation in &plan.invalidations {
        let sent = outcome.and_then(|outcome| {
            outcome.invalidations.iter().find(|sent| sent.distribution == invalidation.distribution)
        });
        let state = match sent {
            None => "not sent".to_owned(),
            Some(sent) if sent.completed => format!("{}, completed", sent.id),
            Some(sent) => format!("{}, in progress", sent.id),
        };
        let mut exact = String::new();
        if invalidation.exact_paths > invalidation.paths.len() {
            exact.push_str(&format!(" for {}", invalidation.exact_paths));
        }
        if invalidation.innocents > 0 {
            exact.push_str(&format!(", taking {} that did not change", invalidation.innocents));
        }
        let title = format!(
            "Invalidation of {}: {}{exact}, at most {} USD ({state})",
            invalidation.distribution,
            count(invalidation.paths.len(), "path"),
            cost(invalidation.paths.len())
        );
        let rows = invalidation.paths.iter().map(|path| vec![Cell::code(path)]).collect();
        text.push_str(&format!("\n{}", details(&title, &capped(&["Path"], rows))));
    }
    text
}

fn notes(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut lines: Vec<String> = plan.hints.iter().map(|hint| escape(&hint.text)).collect();
    lines.extend(outcome.into_iter().flat_map(|outcome| outcome.warnings.iter().map(|warning| escape(warning))));
    if plan.headers_not_compared > 0 {
        let remedy = match inputs.header_check {
            HeaderCheck::WhereKnown => format!("{} does", code("check-headers: true")),
            HeaderCheck::All => format!("that needs {}", code("s3:GetObject")),
        };
        lines.push(format!(
            "Content-Type and Cache-Control of {} were not compared; {remedy}",
            count(plan.headers_not_compared, "unchanged object")
        ));
    }
    if !plan.debts.is_empty() && !plan.invalidations.is_empty() {
        lines.push("an earlier run did not get to its invalidation; its paths are in this one".to_owned());
    }
    if lines.is_empty() { String::new() } else { format!("\n- {}\n", lines.join("\n- ")) }
}

/// A table of at most [`ROWS`] rows, and how many more there are.
fn capped(headers: &[&str], mut rows: Vec<Vec<Cell>>) -> String {
    let more = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    let mut text = table(headers, &rows);
    if more > 0 {
        text.push_str(&format!("\nand {more} more\n"));
    }
    text
}

#[cfg(test)]
mod tests;
