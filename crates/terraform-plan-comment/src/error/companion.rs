//! What is read beside the plan: the schemas of providers, the rules, the log of planning.

use actions_core::{ActionError, ExitCode};

/// A file that is read beside the plan cannot be read, or holds something else.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CompanionError {
    /// The file of `provider-schemas` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere: it is looked up in `working-directory`, then in the current folder.
    ///
    /// Write the file with `terraform providers schema -json > schemas.json` after `terraform init`, or leave the input out:
    /// the plan is shown without it too.
    #[error("the schemas `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/schemas-unreadable"),
        help("write them with `terraform providers schema -json > schemas.json`, or leave `provider-schemas` out")
    )]
    SchemasUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `provider-schemas` holds something else. Exit code 2.
    ///
    /// The file is not the JSON that `terraform providers schema -json` prints, or it is of a later major version.
    ///
    /// Write it anew with `terraform providers schema -json > schemas.json`, or leave the input out: the plan is shown without
    /// it too.
    #[error("`{path}` does not hold the schemas of providers: {reason}")]
    #[diagnostic(
        code("terraform-plan-comment/not-schemas"),
        help("write them with `terraform providers schema -json > schemas.json`, or leave `provider-schemas` out")
    )]
    NotSchemas {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The file of `rules` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere, or the user may not read it. It is looked up in the current folder.
    ///
    /// Correct the path, and check the repository out before this step; or leave the input out.
    #[error("the rules `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/rules-unreadable"),
        help("correct the path, which starts at the current folder, and check the repository out before this step")
    )]
    RulesUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `rules` holds something else. Exit code 2.
    ///
    /// It is no TOML, or a rule in it says too little, too much, or what no rule says.
    ///
    /// Write it as the action's README shows: `[[rule]]` with `types` and `require-tags`, or with `attribute` and what it should be.
    #[error("`{path}` does not hold rules: {reason}")]
    #[diagnostic(
        code("terraform-plan-comment/not-rules"),
        help(
            "write `[[rule]]` with `types` and `require-tags`, or with `attribute` and one of `equals`, `one-of`, `at-least`, `at-most`, `present`"
        )
    )]
    NotRules {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The file of `plan-log` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere, or the user may not read it. It is looked up in `working-directory`, then in the current folder.
    ///
    /// Keep the log with `terraform plan -json -out=tfplan > plan.ndjson`, or leave the input out: the plan is shown without it too.
    #[error("the log `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/plan-log-unreadable"),
        help("keep it with `terraform plan -json -out=tfplan > plan.ndjson`, or leave `plan-log` out")
    )]
    PlanLogUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `plan-log` holds something else. Exit code 2.
    ///
    /// No line of it is a message of `terraform plan -json`: mostly it is what Terraform prints for people, the plan itself, or empty because the step
    /// before did not start Terraform.
    ///
    /// Keep the log with `terraform plan -json -out=tfplan > plan.ndjson`, or leave the input out: the plan is shown without it too.
    #[error("`{path}` is no log of `terraform plan -json`: {reason}")]
    #[diagnostic(
        code("terraform-plan-comment/not-a-plan-log"),
        help("keep it with `terraform plan -json -out=tfplan > plan.ndjson`, or leave `plan-log` out")
    )]
    NotAPlanLog {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

impl ActionError for CompanionError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }
}
