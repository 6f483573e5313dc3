//! What was done, and how it ended.

use actions_core::ExitCode;
use serde::Serialize;

use crate::diagnosis::Diagnosis;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// Why it ended so; empty when it ended well.
    pub reason: String,
    /// The ARN of the task definition that was deployed.
    pub task_definition: String,
    /// Whether its revision was registered by this run.
    pub registered: bool,
    /// The id of the deployment; empty without one.
    pub deployment: String,
    /// The ARN of the task definition the service went back to.
    pub restored: Option<String>,
    /// How long it took, in whole seconds.
    pub seconds: u64,
    /// What the user can act on.
    pub warnings: Vec<String>,
    /// Why it did not end well; `None` when it did.
    pub diagnosis: Option<Diagnosis>,
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
    /// Our deployment failed, and the service went back to what it ran. Exit code 3.
    RolledBack,
    /// Our deployment failed. Exit code 1.
    Failed,
    /// Another deployment took our deployment's place. Exit code 1.
    Superseded,
    /// Our deployment was still under way when the time was up. Exit code 4.
    TimedOut,
    /// The run was cancelled; the deployment goes on by itself. Exit code 130.
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
            Self::RolledBack => "rolled-back",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::TimedOut => "timed-out",
            Self::Cancelled => "cancelled",
        }
    }

    /// The exit code it ends with.
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Deployed | Self::AlreadyDeployed | Self::Registered | Self::AlreadyRegistered | Self::Updated => {
                ExitCode::Done
            }
            Self::RolledBack => ExitCode::RolledBack,
            Self::Failed | Self::Superseded => ExitCode::Failed,
            Self::TimedOut => ExitCode::TimedOut,
            Self::Cancelled => ExitCode::Cancelled,
        }
    }

    /// Whether nothing went wrong.
    pub fn is_success(self) -> bool {
        self.exit_code() == ExitCode::Done
    }
}
