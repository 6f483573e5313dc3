//! What fails the run when everything is written: the plan is not whole, or does what is refused.

use actions_core::ActionError;

use crate::diff::plural;

/// The plan is shown, and does not pass.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum VerdictError {
    /// Terraform stopped with an error while it planned. Exit code 1; everything was written before, also on a dry run.
    ///
    /// The plan says `errored`, or the file of `plan-log` has an error: the plan holds what was planned until then and cannot be applied.
    ///
    /// The error itself is in the log of the step that ran `terraform plan`; where `plan-log` names that log, it is shown.
    #[error("the plan is incomplete: Terraform stopped with an error while it planned")]
    #[diagnostic(
        code("terraform-plan-comment/plan-errored"),
        help(
            "read the error in the log of the step that ran `terraform plan`, or name that log in `plan-log` to have it shown here; mend it and plan again"
        )
    )]
    PlanErrored,
    /// Planning failed, as the file of `plan-log` says, and there is no plan. Exit code 1; everything was written before, also on a dry run.
    ///
    /// Terraform stopped with an error before it had a plan, or the step that turns the plan into JSON did not run because of it. The errors are
    /// shown where the plan would be.
    ///
    /// Mend them, and plan again.
    #[error("planning failed with {} {}: {first}; there is no plan, for {why}", errors, plural(*errors, "error"))]
    #[diagnostic(
        code("terraform-plan-comment/planning-failed"),
        help(
            "mend what Terraform says, and plan again; all of its errors are in the summary and in the log of this step"
        )
    )]
    PlanningFailed {
        /// How many errors the log has.
        errors: usize,
        /// The first one.
        first: String,
        /// Why there is no plan.
        why: String,
    },
    /// The plan destroys what `fail-on-destroy` names; everything was written before. Exit code 1, also on a dry run.
    ///
    /// The plan deletes or replaces objects that a pattern of `fail-on-destroy` names; they are listed under `why`.
    #[error("the plan destroys {}: {}", protected(*count), short_list(first, *count))]
    #[diagnostic(
        code("terraform-plan-comment/protected-destroy"),
        help(
            "split the change, so that what is safe is applied without it; keep the object with `lifecycle {{ prevent_destroy = true }}`; rename it with a `moved` block or let it go undestroyed with a `removed` block; or, after a review of what is lost, take the pattern out of `fail-on-destroy` for this change"
        )
    )]
    ProtectedDestroy {
        /// How many objects.
        count: usize,
        /// The addresses of the first ones.
        first: Vec<String>,
        /// Each object with what happens to it and why.
        objects: String,
    },
    /// The plan does what `fail-on` names; everything was written before. Exit code 1, also on a dry run.
    ///
    /// Changes have a risk, or an action, that `fail-on` does not let pass. They are listed under `why`, each with its reason.
    #[error("`fail-on` refuses {} of the plan: {}", changes(*count), short_list(first, *count))]
    #[diagnostic(
        code("terraform-plan-comment/risk-refused"),
        help(
            "change the configuration so that the risk is gone, or split the change; after a review of what is at risk, name the object in `allow`, or take the cause out of `fail-on` for this change"
        )
    )]
    RiskRefused {
        /// How many changes.
        count: usize,
        /// The addresses of the first ones.
        first: Vec<String>,
        /// Each object with what happens to it and why.
        objects: String,
    },
}

impl ActionError for VerdictError {
    fn why(&self) -> Option<String> {
        match self {
            Self::ProtectedDestroy { objects, .. } | Self::RiskRefused { objects, .. } => Some(objects.clone()),
            Self::PlanErrored | Self::PlanningFailed { .. } => None,
        }
    }
}

/// `2 changes`.
fn changes(count: usize) -> String {
    format!("{count} {}", plural(count, "change"))
}

/// `2 protected objects`.
fn protected(count: usize) -> String {
    format!("{count} protected {}", plural(count, "object"))
}

fn short_list(first: &[String], count: usize) -> String {
    let mut names: Vec<String> = first.iter().map(|address| format!("`{address}`")).collect();
    if count > first.len() {
        names.push(format!("and {} more", count - first.len()));
    }
    names.join(", ")
}
