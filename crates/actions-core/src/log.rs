//! The log: what a person reads while the action works. It goes to standard error; workflow commands go to standard output.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::command::{Annotation, command, inert_line, printable};
use crate::context::Context;
use crate::error::Failure;
use crate::progress::{Amount, Display, Progress};
use crate::redact::Redactor;

/// Lines of more than this many go into a group.
const GROUP_FROM: usize = 10;

/// How long a work without a terminal may be silent.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Writes log lines, groups, annotations and progress, with every secret redacted.
#[derive(Debug, Clone)]
pub struct Log {
    on_actions: bool,
    debug: bool,
    /// Annotations go to standard output only where no JSON is expected there.
    commands: Commands,
    redactor: Redactor,
    /// Annotations already written, so that each is written once.
    written: Arc<Mutex<Vec<Annotation>>>,
}

/// Lines as they are written to the log: redacted, and no command among them that is not the log's own.
#[derive(Debug, Clone, Default)]
pub struct LogLines(String);

/// Where workflow commands go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commands {
    /// To standard output, for the runner.
    Stdout,
    /// To standard error: a plain shell, or standard output is kept for JSON. (The runner reads both.)
    Stderr,
}

impl Log {
    pub(crate) fn new(context: &Context, debug: bool, commands: Commands, redactor: Redactor) -> Self {
        Self { on_actions: context.on_actions, debug, commands, redactor, written: Arc::default() }
    }

    /// Writes `text`, line by line. No line can be a workflow command or a terminal sequence.
    pub fn line(&self, text: impl AsRef<str>) {
        let mut lines = String::new();
        self.add(text.as_ref(), "", &mut lines);
        write_lines(&lines);
    }

    /// Adds the lines of `text` to `lines`, each behind `indent`.
    fn add(&self, text: &str, indent: &str, lines: &mut String) {
        for line in self.redactor.redact(text).lines() {
            lines.push_str(indent);
            lines.push_str(&inert_line(line));
            lines.push('\n');
        }
    }

    /// Writes `text` where debug logging is on (`RUNNER_DEBUG=1`).
    pub fn debug(&self, text: impl AsRef<str>) {
        let text = self.redactor.redact(text.as_ref());
        if self.on_actions {
            self.command("debug", &printable(&text));
        } else if self.debug {
            write_stderr(&format!("debug: {}", inert_line(&text)));
        }
    }

    /// Writes an annotation, once.
    pub fn annotate(&self, annotation: &Annotation) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.contains(annotation) {
            return;
        }
        written.push(annotation.clone());
        drop(written);
        if self.on_actions {
            self.write_command(&self.redactor.redact(annotation.command()));
        } else {
            let place = annotation.location.as_ref().map_or_else(String::new, |location| format!("{location}: "));
            self.line(format!("{}: {place}{}", annotation.severity.name(), annotation.message));
        }
    }

    /// Writes what a run came to: a notice on a runner, a line in a plain shell.
    pub(crate) fn verdict(&self, action: &str, verdict: &str) {
        if self.on_actions {
            self.annotate(&Annotation::notice(verdict).title(action));
        } else {
            self.line(format!("{action}: {verdict}"));
        }
    }

    /// Writes the annotation of a failure; in a plain shell its readable block was enough.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.on_actions {
            self.annotate(&Annotation::failure(failure));
        }
    }

    /// Writes a warning the user can act on, once.
    pub fn warning(&self, message: impl Into<String>) {
        self.annotate(&Annotation::warning(message));
    }

    /// Writes `lines` under `title`; folded when there are more than ten and a runner can fold.
    pub fn group<S: AsRef<str>>(&self, title: &str, lines: &[S]) {
        let mut group = LogLines::default();
        self.fold(title, lines.len(), &mut group, |group| {
            for line in lines {
                self.add(line.as_ref(), "  ", group);
            }
        });
        self.write(&group);
    }

    /// Writes lines that were made before.
    pub fn write(&self, lines: &LogLines) {
        write_lines(&lines.0);
    }

    /// Adds what [`Log::group`] writes of the lines of `text`. A text is redacted at once, which takes less time than each of its lines.
    pub fn add_group(&self, title: &str, text: &str, lines: &mut LogLines) {
        self.fold(title, text.lines().count(), lines, |lines| self.add(text, "  ", lines));
    }

    fn fold(&self, title: &str, count: usize, lines: &mut LogLines, add: impl FnOnce(&mut String)) {
        let LogLines(text) = lines;
        let fold = self.on_actions && count > GROUP_FROM;
        if fold {
            text.push_str(&command("group", &[], &printable(&self.redactor.redact(title))));
            text.push('\n');
        } else {
            self.add(title, "", text);
        }
        add(text);
        if fold {
            text.push_str("::endgroup::\n");
        }
    }

    /// Starts the display of a long work of `total` units; 0 when the number is not known (a wait).
    pub fn progress(&self, title: &str, total: u64) -> Progress {
        self.display(title, if total > 0 { Amount::Things(total) } else { Amount::Unknown })
    }

    /// Starts the display of a long work of `total` bytes.
    pub fn progress_bytes(&self, title: &str, total: u64) -> Progress {
        self.display(title, Amount::Bytes(total))
    }

    fn display(&self, title: &str, total: Amount) -> Progress {
        // A runner may offer a terminal; its log is still read afterwards, line by line.
        let terminal = !self.on_actions && std::io::stderr().is_terminal();
        Progress::start(self.clone(), title, total, if terminal { Display::Bar } else { Display::Lines(HEARTBEAT) })
    }

    /// Registers `secret` so that it is written nowhere, and tells the runner to mask it.
    pub fn mask(&self, secret: &str) {
        for line in self.redactor.add(secret) {
            if self.on_actions {
                self.command("add-mask", &line);
            }
        }
    }

    /// The redactor this log shares with the outputs and the summary.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    fn command(&self, name: &str, data: &str) {
        self.write_command(&command(name, &[], data));
    }

    fn write_command(&self, line: &str) {
        match self.commands {
            Commands::Stdout => write_stdout(line),
            Commands::Stderr => write_stderr(line),
        }
    }
}

/// Writes one line to standard error; a closed pipe is no reason to fail.
pub(crate) fn write_stderr(line: &str) {
    write_lines(&format!("{line}\n"));
}

/// Writes lines to standard error in one go, so that those of others do not stand among them.
fn write_lines(lines: &str) {
    let _ = std::io::stderr().lock().write_all(lines.as_bytes());
}

/// Writes one line to standard output; a closed pipe is no reason to fail.
pub(crate) fn write_stdout(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
