//! `ecr-push promote`: gives an image that is in a registry further tags, or takes it to the registry of another environment.
//!
//! It is a push whose image comes from a registry: what was tested is what goes to production, byte for byte. Where the image is in the
//! very repository, only tags are written.

use actions_core::{Action, InputErrors, OutputSpec, Report, SecretInput, Session};

use crate::{
    Clients, Error, Inputs, Outcome, Plan, PromoteArgs, Snapshot, apply, inputs, observe, plan, policy, report,
};

/// The action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EcrPromote;

impl Action for EcrPromote {
    const NAME: &'static str = "ecr-promote";
    const INVOCATION: &'static str = "ecr-push promote";
    const TITLE: &'static str = "Slipway ECR promotion";
    const DESCRIPTION: &'static str = "Takes an image by its digest from one Amazon ECR repository to another, also of another account, or \
         gives it further tags: what was tested is what is released. Nothing is built, and a stable tag is never overwritten.";
    const OUTPUTS: &'static [OutputSpec] = &[
        OutputSpec {
            name: "source-image-uri",
            help: "The image where it was taken from, by its digest, `registry/repository@sha256:...`.",
        },
        crate::OUTPUTS[0],
        crate::OUTPUTS[1],
        crate::OUTPUTS[2],
        crate::OUTPUTS[3],
        crate::OUTPUTS[4],
        crate::OUTPUTS[5],
        crate::OUTPUTS[6],
        crate::OUTPUTS[7],
        crate::OUTPUTS[8],
        crate::OUTPUTS[9],
    ];
    const SECRETS: &'static [SecretInput] = &[crate::SOURCE_PASSWORD];
    const IAM_POLICY: Option<actions_core::IamPolicy<Inputs>> = Some(policy::policy);

    type Args = PromoteArgs;
    type Inputs = Inputs;
    type Clients = Clients;
    type Snapshot = Snapshot;
    type Plan = Plan;
    type Outcome = Outcome;
    type Error = Error;

    fn inputs(args: PromoteArgs, session: &Session) -> Result<Inputs, InputErrors> {
        inputs::parse_promotion(&args, session)
    }

    async fn connect(inputs: &Inputs, session: &Session) -> Result<Clients, Error> {
        Clients::connect(inputs, session).await
    }

    async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Snapshot, Error> {
        Box::pin(observe::observe(inputs, clients, session)).await
    }

    fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(_: &Inputs, plan: &Plan, clients: &Clients, session: &Session) -> Result<Outcome, Error> {
        Box::pin(apply::apply(plan, clients, session)).await.map_err(|error| match error {
            Error::Cancelled { at } => Error::PromotionCancelled { at },
            other => other,
        })
    }

    fn report(_: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        let report = report::report(plan, outcome);
        let origin = plan.images.first().and_then(|image| image.origin.as_ref());
        let outputs = report.outputs.with("source-image-uri", origin.map(ToString::to_string).unwrap_or_default());
        Report { outputs, ..report }
    }
}
