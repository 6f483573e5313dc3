//! What is typed. The doc comments are the help text and the text of action.yml.

use crate::args::{CodeDeployGroupArgs, ConnectionArgs, Preflight, TargetArgs, WatchArgs};

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EcsRollbackArgs {
    /// Name or ARN of the cluster.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub cluster: String,
    /// Name or ARN of the service to take back.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Further services of the cluster, names or ARNs, one per line; nothing is changed when one of them cannot go back.
    #[arg(long, value_name = "NAMES")]
    pub services: Vec<String>,
    /// Where to: `last-successful` (the newest revision that was deployed successfully before the present one, or when the present one
    /// failed or is under way the newest of all), `previous` (what ran before the present deployment), a revision (`41`, `shop:41` or
    /// an ARN), or a moment such as `2026-05-04T10:00:00+02:00` (what had been deployed successfully by then).
    #[arg(long, value_name = "REVISION", default_value = "last-successful")]
    pub to: String,
    /// `apply` goes back; `plan` says what would be done, and changes nothing.
    #[arg(long, value_enum, ignore_case = true, value_name = "CHOICE", default_value = "apply")]
    pub mode: Mode,
    /// Name of the environment, such as `production`; a production one needs `confirm`, and so does a cluster or a service whose name says that it is one.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// `ROLLBACK`: needed to go back in production.
    #[arg(long, value_name = "WORD")]
    pub confirm: Option<String>,
    /// What happens when something that the revision names is known not to be there, or not to fit: an image, a secret, a role, a log
    /// group, a port. `fail` changes nothing, `warn` warns, `off` does not look.
    #[arg(long, value_enum, ignore_case = true, value_name = "CHOICE", default_value = "fail")]
    pub preflight: Preflight,
    /// What is waited for, and how long.
    #[command(flatten)]
    pub watch: WatchArgs,
    /// Which group of CodeDeploy deploys the service, and how.
    #[command(flatten)]
    pub codedeploy: CodeDeployGroupArgs,
    /// Rules and schedules that go back too.
    #[command(flatten)]
    pub targets: TargetArgs,
    /// How AWS is reached.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Only say what would be done.
    Plan,
    /// Do it.
    #[default]
    Apply,
}
