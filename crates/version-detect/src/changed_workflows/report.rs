//! What the run tells the world. Pure.

use actions_core::markdown::{self, Cell};
use actions_core::{Annotation, Outputs, Report};
use serde_json::{Map, Value, json};

use super::plan::WorkflowsPlan;

pub(super) fn report(plan: &WorkflowsPlan) -> Report {
    let running: Vec<&str> =
        plan.workflows.iter().filter(|judged| judged.runs).map(|judged| judged.workflow.as_str()).collect();
    let reasons: Map<String, Value> = plan
        .workflows
        .iter()
        .map(|judged| {
            let (runs, event, reason) = (judged.runs, &judged.event, &judged.reason);
            (judged.workflow.clone(), json!({ "runs": runs, "event": event, "reason": reason }))
        })
        .collect();
    Report {
        verdict: format!("{} of {} workflows run: {}", running.len(), plan.workflows.len(), plan.compared),
        outputs: Outputs::new()
            .with("workflows", running.join("\n"))
            .with("workflows-json", json!(running).to_string())
            .with("reasons-json", Value::Object(reasons).to_string()),
        summary: summary(plan),
        annotations: annotations(plan),
        ..Report::default()
    }
}

/// GitHub may start such a file, and no output can say so.
fn annotations(plan: &WorkflowsPlan) -> Vec<Annotation> {
    let told = format!(
        "{} of the files in .github/workflows are passed over: their names have line breaks, blanks at the ends or more than 255 bytes. Rename them.",
        plan.unnameable
    );
    (plan.unnameable > 0).then(|| Annotation::warning(told).title("changed-workflows")).into_iter().collect()
}

fn summary(plan: &WorkflowsPlan) -> String {
    let rows: Vec<Vec<Cell>> = plan
        .workflows
        .iter()
        .map(|judged| {
            let runs = if judged.runs { "runs" } else { "does not run" };
            vec![Cell::Markdown(markdown::code(&judged.workflow)), Cell::text(runs), Cell::text(&judged.reason)]
        })
        .collect();
    markdown::table(&["Workflow", "", "Why"], &rows)
}
