//! Which workflows run. Pure.

use serde::Serialize;

use super::observe::WorkflowsSnapshot;
use crate::comparison::Changes;

/// What every workflow does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkflowsPlan {
    pub(super) workflows: Vec<Judged>,
    /// What was compared, as a phrase.
    pub(super) compared: String,
}

/// What becomes of one workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Judged {
    /// The file's name.
    pub(super) workflow: String,
    pub(super) runs: bool,
    pub(super) reason: String,
}

/// Asks every workflow.
pub(super) fn plan(snapshot: &WorkflowsSnapshot) -> WorkflowsPlan {
    let judge = |(name, workflow): &(String, crate::workflow::Workflow)| {
        let verdict = workflow.runs(&snapshot.occasion, &snapshot.changes);
        Judged { workflow: name.clone(), runs: verdict.runs, reason: verdict.reason }
    };
    let compared = match &snapshot.changes {
        Changes::Known { base, files } => {
            format!("{} changed since {}", counted(files.len()), base.get(..7).unwrap_or(base))
        }
        Changes::Unknown { why } => format!("what changed is not known: {why}"),
    };
    WorkflowsPlan { workflows: snapshot.workflows.iter().map(judge).collect(), compared }
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
