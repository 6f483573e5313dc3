//! `cargo xtask bench detect`: what it costs to tell the versions of a repository, beside the start of Node.js alone, which every action
//! in JavaScript has before its first line runs.
//!
//! The repository is made: a thousand components, a quarter of each of Maven (below one parent), npm, Cargo and Python, with two
//! commits between which some of them changed. Nobody is asked over the network, so what is measured is reading, comparing, deciding.

mod made;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::{Value, json};

use super::contender::write;
use super::sample::{self, peak_memory};
use super::statistics::{median, spread};
use crate::program::{find, root, target_folder};
use crate::release::target::Target;
use crate::report::line;

/// Components of the repository.
const COMPONENTS: usize = 1_000;

/// All of them take no longer, in milliseconds.
const ALL: f64 = 150.0;

/// The start of Node.js takes at least this many times longer than the version of one project.
const FASTER: f64 = 20.0;

/// What `cargo xtask bench detect` takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder of the binaries; by default what `cargo xtask release --dry-run` or `cargo xtask size` built.
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,
    /// The bundle of an action in JavaScript that tells the version of a `package.json`, to be measured with Node.
    #[arg(long, value_name = "FILE")]
    peer: Option<PathBuf>,
    /// How often each program is run; one round before does not count.
    #[arg(long, default_value_t = 21)]
    runs: usize,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One project.
    One,
    /// All components.
    All,
    /// The start of Node.js, with nothing to do.
    Node,
    /// An action in JavaScript.
    Peer,
}

struct Contender {
    kind: Kind,
    name: &'static str,
    command: Box<dyn Fn() -> Command>,
}

/// The medians of a contender.
struct Figures {
    kind: Kind,
    name: &'static str,
    /// In milliseconds.
    time: f64,
    spread: f64,
    /// In MiB.
    memory: f64,
}

/// A goal beside what was found.
struct Verdict {
    what: String,
    is_met: bool,
}

/// Measures and writes `target/bench/detect.{json,md}`.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let folder = root().join("target/bench");
    let work = folder.join("work/detect");
    let binary = binary(options.bin_dir.as_deref())?;
    let made = made::Repository::make(&work, COMPONENTS)?;
    let mut skipped = Vec::new();
    let mut contenders = ours(&binary, &made, &work);
    match find("node") {
        Some(node) => contenders.extend(nodes(&node, options.peer.as_deref(), &made, &work)?),
        None => skipped.push("Node.js, which is not installed".to_owned()),
    }
    check(&contenders, &work)?;
    let runs = options.runs.max(1);
    let figures = measure(&contenders, runs, &work.join("log"))?;
    let verdicts = judge(&figures);
    let text = markdown(&figures, &verdicts, &skipped, runs);
    write(&folder.join("detect.md"), &text)?;
    write(&folder.join("detect.json"), &format!("{:#}\n", data(&figures, &verdicts, &skipped)))?;
    text.lines().for_each(line);
    let missed: Vec<&str> =
        verdicts.iter().filter(|verdict| !verdict.is_met).map(|verdict| verdict.what.as_str()).collect();
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed:\n{}", missed.join("\n"))) }
}

fn binary(bin_dir: Option<&Path>) -> Result<PathBuf, String> {
    let target = Target::of_this_machine()?;
    let built = target_folder().join(target.name()).join("dist");
    let binary = bin_dir.map_or(built, |folder| root().join(folder)).join("version-detect");
    if binary.is_file() {
        return Ok(binary);
    }
    Err(format!("{} is not there: run `cargo xtask size` first, or pass --bin-dir", binary.display()))
}

/// A program in `folder`, with what a runner sets.
fn command(program: &Path, folder: &Path, work: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(folder).env("HOME", work);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GITHUB_WORKSPACE", folder).env("GITHUB_OUTPUT", work.join("output"));
    command.env("GITHUB_STEP_SUMMARY", work.join("summary"));
    command
}

fn ours(binary: &Path, made: &made::Repository, work: &Path) -> Vec<Contender> {
    let (program, home, one) = (binary.to_owned(), work.to_owned(), made.one.clone());
    let single = move || {
        let mut command = command(&program, &one, &home);
        command.env("GITHUB_REF", "refs/heads/main").env("GITHUB_SHA", "c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0c0ffee");
        command
    };
    let (program, home, all) = (binary.to_owned(), work.to_owned(), made.all.clone());
    let (after, event) = (made.after.clone(), made.event.clone());
    let several = move || {
        let mut command = command(&program, &all, &home);
        command.env("GITHUB_EVENT_NAME", "push").env("GITHUB_REF", "refs/heads/main").env("GITHUB_SHA", &after);
        command.env("GITHUB_EVENT_PATH", &event);
        command
    };
    vec![
        Contender { kind: Kind::One, name: "one package.json", command: Box::new(single) },
        Contender { kind: Kind::All, name: "1,000 components", command: Box::new(several) },
    ]
}

fn nodes(node: &Path, peer: Option<&Path>, made: &made::Repository, work: &Path) -> Result<Vec<Contender>, String> {
    let with = |kind, name, arguments: Vec<PathBuf>| {
        let (node, one, work) = (node.to_owned(), made.one.clone(), work.to_owned());
        let command = move || {
            let mut command = command(&node, &one, &work);
            command.args(&arguments).env("GITHUB_EVENT_NAME", "push").env("GITHUB_REPOSITORY", "acme/shop");
            command
        };
        Contender { kind, name, command: Box::new(command) }
    };
    let mut all = vec![with(Kind::Node, "node -e 0", vec!["-e".into(), "0".into()])];
    if let Some(bundle) = peer {
        let bundle = std::path::absolute(bundle).map_err(|error| format!("{}: {error}", bundle.display()))?;
        all.push(with(Kind::Peer, "an action in JavaScript", vec![bundle]));
    }
    Ok(all)
}

/// Runs ours once and looks at what they say, so that nobody is fast by doing nothing.
fn check(contenders: &[Contender], work: &Path) -> Result<(), String> {
    for (kind, wanted) in [(Kind::One, "1.2.3".to_owned()), (Kind::All, made::changed(COMPONENTS))] {
        let output = work.join("output");
        write(&output, "")?;
        for contender in contenders.iter().filter(|contender| contender.kind == kind) {
            sample::run(&mut (contender.command)(), &work.join("log"))?;
        }
        let said = std::fs::read_to_string(&output).map_err(|error| format!("{}: {error}", output.display()))?;
        if !said.contains(&wanted) {
            return Err(format!("`{wanted}` is not among the outputs in {}", output.display()));
        }
    }
    Ok(())
}

/// Runs everybody in turn, so that a busy moment of the machine hits all alike; the first round does not count.
fn measure(contenders: &[Contender], runs: usize, log: &Path) -> Result<Vec<Figures>, String> {
    let mut times: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
    let mut memory = times.clone();
    for round in 0..=runs {
        for (place, contender) in contenders.iter().enumerate() {
            let start = std::time::Instant::now();
            sample::run(&mut (contender.command)(), log)?;
            let time = start.elapsed().as_secs_f64() * 1000.0;
            let peak = peak_memory(&mut (contender.command)(), log)?;
            if round > 0 {
                times[place].push(time);
                memory[place].push(peak);
            }
        }
    }
    let figures = contenders.iter().zip(times).zip(memory).map(|((contender, times), memory)| Figures {
        kind: contender.kind,
        name: contender.name,
        time: median(&times),
        spread: spread(&times),
        memory: median(&memory),
    });
    Ok(figures.collect())
}

fn judge(figures: &[Figures]) -> Vec<Verdict> {
    let time = |kind| figures.iter().find(|found| found.kind == kind).map(|found| found.time);
    let mut verdicts = Vec::new();
    if let Some(all) = time(Kind::All) {
        verdicts.push(Verdict { what: format!("1,000 components in {all:.0} ms (goal {ALL:.0})"), is_met: all < ALL });
    }
    if let (Some(one), Some(node)) = (time(Kind::One), time(Kind::Node)) {
        let faster = node / one;
        let what = format!("one project {faster:.1} times faster than the start of Node.js (goal {FASTER:.0})");
        verdicts.push(Verdict { what, is_met: faster >= FASTER });
    }
    if let (Some(one), Some(peer)) = (time(Kind::One), time(Kind::Peer)) {
        let faster = peer / one;
        let what = format!("one project {faster:.1} times faster than the action in JavaScript (goal {FASTER:.0})");
        verdicts.push(Verdict { what, is_met: faster >= FASTER });
    }
    verdicts
}

fn markdown(figures: &[Figures], verdicts: &[Verdict], skipped: &[String], runs: usize) -> String {
    let mut text = format!(
        "# Versions\n\nMedians of {runs} runs on {} processors, without a network.\n\n\
         | program | time | spread | peak memory |\n|---|---:|---:|---:|\n",
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    );
    for Figures { name, time, spread, memory, .. } in figures {
        text.push_str(&format!("| {name} | {time:.1} ms | {spread:.1} ms | {memory:.1} MiB |\n"));
    }
    text.push('\n');
    for Verdict { what, is_met } in verdicts {
        text.push_str(&format!("- {what}: {}\n", if *is_met { "met" } else { "missed" }));
    }
    for reason in skipped {
        text.push_str(&format!("\nSKIPPED {reason}\n"));
    }
    text
}

fn data(figures: &[Figures], verdicts: &[Verdict], skipped: &[String]) -> Value {
    let one = |found: &Figures| json!({ "name": found.name, "ms": found.time, "spread_ms": found.spread, "peak_memory_mib": found.memory });
    let verdict = |verdict: &Verdict| json!({ "what": verdict.what, "met": verdict.is_met });
    json!({
        "programs": figures.iter().map(one).collect::<Vec<_>>(),
        "goals": verdicts.iter().map(verdict).collect::<Vec<_>>(),
        "skipped": skipped,
    })
}

#[cfg(test)]
mod tests {
    use super::{Figures, Kind, judge, markdown};

    #[test]
    fn a_goal_that_is_missed_is_said() {
        let found = |kind, time| Figures { kind, name: "x", time, spread: 0.0, memory: 1.0 };
        let figures =
            [found(Kind::One, 2.0), found(Kind::All, 151.0), found(Kind::Node, 41.0), found(Kind::Peer, 39.0)];
        let met: Vec<bool> = judge(&figures).iter().map(|verdict| verdict.is_met).collect();
        assert_eq!(met, [false, true, false]);
        let text = markdown(&figures, &judge(&figures), &["a reason".to_owned()], 3);
        assert!(text.contains("- 1,000 components in 151 ms (goal 150): missed\n"), "{text}");
        assert!(text.ends_with("\nSKIPPED a reason\n"), "{text}");
    }
}
