//! `s3-sync-invalidate rollback`: takes a site back to a release that was published before.
//!
//! 1. `observe` reads the manifest, which remembers the last releases, picks one, reads what it had, and lists the versions that the
//!    bucket keeps of every object.
//! 2. `plan` decides: what is as the release had it stays, the rest comes back by a copy of the version that the release had, and
//!    what the release did not have goes.
//! 3. `apply` is that of a publication: in the same order, with the same barriers, checks, notes and invalidations.
//!
//! Invariants: nothing is ever lost. A version is copied forward, never removed; an object is deleted only where the bucket keeps it
//! as a version; and when anything of the release cannot come back, nothing is changed at all.

mod args;
mod choice;
mod error;
mod folders;
mod inputs;
mod observe;
mod plan;
mod policy;
mod report;
mod versions;

use actions_core::{Action, IamPolicy, InputErrors, OutputSpec, Report, Session};
use aws_client::Aws;

pub use args::RollbackArgs;
pub use choice::To;
pub use error::RollbackError;
pub use inputs::RollbackInputs;
pub use observe::RollbackSnapshot;
pub use plan::RollbackPlan;

use crate::apply::{Outcome, apply};
use crate::clients::Clients;

/// The action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct S3Rollback;

impl Action for S3Rollback {
    const NAME: &'static str = "s3-rollback";
    const INVOCATION: &'static str = "s3-sync-invalidate rollback";
    const TITLE: &'static str = "Take a site in S3 back";
    const DESCRIPTION: &'static str = "Takes a site in a versioned S3 bucket back to a release that s3-sync-invalidate published before, without \
                                       building it again, and invalidates exactly the changed paths in CloudFront.";
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;
    const IAM_POLICY: Option<IamPolicy<RollbackInputs>> = Some(policy::policy);

    type Args = RollbackArgs;
    type Inputs = RollbackInputs;
    type Clients = Clients;
    type Snapshot = RollbackSnapshot;
    type Plan = RollbackPlan;
    type Outcome = Outcome;
    type Error = RollbackError;

    fn inputs(args: RollbackArgs, session: &Session) -> Result<RollbackInputs, InputErrors> {
        RollbackInputs::parse(&args, session)
    }

    async fn connect(inputs: &RollbackInputs, session: &Session) -> Result<Clients, RollbackError> {
        let aws = Aws::connect(&inputs.publish.aws, session).await.map_err(crate::error::Error::Connect)?;
        Ok(Clients::new(aws, inputs.publish.concurrency))
    }

    async fn observe(
        inputs: &RollbackInputs,
        clients: &Clients,
        session: &Session,
    ) -> Result<RollbackSnapshot, RollbackError> {
        Box::pin(observe::observe(inputs, clients, session)).await
    }

    fn plan(inputs: &RollbackInputs, snapshot: &RollbackSnapshot) -> Result<RollbackPlan, RollbackError> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(
        inputs: &RollbackInputs,
        plan: &RollbackPlan,
        clients: &Clients,
        session: &Session,
    ) -> Result<Outcome, RollbackError> {
        session.log.line(report::what(plan, None));
        Ok(apply(&inputs.publish, &plan.changes, clients, session).await?)
    }

    fn report(inputs: &RollbackInputs, plan: &RollbackPlan, outcome: Option<&Outcome>) -> Report {
        report::report(&inputs.publish, plan, outcome)
    }
}
