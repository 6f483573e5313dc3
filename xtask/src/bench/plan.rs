//! `cargo xtask bench plan`: what it costs to render a plan, beside `terraform show` on the same one.
//!
//! Terraform itself plans thousands of resources; its binary plan is what `terraform show` reads, its JSON what Slipway does. A plan with a
//! large prior state is made from the same parts, because no provider at hand makes one.

mod made;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use super::contender::write;
use super::sample::{self, peak_memory};
use super::statistics::{median, spread};
use crate::program::{find, root, target_folder};
use crate::release::target::Target;
use crate::report::line;

/// Resources of the plan that Terraform makes.
const RESOURCES: usize = 5_000;

/// All renderings of that plan in one run take no longer, in milliseconds.
const ALL_TARGETS: f64 = 100.0;

/// A plan of 100 MB takes no longer, in milliseconds.
const LARGE: f64 = 1_000.0;

/// The peak of memory is below this many times the plan's length.
const MEMORY: f64 = 3.0;

/// `terraform show` takes at least this many times longer.
const FASTER: f64 = 20.0;

/// What `cargo xtask bench plan` takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder of the binaries; by default what `cargo xtask release --dry-run` or `cargo xtask size` built.
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,
    /// The bundle of `borchero/terraform-plan-comment`, its `dist/index.js`, to be measured with Node.
    #[arg(long, value_name = "FILE")]
    peer: Option<PathBuf>,
    /// How often each program is run; one round before does not count.
    #[arg(long, default_value_t = 7)]
    runs: usize,
}

/// Something that is measured.
struct Contender {
    name: &'static str,
    command: Box<dyn Fn() -> Command>,
    /// The plan's length, in MiB.
    input: f64,
}

/// The medians of a contender.
struct Figures {
    name: &'static str,
    /// In milliseconds.
    time: f64,
    spread: f64,
    /// In MiB.
    memory: f64,
    input: f64,
}

/// A goal beside what was found.
struct Verdict {
    what: String,
    is_met: bool,
}

/// Measures and writes `target/bench/plan.{json,md}`.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let folder = root().join("target/bench");
    let work = folder.join("work/plan");
    std::fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    let binary = binary(options.bin_dir.as_deref())?;
    let terraform = find("terraform").ok_or("terraform is not installed")?;
    let made = made::Plans::make(&terraform, &work, RESOURCES)?;
    let mut contenders = contenders(&binary, &terraform, &made, &work);
    if let Some(bundle) = &options.peer {
        let node = find("node").ok_or("node is not installed")?;
        let bundle = std::path::absolute(bundle).map_err(|error| format!("{}: {error}", bundle.display()))?;
        contenders.extend(with_peer(&binary, (&node, &bundle), &terraform, &made, &work));
    }
    let figures = measure(&contenders, options.runs.max(1), &work.join("log"))?;
    let verdicts = judge(&figures);
    let text = markdown(&figures, &verdicts, options.runs.max(1));
    write(&folder.join("plan.md"), &text)?;
    write(&folder.join("plan.json"), &format!("{:#}\n", data(&figures, &verdicts)))?;
    text.lines().for_each(line);
    let missed: Vec<&str> =
        verdicts.iter().filter(|verdict| !verdict.is_met).map(|verdict| verdict.what.as_str()).collect();
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed:\n{}", missed.join("\n"))) }
}

fn binary(bin_dir: Option<&Path>) -> Result<PathBuf, String> {
    let target = Target::of_this_machine()?;
    let built = target_folder().join(target.name()).join("dist");
    let binary = bin_dir.map_or(built, |folder| root().join(folder)).join("terraform-plan-comment");
    if binary.is_file() {
        return Ok(binary);
    }
    Err(format!("{} is not there: run `cargo xtask size` first, or pass --bin-dir", binary.display()))
}

fn contenders(binary: &Path, terraform: &Path, made: &made::Plans, work: &Path) -> Vec<Contender> {
    let ours = |plan: &Path, arguments: &'static [&'static str]| -> Box<dyn Fn() -> Command> {
        let (binary, plan, work) = (binary.to_owned(), plan.to_owned(), work.to_owned());
        Box::new(move || {
            let mut command = Command::new(&binary);
            command.env_clear().env("HOME", &work).current_dir(&work);
            give_files(&mut command, &work);
            command.arg("--plan").arg(&plan).args(arguments);
            command
        })
    };
    let theirs = |arguments: &'static [&'static str]| -> Box<dyn Fn() -> Command> {
        let (terraform, plan, root) = (terraform.to_owned(), made.plain.binary.clone(), made.plain.folder.clone());
        Box::new(move || {
            let mut command = Command::new(&terraform);
            command.current_dir(&root).env("CHECKPOINT_DISABLE", "1").arg("show").args(arguments).arg(&plan);
            command
        })
    };
    let (small, large, secretive) = (mebibytes(&made.plain.json), mebibytes(&made.large), mebibytes(&made.secretive));
    let all: &[&str] = &["--target", "none", "--html-file", "plan.html"];
    let one = |name, command, input| Contender { name, command, input };
    vec![
        one("summary, page and log", ours(&made.plain.json, all), small),
        one("text", ours(&made.plain.json, &["--format", "text"]), small),
        one("markdown", ours(&made.plain.json, &["--format", "markdown"]), small),
        one("html", ours(&made.plain.json, &["--format", "html"]), small),
        one("json", ours(&made.plain.json, &["--format", "json"]), small),
        one(SHOW, theirs(&["-no-color"]), small),
        one("terraform show -json", theirs(&["-json"]), small),
        one("summary, page and log of values with parts", ours(&made.rich.json, all), mebibytes(&made.rich.json)),
        one("text of values with parts", ours(&made.rich.json, &["--format", "text"]), mebibytes(&made.rich.json)),
        one(LARGE_ALL, ours(&made.large, all), large),
        one("summary, page and log of a plan with secrets", ours(&made.secretive, all), secretive),
    ]
}

/// The files of a step, empty as a runner makes them.
fn give_files(command: &mut Command, work: &Path) {
    for (name, file) in [("GITHUB_STEP_SUMMARY", "summary.md"), ("GITHUB_OUTPUT", "output")] {
        let file = work.join(file);
        // Where it cannot be written, the program says so.
        let _ = std::fs::write(&file, "");
        command.env(name, file);
    }
}

/// A step of a job from the binary plan to the summary, Terraform's own work included: Slipway's, and that of an action in Node.
fn with_peer(
    binary: &Path,
    (node, bundle): (&Path, &Path),
    terraform: &Path,
    made: &made::Plans,
    work: &Path,
) -> [Contender; 2] {
    let step = |program: &Path, arguments: Vec<OsString>| -> Box<dyn Fn() -> Command> {
        let (program, root) = (program.to_owned(), made.plain.folder.clone());
        let (work, terraform, plan) = (work.to_owned(), terraform.to_owned(), made.plain.binary.clone());
        Box::new(move || {
            let mut command = Command::new(&program);
            command.args(&arguments).current_dir(&root);
            give_files(&mut command, &work);
            command.envs([("CHECKPOINT_DISABLE", "1"), ("GITHUB_REPOSITORY", "a/b"), ("GITHUB_EVENT_NAME", "push")]);
            // Node reads its inputs from variables; no comment is written, as there is no pull request.
            let inputs = [
                ("TOKEN", "none"),
                ("WORKING-DIRECTORY", "."),
                ("HEADER", "Plan"),
                ("SKIP-EMPTY", "false"),
                ("SKIP-COMMENT", "true"),
                ("EXPAND-COMMENT", "false"),
            ];
            if program.ends_with("node") {
                command.envs(inputs.map(|(name, value)| (format!("INPUT_{name}"), value)));
                command.env("INPUT_PLANFILE", &plan).env("INPUT_TERRAFORM-CMD", &terraform);
            }
            command
        })
    };
    let input = mebibytes(&made.plain.binary);
    let [plan, terraform] = [&made.plain.binary, terraform].map(|path| path.as_os_str().to_owned());
    let ours = vec!["--plan".into(), plan, "--terraform".into(), terraform, "--target".into(), "none".into()];
    [
        Contender { name: "binary plan to summary", command: step(binary, ours), input },
        Contender {
            name: "borchero/terraform-plan-comment, the same",
            command: step(node, vec![bundle.into()]),
            input,
        },
    ]
}

const SHOW: &str = "terraform show -no-color";
const LARGE_ALL: &str = "summary, page and log of a large plan";

fn mebibytes(path: &Path) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a length in MiB")]
    std::fs::metadata(path).map_or(0.0, |file| file.len() as f64 / f64::from(1 << 20))
}

/// Runs everybody in turn, so that a busy moment of the machine hits all alike; the first round does not count.
fn measure(contenders: &[Contender], runs: usize, log: &Path) -> Result<Vec<Figures>, String> {
    let mut times: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
    let mut memory: Vec<Vec<f64>> = times.clone();
    for round in 0..=runs {
        for (at, contender) in contenders.iter().enumerate() {
            let start = Instant::now();
            sample::run(&mut (contender.command)(), log)?;
            let time = start.elapsed().as_secs_f64() * 1000.0;
            let peak = peak_memory(&mut (contender.command)(), log)?;
            if round > 0 {
                times[at].push(time);
                memory[at].push(peak);
            }
        }
    }
    let figures = contenders.iter().zip(times).zip(memory).map(|((contender, times), memory)| Figures {
        name: contender.name,
        time: median(&times),
        spread: spread(&times),
        memory: median(&memory),
        input: contender.input,
    });
    Ok(figures.collect())
}

fn judge(figures: &[Figures]) -> Vec<Verdict> {
    let of = |name: &str| figures.iter().find(|found| found.name == name);
    let mut verdicts = Vec::new();
    let mut say = |is_met: bool, what: String| verdicts.push(Verdict { what, is_met });
    if let Some(all) = of("summary, page and log") {
        say(
            all.time <= ALL_TARGETS,
            format!("{RESOURCES} resources to all targets: {:.0} ms, goal {ALL_TARGETS} ms", all.time),
        );
        say(
            all.memory <= MEMORY * all.input,
            format!("its memory: {:.1} times the plan, goal {MEMORY}", all.memory / all.input),
        );
    }
    if let (Some(show), Some(text)) = (of(SHOW), of("text")) {
        let ratio = show.time / text.time;
        say(ratio >= FASTER, format!("the text: {ratio:.1} times faster than `{SHOW}`, goal {FASTER}"));
    }
    if let Some(large) = of(LARGE_ALL) {
        say(
            large.time <= LARGE,
            format!("{:.0} MiB to all targets: {:.0} ms, goal {LARGE} ms", large.input, large.time),
        );
        say(
            large.memory <= MEMORY * large.input,
            format!("its memory: {:.1} times the plan, goal {MEMORY}", large.memory / large.input),
        );
    }
    verdicts
}

fn markdown(figures: &[Figures], verdicts: &[Verdict], runs: usize) -> String {
    let mut text = format!(
        "# Plans\n\n{RESOURCES} resources planned by Terraform, and 10,000 with a large prior state; medians of {runs} runs on {} processors.\n\n\
         | what | time | spread | peak memory | plan |\n|---|---:|---:|---:|---:|\n",
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    );
    for Figures { name, time, spread, memory, input } in figures {
        text.push_str(&format!("| {name} | {time:.1} ms | {spread:.1} ms | {memory:.1} MiB | {input:.1} MiB |\n"));
    }
    text.push('\n');
    for Verdict { what, is_met } in verdicts {
        text.push_str(&format!("- {}: {what}\n", if *is_met { "met" } else { "missed" }));
    }
    text
}

fn data(figures: &[Figures], verdicts: &[Verdict]) -> Value {
    let figure = |found: &Figures| json!({ "name": found.name, "time_ms": found.time, "spread_ms": found.spread, "peak_memory_mib": found.memory, "plan_mib": found.input });
    let verdict = |found: &Verdict| json!({ "goal": found.what, "met": found.is_met });
    json!({
        "figures": figures.iter().map(figure).collect::<Vec<_>>(),
        "goals": verdicts.iter().map(verdict).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(name: &'static str, time: f64, memory: f64) -> Figures {
        Figures { name, time, spread: 0.0, memory, input: 3.0 }
    }

    #[test]
    fn a_missed_goal_is_said() {
        let found =
            [figures("summary, page and log", 90.0, 20.0), figures("text", 50.0, 8.0), figures(SHOW, 900.0, 100.0)];
        let verdicts = judge(&found);
        assert_eq!(verdicts.iter().map(|verdict| verdict.is_met).collect::<Vec<_>>(), [true, false, false]);
        let text = markdown(&found, &verdicts, 3);
        assert!(
            text.contains("- missed: the text: 18.0 times faster than `terraform show -no-color`, goal 20"),
            "{text}"
        );
        assert_eq!(data(&found, &verdicts)["goals"][0]["met"], true);
    }
}
