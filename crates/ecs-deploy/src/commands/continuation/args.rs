//! What is typed. The doc comments are the help text and the text of action.yml.

use aws_client::AwsArgs;
use serde::Serialize;

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EcsContinueArgs {
    /// Name or ARN of the cluster.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub cluster: String,
    /// Name or ARN of the service whose deployment is paused.
    #[arg(long, value_name = "NAME", required = true)]
    pub service: Option<String>,
    /// Id of the PAUSE hook that awaits an action, or of the deployment of CodeDeploy that is ready: the output `hook-id` of
    /// `ecs-deploy` with `wait-until: paused` or `ready`.
    #[arg(long, value_name = "ID", required = true)]
    pub hook_id: Option<String>,
    /// Whether the deployment goes on (`continue`) or the service goes back to what it ran before (`rollback`).
    #[arg(long, value_enum, ignore_case = true, value_name = "CHOICE", required = true)]
    pub action: Option<HookAction>,
    /// What to wait for then: `deployed`; `stable` (deployed, and only the new tasks run, as many as are wanted); `paused` (the
    /// next PAUSE hook waits for somebody); or `stage:NAME` (a stage was entered, such as `stage:BAKE_TIME`).
    #[arg(long, value_name = "STATE", default_value = "deployed")]
    pub wait_until: String,
    /// How long to wait, for example `10m` or `1h30m`; `0s` looks once.
    #[arg(long, value_name = "DURATION", default_value = "30m")]
    pub wait_timeout: String,
    /// Fail as soon as so many tasks of the deployment have stopped for the same cause and none was ever healthy, rather than
    /// when ECS gives up; `0` waits for ECS.
    #[arg(long, value_name = "COUNT", default_value = "3")]
    pub fail_fast_after: String,
    /// How often one call to AWS is tried in all, at most 20; `0` and `1` try once. Default: 5.
    #[arg(long, value_name = "COUNT")]
    pub max_retries: Option<String>,
    /// AWS inputs.
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// What is done with the hook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum HookAction {
    /// The deployment goes on.
    #[default]
    Continue,
    /// The service goes back to what it ran before.
    Rollback,
}
