//! `ecs-deploy run-task`: one task on its own, with nothing deployed.
//!
//! It is the deployment without services: the same task definition, made of the same inputs, and the same task as before an update.

mod args;

pub use args::EcsRunTaskArgs;

use actions_core::{Action, IamPolicy, InputErrors, OutputSpec, Outputs, Report, Session};

use crate::ecs::Ecs;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::observe::Snapshot;
use crate::outcome::Outcome;
use crate::plan::Plan;

/// The action.
#[derive(Debug, Clone, Copy)]
pub struct EcsRunTask;

/// The declared outputs, each as the deployment has it.
const OUTPUTS: &[OutputSpec] = &[
    OutputSpec {
        name: "run-task-arn",
        help: "ARN of the task, in a JSON list as the official action's; empty on a dry run.",
    },
    OutputSpec {
        name: "exit-code",
        help: "Exit code of the task's essential containers: 0, or that of the one to blame; empty when none ended.",
    },
    OutputSpec {
        name: "verdict",
        help: "`succeeded`, `started` (not waited for), `failed`, `timed-out`, `unknown` (whether it was started, or how it \
               ended) or `cancelled`; empty on a dry run.",
    },
    OutputSpec { name: "reason", help: "Why the task did not end well; empty when it did." },
    OutputSpec { name: "task-definition-arn", help: "ARN of the task definition that was run." },
    OutputSpec { name: "revision", help: "The task definition as `family:revision`." },
    OutputSpec {
        name: "diagnosis-json",
        help: "What is known of why the task did not end well, as JSON of at most 64 KiB; empty when it did.",
    },
    OutputSpec { name: "duration-seconds", help: "How long it took, in whole seconds." },
];

impl Action for EcsRunTask {
    const NAME: &'static str = "ecs-run-task";
    const INVOCATION: &'static str = "ecs-deploy run-task";
    const TITLE: &'static str = "Run a task on Amazon ECS";
    const DESCRIPTION: &'static str = "Runs one Amazon ECS task, prints what its containers write while they do, and succeeds \
                                       when every essential container ends with 0.";
    const OUTPUTS: &'static [OutputSpec] = OUTPUTS;
    const IAM_POLICY: Option<IamPolicy<Inputs>> = Some(crate::policy::policy);

    type Args = EcsRunTaskArgs;
    type Inputs = Inputs;
    type Clients = Ecs;
    type Snapshot = Snapshot;
    type Plan = Plan;
    type Outcome = Outcome;
    type Error = Error;

    fn inputs(args: EcsRunTaskArgs, _: &Session) -> Result<Inputs, InputErrors> {
        args::parse(args)
    }

    async fn connect(inputs: &Inputs, session: &Session) -> Result<Ecs, Error> {
        crate::EcsDeploy::connect(inputs, session).await
    }

    async fn observe(inputs: &Inputs, ecs: &Ecs, session: &Session) -> Result<Snapshot, Error> {
        crate::EcsDeploy::observe(inputs, ecs, session).await
    }

    fn plan(inputs: &Inputs, snapshot: &Snapshot) -> Result<Plan, Error> {
        crate::EcsDeploy::plan(inputs, snapshot)
    }

    async fn apply(inputs: &Inputs, plan: &Plan, ecs: &Ecs, session: &Session) -> Result<Outcome, Error> {
        crate::EcsDeploy::apply(inputs, plan, ecs, session).await
    }

    fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        let report = crate::EcsDeploy::report(inputs, plan, outcome);
        let own = |outputs: Outputs, spec: &OutputSpec| {
            outputs.with(spec.name, report.outputs.get(spec.name).unwrap_or_default())
        };
        Report { outputs: OUTPUTS.iter().fold(Outputs::new(), own), ..report }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::EcsRunTask>();
    }
}
