//! A scripted `CodeDeploy` in front of the scripted ECS: one service of the `CODE_DEPLOY` controller whose deployment goes as a scenario
//! says, second by second of a clock of its own.
//!
//! Nobody recorded AWS for it: the stories are written after AWS's documentation, and every answer is checked against botocore's model
//! ([`crate::FakeAws`]). The time moves on by five seconds with each `GetDeployment`
//! and each `BatchGetDeployments`.
//!
//! ```no_run
//! let codedeploy = testkit::FakeCodeDeploy::start(testkit::codedeploy::named("succeeds"));
//! let out = codedeploy.runner().run("ecs-deploy", ["deploy"]);
//! out.assert_code(codedeploy.scenario().ours.1);
//! ```
//!
//! For tests only: what cannot be started ends in a panic.

mod answer;
mod scenario;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use scenario::{Moment, Scenario, all as scenarios, named};
use state::State;

use crate::aws::FakeAws;
use crate::ecs::{CLUSTER, FakeEcs, SERVICE, revision_arn};
use crate::fault::Fault;
use crate::http::{Reply, Request};
use crate::runner::FakeRunner;

/// The id of the first deployment that is made.
pub const OURS: &str = "d-OURS00001";
/// The id of the deployment that undoes it.
pub const BACK: &str = "d-BACK00001";
/// The id of somebody else's deployment.
pub const THEIRS: &str = "d-THEIRS001";

/// The id of the deployment of `revision` before the story.
pub fn past(revision: u64) -> String {
    state::past(revision)
}

/// The `AppSpec` file of the stories.
pub const APPSPEC: &str = "version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: app
          ContainerPort: 8080
Hooks:
  - AfterAllowTestTraffic: arn:aws:lambda:eu-west-1:123456789012:function:smoke
";

/// A running stand-in of ECS and of `CodeDeploy`.
#[derive(Debug)]
pub struct FakeCodeDeploy {
    ecs: FakeEcs,
    state: Arc<Mutex<State>>,
}

impl FakeCodeDeploy {
    /// Starts a scenario.
    ///
    /// # Panics
    ///
    /// When there is no free port, or no model to check the answers with.
    pub fn start(scenario: Scenario) -> Self {
        let ecs = FakeEcs::start(crate::ecs::named("healthy"));
        scenario.past.iter().for_each(|(revision, ..)| ecs.add_revision(*revision));
        let state = Arc::new(Mutex::new(State::new(scenario)));
        answer::script(ecs.aws(), &state);
        let codedeploy = Self { ecs, state };
        if codedeploy.scenario().loses_answer {
            codedeploy.loses_next_answer();
        }
        if let Some((known, unknown)) = codedeploy.scenario().unknown {
            // Past the model, which knows no such word.
            let rewrite = move |_: &Request, reply: Reply| {
                let body = String::from_utf8_lossy(&reply.body).replace(known, unknown);
                reply.with_body(body)
            };
            codedeploy
                .aws()
                .faults()
                .add(Fault::rewrite(rewrite).matching(|request| is_call(request, "GetDeployment")).always());
        }
        codedeploy
    }

    /// The scenario.
    pub fn scenario(&self) -> Scenario {
        self.lock().scenario.clone()
    }

    /// The AWS stand-in below.
    pub fn aws(&self) -> &FakeAws {
        self.ecs.aws()
    }

    /// The stand-in of ECS below.
    pub fn ecs(&self) -> &FakeEcs {
        &self.ecs
    }

    /// The ids of the deployments that were made in the story, oldest first.
    pub fn made(&self) -> Vec<String> {
        let state = self.lock();
        state.deployments.iter().map(|own| own.id.clone()).filter(|id| !id.starts_with("d-PAST")).collect()
    }

    /// A runner of another command on the service, with nothing but where it is.
    pub fn step(&self) -> FakeRunner {
        FakeRunner::new().envs(self.env()).input("cluster", CLUSTER).input("service", SERVICE)
    }

    /// What becomes of the deployments that are made from now on.
    pub fn rolls_out(&self, rollout: Vec<Moment>) {
        self.lock().scenario.rollout = rollout;
    }

    /// Loses the answer of the next `CreateDeployment`.
    pub fn loses_next_answer(&self) {
        let create = Fault::lose().matching(|request| is_call(request, "CreateDeployment"));
        self.aws().faults().add(create.times(1));
    }

    /// Somebody deploys `revision` once the deployments were listed a number of times more.
    pub fn somebody_deploys(&self, revision: u64, after_lists: u32) {
        self.lock().intruder = Some((after_lists, revision));
    }

    /// The ARN of the task definition of the service's primary task set.
    pub fn primary(&self) -> String {
        self.lock().primary.clone()
    }

    /// The variables that lead an AWS client here.
    pub fn env(&self) -> Vec<(String, String)> {
        self.ecs.env()
    }

    /// A runner with the task definition and the `AppSpec` file, the cluster, the service, and the scenario's inputs.
    ///
    /// # Panics
    ///
    /// When its files cannot be written.
    pub fn runner(&self) -> FakeRunner {
        let scenario = self.scenario();
        let runner = FakeRunner::new()
            .with_one_certificate()
            .envs(self.env())
            .file("td.json", format!("{:#}", self.ecs.scenario().definition))
            .file("appspec.yaml", APPSPEC)
            .input("cluster", CLUSTER)
            .input("service", SERVICE)
            .input("task-definition", "td.json")
            .input("wait-timeout", "10m");
        scenario.inputs.iter().fold(runner, |runner, (name, value)| runner.input(name, value))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_call(request: &Request, operation: &str) -> bool {
    request.header("x-amz-target").and_then(|target| target.split_once('.')).is_some_and(|(_, own)| own == operation)
}

/// The revision that the service runs before.
pub(crate) fn before() -> String {
    revision_arn(crate::ecs::REVISION)
}

#[cfg(test)]
mod tests;
