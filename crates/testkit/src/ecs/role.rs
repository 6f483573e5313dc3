//! Who is who in a story, and the names that stand in answers.

/// Where everything is.
pub const ACCOUNT: &str = "123456789012";
/// The cluster of every story.
pub const CLUSTER: &str = "prod";
/// The service of every story.
pub const SERVICE: &str = "web";
/// The family of every story's task definitions.
pub const FAMILY: &str = "shop";
/// The revision that the service runs before.
pub const REVISION: u64 = 7;

const PLACE: &str = "arn:aws:ecs:eu-west-1:123456789012";

/// Whose deployment, revision or task something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// What ran before the update.
    Before,
    /// The deployment that the first `UpdateService` started.
    Ours,
    /// What a later `UpdateService` went back to. ECS itself goes back to the deployment from before.
    Rollback,
    /// The deployment of somebody else that took our place.
    Theirs,
}

impl Role {
    /// The id of the role's deployment.
    pub fn deployment(self) -> String {
        format!("ecs-svc/{}", self.digits())
    }

    /// The ARN of the role's service deployment.
    pub fn service_deployment(self) -> String {
        format!("{PLACE}:service-deployment/{CLUSTER}/{SERVICE}/slipway{}", self.digits())
    }

    /// The ARN of the role's service revision.
    pub fn service_revision(self) -> String {
        format!("{PLACE}:service-revision/{CLUSTER}/{SERVICE}/{}", self.digits())
    }

    /// The ARN of the role's nth task.
    pub fn task(self, index: usize) -> String {
        format!("{PLACE}:task/{CLUSTER}/{:016x}{index:016x}", self.number())
    }

    const fn number(self) -> u64 {
        match self {
            Self::Before => 1,
            Self::Ours => 2,
            Self::Rollback => 3,
            Self::Theirs => 4,
        }
    }

    fn digits(self) -> String {
        format!("{}000000000000000007", self.number())
    }
}

/// The service's ARN.
pub fn service_arn() -> String {
    format!("{PLACE}:service/{CLUSTER}/{SERVICE}")
}

/// The cluster's ARN.
pub fn cluster_arn() -> String {
    format!("{PLACE}:cluster/{CLUSTER}")
}

/// The ARN of a revision of [`FAMILY`].
pub fn revision_arn(revision: u64) -> String {
    format!("{PLACE}:task-definition/{FAMILY}:{revision}")
}

/// The ARN of the task that the nth `RunTask` started.
pub(super) fn run_arn(index: usize) -> String {
    format!("{PLACE}:task/{CLUSTER}/{:032x}", 0xf000 + index)
}

/// What stands behind the last slash.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
