//! Mistakes in the workflows, and in what they use.

use actions_core::{ActionError, ExitCode};

use super::file::did_you_mean;

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
    ///
    /// Add it to `[uses]` in rehearsal.toml, with a folder that holds the action. For `hashicorp/setup-terraform`,
    /// `actions/upload-artifact` and `actions/download-artifact` Slipway has one in `tools/stand-ins`.
    #[error("`{workflow}` uses `{action}`, and nothing stands in for it")]
    #[diagnostic(
        code("rehearsal/unmapped-action"),
        help(
            "add it to [uses] in rehearsal.toml, with a folder that holds the action: \"{action}\" = \"{}\"",
            stand_in(action)
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
    /// An action or a reusable workflow is given an input that it does not have. Exit code 2.
    ///
    /// The input is misspelt, or belongs to another version. What was meant would have no value: GitHub refuses the run when a
    /// reusable workflow is called so, and goes on without the input when it is an action.
    ///
    /// Use the input that the message proposes, or look it up in the README of the action.
    #[error("{place}: `{owner}` has no input `{input}`")]
    #[diagnostic(code("rehearsal/unknown-input"), help("{}`{owner}` knows: {known}", did_you_mean(meant.as_deref())))]
    UnknownInput {
        /// The file, and the line where it is known.
        place: String,
        /// The line's text.
        line: Option<String>,
        /// What is used.
        owner: String,
        /// The input.
        input: String,
        /// The input that was meant.
        meant: Option<String>,
        /// The inputs there are.
        known: String,
    },
    /// A warning: another team's action is given an input that its action.yml does not declare. Exit code 0, when nothing else is
    /// wrong.
    ///
    /// GitHub says "Unexpected input(s)" in the middle of the run, and goes on without the input. A folder of `[uses]` may stand in
    /// for the action with fewer inputs than it has.
    ///
    /// Correct the input's name, or declare it in the action.yml of the stand-in.
    #[error("{place}: `{owner}` does not declare the input `{input}`")]
    #[diagnostic(
        code("rehearsal/unexpected-input"),
        severity(Warning),
        help("{}`{owner}` declares: {known}", did_you_mean(meant.as_deref()))
    )]
    UnexpectedInput {
        /// The file, and the line where it is known.
        place: String,
        /// The line's text.
        line: Option<String>,
        /// What is used.
        owner: String,
        /// The input.
        input: String,
        /// The input that was meant.
        meant: Option<String>,
        /// The inputs there are.
        known: String,
    },
    /// What stands behind the `@` of an action can be no branch, tag or commit. Exit code 2.
    ///
    /// Words to replace, such as `<full sha>`, were left in the workflow, or a commit is shortened. GitHub would not start the run.
    #[error("`{workflow}` uses `{action}@{reference}`, which GitHub cannot find")]
    #[diagnostic(
        code("rehearsal/bad-reference"),
        help("write the 40 hexadecimal digits of a commit of `{action}` behind the `@`")
    )]
    BadReference {
        /// The action, `owner/name`.
        action: String,
        /// What stands behind the `@`.
        reference: String,
        /// The workflow's file.
        workflow: String,
        /// What is wrong with it.
        why: String,
    },
    /// A warning: the clone that stands in for an action does not have the branch, tag or commit that the workflow names. Exit code 0,
    /// when nothing else is wrong.
    ///
    /// The rehearsal uses the folder as it is now, whatever the workflow names. GitHub would not start the run, unless the clone is
    /// only older than the reference.
    #[error("`{workflow}` uses `{action}@{reference}`, which `{folder}` does not have")]
    #[diagnostic(
        code("rehearsal/unknown-reference"),
        severity(Warning),
        help("name a commit of `{action}`, or run `git fetch --tags` in `{folder}` if it is only older")
    )]
    UnknownReference {
        /// The action, `owner/name`.
        action: String,
        /// What stands behind the `@`.
        reference: String,
        /// The workflow's file.
        workflow: String,
        /// The folder that stands in for it.
        folder: String,
    },
    /// A warning: a workflow reads a variable or a secret that `rehearsal.toml` does not define. Exit code 0, when nothing else is
    /// wrong.
    ///
    /// The name is misspelt, or `[vars]`, `[secrets]` or `[resources.roles]` lacks it. GitHub takes the empty text for what is not set
    /// and says nothing, and so does the rehearsal.
    ///
    /// Correct the name, or define it in `[vars]` or `[secrets]`: the empty text if it may be absent. What has an alternative
    /// (`vars.NAME || 'x'`) is not told.
    #[error("{file} reads `{context}.{name}`, which rehearsal.toml does not define")]
    #[diagnostic(
        code("rehearsal/undefined-value"),
        severity(Warning),
        help("{}define it in [{context}]; there are: {known}", did_you_mean(meant.as_deref()))
    )]
    UndefinedValue {
        /// The file.
        file: String,
        /// `vars` or `secrets`.
        context: &'static str,
        /// Its name.
        name: String,
        /// The one that was meant.
        meant: Option<String>,
        /// Those that are defined.
        known: String,
    },
}

/// A folder that can stand in for an action: one of those that Slipway has, where there is one.
fn stand_in(action: &str) -> String {
    match action {
        "hashicorp/setup-terraform" | "actions/upload-artifact" | "actions/download-artifact" => {
            format!("../slipway/tools/stand-ins/{}", action.rsplit('/').next().unwrap_or_default())
        }
        _ => "path/to/folder".to_owned(),
    }
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
            | Self::BadReference { why, .. }
            | Self::NoActionFile { why, .. } => Some(why.clone()),
            Self::UnmappedAction { .. } => {
                Some("the runner has no network: it takes every action but actions/checkout from a folder".to_owned())
            }
            Self::UnknownInput { line, .. } => line.clone(),
            Self::UnexpectedInput { line, .. } => {
                let said = "GitHub says \"Unexpected input(s)\" of it, and the action does not see it";
                Some(line.iter().map(String::as_str).chain([said]).collect::<Vec<_>>().join("\n"))
            }
            Self::UnknownReference { folder, .. } => Some(format!(
                "the rehearsal uses `{folder}` as it is now; GitHub starts no run with what it cannot find"
            )),
            Self::UndefinedValue { .. } => {
                Some("it is the empty text, here and on GitHub, which says nothing".to_owned())
            }
            Self::NoStandIn { .. } => None,
        }
    }
}
