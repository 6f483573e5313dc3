//! From the runner's events to the steps of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use testkit::act::{ActEvent, Conclusion, EventKind};

use crate::log::{plain, short_name};
use crate::screen::Screen;
use crate::workflow::StepResult;

/// How many lines of a step's output are kept, for a step that fails without saying why in an annotation.
const LAST_LINES: usize = 12;

/// Collects the steps of a run from the runner's events.
pub(crate) struct Collector<'a> {
    screen: &'a Screen,
    summary: PathBuf,
    pub(crate) steps: Vec<StepResult>,
    running: Vec<Running>,
    /// The last lines of each step, by job and name.
    output: BTreeMap<(String, String), Vec<String>>,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(screen: &'a Screen, summary: PathBuf) -> Self {
        Self { screen, summary, steps: Vec::new(), running: Vec::new(), output: BTreeMap::new() }
    }

    /// Takes one event.
    pub(crate) fn take(&mut self, event: &ActEvent) {
        let Some(step) = event.step.as_deref().map(short_name) else { return };
        let step = &step;
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
            EventKind::Line(line) if !line.trim().is_empty() => {
                let lines = self.output.entry((event.job_id.clone(), step.clone())).or_default();
                lines.extend(line.lines().map(|line| plain(line).trim_end().to_owned()));
                lines.drain(..lines.len().saturating_sub(LAST_LINES));
            }
            // A composite action's inner step tells the same summary once more.
            EventKind::Summary(text) if event.step_id.len() <= 1 => append(&self.summary, text),
            _ => {}
        }
    }

    /// Takes the end of the run: a failed step that annotated nothing is told by the end of its output. The steps.
    pub(crate) fn end(mut self) -> Vec<StepResult> {
        let silent = |step: &&mut StepResult| step.conclusion == Conclusion::Failure && step.errors.is_empty();
        for step in self.steps.iter_mut().filter(silent) {
            let lines = self.output.remove(&(step.job.clone(), step.name.clone())).unwrap_or_default();
            let end = if lines.is_empty() { "it printed nothing" } else { "its output ends with:" };
            let head = format!("step `{}` failed, and no annotation says why\n{end}", step.name);
            let text = [&[head], lines.as_slice()].concat().join("\n");
            self.screen.error(&text);
            step.errors.push(text);
        }
        self.steps
    }

    /// Notes an error of a step. The runner may tell of it after it has told that the step ended.
    fn error(&mut self, job: &str, step: &str, text: String) {
        let running = self.running.iter_mut().rev().find(|running| running.job == job && running.step == step);
        let ended = self.steps.iter_mut().rev().find(|ended| ended.job == job && ended.name == step);
        match (running, ended) {
            (Some(running), _) => running.errors.push(text),
            (None, Some(ended)) => {
                self.screen.error(&text);
                ended.errors.push(text);
            }
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
    fn a_step_that_annotates_nothing_is_told_by_its_last_lines() {
        let screen = Screen::new();
        let mut collector = Collector::new(&screen, PathBuf::from("/dev/null"));
        collector.take(&event(EventKind::StepStarted));
        for number in 1..=20 {
            collector.take(&event(EventKind::Line(format!("line {number}\n"))));
        }
        collector.take(&event(EventKind::StepFinished(Conclusion::Failure)));
        collector.take(&event(EventKind::Line("too late for the end of the step\n".into())));
        let steps = collector.end();
        let error = &steps[0].errors[0];
        let head = "step `Deploy` failed, and no annotation says why\nits output ends with:\nline 10\n";
        assert!(error.starts_with(head), "{error}");
        assert!(error.ends_with("line 20\ntoo late for the end of the step"), "{error}");
    }

    #[test]
    fn a_step_without_a_name_is_called_by_what_it_uses() {
        let screen = Screen::new();
        let mut collector = Collector::new(&screen, PathBuf::from("/dev/null"));
        let step = Some(format!("acme/setup@{}", "ab01".repeat(10)));
        for kind in
            [EventKind::StepStarted, EventKind::StepFinished(Conclusion::Failure), EventKind::Line("late".into())]
        {
            collector.take(&ActEvent { step: step.clone(), ..event(kind) });
        }
        let steps = collector.end();
        assert_eq!(steps[0].name, "acme/setup@ab01ab0");
        assert!(steps[0].errors[0].ends_with("late"), "{:?}", steps[0].errors);
    }

    #[test]
    fn a_step_that_succeeds_or_annotates_is_told_no_more() {
        let screen = Screen::new();
        for (conclusion, errors) in [(Conclusion::Success, 0), (Conclusion::Failure, 1)] {
            let mut collector = Collector::new(&screen, PathBuf::from("/dev/null"));
            collector.take(&event(EventKind::StepStarted));
            collector.take(&event(EventKind::Line("x\n".into())));
            if errors == 1 {
                let properties = BTreeMap::new();
                let command = EventKind::Command { name: "error".into(), properties, message: "why".into() };
                collector.take(&event(command));
            }
            collector.take(&event(EventKind::StepFinished(conclusion)));
            assert_eq!(collector.end()[0].errors, vec!["why"; errors]);
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
