//! How a task ended.

use actions_core::ExitCode;
use serde::Serialize;

use crate::diagnosis::Diagnosis;
use crate::outcome::Verdict;

/// What became of a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskOutcome {
    /// Its ARN; empty when none was started, and when that is not known.
    pub(crate) arn: String,
    pub(crate) verdict: TaskVerdict,
    /// Why it did not end well; empty when it did.
    pub(crate) reason: String,
    /// The exit code of the container that decided it; `None` when none ran.
    pub(crate) exit_code: Option<i64>,
    pub(crate) containers: Vec<EndedContainer>,
    pub(crate) seconds: u64,
    /// What the user can act on.
    pub(crate) warnings: Vec<String>,
    /// What to do before anything else; empty when the verdict says it all.
    pub(crate) advice: String,
    /// Why it did not end well; `None` when it did.
    pub(crate) diagnosis: Option<Diagnosis>,
}

/// A container of the task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EndedContainer {
    pub(crate) name: String,
    pub(crate) essential: bool,
    pub(crate) exit_code: Option<i64>,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskVerdict {
    /// Every essential container ended with 0.
    Succeeded,
    /// It was started, and its end was not waited for.
    Started,
    /// An essential container did not end with 0. Exit code 1.
    ///
    /// A container of the task that is essential ended with another code than 0, could not be started, lost its host, or was stopped from outside. The
    /// log has what the containers wrote, and `why` has the exit code with what it means.
    ///
    /// Correct the cause and run the step again. Where only a sidecar ended with 143 or 137 after the others were done, mark it
    /// `essential: false` in the task definition.
    TaskFailed,
    /// The task still ran when the time was up, and was asked to stop. Exit code 4.
    ///
    /// The task takes longer than `wait-timeout`, or ECS did not find a place for it. So that it does not go on unseen it was asked to
    /// stop; what it had done until then is not undone.
    ///
    /// Look at the log for what it was doing, then run the step again with a longer `wait-timeout`.
    TaskTimedOut,
    /// Whether a task was started is not known: nothing answered `RunTask`. Exit code 4.
    ///
    /// ECS may have taken the request, and its answer was lost: the network or a proxy failed, or ECS had trouble. All tries of one run
    /// bear one token, so that they start one task at most; the next run has another token.
    ///
    /// Look for the task in the cluster before you run the step again, which would start a second one beside it; the printed help has the
    /// command. Look among the tasks that have stopped too: it may have ended already.
    Unanswered,
    /// The task was started and can no longer be seen. Exit code 4.
    ///
    /// A call that follows the task failed, mostly because the credentials expired or a permission is missing, or ECS does not know the
    /// task any more. How it ended is not known. It was asked to stop, if that could still be asked.
    ///
    /// Correct what is named. Before you run the step again, look whether the task still runs: a second one would run beside it.
    LostSight,
    /// The run was cancelled, and the task was asked to stop. Exit code 130.
    ///
    /// A person cancelled the job, or a newer run of the same `concurrency:` group did. What the task had done until then is not undone.
    ///
    /// Run the step again. Do not cancel migrations: give the jobs a `concurrency:` group with `cancel-in-progress: false`.
    TaskCancelled,
}

impl TaskVerdict {
    /// The word of the output `verdict`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Started => "started",
            Self::TaskFailed => "failed",
            Self::TaskTimedOut => "timed-out",
            Self::Unanswered | Self::LostSight => "unknown",
            Self::TaskCancelled => "cancelled",
        }
    }

    /// The code of its failure; `None` for a success.
    pub(crate) const fn code_name(self) -> Option<&'static str> {
        match self {
            Self::Succeeded | Self::Started => None,
            Self::TaskFailed => Some("ecs-run-task/failed"),
            Self::TaskTimedOut => Some("ecs-run-task/timed-out"),
            Self::Unanswered => Some("ecs-run-task/unanswered"),
            Self::LostSight => Some("ecs-run-task/lost-sight"),
            Self::TaskCancelled => Some("ecs-run-task/cancelled"),
        }
    }

    /// The exit code it ends with.
    pub(crate) const fn exit_code(self) -> ExitCode {
        match self {
            Self::Succeeded | Self::Started => ExitCode::Done,
            Self::TaskFailed => ExitCode::Failed,
            Self::TaskTimedOut | Self::Unanswered | Self::LostSight => ExitCode::TimedOut,
            Self::TaskCancelled => ExitCode::Cancelled,
        }
    }

    /// The verdict of a deployment that ends with it, having registered a revision at most.
    pub(crate) const fn of_deployment(self) -> Verdict {
        match self {
            Self::Succeeded | Self::Started => Verdict::Registered,
            Self::TaskFailed => Verdict::Failed,
            Self::TaskTimedOut | Self::Unanswered | Self::LostSight => Verdict::TimedOut,
            Self::TaskCancelled => Verdict::Cancelled,
        }
    }

    /// Whether nothing went wrong.
    pub(crate) const fn is_success(self) -> bool {
        self.code_name().is_none()
    }
}

impl TaskOutcome {
    /// What the output `run-task-arn` holds: a JSON list, as the official action's.
    pub(crate) fn arns_json(&self) -> String {
        let arns: Vec<&str> = std::iter::once(self.arn.as_str()).filter(|arn| !arn.is_empty()).collect();
        serde_json::Value::from(arns).to_string()
    }

    /// What the output `exit-code` holds.
    pub(crate) fn code_text(&self) -> String {
        self.exit_code.map_or_else(String::new, |code| code.to_string())
    }
}
