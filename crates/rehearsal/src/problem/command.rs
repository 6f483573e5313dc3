//! Mistakes in the command line, and in the folder that it names.

use actions_core::{ActionError, ExitCode};

/// A mistake in what the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum CommandProblem {
    /// `--repo` names no folder. Exit code 2.
    ///
    /// `--repo` was misspelt, or is relative to another folder than the one the program was started in.
    #[error("there is no folder `{path}`")]
    #[diagnostic(code("rehearsal/no-repository"), help("name the repository's folder as --repo"))]
    NoRepository {
        /// The folder.
        path: String,
        /// What the system says.
        why: String,
    },
    /// `--repo` names a folder that is not the root of a Git repository. Exit code 2.
    ///
    /// The folder is not under version control, lies below the root of a repository, or its repository has no commit
    /// yet.
    ///
    /// Name the root of a Git repository with at least one commit as `--repo`.
    #[error("`{path}` is not a Git repository")]
    #[diagnostic(code("rehearsal/not-a-repository"), help("{help}"))]
    NotARepository {
        /// The folder.
        path: String,
        /// What Git says.
        why: String,
        /// What to do.
        help: String,
    },
    /// `--only` or `--break` names a run that is not there. Exit code 2.
    ///
    /// The flag's value is misspelt, or the run was renamed.
    #[error("there is no run `{name}`, which {flag} names")]
    #[diagnostic(code("rehearsal/unknown-run"), help("the runs of rehearsal.toml are: {known}"))]
    UnknownRun {
        /// The name.
        name: String,
        /// The flag.
        flag: &'static str,
        /// The known names.
        known: String,
    },
    /// `--break` names a run that says nothing about how to break it. Exit code 2.
    ///
    /// A deployment can be broken in many ways, and only the run can say which one must be caught.
    #[error("run `{name}` does not say how it is broken")]
    #[diagnostic(
        code("rehearsal/no-break"),
        help("add a [run.break] table with `what` and `reason` to it in rehearsal.toml; runs that have one: {others}")
    )]
    NoBreakage {
        /// The run.
        name: String,
        /// The runs that say it.
        others: String,
    },
    /// `--break` names a run that `--only` leaves out. Exit code 2.
    ///
    /// Both flags were given, and they contradict each other.
    #[error("--break names `{name}`, which --only leaves out")]
    #[diagnostic(code("rehearsal/break-left-out"), help("add `{name}` to --only, or leave --only away"))]
    BreakLeftOut {
        /// The run.
        name: String,
    },
    /// The folder of the actions' binaries is not there. Exit code 2.
    ///
    /// `--bin-dir` is misspelt, or nothing was built yet.
    #[error("there is no folder of binaries `{folder}`")]
    #[diagnostic(
        code("rehearsal/no-binaries"),
        help("build them first (`cargo build --bins`), or name another --bin-dir")
    )]
    NoBinaries {
        /// The folder.
        folder: String,
    },
    /// The command line is not understood. Exit code 2.
    ///
    /// A flag is misspelt, lacks its value, or is not one of this program's.
    ///
    /// The message proposes the flag that is like it; `slipway-rehearse --help` lists all.
    #[error("{message}")]
    #[diagnostic(code("rehearsal/bad-argument"), help("{help}"))]
    BadArgument {
        /// What is wrong.
        message: String,
        /// How it is used.
        usage: String,
        /// What to do.
        help: String,
    },
}

impl ActionError for CommandProblem {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NoRepository { why, .. } | Self::NotARepository { why, .. } => Some(why.clone()),
            Self::BadArgument { usage, .. } => Some(usage.clone()),
            Self::UnknownRun { .. } | Self::NoBreakage { .. } | Self::BreakLeftOut { .. } | Self::NoBinaries { .. } => {
                None
            }
        }
    }
}
