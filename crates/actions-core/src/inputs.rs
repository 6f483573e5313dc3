//! Turning what was typed into domain types, with every bad field reported at once.

use std::fmt;
use std::time::Duration;

use crate::error::{ActionError, ExitCode};

/// One input that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidInput {
    /// The input's name, kebab-case.
    pub name: String,
    /// What is wrong with it.
    pub problem: String,
    /// How to fix it.
    pub help: Option<String>,
}

/// Every input that cannot be used; the collector of an action's `inputs.rs`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputErrors(Vec<InvalidInput>);

impl InputErrors {
    /// An empty collector.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that the input `name` has `problem`; the first problem of an input is kept.
    pub fn add(&mut self, name: &str, problem: impl Into<String>, help: Option<String>) {
        if !self.0.iter().any(|bad| bad.name == name) {
            self.0.push(InvalidInput { name: name.to_owned(), problem: problem.into(), help });
        }
    }

    /// Parses a required input; notes it as missing when it is empty.
    pub fn required<T, E: fmt::Display>(
        &mut self,
        name: &str,
        value: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if value.is_none_or(str::is_empty) {
            self.add(name, "is missing", Some(missing_help(name)));
            return None;
        }
        self.optional(name, value, parse)
    }

    /// Parses an optional input; `None` when it is empty or was noted as bad.
    pub fn optional<T, E: fmt::Display>(
        &mut self,
        name: &str,
        value: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = value.filter(|value| !value.is_empty())?;
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                self.add(name, format!("is {}: {problem}", quote(value)), None);
                None
            }
        }
    }

    /// Parses each item of a list; items that are bad are noted together.
    pub fn list<T, E: fmt::Display>(
        &mut self,
        name: &str,
        items: &[String],
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let mut parsed = Vec::new();
        let mut problems = Vec::new();
        for item in items {
            match parse(item) {
                Ok(value) => parsed.push(value),
                Err(problem) => problems.push(format!("{}: {problem}", quote(item))),
            }
        }
        if !problems.is_empty() {
            self.add(name, format!("has {}", problems.join("; ")), None);
        }
        parsed
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The noted inputs, in order.
    pub fn iter(&self) -> impl Iterator<Item = &InvalidInput> {
        self.0.iter()
    }

    /// Adds what `other` noted.
    pub fn extend(&mut self, other: Self) {
        for bad in other.0 {
            self.add(&bad.name, bad.problem, bad.help);
        }
    }

    /// The inputs that `build` makes of parsed values, or everything that was noted.
    ///
    /// `build` returns `None` only when a value is missing that was noted as bad.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T, Self> {
        if !self.is_empty() {
            return Err(self);
        }
        build().ok_or_else(|| {
            self.add("inputs", "could not be built although none is bad (a bug in Slipway)", None);
            self
        })
    }
}

impl fmt::Display for InputErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "input `{}` {}", only.name, only.problem),
            many => {
                let names: Vec<String> = many.iter().map(|bad| format!("`{}`", bad.name)).collect();
                write!(f, "{} inputs cannot be used: {}", many.len(), names.join(", "))
            }
        }
    }
}

impl std::error::Error for InputErrors {}

impl miette::Diagnostic for InputErrors {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help: Vec<String> = match self.0.as_slice() {
            [only] => only.help.iter().cloned().collect(),
            many => many.iter().filter_map(|bad| Some(format!("`{}`: {}", bad.name, bad.help.as_ref()?))).collect(),
        };
        (!help.is_empty()).then(|| Box::new(help.join("\n")) as Box<dyn fmt::Display>)
    }
}

impl ActionError for InputErrors {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        (self.0.len() > 1).then(|| {
            let lines: Vec<String> = self.0.iter().map(|bad| format!("`{}` {}", bad.name, bad.problem)).collect();
            lines.join("\n")
        })
    }
}

/// The advice for a required input that is missing.
pub(crate) fn missing_help(name: &str) -> String {
    format!("set `{name}:` under the step's `with:`, or pass --{name} on the command line")
}

/// A value from outside in backticks: one line, at most 120 characters.
pub(crate) fn quote(value: &str) -> String {
    format!("`{}`", short(value).replace('`', "'"))
}

/// A text from outside on one line, at most 120 characters.
pub(crate) fn short(text: &str) -> String {
    let visible = |c| if c == '\n' { '⏎' } else { crate::command::visible(c) };
    let short: String = text.chars().take(120).map(visible).collect();
    let dots = if text.chars().nth(120).is_some() { "…" } else { "" };
    format!("{short}{dots}")
}

/// Parses a boolean as GitHub does: `true|True|TRUE|false|False|FALSE` and nothing else.
///
/// The list is YAML 1.2's core schema, as in `getBooleanInput` of the toolkit.
pub fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => Err("not a boolean; write true or false".to_owned()),
    }
}

/// Parses a duration: a whole number with a unit of `s`, `m` or `h`, or several (`1h30m`). A bare number is refused,
/// because it does not say its unit.
pub fn duration(text: &str) -> Result<Duration, String> {
    const HINT: &str = "not a duration; write for example 90s, 10m or 1h30m";
    let mut seconds = 0_u64;
    let mut digits = String::new();
    for character in text.chars() {
        let unit = match character {
            '0'..='9' => {
                digits.push(character);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return Err(HINT.to_owned()),
        };
        let number: u64 = digits.parse().map_err(|_| HINT.to_owned())?;
        digits.clear();
        seconds = number.checked_mul(unit).and_then(|part| seconds.checked_add(part)).ok_or(HINT)?;
    }
    if text.is_empty() || !digits.is_empty() {
        return Err(HINT.to_owned());
    }
    Ok(Duration::from_secs(seconds))
}

/// The items of a list input: one per line, trimmed, empty lines left out.
pub fn lines(values: &[String]) -> Vec<String> {
    split(values, &['\n'])
}

/// The items of a list input that also takes commas, as the official action's input of the same name does.
pub fn lines_or_commas(values: &[String]) -> Vec<String> {
    split(values, &['\n', ','])
}

fn split(values: &[String], separators: &[char]) -> Vec<String> {
    values
        .iter()
        .flat_map(|value| value.split(separators))
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
