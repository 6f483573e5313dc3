//! The binary plan, given as `plan` or as `binary-plan`.

use actions_core::{ActionError, ExitCode};

/// A binary plan cannot be taken, or is not the one that is shown.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum BinaryPlanError {
    /// A binary plan came through standard input. Exit code 2.
    ///
    /// A binary plan is read by Terraform itself, and Terraform reads it only from a file.
    #[error("standard input holds a binary plan")]
    #[diagnostic(
        code("terraform-plan-comment/binary-on-stdin"),
        help(
            "name the file (`plan: tfplan`), or pipe JSON: `terraform show -json tfplan | terraform-plan-comment --plan -`"
        )
    )]
    OnStdin,
    /// The file of `binary-plan` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere: it is looked up in `working-directory`, then in the current folder.
    ///
    /// Name the file that `terraform plan -out=tfplan` wrote, or leave the input out: then no sum of it is shown.
    #[error("the binary plan `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/binary-plan-unreadable"),
        help("name the file that `terraform plan -out=tfplan` wrote, or leave `binary-plan` out")
    )]
    Unreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `binary-plan` is no binary plan. Exit code 2.
    ///
    /// The file is the JSON of a plan, or something else: only the file that is applied has a sum that is worth comparing.
    ///
    /// Name the file that `terraform plan -out=tfplan` wrote.
    #[error("`{path}` is no binary plan")]
    #[diagnostic(
        code("terraform-plan-comment/not-a-binary-plan"),
        help("name the file that `terraform plan -out=tfplan` wrote, or leave `binary-plan` out")
    )]
    NotBinary {
        /// The file.
        path: String,
    },
    /// `plan` and `binary-plan` are two binary plans. Exit code 2.
    ///
    /// `plan` is a binary plan itself, and `binary-plan` names another one, so that one would be shown with the sum of the other.
    ///
    /// Leave `binary-plan` out: the sum is that of `plan`.
    #[error("`plan` is a binary plan, and `{path}` is another one")]
    #[diagnostic(
        code("terraform-plan-comment/two-binary-plans"),
        help("leave `binary-plan` out: where `plan` is a binary plan, its own sum is taken")
    )]
    TwoPlans {
        /// The other file.
        path: String,
    },
    /// `plan` and `binary-plan` are two plans. Exit code 2.
    ///
    /// Terraform read the binary plan, and it does something else than the JSON: one of both is older. The pull request would show one plan
    /// with the sum of the other.
    ///
    /// Write the JSON again with `terraform show -json`, or give the binary plan as `plan` and no JSON.
    #[error("the binary plan `{path}` does something else than `plan`")]
    #[diagnostic(
        code("terraform-plan-comment/another-plan"),
        help(
            "write the JSON again with `terraform show -json`, or give the binary plan as `plan` and leave `binary-plan` out"
        )
    )]
    AnotherPlan {
        /// The binary plan.
        path: String,
    },
}

impl ActionError for BinaryPlanError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }
}
