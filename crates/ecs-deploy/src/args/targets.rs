//! Inputs of what starts tasks besides services.

/// Rules and schedules that start the new revision too.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct TargetArgs {
    /// Amazon EventBridge rules whose ECS targets are moved to the new revision once all services are deployed, one `RULE` or
    /// `BUS/RULE` per line. Only targets of the task definition's family are changed, and of them only the revision.
    #[arg(long, value_name = "RULES")]
    pub event_rules: Vec<String>,
    /// Schedules of the Amazon EventBridge Scheduler that are moved likewise, one `SCHEDULE` or `GROUP/SCHEDULE` per line.
    #[arg(long, value_name = "SCHEDULES")]
    pub schedules: Vec<String>,
}
