//! What is typed. The doc comments are the help text and the text of action.yml.

use serde::Serialize;

use crate::args::{ConnectionArgs, WatchArgs};

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
    /// What is waited for, and how long.
    #[command(flatten)]
    pub watch: WatchArgs,
    /// How AWS is reached.
    #[command(flatten)]
    pub connection: ConnectionArgs,
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
