//! Inputs of the wait; all commands that follow a deployment have them.

/// What is waited for, and how long.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct WatchArgs {
    /// What to wait for: `deployed`; `stable` (deployed, and only the deployment's tasks run, as many as are wanted); `paused` (a
    /// PAUSE hook waits for somebody to go on); `ready` (a deployment of CodeDeploy waits for somebody to move the traffic); or
    /// `stage:NAME` (a stage of a blue/green, linear or canary deployment was entered, such as `stage:POST_TEST_TRAFFIC_SHIFT`).
    #[arg(long, value_name = "STATE", default_value = "deployed")]
    pub wait_until: String,
    /// How long to wait, for example `10m` or `1h30m`; `0s` looks once. Default: `30m`.
    #[arg(long, value_name = "DURATION")]
    pub wait_timeout: Option<String>,
    /// Fail as soon as so many tasks of the deployment have stopped for the same cause and none was ever healthy, rather than
    /// when ECS gives up; `0` waits for ECS. Where the service's circuit breaker rolls back, it is left to do that.
    #[arg(long, value_name = "COUNT", default_value = "3")]
    pub fail_fast_after: String,
}
