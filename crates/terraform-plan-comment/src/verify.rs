//! `terraform-plan-comment verify`: whether the plan that is about to be applied does what was reviewed.
//!
//! 1. `observe` reads the plan as a comment would show it, and the file that the comment's run kept (`review-file`).
//! 2. `plan` compares: what the plan does with what was reviewed, and the sums of both binary plans where that is asked for.
//! 3. `apply` does nothing. The report refuses, and says what differs.
//!
//! It deliberately applies nothing, and asks GitHub nothing.

mod args;
mod difference;
mod error;
mod hidden;
mod inputs;
mod lines;
mod observe;
mod plan;
mod report;

use actions_core::{Action, InputErrors, NoClients, OutputSpec, Report, Session};

pub use args::VerifyArgs;
pub use error::VerifyError;
pub use inputs::VerifyInputs;
pub use observe::VerifySnapshot;
pub use plan::VerifyPlan;

/// The action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerraformPlanVerify;

impl Action for TerraformPlanVerify {
    const NAME: &'static str = "terraform-plan-verify";
    const INVOCATION: &'static str = "terraform-plan-comment verify";
    const TITLE: &'static str = "Terraform plan verify";
    const DESCRIPTION: &'static str = "Refuses a Terraform or OpenTofu plan that does something else than the plan that was reviewed, and says \
        what differs: to run before `terraform apply`.";
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;

    type Args = VerifyArgs;
    type Inputs = VerifyInputs;
    type Clients = NoClients;
    type Snapshot = VerifySnapshot;
    type Plan = VerifyPlan;
    type Outcome = ();
    type Error = VerifyError;

    fn inputs(args: VerifyArgs, _: &Session) -> Result<VerifyInputs, InputErrors> {
        VerifyInputs::parse(&args)
    }

    async fn connect(_: &VerifyInputs, _: &Session) -> Result<NoClients, VerifyError> {
        Ok(NoClients)
    }

    async fn observe(inputs: &VerifyInputs, _: &NoClients, session: &Session) -> Result<VerifySnapshot, VerifyError> {
        observe::observe(inputs, session).await
    }

    fn plan(inputs: &VerifyInputs, snapshot: &VerifySnapshot) -> Result<VerifyPlan, VerifyError> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(_: &VerifyInputs, _: &VerifyPlan, _: &NoClients, _: &Session) -> Result<(), VerifyError> {
        Ok(())
    }

    fn report(inputs: &VerifyInputs, plan: &VerifyPlan, _: Option<&()>) -> Report {
        report::report(inputs, plan)
    }
}

/// What two plans do differently, in lines.
#[cfg(test)]
pub(crate) fn differences(
    reviewed: &crate::canonical::Canonical,
    now: &crate::canonical::Canonical,
) -> Vec<Vec<String>> {
    let lines =
        |difference: difference::Difference| std::iter::once(difference.title).chain(difference.lines).collect();
    difference::between(reviewed, now).into_iter().map(lines).collect()
}
