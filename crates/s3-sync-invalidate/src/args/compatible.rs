//! Inputs of other actions that mean something else here than any input of ours, or nothing.
//!
//! They are declared so that a workflow which still gives one is told what becomes of it: an input that action.yml does not
//! declare never reaches the binary. Names for the same thing are in [`super::ALIASES`].

/// Inputs of `Reggionick/s3-deploy` and `jakejarvis/s3-sync-action`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CompatibleArgs {
    /// Accepted for compatibility: the same as `delete`. A glob in its place is refused.
    #[arg(long, value_name = "BOOL")]
    pub delete_removed: Option<String>,
    /// Accepted for compatibility: Cache-Control `no-cache, no-store, must-revalidate` for all files without a `cache-control`
    /// rule.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub no_cache: Option<bool>,
    /// Accepted for compatibility: Cache-Control `max-age` in seconds for assets without a `cache-control` rule. Pages and
    /// entry points keep `no-cache`.
    #[arg(long, value_name = "SECONDS")]
    pub cache: Option<String>,
    /// Accepted for compatibility: adds `immutable` to the Cache-Control of assets without a `cache-control` rule, with a year
    /// where `cache` is not given. Pages and entry points keep `no-cache`.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub immutable: Option<bool>,
    /// Accepted for compatibility: objects are private, because no ACL is sent. `false` is refused: write `acl: public-read`.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub private: Option<bool>,
    /// Not supported, refused when given: flags of `aws s3 sync`. The error says which inputs stand for them.
    #[arg(long, value_name = "FLAGS", allow_hyphen_values = true)]
    pub args: Option<String>,
}
