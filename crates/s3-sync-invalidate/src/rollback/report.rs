//! What a rollback tells. Pure.

use actions_core::amount::{bytes, count};
use actions_core::markdown::{Cell, table};
use actions_core::{Annotation, OutputSpec, Outputs, Report};

use crate::apply::Outcome;
use crate::hints::Weight;
use crate::inputs::Inputs;
use crate::manifest::{Release, ReleaseId};
use crate::report::summary::summary;
use crate::report::{
    CHANGED_PATHS, ESTIMATED_COST, INVALIDATION_IDS, PATHS_INVALIDATED, changed_paths, place, with_invalidations,
};

use super::plan::RollbackPlan;

/// The declared outputs.
pub(super) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec { name: "restored", help: "Number of objects that came back; on a dry run, that would." },
    OutputSpec {
        name: "deleted",
        help: "Number of objects deleted, which the bucket keeps as versions; on a dry run, that would be.",
    },
    OutputSpec { name: "unchanged", help: "Number of objects that were as the release had them." },
    OutputSpec {
        name: "changed-paths",
        help: "Keys of the objects restored or deleted, relative to the prefix and sorted, one per line; on a dry run, that \
             would be. Cut at 256 KiB; the last line is then `... and 17 more`.",
    },
    PATHS_INVALIDATED,
    INVALIDATION_IDS,
    ESTIMATED_COST,
    OutputSpec {
        name: "release-id",
        help: "Name of the release that the bucket holds: a rollback is a release of its own, which can be gone back from.",
    },
    OutputSpec { name: "rolled-back-to", help: "Name of the release whose content that is." },
    OutputSpec { name: "changed", help: "`true` when an object was restored or deleted, else `false`." },
];

/// Says what was done, or would be.
pub(super) fn report(inputs: &Inputs, plan: &RollbackPlan, outcome: Option<&Outcome>) -> Report {
    let hints = plan.changes.hints.iter().filter(|hint| hint.weight == Weight::Warning).map(|hint| &hint.text);
    let warnings = outcome.into_iter().flat_map(|outcome| &outcome.warnings);
    Report {
        verdict: verdict(plan, outcome),
        outputs: outputs(plan, outcome),
        summary: format!("{}\n{}", releases(plan), summary(inputs, &plan.changes, outcome)),
        annotations: hints.chain(warnings).map(|text| Annotation::warning(text.clone())).collect(),
        ..Report::default()
    }
}

fn verdict(plan: &RollbackPlan, outcome: Option<&Outcome>) -> String {
    let place = place(&plan.changes);
    let release = plan.back_to.id.as_str();
    if plan.changes.is_empty() {
        let number = count(plan.changes.unchanged, "object");
        return format!("already there: {place} holds what release {release} had ({number})");
    }
    let start = match (outcome, plan.changes.changes_objects() || plan.changes.switches()) {
        (None, true) => format!("dry run, would take {place} back to release {release}"),
        (None, false) => format!("dry run, would catch up with the invalidation of {place}"),
        (Some(_), true) => format!("{place} is back at release {release}"),
        (Some(_), false) => format!("caught up with the invalidation of {place}"),
    };
    format!("{start}: {}", what(plan, outcome))
}

/// What is done, in a line.
pub(super) fn what(plan: &RollbackPlan, outcome: Option<&Outcome>) -> String {
    let changes = &plan.changes;
    let mut parts = Vec::new();
    if !changes.copies.is_empty() {
        let size = changes.copies.iter().map(|copy| copy.size).sum();
        parts.push(format!("{} restored ({})", count(changes.copies.len(), "object"), bytes(size)));
    }
    let deleted = outcome.map_or(changes.deletes.len(), |outcome| outcome.deleted);
    if deleted > 0 {
        parts.push(format!("{deleted} deleted"));
    }
    parts.push(format!("{} unchanged", changes.unchanged));
    if let Some(switch) = changes.switch.as_ref().filter(|switch| !switch.changes.is_empty()) {
        parts.push(format!("{} switched", count(switch.changes.len(), "distribution")));
    }
    let paths: usize = changes.invalidations.iter().map(|invalidation| invalidation.paths.len()).sum();
    if paths > 0 {
        parts.push(format!("{} invalidated", count(paths, "path")));
    }
    parts.join(", ")
}

/// Which release it goes back from, and which one to.
fn releases(plan: &RollbackPlan) -> String {
    let row = |title: &str, release: &Release| {
        let Release { id, at, rolled_back_to, by, .. } = release;
        let text = |text: &Option<String>| Cell::text(text.clone().unwrap_or_default());
        vec![
            Cell::text(title),
            Cell::code(id.as_str()),
            Cell::text(at.clone()),
            text(&by.commit),
            text(&by.run_id),
            Cell::text(
                rolled_back_to.as_ref().map_or_else(String::new, |back| format!("rollback to {}", back.as_str())),
            ),
        ]
    };
    let rows = [row("from", &plan.from), row("back to", &plan.back_to)];
    table(&["", "Release", "Published", "Commit", "Run", "What it is"], &rows)
}

fn outputs(plan: &RollbackPlan, outcome: Option<&Outcome>) -> Outputs {
    let changes = &plan.changes;
    let release = outcome.map_or(&changes.release, |outcome| &outcome.release);
    let outputs = Outputs::new()
        .with("restored", changes.copies.len().to_string())
        .with("deleted", outcome.map_or(changes.deletes.len(), |outcome| outcome.deleted).to_string())
        .with("unchanged", changes.unchanged.to_string())
        .with("changed-paths", changed_paths(changes, outcome, CHANGED_PATHS))
        .with("release-id", release.as_ref().map_or("", ReleaseId::as_str))
        .with("rolled-back-to", plan.back_to.id.as_str())
        .with("changed", (changes.changes_objects() || changes.switches()).to_string());
    with_invalidations(outputs, changes, outcome)
}
