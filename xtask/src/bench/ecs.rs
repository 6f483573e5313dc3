//! `cargo xtask bench ecs`: what a deployment tool says of each scenario of `testkit::ecs`, how long after AWS itself it says so,
//! and what a deployment that is waited for costs, beside the official action for Node.js.

mod cost;
mod seen;
mod table;
mod trial;

use std::path::PathBuf;

use clap::Args;

use super::contender::{Field, write};
use crate::program::root;
use crate::report::line;

/// What `cargo xtask bench ecs` takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder of the binaries; by default what `cargo xtask release --dry-run` or `cargo xtask size` built.
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,
    /// How often each program is run for its costs.
    #[arg(long, default_value_t = 11)]
    runs: usize,
    /// How many times as fast as the real time the scenarios go.
    #[arg(long, default_value_t = 10)]
    times: u32,
    /// How many scenarios go on at a time; they wait for the most part.
    #[arg(long, default_value_t = 6)]
    at_once: usize,
    /// Only the scenarios whose name holds one of these words.
    words: Vec<String>,
}

/// Measures and writes `target/bench/ecs.md`.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let folder = root().join("target/bench");
    let field = Field::new(options.bin_dir.as_deref(), &folder)?;
    let chosen = |name: &str| options.words.is_empty() || options.words.iter().any(|word| name.contains(word.as_str()));
    let scenarios = testkit::ecs::scenarios().into_iter().filter(|scenario| chosen(scenario.name)).collect();
    let trials = trial::all(scenarios, &field, options.times.max(1), options.at_once.max(1), &folder.join("work/ecs"))?;
    let verdicts = table::markdown(&trials, options.times.max(1), field.official.as_ref().err());
    verdicts.lines().for_each(line);
    let mut missed = table::missed(&trials);
    let (costs, of_costs) = cost::run(field, options.runs.max(1), &folder.join("work"))?;
    costs.lines().for_each(line);
    missed.extend(of_costs);
    write(&folder.join("ecs.md"), &format!("{verdicts}\n{costs}"))?;
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed:\n{}", missed.join("\n"))) }
}
