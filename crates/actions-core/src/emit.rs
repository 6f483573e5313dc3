//! Writing a report where the runner, or a person at a shell, finds it.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};

use crate::codes;
use crate::command::Severity;
use crate::environment::Environment;
use crate::error::{ExitCode, Failure};
use crate::log::Log;
use crate::markdown;
use crate::report::{Outputs, Report, SummaryRoom};

/// The most that the verdict and each part of a failure may take of it.
const PART_LIMIT: usize = 8 * 1024;

/// The room that is kept for the ends of fences and folded parts.
const CLOSING: usize = 128;

/// What is said where something was cut.
const CUT: &str = "(The summary is cut here; the log has everything.)\n";

/// Where results go.
pub(crate) struct Emitter<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) log: &'a Log,
    /// Whether standard output is kept for JSON.
    pub(crate) json: bool,
    /// Whether nothing was changed, so that the plan is all there is to see.
    pub(crate) dry_run: bool,
    pub(crate) action: &'static str,
}

impl Emitter<'_> {
    /// Emits a report: annotations, summary, verdict, its failure if it has one, and last the outputs, so that what was
    /// done is said even where they cannot be written.
    pub(crate) fn report(&self, report: &Report) -> Result<(), Failure> {
        for annotation in &report.annotations {
            self.log.annotate(annotation);
        }
        let verdict = clip(&self.log.redactor().redact(&report.verdict), PART_LIMIT);
        let heading = format!("### {} {}: {}\n\n", icon(report), self.action, markdown::prose(&verdict));
        let failure = report.failure.as_ref().map(|failure| failure_section(&self.redacted(failure), &verdict));
        let failure = failure.unwrap_or_default();
        self.summary(&heading, &report.summary, &failure, report.summary_room);
        if self.dry_run && !self.json && self.environment.get("GITHUB_STEP_SUMMARY").is_none() {
            self.log.line(markdown::plain(&report.summary));
        }
        match &report.failure {
            Some(failure) => self.failure_lines(failure),
            None => self.log.verdict(self.action, &report.verdict),
        }
        self.outputs(&report.outputs)
    }

    /// Emits a failure that has no report, and the outputs that were known before it.
    pub(crate) fn failure(&self, failure: &Failure, early: &Outputs) {
        let shown = self.redacted(failure);
        let heading = format!("### ❌ {}: {}\n\n", self.action, markdown::escape(&shown.message));
        self.summary(&heading, "", &failure_section(&shown, &shown.message), SummaryRoom::Usual);
        self.failure_lines(failure);
        // One failure is enough to tell.
        let _ = self.outputs(early);
    }

    /// A failure as the summary shows it: without secrets, of which a cut would leave a part, and not too long.
    fn redacted(&self, failure: &Failure) -> Failure {
        let shown = |text: &String| clip(&self.log.redactor().redact(text), PART_LIMIT);
        let (why, help) = (failure.why.as_ref().map(shown), failure.help.as_ref().map(shown));
        Failure { message: shown(&failure.message), why, help, ..failure.clone() }
    }

    /// The readable block on standard error and one annotation.
    fn failure_lines(&self, failure: &Failure) {
        let failure = &brief(failure);
        self.log.line(format!("{}: {}", failure.code, failure.message));
        if let Some(location) = &failure.location {
            self.log.line(format!("  at:   {location}"));
        }
        for (label, part) in [("why: ", &failure.why), ("help:", &failure.help)] {
            for (index, line) in part.iter().flat_map(|text| text.lines()).enumerate() {
                self.log.line(format!("  {} {line}", if index == 0 { label } else { "     " }));
            }
        }
        self.log.failure(failure);
    }

    fn outputs(&self, outputs: &Outputs) -> Result<(), Failure> {
        let delimiter = delimiter()?;
        let Some(path) = self.environment.get("GITHUB_OUTPUT") else {
            if !self.json {
                for (name, value) in outputs.iter() {
                    write_result(&plain(name, &self.log.redactor().redact(value), &delimiter))?;
                }
            }
            return Ok(());
        };
        let mut blocks = String::new();
        for (name, value) in outputs.iter() {
            blocks.push_str(&block(name, &self.log.redactor().redact(value), &delimiter)?);
        }
        append(path, &blocks).map_err(|error| {
            Failure::new(codes::UNWRITABLE, format!("the outputs cannot be written to `{path}`"), ExitCode::Failed)
                .why(error.to_string())
                .help("GITHUB_OUTPUT must name a writable file; unset it to print outputs on standard output")
        })
    }

    /// Writes the summary. What is too long is cut between the heading and the failure, which are the last to go.
    fn summary(&self, heading: &str, markdown: &str, failure: &str, room: SummaryRoom) {
        let Some(path) = self.environment.get("GITHUB_STEP_SUMMARY") else { return };
        let redact = |text: &str| self.log.redactor().redact(text);
        let limit = room.bytes();
        let room = limit.saturating_sub(heading.len() + failure.len());
        let text = clip(&redact(&format!("{heading}{}{failure}", clip(&redact(markdown), room))), limit);
        if let Err(error) = append(path, &format!("{text}\n")) {
            self.log.warning(format!("the step summary cannot be written to `{path}`: {error}"));
        }
    }
}

/// A failure is red, a success that the user should look at is yellow.
fn icon(report: &Report) -> &'static str {
    let warned = report.annotations.iter().any(|annotation| annotation.severity != Severity::Notice);
    match (&report.failure, warned) {
        (Some(_), _) => "❌",
        (None, true) => "⚠️",
        (None, false) => "✅",
    }
}

/// The longest line of a failure in the log: a path or a name in it may be of any length.
const LONGEST_LINE: usize = 4000;

/// The failure with no line longer than a person can read.
fn brief(failure: &Failure) -> Failure {
    let cut = |text: &str| {
        let lines = text.lines().map(|line| match line.char_indices().nth(LONGEST_LINE) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let (why, help) = (failure.why.as_deref().map(cut), failure.help.as_deref().map(cut));
    Failure { message: cut(&failure.message), why, help, ..failure.clone() }
}

/// The three parts of a failure, below a heading that may say the first one already.
fn failure_section(failure: &Failure, heading: &str) -> String {
    let mut section = if failure.message == heading {
        format!("\n**Failed:** {}\n", markdown::code(&failure.code))
    } else {
        format!("\n**Failed:** {} ({})\n", markdown::prose(&failure.message), markdown::code(&failure.code))
    };
    for (label, part) in [("Why", &failure.why), ("How to fix it", &failure.help)] {
        match part {
            Some(text) if text.contains('\n') => {
                section.push_str(&format!("\n**{label}:**\n\n{}", markdown::fence("text", text)));
            }
            Some(text) => section.push_str(&format!("\n**{label}:** {}\n", markdown::prose(text))),
            None => {}
        }
    }
    section
}

/// `markdown` of at most `limit` bytes, cut at a line, with a word about the cut.
fn clip(markdown: &str, limit: usize) -> String {
    if markdown.len() <= limit {
        return markdown.to_owned();
    }
    let mut end = limit.saturating_sub(CUT.len() + CLOSING);
    while !markdown.is_char_boundary(end) {
        end -= 1;
    }
    let cut = &markdown[..markdown[..end].rfind('\n').unwrap_or(end)];
    format!("{cut}\n{}\n{CUT}", closing(cut))
}

/// What closes the fence and the folded parts that a cut left open: they would swallow everything behind it.
fn closing(markdown: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut folds = 0_usize;
    for line in markdown.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(end) if line.trim_end() == end => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => fence = Some(ticks),
            None => {
                folds = (folds + line.matches("<details").count()).saturating_sub(line.matches("</details>").count());
            }
        }
    }
    let fence = fence.map_or_else(String::new, |ticks| format!("{ticks}\n"));
    format!("{fence}{}", "\n</details>\n".repeat(folds))
}

/// Writes a result to standard output. Who closes the pipe has read enough; any other loss is an error.
pub(crate) fn write_result(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = "the results cannot be written to standard output";
            Err(Failure::new(codes::UNWRITABLE, message, ExitCode::Failed).why(error.to_string()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn append(path: &str, text: &str) -> std::io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

/// An output for a shell. The end of several lines is the readable `EOF`, unless the value could forge it.
fn plain(name: &str, value: &str, delimiter: &str) -> String {
    if !value.contains('\n') {
        return format!("{name}={value}");
    }
    let end = if value.contains("EOF") { delimiter } else { "EOF" };
    format!("{name}<<{end}\n{value}\n{end}")
}

/// A delimiter nobody can guess (the toolkit's form): one for the outputs of a run, which are all known before it is.
fn delimiter() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(no_randomness)?;
    Ok(format!("ghadelimiter_{:032x}", u128::from_le_bytes(bytes)))
}

#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn no_randomness(error: impl ToString) -> Failure {
    let message = "the system gives no random bytes for the outputs' delimiter";
    Failure::new(codes::NO_RANDOMNESS, message, ExitCode::Internal).why(error.to_string())
}

/// One output as a heredoc block. A value that holds the delimiter is refused: it could forge other outputs.
fn block(name: &str, value: &str, delimiter: &str) -> Result<String, Failure> {
    if name.contains(['\n', '\r', '=', '<']) || name.contains(delimiter) || value.contains(delimiter) {
        return Err(Failure::new(
            codes::FORGED_DELIMITER,
            format!("the value of output `{name}` holds the delimiter `{delimiter}`"),
            ExitCode::Internal,
        ));
    }
    Ok(format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"))
}

#[cfg(test)]
mod tests;
