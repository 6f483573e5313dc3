//! What is typed. The doc comments are the help text and the text of action.yml.

use aws_client::AwsArgs;

use crate::args::TargetArgs;

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
    /// Name of the environment, such as `production`; a production one needs `confirm`. Empty: the names of cluster and services tell.
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// `ROLLBACK`: needed to go back in production.
    #[arg(long, value_name = "WORD")]
    pub confirm: Option<String>,
    /// What to wait for: `deployed`; `stable` (deployed, and only the restored tasks run, as many as are wanted); `paused` (a PAUSE
    /// hook waits for somebody); or `stage:NAME`.
    #[arg(long, value_name = "STATE", default_value = "deployed")]
    pub wait_until: String,
    /// How long to wait, for example `10m` or `1h30m`; `0s` looks once.
    #[arg(long, value_name = "DURATION", default_value = "30m")]
    pub wait_timeout: String,
    /// Fail as soon as so many tasks of the restored revision have stopped for the same cause and none was ever healthy, rather
    /// than when ECS gives up; `0` waits for ECS.
    #[arg(long, value_name = "COUNT", default_value = "3")]
    pub fail_fast_after: String,
    /// How often one call to AWS is tried in all, at most 20; `0` and `1` try once. Default: 5.
    #[arg(long, value_name = "COUNT")]
    pub max_retries: Option<String>,
    /// Rules and schedules that go back too.
    #[command(flatten)]
    pub targets: TargetArgs,
    /// AWS inputs.
    #[command(flatten)]
    pub aws: AwsArgs,
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
