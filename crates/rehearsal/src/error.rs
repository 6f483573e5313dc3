//! What can keep a rehearsal from running. A failed deployment is no error here: it is a result.

use actions_core::{ActionError, ExitCode};

/// What can keep a rehearsal from running.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The repository has no `rehearsal.toml`. Exit code 2.
    #[error("`{path}` cannot be read")]
    #[diagnostic(
        code("rehearsal/no-config"),
        help(
            "write it at the repository's root: it names the workflows to run; see the guide \"Rehearse a deployment\""
        )
    )]
    NoConfig {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// `rehearsal.toml` is not valid. Exit code 2.
    #[error("`{path}` is not valid")]
    #[diagnostic(code("rehearsal/bad-config"), help("correct the line that is named above"))]
    BadConfig {
        /// The file.
        path: String,
        /// The reason, with line and column.
        source: Box<toml::de::Error>,
    },
    /// `--only` or `--break` names a run that is not there. Exit code 2.
    #[error("there is no run `{name}`")]
    #[diagnostic(code("rehearsal/unknown-run"), help("the runs of rehearsal.toml are: {known}"))]
    UnknownRun {
        /// The name.
        name: String,
        /// The known names.
        known: String,
    },
    /// `--break` names a run that says nothing about how to break it. Exit code 2.
    #[error("run `{name}` does not say how it is broken")]
    #[diagnostic(code("rehearsal/no-break"), help("add a [run.break] table to it in rehearsal.toml"))]
    NoBreakage {
        /// The run.
        name: String,
    },
    /// An edit does not fit the file. Exit code 2.
    #[error("`{file}` does not hold the text that an edit replaces exactly once")]
    #[diagnostic(code("rehearsal/edit-does-not-fit"), help("correct `find` in rehearsal.toml; it is: {find}"))]
    EditDoesNotFit {
        /// The file.
        file: String,
        /// The text.
        find: String,
    },
    /// A manifest has no version that can be raised. Exit code 2.
    #[error("`{file}` has no version x.y.z to raise")]
    #[diagnostic(
        code("rehearsal/no-version"),
        help("name a Cargo.toml or package.json with a plain version as `bump`")
    )]
    NoVersion {
        /// The file.
        file: String,
    },
    /// A workflow uses an action that nothing stands in for. Exit code 2.
    #[error("`{workflow}` uses `{action}`, and nothing stands in for it")]
    #[diagnostic(
        code("rehearsal/unmapped-action"),
        help(
            "add it to [uses] in rehearsal.toml, with a folder that holds the action: \"{action}\" = \"path/to/folder\""
        )
    )]
    UnmappedAction {
        /// The action, `owner/name`.
        action: String,
        /// The workflow's file.
        workflow: String,
    },
    /// `--output` names a folder that is not a rehearsal's. Exit code 2.
    #[error("`{folder}` holds files that are not a rehearsal's")]
    #[diagnostic(
        code("rehearsal/foreign-folder"),
        help("name an empty folder, or one of an earlier rehearsal, as --output")
    )]
    ForeignFolder {
        /// The folder.
        folder: String,
    },
    /// The binaries of the actions are not there. Exit code 2.
    #[error("the action binary `{name}` is not in `{folder}`")]
    #[diagnostic(
        code("rehearsal/no-binary"),
        help("build the workspace first (`cargo build`), or name another --bin-dir")
    )]
    NoBinary {
        /// The binary.
        name: String,
        /// The folder.
        folder: String,
    },
    /// A command that the rehearsal needs failed. Exit code 1.
    #[error("`{command}` failed")]
    #[diagnostic(code("rehearsal/command-failed"))]
    Command {
        /// The command.
        command: String,
        /// Its last words.
        output: String,
    },
    /// A file of the rehearsal cannot be written or read. Exit code 1.
    #[error("`{path}` cannot be used")]
    #[diagnostic(code("rehearsal/file"), help("the rehearsal writes below `target/rehearsal` of the repository"))]
    File {
        /// The file or folder.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The tools cannot be installed. Exit code 1.
    #[error("the pinned tools cannot be installed")]
    #[diagnostic(
        code("rehearsal/no-tools"),
        help("Python 3 with venv and pip must be there, and a package index reachable once")
    )]
    Tools(#[source] testkit::tools::ToolsError),
    /// A local server does not start. Exit code 1.
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
    #[error("the workflow runner does not start")]
    #[diagnostic(code("rehearsal/no-runner"))]
    Runner {
        /// The reason.
        reason: String,
    },
    /// Ctrl-C. Exit code 130.
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

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoConfig { .. }
            | Self::BadConfig { .. }
            | Self::UnknownRun { .. }
            | Self::NoBreakage { .. }
            | Self::EditDoesNotFit { .. }
            | Self::NoVersion { .. }
            | Self::ForeignFolder { .. }
            | Self::UnmappedAction { .. }
            | Self::NoBinary { .. } => ExitCode::BadInput,
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
