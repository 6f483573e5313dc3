//! The step summary: what changes, by how much, and what that costs.

use actions_core::amount::{bytes, count};
use actions_core::markdown::{Cell, code, details, escape, table};

use super::growth::growth;
use crate::apply::Outcome;
use crate::inputs::Inputs;
use crate::invalidation::cost;
use crate::phase::Phase;
use crate::plan::{Copied, Deletion, Plan, Upload};
use crate::prefixed::Moved;
use crate::remote::{HeaderCheck, Reason};

/// How many rows a list of the summary has.
const ROWS: usize = 100;

/// The summary below the verdict; on a dry run without a place for it, the plan that people read.
pub(crate) fn summary(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut summary = switch(plan, outcome);
    summary.push_str(&counts(plan, outcome));
    summary.push_str(&growth(plan));
    if !plan.uploads.is_empty() {
        summary.push_str(&format!("\n{}", details(&format!("Uploads ({})", plan.uploads.len()), &uploads(plan))));
    }
    if !plan.moves.is_empty() {
        let title = format!("Copied from the last release ({})", plan.moves.len());
        summary.push_str(&format!("\n{}", details(&title, &moves(plan))));
    }
    if !plan.copies.is_empty() {
        summary.push_str(&format!("\n{}", details(&format!("Restored ({})", plan.copies.len()), &copies(plan))));
    }
    if !plan.deletes.is_empty() {
        let row = |deletion: &Deletion| vec![Cell::code(&deletion.key), Cell::text(bytes(deletion.size))];
        let body = capped(&["Key", "Size"], plan.deletes.iter().map(row).collect());
        summary.push_str(&format!("\n{}", details(&format!("Deletes ({})", plan.deletes.len()), &body)));
    }
    summary.push_str(&invalidations(plan, outcome));
    summary.push_str(&notes(inputs, plan, outcome));
    summary
}

/// Which release is shown, and from where.
fn switch(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let Some(switch) = &plan.switch else { return String::new() };
    let place = code(switch.place.as_str());
    let path = code(&switch.origin_path);
    let changed: Vec<String> = switch
        .changes
        .iter()
        .map(|change| {
            let from = if change.from.is_empty() { "the bucket's root".to_owned() } else { code(&change.from) };
            format!("{} (before: {from})", code(change.distribution.as_str()))
        })
        .collect();
    let mut text = match (changed.is_empty(), outcome) {
        (true, _) => format!("Live is release {place}, at origin path {path}.\n"),
        (false, Some(_)) => format!("Live is release {place}, at origin path {path} of {}.\n", changed.join(", ")),
        (false, None) => format!("The origin path would be switched to {path} in {}.\n", changed.join(", ")),
    };
    if !switch.prune.is_empty() {
        let ids: Vec<String> = switch.prune.iter().map(|id| code(id.as_str())).collect();
        let verb = if outcome.is_some() { "No longer kept:" } else { "Would no longer be kept:" };
        text.push_str(&format!("{verb} {}.\n", ids.join(", ")));
    }
    text.push('\n');
    text
}

/// What each step has to do, in the order of the steps, and how long it took.
fn counts(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let took = |step: &str| {
        let took = outcome.into_iter().flat_map(|outcome| &outcome.took).find(|took| took.step == step);
        took.map_or_else(String::new, |took| seconds(took.milliseconds))
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |step: &str, what: String, size: String| rows.push(vec![step.to_owned(), what, size, took(step)]);
    for phase in Phase::ALL {
        let uploads = plan.phase(phase).map(|upload| upload.size);
        let moves = plan.moves(phase).map(|moved| moved.to.size);
        let sizes: Vec<u64> = uploads.chain(plan.copies(phase).map(|copy| copy.size)).chain(moves).collect();
        if !sizes.is_empty() {
            row(&phase.to_string(), count(sizes.len(), "file"), bytes(sizes.iter().sum()));
        }
    }
    if !plan.deletes.is_empty() {
        let size = bytes(plan.deletes.iter().map(|gone| gone.size).sum());
        let (planned, deleted) = (plan.deletes.len(), outcome.map(|outcome| outcome.deleted));
        match deleted {
            Some(deleted) if deleted < planned => {
                row("deletes", format!("{deleted} of {}", count(planned, "object")), size);
            }
            _ => row("deletes", count(planned, "object"), size),
        }
    }
    if let Some(switch) = plan.switch.as_ref().filter(|switch| !switch.changes.is_empty()) {
        row("switches", count(switch.changes.len(), "distribution"), String::new());
    }
    if !plan.invalidations.is_empty() {
        let paths = plan.invalidations.iter().map(|invalidation| invalidation.paths.len()).sum();
        row("invalidations", count(paths, "path"), format!("at most {} USD", cost(paths)));
    }
    row("unchanged", count(plan.unchanged, "file"), String::new());
    let columns = if outcome.is_some_and(|outcome| !outcome.took.is_empty()) { 4 } else { 3 };
    let cells = |row: Vec<String>| row.into_iter().take(columns).map(Cell::text).collect();
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(cells).collect();
    table(&["Step", "What", "How much", "Time"][..columns], &rows)
}

/// A time as people read it.
fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..1000 => format!("{milliseconds} ms"),
        1000..10_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => format!("{} s", milliseconds / 1000),
    }
}

fn uploads(plan: &Plan) -> String {
    let others = plan.uploads.iter().any(|upload| !other_headers(upload).is_empty());
    let row = |upload: &Upload| {
        let mut cells = vec![
            Cell::text(upload.phase.to_string()),
            Cell::code(&upload.path),
            Cell::text(reason(upload.reason)),
            Cell::text(upload.before.map_or_else(String::new, bytes)),
            Cell::text(bytes(upload.size)),
            Cell::code(&upload.headers.content_type),
            Cell::code(&upload.headers.cache_control),
        ];
        cells.extend(others.then(|| Cell::code(other_headers(upload))));
        cells
    };
    let columns = ["Phase", "File", "Why", "Before", "After", "Content-Type", "Cache-Control", "Other headers"];
    capped(&columns[..columns.len() - usize::from(!others)], plan.uploads.iter().map(row).collect())
}

/// What a file is published with besides its type and its Cache-Control.
fn other_headers(upload: &Upload) -> String {
    let is_shown = |name: &str| !matches!(name, "content-type" | "cache-control");
    let lines = upload.headers.lines().into_iter().filter(|(name, _)| is_shown(name));
    lines.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; ")
}

fn moves(plan: &Plan) -> String {
    let row = |moved: &Moved| {
        let why = if moved.is_left { "of an earlier release, for open tabs" } else { "" };
        vec![
            Cell::text(moved.to.phase.to_string()),
            Cell::code(&moved.to.path),
            Cell::text(why),
            Cell::text(bytes(moved.to.size)),
        ]
    };
    capped(&["Phase", "File", "Why", "Size"], plan.moves.iter().map(row).collect())
}

fn copies(plan: &Plan) -> String {
    let row = |copy: &Copied| {
        vec![
            Cell::text(copy.phase.to_string()),
            Cell::code(&copy.path),
            Cell::text(reason(copy.reason)),
            Cell::text(copy.before.map_or_else(String::new, bytes)),
            Cell::text(bytes(copy.size)),
            Cell::code(&copy.version),
        ]
    };
    let rows = plan.copies.iter().map(row).collect();
    capped(&["Phase", "Object", "What differs", "Before", "After", "Version"], rows)
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
        if !invalidation.optimal {
            exact.push_str(" (maybe more than has to be: there are too many ways to look through)");
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
            "the headers of {} were not compared; {remedy}",
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
