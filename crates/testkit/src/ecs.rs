//! A scripted ECS: one service whose deployment goes as a scenario says, second by second of a clock of its own.
//!
//! Nobody recorded AWS for it: the stories are written after AWS's documentation, and every answer is checked against botocore's
//! model ([`crate::FakeAws`]). The scenarios are data ([`scenarios`]): what happens, AWS's own verdict and when it falls, the
//! verdict that ours must give, and the one that the official action gives.
//!
//! ```no_run
//! let ecs = testkit::FakeEcs::start(testkit::ecs::named("alarm-bake"));
//! let out = ecs.runner().run("ecs-deploy", ["deploy"]);
//! out.assert_code(ecs.scenario().ours.exit);
//! ```
//!
//! For tests only: what cannot be started ends in a panic.

mod answer;
mod clock;
mod death;
pub mod definition;
mod moment;
mod normal;
mod parts;
mod role;
mod run;
mod scenario;
mod scenarios;
mod state;
pub mod surroundings;
mod table;
mod trouble;
mod unknown;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use clock::Clock;
pub use death::{Death, Ended};
pub use moment::Moment;
pub use parts::{Deployment, Hook, ServiceDeployment, Stopped};
pub use role::{ACCOUNT, CLUSTER, FAMILY, REVISION, Role, SERVICE, cluster_arn, revision_arn, service_arn};
pub use run::TaskMoment;
pub use scenario::{Act, Aws, Official, Ours, Scenario};
pub use scenarios::{all as scenarios, named};
use serde_json::Value;
pub use table::markdown;
pub use trouble::Trouble;

use crate::aws::FakeAws;
use crate::fault::Fault;
use crate::runner::FakeRunner;
use crate::server::StartError;
use state::State;

/// How far the time moves with each look, unless another clock is asked for.
const STEP: Duration = Duration::from_secs(5);

/// By how much a tool's own waits are divided, unless another clock is asked for.
const DIVISOR: u32 = 100;

/// A running stand-in of ECS and of `CloudWatch` Logs.
#[derive(Debug)]
pub struct FakeEcs {
    aws: FakeAws,
    state: Arc<Mutex<State>>,
    clock: Clock,
}

impl FakeEcs {
    /// Starts a scenario whose time moves on by five seconds with each look.
    ///
    /// # Panics
    ///
    /// When there is no free port, or no model to check the answers with.
    #[expect(clippy::expect_used, reason = "test-facing: a test without its stand-in has nothing to return to")]
    pub fn start(scenario: Scenario) -> Self {
        Self::start_with(scenario, Clock::EachLook(STEP)).expect("the stand-in starts")
    }

    /// Starts a scenario with a clock of its own.
    pub fn start_with(scenario: Scenario, clock: Clock) -> Result<Self, StartError> {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let aws = FakeAws::start()?;
        let state = State::new(scenario, clock::Running::new(clock), epoch);
        let state = Arc::new(Mutex::new(state));
        surroundings::all_is_there(&aws);
        answer::script(&aws, &state);
        let ecs = Self { aws, state, clock };
        ecs.be_silent();
        Ok(ecs)
    }

    /// Leaves the calls without an answer that the scenario wants so.
    fn be_silent(&self) {
        for trouble in self.scenario().troubles {
            let Trouble::Silent(operation, nth) = trouble else { continue };
            let state = Arc::clone(&self.state);
            let is_meant = move |request: &crate::http::Request| {
                let called = request.header("x-amz-target").is_some_and(|target| target.ends_with(operation));
                called && state.lock().unwrap_or_else(PoisonError::into_inner).has_started()
            };
            self.aws.faults().add(Fault::hang().matching(is_meant).nth(nth.into()));
        }
    }

    /// The scenario.
    pub fn scenario(&self) -> Scenario {
        self.lock().scenario.clone()
    }

    /// The AWS stand-in below, for its calls and for operations that a scenario does not have.
    pub fn aws(&self) -> &FakeAws {
        &self.aws
    }

    /// Seconds of the stand-in's time since the first `UpdateService` or `RunTask`.
    pub fn now(&self) -> u64 {
        self.lock().now()
    }

    /// The same, exactly.
    pub fn elapsed(&self) -> Duration {
        self.lock().clock.now()
    }

    /// What was registered last, as it was sent, without `tags`; `Null` when nothing was.
    pub fn registered(&self) -> Value {
        self.registered_revision().map_or(Value::Null, |(_, definition)| definition)
    }

    /// The number and the content of the revision that was registered last.
    fn registered_revision(&self) -> Option<(u64, Value)> {
        let state = self.lock();
        let newest = state.revisions.last_key_value().filter(|(number, _)| **number > REVISION)?;
        Some((*newest.0, newest.1.definition.clone()))
    }

    /// How often `ContinueServiceDeployment` made a hook go on.
    pub fn continued(&self) -> u32 {
        self.lock().acted
    }

    /// The numbers of the revisions that are still `ACTIVE`.
    pub fn active_revisions(&self) -> Vec<u64> {
        let state = self.lock();
        let active = state.revisions.iter().filter(|(_, revision)| revision.is_active);
        active.map(|(number, _)| *number).collect()
    }

    /// Knows one more revision, of the same content as the one that runs before.
    pub fn add_revision(&self, revision: u64) {
        self.lock().add_revision(revision);
    }

    /// Makes a revision `INACTIVE`, as somebody does who deregisters it.
    pub fn deregister(&self, revision: u64) {
        if let Some(revision) = self.lock().revisions.get_mut(&revision) {
            revision.is_active = false;
        }
    }

    /// The variables that lead an AWS client here, and the divisor of its waits that fits the clock.
    pub fn env(&self) -> Vec<(String, String)> {
        let divisor = match self.clock {
            Clock::EachLook(_) => DIVISOR,
            Clock::Faster(times) => times,
        };
        let mut env = self.aws.env();
        env.push(("SLIPWAY_TIME_DIVISOR".to_owned(), divisor.to_string()));
        env
    }

    /// A runner with the scenario's task definition as `td.json`, the cluster, the service (or a task without one), and the scenario's
    /// inputs.
    ///
    /// # Panics
    ///
    /// When its files cannot be written.
    pub fn runner(&self) -> FakeRunner {
        let scenario = self.scenario();
        let runner = FakeRunner::new()
            .with_one_certificate()
            .envs(self.env())
            .file("td.json", format!("{:#}", scenario.definition))
            .input("cluster", CLUSTER)
            .input("task-definition", "td.json")
            .input("wait-timeout", "10m");
        let runner = match scenario.act {
            Act::Deploy => runner.input("service", SERVICE),
            Act::RunTask => runner.input("run-task", "true").input("run-task-subnets", "subnet-0a, subnet-0b"),
        };
        scenario.inputs.iter().fold(runner, |runner, (name, value)| runner.input(name, value))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
