//! Workflow commands (`::name key=value::data`) and annotations.
//!
//! Escaping follows the toolkit's `command.ts`
//! (<https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>): data escapes `%`, CR and LF;
//! properties also `:` and `,`.

use std::borrow::Cow;

use serde::Serialize;

use crate::{Failure, Location};

/// How loud an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The result, for information.
    Notice,
    /// Something the user can act on.
    Warning,
    /// The reason for a failure.
    Error,
}

impl Severity {
    /// The command's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A message attached to the run, and to a line of a file where it names one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Annotation {
    /// How loud it is.
    pub severity: Severity,
    /// The bold first line; for an error its code.
    pub title: Option<String>,
    /// The text; may hold several lines.
    pub message: String,
    /// The place it points at.
    pub location: Option<Location>,
}

impl Annotation {
    /// A notice.
    pub fn notice(message: impl Into<String>) -> Self {
        Self { severity: Severity::Notice, title: None, message: message.into(), location: None }
    }

    /// A warning.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::notice(message) }
    }

    /// The same annotation with a title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The same annotation at a place in a file.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// The annotation of a failure: its code as the title, all three parts as the text.
    pub fn failure(failure: &Failure) -> Self {
        let mut message = failure.message.clone();
        for (label, part) in [("why", &failure.why), ("help", &failure.help)] {
            if let Some(text) = part {
                message.push_str(&format!("\n{label}: {text}"));
            }
        }
        Self {
            severity: Severity::Error,
            title: Some(failure.code.clone()),
            message,
            location: failure.location.clone(),
        }
    }

    /// The workflow command for it.
    pub(crate) fn command(&self) -> String {
        let mut properties: Vec<(&str, String)> = Vec::new();
        if let Some(title) = &self.title {
            properties.push(("title", title.clone()));
        }
        if let Some(location) = &self.location {
            properties.push(("file", location.file.clone()));
            properties.extend(location.line.map(|line| ("line", line.to_string())));
            properties.extend(location.column.map(|column| ("col", column.to_string())));
        }
        // A runner prints the message as it is, so a terminal sequence in it would reach whoever reads the log.
        for (_, value) in &mut properties {
            *value = printable(value);
        }
        command(self.severity.name(), &properties, &printable(&self.message))
    }
}

/// Text of several lines without anything that a terminal obeys.
pub(crate) fn printable(text: &str) -> String {
    if text.bytes().all(|byte| is_plain(byte) || byte == b'\n') {
        return text.to_owned();
    }
    text.chars().map(|c| if matches!(c, '\n' | '\r') { c } else { visible(c) }).collect()
}

/// A whole workflow command, escaped.
pub(crate) fn command(name: &str, properties: &[(&str, String)], data: &str) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", escape_property(value))).collect();
    let separator = if properties.is_empty() { "" } else { " " };
    format!("::{name}{separator}{}::{}", properties.join(","), escape_data(data))
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A line of text that no runner takes for a command and no terminal for a control sequence.
///
/// The runner reads `::name::` at the start of a line (after spaces) and the older `##[name]` anywhere in it
/// (<https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>).
pub(crate) fn inert_line(line: &str) -> Cow<'_, str> {
    let first = line.bytes().find(|byte| !matches!(byte, b' ' | b'\t'));
    let has_command = line.contains('#') && line.contains("##[");
    if line.bytes().all(is_plain) && first != Some(b':') && !has_command {
        return Cow::Borrowed(line);
    }
    let printable = line.chars().map(visible).collect::<String>().replace("##[", "# #[");
    Cow::Owned(if printable.trim_start().starts_with("::") { format!("| {printable}") } else { printable })
}

/// Whether a byte is a character that stays as it is: printable ASCII, or a tab.
pub(crate) fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t')
}

/// Control and bidirectional-override characters become `\u{FFFD}`; a tab stays.
pub(crate) fn visible(character: char) -> char {
    let bidirectional =
        matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}');
    if (character.is_control() && character != '\t') || bidirectional { '\u{FFFD}' } else { character }
}

#[cfg(test)]
mod tests;
