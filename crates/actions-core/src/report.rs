//! What a run tells the world, as values: outputs, a verdict, a summary, annotations.

use serde::Serialize;

use crate::command::{Annotation, Severity};
use crate::error::Failure;
use crate::markdown;

/// The outputs of a step, in order. A name is set once; setting it again replaces the value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outputs(Vec<(String, String)>);

impl Outputs {
    /// No outputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same outputs with `name` set to `value`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets `name` to `value`.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Sets `name` to `value` as compact JSON.
    pub fn set_json(&mut self, name: &str, value: &impl Serialize) {
        self.set(name, serde_json::to_string(value).unwrap_or_default());
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A text that stands in place of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printed {
    /// The text, for standard output.
    pub text: String,
    /// Set when the text could be made and says that something is wrong.
    pub failure: Option<Failure>,
}

/// How much of the step's summary a report takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SummaryRoom {
    /// What a person reads: 64 KiB.
    #[default]
    Usual,
    /// Nearly all that a step has, for a report that shows in the summary what has no room elsewhere.
    Whole,
}

impl SummaryRoom {
    /// The room in bytes. A step has 1 MiB, and the summary of one that takes more is not shown at all
    /// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary>).
    pub const fn bytes(self) -> usize {
        match self {
            Self::Usual => 64 * 1024,
            Self::Whole => 1000 * 1024,
        }
    }
}

/// The result of one run, ready to be emitted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// One line that says what happened; plain text. It becomes the notice, the log's last line and the summary's first.
    pub verdict: String,
    /// The outputs; every output the action declares is set, empty where there is nothing.
    pub outputs: Outputs,
    /// The step summary below the verdict, as Markdown.
    pub summary: String,
    /// How much of the summary there is room for.
    pub summary_room: SummaryRoom,
    /// Warnings and notices besides the verdict.
    pub annotations: Vec<Annotation>,
    /// Set when the run did what it could and the result is still a failure (a deployment that was rolled back).
    pub failure: Option<Failure>,
}

impl Report {
    /// The same report with its warnings in front of the summary: its heading says only that there are some.
    #[must_use]
    pub fn with_warnings_told(mut self) -> Self {
        let warnings = self.annotations.iter().filter(|annotation| annotation.severity != Severity::Notice);
        let mut told = String::new();
        for warning in warnings {
            told.push_str(&format!("⚠️ {}\n\n", markdown::prose(&sentence(&warning.message))));
        }
        self.summary.insert_str(0, &told);
        self
    }
}

/// A message as a sentence of its own.
fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_tells_each_warning_and_no_notice() {
        let annotations =
            vec![Annotation::warning("no ARG declares `X`"), Annotation::notice("y"), Annotation::warning("<b> z.")];
        let report = Report { summary: "| a |\n".to_owned(), annotations, ..Report::default() };
        assert_eq!(report.with_warnings_told().summary, "⚠️ No ARG declares `X`.\n\n⚠️ &lt;b&gt; z.\n\n| a |\n");
    }
}
