//! The actions, used by the full SHA of the release commit, through the workflow runner: once with an empty cache, then
//! from the cache.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use testkit::{ActEvent, ActRun, Conclusion, EventKind, Tools};
use tokio_util::sync::CancellationToken;

use super::sample;
use super::source::{Source, git};
use super::stack::Stack;
use crate::program::{ACTIONS, Program};

/// A release that somebody pins.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    /// The folder everything is written to.
    pub(crate) folder: &'a Path,
    /// The pinned tools.
    pub(crate) tools: &'a Tools,
    /// The release commit.
    pub(crate) commit: String,
    /// What GitHub hands out for the commit.
    pub(crate) tarball: PathBuf,
    /// The head of the repository that uses the release.
    head: String,
    stack: Stack,
}

/// How one run of the workflow went.
#[derive(Debug)]
pub(crate) struct Run {
    /// The steps and their times, in order.
    pub(crate) steps: Vec<(String, Duration)>,
    /// The whole run.
    pub(crate) time: Duration,
}

impl<'a> Trial<'a> {
    /// Makes the release commit with this lock, its tarball, and the repository that uses it.
    pub(crate) fn set(folder: &'a Path, tools: &'a Tools, source: &Source, lock: &str) -> Result<Self, String> {
        let clone = folder.join("release");
        let commit = source.release_commit(lock, &clone)?;
        let tarball = tarball(&clone, folder)?;
        let head = sample::write(&folder.join("sample"), &commit)?;
        let event = folder.join("event.json");
        std::fs::write(&event, sample::event(&head).to_string()).map_err(|error| format!("event.json: {error}"))?;
        let stack = Stack::start(tools, &folder.join("ministack.log"), &head)?;
        Ok(Self { folder, tools, commit, tarball, head, stack })
    }

    /// Puts a new world in place of the one that was deployed to, and makes sure that nothing of that deployment is in it.
    pub(crate) fn renew(&mut self) -> Result<(), String> {
        self.stack = Stack::start(self.tools, &self.folder.join("ministack-again.log"), &self.head)?;
        match self.evidence() {
            Ok(found) => Err(format!("before anything was deployed to the new world, {}", found.join(", "))),
            Err(_) => Ok(()),
        }
    }

    /// The tool cache of the runner.
    pub(crate) fn cache(&self) -> PathBuf {
        cache(self.folder)
    }

    /// Runs the workflow; every step has to succeed.
    pub(crate) fn run(&self, log: &str) -> Result<Run, String> {
        let uses = format!("{}@{}", sample::SLIPWAY, self.commit);
        let mut watch = Watch::default();
        let start = Instant::now();
        let outcome = ActRun::new(self.folder.join("sample"), "pull_request")
            .workflow(sample::WORKFLOW)
            .event_file(self.folder.join("event.json"))
            .home(self.folder.join("home"))
            .log_file(self.folder.join(log))
            .local_repository(uses, &self.tarball)
            .envs(self.stack.env())
            .secret("GITHUB_TOKEN", self.stack.token())
            .run(self.tools, &CancellationToken::new(), |event| watch.see(event))
            .map_err(|error| error.to_string())?;
        if !outcome.success {
            let words = watch.lines.join("\n");
            return Err(format!("the workflow failed, see {log}:\n{words}\n{}", outcome.stderr));
        }
        let steps = watch.steps;
        for name in ACTIONS.iter().chain(&["setup"]) {
            if !steps.iter().any(|(step, _)| step == name) {
                return Err(format!("the step `{name}` did not run"));
            }
        }
        Ok(Run { steps, time: start.elapsed() })
    }

    /// What is there afterwards.
    pub(crate) fn evidence(&self) -> Result<Vec<String>, String> {
        self.stack.evidence()
    }

    /// Demands that a changed archive is refused: one byte more, and an empty cache.
    pub(crate) fn refuses(&self, archive: &Path, tool: &str) -> Result<(), String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", archive.display());
        let content = std::fs::read(archive).map_err(wrong)?;
        std::fs::write(archive, [&content[..], b"x"].concat()).map_err(wrong)?;
        let empty = self.folder.join("empty-cache").display().to_string();
        let output = Program::new("bash")
            .args(["--noprofile", "--norc"])
            .args([self.tarball.join("scripts/run-action.sh")])
            .args([tool, "--help"])
            .without(&["SLIPWAY_BIN_DIR", "SLIPWAY_MIRROR", "GITHUB_ACTIONS"])
            .env("RUNNER_TOOL_CACHE", &empty)
            .env("RUNNER_TEMP", &empty)
            .env("XDG_CACHE_HOME", &empty)
            .output();
        std::fs::write(archive, content).map_err(wrong)?;
        let output = output?;
        if output.status == 1 && output.stdout.is_empty() && output.stderr.contains("slipway/archive-mismatch") {
            return Ok(());
        }
        Err(format!("a changed archive was not refused: {}", output.text()))
    }
}

/// The tool cache of a dry run in `folder`: act decides where below its home it is.
pub(crate) fn cache(folder: &Path) -> PathBuf {
    folder.join("home/.cache/act/tool_cache")
}

/// Unpacks what GitHub hands out for the release commit: `git archive`, without what `.gitattributes` leaves out.
fn tarball(clone: &Path, folder: &Path) -> Result<PathBuf, String> {
    let file = folder.join("tarball.tar");
    let name = file.display().to_string();
    git(clone, &["archive", "--format=tar", "--output", &name, "HEAD"])?;
    let unpacked = folder.join("tarball");
    let wrong = |error: std::io::Error| format!("{name}: {error}");
    tar::Archive::new(std::fs::File::open(&file).map_err(wrong)?).unpack(&unpacked).map_err(wrong)?;
    Ok(unpacked)
}

/// The steps that a run had.
#[derive(Debug, Default)]
struct Watch {
    started: Option<(String, Instant)>,
    steps: Vec<(String, Duration)>,
    lines: Vec<String>,
}

impl Watch {
    fn see(&mut self, event: &ActEvent) {
        // The steps of the workflow, not those within the actions, and not what act adds before and after.
        let step = event.step.clone().filter(|_| event.step_id.len() == 1 && event.stage.as_deref() == Some("Main"));
        match (&event.kind, step) {
            (EventKind::StepStarted, Some(step)) => self.started = Some((step, Instant::now())),
            (EventKind::StepFinished(Conclusion::Success), Some(step)) => {
                let since = self.started.take().filter(|(started, _)| *started == step).map(|(_, at)| at.elapsed());
                self.steps.push((step, since.unwrap_or_default()));
            }
            (EventKind::Line(line), _) => self.lines.push(line.clone()),
            (EventKind::Command { message, .. }, _) => self.lines.push(message.clone()),
            (EventKind::Message { level, text }, _) if level == "error" => self.lines.push(text.clone()),
            _ => {}
        }
    }
}
