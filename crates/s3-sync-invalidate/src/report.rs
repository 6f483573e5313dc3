//! What a run tells: verdict, outputs, summary, annotations. Pure.

mod growth;
pub(crate) mod summary;

use std::collections::BTreeSet;

use actions_core::amount::{bytes, count};
use actions_core::{Annotation, OutputSpec, Outputs, Report};

use crate::apply::Outcome;
use crate::hints::Weight;
use crate::inputs::Inputs;
use crate::invalidation::cost;
use crate::manifest::ReleaseId;
use crate::plan::Plan;
use summary::summary;

/// How many bytes the output `changed-paths` has at most.
pub(crate) const CHANGED_PATHS: usize = 256 * 1024;

/// The output `paths-invalidated`.
pub(crate) const PATHS_INVALIDATED: OutputSpec = OutputSpec {
    name: "paths-invalidated",
    help: "The invalidated paths of all distributions, one per line; empty when nothing was invalidated.",
};

/// The output `invalidation-ids`.
pub(crate) const INVALIDATION_IDS: OutputSpec = OutputSpec {
    name: "invalidation-ids",
    help: "Ids of the invalidations, one per line, in the order of the distributions' ids; empty when there were none.",
};

/// The output `estimated-cost`.
pub(crate) const ESTIMATED_COST: OutputSpec = OutputSpec {
    name: "estimated-cost",
    help: "What the invalidated paths cost at most, in USD, such as `0.025`. The account's first 1,000 paths of a month \
           are free; how many of them are left cannot be seen.",
};

/// Says what was done, or would be.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let hints = plan.hints.iter().filter(|hint| hint.weight == Weight::Warning).map(|hint| &hint.text);
    let warnings = outcome.into_iter().flat_map(|outcome| &outcome.warnings);
    Report {
        verdict: verdict(plan, outcome),
        outputs: outputs(plan, outcome),
        summary: summary(inputs, plan, outcome),
        annotations: hints.chain(warnings).map(|text| Annotation::warning(text.clone())).collect(),
        ..Report::default()
    }
}

fn verdict(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let place = place(plan);
    if plan.is_empty() {
        return format!("already done: {place} holds the site ({})", count(plan.unchanged, "file"));
    }
    let paths: usize = plan.invalidations.iter().map(|invalidation| invalidation.paths.len()).sum();
    let mut parts = Vec::new();
    if let Some(switch) = &plan.switch {
        parts.push(format!("release {}", switch.place.as_str()));
    }
    if !plan.uploads.is_empty() {
        let size = plan.uploads.iter().map(|upload| upload.size).sum();
        parts.push(format!("{} uploaded ({})", count(plan.uploads.len(), "file"), bytes(size)));
    }
    let deleted = outcome.map_or(plan.deletes.len(), |outcome| outcome.deleted);
    if deleted > 0 {
        parts.push(format!("{deleted} deleted"));
    }
    parts.push(format!("{} unchanged", plan.unchanged));
    if let Some(switch) = plan.switch.as_ref().filter(|switch| !switch.changes.is_empty()) {
        parts.push(format!("{} switched", count(switch.changes.len(), "distribution")));
    }
    let planned = plan.switch.as_ref().map_or(0, |switch| switch.prune.len());
    let pruned = outcome.map_or(planned, |outcome| outcome.pruned);
    if pruned > 0 {
        parts.push(format!("{} deleted", count(pruned, "old release")));
    }
    if paths > 0 {
        parts.push(format!("{} invalidated", count(paths, "path")));
    }
    let start = match (outcome, plan.changes_objects() || plan.switches()) {
        (None, true) => "dry run, would publish to",
        (None, false) => "dry run, would catch up with the invalidation of",
        (Some(_), true) => "published to",
        (Some(_), false) => "caught up with the invalidation of",
    };
    format!("{start} {place}: {}", parts.join(", "))
}

pub(crate) fn place(plan: &Plan) -> String {
    let path = format!("{}/{}", plan.bucket, plan.prefix.as_str());
    format!("s3://{}", path.trim_end_matches('/'))
}

/// On a dry run the outputs say what would be done; there are no ids then.
fn outputs(plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let uploaded: u64 = plan.uploads.iter().map(|upload| upload.size).sum();
    // What would be a new release is none.
    let present = plan.release.as_ref().filter(|_| plan.manifest.as_ref().is_none_or(|next| !next.is_release));
    let release = outcome.map_or(present, |outcome| outcome.release.as_ref());
    let outputs = Outputs::new()
        .with("uploaded", plan.uploads.len().to_string())
        .with("deleted", outcome.map_or(plan.deletes.len(), |outcome| outcome.deleted).to_string())
        .with("unchanged", plan.unchanged.to_string())
        .with("bytes-uploaded", uploaded.to_string())
        .with("changed-paths", changed_paths(plan, outcome, CHANGED_PATHS));
    with_invalidations(outputs, plan, outcome)
        .with("release-id", release.map_or("", ReleaseId::as_str))
        .with("changed", (plan.changes_objects() || plan.switches()).to_string())
}

/// The outputs that tell of the invalidations.
pub(crate) fn with_invalidations(outputs: Outputs, plan: &Plan, outcome: Option<&Outcome>) -> Outputs {
    let paths: BTreeSet<&str> =
        plan.invalidations.iter().flat_map(|invalidation| invalidation.paths.iter().map(String::as_str)).collect();
    let ids: Vec<&str> =
        outcome.into_iter().flat_map(|outcome| outcome.invalidations.iter().map(|sent| sent.id.as_str())).collect();
    outputs
        .with("paths-invalidated", paths.into_iter().collect::<Vec<_>>().join("\n"))
        .with("invalidation-ids", ids.join("\n"))
        .with("estimated-cost", cost(plan.invalidations.iter().map(|invalidation| invalidation.paths.len()).sum()))
}

/// The keys that change, relative to the prefix and sorted, one per line, in at most `most` bytes. What does not fit is
/// counted in the last line.
pub(crate) fn changed_paths(plan: &Plan, outcome: Option<&Outcome>, most: usize) -> String {
    let kept: BTreeSet<&String> = outcome.into_iter().flat_map(|outcome| &outcome.kept).collect();
    let deleted = plan.deletes.iter().map(|gone| &gone.key).filter(|key| !kept.contains(key));
    let deleted = deleted.map(|key| plan.prefix.relative(key).unwrap_or(key));
    let paths: BTreeSet<&str> = written(plan).chain(deleted).collect();
    let whole: usize = paths.iter().map(|path| path.len() + 1).sum();
    if whole <= most {
        return paths.into_iter().collect::<Vec<_>>().join("\n");
    }
    let mut length = "... and 1000000 more".len();
    let fits = |path: &&str| {
        length += path.len() + 1;
        length <= most
    };
    let mut lines: Vec<String> = paths.iter().copied().take_while(fits).map(str::to_owned).collect();
    lines.push(format!("... and {} more", paths.len() - lines.len()));
    lines.join("\n")
}

/// The paths of the objects that are written.
fn written(plan: &Plan) -> impl Iterator<Item = &str> {
    let copies = plan.copies.iter().map(|copy| copy.path.as_str());
    plan.uploads.iter().map(|upload| upload.path.as_str()).chain(copies)
}

#[cfg(test)]
mod tests;
