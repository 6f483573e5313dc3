//! What is followed, and what was there before.

/// What is followed, and what was there before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Goal {
    /// The id of our deployment.
    pub(crate) deployment: String,
    /// The ARN of the task definition it brings.
    pub(crate) task_definition: String,
    /// The primary deployment before the update; equal to ours when the update started none.
    pub(crate) previous_deployment: String,
    /// The ARN of the task definition before the update.
    pub(crate) previous_task_definition: String,
    /// Whether the number of running tasks must be reached too: the update set it without starting a deployment.
    pub(crate) counts: Counts,
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
