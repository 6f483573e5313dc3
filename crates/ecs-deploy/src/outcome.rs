//! What was done, and how it ended.

use actions_core::{ExitCode, Failure};
use serde::Serialize;

use crate::diagnosis::Diagnosis;
use crate::ended::Ended;
use crate::rollout::{Hook, Told};
use crate::run_task::TaskOutcome;
use crate::targets::Moved;

/// What was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// How it ended: with several services, as the worst of them did.
    pub verdict: Verdict,
    /// Why it ended so; empty when it ended well.
    pub reason: String,
    /// The ARN of the task definition that was deployed.
    pub task_definition: String,
    /// Whether its revision was registered by this run.
    pub registered: bool,
    /// The rules and schedules that should start the new revision too.
    pub moved: Vec<Moved>,
    /// The task that was run before; `None` when none was.
    pub task: Option<TaskOutcome>,
    /// Each service, in the order of the inputs; none when the task definition was only registered.
    pub services: Vec<ServiceOutcome>,
    /// How long it took, in whole seconds.
    pub seconds: u64,
    /// What the user can act on.
    pub warnings: Vec<String>,
}

/// What became of one service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceOutcome {
    /// The service's name.
    pub service: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it ended so; empty when it ended well.
    pub reason: String,
    /// The id of the deployment; empty without one.
    pub deployment: String,
    /// The ARN of the service deployment; empty while it is not known.
    pub service_deployment: String,
    /// The pauses that wait for somebody.
    pub(crate) hooks: Vec<Hook>,
    /// The ARN of the task definition it ran before.
    pub previous: String,
    /// The ARN of the task definition it went back to.
    pub restored: Option<String>,
    /// How long it took since the start of the run, in whole seconds.
    pub seconds: u64,
    /// What the user can act on.
    pub warnings: Vec<String>,
    /// What happened, oldest first.
    pub(crate) events: Vec<Told>,
    /// Why it did not end well; `None` when it did.
    pub diagnosis: Option<Diagnosis>,
    /// Whether the service goes back.
    pub(crate) back: Back,
    /// The ARN of the revision that was successful last, where the service went back to another one.
    #[serde(skip)]
    pub(crate) good: Option<String>,
    /// The error that ended it, where it was none of the verdicts.
    #[serde(skip)]
    pub(crate) error: Option<Failure>,
}

/// Whether a service that did not end well goes back by itself, as ECS or this run has it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Back {
    /// Not that anything is known of.
    No,
    /// It was asked to, and whether that was received is not known.
    Unknown,
    /// It does, or was asked to.
    Begun,
}

impl ServiceOutcome {
    /// How a service ended that ran `previous`, after `seconds`; `events` is what happened on the way.
    pub(crate) fn new(service: &str, previous: &str, ended: Ended, events: Vec<Told>, seconds: u64) -> Self {
        Self {
            service: service.to_owned(),
            verdict: ended.verdict,
            reason: ended.reason,
            deployment: String::new(),
            service_deployment: String::new(),
            hooks: ended.hooks,
            previous: previous.to_owned(),
            restored: ended.restored,
            seconds,
            warnings: ended.warnings,
            back: if events.iter().any(Told::is_back) { Back::Begun } else { ended.back },
            good: ended.good,
            events,
            diagnosis: None,
            error: None,
        }
    }
}

impl Outcome {
    /// The task, when it was the whole of the run: it did not end well, or no service was named.
    pub(crate) fn task_alone(&self) -> Option<&TaskOutcome> {
        self.task.as_ref().filter(|task| self.services.is_empty() || !task.verdict.is_success())
    }

    /// The word of the output `verdict`: without a service that of the task.
    pub(crate) fn word(&self) -> &'static str {
        self.task_alone().map_or(self.verdict.as_str(), |task| task.verdict.as_str())
    }

    /// The service whose end decided the verdict.
    pub(crate) fn decisive(&self) -> Option<&ServiceOutcome> {
        self.services.iter().find(|service| service.verdict == self.verdict)
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Our deployment was seen complete.
    Deployed,
    /// There was nothing to do, and what runs was seen complete.
    AlreadyDeployed,
    /// A revision was registered; no service was named.
    Registered,
    /// The family's newest revision is the same; no service was named.
    AlreadyRegistered,
    /// The service was updated, and its deployment was not waited for.
    Updated,
    /// A pause waits for somebody to go on, as was waited for.
    Paused,
    /// The stage that was waited for was entered.
    StageReached,
    /// A rollback was asked for, and was seen complete.
    Restored,
    /// Our deployment failed, and the service went back to what it ran. Exit code 3.
    ///
    /// The new tasks did not become healthy: the container exits, its health check fails, the image cannot be pulled, or an alarm went
    /// off. ECS's circuit breaker or alarms then restored the revision before, or `on-failure: rollback` or `on-timeout: rollback` asked for
    /// that. The stopped tasks and the last events are printed under `why`.
    ///
    /// Correct what the stopped tasks and the events name, and deploy a new version. Until then the service runs what it ran before.
    RolledBack,
    /// Our deployment failed. Exit code 1.
    ///
    /// ECS gave the deployment up and did not go back, because the service has no circuit breaker with rollback; or this very revision
    /// failed before. The stopped tasks and the last events are printed under `why`.
    ///
    /// Correct what the stopped tasks and the events name, and deploy again. Switch the service's circuit breaker on, with rollback.
    /// Once the cause is gone, `force-new-deployment: true` tries the same revision again.
    Failed,
    /// Another deployment took our deployment's place. Exit code 1.
    ///
    /// Somebody else, or another run, gave the service another revision while this one was rolled out. What the service runs now is not
    /// what this run deployed.
    ///
    /// Let only one workflow at a time deploy the service: give the jobs one `concurrency:` group. Then run the step again if this
    /// version is the one that should run.
    Superseded,
    /// Our deployment was still under way when the time was up. Exit code 4.
    ///
    /// The deployment takes longer than `wait-timeout`: tasks start slowly, the load balancer drains connections for minutes, or no
    /// instance has room for a task. The deployment goes on by itself, so how it ends is not known.
    ///
    /// Run the step again: it waits for the same deployment and changes nothing. Raise `wait-timeout` if that is how long it takes.
    TimedOut,
    /// The run was cancelled; the deployment, or the rollback that was asked for, goes on by itself. Exit code 130.
    ///
    /// A person cancelled the job, or a newer run of the same `concurrency:` group did, after the service was updated. The output
    /// `reason` says whether the service was asked to go back.
    ///
    /// Run the step again to wait for the same deployment, or deploy the version that should run instead. Where the service goes
    /// back, or may do so, look first: the help names the command.
    Cancelled,
}

impl Verdict {
    /// The word of the output `verdict`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::AlreadyDeployed => "already-deployed",
            Self::Registered => "registered",
            Self::AlreadyRegistered => "already-registered",
            Self::Updated => "updated",
            Self::Paused => "paused",
            Self::StageReached => "stage-reached",
            Self::Restored => "restored",
            Self::RolledBack => "rolled-back",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::TimedOut => "timed-out",
            Self::Cancelled => "cancelled",
        }
    }

    /// The code of its failure; `None` for a success.
    pub(crate) const fn code_name(self) -> Option<&'static str> {
        match self {
            Self::Deployed
            | Self::AlreadyDeployed
            | Self::Registered
            | Self::AlreadyRegistered
            | Self::Updated
            | Self::Paused
            | Self::StageReached
            | Self::Restored => None,
            Self::RolledBack => Some("ecs-deploy/rolled-back"),
            Self::Failed => Some("ecs-deploy/failed"),
            Self::Superseded => Some("ecs-deploy/superseded"),
            Self::TimedOut => Some("ecs-deploy/timed-out"),
            Self::Cancelled => Some("ecs-deploy/cancelled"),
        }
    }

    /// The exit code it ends with.
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Deployed
            | Self::AlreadyDeployed
            | Self::Registered
            | Self::AlreadyRegistered
            | Self::Updated
            | Self::Paused
            | Self::StageReached
            | Self::Restored => ExitCode::Done,
            Self::RolledBack => ExitCode::RolledBack,
            Self::Failed | Self::Superseded => ExitCode::Failed,
            Self::TimedOut => ExitCode::TimedOut,
            Self::Cancelled => ExitCode::Cancelled,
        }
    }

    /// How bad it is: of several services the worst decides.
    pub(crate) const fn badness(self) -> u8 {
        match self {
            Self::AlreadyRegistered | Self::Registered => 0,
            Self::AlreadyDeployed => 1,
            Self::Deployed | Self::Restored => 2,
            Self::Updated => 3,
            Self::StageReached => 4,
            Self::Paused => 5,
            Self::RolledBack => 6,
            Self::Superseded => 7,
            Self::Failed => 8,
            Self::TimedOut => 9,
            Self::Cancelled => 10,
        }
    }

    /// Whether nothing went wrong.
    pub fn is_success(self) -> bool {
        self.exit_code() == ExitCode::Done
    }
}
