//! From the runner's events to the steps of a run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use testkit::act::{ActEvent, Conclusion, EventKind};

use crate::screen::Screen;
use crate::workflow::StepResult;

/// Collects the steps of a run from the runner's events.
pub(crate) struct Collector<'a> {
    screen: &'a Screen,
    summary: PathBuf,
    pub(crate) steps: Vec<StepResult>,
    running: Vec<Running>,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(screen: &'a Screen, summary: PathBuf) -> Self {
        Self { screen, summary, steps: Vec::new(), running: Vec::new() }
    }

    /// Takes one event.
    pub(crate) fn take(&mut self, event: &ActEvent) {
        let Some(step) = &event.step else { return };
        if event.stage.as_deref().is_some_and(|stage| stage != "Main") {
            return;
        }
        match &event.kind {
            EventKind::StepStarted if event.step_id.len() <= 1 => {
                self.screen.started(&event.job_id, step);
                self.running.push(Running {
                    job: event.job_id.clone(),
                    step: step.clone(),
                    clock: Instant::now(),
                    started: SystemTime::now(),
                    errors: Vec::new(),
                });
            }
            EventKind::StepFinished(conclusion) if event.step_id.len() <= 1 => self.finished(event, step, *conclusion),
            EventKind::Command { name, properties, message } if name == "error" => {
                let title = properties.get("title").map(|title| format!("{title}: ")).unwrap_or_default();
                self.error(&event.job_id, step, format!("{title}{message}"));
            }
            // A composite action's inner step tells the same summary once more.
            EventKind::Summary(text) if event.step_id.len() <= 1 => append(&self.summary, text),
            _ => {}
        }
    }

    /// Notes an error of a step. The runner may tell of it after it has told that the step ended.
    fn error(&mut self, job: &str, step: &str, text: String) {
        let running = self.running.iter_mut().rev().find(|running| running.job == job && running.step == step);
        let ended = self.steps.iter_mut().rev().find(|ended| ended.job == job && ended.name == step);
        match (running, ended) {
            (Some(running), _) => running.errors.push(text),
            (None, Some(ended)) => ended.errors.push(text),
            (None, None) => {}
        }
    }

    fn finished(&mut self, event: &ActEvent, step: &str, conclusion: Conclusion) {
        let position = self.running.iter().rposition(|running| running.job == event.job_id && running.step == step);
        let (time, started, errors) = position.map_or_else(
            || (Duration::ZERO, SystemTime::now(), Vec::new()),
            |position| {
                let running = self.running.remove(position);
                (running.clock.elapsed(), running.started, running.errors)
            },
        );
        if matches!(step, "Set up job" | "Complete job") {
            return;
        }
        let result = StepResult { job: event.job_id.clone(), name: step.to_owned(), conclusion, started, time, errors };
        self.screen.finished(&result);
        self.steps.push(result);
    }
}

/// A step that has started and not ended.
#[derive(Debug)]
struct Running {
    job: String,
    step: String,
    clock: Instant,
    started: SystemTime,
    errors: Vec<String>,
}

/// Adds `text` to the file of summaries. A summary that cannot be written is not worth ending a rehearsal for.
fn append(path: &Path, text: &str) {
    use std::io::Write as _;
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    let _ = file.and_then(|mut file| writeln!(file, "{text}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind) -> ActEvent {
        ActEvent {
            job: "w/deploy".into(),
            job_id: "deploy".into(),
            step: Some("Deploy".into()),
            step_id: vec!["1".into()],
            stage: Some("Main".into()),
            kind,
        }
    }

    #[test]
    fn an_error_that_comes_after_the_end_still_belongs_to_its_step() {
        let screen = Screen::new();
        let mut collector = Collector::new(&screen, PathBuf::from("/dev/null"));
        collector.take(&event(EventKind::StepStarted));
        collector.take(&event(EventKind::StepFinished(Conclusion::Failure)));
        let error = EventKind::Command {
            name: "error".into(),
            properties: std::collections::BTreeMap::new(),
            message: "late".into(),
        };
        collector.take(&event(error));
        assert_eq!(collector.steps[0].errors, ["late"]);
    }
}
