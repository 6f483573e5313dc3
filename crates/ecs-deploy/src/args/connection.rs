//! Inputs of the connection to AWS; all commands have them.

use aws_client::AwsArgs;

/// How AWS is reached.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ConnectionArgs {
    /// How often one call to AWS is tried in all, at most 20; `0` and `1` try once. Default: 5.
    #[arg(long, value_name = "COUNT")]
    pub max_retries: Option<String>,
    /// AWS inputs.
    #[command(flatten)]
    pub aws: AwsArgs,
}
