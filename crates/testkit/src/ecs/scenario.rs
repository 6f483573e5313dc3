//! A scenario: what ECS does, what it says about it, and what a deployment tool has to make of it.

use serde_json::Value;

use super::moment::Moment;
use super::run::TaskMoment;
use super::trouble::Trouble;

/// A poll, a fifth of it, and a second to tell what was seen.
const POLL: u64 = 7;

/// A scenario, as data.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name, such as `alarm-bake`.
    pub name: &'static str,
    /// What happens, in one sentence.
    pub what: &'static str,
    /// What the tool does: a deployment, or one task on its own.
    pub act: Act,
    /// The inputs of ours beyond `cluster`, `service` and `task-definition`.
    pub inputs: Vec<(&'static str, &'static str)>,
    /// The service's `deploymentConfiguration`.
    pub configuration: Value,
    /// How many tasks the service is to run.
    pub desired: i64,
    /// The task definition file to deploy.
    pub definition: Value,
    /// The members of the file that no model knows, as [`crate::FakeAws::declare_unknown`] takes them.
    pub unknown: Vec<&'static str>,
    /// The members that `RegisterTaskDefinition` loses: JSON pointers into the answer's task definition.
    pub loses: Vec<&'static str>,
    /// How many looks after the update are answered from before it.
    pub stale_looks: u32,
    /// What follows the first `UpdateService`.
    pub rollout: Vec<Moment>,
    /// What follows `ContinueServiceDeployment`; empty where nothing waits for it.
    pub continued: Vec<Moment>,
    /// What the task of `RunTask` does.
    pub task: Vec<TaskMoment>,
    /// What is wrong with the connection or the permissions.
    pub troubles: Vec<Trouble>,
    /// What AWS itself says in the end.
    pub aws: Aws,
    /// What ours has to say.
    pub ours: Ours,
    /// What the official action v2.6.3 says.
    pub official: Official,
}

/// What the tool is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A deployment to the service.
    Deploy,
    /// One task of the new revision, on its own.
    RunTask,
}

/// AWS's own verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aws {
    /// The status of the service deployment, the task's last word, or `-` when there is none.
    pub verdict: &'static str,
    /// Seconds after the start; `None` when AWS never comes to an end.
    pub at: Option<u64>,
}

/// Our verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ours {
    /// The output `verdict`; empty when the run ended without one.
    pub verdict: &'static str,
    /// The exit code.
    pub exit: i32,
    /// At most so many seconds after AWS's verdict.
    pub within: u64,
}

/// How the official action's run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Official {
    /// Green, after AWS's verdict.
    Success,
    /// Green, while AWS's verdict is still to come.
    TooEarly,
    /// Red, with a message of its own.
    Failure,
    /// Red, after the whole time that it was given.
    TimesOut,
    /// It never ends by itself.
    Hangs,
}

impl Official {
    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::TooEarly => "success, too early",
            Self::Failure => "failure",
            Self::TimesOut => "timed out",
            Self::Hangs => "hangs",
        }
    }
}

impl Scenario {
    /// A deployment that goes well; other scenarios say where they differ.
    pub(super) fn new(name: &'static str, what: &'static str) -> Self {
        Self {
            name,
            what,
            act: Act::Deploy,
            inputs: Vec::new(),
            configuration: super::definition::rolling(),
            desired: 2,
            definition: super::definition::file(),
            unknown: Vec::new(),
            loses: Vec::new(),
            stale_looks: 0,
            rollout: super::scenarios::healthy_rollout(),
            continued: Vec::new(),
            task: super::run::exits(0, 0),
            troubles: Vec::new(),
            aws: Aws { verdict: "SUCCESSFUL", at: Some(45) },
            ours: Ours { verdict: "deployed", exit: 0, within: POLL },
            official: Official::Success,
        }
    }

    #[must_use]
    pub(super) fn rollout(mut self, moments: impl Into<Vec<Moment>>) -> Self {
        self.rollout = moments.into();
        self
    }

    #[must_use]
    pub(super) fn configured(mut self, configuration: Value) -> Self {
        self.configuration = configuration;
        self
    }

    #[must_use]
    pub(super) fn input(mut self, name: &'static str, value: &'static str) -> Self {
        self.inputs.push((name, value));
        self
    }

    #[must_use]
    pub(super) fn trouble(mut self, trouble: Trouble) -> Self {
        self.troubles.push(trouble);
        self
    }

    #[must_use]
    pub(super) fn aws(mut self, verdict: &'static str, at: impl Into<Option<u64>>) -> Self {
        self.aws = Aws { verdict, at: at.into() };
        self
    }

    #[must_use]
    pub(super) fn ours(mut self, verdict: &'static str, exit: i32) -> Self {
        self.ours = Ours { verdict, exit, within: self.ours.within };
        self
    }

    #[must_use]
    pub(super) fn official(mut self, official: Official) -> Self {
        self.official = official;
        self
    }
}
