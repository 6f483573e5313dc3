//! `cargo xtask bench startup`: how long an action takes to its first call and for a whole deployment, and in how much
//! memory, beside the official action for Node.js.
//!
//! All contenders register the same task definition and update the same service of a stand-in on loopback, with the same
//! credentials from the environment, and do not wait for the deployment.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::comparison::{Figures, OFFICIAL, json, markdown, missed};
use super::sample::{Sample, peak_memory, timed};
use super::stand_in::{StandIn, task_definition};
use super::statistics::median;
use crate::program::{find, root, target_folder};
use crate::release::target::Target;
use crate::report::line;

/// The official action, below `target/bench/node`.
const REPOSITORY: &str = "amazon-ecs-deploy-task-definition";

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

/// Something that deploys.
struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<PathBuf>,
    env: Vec<(String, PathBuf)>,
}

/// Measures and writes `target/bench/startup.{json,md}`.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let folder = root().join("target/bench");
    let file = folder.join("work/task-definition.json");
    write(&file, &task_definition("shop:2").to_string())?;
    let stand_in = StandIn::start()?;
    let (contenders, skipped) = contenders(options, &folder)?;
    let figures = measure(&contenders, options.runs.max(1), &stand_in, &folder.join("work"))?;
    let text = markdown(&figures, options.runs.max(1), &skipped);
    write(&folder.join("startup.md"), &text)?;
    write(&folder.join("startup.json"), &format!("{:#}\n", json(&figures, options.runs.max(1), &skipped)))?;
    text.lines().for_each(line);
    let missed = missed(&figures);
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed: {}", missed.join("; "))) }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Who takes part, and why somebody does not.
fn contenders(options: &Options, folder: &Path) -> Result<(Vec<Contender>, Vec<String>), String> {
    let target = Target::of_this_machine()?;
    let built = target_folder().join(target.name()).join("dist");
    let binaries = options.bin_dir.as_ref().map_or(built, |folder| root().join(folder));
    let binary = binaries.join("ecs-deploy");
    if !binary.is_file() {
        return Err(format!("{} is not there: run `cargo xtask size` first, or pass --bin-dir", binary.display()));
    }
    let slipway = Contender { name: "slipway", program: binary, arguments: Vec::new(), env: vec![] };
    let script = Contender {
        name: "slipway, with its script",
        program: "bash".into(),
        arguments: ["--noprofile".into(), "--norc".into(), root().join("scripts/run-action.sh"), "ecs-deploy".into()]
            .into(),
        env: vec![("SLIPWAY_BIN_DIR".to_owned(), binaries)],
    };
    let (mut all, mut skipped) = (vec![slipway, script], Vec::new());
    let bundle = folder.join("node").join(REPOSITORY).join("dist/index.js");
    match find("node") {
        None => skipped.push("the official action: Node.js is not installed".to_owned()),
        Some(_) if !bundle.is_file() => {
            skipped.push(format!("the official action: clone aws-actions/{REPOSITORY} into target/bench/node"));
        }
        Some(node) => all.push(Contender { name: OFFICIAL, program: node, arguments: vec![bundle], env: vec![] }),
    }
    Ok((all, skipped))
}

/// Runs everybody in turn, so that a busy moment of the machine hits all alike; the first round does not count.
fn measure(contenders: &[Contender], runs: usize, stand_in: &StandIn, work: &Path) -> Result<Vec<Figures>, String> {
    let mut samples: Vec<Vec<Sample>> = contenders.iter().map(|_| Vec::new()).collect();
    let mut memory: Vec<Vec<f64>> = samples.iter().map(|_| Vec::new()).collect();
    for round in 0..=runs {
        for (at, contender) in contenders.iter().enumerate() {
            let sample = timed(&mut contender.command(stand_in, work), stand_in, &work.join("log"))?;
            let peak = peak_memory(&mut contender.command(stand_in, work), &work.join("log"))?;
            if round > 0 {
                samples[at].push(sample);
                memory[at].push(peak);
            }
        }
    }
    let figures = contenders.iter().zip(samples).zip(memory).map(|((contender, samples), memory)| {
        let of = |figure: fn(&Sample) -> f64| median(&samples.iter().map(figure).collect::<Vec<_>>());
        Figures {
            name: contender.name,
            first_call: of(|sample| sample.first_call),
            whole: of(|sample| sample.whole),
            memory: median(&memory),
            calls: samples.last().map(|sample| sample.calls.clone()).unwrap_or_default(),
        }
    });
    Ok(figures.collect())
}

impl Contender {
    /// The program with an environment of its own: what a runner sets, credentials, and the inputs in both spellings.
    fn command(&self, stand_in: &StandIn, work: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(work).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (name, value) in [
            ("AWS_ENDPOINT_URL", stand_in.url().as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("INPUT_CLUSTER", "shop"),
            ("INPUT_SERVICE", "web"),
            ("INPUT_WAIT-FOR-SERVICE-STABILITY", "false"),
            ("INPUT_WAIT_FOR_SERVICE_STABILITY", "false"),
            ("INPUT_TASK-DEFINITION", "task-definition.json"),
            ("INPUT_TASK_DEFINITION", "task-definition.json"),
        ] {
            command.env(name, value);
        }
        command.env("GITHUB_WORKSPACE", work).env("HOME", work);
        for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH"] {
            let file = work.join(name);
            // Emptied, for the official action wants it to exist; should that fail, its own error tells.
            let _ = std::fs::write(&file, "");
            command.env(name, file);
        }
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command
    }
}
