//! How a deployment ends.

/// How a deployment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It is complete.
    Deployed {
        /// How many tasks the service is to run; with 0, none was tried.
        desired: i64,
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
    },
}
