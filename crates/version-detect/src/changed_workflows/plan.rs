//! Which workflows run. Pure.

use serde::Serialize;

use super::observe::WorkflowsSnapshot;
use crate::comparison::Changes;
use crate::workflow::Workflow;

/// What every workflow does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkflowsPlan {
    pub(super) workflows: Vec<Judged>,
    /// What was compared, as a phrase.
    pub(super) compared: String,
    /// How many files were passed over for their names.
    pub(super) unnameable: usize,
}

/// What becomes of one workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Judged {
    /// The file's name.
    pub(super) workflow: String,
    pub(super) runs: bool,
    pub(super) reason: String,
    /// The event of its run; empty where it does not run.
    pub(super) event: String,
}

/// Asks every workflow.
pub(super) fn plan(snapshot: &WorkflowsSnapshot) -> WorkflowsPlan {
    let judge = |(name, workflow): &(String, Option<Workflow>)| {
        let verdict = workflow.as_ref().map(|workflow| workflow.runs(name, &snapshot.occasion, &snapshot.changes));
        let (runs, reason, event) = match verdict {
            Some(verdict) => (verdict.runs, verdict.reason, verdict.event),
            None => (false, "it has no `on`, so it is no workflow".to_owned(), String::new()),
        };
        Judged { workflow: name.clone(), runs, reason, event }
    };
    let compared = match &snapshot.changes {
        Changes::Known { base, files } => {
            format!("{} changed since {}", counted(files.len()), base.get(..7).unwrap_or(base))
        }
        Changes::Unknown { why } => format!("what changed is not known: {why}"),
    };
    let workflows = snapshot.workflows.iter().map(judge).collect();
    WorkflowsPlan { workflows, compared, unnameable: snapshot.unnameable }
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
