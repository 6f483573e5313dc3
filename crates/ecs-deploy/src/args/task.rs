//! Inputs of a task that is run on its own. The names are those of the official action.

/// How the task is run.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct TaskArgs {
    /// What the task's containers get in place of what the task definition says: a JSON list as ECS takes it, such as
    /// `[{"name": "app", "command": ["migrate"]}]`.
    #[arg(long, value_name = "JSON")]
    pub run_task_container_overrides: Option<String>,
    /// Security groups of the task, separated by commas or lines. Empty: those of the service.
    #[arg(long, value_name = "IDS")]
    pub run_task_security_groups: Vec<String>,
    /// Subnets of the task, separated by commas or lines. Empty: those of the service.
    #[arg(long, value_name = "IDS")]
    pub run_task_subnets: Vec<String>,
    /// Whether the task gets a public address: `ENABLED` or `DISABLED`. Empty: as the service's tasks, and `DISABLED` without a
    /// service.
    #[arg(long = "run-task-assign-public-IP", value_name = "CHOICE")]
    pub run_task_assign_public_ip: Option<String>,
    /// Capacity providers of the task: a JSON list as ECS takes it, such as `[{"capacityProvider": "FARGATE_SPOT"}]`. It takes the
    /// place of a launch type.
    #[arg(long, value_name = "JSON")]
    pub run_task_capacity_provider_strategy: Option<String>,
    /// Launch type of the task: `FARGATE`, `EC2` or `EXTERNAL`. Empty: the service's capacity, and `FARGATE` without a service.
    #[arg(long, value_name = "TYPE")]
    pub run_task_launch_type: Option<String>,
    /// Who started the task, as ECS notes it.
    #[arg(long, value_name = "TEXT", default_value = "GitHub-Actions")]
    pub run_task_started_by: String,
    /// Tags of the task: a JSON list as ECS takes it, such as `[{"key": "team", "value": "shop"}]`.
    #[arg(long, value_name = "JSON")]
    pub run_task_tags: Option<String>,
    /// Name of the volume in the task definition that is configured at launch, for `run-task-managed-ebs-volume`.
    #[arg(long, value_name = "NAME")]
    pub run_task_managed_ebs_volume_name: Option<String>,
    /// EBS volume that ECS makes for the task: a JSON object as ECS takes it, with at least `roleArn`.
    #[arg(long, value_name = "JSON")]
    pub run_task_managed_ebs_volume: Option<String>,
    /// Wait until the task has stopped, and fail when one of its essential containers did not end with 0. With `false` the task is
    /// only started, and nothing depends on how it ends. Default: `true` (the official action's is `false`).
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_missing_value = "true", value_name = "BOOL")]
    pub wait_for_task_stopped: Option<bool>,
}
