//! Mistakes in the workflows, and in what they use.

use actions_core::{ActionError, ExitCode};

/// A mistake in a workflow, or in what it uses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum WorkflowProblem {
    /// A run's workflow file is not there. Exit code 2.
    ///
    /// The file is misspelt, not below `.github/workflows`, or ignored by Git.
    #[error("run `{run}`: there is no workflow `{workflow}`")]
    #[diagnostic(code("rehearsal/no-workflow"), help("name a file of `.github/workflows`; there are: {known}"))]
    NoWorkflow {
        /// The run.
        run: String,
        /// The file.
        workflow: String,
        /// Why it cannot be used.
        why: String,
        /// The workflows there are.
        known: String,
    },
    /// A workflow, or an action of the repository that it uses, is not YAML. Exit code 2.
    ///
    /// GitHub would refuse the file as well.
    #[error("`{file}` cannot be understood")]
    #[diagnostic(code("rehearsal/bad-workflow"), help("correct the file; `actionlint` says more about workflows"))]
    BadWorkflow {
        /// The file.
        file: String,
        /// What the parser says.
        why: String,
    },
    /// A run's workflow does not start for its event on its branch. Exit code 2.
    ///
    /// The workflow's `on:` does not name the event, or a filter of it leaves the branch out. GitHub would run nothing, and the runner of
    /// the rehearsal does not look at filters.
    #[error("run `{run}`: `{workflow}` does not start for {event} `{branch}`")]
    #[diagnostic(
        code("rehearsal/would-not-start"),
        help("name the branch and the event that it starts for as `branch` and `event`, or correct its `on:`")
    )]
    WouldNotStart {
        /// The run.
        run: String,
        /// The file.
        workflow: String,
        /// The event, in words.
        event: &'static str,
        /// The branch.
        branch: String,
        /// What keeps it from starting.
        why: String,
    },
    /// A workflow uses an action that nothing stands in for. Exit code 2.
    ///
    /// The runner has no network: it takes every other action than `actions/checkout` from a folder.
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
    /// A folder of `[uses]` is not there. Exit code 2.
    ///
    /// The folder was not cloned yet, or the path is not relative to the repository's root.
    #[error("[uses] \"{action}\": there is no folder `{folder}`")]
    #[diagnostic(
        code("rehearsal/no-stand-in"),
        help(
            "name a folder, relative to the repository's root, that holds the action: a clone of it, or a stand-in of yours"
        )
    )]
    NoStandIn {
        /// The action, `owner/name`.
        action: String,
        /// The folder.
        folder: String,
    },
    /// A folder of `[uses]` does not hold the action that is used. Exit code 2.
    ///
    /// The folder is that of another action, or the file is new and Git does not track it.
    #[error("[uses] \"{action}\": `{folder}` does not hold `{file}`")]
    #[diagnostic(
        code("rehearsal/no-action-file"),
        help("name a folder that holds it; a new file of a Git repository has to be added first (`git add`)")
    )]
    NoActionFile {
        /// The action, `owner/name`.
        action: String,
        /// The folder.
        folder: String,
        /// The file.
        file: String,
        /// Who needs it.
        why: String,
    },
}

impl ActionError for WorkflowProblem {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NoWorkflow { why, .. }
            | Self::WouldNotStart { why, .. }
            | Self::BadWorkflow { why, .. }
            | Self::NoActionFile { why, .. } => Some(why.clone()),
            Self::UnmappedAction { .. } => {
                Some("the runner has no network: it takes every action but actions/checkout from a folder".to_owned())
            }
            Self::NoStandIn { .. } => None,
        }
    }
}
