//! Inputs of the official actions that ask for what is done anyway.
//!
//! They are declared so that a workflow which still gives one is told so: an input that action.yml does not declare never
//! reaches the binary.

/// Inputs of `aws-actions/amazon-ecs-deploy-task-definition` that ask for what is done anyway.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CompatibleArgs {
    /// Accepted for compatibility: empty values are always kept, whatever their keys are.
    #[arg(long, value_name = "KEYS")]
    pub keep_null_value_keys: Option<String>,
    /// Accepted for compatibility: the service is looked at every 5 seconds, more often than this input can ask for.
    #[arg(long, value_name = "SECONDS")]
    pub wait_max_delay_seconds: Option<String>,
}
