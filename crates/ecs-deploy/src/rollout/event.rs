//! What happens in a rollout, as data: the log prints it, the timeline draws it.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::names::revision_name;
use crate::next::Place;

/// An event, and when it was seen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Told {
    /// The time since the start of the run.
    #[serde(rename = "at-seconds", serialize_with = "seconds")]
    pub(crate) at: Duration,
    #[serde(flatten)]
    pub(crate) event: Event,
}

impl Told {
    /// Whether the service began to go back.
    pub(crate) fn is_back(&self) -> bool {
        matches!(self.event, Event::RollingBack { .. })
    }
}

/// One change. Its `Display` is the log's line; [`Event::is_logged`] says which have one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(crate) enum Event {
    /// A revision was registered.
    Registered {
        /// Its ARN.
        task_definition: String,
    },
    /// `UpdateService` was accepted.
    Updated {
        /// The id of the service's primary deployment in the answer.
        deployment: String,
    },
    /// ECS wrote a line into the service's event log.
    Service {
        /// The line.
        message: String,
    },
    /// The counts or the state of our deployment changed.
    Counts(TaskCounts),
    /// The first task of ours runs.
    FirstTaskRunning,
    /// As many tasks of ours run as are wanted, and none is on its way.
    AllTasksRunning,
    /// Tasks of other deployments still run beside all of ours.
    Draining {
        /// How many.
        tasks: i64,
    },
    /// No task of another deployment runs any more.
    Drained,
    /// The service deployment has another status.
    Status {
        /// ECS's word.
        status: String,
        /// ECS's reason; empty without one.
        reason: String,
    },
    /// The deployment entered a lifecycle stage.
    Stage {
        /// ECS's word.
        stage: String,
    },
    /// The share of the traffic that our revision gets changed.
    Traffic {
        /// Per cent of the production traffic.
        production: Option<f64>,
        /// Per cent of the test traffic.
        test: Option<f64>,
    },
    /// All is done but watching: a bake time, or alarms.
    Baking,
    /// A hook has another status.
    Hook(Hook),
    /// A deployment of `CodeDeploy` has another status.
    CodeDeploy {
        /// Its id.
        id: String,
        /// `CodeDeploy`'s word.
        status: String,
        /// `CodeDeploy`'s reason; empty without one.
        reason: String,
    },
    /// A lifecycle event of a deployment of `CodeDeploy` has another status.
    Lifecycle {
        /// Its name.
        name: String,
        /// `CodeDeploy`'s word.
        status: String,
        /// The hook's words, when it failed.
        message: String,
    },
    /// It is known that the deployment fails.
    Failing {
        /// ECS's reason.
        reason: String,
    },
    /// The service goes back.
    RollingBack {
        /// The ARN of the task definition it goes back to; empty while it is not known.
        to: String,
    },
    /// Something the user should know about how the deployment is followed.
    Notice {
        /// What.
        text: String,
    },
    /// The wait is over.
    Ended {
        /// The verdict's word.
        verdict: &'static str,
    },
}

/// The counts of our deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct TaskCounts {
    /// The ARN of the task definition.
    pub(crate) task_definition: String,
    /// ECS's word for the rollout.
    pub(crate) state: String,
    pub(crate) desired: i64,
    pub(crate) running: i64,
    pub(crate) pending: i64,
    pub(crate) failed: i64,
}

/// A lifecycle hook of a service deployment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Hook {
    pub(crate) id: String,
    /// `AWS_LAMBDA` or `PAUSE`.
    pub(crate) target_type: String,
    /// What it calls; empty for a pause.
    pub(crate) target: String,
    /// `AWAITING_ACTION`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `TIMED_OUT`.
    pub(crate) status: String,
    /// When it expires, in seconds since 1970.
    pub(crate) expires_at: Option<f64>,
    /// What ECS does then: `CONTINUE` or `ROLLBACK`.
    pub(crate) timeout_action: String,
}

impl Hook {
    /// What to run to go on or back from this pause of the service deployment `arn`
    /// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html>).
    pub(crate) fn how_to_go_on(&self, arn: &str, stage: &str) -> String {
        // `arn:aws:ecs:REGION:ACCOUNT:service-deployment/CLUSTER/SERVICE/ID`
        let mut path = arn.split('/').skip(1);
        let (cluster, service) = (path.next().unwrap_or_default(), path.next().unwrap_or_default());
        let command = Place::new(cluster, service, arn).at_hook(&self.id, "continue");
        let how = command.map_or_else(String::new, |command| {
            format!(": `{command}` (or `--action=rollback`), which is the action `ecs-continue`")
        });
        format!("paused at {stage} until somebody goes on{how}{}", self.then())
    }

    /// What becomes of it when nobody does anything.
    pub(crate) fn then(&self) -> String {
        let at = self.expires_at.and_then(moment);
        let when =
            at.map_or_else(|| "when it expires".to_owned(), |at| at.strftime("at %Y-%m-%d %H:%M UTC").to_string());
        if self.timeout_action.is_empty() {
            String::new()
        } else {
            format!("; {when}, ECS does {}", self.timeout_action)
        }
    }
}

impl Event {
    /// Whether the log has a line for it. The milestones have none: the counts beside them say the same.
    pub(crate) const fn is_logged(&self) -> bool {
        !matches!(
            self,
            Self::FirstTaskRunning
                | Self::AllTasksRunning
                | Self::Draining { .. }
                | Self::Drained
                | Self::Registered { .. }
                | Self::Updated { .. }
                | Self::Ended { .. }
        )
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registered { task_definition } => write!(f, "registered {}", revision_name(task_definition)),
            Self::Updated { deployment } => write!(f, "updated, deployment {deployment}"),
            Self::Service { message } => f.write_str(message),
            Self::Counts(counts) => counts.fmt(f),
            Self::FirstTaskRunning => f.write_str("the first task runs"),
            Self::AllTasksRunning => f.write_str("all tasks run"),
            Self::Draining { tasks } => write!(f, "{tasks} tasks of other deployments still run"),
            Self::Drained => f.write_str("no task of another deployment runs"),
            Self::Status { status, reason } if reason.is_empty() => write!(f, "service deployment: {status}"),
            Self::Status { status, reason } => write!(f, "service deployment: {status}: {reason}"),
            Self::Stage { stage } => write!(f, "stage {stage}"),
            Self::Traffic { production, test } => traffic(f, *production, *test),
            Self::Baking => f.write_str("all tasks run; what is left is watched before it counts as done"),
            Self::Hook(hook) => hook.fmt(f),
            Self::CodeDeploy { id, status, reason } if reason.is_empty() => write!(f, "{id}: {status}"),
            Self::CodeDeploy { id, status, reason } => write!(f, "{id}: {status}: {reason}"),
            Self::Lifecycle { name, status, message } if message.is_empty() => write!(f, "{name}: {status}"),
            Self::Lifecycle { name, status, message } => write!(f, "{name}: {status}: {message}"),
            Self::Failing { reason } => write!(f, "the deployment failed: {reason}"),
            Self::RollingBack { to } if to.is_empty() => f.write_str("rolling back"),
            Self::RollingBack { to } => write!(f, "rolling back to {}", revision_name(to)),
            Self::Notice { text } => f.write_str(text),
            Self::Ended { verdict } => f.write_str(verdict),
        }
    }
}

impl fmt::Display for TaskCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { task_definition, state, desired, running, pending, failed } = self;
        let revision = revision_name(task_definition);
        write!(f, "{revision}: {state}, {running} of {desired} running, {pending} pending, {failed} failed")
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, target_type, target, status, .. } = self;
        let target = if target.is_empty() { String::new() } else { format!(" {target}") };
        write!(f, "hook {id} ({target_type}{target}): {status}")
    }
}

fn traffic(f: &mut fmt::Formatter<'_>, production: Option<f64>, test: Option<f64>) -> fmt::Result {
    let part = |share: Option<f64>, kind: &str| share.map(|share| format!("{share} % of the {kind} traffic"));
    let parts: Vec<String> = [part(production, "production"), part(test, "test")].into_iter().flatten().collect();
    write!(f, "the new revision gets {}", parts.join(" and "))
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // Milliseconds are fine enough, and read well.
    serializer.serialize_f64((time.as_secs_f64() * 1000.0).round() / 1000.0)
}

/// Seconds since 1970 as a moment; `None` where no calendar has it.
pub(crate) fn moment(seconds: f64) -> Option<jiff::Timestamp> {
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    jiff::Timestamp::from_duration(since).ok()
}
