//! What a person sees: live progress on standard error, the closing table on standard output.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::ProgressBar;
use testkit::act::Conclusion;

use crate::workflow::StepResult;

/// The display of a rehearsal.
#[derive(Debug)]
pub(crate) struct Screen {
    spinner: Option<ProgressBar>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let spinner = std::io::stderr().is_terminal().then(|| {
            let spinner = ProgressBar::new_spinner();
            spinner.enable_steady_tick(Duration::from_millis(120));
            spinner
        });
        Self { spinner }
    }

    /// Writes a line of progress.
    pub(crate) fn line(&self, text: &str) {
        let write = || {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match &self.spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }

    /// Starts a part of the rehearsal.
    pub(crate) fn heading(&self, text: &str) {
        self.line(&format!("\n== {text}"));
    }

    /// Says what is being done now, where a terminal can show it.
    pub(crate) fn now(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(text.to_owned());
        }
    }

    /// A step has started.
    pub(crate) fn started(&self, job: &str, step: &str) {
        self.now(&format!("{job} / {step}"));
    }

    /// A step has ended.
    pub(crate) fn finished(&self, step: &StepResult) {
        let sign = sign(step.conclusion);
        self.line(&format!("  {sign} {} / {}  {}", step.job, step.name, seconds(step.time)));
        for error in &step.errors {
            self.error(error);
        }
    }

    /// Writes an error below the step that has ended.
    pub(crate) fn error(&self, text: &str) {
        for line in text.lines() {
            self.line(&format!("      {line}"));
        }
    }

    /// Removes the spinner.
    pub(crate) fn done(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

/// A sign for a step's conclusion.
pub(crate) fn sign(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Success => "✓",
        Conclusion::Failure => "✗",
        Conclusion::Skipped => "-",
        Conclusion::Cancelled => "!",
    }
}

/// A time as `1.2 s`.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
