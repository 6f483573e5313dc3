//! What is typed. The doc comments are the help text and the text of action.yml.

mod codedeploy;
mod connection;
mod definition;
mod official;
mod targets;
mod task;
mod volume;
mod watch;

pub use codedeploy::{CodeDeployArgs, CodeDeployGroupArgs};
pub use connection::ConnectionArgs;
pub use definition::{DefinitionArgs, Preflight, SecretLint};
pub use official::CompatibleArgs;
pub use targets::TargetArgs;
pub use task::TaskArgs;
pub use volume::VolumeArgs;
pub use watch::WatchArgs;

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EcsDeployArgs {
    /// Name or ARN of the cluster.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub cluster: String,
    /// Name or ARN of the service to update. Empty: the task definition is registered and nothing else is done.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Further services of the cluster that get the same revision, names or ARNs, one per line; all are deployed at the same
    /// time, and each has a verdict of its own.
    #[arg(long, value_name = "NAMES")]
    pub services: Vec<String>,
    /// What the task definition is made of.
    #[command(flatten)]
    pub definition: DefinitionArgs,
    /// Images to deploy, one `container=image` per line. A bare image will do when the task definition has one container.
    #[arg(long, value_name = "LINES")]
    pub images: Vec<String>,
    /// Image for `container-name`, or for the only container.
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Number of tasks the service shall run. Empty: left as it is.
    #[arg(long, value_name = "COUNT")]
    pub desired_count: Option<String>,
    /// Start new tasks even when nothing changed.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub force_new_deployment: bool,
    /// Wait as `wait-until` says and fail when the deployment does not end well; the official action's name. With `false` the
    /// step ends as soon as ECS has accepted the update, and its verdict is `updated`.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "true", value_name = "BOOL")]
    pub wait_for_service_stability: bool,
    /// What is waited for, and how long.
    #[command(flatten)]
    pub watch: WatchArgs,
    /// How long to wait, in minutes, 1 to 360; the official action's name for `wait-timeout`. As there, what the deployment group of
    /// `CodeDeploy` waits by itself is added.
    #[arg(long, value_name = "MINUTES")]
    pub wait_for_minutes: Option<String>,
    /// What to do when another deployment of the service is under way: `supersede` takes its place, with a warning; `wait` waits
    /// for its end first, at most for `wait-timeout`; `fail` changes nothing.
    #[arg(long, value_enum, ignore_case = true, value_name = "CHOICE", default_value = "supersede")]
    pub on_conflict: OnConflict,
    /// What to do when the deployment fails and ECS itself does not go back: `none` leaves it, `rollback` has ECS roll it back, or
    /// where ECS cannot do that gives the service the revision of its last successful deployment; only as long as the service
    /// still aims at this deployment.
    #[arg(long, value_enum, ignore_case = true, value_name = "CHOICE", default_value = "none")]
    pub on_failure: Remedy,
    /// The same, when this run started the deployment and it is not complete after `wait-timeout`.
    #[arg(long, value_enum, ignore_case = true, value_name = "CHOICE", default_value = "none")]
    pub on_timeout: Remedy,
    /// The same, when this run started the deployment and is cancelled; the rollback is asked for and not waited for.
    #[arg(long, value_enum, ignore_case = true, value_name = "CHOICE", default_value = "none")]
    pub on_cancel: Remedy,
    /// Where new tasks get their tags from. Empty: left as it is.
    #[arg(long, value_enum, ignore_case = true, value_name = "SOURCE")]
    pub propagate_tags: Option<PropagateTags>,
    /// Whether ECS tags new tasks with the cluster's and the service's name. Empty: left as it is.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_name = "BOOL")]
    pub enable_ecs_managed_tags: Option<bool>,
    /// Run a task of the new revision before any service is updated, for example to migrate a database: it gets the service's network
    /// and capacity, its log is printed, and unless it ends well no service is updated. A run that has nothing to update runs none.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub run_task: bool,
    /// Service of the cluster whose network and capacity the task gets: one of several that are deployed, or where none is deployed
    /// any one. Empty: the one that is deployed.
    #[arg(long, value_name = "NAME")]
    pub run_task_service: Option<String>,
    /// How the task is run.
    #[command(flatten)]
    pub task: TaskArgs,
    /// What starts tasks besides services.
    #[command(flatten)]
    pub targets: TargetArgs,
    /// Deregister the task definition's older revisions once everything is deployed, but the newest so many (this one included), those
    /// of the last day, and all that a service, a task, a rule or a schedule is seen to use. Where not all of these can be seen, nothing
    /// is deregistered. Not for a family that something else starts, such as a Step Functions state machine or a pipe. Empty: all are kept.
    #[arg(long, value_name = "COUNT")]
    pub keep_revisions: Option<String>,
    /// Deployments by CodeDeploy.
    #[command(flatten)]
    pub codedeploy: CodeDeployArgs,
    /// The volume that ECS makes for each task.
    #[command(flatten)]
    pub volume: VolumeArgs,
    /// How AWS is reached.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Inputs of the official action that need nothing here.
    #[command(flatten)]
    pub compatible: CompatibleArgs,
}

/// What to do about another deployment that is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnConflict {
    /// Take its place.
    #[default]
    Supersede,
    /// Wait for its end.
    Wait,
    /// Change nothing.
    Fail,
}

/// What to do about a deployment that does not end well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Remedy {
    /// Leave it.
    #[default]
    None,
    /// Go back to what ran before.
    Rollback,
}

/// Where new tasks get their tags from, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PropagateTags {
    /// From the service.
    #[value(name = "SERVICE")]
    Service,
    /// From the task definition.
    #[value(name = "TASK_DEFINITION")]
    TaskDefinition,
    /// From nowhere.
    #[value(name = "NONE")]
    None,
}
