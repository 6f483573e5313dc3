//! What is typed. The doc comments are the help text and the text of action.yml.

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, clap::Args)]
pub struct RollbackArgs {
    /// Name of the bucket, without `s3://`. It has to keep versions, unless each release has a folder of its own.
    #[arg(long, value_name = "NAME", required = true)]
    pub bucket: Option<String>,
    /// Folder inside the bucket, as it was published with. Default: the whole bucket.
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// How the site is published: `in-place` or `release-prefix`. With the latter the origin path of the distributions is switched back
    /// to the release's folder, and no object of it changes.
    #[arg(long, value_name = "in-place|release-prefix", default_value = "in-place")]
    pub mode: String,
    /// Ids of the CloudFront distributions in front of the bucket, one per line. Empty: nothing is invalidated.
    #[arg(long, value_name = "IDS")]
    pub distribution_id: Vec<String>,
    /// Where to: `previous` (the release before the present one; where the present one is a rollback, the release before the one that
    /// it went back to), the id of a release (the output `release-id`), or a moment such as `2026-05-04T10:00:00+02:00` (the release
    /// of that time).
    #[arg(long, value_name = "RELEASE", default_value = "previous")]
    pub to: String,
    /// How many releases keep their assets when the bucket goes back from them, from 0 to 20, so that pages which visitors have open
    /// still work. HTML and other entry points that the release did not have go at once.
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    pub keep_releases: String,
    /// Where the manifest lies, as it was published with.
    #[arg(long, value_name = "FOLDER")]
    pub manifest: Option<String>,
    /// Encryption of the manifest, as it was published with: `AES256`, `aws:kms` or `aws:kms:dsse`. Objects get back the encryption of
    /// their old versions. Default: the bucket's own.
    #[arg(long, value_name = "METHOD")]
    pub sse: Option<String>,
    /// Key for `aws:kms` and `aws:kms:dsse`, as it was published with: its id, its ARN or an alias. Default: the account's key for S3.
    #[arg(long, value_name = "KEY")]
    pub kms_key_id: Option<String>,
    /// What is invalidated once something changed that a cache may hold. `auto`: the changed paths. `all`: everything, which is
    /// one path. `none`: nothing. Or paths such as `/about` or `/api/*`, apart by spaces or lines: these and the changed ones.
    /// Default: `auto`.
    #[arg(long, value_name = "PATHS")]
    pub invalidation: Vec<String>,
    /// Number of paths of one invalidation, from 1 to 3000. When more changed, wildcards are written that take few others along.
    #[arg(long, value_name = "NUMBER", default_value = "100")]
    pub max_paths: String,
    /// Wait until the invalidations are completed.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub wait: bool,
    /// How long to wait for the invalidations. Running out of it is a warning, because CloudFront completes them anyway.
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub wait_timeout: String,
    /// The shared AWS inputs.
    #[command(flatten)]
    pub aws: aws_client::AwsArgs,
}
