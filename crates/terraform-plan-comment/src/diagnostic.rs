//! The errors and warnings of a plan's log, without secrets: what Terraform printed while it planned.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Component, Path, PathBuf};

use actions_core::{Annotation, Location, Session, Severity as Loudness};
use serde::{Deserialize, Serialize};

use crate::diff::{on_one_line, plural, shown};
use crate::json::Json;
use crate::sealed::Sealer;
use crate::warnings::whole;

/// At most so many errors, and so many warnings, are annotated: a runner shows ten of each in a step
/// (<https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations>), and the run has a failure and warnings of its own.
const MOST_ANNOTATIONS: usize = 8;

/// Where a diagnostic has no words.
const WORDLESS: &str = "(without words)";

/// What a log says of the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Log {
    /// The errors, then the warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The version of the log's messages, where its major one is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unknown_log_version: Option<String>,
}

/// An error or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Diagnostic {
    pub(crate) severity: Severity,
    pub(crate) summary: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) detail: String,
    /// The address of the resource that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// The block of the configuration, as Terraform spells it: `resource "aws_instance" "web"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<String>,
    /// The file, as Terraform names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// The line in the file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// How often the log has it: each instance of a resource may say the same.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub(crate) times: usize,
    /// The file as an annotation names it: from the root of the repository.
    #[serde(skip)]
    pub(crate) annotated: Option<String>,
}

/// How bad it is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    Error,
    Warning,
}

fn once() -> usize {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_once(times: &usize) -> bool {
    *times == 1
}

impl Severity {
    /// As Terraform writes it in front of a summary.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Warning => "Warning",
        }
    }
}

impl Log {
    /// The errors, then the warnings, each kind in its order. What is said twice stands once.
    pub(crate) fn of(all: Vec<Diagnostic>, unknown_log_version: Option<String>) -> Self {
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let mut places: HashMap<Diagnostic, usize> = HashMap::new();
        for diagnostic in all {
            match places.entry(diagnostic) {
                Entry::Occupied(place) => diagnostics[*place.get()].times += 1,
                Entry::Vacant(place) => {
                    diagnostics.push(place.key().clone());
                    place.insert(diagnostics.len() - 1);
                }
            }
        }
        diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
        Self { diagnostics, unknown_log_version }
    }

    /// The errors.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// How many errors there are, those that are alike each.
    pub(crate) fn error_count(&self) -> usize {
        self.errors().fold(0, |count, error| count.saturating_add(error.times))
    }

    /// ` with 2 errors`; nothing without any.
    pub(crate) fn with_errors(&self) -> String {
        match self.error_count() {
            0 => String::new(),
            count => format!(" with {count} {}", plural(count, "error")),
        }
    }

    /// The same with files that annotations find, where Terraform ran in `folder`.
    pub(crate) fn placed(mut self, folder: &Path, session: &Session) -> Self {
        for diagnostic in &mut self.diagnostics {
            let path = diagnostic.file.as_ref().map(|file| straight(&folder.join(file)));
            diagnostic.annotated = path.map(|path| session.annotation_path(&path));
        }
        self
    }

    /// The same as a reader sees it.
    pub(crate) fn shown(&self) -> Self {
        Self {
            diagnostics: self.diagnostics.iter().map(Diagnostic::shown).collect(),
            unknown_log_version: self.unknown_log_version.as_deref().map(on_one_line),
        }
    }

    /// The first errors and the first warnings, each at its place.
    pub(crate) fn annotations(&self) -> impl Iterator<Item = Annotation> {
        let of = |severity| self.diagnostics.iter().filter(move |one| one.severity == severity).take(MOST_ANNOTATIONS);
        of(Severity::Error).chain(of(Severity::Warning)).map(Diagnostic::annotation)
    }
}

impl Diagnostic {
    /// Seals what a message says.
    pub(crate) fn seal(severity: Severity, diagnostic: &Json, sealer: &mut Sealer) -> Self {
        let mut text = |path: &[&str]| {
            let text = diagnostic.at(path).and_then(Json::text).map(str::trim).filter(|text| !text.is_empty());
            text.map(|text| sealer.text(text))
        };
        // An error of plain Go has all its words, lines too, in the summary. It is taken apart only when its secrets are out.
        let summary = text(&["summary"]);
        let detail = text(&["detail"]);
        let (summary, rest) = match summary {
            Some(summary) => match summary.split_once('\n') {
                Some((first, rest)) => (first.trim_end().to_owned(), Some(rest.to_owned())),
                None => (summary, None),
            },
            None => (WORDLESS.to_owned(), None),
        };
        let detail: Vec<String> = rest.into_iter().chain(detail).collect();
        let line = match diagnostic.at(&["range", "start", "line"]) {
            Some(Json::Number(line)) => line.parse().ok().filter(|line| *line > 0),
            _ => None,
        };
        let file = text(&["range", "filename"]);
        Self {
            severity,
            summary,
            detail: detail.join("\n\n"),
            address: text(&["address"]),
            context: text(&["snippet", "context"]),
            line: line.filter(|_| file.is_some()),
            file,
            times: 1,
            annotated: None,
        }
    }

    fn shown(&self) -> Self {
        let line = |text: &Option<String>| text.as_deref().map(on_one_line);
        Self {
            severity: self.severity,
            summary: on_one_line(&self.summary),
            detail: shown(&self.detail),
            address: line(&self.address),
            context: line(&self.context),
            file: line(&self.file),
            line: self.line,
            times: self.times,
            annotated: line(&self.annotated),
        }
    }

    /// `main.tf:8`.
    pub(crate) fn place(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        Some(self.line.map_or_else(|| file.clone(), |line| format!("{file}:{line}")))
    }

    /// What it is about, in prose; empty where it does not say.
    pub(crate) fn subject(&self) -> String {
        let place = self.place().map(|place| format!("at {}", whole(&place)));
        let parts = [
            self.address.as_ref().map(|address| format!("with {}", whole(address))),
            self.context.as_ref().map(|context| format!("in {}", whole(context))),
            place,
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// ` (3 times)`; nothing where it is said once.
    pub(crate) fn often(&self) -> String {
        if self.times == 1 { String::new() } else { format!(" ({} times)", self.times) }
    }

    /// The lines below its summary.
    pub(crate) fn lines(&self) -> Vec<String> {
        let subject = Some(self.subject()).filter(|subject| !subject.is_empty());
        subject.into_iter().chain(self.detail.lines().map(str::to_owned)).collect()
    }

    fn annotation(&self) -> Annotation {
        let about = self.address.as_ref().map(|address| format!("with {address}"));
        let detail = Some(self.detail.clone()).filter(|detail| !detail.is_empty());
        // The command needs a text, and shows it below the title.
        let text = [Some(self.summary.clone()), about, detail].into_iter().flatten().collect::<Vec<_>>().join("\n");
        let annotation = match self.severity {
            Severity::Error => Annotation { severity: Loudness::Error, ..Annotation::notice(text) },
            Severity::Warning => Annotation::warning(text),
        };
        let annotation = annotation.title(format!("Terraform: {}", self.severity.word().to_lowercase()));
        match &self.annotated {
            Some(file) => annotation.at(Location { file: file.clone(), line: self.line, column: None }),
            None => annotation,
        }
    }
}

/// The path without `..` and `.` in its middle: annotations are found by the name of a file.
fn straight(path: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if straight.file_name().is_some() => {
                straight.pop();
            }
            Component::CurDir => {}
            part => straight.push(part),
        }
    }
    straight
}

#[cfg(test)]
mod tests;
