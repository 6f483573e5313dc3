//! What the tasks print, and the count at the end.

use std::io::Write as _;
use std::time::Duration;

/// Prints a line on standard output.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// How one check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// So many tests passed.
    Passed(usize),
    /// So many passed and so many failed; what they printed.
    Failed {
        /// Tests that passed.
        passed: usize,
        /// Tests that failed.
        failed: usize,
        /// What to read.
        output: String,
    },
    /// It cannot run here.
    Skipped(String),
}

/// The checks that ran so far.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    passed: usize,
    failed: Vec<String>,
    failures: usize,
    skipped: Vec<String>,
}

impl Summary {
    /// Notes a check and prints its line.
    pub(crate) fn note(&mut self, name: &str, ended: Ended, time: Duration) {
        let seconds = format!("{:.1} s", time.as_secs_f64());
        match ended {
            Ended::Passed(count) => {
                self.passed += count;
                line(&format!("  ok       {name}  {count} passed, {seconds}"));
            }
            Ended::Failed { passed, failed, output } => {
                self.passed += passed;
                self.failures += failed;
                self.failed.push(name.to_owned());
                line(&format!("  FAILED   {name}  {passed} passed, {failed} failed, {seconds}"));
                output.lines().for_each(|text| line(&format!("    {text}")));
            }
            Ended::Skipped(reason) => {
                line(&format!("  SKIPPED  {name}: {reason}"));
                self.skip(format!("{name}: {reason}"));
            }
        }
    }

    /// Notes something that could not run, inside of a check that did.
    pub(crate) fn skip(&mut self, text: String) {
        if !self.skipped.contains(&text) {
            self.skipped.push(text);
        }
    }

    /// What was skipped.
    pub(crate) fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Prints what failed, what was skipped, and the count. True when nothing failed.
    pub(crate) fn close(&self) -> bool {
        if !self.skipped.is_empty() {
            line("\nSKIPPED on this machine:");
            self.skipped.iter().for_each(|text| line(&format!("  {text}")));
        }
        if !self.failed.is_empty() {
            line(&format!("\nFAILED: {}", self.failed.join(", ")));
        }
        line(&format!("\n{} passed, {} failed, {} skipped", self.passed, self.failures, self.skipped.len()));
        self.failed.is_empty()
    }
}
