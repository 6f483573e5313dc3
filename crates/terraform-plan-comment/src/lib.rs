//! Shows a Terraform or OpenTofu plan where it is reviewed: one comment or one region of the pull request's body that is
//! updated in place, and always the step summary.
//!
//! The flow: the plan's bytes become JSON (`source`, `json`); its secrets are collected and sealed (`secrets`, `sealed`), so
//! that nothing behind `document` holds one; `diff` and `review` say what the plan does, `risk` how bad that can be; `markdown` shows it within a limit;
//! `plan` decides what to write, `apply` writes it.
//!
//! What a plan does has a digest (`canonical`), which `verify` compares with the one that was reviewed (`reviewed`) before it is applied.
//!
//! Beside the plan its log may be given (`stream`), of which the errors and warnings are shown (`diagnostic`), also where planning failed and there is
//! no plan.
//!
//! On the command line `--format` asks for one `rendering` on standard output and nothing else. One of them is `text`, which
//! equals `terraform show -no-color` line by line; `schema` has what providers say of their types, which only that text shows.
//! `verb`, `intent` and `paths` have the rules that the text and the review share: what happens to an object, what the plan
//! was made for, and which attributes matter.
//!
//! Invariants: nothing of the plan is dropped silently; "no changes" is said only when it is true; text outside of the region
//! in a pull request's body is kept byte for byte; an older run never overwrites what a newer one wrote.
//!
//! A change set of CloudFormation's (`change_set`) becomes the same `document`, and is shown and judged by the same rules.
//!
//! It deliberately does not run `terraform plan`, and prices nothing.

mod apply;
mod args;
mod canonical;
mod change_set;
mod diagnostic;
mod diff;
mod document;
mod entries;
mod error;
mod file;
#[cfg(test)]
mod fuzz;
mod guard;
mod html;
mod inputs;
mod intent;
mod json;
mod likely;
mod log;
mod markdown;
mod marker;
mod node;
mod observe;
mod parallel;
mod part;
mod paths;
mod place;
mod plan;
mod provenance;
mod pull;
mod reduce;
mod region;
mod rendering;
mod report;
mod review;
mod reviewed;
mod risk;
mod rules;
mod schema;
mod sealed;
mod secrets;
mod signs;
mod source;
mod stream;
mod target;
mod terraform;
mod text;
mod verb;
mod verify;
mod warnings;

use actions_core::{Action, Command, GITHUB_TOKEN, InputErrors, OutputSpec, Printed, Report, SecretInput, Session};

pub use args::Args;
pub use error::{
    BinaryPlanError, ChangeSetError, CompanionError, Error, FileError, PlanError, PullRequestError, RootsError,
    TerraformError, VerdictError,
};
pub use reduce::{
    ReduceArgs, ReduceClients, ReduceInputs, ReduceOutcome, ReducePlan, ReduceSnapshot, TerraformPlanReduce,
};
pub use target::{DestinationArgs, OverrideArgs};
pub use verify::{TerraformPlanVerify, VerifyArgs, VerifyError, VerifyInputs, VerifyPlan, VerifySnapshot};

/// The action `terraform-plan-comment`.
#[derive(Debug, Clone, Copy)]
pub struct TerraformPlanComment;

impl Action for TerraformPlanComment {
    const NAME: &'static str = "terraform-plan-comment";
    const COMMANDS: &'static [Command] = &[Command::of::<TerraformPlanVerify>(), Command::of::<TerraformPlanReduce>()];
    const TITLE: &'static str = "Terraform plan comment";
    const DESCRIPTION: &'static str = "Shows a Terraform or OpenTofu plan, or a CloudFormation change set, on its pull request: counts, a table, a diff per \
        resource, every secret hidden; one comment or one region of the body, updated in place, and the step summary.";
    const OUTPUTS: &'static [OutputSpec] = OUTPUTS;
    const SECRETS: &'static [SecretInput] = &[GITHUB_TOKEN];
    const IAM_POLICY: Option<actions_core::IamPolicy<inputs::Inputs>> = Some(change_set::policy);
    const PRINT_FLAG: Option<&'static str> = Some("format");

    type Args = Args;
    type Inputs = inputs::Inputs;
    type Clients = observe::Clients;
    type Snapshot = observe::Snapshot;
    type Plan = plan::Plan;
    type Outcome = apply::Outcome;
    type Error = Error;

    fn inputs(args: Args, _: &Session) -> Result<inputs::Inputs, InputErrors> {
        inputs::Inputs::parse(&args)
    }

    async fn connect(inputs: &inputs::Inputs, session: &Session) -> Result<observe::Clients, Error> {
        observe::connect(inputs, session).await
    }

    async fn print(inputs: &inputs::Inputs, session: &Session) -> Result<Option<Printed>, Error> {
        Box::pin(rendering::print(inputs, session)).await
    }

    async fn observe(
        inputs: &inputs::Inputs,
        clients: &observe::Clients,
        session: &Session,
    ) -> Result<observe::Snapshot, Error> {
        let snapshot = observe::observe(inputs, clients, session).await?;
        if let Err(unplanned) = &snapshot.document {
            // Why there is no plan is the step's own error, which is told at its end.
            log::diagnostics(&unplanned.log.shown(), session);
        }
        Ok(snapshot)
    }

    fn plan(inputs: &inputs::Inputs, snapshot: &observe::Snapshot) -> Result<plan::Plan, Error> {
        Ok(plan::plan(inputs, snapshot).with_pages(inputs))
    }

    async fn apply(
        inputs: &inputs::Inputs,
        plan: &plan::Plan,
        clients: &observe::Clients,
        session: &Session,
    ) -> Result<apply::Outcome, Error> {
        apply::apply(inputs, plan, clients, session).await
    }

    fn report(inputs: &inputs::Inputs, plan: &plan::Plan, outcome: Option<&apply::Outcome>) -> Report {
        report::report(inputs, plan, outcome)
    }
}

const OUTPUTS: &[OutputSpec] = &[
    OutputSpec {
        name: "has-changes",
        help: "`true` when applying the plan would do anything: resources, outputs, moves, imports, forgotten objects, state refreshes.",
    },
    OutputSpec { name: "add", help: "Objects to create, replacements included, as in Terraform's \"Plan:\" line." },
    OutputSpec { name: "change", help: "Objects to update in place." },
    OutputSpec {
        name: "destroy",
        help: "Objects to destroy, replacements included, as in Terraform's \"Plan:\" line.",
    },
    OutputSpec { name: "replace", help: "Objects to replace; they are counted in `add` and `destroy` too." },
    OutputSpec { name: "import", help: "Objects to import." },
    OutputSpec { name: "move", help: "Objects whose address changes." },
    OutputSpec { name: "forget", help: "Objects that leave the state and are not destroyed." },
    report::places::COMMENT_ID,
    report::places::COMMENT_URL,
    OutputSpec {
        name: "risk",
        help: "The worst grade of the plan's changes: `data-loss`, `exposure`, `downtime`, `rules` or `routine`; empty where no resource changes.",
    },
    OutputSpec {
        name: "risk-refused",
        help: "The addresses of the objects whose changes `fail-on` refuses, one per line.",
    },
    OutputSpec {
        name: "protected-destroyed",
        help: "The addresses of the objects named by `fail-on-destroy` that the plan destroys or replaces, one per line.",
    },
    OutputSpec {
        name: "digest",
        help: "The digest of what the plan does, for `terraform-plan-verify`: the same for two plans that do the same.",
    },
    OutputSpec { name: "plan-sha256", help: "The SHA-256 of the binary plan; empty where only its JSON was given." },
    OutputSpec {
        name: "summary-json",
        help: "The verdict, the counts and the addresses of destroyed objects (at most 100) as JSON.",
    },
];

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::TerraformPlanComment>();
    }
}
