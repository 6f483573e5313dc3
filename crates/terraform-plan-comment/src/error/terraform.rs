//! The program that reads a binary plan: Terraform or OpenTofu.

use std::time::Duration;

use actions_core::{ActionError, ExitCode};

/// Terraform does not say what is in a binary plan.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TerraformError {
    /// A binary plan needs terraform, and there is none. Exit code 2.
    ///
    /// Only Terraform (or OpenTofu) reads a binary plan, and neither is on the PATH.
    #[error("`{plan}` is a binary plan, and {programs} is not there to read it")]
    #[diagnostic(
        code("terraform-plan-comment/terraform-missing"),
        help(
            "install Terraform or OpenTofu before this step, name it with `terraform`, or give JSON: `terraform show -json tfplan > plan.json`"
        )
    )]
    Missing {
        /// The plan.
        plan: String,
        /// What was looked for.
        programs: String,
    },
    /// Terraform cannot be started. Exit code 1.
    ///
    /// The program is there and the operating system does not start it: it is not executable, or built for another
    /// machine.
    #[error("`{program}` cannot be started")]
    #[diagnostic(
        code("terraform-plan-comment/terraform-not-started"),
        help("check that `terraform` names a program that this user may run")
    )]
    NotStarted {
        /// The program.
        program: String,
        /// The reason.
        source: std::io::Error,
    },
    /// Terraform cannot read the plan. Exit code 1.
    ///
    /// `terraform show` ended with an error, which is printed under `why`: mostly another version wrote the plan, or
    /// the providers are not installed.
    #[error("`{program} show -json` cannot read the plan `{plan}` ({status})")]
    #[diagnostic(
        code("terraform-plan-comment/terraform-failed"),
        help(
            "use the version of Terraform that wrote the plan, and run `terraform init` in `working-directory` first"
        )
    )]
    Failed {
        /// The program.
        program: String,
        /// The plan.
        plan: String,
        /// How it ended.
        status: String,
        /// What it printed on standard error.
        message: String,
    },
    /// Terraform took too long. Exit code 4.
    ///
    /// `terraform show` loads the providers first, which takes long on a busy runner, and hangs where a provider waits.
    #[error("`{program} show -json` did not end within {} s", limit.as_secs())]
    #[diagnostic(
        code("terraform-plan-comment/terraform-timed-out"),
        help("raise `terraform-timeout`, or give JSON instead of the binary plan")
    )]
    TimedOut {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
    },
}

impl ActionError for TerraformError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Missing { .. } => ExitCode::BadInput,
            Self::NotStarted { .. } | Self::Failed { .. } => ExitCode::Failed,
            Self::TimedOut { .. } => ExitCode::TimedOut,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NotStarted { source, .. } => Some(source.to_string()),
            Self::Failed { message, .. } => Some(message.clone()),
            Self::Missing { .. } | Self::TimedOut { .. } => None,
        }
    }
}
