//! What can keep a rehearsal from running. A failed deployment is no error here: it is a result.

use actions_core::{ActionError, ExitCode};

use crate::problem::Problem;

/// What can keep a rehearsal from running.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// What was asked for holds mistakes; each is told with its own code. Exit code 2.
    ///
    /// `rehearsal.toml`, a file that it names or a flag is wrong.
    #[error("{}, and nothing was started", count(problems))]
    #[diagnostic(code("rehearsal/mistakes"), help("correct what is named above, and run it again"))]
    Mistakes {
        /// The mistakes, and behind them what is only warned of.
        problems: Vec<Problem>,
    },
    /// `--output` names a folder that is not a rehearsal's. Exit code 2.
    ///
    /// A rehearsal empties its folder when it starts, and so takes only one that an earlier rehearsal marked.
    #[error("`{folder}` holds files that are not a rehearsal's")]
    #[diagnostic(
        code("rehearsal/foreign-folder"),
        help("name an empty folder, or one of an earlier rehearsal, as --output")
    )]
    ForeignFolder {
        /// The folder.
        folder: String,
    },
    /// A command that the rehearsal needs failed. Exit code 1.
    ///
    /// Git, Terraform, cargo or the AWS command line ended with an error; its last words are printed under `why`.
    ///
    /// Run the command yourself in the clone below `target/rehearsal/work`.
    #[error("`{command}` failed")]
    #[diagnostic(code("rehearsal/command-failed"))]
    Command {
        /// The command.
        command: String,
        /// Its last words.
        output: String,
    },
    /// A file of the rehearsal cannot be written or read. Exit code 1.
    ///
    /// The folder is not writable, the disk is full, or the file was removed meanwhile.
    #[error("`{path}` cannot be used")]
    #[diagnostic(code("rehearsal/file"), help("the rehearsal writes below `target/rehearsal` of the repository"))]
    File {
        /// The file or folder.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The tools cannot be installed. Exit code 1.
    ///
    /// There is no Python, or the package index could not be reached the first time.
    #[error("the pinned tools cannot be installed")]
    #[diagnostic(
        code("rehearsal/no-tools"),
        help("Python 3 with venv and pip must be there, and a package index reachable once")
    )]
    Tools(#[source] testkit::tools::ToolsError),
    /// A local server does not start. Exit code 1.
    ///
    /// The process ended early or did not answer in time; its last words are printed under `why`.
    #[error("{what} does not start")]
    #[diagnostic(
        code("rehearsal/no-server"),
        help("look at the logs below `target/rehearsal`; another process may hold the port")
    )]
    Server {
        /// The server.
        what: &'static str,
        /// The reason.
        reason: String,
    },
    /// The runner does not start. Exit code 1.
    ///
    /// The runner's program is missing or ended at once; its last words are printed under `why`.
    ///
    /// Remove the folder of the tools (`.tools`, or `SLIPWAY_TOOLS_DIR`), so that it is installed anew.
    #[error("the workflow runner does not start")]
    #[diagnostic(code("rehearsal/no-runner"))]
    Runner {
        /// The reason.
        reason: String,
    },
    /// Ctrl-C. Exit code 130.
    ///
    /// Ctrl-C, or a signal of the system.
    #[error("cancelled")]
    #[diagnostic(code("rehearsal/cancelled"), help("every process was ended; re-running is safe"))]
    Cancelled,
}

impl Error {
    /// Wraps an I/O error with the path it is about.
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.display().to_string();
        |source| Self::File { path, source }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Mistakes { problems: vec![problem] }
    }
}

fn count(problems: &[Problem]) -> String {
    let mistakes = problems.iter().filter(|problem| !problem.is_warning()).count();
    if mistakes == 1 { "1 mistake".to_owned() } else { format!("{mistakes} mistakes") }
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Mistakes { .. } | Self::ForeignFolder { .. } => ExitCode::BadInput,
            Self::Command { .. } | Self::File { .. } | Self::Tools(_) | Self::Server { .. } | Self::Runner { .. } => {
                ExitCode::Failed
            }
            Self::Cancelled => ExitCode::Cancelled,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Command { output: reason, .. } | Self::Server { reason, .. } | Self::Runner { reason } => {
                Some(reason.clone())
            }
            other => {
                let mut causes = Vec::new();
                let mut source = std::error::Error::source(other);
                while let Some(cause) = source {
                    causes.push(cause.to_string());
                    source = cause.source();
                }
                (!causes.is_empty()).then(|| causes.join(": "))
            }
        }
    }
}

#[cfg(test)]
mod tests;
