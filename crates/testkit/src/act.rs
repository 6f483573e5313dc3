//! The workflow runner `act` in host mode: real workflow files, no Docker, no network of its own.
//!
//! It differs from GitHub in ways the rehearsal has to know: path and branch filters are ignored, `INPUT_*` leaks into the
//! `run` steps of composite actions, `actions/checkout` copies the checkout, and the run id is always 1.

mod command;
mod error;
mod event;
mod mask;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

pub use error::ActError;
pub use event::{ActEvent, Conclusion, EventKind};
use mask::Masks;
use tokio_util::sync::CancellationToken;

use crate::process::Leash;
use crate::tools::Tools;

/// How often a quiet run looks whether it was canceled.
const POLL: Duration = Duration::from_millis(50);

/// One run of the workflows of a checkout.
#[derive(Debug, Clone)]
pub struct ActRun {
    checkout: PathBuf,
    event_name: String,
    workflow: Option<PathBuf>,
    job: Option<String>,
    event_file: Option<PathBuf>,
    home: Option<PathBuf>,
    log_file: Option<PathBuf>,
    path_prefix: Vec<PathBuf>,
    local_repositories: Vec<(String, PathBuf)>,
    values: Values,
}

/// What goes into files, because it may be secret or hold anything.
#[derive(Debug, Clone, Default)]
struct Values {
    env: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    vars: BTreeMap<String, String>,
    inputs: BTreeMap<String, String>,
}

/// The end of a run.
#[derive(Debug, Clone)]
pub struct ActOutcome {
    /// Whether every job succeeded.
    pub success: bool,
    /// Whether the run was canceled.
    pub cancelled: bool,
    /// The conclusion of each job that ran, by `workflow/job`.
    pub jobs: BTreeMap<String, Conclusion>,
    /// What act itself wrote to standard error, with secrets masked.
    pub stderr: String,
}

impl ActRun {
    /// Runs the workflows below `checkout` that react to this event. The checkout's current branch, head and remote give the
    /// ref, the commit and the repository.
    pub fn new(checkout: impl Into<PathBuf>, event_name: impl Into<String>) -> Self {
        Self {
            checkout: checkout.into(),
            event_name: event_name.into(),
            workflow: None,
            job: None,
            event_file: None,
            home: None,
            log_file: None,
            path_prefix: Vec::new(),
            local_repositories: Vec::new(),
            values: Values::default(),
        }
    }

    /// Restricts the run to one workflow file, given relative to the checkout.
    #[must_use]
    pub fn workflow(mut self, path: impl Into<PathBuf>) -> Self {
        self.workflow = Some(path.into());
        self
    }

    /// Restricts the run to one job and what it needs.
    #[must_use]
    pub fn job(mut self, id: impl Into<String>) -> Self {
        self.job = Some(id.into());
        self
    }

    /// Sets the event payload.
    #[must_use]
    pub fn event_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.event_file = Some(path.into());
        self
    }

    /// Sets a variable of every step.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.env.insert(name.into(), value.into());
        self
    }

    /// Sets several variables of every step.
    #[must_use]
    pub fn envs(mut self, pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        self.values.env.extend(pairs);
        self
    }

    /// Sets a secret; it is masked in events and in the log. `GITHUB_TOKEN` sets `github.token` too.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.secrets.insert(name.into(), value.into());
        self
    }

    /// Sets a configuration variable (`vars.NAME`).
    #[must_use]
    pub fn var(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.vars.insert(name.into(), value.into());
        self
    }

    /// Sets an input of a `workflow_dispatch` event.
    #[must_use]
    pub fn input(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.values.inputs.insert(name.into(), value.into());
        self
    }

    /// Takes `owner/repo@ref` from a folder; an action that is not mapped cannot be fetched.
    #[must_use]
    pub fn local_repository(mut self, reference: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        self.local_repositories.push((reference.into(), folder.into()));
        self
    }

    /// Uses this home folder, which keeps the workspaces and the tool cache after the run; a temporary one otherwise.
    #[must_use]
    pub fn home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.home = Some(folder.into());
        self
    }

    /// Writes every event as a line of JSON to this file, with secrets masked.
    #[must_use]
    pub fn log_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.log_file = Some(path.into());
        self
    }

    /// Puts a folder in front of the steps' `PATH`.
    #[must_use]
    pub fn path_prefix(mut self, folder: impl Into<PathBuf>) -> Self {
        self.path_prefix.push(folder.into());
        self
    }

    /// Runs to the end or until `cancel` fires, which ends every process of the run. Blocks; `on_event` is called in order.
    pub fn run(
        &self,
        tools: &Tools,
        cancel: &CancellationToken,
        mut on_event: impl FnMut(&ActEvent),
    ) -> Result<ActOutcome, ActError> {
        let files = command::RunFiles::create(self)?;
        let mut command = command::build(self, tools, &files)?;
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut journal = Journal::open(self)?;
        let mut leash = Leash::spawn(command)?;
        let child = leash.group().child();
        let (lines, reader) = stream(child.stdout.take());
        let errors = collect(child.stderr.take());
        let mut child = Cancellable { leash, cancel, cancelled: false };
        loop {
            child.check()?;
            match lines.recv_timeout(POLL) {
                Ok(line) => journal.read(&line)?.iter().for_each(&mut on_event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = child.wait()?;
        join(reader);
        let stderr = errors.and_then(|errors| errors.join().ok()).unwrap_or_default();
        Ok(ActOutcome {
            success: status.success() && !child.cancelled,
            cancelled: child.cancelled,
            stderr: journal.masks.redact(&stderr),
            jobs: journal.jobs,
        })
    }
}

/// The running program and the token that ends it.
struct Cancellable<'a> {
    leash: Leash,
    cancel: &'a CancellationToken,
    cancelled: bool,
}

impl Cancellable<'_> {
    /// Ends the program once the token has fired.
    fn check(&mut self) -> Result<(), ActError> {
        if self.cancel.is_cancelled() && !self.cancelled {
            self.cancelled = true;
            self.leash.stop()?;
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<ExitStatus, ActError> {
        loop {
            if let Some(status) = self.leash.group().wait_for(POLL)? {
                return Ok(status);
            }
            self.check()?;
        }
    }
}

/// What is known of a run so far, and the file it is written to.
struct Journal<'a> {
    masks: Masks,
    jobs: BTreeMap<String, Conclusion>,
    log: Option<(&'a Path, File)>,
}

impl<'a> Journal<'a> {
    fn open(run: &'a ActRun) -> Result<Self, ActError> {
        let create = |path: &'a Path| -> Result<_, ActError> {
            let file = File::create(path).map_err(|source| error::files(path, source))?;
            Ok((path, file))
        };
        Ok(Self {
            masks: Masks::new(run.values.secrets.values()),
            jobs: BTreeMap::new(),
            log: run.log_file.as_deref().map(create).transpose()?,
        })
    }

    /// Masks a line, keeps it and returns the events it stands for.
    fn read(&mut self, line: &str) -> Result<Vec<ActEvent>, ActError> {
        let Some(value) = self.masks.clean(line) else {
            return Ok(Vec::new());
        };
        if let Some((path, file)) = &mut self.log {
            writeln!(file, "{value}").map_err(|source| error::files(path, source))?;
        }
        let events = event::read(&value);
        for event in &events {
            if let EventKind::JobFinished(conclusion) = event.kind {
                self.jobs.insert(event.job.clone(), conclusion);
            }
        }
        Ok(events)
    }
}

/// Reads lines on a thread of their own, so that a quiet run can still be canceled.
fn stream(pipe: Option<impl Read + Send + 'static>) -> (Receiver<String>, Option<JoinHandle<()>>) {
    let (sender, receiver) = channel();
    let reader = pipe.map(|pipe| {
        std::thread::spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut line = Vec::new();
            while pipe.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
                line.clear();
            }
        })
    });
    (receiver, reader)
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> Option<JoinHandle<String>> {
    pipe.map(|mut pipe| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What arrived before an error is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    })
}

fn join(thread: Option<JoinHandle<()>>) {
    if let Some(thread) = thread {
        // A reader does not panic; were it to, the lines it had sent are handled already.
        let _ = thread.join();
    }
}

#[cfg(test)]
mod tests;
