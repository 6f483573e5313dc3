//! `ecs-deploy continue`: acts on the hook that a deployment is paused at, then follows that deployment.
//!
//! It changes nothing but that hook: no task definition is registered and no service updated. A hook that was acted on already is
//! left alone, so a second run only follows.

mod apply;
mod args;
mod by_codedeploy;
mod error;
mod inputs;
mod observe;
mod plan;
mod policy;
mod report;

pub use args::{EcsContinueArgs, HookAction};
pub use error::ContinueError;
pub use inputs::ContinueInputs;
pub use observe::ContinueSnapshot;
pub use plan::ContinuePlan;

use actions_core::{Action, IamPolicy, InputErrors, OutputSpec, Report, Session};

use crate::ecs::Ecs;
use crate::outcome::Outcome;

/// The action.
#[derive(Debug, Clone, Copy)]
pub struct EcsContinue;

impl Action for EcsContinue {
    const NAME: &'static str = "ecs-continue";
    const INVOCATION: &'static str = "ecs-deploy continue";
    const TITLE: &'static str = "Continue a paused Amazon ECS deployment";
    const DESCRIPTION: &'static str = "Lets an Amazon ECS deployment that is paused at a hook go on or go back, waits for its \
                                       end, and says why when it did not end well.";
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;
    const IAM_POLICY: Option<IamPolicy<ContinueInputs>> = Some(policy::policy);

    type Args = EcsContinueArgs;
    type Inputs = ContinueInputs;
    type Clients = Ecs;
    type Snapshot = ContinueSnapshot;
    type Plan = ContinuePlan;
    type Outcome = Outcome;
    type Error = ContinueError;

    fn inputs(args: EcsContinueArgs, _: &Session) -> Result<ContinueInputs, InputErrors> {
        inputs::parse(&args)
    }

    async fn connect(inputs: &ContinueInputs, session: &Session) -> Result<Ecs, ContinueError> {
        Ok(Ecs::connect(&inputs.connection, session).await?)
    }

    async fn observe(inputs: &ContinueInputs, ecs: &Ecs, session: &Session) -> Result<ContinueSnapshot, ContinueError> {
        observe::observe(inputs, ecs, session).await
    }

    fn plan(inputs: &ContinueInputs, snapshot: &ContinueSnapshot) -> Result<ContinuePlan, ContinueError> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(
        inputs: &ContinueInputs,
        plan: &ContinuePlan,
        ecs: &Ecs,
        session: &Session,
    ) -> Result<Outcome, ContinueError> {
        apply::apply(inputs, plan, ecs, session).await
    }

    fn report(_: &ContinueInputs, plan: &ContinuePlan, outcome: Option<&Outcome>) -> Report {
        report::report(plan, outcome)
    }
}
