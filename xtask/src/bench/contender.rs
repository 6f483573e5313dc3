//! Programs that deploy, each with an environment of its own, and what their runs cost.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::comparison::{Figures, OFFICIAL};
use super::sample::{Sample, peak_memory, timed};
use super::stand_in::StandIn;
use super::statistics::median;
use crate::program::{find, root, target_folder};
use crate::release::target::Target;

/// The official action, below `target/bench/node`.
const REPOSITORY: &str = "amazon-ecs-deploy-task-definition";

/// Something that deploys.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<PathBuf>,
    pub(crate) env: Vec<(String, PathBuf)>,
}

/// Who takes part, and why somebody does not.
#[derive(Debug)]
pub(crate) struct Field {
    /// Ours.
    pub(crate) ours: Contender,
    /// Ours, started as the action starts it.
    pub(crate) script: Contender,
    /// The official action, or why it does not take part.
    pub(crate) official: Result<Contender, String>,
}

impl Field {
    /// The programs in `bin_dir`, by default those that were built last, and the official action below `folder`.
    pub(crate) fn new(bin_dir: Option<&Path>, folder: &Path) -> Result<Self, String> {
        let target = Target::of_this_machine()?;
        let built = target_folder().join(target.name()).join("dist");
        let binaries = bin_dir.map_or(built, |folder| root().join(folder));
        let binary = binaries.join("ecs-deploy");
        if !binary.is_file() {
            return Err(format!("{} is not there: run `cargo xtask size` first, or pass --bin-dir", binary.display()));
        }
        let script = root().join("scripts/run-action.sh");
        Ok(Self {
            ours: Contender { name: "slipway", program: binary, arguments: Vec::new(), env: Vec::new() },
            script: Contender {
                name: "slipway, with its script",
                program: "bash".into(),
                arguments: vec!["--noprofile".into(), "--norc".into(), script, "ecs-deploy".into()],
                env: vec![("SLIPWAY_BIN_DIR".to_owned(), binaries)],
            },
            official: official(folder),
        })
    }

    /// Everybody who takes part, and why somebody does not.
    pub(crate) fn all(self) -> (Vec<Contender>, Vec<String>) {
        let mut all = vec![self.ours, self.script];
        match self.official {
            Ok(official) => {
                all.push(official);
                (all, Vec::new())
            }
            Err(reason) => (all, vec![reason]),
        }
    }
}

fn official(folder: &Path) -> Result<Contender, String> {
    let bundle = folder.join("node").join(REPOSITORY).join("dist/index.js");
    let Some(node) = find("node") else { return Err("the official action: Node.js is not installed".to_owned()) };
    if !bundle.is_file() {
        return Err(format!("the official action: clone aws-actions/{REPOSITORY} into target/bench/node"));
    }
    Ok(Contender { name: OFFICIAL, program: node, arguments: vec![bundle], env: Vec::new() })
}

/// Runs everybody in turn, so that a busy moment of the machine hits all alike; the first round does not count.
pub(crate) fn measure(
    contenders: &[Contender],
    runs: usize,
    stand_in: &StandIn,
    command: impl Fn(&Contender) -> Command,
    log: &Path,
) -> Result<Vec<Figures>, String> {
    let mut samples: Vec<Vec<Sample>> = contenders.iter().map(|_| Vec::new()).collect();
    let mut memory: Vec<Vec<f64>> = samples.iter().map(|_| Vec::new()).collect();
    for round in 0..=runs {
        for (at, contender) in contenders.iter().enumerate() {
            let sample = timed(&mut command(contender), stand_in, log)?;
            stand_in.calls();
            let peak = peak_memory(&mut command(contender), log)?;
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
    pub(crate) fn command<'a>(
        &self,
        endpoint: &str,
        work: &Path,
        inputs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(work).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (name, value) in [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            command.env(name, value);
        }
        for (name, value) in inputs {
            let name = format!("INPUT_{}", name.to_uppercase());
            command.env(name.replace('-', "_"), value).env(name, value);
        }
        command.env("GITHUB_WORKSPACE", work).env("HOME", work).env("RUNNER_TEMP", work);
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

/// Writes a file, and the folders above it.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    let parent = path.parent().unwrap_or(path);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}
