//! What is followed, and what was there before.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::rollout::STALE_READS;
use crate::rollout::wait::WaitUntil;
use crate::service::Service;

/// What is followed, and what was there before.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Goal {
    /// The id of our deployment.
    pub(crate) deployment: String,
    /// When it was made, in seconds since 1970.
    pub(crate) created: Option<f64>,
    /// The ARN of the task definition it brings.
    pub(crate) task_definition: String,
    /// The primary deployment before the update; equal to ours when the update started none.
    pub(crate) previous_deployment: String,
    /// The ARN of the task definition before the update.
    pub(crate) previous_task_definition: String,
    /// Whether the number of running tasks must be reached too: the update set it without starting a deployment.
    pub(crate) counts: Counts,
    /// Whether our service deployment is followed.
    pub(crate) mode: Follow,
    /// The service deployments that were there before the update.
    pub(crate) known_service_deployments: BTreeSet<String>,
    /// The service deployment that the update's answer names.
    pub(crate) named_service_deployment: Option<String>,
    /// Whether the deployment's `rolloutState` may end in success: ECS tells one for rolling deployments only.
    pub(crate) classic_suffices: bool,
    /// What is waited for.
    pub(crate) wait_until: WaitUntil,
    /// The hook that this run acted on: it is not what is waited for; empty without one.
    pub(crate) acted_hook: String,
    /// How many tasks of ours must stop for one cause to end the wait; 0: none ends it.
    pub(crate) fail_fast_after: usize,
    /// Whether this run began it.
    pub(crate) started: bool,
    /// Whether it is known to have failed, and the service to go back: what shows a failure is no news then.
    pub(crate) goes_back: bool,
    /// The task definition itself, for the causes; null where it is not known.
    pub(crate) definition: Value,
}

/// How the deployment is followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Follow {
    /// By the deployment's `rolloutState` alone.
    #[default]
    Classic,
    /// By its service deployment, which is to be found.
    Search,
    /// By this service deployment, which was there before.
    Present {
        /// Its ARN.
        arn: String,
    },
}

/// Whether the number of running tasks decides, beside the rollout state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Counts {
    /// The rollout state alone decides.
    #[default]
    DoNotMatter,
    /// As many tasks as desired must run. The number that was asked for tells an answer from before the update.
    MustMatch {
        /// The number that was asked for.
        asked: i64,
    },
}

impl Counts {
    /// Whether the service runs as many tasks as it is to run, `at` after the start.
    pub(super) fn reached(self, service: &Service, at: Duration) -> bool {
        match self {
            Self::DoNotMatter => true,
            // Later another number is somebody else's doing: a scaling policy's.
            Self::MustMatch { asked } => {
                service.running == service.desired && (service.desired == asked || at >= STALE_READS)
            }
        }
    }
}
