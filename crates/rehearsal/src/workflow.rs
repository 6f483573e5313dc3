//! One run of one workflow by the real runner.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use testkit::act::{ActRun, Conclusion};
use tokio_util::sync::CancellationToken;

use crate::checkout::{Change, Checkout};
use crate::collector::Collector;
use crate::config::{Config, Run};
use crate::error::Error;
use crate::screen::Screen;
use crate::stack::Stack;

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
    pub(crate) config: &'a Config,
    pub(crate) stack: &'a Stack,
    pub(crate) checkout: &'a Checkout,
    /// The repository that was cloned.
    pub(crate) repository: &'a std::path::Path,
    pub(crate) vars: &'a std::collections::BTreeMap<String, String>,
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
            .workflow(format!(".github/workflows/{}", run.workflow))
            .event_file(&event)
            .home(&self.home)
            .log_file(self.folder.join("log.txt"))
            .secret("GITHUB_TOKEN", self.stack.github.token());
        for (name, value) in &self.env {
            act = act.env(name, value);
        }
        for (name, value) in self.vars {
            act = act.var(name, value);
        }
        for folder in &self.path {
            act = act.path_prefix(folder);
        }
        for (action, folder) in self.replacements(run)? {
            act = act.local_repository(&action, &folder);
        }
        let mut collector = Collector::new(screen, self.folder.join("summary.md"));
        let outcome = act
            .run(&self.stack.tools, cancel, |event| collector.take(event))
            .map_err(|error| Error::Runner { reason: error.to_string() })?;
        if outcome.cancelled || cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        Ok(RunResult { success: outcome.success, steps: collector.steps })
    }

    /// The other actions the workflow uses, `owner/name@ref`, and the folders that stand in for them.
    fn replacements(&self, run: &Run) -> Result<Vec<(String, PathBuf)>, Error> {
        let path = self.checkout.folder().join(".github/workflows").join(&run.workflow);
        let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
        let mut found = Vec::new();
        for used in text.lines().filter_map(used_action) {
            let owner_and_name: String = used.split(['@', '/']).take(2).collect::<Vec<_>>().join("/");
            let reference = used.split_once('@').map_or("", |(_, reference)| reference);
            if let Some(folder) = self.config.uses.get(&owner_and_name) {
                found.push((format!("{owner_and_name}@{reference}"), self.stand_in(folder)));
            } else if owner_and_name != "actions/checkout" && !used.starts_with("docker:") {
                return Err(Error::UnmappedAction { action: owner_and_name, workflow: run.workflow.clone() });
            }
        }
        Ok(found)
    }

    /// A folder that stands in for an action: in the clone, or for one outside of the repository beside the repository itself.
    fn stand_in(&self, folder: &str) -> PathBuf {
        let inside = self.checkout.folder().join(folder);
        if inside.is_dir() { inside } else { self.repository.join(folder) }
    }
}

/// The action a line of a workflow uses, without its comment.
fn used_action(line: &str) -> Option<&str> {
    let rest = line.trim().trim_start_matches("- ").strip_prefix("uses:")?.trim();
    let used = rest.split('#').next()?.trim().trim_matches(['\'', '"']);
    (!used.starts_with("./")).then_some(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_actions_a_workflow_uses() {
        assert_eq!(used_action("      - uses: actions/checkout@abc # v6"), Some("actions/checkout@abc"));
        assert_eq!(used_action("        uses: './actions/x'"), None);
        assert_eq!(used_action("        run: uses: x"), None);
    }
}
