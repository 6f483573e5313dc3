//! `cargo xtask bench startup`: how long an action takes to its first call and for a whole deployment, and in how much
//! memory, beside the official action for Node.js.
//!
//! All contenders register the same task definition and update the same service of a stand-in on loopback, with the same
//! credentials from the environment, and do not wait for the deployment.

use std::path::PathBuf;

use clap::Args;

use super::comparison::{Goals, json, markdown, missed};
use super::contender::{Field, measure, write};
use super::stand_in::{StandIn, task_definition};
use crate::program::root;
use crate::report::line;

/// At most a tenth of the official action's time to the first call, and a fifth of its memory.
const GOALS: Goals = Goals { first_call: Some(0.1), whole: None, memory: 0.2 };

/// What all deploy.
const INPUTS: [(&str, &str); 4] = [
    ("cluster", "shop"),
    ("service", "web"),
    ("wait-for-service-stability", "false"),
    ("task-definition", "task-definition.json"),
];

/// What `cargo xtask bench startup` takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder of the binaries; by default what `cargo xtask release --dry-run` or `cargo xtask size` built.
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,
    /// How often each program is run.
    #[arg(long, default_value_t = 11)]
    runs: usize,
}

/// Measures and writes `target/bench/startup.{json,md}`.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let folder = root().join("target/bench");
    let work = folder.join("work");
    write(&work.join("task-definition.json"), &task_definition("shop:2").to_string())?;
    let stand_in = StandIn::start()?;
    let (contenders, skipped) = Field::new(options.bin_dir.as_deref(), &folder)?.all();
    let runs = options.runs.max(1);
    let url = stand_in.url();
    let figures =
        measure(&contenders, runs, &stand_in, |contender| contender.command(&url, &work, INPUTS), &work.join("log"))?;
    let title = "# Start-up\n\nA deployment to a stand-in on loopback, without waiting for its end";
    let text = markdown(title, &figures, &GOALS, runs, &skipped);
    write(&folder.join("startup.md"), &text)?;
    write(&folder.join("startup.json"), &format!("{:#}\n", json(&figures, runs, &skipped)))?;
    text.lines().for_each(line);
    let missed = missed(&figures, &GOALS);
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed: {}", missed.join("; "))) }
}
