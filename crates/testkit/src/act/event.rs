//! The lines of `act --json` as typed events.

use std::collections::BTreeMap;

use serde_json::Value;

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActEvent {
    /// `workflow/job`, with the number of a matrix leg; empty for act's own messages.
    pub job: String,
    /// The job's id.
    pub job_id: String,
    /// The step's name.
    pub step: Option<String>,
    /// The step's id within the job, then those within composite actions.
    pub step_id: Vec<String>,
    /// `Pre`, `Main` or `Post`.
    pub stage: Option<String>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A step began.
    StepStarted,
    /// A step ended.
    StepFinished(Conclusion),
    /// A job ended.
    JobFinished(Conclusion),
    /// A step printed a line.
    Line(String),
    /// A step set an output.
    Output {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A step wrote a summary.
    Summary(String),
    /// A step printed a workflow command, such as `::notice title=x::text`.
    Command {
        /// Its name.
        name: String,
        /// Its properties.
        properties: BTreeMap<String, String>,
        /// Its text.
        message: String,
    },
    /// act had something to say.
    Message {
        /// `info`, `warning`, `error` or `debug`.
        level: String,
        /// What it said.
        text: String,
    },
}

/// How a step or job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conclusion {
    /// It did what it should.
    Success,
    /// It failed.
    Failure,
    /// It was not run.
    Skipped,
    /// It was ended from outside.
    Cancelled,
}

impl Conclusion {
    fn parse(text: &str) -> Self {
        match text {
            "success" => Self::Success,
            "skipped" => Self::Skipped,
            "cancelled" => Self::Cancelled,
            _ => Self::Failure,
        }
    }
}

/// Reads a line; one line may hold several lines of step output.
pub(super) fn read(value: &Value) -> Vec<ActEvent> {
    let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let message = text("msg");
    let kinds = if let Some(result) = value["stepResult"].as_str() {
        vec![EventKind::StepFinished(Conclusion::parse(result))]
    } else if let Some(result) = value["jobResult"].as_str() {
        vec![EventKind::JobFinished(Conclusion::parse(result))]
    } else if let Some(command) = value["command"].as_str() {
        vec![of_command(command, value)]
    } else if value["raw_output"] == true {
        message.lines().map(|line| EventKind::Line(line.to_owned())).collect()
    } else if message.starts_with("\u{2b50} Run ") {
        vec![EventKind::StepStarted]
    } else {
        vec![EventKind::Message { level: text("level"), text: message.trim_end().to_owned() }]
    };
    let with = |kind| ActEvent {
        // act pads the names of jobs to the same width.
        job: text("job").trim_end().to_owned(),
        job_id: text("jobID"),
        step: value["step"].as_str().map(str::to_owned),
        step_id: step_id(value),
        stage: value["stage"].as_str().map(str::to_owned),
        kind,
    };
    kinds.into_iter().map(with).collect()
}

fn of_command(command: &str, value: &Value) -> EventKind {
    let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
    match command {
        "set-output" => EventKind::Output { name: text("name"), value: text("arg") },
        "summary" => EventKind::Summary(text("content")),
        name => {
            // act ends the properties at the last `::`; a runner ends them at the first, so the line itself is read.
            let (properties, message) =
                split_command(&text("raw")).unwrap_or_else(|| (properties(&value["kvPairs"]), text("arg")));
            EventKind::Command { name: name.to_owned(), properties, message }
        }
    }
}

/// The properties and the text of a command line `::name key=value,key=value::text`, unescaped as the toolkit escapes them.
fn split_command(line: &str) -> Option<(BTreeMap<String, String>, String)> {
    let (head, message) = line.trim().strip_prefix("::")?.split_once("::")?;
    let pairs = head.split_once(' ').map_or("", |(_, pairs)| pairs);
    let properties = pairs.split(',').filter_map(|pair| pair.split_once('='));
    let properties = properties.map(|(key, value)| (key.trim().to_owned(), unescape_property(value))).collect();
    Some((properties, unescape(message)))
}

fn unescape_property(text: &str) -> String {
    unescape(&text.replace("%3A", ":").replace("%2C", ","))
}

fn unescape(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

fn properties(pairs: &Value) -> BTreeMap<String, String> {
    let pairs = pairs.as_object().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// act spells the field `stepid` for the steps it adds itself.
fn step_id(value: &Value) -> Vec<String> {
    let ids = value["stepID"].as_array().or_else(|| value["stepid"].as_array());
    let ids = ids.into_iter().flatten();
    ids.filter_map(|id| id.as_str().map(str::to_owned)).collect()
}
