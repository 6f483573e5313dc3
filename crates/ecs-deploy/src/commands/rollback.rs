//! `ecs-deploy rollback`: takes services back to a revision that ran before, and waits and verifies like a deployment.
//!
//! Nothing is registered. A deployment that is under way is rolled back by ECS or by CodeDeploy itself; else the service is given the
//! older revision, by CodeDeploy with the `AppSpec` that brought it.
//! Where several services go back, each of them can before the first one does.

mod apply;
mod args;
mod by_codedeploy;
mod candidates;
mod choice;
mod error;
mod inputs;
mod observe;
mod past;
mod plan;
mod policy;
mod remembered;
mod report;

pub use apply::RollbackOutcome;
pub use args::{EcsRollbackArgs, Mode};
pub use error::RollbackError;
pub use inputs::{RollbackInputs, To};
pub use observe::RollbackSnapshot;
pub use plan::RollbackPlan;

use actions_core::{Action, IamPolicy, InputErrors, OutputSpec, Report, Session};

use crate::ecs::Ecs;

/// The action.
#[derive(Debug, Clone, Copy)]
pub struct EcsRollback;

impl Action for EcsRollback {
    const NAME: &'static str = "ecs-rollback";
    const INVOCATION: &'static str = "ecs-deploy rollback";
    const TITLE: &'static str = "Take an Amazon ECS service back";
    const DESCRIPTION: &'static str = "Takes Amazon ECS services back to what was deployed successfully before, to a revision or to a \
                                       moment, and waits until that is seen complete.";
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;
    const IAM_POLICY: Option<IamPolicy<RollbackInputs>> = Some(policy::policy);

    type Args = EcsRollbackArgs;
    type Inputs = RollbackInputs;
    type Clients = Ecs;
    type Snapshot = RollbackSnapshot;
    type Plan = RollbackPlan;
    type Outcome = RollbackOutcome;
    type Error = RollbackError;

    fn inputs(args: EcsRollbackArgs, session: &Session) -> Result<RollbackInputs, InputErrors> {
        inputs::parse(&args, session.dry_run)
    }

    async fn connect(inputs: &RollbackInputs, session: &Session) -> Result<Ecs, RollbackError> {
        Ok(Ecs::connect(&inputs.deploy.connection, session).await?)
    }

    async fn observe(inputs: &RollbackInputs, ecs: &Ecs, session: &Session) -> Result<RollbackSnapshot, RollbackError> {
        observe::observe(inputs, ecs, session).await
    }

    fn plan(inputs: &RollbackInputs, snapshot: &RollbackSnapshot) -> Result<RollbackPlan, RollbackError> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(
        inputs: &RollbackInputs,
        plan: &RollbackPlan,
        ecs: &Ecs,
        session: &Session,
    ) -> Result<RollbackOutcome, RollbackError> {
        apply::apply(inputs, plan, ecs, session).await
    }

    fn report(inputs: &RollbackInputs, plan: &RollbackPlan, outcome: Option<&RollbackOutcome>) -> Report {
        report::report(inputs, plan, outcome)
    }
}
