//! What can be typed: the action's inputs and the command line's flags.

/// The inputs of `s3-sync-invalidate`.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an input of its own, true or false as a workflow writes it")]
pub struct Args {
    /// Folder with the built site. Its content goes to the bucket, the folder's own name does not.
    #[arg(long, value_name = "FOLDER", required = true)]
    pub source: Option<String>,
    /// Name of the bucket, without `s3://`.
    #[arg(long, value_name = "NAME", required = true)]
    pub bucket: Option<String>,
    /// Folder inside the bucket, for example `site`. Only keys below `site/` are read, written or deleted. Default: the
    /// whole bucket.
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Option<String>,
    /// Ids of the CloudFront distributions in front of the bucket, one per line. Empty: nothing is invalidated.
    #[arg(long, value_name = "IDS")]
    pub distribution_id: Vec<String>,
    /// Delete the objects below the prefix that are not in the source. They go last, after everything was uploaded.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub delete: bool,
    /// Let `delete` remove the site itself. Without it a source is refused that holds no file, that lacks the `index.html`
    /// the bucket has at the top, or that shares no file with the many objects there: the source, the bucket or the prefix
    /// is most likely the wrong one.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub allow_empty_source: bool,
    /// Cache-Control by glob, one `glob: value` per line; the first match wins. A glob without a slash matches the file's
    /// name in any folder. Default for the rest: a year and immutable for file names with a content hash, `no-cache` for
    /// HTML and entry points, five minutes for the others.
    #[arg(long, value_name = "RULES")]
    pub cache_control: Vec<String>,
    /// Content-Type by glob, one `glob: value` per line; the first match wins. Default: by the file's extension.
    #[arg(long, value_name = "RULES")]
    pub content_type: Vec<String>,
    /// Globs of files that are neither uploaded nor deleted, one per line. A glob that matches a folder takes what is in it.
    #[arg(long, value_name = "GLOBS")]
    pub exclude: Vec<String>,
    /// Globs of files to publish although they look like secrets (`.git`, `.env*`, private keys), one per line.
    #[arg(long, value_name = "GLOBS")]
    pub allow_sensitive: Vec<String>,
    /// Compare Content-Type and Cache-Control of unchanged objects too, at one HEAD request each. Without it a change of
    /// nothing but these headers goes unnoticed.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub check_headers: bool,
    /// Invalidate the changed paths in the distributions.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "true", value_name = "BOOL")]
    pub invalidate: bool,
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
