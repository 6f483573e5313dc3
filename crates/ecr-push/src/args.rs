//! What is typed.

/// The inputs of `ecr-push`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// The image: `oci:FOLDER` (an OCI layout), `docker-archive:FILE` (what `docker save` writes) or
    /// `docker-daemon:NAME`. A plain path is taken for what it is. Where a layout or archive holds several images,
    /// `:TAG` behind the path chooses one. build-and-tag gives it as its output `source`.
    #[arg(long, value_name = "SOURCE", required = true)]
    pub source: Option<String>,
    /// The repository's name in ECR, for example `slipway/backend`.
    #[arg(long, value_name = "NAME", required = true)]
    pub repository: Option<String>,
    /// The tags, one per line, the version's own first. build-and-tag gives them as its output `tags`.
    #[arg(long, value_name = "TAGS", required = true)]
    pub tags: Vec<String>,
    /// The account that owns the registry, where it is not the account of the credentials.
    #[arg(long, value_name = "ACCOUNT")]
    pub registry_id: Option<String>,
    /// Create the repository when it is missing: tags immutable except `mutable-tags`, scan on push, encryption as the
    /// registry's default.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub create_repository: bool,
    /// The tags that may move to another image, one per line, `*` for any text. Every other tag is written once and never
    /// again. `none` lets no tag move.
    #[arg(long, value_name = "PATTERNS", default_values = ["*-SNAPSHOT", "develop", "latest"])]
    pub mutable_tags: Vec<String>,
    /// Repositories of the same registry whose layers may be used again, one per line: the base image's, or those of other
    /// services with the same base. What they have is not uploaded.
    #[arg(long, value_name = "NAMES")]
    pub mount_from: Vec<String>,
    /// The shared AWS inputs.
    #[command(flatten)]
    pub aws: aws_client::AwsArgs,
}
