//! What became of a task that was followed, and why.

use serde_json::Value;

use crate::diagnosis::{Diagnosis, group};
use crate::run_task::follow::Following;
use crate::run_task::outcome::EndedContainer;
use crate::run_task::{TaskOutcome, TaskVerdict};

impl Following<'_> {
    /// What is told of it.
    pub(super) fn outcome(&self, verdict: TaskVerdict, reason: &str, exit_code: Option<i64>) -> TaskOutcome {
        let container = |(name, essential, code): (&str, bool, Option<i64>)| EndedContainer {
            name: name.to_owned(),
            essential,
            exit_code: code,
        };
        let mut warnings: Vec<String> = Vec::new();
        let diagnosis = (!verdict.is_success()).then(|| self.diagnosis());
        if diagnosis.is_none() {
            warnings.extend(self.streams.blind_spots.iter().filter(|line| line.starts_with("grant ")).cloned());
        }
        TaskOutcome {
            arn: self.watch.arn().to_owned(),
            verdict,
            reason: self.mask.hide(reason),
            exit_code,
            containers: self.watch.containers().map(container).collect(),
            seconds: self.start.elapsed().as_secs(),
            warnings,
            advice: String::new(),
            diagnosis,
        }
    }

    /// Why it did not end well, and what its containers wrote last.
    fn diagnosis(&self) -> Diagnosis {
        let has_stopped = !self.watch.task()["stopCode"].is_null();
        let tasks: Vec<&Value> = if has_stopped { vec![self.watch.task()] } else { Vec::new() };
        let mut stopped = group(&tasks, self.job.definition, &self.mask);
        for group in &mut stopped {
            if let Some(side) = self.watch.only_told_to_stop() {
                group.advice = format!("mark `{side}` with `essential: false`: it only ran until the others were done");
            }
        }
        let blind_spots = self.streams.blind_spots.clone();
        Diagnosis { stopped, logs: self.streams.tails(), blind_spots, ..Diagnosis::default() }
    }
}
