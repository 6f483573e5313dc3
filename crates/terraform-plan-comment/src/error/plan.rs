//! There is no plan to show: what is given is none, is not whole, or cannot be shown safely.

use actions_core::{ActionError, ExitCode, Location};

/// What is given as the plan cannot be shown.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum PlanError {
    /// The folder to work in does not exist. Exit code 2.
    ///
    /// The folder is not in the checkout: a typing error, or no checkout step before this one.
    #[error("`{path}` is not a folder")]
    #[diagnostic(
        code("terraform-plan-comment/no-working-directory"),
        help("set `working-directory` to the folder of the root module, relative to where the step runs")
    )]
    NoWorkingDirectory {
        /// What was given.
        path: String,
    },
    /// The plan's file cannot be read. Exit code 2.
    ///
    /// Mostly the step that runs `terraform plan` failed, and there is no plan: the log of that step says why. Otherwise the path in `plan`
    /// leads nowhere: it is looked up in `working-directory`, then in the current folder. A plan of another job has to be passed on as an artifact.
    #[error("the plan `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/plan-unreadable"),
        help(
            "where the step that runs `terraform plan` failed, its log says why, and `plan-log` shows it here; else write the plan with `terraform show -json tfplan > plan.json`: `plan` is looked up in `working-directory`, then in the current folder"
        )
    )]
    Unreadable {
        /// The file, or standard input.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The plan is broken JSON. Exit code 2.
    ///
    /// The file was cut off, or something else was written into it: the wrapper of `hashicorp/setup-terraform` and
    /// error messages are common cases.
    #[error("the plan `{path}` is not JSON: {reason} at line {line} column {column}")]
    #[diagnostic(
        code("terraform-plan-comment/plan-not-json"),
        help(
            "write it anew with `terraform show -json tfplan > plan.json`, and check that the step that wrote it succeeded"
        )
    )]
    NotJson {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
        /// The file as annotations name it; `None` for standard input.
        file: Option<String>,
    },
    /// The file is something else than a plan. Exit code 2.
    ///
    /// The file holds the text of `terraform plan`, its log, a state, a page, an error message or something else; the message says what.
    ///
    /// Write the plan with `terraform plan -out=tfplan` and `terraform show -json tfplan > plan.json`.
    #[error("`{path}` is not a plan but {what}")]
    #[diagnostic(code("terraform-plan-comment/not-a-plan"), help("{help}"))]
    NotAPlan {
        /// The file.
        path: String,
        /// What it is.
        what: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// A member that every plan has is missing. Exit code 2.
    ///
    /// The JSON looks like a plan and lacks a part that every plan has, or has something else in its place: it was edited, or cut by another tool.
    #[error("the plan `{path}` has no {member}")]
    #[diagnostic(
        code("terraform-plan-comment/plan-incomplete"),
        help(
            "write it anew with `terraform show -json tfplan`; if that does not help, report the version of Terraform"
        )
    )]
    Incomplete {
        /// The file.
        path: String,
        /// The member's path in backticks, and what it should be.
        member: String,
    },
    /// The plan's format is of a later major version. Exit code 2.
    ///
    /// A newer Terraform wrote the plan in a format that came after this version of the action.
    #[error("the plan `{path}` has the format version `{version}`, which this version does not understand")]
    #[diagnostic(
        code("terraform-plan-comment/unknown-format"),
        help(
            "update this action, which understands the major versions 0 and 1; the file is what `terraform show -json tfplan` of Terraform or OpenTofu prints"
        )
    )]
    UnknownFormat {
        /// The file.
        path: String,
        /// The version.
        version: String,
    },
    /// The secrets of the plan are too many to search for. Exit code 1.
    ///
    /// Each sensitive value is searched for in everything that is shown, and this plan has more of them than can be
    /// searched for.
    #[error("the sensitive values of the plan `{path}` cannot be searched for, so nothing of it is shown")]
    #[diagnostic(
        code("terraform-plan-comment/too-many-secrets"),
        help("mark fewer or smaller values as sensitive, or review this plan in the log of `terraform plan`")
    )]
    TooManySecrets {
        /// The file.
        path: String,
        /// The reason.
        reason: String,
    },
}

impl ActionError for PlanError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoWorkingDirectory { .. }
            | Self::Unreadable { .. }
            | Self::NotJson { .. }
            | Self::NotAPlan { .. }
            | Self::Incomplete { .. }
            | Self::UnknownFormat { .. } => ExitCode::BadInput,
            Self::TooManySecrets { .. } => ExitCode::Failed,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Unreadable { source, .. } => Some(source.to_string()),
            Self::TooManySecrets { reason, .. } => Some(reason.clone()),
            Self::NoWorkingDirectory { .. }
            | Self::NotJson { .. }
            | Self::NotAPlan { .. }
            | Self::Incomplete { .. }
            | Self::UnknownFormat { .. } => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::NotJson { file: Some(file), line, column, .. } => {
                Some(Location { file: file.clone(), line: Some(*line), column: Some(*column) })
            }
            _ => None,
        }
    }
}
