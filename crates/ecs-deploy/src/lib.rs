//! Deploys a task definition to an Amazon ECS service and waits until that very deployment has ended.
//!
//! 1. `observe` reads the task definition (a file, a registered revision), the service, what the service runs now.
//! 2. `plan` makes the edits, compares with what runs, and decides: register, reuse, update, or nothing.
//! 3. `apply` registers, updates, and follows the deployment by its id ([`rollout`]) to its end.
//! 4. On anything but success it collects why ([`diagnosis`]): events, stopped tasks, exit codes.
//! 5. `report` tells the verdict, with an exit code of its own for each.
//!
//! Invariants: a task definition is JSON from end to end, so no field is lost, known or unknown; `UpdateService` carries only
//! what the user gave; success is reported only when our own deployment was seen `COMPLETED`; no value of a task definition
//! that may be a secret is ever printed. It deregisters only a revision of its own that ECS took without one of its fields, and where
//! that is asked for old ones that nothing is seen to use ([`prune`]); never creates or deletes a service; stops no task but the one
//! that it started ([`run_task`]); and rolls back only what it was asked to ([`restore`]), and only while the service still aims at our own deployment.
//!
//! | rooms | what is in them |
//! |---|---|
//! | `args`, `inputs`, `names`, `image_assignment` | what is typed, and what it means |
//! | `ecs`, `service`, `service_deployment` | the calls, and what their answers say of a service |
//! | `document`, `task_definition` | a task definition: its text with places, its model, edits, differences |
//! | `observe`, `plan`, `apply`, `site`, `outcome`, `report`, `policy` | the way of every action; `site` is what follows one service |
//! | `rollout`, `follow`, `ended` | the pure machine that follows a deployment, what feeds it, and the verdict |
//! | `hurry` | what a cancelled run may still do |
//! | `secret_shapes` | the forms of secrets, which the lint of `task_definition` and the masks of `diagnosis` share |
//! | `diagnosis`, `console`, `next` | why it did not end well, where to look, what to do |
//! | `history`, `last_good`, `image_check`, `restore` | what was deployed before, and the way back |
//! | `preflight` | what the task definition names is there |
//! | `run_task`, `targets`, `prune` | the task before the update; rules and schedules, and old revisions after it |
//! | `codedeploy` | services that CodeDeploy deploys |
//! | `commands` | `ecs-deploy rollback`, `continue` and `run-task`, each with its own way from inputs to report |

mod apply;
mod args;
mod codedeploy;
mod commands;
mod console;
mod diagnosis;
mod document;
mod ecs;
mod ended;
mod error;
mod follow;
mod foresight;
mod history;
mod hurry;
mod image_assignment;
mod image_check;
mod inputs;
mod last_good;
mod names;
mod next;
mod observe;
mod outcome;
mod plan;
mod policy;
mod preflight;
mod prune;
mod report;
mod restore;
mod rollout;
mod run_task;
mod secret_shapes;
mod service;
mod service_deployment;
mod site;
mod targets;
mod task_definition;

use actions_core::{Action, Command, InputErrors, OutputSpec, Report, Session};

pub use args::{
    CodeDeployArgs, CodeDeployGroupArgs, CompatibleArgs, ConnectionArgs, DefinitionArgs, EcsDeployArgs, Preflight,
    SecretLint, TargetArgs, TaskArgs, VolumeArgs, WatchArgs,
};
pub use codedeploy::{CodeDeployError, CodeDeployInputs};
pub use commands::continuation::{
    ContinueError, ContinueInputs, ContinuePlan, ContinueSnapshot, EcsContinue, EcsContinueArgs, HookAction,
};
pub use commands::rollback::{
    EcsRollback, EcsRollbackArgs, Mode, RollbackError, RollbackInputs, RollbackOutcome, RollbackPlan, RollbackSnapshot,
    To,
};
pub use commands::run_task::{EcsRunTask, EcsRunTaskArgs};
pub use ecs::Ecs;
pub use error::{ConflictError, DefinitionError, Error, TaskError};
pub use image_assignment::ImageAssignment;
pub use inputs::{DefinitionInputs, Inputs, Propagation, Volume};
pub use names::{ClusterName, ServiceName};
pub use observe::Snapshot;
pub use outcome::{Outcome, Verdict};
pub use plan::Plan;
pub use run_task::{TaskInputs, TaskOutcome, TaskVerdict};
pub use targets::{Moved, TargetInputs};

/// The action.
#[derive(Debug, Clone, Copy)]
pub struct EcsDeploy;

impl Action for EcsDeploy {
    const NAME: &'static str = "ecs-deploy";
    const COMMANDS: &'static [Command] =
        &[Command::of::<EcsContinue>(), Command::of::<EcsRollback>(), Command::of::<EcsRunTask>()];
    const TITLE: &'static str = "Deploy to Amazon ECS";
    const DESCRIPTION: &'static str = "Registers a task definition with new images, updates an Amazon ECS service, waits for \
                                       its own deployment to end, and says why when it did not end well.";
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;
    const IAM_POLICY: Option<actions_core::IamPolicy<Inputs>> = Some(policy::policy);

    type Args = EcsDeployArgs;
    type Inputs = Inputs;
    type Clients = Ecs;
    type Snapshot = Snapshot;
    type Plan = Plan;
    type Outcome = Outcome;
    type Error = Error;

    fn inputs(args: EcsDeployArgs, _: &Session) -> Result<Inputs, InputErrors> {
        inputs::parse(&args)
    }

    async fn connect(inputs: &Inputs, session: &Session) -> Result<Ecs, Error> {
        // A file that is of no use is told before AWS is asked anything.
        observe::file(inputs, session)?;
        Ecs::connect(&inputs.connection, session).await
    }

    async fn observe(inputs: &Inputs, ecs: &Ecs, session: &Session) -> Result<Snapshot, Error> {
        observe::observe(inputs, ecs, session).await
    }

    fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
        plan::plan(inputs, snapshot)
    }

    async fn apply(inputs: &Inputs, plan: &Plan, ecs: &Ecs, session: &Session) -> Result<Outcome, Error> {
        apply::apply(inputs, plan, ecs, session).await
    }

    fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        report::report(inputs, plan, outcome)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::EcsDeploy>();
    }
}
