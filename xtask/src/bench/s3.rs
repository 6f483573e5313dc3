//! `cargo xtask bench s3`: what it costs to publish a site, beside the programs that people use for it.
//!
//! Everybody publishes the same files to `s3-stand-in`, a process of its own whose processor time is shown too. A run counts only
//! where the bucket holds the site afterwards.

pub(crate) mod goals;
pub(crate) mod peer;
mod plot;
pub(crate) mod rounds;
pub(crate) mod run;
mod scenario;
mod second;
pub(crate) mod server;
mod site;
mod table;

use std::path::PathBuf;

use clap::Args;

use super::contender::write;
use crate::program::root;
use crate::report::line;

/// What `cargo xtask bench s3` takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder of the binaries; by default what `cargo xtask release --dry-run` or `cargo xtask size` built.
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,
    /// How often each program is run; one round before does not count.
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Only the scenarios whose name holds one of these words.
    words: Vec<String>,
}

/// Measures and writes `target/bench/s3.{md,json,svg}`.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let folder = root().join("target/bench");
    let work = folder.join("work/s3");
    let field = peer::Field::new(options.bin_dir.as_deref(), &folder.join("tools"), &work)?;
    let server = server::Server::start("s3-stand-in")?;
    let is_chosen =
        |name: &str| options.words.is_empty() || options.words.iter().any(|word| name.contains(word.as_str()));
    let mut results = Vec::new();
    for scenario in scenario::ALL.iter().filter(|scenario| is_chosen(scenario.name)) {
        let result = rounds::measure(scenario, &field, &server, options.runs.max(1), &work)?;
        table::scenario(&result).lines().for_each(line);
        results.push(result);
    }
    let second =
        if is_chosen(second::NAME) { second::measure(&field, options.runs.max(1), &work)? } else { Vec::new() };
    let verdicts = goals::judge(&results);
    let text = table::markdown(&results, &second, &verdicts, field.skipped());
    table::goals(&verdicts).lines().for_each(line);
    write(&folder.join("s3.md"), &text)?;
    write(&folder.join("s3.json"), &format!("{:#}\n", table::json(&results, &second, &verdicts, field.skipped())))?;
    write(&folder.join("s3.svg"), &plot::svg(&results))?;
    let missed: Vec<_> = verdicts.iter().filter(|verdict| verdict.is_missed()).map(ToString::to_string).collect();
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed:\n{}", missed.join("\n"))) }
}
