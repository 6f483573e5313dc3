//! A run's log for people: what each step printed, below its name, in the order it came.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use testkit::act::{ActEvent, Conclusion, EventKind};

use crate::error::Error;

/// The log of one run. Steps of jobs that run at the same time take turns in it.
#[derive(Debug)]
pub(crate) struct Log {
    file: File,
    /// The heading that the last line stands below.
    heading: String,
}

impl Log {
    /// Begins a log at `path`.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(Error::file(path))?;
        Ok(Self { file, heading: String::new() })
    }

    /// Takes one event.
    pub(crate) fn take(&mut self, event: &ActEvent) {
        let Some(text) = words(&event.kind) else { return };
        let heading = match &event.step {
            Some(step) => format!("{} / {}", event.job_id, short_name(step)),
            None if event.job_id.is_empty() => "runner".to_owned(),
            None => event.job_id.clone(),
        };
        if heading != self.heading {
            self.write(&format!("\n== {}\n", plain(&heading)));
            self.heading = heading;
        }
        for line in text.lines() {
            self.write(&format!("{}\n", plain(line).trim_end()));
        }
    }

    /// Takes what the runner itself wrote to standard error.
    pub(crate) fn end(mut self, stderr: &str) {
        if !stderr.trim().is_empty() {
            self.write("\n== runner\n");
            stderr.lines().for_each(|line| self.write(&format!("{}\n", plain(line))));
        }
    }

    /// A log that cannot be written is not worth ending a rehearsal for.
    fn write(&mut self, text: &str) {
        let _ = self.file.write_all(text.as_bytes());
    }
}

/// What an event is in the log; nothing for those that are kept elsewhere. The start of a step is its heading.
fn words(kind: &EventKind) -> Option<String> {
    Some(match kind {
        EventKind::StepStarted => String::new(),
        EventKind::StepFinished(conclusion) => format!("-- {}", ended(*conclusion)),
        EventKind::JobFinished(conclusion) => format!("-- the job: {}", ended(*conclusion)),
        EventKind::Line(line) => line.clone(),
        EventKind::Output { name, value } => format!("output {name}={value}"),
        EventKind::Command { name, properties, message } => {
            if !["error", "warning", "notice", "debug", "group"].contains(&name.as_str()) {
                return None;
            }
            let title = properties.get("title").map(|title| format!("{title}: ")).unwrap_or_default();
            format!("{name}: {title}{message}")
        }
        EventKind::Message { level, .. } if level == "debug" => return None,
        EventKind::Message { text, .. } => text.clone(),
        EventKind::Summary(_) => return None,
    })
}

fn ended(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Success => "done",
        Conclusion::Failure => "failed",
        Conclusion::Skipped => "skipped",
        Conclusion::Cancelled => "cancelled",
    }
}

/// The name of a step for people: one without a name is called by what it uses, of which a commit is shown as Git shortens it.
pub(crate) fn short_name(step: &str) -> String {
    match step.rsplit_once('@') {
        Some((used, commit)) if commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("{used}@{}", &commit[..7])
        }
        _ => step.to_owned(),
    }
}

/// A line of a program's output without colors and whatever else commands a terminal.
pub(crate) fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut signs = line.chars();
    while let Some(sign) = signs.next() {
        match sign {
            // ECMA-48: a control sequence ends with a sign from `@` to `~`.
            '\u{1b}' => {
                if signs.next() == Some('[') {
                    let _ = signs.find(|sign| ('@'..='~').contains(sign));
                }
            }
            '\t' => text.push(sign),
            sign if sign.is_control() => {}
            sign => text.push(sign),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn event(job: &str, step: Option<&str>, kind: EventKind) -> ActEvent {
        ActEvent {
            job: format!("w/{job}"),
            job_id: job.to_owned(),
            step: step.map(str::to_owned),
            step_id: vec!["1".into()],
            stage: Some("Main".into()),
            kind,
        }
    }

    #[test]
    fn a_log_is_the_text_of_each_step() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.txt");
        let mut log = Log::create(&path).unwrap();
        let used = format!("acme/setup@{}", "0123456789".repeat(4));
        let line = |text: &str| EventKind::Line(text.to_owned());
        let command = |name: &str| EventKind::Command {
            name: name.to_owned(),
            properties: BTreeMap::from([("title".to_owned(), "a/code".to_owned())]),
            message: "what\nhelp".to_owned(),
        };
        for event in [
            event("deploy", Some(&used), EventKind::StepStarted),
            event("deploy", Some(&used), line("\u{1b}[31mred\u{1b}[0m \r\n")),
            event("check", Some("Test"), line("beside")),
            event("deploy", Some(&used), command("error")),
            event("deploy", Some(&used), command("add-mask")),
            event("deploy", Some(&used), EventKind::Output { name: "x".into(), value: "1".into() }),
            event("deploy", Some(&used), EventKind::Summary("# elsewhere".into())),
            event("deploy", Some(&used), EventKind::StepFinished(Conclusion::Failure)),
            event("deploy", None, EventKind::JobFinished(Conclusion::Failure)),
            event("", None, EventKind::Message { level: "debug".into(), text: "noise".into() }),
        ] {
            log.take(&event);
        }
        log.end("Error: x\n");
        assert_eq!(
            std::fs::read_to_string(path).unwrap(),
            "\n== deploy / acme/setup@0123456\nred\n\n== check / Test\nbeside\n\n== deploy / acme/setup@0123456\n\
             error: a/code: what\nhelp\noutput x=1\n-- failed\n\n== deploy\n-- the job: failed\n\n== runner\nError: x\n"
        );
    }

    #[test]
    fn only_a_commit_is_shortened() {
        let commit = "8e8c483db84b4bee98b60c0593521ed34d9990e8";
        assert_eq!(short_name(&format!("actions/checkout@{commit}")), "actions/checkout@8e8c483");
        for name in ["Deploy", "actions/checkout@v6", "mail a@b", &format!("x@{commit}0"), &format!("x {commit}")] {
            assert_eq!(short_name(name), *name);
        }
    }

    #[test]
    fn output_is_shown_without_colors() {
        assert_eq!(plain("\u{1b}[31mred\u{1b}[0m\tand \u{1b}[1;4mbold\u{7}"), "red\tand bold");
        assert_eq!(plain("cut \u{1b}[3"), "cut ");
    }
}
