//! The error contract: what happened, why, how to fix it, and with which exit code.

use serde::Serialize;

use crate::codes;

/// How a Slipway process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExitCode {
    /// 0: done, or already done.
    Done,
    /// 1: the operation failed.
    Failed,
    /// 2: bad input; nothing was changed.
    BadInput,
    /// 3: deployed but unhealthy, and rolled back.
    RolledBack,
    /// 4: timed out; the state is unknown.
    TimedOut,
    /// 70: a bug in Slipway.
    Internal,
    /// 130: cancelled.
    Cancelled,
}

impl ExitCode {
    /// The number the process exits with.
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::RolledBack => 3,
            Self::TimedOut => 4,
            Self::Internal => 70,
            Self::Cancelled => 130,
        }
    }
}

/// A place in a file that an annotation points at. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The path, relative to the repository's root where it is inside it.
    pub file: String,
    /// The first line.
    pub line: Option<usize>,
    /// The first column.
    pub column: Option<usize>,
}

impl Location {
    /// A location that names only a file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None }
    }

    /// A location at the line `line` of `file`.
    pub fn line(file: impl Into<String>, line: usize) -> Self {
        Self { file: file.into(), line: Some(line), column: None }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        for part in [self.line, self.line.and(self.column)].into_iter().flatten() {
            write!(f, ":{part}")?;
        }
        Ok(())
    }
}

/// An error of an action: each crate's one `Error` enum implements it.
///
/// `miette::Diagnostic` (derived) gives `code` and `help`; the message says what happened.
pub trait ActionError: miette::Diagnostic {
    /// The exit code of the process that ends with this error.
    fn exit_code(&self) -> ExitCode {
        ExitCode::Failed
    }

    /// Why it happened. The default joins the messages of the error's sources.
    fn why(&self) -> Option<String> {
        causes(self)
    }

    /// The message with why it happened behind it.
    fn told(&self) -> String {
        self.why().map_or_else(|| self.to_string(), |why| format!("{self}: {why}"))
    }

    /// The file that holds the cause, when there is one.
    fn location(&self) -> Option<Location> {
        None
    }

    /// Whether the world moved between observing and applying, so that the driver may observe and plan once more.
    fn is_stale(&self) -> bool {
        false
    }
}

/// The messages of the error's sources, each once; `None` when it has none. For an own [`ActionError::why`] that has nothing
/// better to say.
pub fn causes(error: &(impl std::error::Error + ?Sized)) -> Option<String> {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !causes.contains(&text) {
            causes.push(text);
        }
        source = cause.source();
    }
    (!causes.is_empty()).then(|| causes.join(": "))
}

/// An error as it is shown: on stderr, as one annotation, and in the step summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The stable code, `crate/kebab-case`.
    pub code: String,
    /// What happened.
    pub message: String,
    /// Why it happened; may hold several lines.
    pub why: Option<String>,
    /// How to fix it; may hold several lines.
    pub help: Option<String>,
    /// The file that holds the cause.
    pub location: Option<Location>,
    /// The exit code of the process.
    pub exit_code: ExitCode,
}

impl Failure {
    /// A failure with a message only.
    pub fn new(code: impl Into<String>, message: impl Into<String>, exit_code: ExitCode) -> Self {
        Self { code: code.into(), message: message.into(), why: None, help: None, location: None, exit_code }
    }

    /// The same failure with a reason.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// The same failure with an advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Renders an error in the common form.
    pub fn from_error(error: &(impl ActionError + ?Sized)) -> Self {
        Self {
            code: error.code().map_or_else(|| codes::UNNAMED.to_owned(), |code| code.to_string()),
            message: error.to_string(),
            why: error.why(),
            help: error.help().map(|help| help.to_string()),
            location: error.location(),
            exit_code: error.exit_code(),
        }
    }
}
