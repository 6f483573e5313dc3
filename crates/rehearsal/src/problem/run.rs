//! Mistakes in the names in a `rehearsal.toml`.

use actions_core::{ActionError, ExitCode};

/// A mistake in a name, or in the list of runs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum RunProblem {
    /// `repository` is not `owner/name`. Exit code 2.
    ///
    /// The name reaches workflows, the OIDC token and the GitHub stand-in, which all expect both parts.
    #[error("`repository` is `{repository}`, which is not `owner/name`")]
    #[diagnostic(
        code("rehearsal/bad-repository-name"),
        help("write it as GitHub shows it: repository = \"acme/shop\"")
    )]
    BadRepositoryName {
        /// The value.
        repository: String,
    },
    /// `immutable-ids` are not two numbers. Exit code 2.
    ///
    /// Only the numbers that GitHub gave to owner and repository make the subject that GitHub would write.
    #[error("`immutable-ids` is `{ids}`, which is not two numbers")]
    #[diagnostic(
        code("rehearsal/bad-ids"),
        help(
            "write immutable-ids = \"OWNER_ID/REPOSITORY_ID\"; `gh api repos/OWNER/NAME --jq '\"\\(.owner.id)/\\(.id)\"'` prints it"
        )
    )]
    BadIds {
        /// The value.
        ids: String,
    },
    /// There is nothing to run. Exit code 2.
    ///
    /// The list `run` is empty, so a rehearsal would prove nothing.
    #[error("`rehearsal.toml` names no run")]
    #[diagnostic(code("rehearsal/no-runs"), help("add a [[run]] table with `name`, `workflow` and `event`"))]
    NoRuns,
    /// Two runs have one name. Exit code 2.
    ///
    /// A run was copied and its name kept.
    #[error("{times} runs are called `{name}`")]
    #[diagnostic(
        code("rehearsal/duplicate-run"),
        help("give each [[run]] a `name` of its own: --only and --break take it")
    )]
    DuplicateRun {
        /// The name.
        name: String,
        /// How many runs have it.
        times: usize,
    },
    /// A `[run.break]` table breaks nothing. Exit code 2.
    ///
    /// It has neither `edits` nor `deny` nor `recorded-plan`, so what is deployed is what would be deployed without it. `crashes`
    /// says what the edits lead to; it breaks nothing by itself.
    #[error("run `{name}`: [run.break] breaks nothing")]
    #[diagnostic(
        code("rehearsal/breaks-nothing"),
        help("add `edits` that make the deployment fail, a `deny` that refuses a call, or a `recorded-plan`")
    )]
    BreaksNothing {
        /// The run.
        name: String,
    },
    /// A run's name cannot be the name of a folder and a branch. Exit code 2.
    ///
    /// The name becomes that of a folder and of a branch.
    #[error("`{name}` cannot be the name of a run")]
    #[diagnostic(
        code("rehearsal/bad-run-name"),
        help("use letters, digits, `-`, `_` and `.`, beginning with a letter or a digit")
    )]
    BadRunName {
        /// The name.
        name: String,
    },
}

impl ActionError for RunProblem {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }
}
