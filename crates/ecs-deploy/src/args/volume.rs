//! The volume that ECS makes for each task, under the official action's names.

/// The inputs of a service-managed EBS volume.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct VolumeArgs {
    /// Name of the task definition's volume that ECS makes for each task as an EBS volume. Empty: the service's volumes stay as
    /// they are.
    #[arg(long, value_name = "NAME")]
    pub service_managed_ebs_volume_name: Option<String>,
    /// How ECS makes it, as JSON: `roleArn`, and members such as `sizeInGiB`, `volumeType`, `encrypted`, `filesystemType`. It is
    /// sent as it is, and only when what the service has differs.
    #[arg(long, value_name = "JSON")]
    pub service_managed_ebs_volume: Option<String>,
}
