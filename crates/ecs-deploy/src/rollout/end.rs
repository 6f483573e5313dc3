//! How a wait ends.

use crate::rollout::event::Hook;

/// How a wait ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// Our deployment is complete.
    Deployed {
        /// How many tasks the service is to run; with 0, none was tried.
        desired: i64,
    },
    /// A pause waits for somebody, as was waited for.
    Paused {
        /// The stage it is in.
        stage: String,
        /// The pauses.
        hooks: Vec<Hook>,
    },
    /// The stage that was waited for was entered, or a later one.
    StageReached {
        /// The stage it is in.
        stage: String,
    },
    /// It failed, and nothing was restored.
    Failed {
        /// What ECS says about it.
        reason: String,
    },
    /// It failed, and the service went back.
    RolledBack {
        /// What ECS says about it.
        reason: String,
        /// The ARN of the task definition that was restored.
        restored: String,
    },
    /// Another deployment took its place.
    Superseded {
        /// The ARN of the other deployment's task definition.
        by: String,
        /// Whether ours had been complete before.
        deployed: bool,
    },
}
