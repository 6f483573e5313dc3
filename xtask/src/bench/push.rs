//! `cargo xtask bench push`: what it costs to push images, beside the programs that people use for it.
//!
//! Everybody pushes the same images to `registry-stand-in`, a process of its own whose processor time is shown too; it answers
//! ECR's API as well, so that what ours asks there is part of its time. In the round that does not count it hashes every blob. A
//! run counts only where the registry then has the tags it should, and takes a tag only when all of the image is there.

mod goals;
mod image;
mod peer;
mod rounds;
mod scenario;
mod table;

use std::path::PathBuf;

use clap::Args;

use super::contender::write;
use super::s3::server::Server;
use crate::program::root;
use crate::report::line;

/// What `cargo xtask bench push` takes.
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

/// Measures and writes `target/bench/push.{md,json}`.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let folder = root().join("target/bench");
    let work = folder.join("work/push");
    let server = Server::start("registry-stand-in")?;
    let field = peer::Field::new(options.bin_dir.as_deref(), &work, server.url())?;
    let is_chosen =
        |name: &str| options.words.is_empty() || options.words.iter().any(|word| name.contains(word.as_str()));
    let mut results = Vec::new();
    for scenario in scenario::ALL.iter().filter(|scenario| is_chosen(scenario.name)) {
        let images = image::Images::make(scenario, &work.join("images"))?;
        field.prepare(scenario, &images)?;
        for latency in scenario::LATENCIES {
            let result = rounds::measure(scenario, *latency, &field, &server, options.runs.max(1), &images)?;
            table::scenario(&result).lines().for_each(line);
            results.push(result);
        }
        images.remove()?;
    }
    let verdicts = goals::judge(&results);
    table::goals(&verdicts).lines().for_each(line);
    field.skipped().iter().for_each(|reason| line(&format!("SKIPPED {reason}")));
    write(&folder.join("push.md"), &table::markdown(&results, &verdicts, field.skipped()))?;
    write(&folder.join("push.json"), &format!("{:#}\n", table::json(&results, &verdicts, field.skipped())))?;
    let missed: Vec<_> = verdicts.iter().filter(|verdict| verdict.is_missed()).map(ToString::to_string).collect();
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed:\n{}", missed.join("\n"))) }
}
