//! What the failing containers wrote last: where it is, how it is asked for, and what came back.
//!
//! The `awslogs` driver names a stream `PREFIX/CONTAINER/TASK`, and without a prefix by the container's id
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html>).

use serde::Serialize;
use serde_json::{Value, json};

use super::redact::Mask;
use crate::names::last;
use crate::service::{list, owned};
use crate::task_definition::text;

/// How many lines of each container are shown.
pub(crate) const LINES: usize = 50;
/// The longest line that is shown, in characters.
const LONGEST_LINE: usize = 1000;

/// Where a container writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// To `CloudWatch` Logs.
    CloudWatch(Group),
    /// Elsewhere; the line says where.
    Elsewhere(String),
}

/// A log group, and how streams are named in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// The region; `None` is the service's.
    pub(crate) region: Option<String>,
    pub(crate) prefix: Option<String>,
}

/// One stream of a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) container: String,
    /// The task's id.
    pub(crate) task: String,
    pub(crate) group: Group,
    pub(crate) name: String,
}

/// The last lines of one container of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LogTail {
    pub(crate) container: String,
    pub(crate) task: String,
    pub(crate) group: String,
    pub(crate) stream: String,
    /// The oldest first.
    pub(crate) lines: Vec<String>,
}

/// Where the container `name` of the task definition writes.
pub(crate) fn route(definition: &Value, name: &str) -> Route {
    let configuration =
        super::container(definition, name).map_or(&Value::Null, |container| &container["logConfiguration"]);
    let options = &configuration["options"];
    let option = |name: &str| Some(owned(options, name)).filter(|value| !value.is_empty());
    match (text(configuration, "logDriver"), option("awslogs-group")) {
        ("awslogs", Some(group)) => Route::CloudWatch(Group {
            name: group,
            region: option("awslogs-region"),
            prefix: option("awslogs-stream-prefix"),
        }),
        ("awslogs", None) => {
            Route::Elsewhere(format!("the log of {name} is not known: its `logConfiguration` names no `awslogs-group`"))
        }
        ("", _) => {
            Route::Elsewhere(format!("{name} has no `logConfiguration`, so ECS keeps nothing of what it writes"))
        }
        (driver, _) => {
            Route::Elsewhere(format!("the log of {name} goes through the driver `{driver}`{}", address(options)))
        }
    }
}

/// Where a driver other than `awslogs` sends to; tokens are among its options, so only these are told.
fn address(options: &Value) -> String {
    const ADDRESSES: [&str; 8] = [
        "splunk-url",
        "fluentd-address",
        "gelf-address",
        "syslog-address",
        "Name",
        "log_group_name",
        "delivery_stream",
        "Host",
    ];
    let told: Vec<String> = ADDRESSES
        .iter()
        .map(|name| (name, text(options, name)))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}

/// The stream of `container` in `group` for one task; `None` when its name cannot be known: no prefix, and no container ever ran.
pub(crate) fn stream(group: Group, container: &str, task: &Value) -> Option<Stream> {
    let id = last(text(task, "taskArn"));
    let runtime =
        list(task, "containers").find(|other| text(other, "name") == container).map(|other| text(other, "runtimeId"));
    let name = match &group.prefix {
        Some(prefix) => Some(format!("{prefix}/{container}/{id}")).filter(|_| !id.is_empty()),
        None => runtime.filter(|id| !id.is_empty()).map(str::to_owned),
    };
    Some(Stream { container: container.to_owned(), task: id.to_owned(), name: name?, group })
}

impl Stream {
    /// The body of `GetLogEvents` for the newest lines.
    pub(crate) fn question(&self) -> Value {
        json!({"logGroupName": self.group.name, "logStreamName": self.name, "limit": LINES, "startFromHead": false})
    }

    /// The same for what stands before an empty page: `CloudWatch` may answer one although there is more.
    pub(crate) fn question_before(&self, answer: &Value) -> Option<Value> {
        let token = text(answer, "nextBackwardToken");
        let is_empty = list(answer, "events").next().is_none();
        (is_empty && !token.is_empty()).then(|| {
            let mut question = self.question();
            question["nextToken"] = Value::from(token);
            question
        })
    }

    /// What an answer of `GetLogEvents` tells.
    pub(crate) fn tail(&self, answer: &Value, mask: &Mask) -> LogTail {
        let messages: Vec<&str> = list(answer, "events").map(|event| text(event, "message")).collect();
        let newest = &messages[messages.len().saturating_sub(LINES)..];
        let mut lines = clean_lines(newest, mask);
        let surplus = lines.len().saturating_sub(LINES);
        lines.drain(..surplus);
        LogTail {
            container: self.container.clone(),
            task: self.task.clone(),
            group: self.group.name.clone(),
            stream: self.name.clone(),
            lines,
        }
    }
}

/// Messages as lines for people, without secrets and colors: as one text, for a key spans several lines.
pub(crate) fn clean_lines(messages: &[&str], mask: &Mask) -> Vec<String> {
    let shown = mask.hide(&without_escapes(&messages.join("\n")));
    shown.lines().map(str::trim_end).map(short).collect()
}

impl LogTail {
    /// A title for the lines.
    pub(crate) fn title(&self) -> String {
        format!("last {} of {} in task {}", super::lines_of(self.lines.len()), self.container, self.task)
    }

    /// What the lines themselves tell: a program for another processor writes nothing but this.
    pub(super) fn advice(&self) -> Option<&'static str> {
        self.lines
            .iter()
            .rev()
            .find(|line| line.to_ascii_lowercase().contains("exec format error"))
            .and_then(|line| super::start::explain(line))
    }
}

/// Groups for a policy: each group's name and region with the streams' prefix and container, of the containers that write to `CloudWatch`.
pub(crate) fn stream_patterns(definition: &Value) -> Vec<(Group, String)> {
    let names: Vec<String> =
        list(definition, "containerDefinitions").map(|container| owned(container, "name")).collect();
    names
        .into_iter()
        .filter_map(|name| match route(definition, &name) {
            Route::CloudWatch(group) => Some((group, name)),
            Route::Elsewhere(_) => None,
        })
        .collect()
}

fn short(line: &str) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// `text` without what colors a terminal: `ESC [ ... letter`.
fn without_escapes(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part
            .strip_prefix('[')
            .map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || ";?".contains(c)));
        clean.push_str(rest.and_then(|rest| rest.get(1..)).unwrap_or(part));
    }
    clean
}

#[cfg(test)]
mod tests;
