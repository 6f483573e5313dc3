//! Mistakes in the files that what is deployed on is made from.

use actions_core::{ActionError, ExitCode};

/// A mistake in a file that what is deployed on is made from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum InfrastructureProblem {
    /// The task definition of a service is not there. Exit code 2.
    ///
    /// The file is misspelt or ignored by Git.
    #[error("service `{service}`: there is no task definition `{file}`")]
    #[diagnostic(
        code("rehearsal/no-task-definition"),
        help("name a JSON file of the repository, as `aws ecs register-task-definition --cli-input-json` takes it")
    )]
    NoTaskDefinition {
        /// The service.
        service: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// The task definition of a service is not JSON. Exit code 2.
    ///
    /// The service is made from the file as `aws ecs register-task-definition --cli-input-json` takes it: one JSON object,
    /// without comments and without a comma behind the last element.
    #[error("service `{service}`: the task definition `{file}` is not a JSON object")]
    #[diagnostic(
        code("rehearsal/bad-task-definition"),
        help("correct the file; `python3 -m json.tool {file}` shows the place")
    )]
    BadTaskDefinition {
        /// The service.
        service: String,
        /// The file.
        file: String,
        /// What the parser says.
        why: String,
    },
    /// The trust policy of a role is not there. Exit code 2.
    ///
    /// The file is misspelt, ignored by Git, or holds no JSON object.
    #[error("[resources.trust-policies] {var}: `{file}` is no trust policy")]
    #[diagnostic(
        code("rehearsal/no-trust-policy"),
        help("name a JSON file of the repository, as `aws iam create-role --assume-role-policy-document` takes it")
    )]
    NoTrustPolicy {
        /// The role's variable.
        var: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// A trust policy belongs to no role. Exit code 2.
    ///
    /// The names of both tables are those of repository variables, and one is misspelt.
    #[error("[resources.trust-policies] names `{var}`, and [resources.roles] does not")]
    #[diagnostic(code("rehearsal/trust-without-role"), help("use the same name in both tables; roles: {known}"))]
    TrustWithoutRole {
        /// The role's variable.
        var: String,
        /// The roles there are.
        known: String,
    },
    /// Terraform's root module is not there. Exit code 2.
    ///
    /// The folder is misspelt or holds nothing that Git keeps.
    #[error("[terraform] there is no root module `{directory}`")]
    #[diagnostic(code("rehearsal/no-terraform-directory"), help("name the folder of the root module as `directory`"))]
    NoTerraformDirectory {
        /// The folder.
        directory: String,
        /// Why it cannot be used.
        why: String,
    },
    /// The overlay of Terraform is not there. Exit code 2.
    ///
    /// The file is misspelt or ignored by Git.
    #[error("[terraform] there is no overlay `{file}`")]
    #[diagnostic(
        code("rehearsal/no-overlay"),
        help("name an override file of the repository, or leave `overlay` away")
    )]
    NoOverlay {
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// A recorded plan is not there. Exit code 2.
    ///
    /// The file is misspelt or, as plans often are, ignored by Git.
    #[error("{owner}: there is no recorded plan `{file}`")]
    #[diagnostic(
        code("rehearsal/no-recorded-plan"),
        help("record it with `terraform show -json plan.tfplan`, and name the file as `recorded-plan`")
    )]
    NoRecordedPlan {
        /// Who names it.
        owner: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
}

impl ActionError for InfrastructureProblem {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NoTaskDefinition { why, .. }
            | Self::BadTaskDefinition { why, .. }
            | Self::NoTrustPolicy { why, .. }
            | Self::NoTerraformDirectory { why, .. }
            | Self::NoOverlay { why, .. }
            | Self::NoRecordedPlan { why, .. } => Some(why.clone()),
            Self::TrustWithoutRole { .. } => None,
        }
    }
}
