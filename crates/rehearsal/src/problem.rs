//! The mistakes in a `rehearsal.toml`, in the files it names and on the command line. Each has its own code; all that there are
//! are told at once, before anything starts.

mod change;
mod command;
mod file;
mod infrastructure;
mod run;
mod workflow;

use actions_core::{ActionError, ExitCode};

pub use change::ChangeProblem;
pub use command::CommandProblem;
pub use file::FileProblem;
pub use infrastructure::InfrastructureProblem;
pub use run::RunProblem;
pub use workflow::WorkflowProblem;

/// A mistake of the one who asked for the rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum Problem {
    /// In what the command line asks for.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Command(#[from] CommandProblem),
    /// In the text of a `rehearsal.toml`.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] FileProblem),
    /// In a name, or in the list of runs.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Run(#[from] RunProblem),
    /// In a change that a run makes before its event.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Change(#[from] ChangeProblem),
    /// In a workflow, or in what it uses.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Workflow(#[from] WorkflowProblem),
    /// In a file that what is deployed on is made from.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Infrastructure(#[from] InfrastructureProblem),
}

impl ActionError for Problem {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Command(problem) => problem.why(),
            Self::File(problem) => problem.why(),
            Self::Run(problem) => problem.why(),
            Self::Change(problem) => problem.why(),
            Self::Workflow(problem) => problem.why(),
            Self::Infrastructure(problem) => problem.why(),
        }
    }
}

impl Problem {
    /// Whether it is told and nothing more.
    pub(crate) fn is_warning(&self) -> bool {
        miette::Diagnostic::severity(self) == Some(miette::Severity::Warning)
    }
}
