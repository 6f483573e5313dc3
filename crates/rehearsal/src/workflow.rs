//! One run of one workflow by the real runner.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use testkit::act::{ActRun, Conclusion};
use tokio_util::sync::CancellationToken;

use crate::check::WORKFLOWS;
use crate::checkout::{Change, Checkout};
use crate::collector::Collector;
use crate::config::Run;
use crate::error::Error;
use crate::log::Log;
use crate::problem::{Problem, WorkflowProblem};
use crate::screen::Screen;
use crate::stack::Stack;
use crate::uses;

/// What a step ended with.
#[derive(Debug, Clone)]
pub(crate) struct StepResult {
    pub(crate) job: String,
    pub(crate) name: String,
    pub(crate) conclusion: Conclusion,
    pub(crate) started: SystemTime,
    pub(crate) time: Duration,
    /// The errors the step annotated, title and text.
    pub(crate) errors: Vec<String>,
}

/// What a run ended with.
#[derive(Debug)]
pub(crate) struct RunResult {
    pub(crate) success: bool,
    pub(crate) steps: Vec<StepResult>,
}

impl RunResult {
    /// All errors that steps annotated.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| step.errors.iter().map(String::as_str))
    }
}

/// Everything a run of a workflow needs.
pub(crate) struct Workflow<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) checkout: &'a Checkout,
    /// The folders that stand in for other actions, by `owner/name`.
    pub(crate) stand_ins: &'a BTreeMap<String, PathBuf>,
    pub(crate) vars: &'a BTreeMap<String, String>,
    pub(crate) secrets: &'a BTreeMap<String, String>,
    /// Environment of every step.
    pub(crate) env: Vec<(String, String)>,
    /// Folders in front of `PATH`.
    pub(crate) path: Vec<PathBuf>,
    /// Where logs, summaries and evidence go.
    pub(crate) folder: PathBuf,
    /// The runner's home.
    pub(crate) home: PathBuf,
}

impl Workflow<'_> {
    /// Runs it.
    pub(crate) fn run(
        &self,
        run: &Run,
        change: &Change,
        screen: &Screen,
        cancel: &CancellationToken,
    ) -> Result<RunResult, Error> {
        std::fs::create_dir_all(&self.folder).map_err(Error::file(&self.folder))?;
        let event = self.folder.join("event.json");
        let payload = serde_json::to_string_pretty(&self.checkout.event(run, change)).unwrap_or_default();
        std::fs::write(&event, payload).map_err(Error::file(&event))?;
        let mut act = ActRun::new(self.checkout.folder(), run.event.name())
            .workflow(format!("{WORKFLOWS}/{}", run.workflow))
            .event_file(&event)
            .home(&self.home)
            .secret("GITHUB_TOKEN", self.stack.github.token());
        for (name, value) in &self.env {
            act = act.env(name, value);
        }
        for (name, value) in self.vars {
            act = act.var(name, value);
        }
        for (name, value) in self.secrets.iter().filter(|(name, _)| *name != "GITHUB_TOKEN") {
            act = act.secret(name, value);
        }
        for folder in &self.path {
            act = act.path_prefix(folder);
        }
        for (action, folder) in self.replacements(run)? {
            act = act.local_repository(&action, &folder);
        }
        let mut log = Log::create(&self.folder.join("log.txt"))?;
        let mut collector = Collector::new(screen, self.folder.join("summary.md"));
        let outcome = act
            .run(&self.stack.tools, cancel, |event| {
                log.take(event);
                collector.take(event);
            })
            .map_err(|error| Error::Runner { reason: error.to_string() })?;
        log.end(&outcome.stderr);
        if outcome.cancelled || cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(RunResult { success: outcome.success, steps: collector.end() })
    }

    /// The other actions the workflow uses, `owner/name@ref`, and the folders that stand in for them.
    fn replacements(&self, run: &Run) -> Result<Vec<(String, PathBuf)>, Error> {
        let read = |file: &str| std::fs::read_to_string(self.checkout.folder().join(file)).ok();
        let remotes = uses::remotes(&format!("{WORKFLOWS}/{}", run.workflow), &read)
            .map_err(|error| Problem::from(WorkflowProblem::from(error)))?;
        let mut found = Vec::new();
        for remote in remotes {
            match self.stand_ins.get(&remote.action) {
                Some(folder) => found.push((format!("{}@{}", remote.action, remote.reference), folder.clone())),
                None if remote.is_built_in() => {}
                None => {
                    let (action, workflow) = (remote.action, run.workflow.clone());
                    return Err(Problem::from(WorkflowProblem::UnmappedAction { action, workflow }).into());
                }
            }
        }
        found.dedup();
        Ok(found)
    }
}
