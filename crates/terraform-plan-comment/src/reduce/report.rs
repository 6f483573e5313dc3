//! What the run tells the world.

use actions_core::{Failure, OutputSpec, Outputs, Report, SummaryRoom};
use serde_json::json;

use super::{Merged, Problem, ReduceInputs, ReduceOutcome, ReducePlan, Root};
use crate::error::RootsError;
use crate::markdown::{Limit, roots_page, roots_verdict};
use crate::marker::Name;
use crate::report::{FAILURE_LENGTH, HEADING_LENGTH, fail, places};

/// The failure names this many roots.
const MOST_NAMED: usize = 20;

pub(super) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec { name: "roots", help: "The number of roots, those without a part included." },
    OutputSpec {
        name: "not-passed",
        help: "The names of the roots that are missing, failed, stale, contradictory, not expected or refused, one per line.",
    },
    OutputSpec {
        name: "has-changes",
        help: "`true` when applying any of the plans would do anything; empty where none does and a root has no whole plan.",
    },
    OutputSpec {
        name: "add",
        help: "Objects to create over all roots, replacements included. Empty, as the other counts, where a root has no whole plan.",
    },
    OutputSpec { name: "change", help: "Objects to update in place over all roots." },
    OutputSpec { name: "destroy", help: "Objects to destroy over all roots, replacements included." },
    OutputSpec {
        name: "replace",
        help: "Objects to replace over all roots; they are counted in `add` and `destroy` too.",
    },
    OutputSpec { name: "import", help: "Objects to import over all roots." },
    OutputSpec {
        name: "risk",
        help: "The worst grade of all changes: `data-loss`, `exposure`, `downtime`, `rules` or `routine`; empty where no resource changes.",
    },
    places::COMMENT_ID,
    places::COMMENT_URL,
    OutputSpec {
        name: "summary-json",
        help: "The verdict, and of each root its name, counts, risk and whether it passes, as JSON.",
    },
];

/// Reports all roots and what was written.
pub(super) fn report(inputs: &ReduceInputs, plan: &ReducePlan, outcome: Option<&ReduceOutcome>) -> Report {
    let merged = &plan.merged;
    let name = inputs.destinations.name.as_ref().map(Name::as_str);
    let room = if inputs.destinations.targets.summary { SummaryRoom::Whole } else { SummaryRoom::Usual };
    let frame = plan.frame(inputs);
    let written = outcome.map(|outcome| (&outcome.places, &outcome.signed));
    let done = places::done(&plan.writes, written);
    let suffix = if done.is_empty() { done } else { format!("; {done}") };
    let prefix = name.map(|name| format!("{name}: ")).unwrap_or_default();
    let failure_length = if merged.passes() { 0 } else { FAILURE_LENGTH };
    let mut report = Report {
        verdict: format!("{prefix}{}{suffix}", roots_verdict(merged)),
        outputs: outputs(merged, written.map(|(places, _)| places)),
        summary: roots_page(merged, &frame, Limit::Bytes(room.bytes() - HEADING_LENGTH - failure_length)),
        summary_room: room,
        ..Report::default()
    };
    if let Some((places, signed)) = written {
        report.annotations = places::annotations(places, signed);
        report.failure = places::refusal(places, signed).cloned();
    }
    match failure(merged) {
        Some(error) => fail(report, Failure::from_error(&error)),
        None => report,
    }
}

/// What does not pass.
fn failure(merged: &Merged) -> Option<RootsError> {
    if merged.passes() {
        return None;
    }
    let not_passed = merged.roots.iter().filter_map(|root| Some((root, root.problem()?)));
    let mut lines: Vec<String> =
        not_passed.map(|(root, problem)| format!("`{}`: {}", root.name, problem.words())).collect();
    let roots = lines.len();
    let files = merged.refused.len();
    if files > 0 {
        lines.push(format!("{files} files among the parts cannot be shown; the log and the summary name them"));
    }
    if lines.len() > MOST_NAMED {
        let more = lines.len() - MOST_NAMED;
        lines.truncate(MOST_NAMED);
        lines.push(format!("and {more} more; the output `not-passed` has all of them"));
    }
    Some(RootsError::NotPassed { roots, of: merged.roots.len(), objects: lines.join("\n") })
}

fn outputs(merged: &Merged, places: Option<&crate::apply::Places>) -> Outputs {
    let counts = merged.counts();
    let lacks = merged.lacks_a_plan();
    let count = |count: usize| if lacks { String::new() } else { count.to_string() };
    let has_changes = if lacks && !merged.has_changes() { String::new() } else { merged.has_changes().to_string() };
    let not_passed: Vec<&str> =
        merged.roots.iter().filter(|root| root.problem().is_some()).map(|root| root.name.as_str()).collect();
    let one = |root: &Root| {
        json!({
            "root": root.name,
            "passes": root.problem().is_none(),
            "why-not": root.problem().map(Problem::words),
            "counts": root.review().map(|review| review.counts),
            "risk": root.grade(),
        })
    };
    let outputs = Outputs::new()
        .with("roots", merged.roots.len().to_string())
        .with("not-passed", not_passed.join("\n"))
        .with("has-changes", has_changes)
        .with("add", count(counts.add))
        .with("change", count(counts.change))
        .with("destroy", count(counts.destroy))
        .with("replace", count(counts.replace))
        .with("import", count(counts.import))
        .with("risk", merged.grade().map_or("", crate::risk::Grade::key));
    let mut outputs = places::linked(outputs, places);
    let summary = json!({
        "verdict": roots_verdict(merged),
        "roots": merged.roots.iter().map(one).collect::<Vec<_>>(),
        "refused-files": merged.refused.len(),
    });
    outputs.set_json("summary-json", &summary);
    outputs
}
