//! What register, update and wait cost as a whole process.

use std::path::Path;

use super::super::comparison::{Goals, markdown, missed};
use super::super::contender::{Field, measure, write};
use super::super::stand_in::{StandIn, task_definition};

/// At most a fifth of the official action's whole run, and of its memory.
const GOALS: Goals = Goals { first_call: None, whole: Some(0.2), memory: 0.2 };

/// What all deploy, and wait for.
const INPUTS: [(&str, &str); 4] = [
    ("cluster", "shop"),
    ("service", "web"),
    ("wait-for-service-stability", "true"),
    ("task-definition", "task-definition.json"),
];

/// Measures; returns the comparison as Markdown, and the goals that were missed.
pub(super) fn run(field: Field, runs: usize, work: &Path) -> Result<(String, Vec<String>), String> {
    write(&work.join("task-definition.json"), &task_definition("shop:2").to_string())?;
    let stand_in = StandIn::start()?;
    let url = stand_in.url();
    let skipped: Vec<String> = field.official.as_ref().err().cloned().into_iter().collect();
    let contenders: Vec<_> = [Some(field.ours), field.official.ok()].into_iter().flatten().collect();
    let command = |contender: &super::super::contender::Contender| contender.command(&url, work, INPUTS);
    let figures = measure(&contenders, runs, &stand_in, command, &work.join("log"))?;
    let title = "# Costs\n\nRegister, update, and wait for a deployment that a stand-in on loopback completes at once";
    Ok((markdown(title, &figures, &GOALS, runs, &skipped), missed(&figures, &GOALS)))
}
